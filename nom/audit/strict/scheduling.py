"""Compares commands that schedule something inside the workflow: activities, timers, Nexus operations.

Fills in what the engine fills in before it records (its defaults and caps), and nothing else.
"""

from collections.abc import Iterator
from typing import Final

from temporalio.api.common.v1 import RetryPolicy
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import EventGroupMarker
from temporalio.bridge.proto.workflow_commands import ScheduleActivity, WorkflowCommand

from nom.audit.strict.course import NANOSECONDS, Course, nanoseconds
from nom.audit.strict.expectation import Marker
from nom.audit.strict.values import (
    Gap,
    payload_gaps,
    payload_map_gaps,
    payloads_gaps,
    plain_gaps,
    text_map_gaps,
)

_RETRY_INITIAL: Final = NANOSECONDS
_RETRY_COEFFICIENT: Final = 2.0
_RETRY_CAP_FACTOR: Final = 100


def activity_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """An activity: type, id, queue, arguments, headers, priority, summary, timeouts and retry policy."""
    given, recorded = command.schedule_activity, event.activity_task_scheduled_event_attributes
    course.scheduled["activity", given.seq] = event.event_id
    yield from plain_gaps("type", recorded.activity_type.name, given.activity_type)
    yield from plain_gaps("id", recorded.activity_id, given.activity_id)
    yield from plain_gaps("task queue", recorded.task_queue.name, given.task_queue)
    yield from payloads_gaps("argument", recorded.input.payloads, given.arguments)
    yield from payload_map_gaps("header", recorded.header.fields, given.headers)
    if recorded.priority != given.priority:
        for name in ("priority_key", "fairness_key", "fairness_weight"):
            yield from plain_gaps(f"priority.{name}", getattr(recorded.priority, name), getattr(given.priority, name))
    yield from summary_gaps(command, event)
    for name, nanos in _activity_timeouts(course, given).items():
        yield from plain_gaps(name, nanoseconds(getattr(recorded, name)), nanos)
    yield from retry_gaps(recorded.retry_policy, given.retry_policy)


