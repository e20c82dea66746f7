"""What follows from a strategy meeting: actions, and the record that every attending agency has and acknowledges.

Part of process 4. Holds the fact that a record went out, never the record itself.
"""

from datetime import date
from typing import ClassVar, Literal

from nom.contracts.actors import Agency
from nom.contracts.base import Instant, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import PersonId
from nom.contracts.meeting_session import MeetingId


class AssignAction(CommandBase):
    """Give an agency something to do by the end of a day."""

    type: Literal["AssignAction"] = "AssignAction"
    agency: Agency
    what: Text
    due: date
    owner: PersonId | None = None


class CompleteAction(CommandBase):
    """Say that an action was done."""

    type: Literal["CompleteAction"] = "CompleteAction"
    number: int


class EscalateAction(CommandBase):
    """Take an action that is not done to somebody above."""

    decides: ClassVar[bool] = True
    type: Literal["EscalateAction"] = "EscalateAction"
    number: int


class DistributeRecord(CommandBase):
    """Send the record of every session held so far to the agencies that attended."""

    type: Literal["DistributeRecord"] = "DistributeRecord"


class AcknowledgeRecord(CommandBase):
    """An agency says that it has the record."""

    type: Literal["AcknowledgeRecord"] = "AcknowledgeRecord"
    agency: Agency


class ActionAssigned(EventBase):
    """An agency was given something to do."""

    says: ClassVar[str] = "Action {number} for {agency}, due {due}: {what}"
    type: Literal["action_assigned.v1"] = "action_assigned.v1"
    number: int
    agency: Agency
    what: Text
    due: date
    owner: PersonId | None
    assigned_at: Instant


class ActionCompleted(EventBase):
    """An action was done."""

    says: ClassVar[str] = "Action {number} done"
    type: Literal["action_completed.v1"] = "action_completed.v1"
    number: int


class ActionEscalated(EventBase):
    """An action that is not done was taken to somebody above."""

    says: ClassVar[str] = "Action {number} escalated"
    type: Literal["action_escalated.v1"] = "action_escalated.v1"
    number: int


class RecordDistributed(EventBase):
    """The record of sessions went to the agencies that attended them."""

    says: ClassVar[str] = "Record of {meetings} distributed to {to}"
    type: Literal["record_distributed.v1"] = "record_distributed.v1"
    meetings: tuple[MeetingId, ...]
    to: tuple[Agency, ...]
    distributed_at: Instant


class RecordAcknowledged(EventBase):
    """An agency has the record."""

    says: ClassVar[str] = "{agency} acknowledged the record of {meetings}"
    type: Literal["record_acknowledged.v1"] = "record_acknowledged.v1"
    agency: Agency
    meetings: tuple[MeetingId, ...]


FollowUpCommand = AssignAction | CompleteAction | EscalateAction | DistributeRecord | AcknowledgeRecord
FollowUpEvent = ActionAssigned | ActionCompleted | ActionEscalated | RecordDistributed | RecordAcknowledged
