"""On what a designation rests: the cases, members, links, offences, benefit and threat of a group. Decides nothing."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Contract, Slug, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import CaseId, Force, PersonId, SubjectId
from nom.contracts.network import LinkedPerson, NetworkLinkKind
from nom.contracts.policy.decision_table import TableTrace
from nom.contracts.policy.reference import SevenYearAnswer
from nom.contracts.stages import Nominate, NominationGrounds

BenefitKind = Literal["financial", "non_financial"]


def is_victim(person: str) -> bool:
    """Whether a reference is to a victim: a child or adult who may have been coerced to take part."""
    return person.startswith(("child-", "victim-"))


class GroupPerson(Contract):
    """Somebody of a linked case. The same reference in two cases is two people until somebody says otherwise."""

    case: CaseId
    suspect: SubjectId

    @property
    def is_victim(self) -> bool:
        """Whether the reference is to a victim."""
        return is_victim(self.suspect)

    @property
    def end(self) -> "GroupLinkEnd":
        """The same person as the end of a link."""
        return GroupLinkEnd(case=self.case, person=self.suspect)

    def __str__(self) -> str:
        """The reference with its case, as a sentence shows it."""
        return f"{self.suspect} of {self.case}"


class GroupLinkEnd(Contract):
    """One end of a link: somebody of a linked case, identified or not."""

    case: CaseId
    person: LinkedPerson

    @property
    def is_victim(self) -> bool:
        """Whether the reference is to a victim."""
        return is_victim(self.person)

    def __str__(self) -> str:
        """The reference with its case, as a sentence shows it."""
        return f"{self.person} of {self.case}"


class SamePerson(Contract):
    """Two references, of one case or of two, that are one person; either may be somebody who is not identified."""

    one: GroupLinkEnd
    other: GroupLinkEnd

    @property
    def ends(self) -> frozenset[GroupLinkEnd]:
        """Both references: which of them is named first says nothing."""
        return frozenset((self.one, self.other))

    @property
    def is_overlap(self) -> bool:
        """Whether a victim of one case is somebody else than a victim in the other."""
        return self.one.is_victim != self.other.is_victim

    def __str__(self) -> str:
        """Both references, as a sentence shows them."""
        return f"{self.one} is {self.other}"


class UnidentifiedIn(Contract):
    """How many people nobody could name stood in the network that a case nominated."""

    case: CaseId
    count: int = Field(ge=0)


class ThreatInput(Contract):
    """One input of the scoring table, rated from 0 to the table's maximum."""

    name: Slug
    rating: int = Field(ge=0)


class LinkCase(CommandBase):
    """Another case belongs to the group. `same_as` names who of it is somebody of a case that is linked already.
    `continues`: it is a linked case itself, which was transferred; everybody in it is who they were.
    """

    type: Literal["LinkCase"] = "LinkCase"
    case: CaseId
    because: Text
    same_as: tuple[SamePerson, ...] = ()
    overlap_decided_by: PersonId | None = None
    continues: CaseId | None = None


class AddMember(CommandBase):
    """Count people of linked cases as members. A victim is counted only where `overlap_decided_by` names the person who
    decided so, with the reason.
    """

    type: Literal["AddMember"] = "AddMember"
    members: tuple[GroupPerson, ...] = Field(min_length=1)
    overlap_decided_by: PersonId | None = None


class RemoveMember(CommandBase):
    """Count somebody as a member no longer."""

    decides: ClassVar[bool] = True
    type: Literal["RemoveMember"] = "RemoveMember"
    member: GroupPerson


class RecordLink(CommandBase):
    """Record that two people of the linked cases are linked."""

    type: Literal["RecordLink"] = "RecordLink"
    between: tuple[GroupLinkEnd, GroupLinkEnd]
    kind: NetworkLinkKind
    source: Text
    grading: Text | None = None


class RecordEligibleOffence(CommandBase):
    """Record an offence that the group commits. Whether it carries seven years or more is computed, not said. `on` is
    the day of the offence in Europe/London; `victim_age` is in years then.
    """

    type: Literal["RecordEligibleOffence"] = "RecordEligibleOffence"
    offence: str
    section: str | None = None
    on: date
    victim_age: int | None = Field(default=None, ge=0, le=120)
    penetrative: bool | None = None


