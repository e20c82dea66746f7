"""What the listener tells of a workflow's completions, on completions made by hand: no engine."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from nom.audit.strict.refusals import asked, said
from nom.contracts.refusals import NotedRefusal
from nom.workers.noting import NotingRunner

ACCEPTED = "accepted"
COMPLETED = "completed"
Answers = Sequence[tuple[str, str]]
"""The engine's name for an update, and what became of it: accepted, completed, or the code of a refusal."""


class Scripted(WorkflowRunner):
    """Runs a workflow that answers as it was told to."""

    def __init__(self) -> None:
        self.answers: Answers = ()

    def prepare_workflow(self, defn: object) -> None:
        pass

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:  # noqa: ARG002 - the interface's
        return cast("WorkflowInstance", ScriptedInstance(self))

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        pass


class ScriptedInstance:
    def __init__(self, script: Scripted) -> None:
        self._script = script

    def get_serialization_context(self, command_info: object) -> None:
        pass

    def get_external_store_context(self, command_info: object) -> None:
        pass

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:  # noqa: ARG002 - as above
        completion = WorkflowActivationCompletion()
        completion.successful.SetInParent()
        for instance, became in self._script.answers:
            answer = completion.successful.commands.add().update_response
            answer.protocol_instance_id = instance
            if became == ACCEPTED:
                answer.accepted.SetInParent()
            elif became == COMPLETED:
                answer.completed.SetInParent()
            else:
                answer.rejected.CopyFrom(Failure(application_failure_info=ApplicationFailureInfo(type=became)))
        return completion


class Info(NamedTuple):
    """What the listener looks at of a workflow."""

    workflow_id: str = "gmp/26-1/case"
    run_id: str = "run-1"


class Details(NamedTuple):
    """What the listener looks at of an instance's details."""

    info: Info = Info()


class Listened:
    """One workflow, listened to."""

    def __init__(self) -> None:
        self.told: list[NotedRefusal] = []
        self._script = Scripted()
        runner = NotingRunner(self._script, self._note)
        self._instance = runner.create_instance(cast("Any", Details()))

    def _note(self, workflow: str, run: str, noted: NotedRefusal) -> None:
        assert (workflow, run) == ("gmp/26-1/case", "run-1")
        self.told.append(noted)

    def activate(self, updates: Sequence[str], answers: Answers, *, length: int = 9, replaying: bool = False) -> None:
        """One activation that asks for updates, and the workflow's answers in it."""
        self._script.answers = answers
        act = WorkflowActivation(history_length=length, is_replaying=replaying)
        act.timestamp.FromNanoseconds(1_700_000_000_123_456_789 + length)
        for name in updates:
            job = act.jobs.add()
            job.do_update.protocol_instance_id = name
            job.do_update.id = name
            job.do_update.name = "command"
        self._instance.activate(act)


def test_a_refusal_by_the_validator_is_told_with_its_place_its_moment_and_both_messages() -> None:
    one = Listened()
    one.activate(["a", "b"], [("a", ACCEPTED), ("b", "role")])
    (noted,) = one.told
    assert (noted.history_length, noted.place, noted.at) == (9, 1, "1700000000123456798")
    assert (noted.update, noted.code, noted.accepted) == ("command", "role", False)
    assert (asked(noted).id, said(noted).application_failure_info.type) == ("b", "role")


def test_a_refusal_after_acceptance_is_told_as_such_in_the_same_activation_and_in_a_later_one() -> None:
    one = Listened()
    one.activate(["a", "b"], [("a", ACCEPTED), ("b", ACCEPTED), ("b", "not_open")])
    one.activate([], [("a", "not_open")], length=15)
    assert [(asked(noted).id, noted.accepted, noted.history_length) for noted in one.told] == [
        ("b", True, 9),
        ("a", True, 15),
    ]


def test_refusals_of_one_moment_have_places_of_their_own() -> None:
    """The ledger knows a note by its process, moment and place."""
    one = Listened()
    one.activate(["a", "b"], [("a", ACCEPTED), ("b", ACCEPTED)])
    one.activate(["c"], [("c", "role"), ("a", "not_open"), ("b", "not_open")], length=15)
    assert len({(noted.history_length, noted.at, noted.place) for noted in one.told}) == len(one.told) == 3


def test_what_is_only_repeated_while_a_workflow_is_rebuilt_is_not_told() -> None:
    one = Listened()
    one.activate(["a", "b"], [("a", ACCEPTED), ("b", ACCEPTED)], replaying=True)
    one.activate([], [("a", "not_open")], length=15, replaying=True)
    assert one.told == []
    one.activate([], [("b", "not_open")], length=21)
    assert [(asked(noted).id, noted.accepted) for noted in one.told] == [("b", True)]


def test_a_command_that_was_done_is_forgotten_and_one_of_the_same_name_later_is_new() -> None:
    one = Listened()
    one.activate(["a"], [("a", ACCEPTED), ("a", COMPLETED)])
    one.activate(["a"], [("a", "role")], length=15)
    assert [noted.accepted for noted in one.told] == [False]


def test_answers_to_nobody_and_acceptances_alone_tell_nothing() -> None:
    one = Listened()
    one.activate(["a"], [("a", ACCEPTED), ("somebody-else", "role")])
    one.activate([], [("a", COMPLETED)], length=15)
    assert one.told == []
