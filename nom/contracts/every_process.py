"""Commands and events that every process shares: opening, correcting, notes, clocks, hand-offs, the end of a stage."""

from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import JsonValue

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.clocks import BreachWithdrawn, ClockMet, ClockStarted, ClockStopped, DeadlineBreached
from nom.contracts.envelope import PolicyRef
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import StreamId


class Jurisdiction(StrEnum):
    """Whose law applies."""

    ENGLAND = "ENG"
    WALES = "WAL"


class Opening(Contract):
    """What a process is opened under. `brought_in` says that the matter was under way before it was entered: no clock
    fires by wall time until `MarkUpToDate`. The policy is the pack that the case keeps for life.
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


class AcknowledgeHandOff(CommandBase):
    """Given by the process itself when the receiver of a hand-off has answered."""

    type: Literal["AcknowledgeHandOff"] = "AcknowledgeHandOff"
    hand_off_id: UUID
    answer: HandOffAnswer


CommonCommand = CorrectRecord | RecordNote | MarkUpToDate | ClockRanOut | AcknowledgeHandOff


class ProcessOpened(EventBase):
    """The first event of every stream: under which law and policy the process runs."""

    says: ClassVar[str] = "Process opened in {jurisdiction} under policy {policy_version}"
    type: Literal["process_opened.v1"] = "process_opened.v1"
    opening: Opening

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


CommonEvent = (
    ProcessOpened
    | RecordCorrected
    | NoteRecorded
    | MarkedUpToDate
    | HandOffMade
    | HandOffAcknowledged
    | HandOffRefused
    | StageEnded
    | ClockStarted
    | ClockMet
    | ClockStopped
    | DeadlineBreached
    | BreachWithdrawn
)
