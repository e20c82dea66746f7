"""What the code gave for one workflow task, as the engine would have kept it: commands that undo each other are gone.

Keeps the order in which the commands were given.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from nom.audit.strict.course import Course, Sort
from nom.audit.strict.expectation import TERMINAL, Act

_ACTS: Final = {
    "schedule_activity": Act.ACTIVITY,
    "schedule_local_activity": Act.LOCAL_ACTIVITY,
    "request_cancel_activity": Act.ACTIVITY_CANCEL,
    "start_timer": Act.TIMER,
    "cancel_timer": Act.TIMER_CANCEL,
    "start_child_workflow_execution": Act.CHILD,
    "cancel_child_workflow_execution": Act.CANCEL_OTHER,
    "request_cancel_external_workflow_execution": Act.CANCEL_OTHER,
    "signal_external_workflow_execution": Act.SIGNAL_OTHER,
    "upsert_workflow_search_attributes": Act.ATTRIBUTES,
    "modify_workflow_properties": Act.MEMO,
    "schedule_nexus_operation": Act.NEXUS,
    "request_cancel_nexus_operation": Act.NEXUS_CANCEL,
    "set_patch_marker": Act.PATCH,
    "complete_workflow_execution": Act.COMPLETED,
    "fail_workflow_execution": Act.FAILED,
    "cancel_workflow_execution": Act.CANCELLED,
    "continue_as_new_workflow_execution": Act.CONTINUED,
}
_LEAVES_NOTHING: Final = frozenset({"respond_to_query", "request_cancel_local_activity", "cancel_signal_workflow"})
_STARTS: Final = {
    "start_timer": "timer",
    "schedule_activity": "activity",
    "start_child_workflow_execution": "child",
    "schedule_nexus_operation": "nexus",
    "signal_external_workflow_execution": "signal",
}
_UNDOES: Final = {
    "cancel_timer": "timer",
    "request_cancel_activity": "activity",
    "cancel_child_workflow_execution": "child",
    "request_cancel_nexus_operation": "nexus",
    "cancel_signal_workflow": "signal",
}
_ONCE: Final[dict[str, Sort]] = {
    "request_cancel_activity": "activity",
    "cancel_child_workflow_execution": "child",
    "request_cancel_nexus_operation": "nexus",
}


@dataclass(slots=True)
class Emitted:
    """One command of the code, and what it amounts to."""

    act: Act
    command: WorkflowCommand
    variant: str


@dataclass(slots=True)
class Emission:
    """What one task's activations gave: `acts` in order, local activities by themselves (they match by number)."""

    acts: list[Emitted] = field(default_factory=list[Emitted])
    local_activities: list[WorkflowCommand] = field(default_factory=list[WorkflowCommand])


def emission_of(commands: Iterable[WorkflowCommand], course: Course) -> Emission:
    """What the engine would have kept of a task's commands."""
    given: list[tuple[str, WorkflowCommand]] = []
    for command in commands:
        course.note(command)
        given.append((command.WhichOneof("variant") or "", command))
    undone = _undone(given)
    emission = Emission()
    for place, (variant, command) in enumerate(given):
        if place in undone or variant in _LEAVES_NOTHING or not _reaches_the_engine(variant, command, course):
            continue
        if variant == "schedule_local_activity":
            emission.local_activities.append(command)
            continue
        emission.acts.append(Emitted(_act(variant, command, course), command, variant))
        if emission.acts[-1].act in TERMINAL:
            break
    return emission


def seq_of(variant: str, command: WorkflowCommand) -> int:
    """The number that the SDK gave to what the command is about."""
    body = getattr(command, variant)
    return int(body.child_workflow_seq if variant == "cancel_child_workflow_execution" else body.seq)


def _undone(given: list[tuple[str, WorkflowCommand]]) -> set[int]:
    """The places of starts and of their cancellations within the same task: the engine never hears of either."""
    if not any(variant in _UNDOES for variant, _ in given):
        return set()
    begun: dict[tuple[str, int], int] = {}
    gone: set[int] = set()
    for place, (variant, command) in enumerate(given):
        if variant in _STARTS:
            begun[_STARTS[variant], seq_of(variant, command)] = place
        elif variant in _UNDOES:
            start = begun.pop((_UNDOES[variant], seq_of(variant, command)), None)
            if start is not None:
                gone |= {start, place}
    return gone


def _reaches_the_engine(variant: str, command: WorkflowCommand, course: Course) -> bool:
    if variant in _ONCE:
        return course.cancels_anew(_ONCE[variant], seq_of(variant, command))
    if variant == "set_patch_marker":
        known = command.set_patch_marker.patch_id in course.patches
        course.patches.add(command.set_patch_marker.patch_id)
        return not known
    return True


def _act(variant: str, command: WorkflowCommand, course: Course) -> Act:
    if variant != "update_response":
        return _ACTS[variant]
    response = command.update_response
    kind = response.WhichOneof("response")
    if kind == "accepted":
        course.admitted.add(response.protocol_instance_id)
        return Act.UPDATE_ACCEPTED
    if kind == "rejected" and response.protocol_instance_id not in course.admitted:
        return Act.UPDATE_REFUSED
    return Act.UPDATE_ANSWERED