class RecordBenefit(CommandBase):
    """Record what the group gains. It need not be financial (Serious Crime Act 2015 s45)."""

    type: Literal["RecordBenefit"] = "RecordBenefit"
    kind: BenefitKind
    words: Text


class ScoreThreat(CommandBase):
    """Rate every input of the policy's scoring table. `force`: whose score it is; the actor's own, if none is named."""

    type: Literal["ScoreThreat"] = "ScoreThreat"
    inputs: tuple[ThreatInput, ...]
    force: Force | None = None


class NominationReceived(EventBase):
    """A case nominated the group. Its suspects are candidates: who is a member is decided one by one."""

    says: ClassVar[str] = "Nominated by {case}: network test {answer}"
    type: Literal["nomination_received.v1"] = "nomination_received.v1"
    case: CaseId
    grounds: NominationGrounds

    @property
    def answer(self) -> str:
        """The answer that held, and whose it was."""
        holds = "met" if self.grounds.judged else "not met"
        return holds if self.grounds.judged == self.grounds.computed else f"{holds} by a person's judgement"


class CaseLinked(EventBase):
    """Another case belongs to the group."""

    says: ClassVar[str] = "Case {case} linked: {because}"
    type: Literal["case_linked.v1"] = "case_linked.v1"
    case: CaseId
    because: Text


class MemberAdded(EventBase):
    """Somebody is counted as a member. `overlap_decided_by`: they are a victim too, and who decided to count them."""

    says: ClassVar[str] = "{member} counted as a member{overlap}"
    type: Literal["member_added.v1"] = "member_added.v1"
    member: GroupPerson
    overlap_decided_by: PersonId | None

    @property
    def overlap(self) -> str:
        """The flag that a victim is counted."""
        who = self.overlap_decided_by
        return f"; also a victim, counted by the decision of {who}" if who else ""


class MemberRemoved(EventBase):
    """Somebody is counted as a member no longer."""

    says: ClassVar[str] = "{member} no longer counted as a member: {reason}"
    type: Literal["member_removed.v1"] = "member_removed.v1"
    member: GroupPerson
    reason: Text


class GroupLinkRecorded(EventBase):
    """Two people of the linked cases are linked."""

    says: ClassVar[str] = "Link recorded between {between}: {kind}"
    type: Literal["group_link_recorded.v1"] = "group_link_recorded.v1"
    between: tuple[GroupLinkEnd, GroupLinkEnd]
    kind: NetworkLinkKind
    source: Text
    grading: Text | None


class EligibleOffenceRecorded(EventBase):
    """An offence of the group. `carries` is the answer of the reference tables; only `yes` counts."""

    says: ClassVar[str] = "Offence {offence} of {on} recorded; carries {years} years or more: {carries}"
    type: Literal["eligible_offence_recorded.v1"] = "eligible_offence_recorded.v1"
    offence: str
    section: str | None
    on: date
    victim_age: int | None
    penetrative: bool | None
    years: int
    carries: SevenYearAnswer


class BenefitRecorded(EventBase):
    """What the group gains."""

    says: ClassVar[str] = "Benefit recorded ({kind}): {words}"
    type: Literal["benefit_recorded.v1"] = "benefit_recorded.v1"
    kind: BenefitKind
    words: Text


class ThreatScored(EventBase):
    """The threat was scored under a named version of the scoring table. `trace` is the row that gave the band."""

    says: ClassVar[str] = "Threat scored {score}, band {band}, under {version}"
    type: Literal["threat_scored.v1"] = "threat_scored.v1"
    version: Slug
    inputs: tuple[ThreatInput, ...]
    score: int
    band: Slug
    trace: TableTrace


GroundCommand = (
    Nominate | LinkCase | AddMember | RemoveMember | RecordLink | RecordEligibleOffence | RecordBenefit | ScoreThreat
)
GroundEvent = (
    NominationReceived
    | CaseLinked
    | MemberAdded
    | MemberRemoved
    | GroupLinkRecorded
    | EligibleOffenceRecorded
    | BenefitRecorded
    | ThreatScored
)
