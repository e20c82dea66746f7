"""Listens to the workflows of a running worker and tells of every command that they refuse. Changes none of them.

A refusal by an update's validator leaves no event in the engine's history: what is not noted when it is given is lost.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import DoUpdate, WorkflowActivation
from temporalio.bridge.proto.workflow_commands import UpdateResponse
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

from nom.audit.strict.passing import PassingInstance
from nom.contracts.refusals import NotedRefusal

Note = Callable[[str, str, NotedRefusal], None]
"""Told the workflow's id, the run, and the refusal, on whichever thread the workflow runs. It must not block or raise:
the workflow waits for it.
"""


class NotingRunner(WorkflowRunner):
    """Runs workflows as another runner does, and tells of every refusal when it is given: never of one that is only
    repeated while a worker rebuilds a workflow from its history.

    A task whose answer was lost is taken once more, and a refusal in it is told once more, with another `at`.
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


class _Asked(NamedTuple):
    place: int
    request: DoUpdate


class _NotingInstance(PassingInstance):
    def __init__(self, inner: WorkflowInstance, info: Info, note: Note, with_arguments: bool) -> None:
        super().__init__(inner)
        self._with_arguments = with_arguments
        self._info = info
        self._note = note
        self._accepted: dict[str, DoUpdate] = {}
        """What was accepted and not answered yet, by the engine's name for it."""

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        asked = {
            job.do_update.protocol_instance_id: _Asked(place, job.do_update)
            for place, job in enumerate(act.jobs)
            if job.HasField("do_update")
        }
        completion = self.inner.activate(act)
        if self._with_arguments:
            _include_arguments(completion)
        if asked or self._accepted:
            for number, command in enumerate(completion.successful.commands):
                if command.HasField("update_response"):
                    # Its own place, which no job of the activation has: several may be refused at one moment.
                    self._look_at(act, asked, len(act.jobs) + number, command.update_response)
        return completion

    def _look_at(self, act: WorkflowActivation, asked: dict[str, _Asked], behind: int, answer: UpdateResponse) -> None:
        instance = answer.protocol_instance_id
        if answer.HasField("accepted"):
            if instance in asked:
                self._accepted[instance] = asked[instance].request
            return
        earlier = self._accepted.pop(instance, None)
        if act.is_replaying or not answer.HasField("rejected"):
            return
        if earlier is not None:
            self._tell(_noted(act, behind, earlier, answer.rejected, accepted=True))
        elif instance in asked:
            self._tell(_noted(act, *asked[instance], answer.rejected, accepted=False))

    def _tell(self, noted: NotedRefusal) -> None:
        self._note(self._info.workflow_id, self._info.run_id, noted)


def _include_arguments(completion: WorkflowActivationCompletion) -> None:
    for command in completion.successful.commands:
        if command.HasField("schedule_local_activity"):
            command.schedule_local_activity.include_arguments_in_marker = True


def _noted(act: WorkflowActivation, place: int, request: DoUpdate, failure: Failure, *, accepted: bool) -> NotedRefusal:
    return NotedRefusal(
        history_length=act.history_length,
        place=place,
        at=str(act.timestamp.ToNanoseconds()),
        update=request.name,
        code=failure.application_failure_info.type or "none",
        request=base64.b64encode(request.SerializeToString(deterministic=True)).decode("ascii"),
        failure=base64.b64encode(failure.SerializeToString(deterministic=True)).decode("ascii"),
        accepted=accepted,
    )
