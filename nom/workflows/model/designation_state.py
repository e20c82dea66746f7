"""What is known of one group. Decides nothing and folds nothing."""

from datetime import date, datetime
from typing import Literal

from nom.contracts.base import Contract, Instant, Slug, Text
from nom.contracts.deconfliction import ForceScore
from nom.contracts.designation import ProposedOutcome
from nom.contracts.group_course import Disruption, Intelligence
from nom.contracts.group_grounds import (
    BenefitRecorded,
    EligibleOffenceRecorded,
    GroupLinkRecorded,
    GroupPerson,
    SamePerson,
    UnidentifiedIn,
)
from nom.contracts.group_identity import SamePersonRecorded
from nom.contracts.ids import CaseId, PersonId, StreamId
from nom.contracts.policy.rules import Tier
from nom.contracts.stages import NominationGrounds
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.group_persons import persons
from nom.workflows.model.process import ProcessState

Decided = Literal["designated", "priority_individual", "vulnerability", "not_met", "archived", "merged"]


class Member(Contract):
    """Somebody who is counted. `overlap_decided_by`: they are a victim as well, and who decided to count them."""

    who: GroupPerson
    overlap_decided_by: PersonId | None = None

    @property
    def overlap(self) -> bool:
        """Whether they are a victim as well."""
        return self.overlap_decided_by is not None


class Threat(Contract):
    """The score that stands: the latest, unless it was decided which of several does."""

    version: Slug
    score: int
    band: Slug


class Proposal(Contract):
    """What awaits approval."""

    outcome: ProposedOutcome
    member: GroupPerson | None
    reason: Text
    proposed_at: Instant


class ArchiveProposal(Contract):
    """An archive that awaits approval."""

    because: Text
    proposed_at: Instant


class DesignationState(ProcessState):
    """What is known of one group. Tier, lead officer and plan are held while it is designated, and only then; each
    since the moment that is kept beside it. `retest_awaits` are the cases whose network test is to be made again.
    """

    grounds: NominationGrounds | None = None
    cases: tuple[CaseId, ...] = ()
    candidates: tuple[GroupPerson, ...] = ()
    unidentified: tuple[UnidentifiedIn, ...] = ()
    members: tuple[Member, ...] = ()
    same: tuple[SamePersonRecorded, ...] = ()
    links: tuple[GroupLinkRecorded, ...] = ()
    offences: tuple[EligibleOffenceRecorded, ...] = ()
    benefits: tuple[BenefitRecorded, ...] = ()
    threat: Threat | None = None
    scores: tuple[ForceScore, ...] = ()
    deconfliction_asked: bool = False
    deconflicted: bool = False
    proposal: Proposal | None = None
    decided: Decided | None = None
    decided_at: Instant | None = None
    decided_because: Text | None = None
    priority_individual: GroupPerson | None = None
    retests: int = 0
    retest_awaits: tuple[CaseId, ...] = ()
    retest_because: Text | None = None
    retest_met: bool = False
    tier: Tier | None = None
    tier_since: Instant | None = None
    lead_officer: PersonId | None = None
    lead_since: Instant | None = None
    plan_review: date | None = None
    plan_since: Instant | None = None
    reviewed_at: Instant | None = None
    disruptions: tuple[Disruption, ...] = ()
    intelligence: tuple[Intelligence, ...] = ()
    archive: ArchiveProposal | None = None
    merging: tuple[StreamId, ...] = ()
    absorbed: tuple[StreamId, ...] = ()
    survivor: StreamId | None = None

    @property
    def status(self) -> str:
        """Where the group stands: what was decided, or `proposed`, or `nominated`."""
        return self.decided or ("proposed" if self.proposal else "nominated")

    @property
    def is_designated(self) -> bool:
        """Whether the group is an organised crime group now."""
        return self.decided == "designated"

    @property
    def members_counted(self) -> int:
        """How many people the members are: somebody with two references is counted once."""
        return len(persons((member.who.end for member in self.members), self.said_to_be_one))

    @property
    def said_to_be_one(self) -> tuple[SamePerson, ...]:
        """Which references are one person, as it stands."""
        return tuple(item.same for item in self.same)

    @property
    def scores_differ(self) -> bool:
        """Whether two forces have the group in different bands, and nobody has decided which of them stands."""
        return len({score.band for score in self.scores}) > 1 and not self.deconflicted

    @property
    def quiet_since(self) -> datetime | None:
        """When the last intelligence came in, or when it was decided what the group is, where that was later."""
        moments = (*(item.received_at for item in self.intelligence), self.decided_at)
        return max((moment for moment in moments if moment), default=None)

    def is_member(self, who: GroupPerson) -> bool:
        """Whether somebody is counted under this reference."""
        return any(member.who == who for member in self.members)


Thinking = Deliberation[DesignationState]
