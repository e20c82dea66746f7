"""What the processes of one matter say to each other: openings, outcomes, nominations, things to tell a victim.

Every one of these is a command that only the system gives, through a hand-off.
"""

from typing import ClassVar, Literal

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.events import CommandBase
from nom.contracts.every_process import Opening
from nom.contracts.ids import CaseId, ProcessKind, StreamId, SubjectId
from nom.contracts.subjects import Allegation, Subject


class StageBrief(Contract):
    """What a stage is told when it opens. `received_at` is when the first referral was received."""

    opening: Opening
    received_at: Instant
    subjects: tuple[Subject, ...]
    allegations: tuple[Allegation, ...]


class OpenCase(CommandBase):
    """The first referral opens the case."""

    opens: ClassVar[bool] = True
    type: Literal["OpenCase"] = "OpenCase"
    brief: StageBrief
    referral: StreamId


class OpenTriage(CommandBase):
    """The case opens triage."""

    opens: ClassVar[bool] = True
    type: Literal["OpenTriage"] = "OpenTriage"
    brief: StageBrief


class OpenStrategyMeeting(CommandBase):
    """The case opens a strategy meeting, to be convened."""

    opens: ClassVar[bool] = True
    type: Literal["OpenStrategyMeeting"] = "OpenStrategyMeeting"
    brief: StageBrief


class OpenInvestigation(CommandBase):
    """The case opens the investigation."""

    opens: ClassVar[bool] = True
    type: Literal["OpenInvestigation"] = "OpenInvestigation"
    brief: StageBrief


class RecordStageOpened(CommandBase):
    """A stage that a person opened by an urgent act (an arrest, a file) tells the case that it exists; so does one that
    `continues` another force's after a transfer.
    """

    type: Literal["RecordStageOpened"] = "RecordStageOpened"
    stage: StreamId
    about: tuple[SubjectId, ...]
    continues: StreamId | None = None


class NominationGrounds(Contract):
    """Why a case nominates a group: the network test, as computed and as a person judged it, and who is linked."""

    computed: bool
    judged: bool
    reason: Text | None
    suspects: tuple[SubjectId, ...]
    unidentified: int


class RecordStageOutcome(CommandBase):
    """A stage tells the case how it ended and which stages follow from that."""

    type: Literal["RecordStageOutcome"] = "RecordStageOutcome"
    stage: StreamId
    outcome: str
    opens_next: tuple[ProcessKind, ...] = ()
    nomination: NominationGrounds | None = None


class RecordSuspectOutcome(CommandBase):
    """A stage tells the case, and the case tells custody, what became of a suspect."""

    type: Literal["RecordSuspectOutcome"] = "RecordSuspectOutcome"
    suspect: SubjectId
    outcome: Literal["charged", "declined", "closed"]
    stage: StreamId


NotifiableEvent = Literal["arrest", "interview", "release", "bail", "released_under_investigation", "bail_change"]


class RecordNotifiableEvent(CommandBase):
    """Something happened that the victim must be told of. Custody tells the case; the case tells the investigation,
    which runs the clock (Victims' Code, Right 6).
    """

    type: Literal["RecordNotifiableEvent"] = "RecordNotifiableEvent"
    of: NotifiableEvent
    suspect: SubjectId
    happened_at: Instant
    stage: StreamId


class Nominate(CommandBase):
    """A case nominates a group to the National Crime Agency."""

    opens: ClassVar[bool] = True
    type: Literal["Nominate"] = "Nominate"
    opening: Opening
    case: CaseId
    grounds: NominationGrounds


class TellNetworkOutcome(CommandBase):
    """The National Crime Agency tells each linked case what was decided about the group."""

    type: Literal["TellNetworkOutcome"] = "TellNetworkOutcome"
    group: str
    outcome: str
    tier: str | None = None
    reason: Text | None = None


class OpenOrderedCase(CommandBase):
    """The National Crime Agency's review of a closed case has a force investigate again: opens the force's case."""

    opens: ClassVar[bool] = True
    type: Literal["OpenOrderedCase"] = "OpenOrderedCase"
    brief: StageBrief
    review: StreamId
    supervised: bool
    steps: tuple[Text, ...]


class RecordReinvestigationProgress(CommandBase):
    """A case that was ordered tells the review how far it is: which stage, which outcome, no content. A `closed` case
    tells so in the name of its own stream.
    """

    type: Literal["RecordReinvestigationProgress"] = "RecordReinvestigationProgress"
    case: CaseId
    stage: StreamId
    outcome: str
