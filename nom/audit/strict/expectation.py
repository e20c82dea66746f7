"""What a history says that the code must have given: for each workflow task that was completed, its events in order.

Reads the history and changes nothing in it. The key that joins a task to what the code gives is the event id of the
task's start.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final, cast

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes

from nom.audit.strict.values import Unreadable, json_of

PATCH_MARKER: Final = "core_patch"
LOCAL_ACTIVITY_MARKER: Final = "core_local_activity"
CORE_DATA: Final = ("data", "patch-data")
"""Where the SDK's core writes into its markers; no codec ever sees that."""
CHANGE_VERSION: Final = "TemporalChangeVersion"
"""The search attribute that the SDK's core adds beside a patch's marker."""


class Act(StrEnum):
    """What a workflow can do that a history keeps."""

    ACTIVITY = "activity"
    ACTIVITY_CANCEL = "cancellation of an activity"
    LOCAL_ACTIVITY = "local activity"
    TIMER = "timer"
    TIMER_CANCEL = "cancellation of a timer"
    CHILD = "child workflow"
    CANCEL_OTHER = "cancellation of another workflow"
    SIGNAL_OTHER = "signal to another workflow"
    ATTRIBUTES = "search attributes"
    MEMO = "memo"
    NEXUS = "Nexus operation"
    NEXUS_CANCEL = "cancellation of a Nexus operation"
    PATCH = "patch"
    UPDATE_ACCEPTED = "acceptance of an update"
    UPDATE_ANSWERED = "answer to an update"
    UPDATE_REFUSED = "refusal of an update"
    """Leaves no event: where the history has an acceptance, this is what a stricter validator gives instead."""
    CONTINUED = "continuing as new"
    COMPLETED = "completion"
    FAILED = "failure"
    CANCELLED = "cancellation"
    UNKNOWN = "marker of another kind"


_ACTS: Final = {
    "activity_task_scheduled_event_attributes": Act.ACTIVITY,
    "activity_task_cancel_requested_event_attributes": Act.ACTIVITY_CANCEL,
    "timer_started_event_attributes": Act.TIMER,
    "timer_canceled_event_attributes": Act.TIMER_CANCEL,
    "start_child_workflow_execution_initiated_event_attributes": Act.CHILD,
    "request_cancel_external_workflow_execution_initiated_event_attributes": Act.CANCEL_OTHER,
    "signal_external_workflow_execution_initiated_event_attributes": Act.SIGNAL_OTHER,
    "upsert_workflow_search_attributes_event_attributes": Act.ATTRIBUTES,
    "workflow_properties_modified_event_attributes": Act.MEMO,
    "nexus_operation_scheduled_event_attributes": Act.NEXUS,
    "nexus_operation_cancel_requested_event_attributes": Act.NEXUS_CANCEL,
    "workflow_execution_update_accepted_event_attributes": Act.UPDATE_ACCEPTED,
    "workflow_execution_update_completed_event_attributes": Act.UPDATE_ANSWERED,
    "workflow_execution_continued_as_new_event_attributes": Act.CONTINUED,
    "workflow_execution_completed_event_attributes": Act.COMPLETED,
    "workflow_execution_failed_event_attributes": Act.FAILED,
    "workflow_execution_canceled_event_attributes": Act.CANCELLED,
}
_MARKER: Final = "marker_recorded_event_attributes"
_TASK_STARTED: Final = "workflow_task_started_event_attributes"
_TASK_COMPLETED: Final = "workflow_task_completed_event_attributes"
TERMINAL: Final = frozenset({Act.CONTINUED, Act.COMPLETED, Act.FAILED, Act.CANCELLED})
_LOST: Final = frozenset({"workflow_task_timed_out_event_attributes", "workflow_task_failed_event_attributes"})
_ENDED_FROM_OUTSIDE: Final = frozenset(
    {"workflow_execution_terminated_event_attributes", "workflow_execution_timed_out_event_attributes"}
)
_MAY_END_A_TASK: Final = _LOST | _ENDED_FROM_OUTSIDE


_KINDS: Final = {
    field.name: EventType.Value(f"EVENT_TYPE_{field.name.removesuffix('_event_attributes').upper()}")
    for field in HistoryEvent.DESCRIPTOR.oneofs_by_name["attributes"].fields
}


class Torn(ValueError):
    """The history is not whole: something of it is missing. Says what."""


class NotBegun(ValueError):
    """The run was started, and no workflow task was scheduled yet: there is nothing to compare."""


@dataclass(slots=True)
class Recorded:
    """One event that stands for a command. `deprecated` is said of a patch's marker alone."""

    act: Act
    event: HistoryEvent
    attributes: str
    patch: str = ""
    deprecated: bool = False


@dataclass(slots=True)
class Marker:
    """The marker of a local activity, and what the SDK's core wrote into it."""

    event: HistoryEvent
    data: dict[str, object]


@dataclass(slots=True)
class Slot:
    """What one completed workflow task left: `started` and `completed` are the event ids of its start and end."""

    started: int
    completed: int
    acts: list[Recorded] = field(default_factory=list[Recorded])
    visited: bool = False


@dataclass(slots=True)
class Expectation:
    """A history, laid out for comparison. `last_task` is the start of the last completed task; 0: there is none."""

    stream: str
    run: str
    started: WorkflowExecutionStartedEventAttributes
    events: int
    closed: bool
    slots: dict[int, Slot]
    local_activities: dict[int, Marker]
    last_task: int
    last_is_open: bool
    """Whether nothing follows what the last completed task left: a history cut short may end so."""
    lost_tasks: frozenset[int] = frozenset()
    """The starts of tasks that failed or timed out. One that timed out before its start was written has the number of
    the event that says so.
    """
    ends_with_task: bool = False
    """Whether the last event is that a task was completed."""


