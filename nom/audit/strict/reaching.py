"""Compares commands that reach other workflows: children, signals, cancellations."""

import re
from collections.abc import Iterator
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import StartChildWorkflowExecution, WorkflowCommand

from nom.audit.strict.course import NANOSECONDS, Course, kept, nanoseconds
from nom.audit.strict.scheduling import retry_gaps, summary_gaps
from nom.audit.strict.values import Gap, message_gaps, payload_map_gaps, payloads_gaps, plain_gaps

_ASKED: Final = re.compile(r"Cancel requested by workflow with run id \S*(?: with reason: (?P<reason>.*))?", re.DOTALL)
_TASK_TIMEOUT: Final = 10 * NANOSECONDS
_TASK_TIMEOUT_AT_MOST: Final = 120 * NANOSECONDS


def child_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """A child workflow: who and where it is, what it is given, how long it may take, what becomes of it."""
    given, recorded = (
        command.start_child_workflow_execution,
        event.start_child_workflow_execution_initiated_event_attributes,
    )
    yield from plain_gaps("namespace", recorded.namespace, given.namespace or course.namespace)
    yield from plain_gaps("id", recorded.workflow_id, given.workflow_id)
    yield from plain_gaps("type", recorded.workflow_type.name, given.workflow_type)
    yield from plain_gaps("task queue", recorded.task_queue.name, given.task_queue)
    yield from payloads_gaps("input", recorded.input.payloads, given.input)
    yield from payload_map_gaps("header", recorded.header.fields, given.headers)
    yield from payload_map_gaps("memo", recorded.memo.fields, given.memo)
    for name in ("cron_schedule", "parent_close_policy", "workflow_id_reuse_policy"):
        yield from plain_gaps(name, getattr(recorded, name), getattr(given, name))
    yield from message_gaps("priority", recorded.priority, given.priority, frozenset())
    override = (recorded.versioning_override, given.versioning_override)
    yield from message_gaps("versioning_override", *override, frozenset())
    for name, nanos in _child_timeouts(given).items():
        yield from plain_gaps(name, nanoseconds(getattr(recorded, name)), nanos)
    yield from plain_gaps("retry_policy", recorded.HasField("retry_policy"), given.HasField("retry_policy"))
    if recorded.HasField("retry_policy") and given.HasField("retry_policy"):
        yield from retry_gaps(recorded.retry_policy, given.retry_policy)
    before, after = (kept(dict(each.search_attributes.indexed_fields.items())) for each in (recorded, given))
    yield from payload_map_gaps("search attribute", before, after, loose_type=True)
    yield from summary_gaps(command, event)


def cancel_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """The cancellation of a child or of a workflow elsewhere."""
    recorded = event.request_cancel_external_workflow_execution_initiated_event_attributes
    if command.HasField("cancel_child_workflow_execution"):
        child = command.cancel_child_workflow_execution
        name = course.names.get(("child", child.child_workflow_seq), "")
        yield from plain_gaps("namespace", recorded.namespace or course.namespace, course.namespace)
        yield from _target_gaps(recorded.workflow_execution, name, recorded.workflow_execution.run_id)
        yield from plain_gaps("child_workflow_only", recorded.child_workflow_only, True)  # noqa: FBT003 - what is expected
        yield from _reason_gaps(recorded.reason, child.reason)
        return
    given = command.request_cancel_external_workflow_execution
    target = given.workflow_execution
    yield from plain_gaps("namespace", recorded.namespace, target.namespace)
    yield from _target_gaps(recorded.workflow_execution, target.workflow_id, target.run_id)
    yield from plain_gaps("child_workflow_only", recorded.child_workflow_only, False)  # noqa: FBT003 - as above
    yield from _reason_gaps(recorded.reason, given.reason)


def signal_gaps(course: Course, command: WorkflowCommand, event: HistoryEvent) -> Iterator[Gap]:
    """A signal to a child or to a workflow elsewhere: its name, arguments, headers, receiver."""
    given = command.signal_external_workflow_execution
    recorded = event.signal_external_workflow_execution_initiated_event_attributes
    to_child = given.WhichOneof("target") == "child_workflow_id"
    yield from plain_gaps("signal", recorded.signal_name, given.signal_name)
    yield from payloads_gaps("argument", recorded.input.payloads, given.args)
    yield from payload_map_gaps("header", recorded.header.fields, given.headers)
    yield from plain_gaps("child_workflow_only", recorded.child_workflow_only, to_child)
    if to_child:
        yield from _target_gaps(recorded.workflow_execution, given.child_workflow_id, "")
        yield from plain_gaps("namespace", recorded.namespace, course.namespace)
    else:
        target = given.workflow_execution
        yield from _target_gaps(recorded.workflow_execution, target.workflow_id, target.run_id)
        yield from plain_gaps("namespace", recorded.namespace, target.namespace)


def _target_gaps(recorded: WorkflowExecution, workflow: str, run: str) -> Iterator[Gap]:
    yield from plain_gaps("workflow", recorded.workflow_id, workflow)
    yield from plain_gaps("run", recorded.run_id, run)


def _reason_gaps(recorded: str, given: str) -> Iterator[Gap]:
    """The SDK's core writes who asks in front of a reason."""
    asked = _ASKED.fullmatch(recorded)
    yield from plain_gaps("reason", recorded if asked is None else asked["reason"] or "", given)


def _child_timeouts(given: StartChildWorkflowExecution) -> dict[str, int]:
    whole, run = nanoseconds(given.workflow_execution_timeout), nanoseconds(given.workflow_run_timeout)
    run = min(run, whole) if run and whole else run or whole
    task = min(nanoseconds(given.workflow_task_timeout) or _TASK_TIMEOUT, _TASK_TIMEOUT_AT_MOST)
    return {
        "workflow_execution_timeout": whole,
        "workflow_run_timeout": run,
        "workflow_task_timeout": min(task, run) if run else task,
    }