def timer_gaps(_course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """A timer: its number, its duration to the nanosecond, its summary."""
    given, recorded = command.start_timer, event.timer_started_event_attributes
    yield from plain_gaps("timer", recorded.timer_id, str(given.seq))
    duration = nanoseconds(given.start_to_fire_timeout)
    yield from plain_gaps("duration", nanoseconds(recorded.start_to_fire_timeout), duration)
    yield from summary_gaps(command, event)


def timer_cancel_gaps(_course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """The cancellation of a timer. It carries the timer's summary, which the history does not."""
    yield from plain_gaps("timer", event.timer_canceled_event_attributes.timer_id, str(command.cancel_timer.seq))


def activity_cancel_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """The cancellation of an activity, named by the event that scheduled it."""
    recorded = event.activity_task_cancel_requested_event_attributes.scheduled_event_id
    scheduled = course.scheduled.get(("activity", command.request_cancel_activity.seq), 0)
    yield from plain_gaps("scheduled event", recorded, scheduled)


def nexus_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """A Nexus operation: where it goes, what it is given, how long it may take."""
    given, recorded = command.schedule_nexus_operation, event.nexus_operation_scheduled_event_attributes
    course.scheduled["nexus", given.seq] = event.event_id
    yield from plain_gaps("endpoint", recorded.endpoint, given.endpoint)
    yield from plain_gaps("service", recorded.service, given.service)
    yield from plain_gaps("operation", recorded.operation, given.operation)
    yield from payload_gaps("input", recorded.input, given.input)
    headers = {key.lower(): value for key, value in given.nexus_header.items()}
    yield from text_map_gaps("header", recorded.nexus_header, headers)
    close = _capped(nanoseconds(given.schedule_to_close_timeout), course.run_timeout)
    yield from plain_gaps("schedule_to_close_timeout", nanoseconds(recorded.schedule_to_close_timeout), close)
    for name in ("schedule_to_start_timeout", "start_to_close_timeout"):
        nanos = nanoseconds(getattr(given, name))
        yield from plain_gaps(name, nanoseconds(getattr(recorded, name)), min(nanos, close) if close else nanos)
    yield from summary_gaps(command, event)


def nexus_cancel_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """The cancellation of a Nexus operation, named by the event that scheduled it."""
    recorded = event.nexus_operation_cancel_requested_event_attributes.scheduled_event_id
    scheduled = course.scheduled.get(("nexus", command.request_cancel_nexus_operation.seq), 0)
    yield from plain_gaps("scheduled event", recorded, scheduled)


def local_activity_gaps(command: WorkflowCommand, marker: Marker) -> Iterator[Gap]:
    """A local activity and its marker: type and id; arguments where the worker put them into the marker."""
    given = command.schedule_local_activity
    yield from plain_gaps("type", marker.data.get("activity_type"), given.activity_type)
    yield from plain_gaps("id", marker.data.get("activity_id"), given.activity_id)
    recorded = marker.event.marker_recorded_event_attributes.details.get("input")
    if recorded is not None:
        yield from payloads_gaps("argument", recorded.payloads, given.arguments)


def summary_gaps(command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """What people are shown beside an event: summary and details."""
    if command.HasField("user_metadata") or event.HasField("user_metadata"):
        for name in ("summary", "details"):
            recorded, given = (
                getattr(each.user_metadata, name) if each.user_metadata.HasField(name) else None
                for each in (event, command)
            )
            yield from payload_gaps(name, recorded, given)


def group_gaps(command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """On whose behalf a command was given, such as an update's. Engines before 1.32 do not record it."""
    recorded = list(event.event_group_markers)
    given = list(command.event_group_markers)
    if recorded and recorded != given:
        before, after = (", ".join(_group(marker) for marker in each) or "none" for each in (recorded, given))
        yield Gap("on behalf of", before, after)


def retry_gaps(recorded: RetryPolicy, given: RetryPolicy) -> Iterator[Gap]:
    """A retry policy, the engine's defaults filled in."""
    initial = nanoseconds(given.initial_interval) or _RETRY_INITIAL
    longest = nanoseconds(given.maximum_interval) or initial * _RETRY_CAP_FACTOR
    coefficient = given.backoff_coefficient or _RETRY_COEFFICIENT
    yield from plain_gaps("retry_policy.initial_interval", nanoseconds(recorded.initial_interval), initial)
    yield from plain_gaps("retry_policy.backoff_coefficient", recorded.backoff_coefficient, coefficient)
    yield from plain_gaps("retry_policy.maximum_interval", nanoseconds(recorded.maximum_interval), longest)
    yield from plain_gaps("retry_policy.maximum_attempts", recorded.maximum_attempts, given.maximum_attempts)
    types = "retry_policy.non_retryable_error_types"
    before, after = list(recorded.non_retryable_error_types), list(given.non_retryable_error_types)
    if before != after:
        yield Gap(types, ", ".join(before) or "none", ", ".join(after) or "none")


def _group(marker: EventGroupMarker) -> str:
    return " ".join(str(marker).split())


def _activity_timeouts(course: Course, given: ScheduleActivity) -> dict[str, int]:
    """As the engine records them: one fills in and caps another, and none is longer than the run may be."""
    close, start, work = (
        nanoseconds(each)
        for each in (given.schedule_to_close_timeout, given.schedule_to_start_timeout, given.start_to_close_timeout)
    )
    run = course.run_timeout
    if close:
        start, work = _capped(start, close), _capped(work, close)
    elif work:
        close, start = run, start or run
    close, start, work = (min(each, run) if run else each for each in (close, start, work))
    beat = nanoseconds(given.heartbeat_timeout)
    return {
        "schedule_to_close_timeout": close,
        "schedule_to_start_timeout": start,
        "start_to_close_timeout": work,
        "heartbeat_timeout": min(beat, work),
    }


def _capped(value: int, cap: int) -> int:
    """A duration that is at most the cap, and the cap where none was given; 0 is none."""
    return min(value, cap) if value and cap else value or cap
