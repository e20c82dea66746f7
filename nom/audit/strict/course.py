"""What is known of a run at the point that the comparison has reached: its start, and what its commands were given as.

A later command names an earlier one by a number of the SDK's; the history names the same by an event or an id.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import WorkflowExecutionStartedEventAttributes
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType, WorkflowCommand

from nom.audit.strict.expectation import CHANGE_VERSION

NANOSECONDS: Final = 1_000_000_000
Sort = Literal["activity", "child", "nexus"]

# Each of the engine's enumerations has its own number for it.
_ABANDON_CHILD: Final = 0
_ABANDON_NEXUS: Final = 1


@dataclass(slots=True)
class Course:
    """One run so far. `scheduled` has the event ids of what was scheduled, by sort and the SDK's number."""

    stream: str
    namespace: str
    started: WorkflowExecutionStartedEventAttributes
    attributes: dict[str, Payload]
    scheduled: dict[tuple[Sort, int], int] = field(default_factory=dict[tuple[Sort, int], int])
    names: dict[tuple[Sort, int], str] = field(default_factory=dict[tuple[Sort, int], str])
    abandoned: set[tuple[Sort, int]] = field(default_factory=set[tuple[Sort, int]])
    asked: set[tuple[Sort, int]] = field(default_factory=set[tuple[Sort, int]])
    """What a cancellation was asked for already: the engine hears it once."""
    accepted: dict[int, tuple[str, str]] = field(default_factory=dict[int, tuple[str, str]])
    """Event id of an update's acceptance → the instance that the code answers for, and the update's own id; none where
    the request stands in another event.
    """
    admitted: set[str] = field(default_factory=set[str])
    """The instances of updates that the code has accepted."""
    patches: set[str] = field(default_factory=set[str])

    @classmethod
    def begun(cls, started: WorkflowExecutionStartedEventAttributes, namespace: str) -> "Course":
        """The course of a run that has only been started."""
        attributes = {key: value for key, value in started.search_attributes.indexed_fields.items() if key}
        return cls(started.workflow_id, namespace, started, attributes)

    @property
    def run_timeout(self) -> int:
        """How long the run may take, in nanoseconds; 0 for as long as it likes."""
        return nanoseconds(self.started.workflow_run_timeout)

    def note(self, command: WorkflowCommand) -> None:
        """Take in what a command is called, before anything is left out or compared."""
        variant = command.WhichOneof("variant")
        if variant == "schedule_activity":
            activity = command.schedule_activity
            self.names["activity", activity.seq] = activity.activity_id
            if activity.cancellation_type == ActivityCancellationType.ABANDON:
                self.abandoned.add(("activity", activity.seq))
        elif variant == "start_child_workflow_execution":
            child = command.start_child_workflow_execution
            self.names["child", child.seq] = child.workflow_id
            if child.cancellation_type == _ABANDON_CHILD:
                self.abandoned.add(("child", child.seq))
        elif variant == "schedule_nexus_operation":
            nexus = command.schedule_nexus_operation
            if nexus.cancellation_type == _ABANDON_NEXUS:
                self.abandoned.add(("nexus", nexus.seq))

    def cancels_anew(self, sort: Sort, seq: int) -> bool:
        """Whether a cancellation reaches the engine: not where it was abandoned, nor a second time."""
        key = (sort, seq)
        if key in self.abandoned or key in self.asked:
            return False
        self.asked.add(key)
        return True

    def upserted(self, fields: dict[str, Payload]) -> None:
        """Take in what was set or unset among the search attributes."""
        for key, value in fields.items():
            if is_empty(value):
                self.attributes.pop(key, None)
            else:
                self.attributes[key] = value


def nanoseconds(duration: Duration) -> int:
    """A duration in nanoseconds, exactly."""
    return duration.seconds * NANOSECONDS + duration.nanos


def is_empty(payload: Payload) -> bool:
    """Whether a payload unsets what it is the value of: null, or a list without members."""
    return payload.metadata.get("encoding") == b"binary/null" or payload.data in {b"", b"null", b"[]"}


def kept(fields: dict[str, Payload]) -> dict[str, Payload]:
    """The search attributes that the engine keeps: those with a value, and not what the SDK's core adds by itself."""
    return {key: value for key, value in fields.items() if key != CHANGE_VERSION and not is_empty(value)}
