"""Refusals, which leave no event: noted outside the history while a worker runs, and asked for again on replay.

A validator made stricter shows in the history, where it refuses what was accepted. One made looser shows only here.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Any, Final

from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import DoUpdate, WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import UpdateResponse
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

from nom.audit.strict.values import in_words
from nom.contracts.base import Contract

PROBE: Final = "nom-probe-"


class NotedRefusal(Contract):
    """One refusal: when it was given (`history_length`, `place` among the jobs of its activation, and `at`: nanoseconds
    since 1970 in digits, since JSON has no number so large), of which update, and what it said. `request` and `failure`
    are protobuf in base64.
    """

    history_length: int
    place: int
    at: str
    update: str
    code: str
    request: str
    failure: str

    def asked(self) -> DoUpdate:
        """The update as the code was asked for it."""
        return DoUpdate.FromString(base64.b64decode(self.request))

    def said(self) -> Failure:
        """The refusal as the code gave it."""
        return Failure.FromString(base64.b64decode(self.failure))


SameRefusal = Callable[[Failure, Failure], bool]
Note = Callable[[str, str, NotedRefusal], None]
"""Told the workflow's id, the run, and the refusal."""


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
    """The refusals of one run that are still to be asked for again, in the order in which they were given."""

    def __init__(self, noted: Sequence[NotedRefusal], same: SameRefusal) -> None:
        self._waiting = sorted(noted, key=lambda one: (one.history_length, int(one.at), one.place))
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
            request = one.asked()
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
        asked, self._asked = len(self._asked), []
        return asked, different

    def _holds(self, noted: NotedRefusal, answer: UpdateResponse | None) -> bool:
        return answer is not None and answer.HasField("rejected") and self._same(noted.said(), answer.rejected)

    def _taken(self, belongs: Callable[[NotedRefusal], bool]) -> list[NotedRefusal]:
        taken = [one for one in self._waiting if belongs(one)]
        if taken:
            self._waiting = [one for one in self._waiting if not belongs(one)]
        return taken


class NotingRunner(WorkflowRunner):
    """Runs workflows as another runner does, and tells of every refusal. For the worker that serves them.

    `with_arguments`: histories get the arguments of local activities as well, and so grow.
    """

    def __init__(self, inner: WorkflowRunner, note: Note, *, with_arguments: bool = False) -> None:
        self._inner = inner
        self._note = note
        self._with_arguments = with_arguments

    def prepare_workflow(self, defn: Any) -> None:  # noqa: ANN401 - a private type of the SDK
        """Leave it to the other runner."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance of the other runner, listened to."""
        return _NotingInstance(self._inner.create_instance(det), det.info, self._note, self._with_arguments)

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """Leave it to the other runner."""
        self._inner.set_worker_level_failure_exception_types(types)


class PassingInstance(WorkflowInstance):
    """An instance that leaves everything but `activate` to another."""

    def __init__(self, inner: WorkflowInstance) -> None:
        self.inner = inner
        # Asked for with every payload: the detour through the methods below would cost a percent of a replay.
        self.get_serialization_context = inner.get_serialization_context
        self.get_external_store_context = inner.get_external_store_context

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:  # noqa: ANN401 - as above
        """Leave it to the other instance."""
        return self.inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ANN401 - as above
        """Leave it to the other instance."""
        return self.inner.get_external_store_context(command_info)

    def get_info(self) -> Info:
        """Leave it to the other instance."""
        return self.inner.get_info()

    def get_thread_id(self) -> int | None:
        """Leave it to the other instance."""
        return self.inner.get_thread_id()


class _NotingInstance(PassingInstance):
    def __init__(self, inner: WorkflowInstance, info: Info, note: Note, with_arguments: bool) -> None:
        super().__init__(inner)
        self._with_arguments = with_arguments
        self._info = info
        self._note = note
        self._accepted: set[str] = set()

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        asked = {
            job.do_update.protocol_instance_id: (place, job.do_update)
            for place, job in enumerate(act.jobs)
            if job.HasField("do_update")
        }
        completion = self.inner.activate(act)
        for command in completion.successful.commands if self._with_arguments else ():
            if command.HasField("schedule_local_activity"):
                command.schedule_local_activity.include_arguments_in_marker = True
        for command in completion.successful.commands if asked else ():
            answer = command.update_response
            if answer.protocol_instance_id in asked and answer.HasField("accepted"):
                self._accepted.add(answer.protocol_instance_id)
            elif answer.HasField("rejected") and answer.protocol_instance_id in asked.keys() - self._accepted:
                place, request = asked[answer.protocol_instance_id]
                self._note(self._info.workflow_id, self._info.run_id, _noted(act, place, request, answer.rejected))
        return completion


def _noted(act: WorkflowActivation, place: int, request: DoUpdate, failure: Failure) -> NotedRefusal:
    return NotedRefusal(
        history_length=act.history_length,
        place=place,
        at=str(act.timestamp.ToNanoseconds()),
        update=request.name,
        code=failure.application_failure_info.type or "none",
        request=base64.b64encode(request.SerializeToString(deterministic=True)).decode("ascii"),
        failure=base64.b64encode(failure.SerializeToString(deterministic=True)).decode("ascii"),
    )
