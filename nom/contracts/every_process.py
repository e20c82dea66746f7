"""Commands and events that every process shares: opening, correcting, notes, clocks, hand-offs, the end of a stage."""

from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.clocks import ClockEvent
from nom.contracts.envelope import PolicyRef
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import CaseId, StreamId, SubjectId
from nom.contracts.wording import WordingCommand, WordingEvent


class Jurisdiction(StrEnum):
    """Whose law applies."""

    ENGLAND = "ENG"
    WALES = "WAL"


class Opening(Contract):
    """What a process is opened under. `brought_in` says that the matter was under way before it was entered: no clock
    fires by wall time until `MarkUpToDate`. The policy is the pack that a process keeps until it adopts another.
    """

    jurisdiction: Jurisdiction
    policy: PolicyRef
    brought_in: bool = False


class HandOff(Contract):
    """A command that one process addresses to another. `id` is the command's id at the receiver, so that delivering it
    twice is delivering it once. `envelope` is the whole `CommandEnvelope` in plain JSON; `opens` tells that it may
    start the receiver.
    """

    id: UUID
    to: StreamId
    command: str
    opens: bool
    envelope: dict[str, JsonValue]


class HandOffAnswer(Contract):
    """What the receiver said: accepted, or refused with the refusal's code."""

    accepted: bool
    code: str | None = None
    message: str | None = None


class CorrectRecord(CommandBase):
    """Say that an earlier record of this process is wrong, and what is right. Nothing is edited."""

    decides: ClassVar[bool] = True
    type: Literal["CorrectRecord"] = "CorrectRecord"
    wrong_seq: int
    correction: Text


class RecordNote(CommandBase):
    """Add a note, marked as fact or as opinion (Data Protection Act 2018 s38)."""

    type: Literal["RecordNote"] = "RecordNote"
    text: Text
    basis: Literal["fact", "opinion"]


class MarkUpToDate(CommandBase):
    """Say that a brought-in matter is complete up to now: from here on its clocks run by wall time."""

    type: Literal["MarkUpToDate"] = "MarkUpToDate"


class ClockRanOut(CommandBase):
    """Given by the process itself when a running clock's moment has come."""

    type: Literal["ClockRanOut"] = "ClockRanOut"
    clock_id: str
    due_at: Instant


class EscalateBreach(CommandBase):
    """Given by the process itself when a missed deadline has stayed open for as long as its ladder allows."""

    type: Literal["EscalateBreach"] = "EscalateBreach"
    clock_id: str
    escalates_at: Instant


class PauseClock(CommandBase):
    """Let a clock stand still from the moment of the command, where its rule allows that."""

    decides: ClassVar[bool] = True
    type: Literal["PauseClock"] = "PauseClock"
    clock_id: str


class ResumeClock(CommandBase):
    """Let a paused clock go on. What it stood still does not count."""

    decides: ClassVar[bool] = True
    type: Literal["ResumeClock"] = "ResumeClock"
    clock_id: str


class ExtendClock(CommandBase):
    """Give a clock more time, where its rule allows that: `by` so many more of the rule's units, or `to` a later moment
    where the rule's date is given. Exactly one of them.
    """

    decides: ClassVar[bool] = True
    type: Literal["ExtendClock"] = "ExtendClock"
    clock_id: str
    by: int | None = Field(default=None, ge=1, le=1000)
    to: Instant | None = None


class AdoptPolicy(CommandBase):
    """Go on under another policy pack. What was decided stays as it was decided; open clocks are computed anew."""

    decides: ClassVar[bool] = True
    type: Literal["AdoptPolicy"] = "AdoptPolicy"
    to: PolicyRef


class TransferStage(CommandBase):
    """Given by the case: it was transferred to another force, where this stage goes on. `opening` is the receiver's,
    `about` whom the case has the stage down for.
    """

    type: Literal["TransferStage"] = "TransferStage"
    to: CaseId
    opening: Opening
    about: tuple[SubjectId, ...] = ()


class ContinueStage(CommandBase):
    """Given by a stage that was transferred: go on from its record `up_to`. `state` is what it knew then, in plain
    JSON, with the streams of the case by the names that they have from now on.
    """

    opens: ClassVar[bool] = True
    type: Literal["ContinueStage"] = "ContinueStage"
    opening: Opening
    continues: StreamId
    up_to: int = Field(ge=1)
    about: tuple[SubjectId, ...] = ()
    state: dict[str, JsonValue]


class AcknowledgeHandOff(CommandBase):
    """Given by the process itself when the receiver of a hand-off has answered."""

    type: Literal["AcknowledgeHandOff"] = "AcknowledgeHandOff"
    hand_off_id: UUID
    answer: HandOffAnswer


