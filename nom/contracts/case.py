"""The case, the spine of a matter in one force: commands and events of process 1."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Instant, Text
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent
from nom.contracts.ids import PersonId, ProcessKind, StreamId, SubjectId
from nom.contracts.legal_hold import LegalHoldCommand, LegalHoldEvent
from nom.contracts.network_links import CaseLinkCommand, CaseLinkEvent
from nom.contracts.stages import (
    NominationGrounds,
    NotifiableEvent,
    OpenCase,
    OpenOrderedCase,
    RecordNotifiableEvent,
    RecordStageOpened,
    RecordStageOutcome,
    RecordSuspectOutcome,
    TellNetworkOutcome,
)
from nom.contracts.standing import AskStanding, ReopenInvestigation, StandingEvent
from nom.contracts.subjects import Allegation, Subject
from nom.contracts.transfer import TransferCommand, TransferEvent

UrgentStage = Literal[ProcessKind.TRIAGE, ProcessKind.STRATEGY_MEETING, ProcessKind.INVESTIGATION]


class LinkReferral(CommandBase):
    """A later referral about the same people belongs to this case."""

    decides: ClassVar[bool] = True
    type: Literal["LinkReferral"] = "LinkReferral"
    referral: StreamId


class LinkSubject(CommandBase):
    """Somebody else is part of the matter. A person links them to the case, which tells its stages of a victim or a
    suspect.
    """

    decides: ClassVar[bool] = True
    type: Literal["LinkSubject"] = "LinkSubject"
    subject: Subject


class OpenStage(CommandBase):
    """Open a stage before the one before it has ended: urgent work does not wait for paper."""

    decides: ClassVar[bool] = True
    type: Literal["OpenStage"] = "OpenStage"
    stage: UrgentStage


class Reopen(CommandBase):
    """A case that had closed goes on, for a reason: in the stage named, and for the suspects whose outcome it undoes.
    An investigation that the case has had is reopened; any other stage is opened anew.
    """

    decides: ClassVar[bool] = True
    type: Literal["Reopen"] = "Reopen"
    suspects: tuple[SubjectId, ...] = ()
    stage: UrgentStage = ProcessKind.INVESTIGATION


class CaseOpened(EventBase):
    """The first referral opened the case."""

    says: ClassVar[str] = "Case opened by {referral}"
    type: Literal["case_opened.v1"] = "case_opened.v1"
    referral: StreamId
    received_at: Instant
    subjects: tuple[Subject, ...]
    allegations: tuple[Allegation, ...]


class OrderedCaseOpened(EventBase):
    """The National Crime Agency's review of a closed case ordered the case. `steps` are those that its panel names."""

    says: ClassVar[str] = "Case opened by order of {review}; supervised: {supervised}; steps: {steps}"
    type: Literal["ordered_case_opened.v1"] = "ordered_case_opened.v1"
    review: StreamId
    supervised: bool
    steps: tuple[Text, ...]
    received_at: Instant
    subjects: tuple[Subject, ...]
    allegations: tuple[Allegation, ...]


class ReferralLinked(EventBase):
    """A later referral was linked."""

    says: ClassVar[str] = "Referral {referral} linked"
    type: Literal["referral_linked.v1"] = "referral_linked.v1"
    referral: StreamId


class SubjectLinked(EventBase):
    """Somebody else is part of the matter, from now on in the case or the stage that records it."""

    says: ClassVar[str] = "{who} linked to the case"
    type: Literal["subject_linked.v1"] = "subject_linked.v1"
    subject: Subject

    @property
    def who(self) -> str:
        """The reference."""
        return self.subject.id


class StageOpened(EventBase):
    """A stage of the case was opened. `urgent` tells that the stage before it had not ended."""

    says: ClassVar[str] = "Stage opened: {stage}"
    type: Literal["stage_opened.v1"] = "stage_opened.v1"
    stage: StreamId
    kind: ProcessKind
    urgent: bool
    about: tuple[SubjectId, ...] = ()


class StageOutcomeRecorded(EventBase):
    """A stage told the case how it ended."""

    says: ClassVar[str] = "Outcome of {stage}: {outcome}"
    type: Literal["stage_outcome_recorded.v1"] = "stage_outcome_recorded.v1"
    stage: StreamId
    outcome: str


class GroupNominated(EventBase):
    """The case nominated a group to the National Crime Agency."""

    says: ClassVar[str] = "Group {group} nominated: {suspects}"
    type: Literal["ocg_nominated.v1"] = "ocg_nominated.v1"
    group: StreamId
    grounds: NominationGrounds

    @property
    def suspects(self) -> tuple[str, ...]:
        """The suspects named in the nomination."""
        return self.grounds.suspects


class NetworkOutcomeLearned(EventBase):
    """The National Crime Agency told what was decided about a linked group. "Not met" never closes the case."""

    says: ClassVar[str] = "Group {group}: {outcome}, tier {tier}"
    type: Literal["network_outcome_learned.v1"] = "network_outcome_learned.v1"
    group: str
    outcome: str
    tier: str | None
    reason: Text | None


class SuspectOutcomeRecorded(EventBase):
    """What became of a suspect, and who decided that, where the stage told it for a person."""

    says: ClassVar[str] = "{suspect}: {outcome}"
    type: Literal["suspect_outcome_recorded.v1"] = "suspect_outcome_recorded.v1"
    suspect: SubjectId
    outcome: Literal["charged", "declined", "closed"]
    stage: StreamId
    decided_by: PersonId | None = None


class NotifiableEventRelayed(EventBase):
    """The investigation was told of something that the victim must hear of."""

    says: ClassVar[str] = "Victim to be told of {of} of {suspect}"
    type: Literal["notifiable_event_relayed.v1"] = "notifiable_event_relayed.v1"
    of: NotifiableEvent
    suspect: SubjectId
    happened_at: Instant


class CaseReopened(EventBase):
    """The case had closed and goes on. The suspects named have no outcome any more."""

    says: ClassVar[str] = "Case reopened in {stage}, for {suspects}: {because}"
    type: Literal["case_reopened.v1"] = "case_reopened.v1"
    stage: StreamId
    suspects: tuple[SubjectId, ...]
    because: Text


ToldToCase = (
    RecordStageOpened
    | RecordStageOutcome
    | RecordSuspectOutcome
    | RecordNotifiableEvent
    | TellNetworkOutcome
    | AskStanding
    | ReopenInvestigation
)
"""What other processes tell a case or ask of it."""

ConductCommand = OpenCase | OpenOrderedCase | LinkReferral | LinkSubject | OpenStage | Reopen
CaseOwnCommand = ConductCommand | LegalHoldCommand | TransferCommand | CaseLinkCommand | ToldToCase
CaseOwnEvent = (
    CaseOpened
    | OrderedCaseOpened
    | ReferralLinked
    | SubjectLinked
    | StageOpened
    | StageOutcomeRecorded
    | GroupNominated
    | NetworkOutcomeLearned
    | CaseLinkEvent
    | SuspectOutcomeRecorded
    | NotifiableEventRelayed
    | CaseReopened
    | LegalHoldEvent
    | TransferEvent
    | StandingEvent
)
CaseCommand = Annotated[CaseOwnCommand | CommonCommand, Field(discriminator="type")]
CaseEvent = Annotated[CaseOwnEvent | CommonEvent, Field(discriminator="type")]
CaseRequest = CommandEnvelope[CaseCommand]
