"""Compares what a workflow says of itself: attributes, memo, patches, answers to updates, and how it ends."""

import json
from collections.abc import Iterator
from typing import Final, cast

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import ContinueAsNewWorkflowExecution, WorkflowCommand

from nom.audit.strict.course import Course, is_empty, kept, nanoseconds
from nom.audit.strict.expectation import CHANGE_VERSION, marker_data
from nom.audit.strict.values import Gap, message_gaps, payload_map_gaps, payloads_gaps, plain_gaps

_NOT_IN_HISTORY: Final = frozenset({"stack_trace", "source"})


def attribute_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """Search attributes that are set or unset: every key and value. Unset is null on both sides, however written."""
    given = dict(command.upsert_workflow_search_attributes.search_attributes.indexed_fields.items())
    fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    recorded = {key: value for key, value in fields.items() if key != CHANGE_VERSION or key in given}
    course.upserted(given)
    unset = {key for key in recorded if key in given and is_empty(recorded[key]) and is_empty(given[key])}
    before, after = ({key: each[key] for key in each if key not in unset} for each in (recorded, given))
    yield from payload_map_gaps("search attribute", before, after, loose_type=True)


def memo_gaps(_course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """Memo entries that are set or unset: every key and value."""
    recorded = event.workflow_properties_modified_event_attributes.upserted_memo.fields
    yield from payload_map_gaps("memo", recorded, command.modify_workflow_properties.upserted_memo.fields)


def patch_gaps(_course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """A patch: its id, and whether it is deprecated."""
    data, given = marker_data(event), command.set_patch_marker
    yield from plain_gaps("id", data.get("id"), given.patch_id)
    yield from plain_gaps("deprecated", data.get("deprecated"), given.deprecated)


def accepted_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """The acceptance of an update, by the instance that the SDK gave it."""
    recorded = event.workflow_execution_update_accepted_event_attributes
    course.accepted[event.event_id] = (recorded.protocol_instance_id, recorded.accepted_request.meta.update_id)
    yield from plain_gaps("update", recorded.protocol_instance_id, command.update_response.protocol_instance_id)


def answered_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """The answer to an update that was accepted: its result, or how it failed."""
    given, recorded = command.update_response, event.workflow_execution_update_completed_event_attributes
    instance, update = course.accepted.get(recorded.accepted_event_id, ("", ""))
    yield from plain_gaps("update", instance, given.protocol_instance_id)
    yield from plain_gaps("update id", recorded.meta.update_id, update or recorded.meta.update_id)
    outcome = recorded.outcome
    answered = given.WhichOneof("response") == "completed"
    if outcome.HasField("success") != answered:
        yield Gap("answer", *("success" if each else "failure" for each in (outcome.HasField("success"), answered)))
    elif answered:
        yield from payloads_gaps("result", outcome.success.payloads, [given.completed])
    else:
        yield from failure_gaps("failure", outcome.failure, given.rejected)


def completed_gaps(_course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """The result of a workflow."""
    given = command.complete_workflow_execution
    result = [given.result] if given.HasField("result") else []
    yield from payloads_gaps("result", event.workflow_execution_completed_event_attributes.result.payloads, result)


def failed_gaps(_course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """How a workflow failed: message, type, details, whether it may be retried, and every cause."""
    recorded = event.workflow_execution_failed_event_attributes.failure
    yield from failure_gaps("failure", recorded, command.fail_workflow_execution.failure)


def cancelled_gaps(_course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """The details of a workflow that ends because it was cancelled."""
    recorded = event.workflow_execution_canceled_event_attributes.details.payloads
    yield from payloads_gaps("details", recorded, command.cancel_workflow_execution.details.payloads)


def continued_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """What a workflow takes along into its next run. What is not given is the run's own; see `_given_or_own`."""
    given, recorded = (
        command.continue_as_new_workflow_execution,
        event.workflow_execution_continued_as_new_event_attributes,
    )
    started = course.started
    yield from plain_gaps("type", recorded.workflow_type.name, given.workflow_type or started.workflow_type.name)
    yield from plain_gaps("task queue", recorded.task_queue.name, given.task_queue or started.task_queue.name)
    yield from payloads_gaps("input", recorded.input.payloads, given.arguments)
    yield from payload_map_gaps("header", recorded.header.fields, given.headers)
    for name in ("workflow_run_timeout", "workflow_task_timeout"):
        nanos = nanoseconds(getattr(given, name)) or nanoseconds(getattr(started, name))
        yield from plain_gaps(name, nanoseconds(getattr(recorded, name)), nanos)
    backoff = nanoseconds(given.backoff_start_interval)
    yield from plain_gaps("backoff_start_interval", nanoseconds(recorded.backoff_start_interval), backoff)
    behaviour = "initial_versioning_behavior"
    yield from plain_gaps(behaviour, recorded.initial_versioning_behavior, given.initial_versioning_behavior)
    memo = dict((given.memo or started.memo.fields).items())
    yield from payload_map_gaps("memo", recorded.memo.fields, memo)
    before = kept(dict(recorded.search_attributes.indexed_fields.items()))
    yield from payload_map_gaps("search attribute", before, _attributes(course, given), loose_type=True)


def failure_gaps(field: str, recorded: Failure, given: Failure) -> Iterator[Gap]:
    """Where two failures differ. Stack traces and the name of the SDK are nobody's decision."""
    yield from message_gaps(field, _bare(recorded), _bare(given), _NOT_IN_HISTORY)


def _attributes(course: Course, given: ContinueAsNewWorkflowExecution) -> dict[str, Payload]:
    """The attributes that were given; without any, those of the start with everything that was set since."""
    fields = dict(given.search_attributes.indexed_fields.items())
    return kept(fields or course.attributes)


def _bare(failure: Failure) -> Failure:
    """A failure whose encoded attributes say nothing of stack traces either."""
    bare = Failure()
    bare.CopyFrom(failure)
    link = bare
    while True:
        if link.HasField("encoded_attributes"):
            try:
                value = json.loads(link.encoded_attributes.data)
            except ValueError:
                value = None
            if isinstance(value, dict):
                said = {k: v for k, v in cast("dict[str, object]", value).items() if k not in _NOT_IN_HISTORY}
                link.encoded_attributes.data = json.dumps(said, sort_keys=True).encode()
        if not link.HasField("cause"):
            return bare
        link = link.cause