CommonCommand = (
    CorrectRecord
    | RecordNote
    | MarkUpToDate
    | ClockRanOut
    | EscalateBreach
    | PauseClock
    | ResumeClock
    | ExtendClock
    | AdoptPolicy
    | TransferStage
    | ContinueStage
    | AcknowledgeHandOff
    | WordingCommand
)


class ProcessOpened(EventBase):
    """The first event of every stream: under which law and policy the process runs. `warnings` says where the pack came
    into force only after the matter began.
    """

    says: ClassVar[str] = "Process opened in {jurisdiction} under policy {policy_version}"
    type: Literal["process_opened.v1"] = "process_opened.v1"
    opening: Opening
    warnings: tuple[Text, ...] = ()

    @property
    def jurisdiction(self) -> str:
        """Whose law applies."""
        return self.opening.jurisdiction.value

    @property
    def policy_version(self) -> str:
        """The pack's version."""
        return self.opening.policy.version


class RecordCorrected(EventBase):
    """An earlier record is wrong; this says what is right."""

    says: ClassVar[str] = "Record {wrong_seq} corrected: {correction}"
    type: Literal["record_corrected.v1"] = "record_corrected.v1"
    wrong_seq: int
    correction: Text


class NoteRecorded(EventBase):
    """A note was added."""

    says: ClassVar[str] = "Note ({basis}): {text}"
    type: Literal["note_recorded.v1"] = "note_recorded.v1"
    text: Text
    basis: Literal["fact", "opinion"]


class MarkedUpToDate(EventBase):
    """The matter is live from here on."""

    says: ClassVar[str] = "Marked up to date: clocks run by wall time from now on"
    type: Literal["marked_up_to_date.v1"] = "marked_up_to_date.v1"


class PolicyVersionAdopted(EventBase):
    """The process goes on under another policy pack."""

    says: ClassVar[str] = "Policy {adopted} adopted in place of {left}: {because}"
    type: Literal["policy_version_adopted.v1"] = "policy_version_adopted.v1"
    before: PolicyRef
    after: PolicyRef
    because: Text

    @property
    def left(self) -> str:
        """The version before."""
        return self.before.version

    @property
    def adopted(self) -> str:
        """The version from now on."""
        return self.after.version


class HandOffMade(EventBase):
    """A command for another process was put in the outbox."""

    says: ClassVar[str] = "Handed on to {to}: {command}"
    type: Literal["hand_off_made.v1"] = "hand_off_made.v1"
    hand_off: HandOff

    @property
    def to(self) -> str:
        """The receiver."""
        return self.hand_off.to

    @property
    def command(self) -> str:
        """What the receiver is asked to do."""
        return self.hand_off.command


class HandOffAcknowledged(EventBase):
    """The receiver took the hand-off."""

    says: ClassVar[str] = "Acknowledged by {to}: {command}"
    type: Literal["hand_off_acknowledged.v1"] = "hand_off_acknowledged.v1"
    hand_off_id: UUID
    to: StreamId
    command: str


class HandOffRefused(EventBase):
    """The receiver refused the hand-off. It stays on the board until somebody has dealt with it."""

    says: ClassVar[str] = "Refused by {to}: {command} ({code}: {message})"
    type: Literal["hand_off_refused.v1"] = "hand_off_refused.v1"
    hand_off_id: UUID
    to: StreamId
    command: str
    code: str
    message: str


class StageEnded(EventBase):
    """The process reached its outcome. Corrections and notes may still be added."""

    says: ClassVar[str] = "Ended: {outcome}"
    type: Literal["stage_ended.v1"] = "stage_ended.v1"
    outcome: str


class StageReopened(EventBase):
    """The process had its outcome and goes on all the same: something showed that it was not over."""

    says: ClassVar[str] = "Reopened: {because}"
    type: Literal["stage_reopened.v1"] = "stage_reopened.v1"
    because: Text


class StageTransferred(EventBase):
    """The matter went to another force: what this process was goes on there, and takes no new work here."""

    says: ClassVar[str] = "Transferred: it goes on as {to}"
    type: Literal["stage_transferred.v1"] = "stage_transferred.v1"
    to: CaseId


class StageContinued(EventBase):
    """The process goes on from where another force's left off, after its record `up_to`. `state` is what was known of
    it by then: a field that a later state lacks needs a step that reads it, as an older event does.
    """

    says: ClassVar[str] = "Goes on from {continues}, after its record {up_to}"
    type: Literal["stage_continued.v1"] = "stage_continued.v1"
    continues: StreamId
    up_to: int
    state: dict[str, JsonValue]


CommonEvent = (
    ProcessOpened
    | RecordCorrected
    | NoteRecorded
    | MarkedUpToDate
    | HandOffMade
    | HandOffAcknowledged
    | HandOffRefused
    | StageEnded
    | StageReopened
    | StageTransferred
    | StageContinued
    | PolicyVersionAdopted
    | ClockEvent
    | WordingEvent
)
