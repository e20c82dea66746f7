"""Fields that the engine fills in, caps or drops, and fields that no specimen sets: command beside event."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType, WorkflowCommand

from nom.audit.strict import reaching, scheduling, standing
from nom.audit.strict.comparison import Comparison
from nom.audit.strict.course import Course
from nom.audit.strict.emission import emission_of
from nom.audit.strict.expectation import Act, Torn, expectation_of
from tests.audit.trying import A_TASK, a_history

ONE = Payload(metadata={"encoding": b"json/plain"}, data=b"1")
TWO = Payload(metadata={"encoding": b"json/plain"}, data=b"2")

Changes = tuple[tuple[Callable[[Any], object], str], ...]


def seconds(number: float) -> Duration:
    made = Duration()
    made.FromTimedelta(timedelta(seconds=number))
    return made


def a_course(run_timeout: float = 0) -> Course:
    started = WorkflowExecutionStartedEventAttributes(workflow_id="gmp/a", workflow_run_timeout=seconds(run_timeout))
    started.workflow_type.name, started.task_queue.name = "nom.case", "nom"
    started.workflow_task_timeout.CopyFrom(seconds(10))
    started.memo.fields["note"].CopyFrom(ONE)
    started.search_attributes.indexed_fields["nomStage"].CopyFrom(ONE)
    return Course.begun(started, "gmp")


def an_activity(given: dict[str, float], recorded: dict[str, float]) -> tuple[WorkflowCommand, HistoryEvent]:
    command, event = WorkflowCommand(), HistoryEvent(event_id=5)
    activity, scheduled = command.schedule_activity, event.activity_task_scheduled_event_attributes
    for each, values in ((activity, given), (scheduled, recorded)):
        for name, number in values.items():
            getattr(each, f"{name}_timeout").CopyFrom(seconds(number))
    policy = scheduled.retry_policy
    policy.initial_interval.CopyFrom(seconds(1))
    policy.maximum_interval.CopyFrom(seconds(100))
    policy.backoff_coefficient = 2.0
    return command, event


@pytest.mark.parametrize(
    ("given", "recorded", "run_timeout"),
    [
        (
            {"schedule_to_close": 10},
            {"schedule_to_close": 10, "schedule_to_start": 10, "start_to_close": 10},
            0,
        ),
        (
            {"schedule_to_close": 10, "schedule_to_start": 20, "start_to_close": 5, "heartbeat": 7},
            {"schedule_to_close": 10, "schedule_to_start": 10, "start_to_close": 5, "heartbeat": 5},
            0,
        ),
        ({"start_to_close": 5}, {"start_to_close": 5}, 0),
        (
            {"start_to_close": 5},
            {"schedule_to_close": 60, "schedule_to_start": 60, "start_to_close": 5},
            60,
        ),
        (
            {"schedule_to_close": 90, "start_to_close": 70, "heartbeat": 65},
            {"schedule_to_close": 60, "schedule_to_start": 60, "start_to_close": 60, "heartbeat": 60},
            60,
        ),
    ],
)
def test_timeouts_of_an_activity_are_filled_in_and_capped_as_the_engine_does(
    given: dict[str, float], recorded: dict[str, float], run_timeout: float
) -> None:
    assert list(scheduling.activity_gaps(a_course(run_timeout), *an_activity(given, recorded))) == []
    longer = {**recorded, "start_to_close": recorded["start_to_close"] + 1}
    gaps = scheduling.activity_gaps(a_course(run_timeout), *an_activity(given, longer))
    assert [gap.field for gap in gaps] == ["start_to_close_timeout"]


def a_child() -> tuple[WorkflowCommand, HistoryEvent]:
    command, event = WorkflowCommand(), HistoryEvent(event_id=5)
    child, recorded = (
        command.start_child_workflow_execution,
        event.start_child_workflow_execution_initiated_event_attributes,
    )
    child.workflow_execution_timeout.CopyFrom(seconds(100))
    recorded.namespace = "gmp"
    recorded.workflow_execution_timeout.CopyFrom(seconds(100))
    recorded.workflow_run_timeout.CopyFrom(seconds(100))
    recorded.workflow_task_timeout.CopyFrom(seconds(10))
    child.search_attributes.indexed_fields["nomStage"].CopyFrom(Payload(metadata={"encoding": b"binary/null"}))
    return command, event


def test_a_child_s_defaults_are_filled_in_and_empty_attributes_dropped() -> None:
    assert list(reaching.child_gaps(a_course(), *a_child())) == []


ON_A_CHILD: Changes = (
    (lambda child: setattr(child, "cron_schedule", "0 0 * * *"), "cron_schedule"),
    (lambda child: child.headers["who"].CopyFrom(ONE), "header.who"),
    (lambda child: child.retry_policy.SetInParent(), "retry_policy"),
    (lambda child: setattr(child.versioning_override, "auto_upgrade", True), "versioning_override.auto_upgrade"),
    (lambda child: setattr(child, "namespace", "wyp"), "namespace"),
    (lambda child: child.workflow_task_timeout.CopyFrom(seconds(200)), "workflow_task_timeout"),
)


@pytest.mark.parametrize(("change", "field"), ON_A_CHILD)
def test_what_no_specimen_sets_on_a_child_is_compared(change: Callable[[Any], object], field: str) -> None:
    command, event = a_child()
    change(command.start_child_workflow_execution)
    assert [gap.field for gap in reaching.child_gaps(a_course(), command, event)] == [field]


def continued() -> tuple[WorkflowCommand, HistoryEvent]:
    command, event = WorkflowCommand(), HistoryEvent(event_id=5)
    command.continue_as_new_workflow_execution.SetInParent()
    recorded = event.workflow_execution_continued_as_new_event_attributes
    recorded.workflow_type.name, recorded.task_queue.name = "nom.case", "nom"
    recorded.workflow_task_timeout.CopyFrom(seconds(10))
    recorded.memo.fields["note"].CopyFrom(ONE)
    recorded.search_attributes.indexed_fields["nomStage"].CopyFrom(ONE)
    return command, event


def test_continuing_with_nothing_given_takes_along_what_the_run_began_with() -> None:
    assert list(standing.continued_gaps(a_course(), *continued())) == []


def test_continuing_takes_along_the_attributes_as_they_were_last_set() -> None:
    course = a_course()
    course.upserted({"nomStage": TWO, "nomBreached": ONE})
    course.upserted({"nomBreached": Payload(metadata={"encoding": b"binary/null"})})
    gaps = list(standing.continued_gaps(course, *continued()))
    assert [(gap.field, gap.recorded, gap.emitted) for gap in gaps] == [("search attribute.nomStage", "1", "2")]


TAKEN_ALONG: Changes = (
    (lambda given: given.backoff_start_interval.CopyFrom(seconds(3)), "backoff_start_interval"),
    (lambda given: setattr(given, "initial_versioning_behavior", 1), "initial_versioning_behavior"),
    (lambda given: given.headers["who"].CopyFrom(ONE), "header.who"),
    (lambda given: setattr(given, "workflow_type", "nom.triage"), "type"),
)


@pytest.mark.parametrize(("change", "field"), TAKEN_ALONG)
def test_what_no_specimen_takes_along_is_compared(change: Callable[[Any], object], field: str) -> None:
    command, event = continued()
    change(command.continue_as_new_workflow_execution)
    assert [gap.field for gap in standing.continued_gaps(a_course(), command, event)] == [field]


def test_details_of_a_cancelled_workflow_are_compared() -> None:
    command, event = WorkflowCommand(), HistoryEvent(event_id=5)
    command.cancel_workflow_execution.details.payloads.append(ONE)
    event.workflow_execution_canceled_event_attributes.details.payloads.append(TWO)
    assert [gap.field for gap in standing.cancelled_gaps(a_course(), command, event)] == ["details"]


def test_headers_of_activities_and_signals_are_compared() -> None:
    command, event = an_activity({"start_to_close": 5}, {"start_to_close": 5})
    event.activity_task_scheduled_event_attributes.header.fields["who"].CopyFrom(ONE)
    assert [gap.field for gap in scheduling.activity_gaps(a_course(), command, event)] == ["header.who"]
    command, event = WorkflowCommand(), HistoryEvent(event_id=5)
    command.signal_external_workflow_execution.headers["who"].CopyFrom(ONE)
    event.signal_external_workflow_execution_initiated_event_attributes.header.fields["who"].CopyFrom(TWO)
    assert [gap.field for gap in reaching.signal_gaps(a_course(), command, event)] == ["header.who"]


ASKED = "Cancel requested by workflow with run id 1"


@pytest.mark.parametrize(
    ("given", "reason", "same"),
    [
        ("enough", f"{ASKED} with reason: enough", True),
        ("enough", "enough", True),
        ("", ASKED, True),
        ("", f"{ASKED} with reason: ", True),
        ("", "", True),
        ("another", f"{ASKED} with reason: enough", False),
        ("", f"{ASKED} with reason: enough", False),
        ("", "enough", False),
        ("enough", f"{ASKED} with reason: more than enough", False),
    ],
)
def test_the_core_writes_who_asks_before_the_reason_of_a_cancellation(given: str, reason: str, same: bool) -> None:
    command, event = WorkflowCommand(), HistoryEvent(event_id=5)
    command.request_cancel_external_workflow_execution.reason = given
    event.request_cancel_external_workflow_execution_initiated_event_attributes.reason = reason
    assert [gap.field for gap in reaching.cancel_gaps(a_course(), command, event)] == ([] if same else ["reason"])


def test_on_whose_behalf_a_command_was_given_is_compared_where_it_was_recorded() -> None:
    command, event = WorkflowCommand(), HistoryEvent(event_id=5)
    command.event_group_markers.add().inbound_update.inbound_update_id = "one"
    assert list(scheduling.group_gaps(command, event)) == []
    event.event_group_markers.add().inbound_update.inbound_update_id = "two"
    assert [gap.field for gap in scheduling.group_gaps(command, event)] == ["on behalf of"]


def test_commands_that_undo_each_other_are_never_heard_of() -> None:
    timer, cancel, end, late = (WorkflowCommand() for _ in range(4))
    timer.start_timer.seq = cancel.cancel_timer.seq = 1
    end.complete_workflow_execution.SetInParent()
    late.start_timer.seq = 2
    acts = emission_of([timer, cancel, end, late], a_course()).acts
    assert [one.act for one in acts] == [Act.COMPLETED]


def test_a_cancellation_that_is_abandoned_or_comes_twice_leaves_nothing() -> None:
    course = a_course()
    commands = [WorkflowCommand() for _ in range(2)]
    for seq, command in enumerate(commands, start=1):
        command.schedule_activity.seq = seq
    commands[0].schedule_activity.cancellation_type = ActivityCancellationType.ABANDON
    emission_of(commands, course)
    cancels = [WorkflowCommand() for _ in range(3)]
    for seq, command in zip((1, 2, 2), cancels, strict=True):
        command.request_cancel_activity.seq = seq
    acts = emission_of(cancels, course).acts
    assert [one.command.request_cancel_activity.seq for one in acts] == [2]


def a_local_activity(event: HistoryEvent, data: bytes) -> None:
    marker = event.marker_recorded_event_attributes
    marker.marker_name = "core_local_activity"
    marker.details["data"].payloads.add().data = data


def test_an_unknown_marker_is_something_that_the_code_does_not_give() -> None:
    events = a_history(*A_TASK, "marker_recorded")
    events[4].marker_recorded_event_attributes.marker_name = "another"
    comparison = Comparison(expectation_of(events), "gmp")
    comparison.task(3, [], whole=True)
    (found,) = comparison.result(replayed=True).differences
    assert (found.sort, found.event, found.act) == ("not_emitted", 5, "marker of another kind")


@pytest.mark.parametrize("data", [b'{"seq":1}', b"none"])
def test_a_second_marker_of_one_local_activity_is_one_too_many(data: bytes) -> None:
    events = a_history(*A_TASK, "marker_recorded", "marker_recorded")
    for event in events[4:]:
        a_local_activity(event, data)
    comparison = Comparison(expectation_of(events), "gmp")
    comparison.task(3, [], whole=True)
    (found,) = comparison.result(replayed=True).differences
    assert (found.sort, found.event, found.act) == ("not_emitted", 6, "marker of another kind")


def test_a_slot_that_was_never_visited_is_said() -> None:
    events = a_history(*A_TASK, "timer_started")
    (found,) = Comparison(expectation_of(events), "gmp").result(replayed=True).differences
    assert (found.sort, found.event) == ("not_reached", 5)
    assert "the replay never came so far" in found.in_words()


def test_what_was_missing_where_a_replay_seemed_to_break_off_is_said_if_it_did_not() -> None:
    comparison = Comparison(expectation_of(a_history(*A_TASK, "timer_started")), "gmp")
    comparison.task(3, [], whole=False)
    assert comparison.result(replayed=False).differences == ()
    (found,) = comparison.result(replayed=True).differences
    assert (found.sort, found.event) == ("not_emitted", 5)


def test_a_command_s_event_before_any_completed_task_is_torn() -> None:
    with pytest.raises(Torn, match="event 3 stands before any completed workflow task"):
        expectation_of(a_history("workflow_task_scheduled", "timer_started"))


def test_a_command_s_event_that_came_of_another_task_is_torn() -> None:
    events = a_history(*A_TASK, "timer_started", *A_TASK, "marker_recorded")
    for attributes in (
        events[4].timer_started_event_attributes,
        events[8].marker_recorded_event_attributes,
    ):
        before, attributes.workflow_task_completed_event_id = attributes.workflow_task_completed_event_id, 3
        with pytest.raises(Torn, match="stands behind another workflow task than the one that it came of"):
            expectation_of(events)
        attributes.workflow_task_completed_event_id = before
    assert expectation_of(events).last_task == 7


def test_the_namespace_of_a_child_that_is_cancelled_is_compared() -> None:
    command, event = WorkflowCommand(), HistoryEvent(event_id=5)
    command.cancel_child_workflow_execution.child_workflow_seq = 1
    recorded = event.request_cancel_external_workflow_execution_initiated_event_attributes
    recorded.namespace, recorded.child_workflow_only = "gmp", True
    assert list(reaching.cancel_gaps(a_course(), command, event)) == []
    recorded.namespace = "wyp"
    assert [gap.field for gap in reaching.cancel_gaps(a_course(), command, event)] == ["namespace"]


def test_an_event_of_another_kind_than_it_says_is_torn() -> None:
    events = a_history(*A_TASK)
    for kind in (EventType.EVENT_TYPE_TIMER_FIRED, EventType.EVENT_TYPE_UNSPECIFIED, 4711):
        events[1].event_type = kind  # type: ignore[assignment]  # as a forger may write it
        with pytest.raises(Torn, match="event 2 is not of the kind that it says"):
            expectation_of(events)


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        ((*A_TASK[:2], "timer_fired", A_TASK[2]), "event 4 stands where workflow task 3 should end"),
        ((*A_TASK[:2], A_TASK[1]), "event 4 stands where workflow task 3 should end"),
        ((A_TASK[0], A_TASK[2]), "event 3 ends a workflow task that did not begin before it"),
        ((*A_TASK, A_TASK[2]), "event 5 ends a workflow task that did not begin before it"),
    ],
)
def test_a_workflow_task_that_does_not_end_as_the_engine_ends_it_is_torn(kinds: tuple[str, ...], says: str) -> None:
    """The SDK's replayer would wait, or end its process."""
    with pytest.raises(Torn, match=says):
        expectation_of(a_history(*kinds))


