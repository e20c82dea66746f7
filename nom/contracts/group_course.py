"""The life of a designated group: disruption, intelligence, archive and reopening. Commands and events.

What was learned from a covert source never stands here: intelligence is a reference and its grading.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import PersonId
from nom.contracts.policy.rules import Tier

DisruptionLevel = Literal["major", "moderate", "minor"]
"""How far the group was disrupted, as agencies record it (general knowledge, to be checked)."""

SourceGrading = Literal["reliable", "untested", "not_reliable"]
"""How far a source is trusted: the three grades of the police's intelligence report (general knowledge)."""

Assessment = Literal[
    "known_directly", "known_indirectly_corroborated", "known_indirectly", "not_known", "suspected_false"
]
"""How the source knows: the five grades of the police's intelligence report (general knowledge)."""

IntelligenceReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9/._-]{0,63}$")]
"""Where the report is kept. A reference has no spaces: no text is copied here."""


class RecordDisruption(CommandBase):
    """Record that something was done that disrupted the group. `reference` is where the force keeps the record."""

    type: Literal["RecordDisruption"] = "RecordDisruption"
    level: DisruptionLevel
    what: Text
    reference: IntelligenceReference | None = None


class RecordIntelligence(CommandBase):
    """Record that intelligence about the group came in: where it is kept, and how it is graded. Never its content."""

    type: Literal["RecordIntelligence"] = "RecordIntelligence"
    reference: IntelligenceReference
    source: SourceGrading
    assessment: Assessment


class ProposeArchive(CommandBase):
    """The lead responsible officer proposes to archive the group."""

    decides: ClassVar[bool] = True
    type: Literal["ProposeArchive"] = "ProposeArchive"


class ApproveArchive(CommandBase):
    """Somebody who neither leads on the group nor proposed it approves the archive (invariant 11)."""

    decides: ClassVar[bool] = True
    type: Literal["ApproveArchive"] = "ApproveArchive"


class Reopen(CommandBase):
    """Make an archived group a designated one again. It has a tier and one lead responsible officer from that moment;
    its plan is approved anew.
    """

    decides: ClassVar[bool] = True
    type: Literal["Reopen"] = "Reopen"
    tier: Tier
    officer: PersonId


class Disruption(Contract):
    """One disruption, as it is held and handed on."""

    level: DisruptionLevel
    what: Text
    reference: IntelligenceReference | None
    disrupted_at: Instant


class Intelligence(Contract):
    """One piece of intelligence, as it is held and handed on: a reference and its grading."""

    reference: IntelligenceReference
    source: SourceGrading
    assessment: Assessment
    received_at: Instant


class DisruptionRecorded(EventBase):
    """The group was disrupted."""

    says: ClassVar[str] = "Disruption ({level}): {what}"
    type: Literal["disruption_recorded.v1"] = "disruption_recorded.v1"
    disruption: Disruption

    @property
    def level(self) -> str:
        """How far."""
        return self.disruption.level

    @property
    def what(self) -> str:
        """What was done."""
        return self.disruption.what


class IntelligenceRecorded(EventBase):
    """Intelligence about the group came in."""

    says: ClassVar[str] = "Intelligence {reference} received, graded {grading}"
    type: Literal["intelligence_recorded.v1"] = "intelligence_recorded.v1"
    intelligence: Intelligence

    @property
    def reference(self) -> str:
        """Where it is kept."""
        return self.intelligence.reference

    @property
    def grading(self) -> str:
        """Both gradings."""
        return f"{self.intelligence.source}, {self.intelligence.assessment}"


class ArchiveProposed(EventBase):
    """It was proposed to archive the group. `quiet_since` is when the last intelligence came in, or since when the
    group is designated, where none has come since.
    """

    says: ClassVar[str] = "Archive proposed: {because}"
    type: Literal["archive_proposed.v1"] = "archive_proposed.v1"
    quiet_since: Instant
    proposed_at: Instant
    because: Text


class ArchiveReturned(EventBase):
    """The proposal to archive the group was sent back."""

    says: ClassVar[str] = "Proposal to archive returned: {because}"
    type: Literal["archive_returned.v1"] = "archive_returned.v1"
    because: Text


class GroupArchived(EventBase):
    """The group is archived: nobody leads on it and no review is due. It can be reopened."""

    says: ClassVar[str] = "Group archived: {because}"
    type: Literal["group_archived.v1"] = "group_archived.v1"
    archived_at: Instant
    because: Text


class GroupReopened(EventBase):
    """The group is designated again."""

    says: ClassVar[str] = "Group reopened as designated: {because}"
    type: Literal["group_reopened.v1"] = "group_reopened.v1"
    reopened_at: Instant
    because: Text


CourseCommand = RecordDisruption | RecordIntelligence | ProposeArchive | ApproveArchive | Reopen
CourseEvent = (
    DisruptionRecorded | IntelligenceRecorded | ArchiveProposed | ArchiveReturned | GroupArchived | GroupReopened
)
