"""Refusals that left no event: when they are asked for again, and when they are still the same."""

import base64

import pytest
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.bridge.proto.workflow_activation import DoUpdate, WorkflowActivation
from temporalio.bridge.proto.workflow_commands import UpdateResponse, WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from nom.audit.replaying import same_refusal
from nom.audit.strict.expectation import expectation_of
from nom.audit.strict.refusals import Probes, same_code
from nom.contracts.errors import Unmet, refuse, unmet
from nom.contracts.refusals import NotedRefusal
from tests.audit.trying import A_TASK, a_history


def a_failure(code: str, message: str = "no", *conditions: Unmet) -> Failure:
    details = Payload(metadata={"encoding": b"json/plain"}, data=refuse(code, message, *conditions).canonical())
    info = ApplicationFailureInfo(type=code, details=Payloads(payloads=[details]))
    return Failure(message=message, application_failure_info=info)


def noted(length: int, at: int = 1, place: int = 0) -> NotedRefusal:
    return NotedRefusal(
        history_length=length, place=place, at=str(at), update="command", code="role",
        request=base64.b64encode(DoUpdate(id=f"{length}-{at}", name="command").SerializeToString()).decode(),
        failure=base64.b64encode(a_failure("role").SerializeToString()).decode(),
    )  # fmt: skip


def answered(*failures: Failure | None) -> WorkflowActivationCompletion:
    """A command of the workflow's own between the answers; None is an acceptance."""
    completion = WorkflowActivationCompletion()
    for number, failure in enumerate(failures, start=1):
        command = completion.successful.commands.add()
        command.update_response.protocol_instance_id = f"nom-probe-{number}"
        if failure is None:
            command.update_response.accepted.SetInParent()
        else:
            command.update_response.rejected.CopyFrom(failure)
        completion.successful.commands.add().start_timer.seq = number
    return completion


@pytest.mark.parametrize(
    ("given", "same"),
    [
        (a_failure("quorum", "no", unmet("agency_missing", "health is missing", "health")), True),
        (a_failure("quorum", "in better words", unmet("agency_missing", "nobody of health", "health")), True),
        (a_failure("quorum", "no", unmet("agency_missing", "health is missing", "education")), False),
        (a_failure("quorum"), False),
        (a_failure("rank", "no", unmet("agency_missing", "health is missing", "health")), False),
    ],
)
def test_a_refusal_is_the_same_by_its_code_and_by_what_is_missing(given: Failure, same: bool) -> None:
    assert (
        same_refusal(a_failure("quorum", "no", unmet("agency_missing", "health is missing", "health")), given) is same
    )


def test_answers_are_taken_out_and_the_workflow_s_own_commands_stay_in_order() -> None:
    probes = Probes([noted(9, at=2), noted(9, at=1)], same_code)
    activation = WorkflowActivation()
    probes.put_into(activation, probes.at(9))
    assert [job.do_update.id for job in activation.jobs] == ["9-2", "9-1"]
    assert all(job.do_update.run_validator for job in activation.jobs)
    completion = answered(a_failure("role"), None)
    asked, different = probes.take_answers(completion)
    assert (asked, [said for _, said in different]) == (2, ["accepted"])
    assert [command.start_timer.seq for command in completion.successful.commands] == [1, 2]


def test_an_answer_that_never_comes_is_no_refusal() -> None:
    probes = Probes([noted(9)], same_code)
    probes.put_into(WorkflowActivation(), probes.at(9))
    asked, different = probes.take_answers(WorkflowActivationCompletion())
    assert (asked, [said for _, said in different]) == (1, ["no answer"])


def test_a_command_that_answers_an_update_of_the_history_is_left_alone() -> None:
    own = WorkflowCommand(update_response=UpdateResponse(protocol_instance_id="own"))
    completion = WorkflowActivationCompletion()
    completion.successful.commands.append(own)
    assert Probes([], same_code).take_answers(completion) == (0, [])
    assert list(completion.successful.commands) == [own]


def test_what_is_overdue_comes_in_order_and_once() -> None:
    probes = Probes([noted(20), noted(9), noted(15)], same_code)
    assert [one.history_length for one in probes.overdue(20)] == [9, 15]
    assert [one.history_length for one in probes.at(20)] == [20]
    assert probes.overdue(None) == []


def test_a_task_that_timed_out_before_its_start_was_written_is_known_by_that_event() -> None:
    events = a_history("workflow_task_scheduled", "workflow_task_timed_out", *A_TASK, "timer_started")
    events[2].workflow_task_timed_out_event_attributes.scheduled_event_id = 2
    laid = expectation_of(events)
    assert (laid.lost_tasks, list(laid.slots)) == ({3}, [5])
