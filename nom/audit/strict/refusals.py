"""Refusals, which leave no event: those that were noted while a worker ran are asked for again on replay.

A validator made stricter shows in the history, where it refuses what was accepted. One made looser shows only here.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Final

from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import DoUpdate, WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import UpdateResponse
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from nom.audit.strict.values import in_words
from nom.contracts.refusals import NotedRefusal

PROBE: Final = "nom-probe-"

SameRefusal = Callable[[Failure, Failure], bool]


def asked(noted: NotedRefusal) -> DoUpdate:
    """The update as the code was asked for it."""
    return DoUpdate.FromString(base64.b64decode(noted.request))


def said(noted: NotedRefusal) -> Failure:
    """The refusal as the code gave it."""
    return Failure.FromString(base64.b64decode(noted.failure))


def same_code(recorded: Failure, given: Failure) -> bool:
    """Whether two refusals have the same code."""
    return recorded.application_failure_info.type == given.application_failure_info.type


def refusal_in_words(answer: UpdateResponse | None) -> str:
    """What became of an update that was asked for again."""
    kind = answer.WhichOneof("response") if answer is not None else None
    if answer is None or kind is None:
        return "no answer"
    if kind != "rejected":
        return "accepted"
    return f"refused, {in_words(answer.rejected.application_failure_info.type)}"


class Probes:
    """The refusals of one run that are still to be asked for again, in the order in which they were given. Those that
    were given after the update was accepted are in the history, and compared there.
    """

    def __init__(self, noted: Sequence[NotedRefusal], same: SameRefusal) -> None:
        left_no_event = (one for one in noted if not one.accepted)
        self._waiting = sorted(left_no_event, key=lambda one: (one.history_length, int(one.at), one.place))
        self._same = same
        self._asked: list[tuple[str, NotedRefusal]] = []
        self._number = 0

    def overdue(self, history_length: int | None) -> list[NotedRefusal]:
        """Those that came before an activation of that length; all that are left where there is none."""
        return self._taken(lambda one: history_length is None or one.history_length < history_length)

    def at(self, history_length: int) -> list[NotedRefusal]:
        """Those that came in the task of that length."""
        return self._taken(lambda one: one.history_length == history_length)

    def put_into(self, activation: WorkflowActivation, noted: Sequence[NotedRefusal]) -> None:
        """Ask for them in an activation, at their places among its jobs."""
        for one in noted:
            request = asked(one)
            self._number += 1
            request.protocol_instance_id = f"{PROBE}{self._number}"
            request.run_validator = True
            job = WorkflowActivationJob(do_update=request)
            activation.jobs.insert(min(one.place, len(activation.jobs)), job)
            self._asked.append((request.protocol_instance_id, one))

    def take_answers(self, completion: WorkflowActivationCompletion) -> tuple[int, list[tuple[NotedRefusal, str]]]:
        """Take the answers out of a completion: how many were asked for, and those that are not what was noted."""
        if not self._asked:
            return 0, []
        commands = completion.successful.commands
        answers = {
            command.update_response.protocol_instance_id: command.update_response
            for command in commands
            if command.update_response.protocol_instance_id.startswith(PROBE)
        }
        others = [command for command in commands if not command.update_response.protocol_instance_id.startswith(PROBE)]
        different = [
            (one, refusal_in_words(answers.get(instance)))
            for instance, one in self._asked
            if not self._holds(one, answers.get(instance))
        ]
        if completion.HasField("successful") and len(others) != len(commands):
            kept = [type(command).FromString(command.SerializeToString()) for command in others]
            del completion.successful.commands[:]
            completion.successful.commands.extend(kept)
        count, self._asked = len(self._asked), []
        return count, different

    def _holds(self, noted: NotedRefusal, answer: UpdateResponse | None) -> bool:
        return answer is not None and answer.HasField("rejected") and self._same(said(noted), answer.rejected)

    def _taken(self, belongs: Callable[[NotedRefusal], bool]) -> list[NotedRefusal]:
        taken = [one for one in self._waiting if belongs(one)]
        if taken:
            self._waiting = [one for one in self._waiting if not belongs(one)]
        return taken