def test_a_task_completed_for_another_start_is_torn() -> None:
    events = a_history(*A_TASK, *A_TASK)
    events[6].workflow_task_completed_event_attributes.started_event_id = 3
    with pytest.raises(Torn, match="event 7 stands where workflow task 6 should end"):
        expectation_of(events)


@pytest.mark.parametrize("field", ["workflow_type", "task_queue"])
def test_a_start_of_nothing_is_torn(field: str) -> None:
    events = a_history(*A_TASK)
    events[0].workflow_execution_started_event_attributes.ClearField(field)  # type: ignore[arg-type]  # any field
    with pytest.raises(Torn, match="event 1 is not the start"):
        expectation_of(events)


def test_the_answer_to_an_update_is_to_the_one_that_was_accepted() -> None:
    course, command = a_course(), WorkflowCommand()
    command.update_response.protocol_instance_id = "one"
    accepted, answered = HistoryEvent(event_id=5), HistoryEvent(event_id=6)
    acceptance = accepted.workflow_execution_update_accepted_event_attributes
    acceptance.protocol_instance_id = acceptance.accepted_request.meta.update_id = "one"
    assert list(standing.accepted_gaps(course, command, accepted)) == []
    answer = answered.workflow_execution_update_completed_event_attributes
    answer.accepted_event_id, answer.meta.update_id = 5, "one"
    answer.outcome.success.payloads.append(ONE)
    command.update_response.completed.CopyFrom(ONE)
    assert list(standing.answered_gaps(course, command, answered)) == []
    answer.meta.update_id = "two"
    assert [gap.field for gap in standing.answered_gaps(course, command, answered)] == ["update id"]