def expectation_of(events: Sequence[HistoryEvent]) -> Expectation:
    """Lay a history out. Raises `Torn` and `NotBegun`."""
    names = require_whole(events)
    started = events[0].workflow_execution_started_event_attributes
    laid = Expectation(
        stream=started.workflow_id,
        run=started.original_execution_run_id,
        started=started,
        events=len(events),
        closed=_ACTS.get(names[-1]) in TERMINAL or names[-1] in _ENDED_FROM_OUTSIDE,
        slots={},
        local_activities={},
        last_task=0,
        last_is_open=False,
    )
    slot: Slot | None = None
    lost: set[int] = set()
    for event, name in zip(events, names, strict=True):
        if name == _TASK_COMPLETED:
            slot = Slot(event.workflow_task_completed_event_attributes.started_event_id, event.event_id)
            laid.slots[slot.started] = slot
            laid.last_task, laid.last_is_open = slot.started, True
            continue
        act = _ACTS.get(name)
        if act is None and name != _MARKER:
            laid.last_is_open = False
            if name in _LOST:
                lost.add(_lost_task(event, name))
            continue
        if slot is None:
            raise Torn(f"event {event.event_id} stands before any completed workflow task")
        if getattr(getattr(event, name), "workflow_task_completed_event_id", slot.completed) != slot.completed:
            raise Torn(f"event {event.event_id} stands behind another workflow task than the one that it came of")
        _place(laid, slot, act, event, name)
    laid.lost_tasks = frozenset(lost)
    laid.ends_with_task = names[-1] == _TASK_COMPLETED
    return laid


def _place(laid: Expectation, slot: Slot, act: Act | None, event: HistoryEvent, name: str) -> None:
    if act is None:
        recorded = _marker(laid, event, name)
        if recorded is not None:
            slot.acts.append(recorded)
    elif act is not Act.ATTRIBUTES or not _only_change_version(event):
        slot.acts.append(Recorded(act, event, name))


def require_whole(events: Sequence[HistoryEvent]) -> list[str]:
    """The name of each event's attributes. Raises `Torn` unless the events are numbered without a gap, are of the kinds
    that they say, begin with the start and close every workflow task before anything else; `NotBegun` where no workflow
    task is among them. The SDK's replayer would wait for ever, or break off without a word.
    """
    if not events:
        raise Torn("there is no event")
    names = [event.WhichOneof("attributes") or "" for event in events]
    for number, (event, name) in enumerate(zip(events, names, strict=True), start=1):
        if event.event_id != number:
            raise Torn(f"event {event.event_id} stands where event {number} is expected")
        if event.event_type != _KINDS.get(name):
            raise Torn(f"event {number} is not of the kind that it says")
    started = events[0].workflow_execution_started_event_attributes
    if not started.workflow_type.name or not started.task_queue.name:
        raise Torn("event 1 is not the start of a workflow")
    _require_tasks(events, names)
    if "workflow_task_scheduled_event_attributes" not in names:
        raise NotBegun("no workflow task was scheduled yet")
    return names


def _require_tasks(events: Sequence[HistoryEvent], names: Sequence[str]) -> None:
    """The engine writes nothing between the start of a workflow task and its end."""
    for (event, name), (after, follows) in pairwise(zip(events, names, strict=True)):
        if name == _TASK_STARTED and not (
            follows in _MAY_END_A_TASK
            or after.workflow_task_completed_event_attributes.started_event_id == event.event_id
        ):
            raise Torn(f"event {after.event_id} stands where workflow task {event.event_id} should end")
        if follows == _TASK_COMPLETED and name != _TASK_STARTED:
            raise Torn(f"event {after.event_id} ends a workflow task that did not begin before it")


def _lost_task(event: HistoryEvent, name: str) -> int:
    started: int = getattr(event, name).started_event_id
    return started or event.event_id


def _only_change_version(event: HistoryEvent) -> bool:
    attributes = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    return set(attributes) == {CHANGE_VERSION}


def _marker(laid: Expectation, event: HistoryEvent, name: str) -> Recorded | None:
    marker = event.marker_recorded_event_attributes
    if marker.marker_name == LOCAL_ACTIVITY_MARKER:
        data = marker_data(event)
        number = _number(data.get("seq"))
        if number in laid.local_activities:
            # No activity has two: whichever of them the code did not give, one is too many.
            return Recorded(Act.UNKNOWN, event, name)
        laid.local_activities[number] = Marker(event, data)
        return None
    if marker.marker_name == PATCH_MARKER:
        data = marker_data(event)
        return Recorded(
            Act.PATCH, event, name, patch=str(data.get("id", "")), deprecated=data.get("deprecated") is True
        )
    return Recorded(Act.UNKNOWN, event, name)


def marker_data(event: HistoryEvent) -> dict[str, object]:
    """What the SDK's core wrote into a marker of its own; empty where that can't be read."""
    for name in CORE_DATA:
        payloads = event.marker_recorded_event_attributes.details.get(name)
        if payloads is not None and payloads.payloads:
            try:
                value = json_of(payloads.payloads[0].data)
            except Unreadable:
                return {}
            return cast("dict[str, object]", value) if isinstance(value, dict) else {}
    return {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1
