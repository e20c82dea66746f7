"""Stands between the SDK's replayer and the workflows: looks at every completion on its way, and changes none of them.

The one exception are refusals that were noted outside the history: they are asked for once more, and the answers are
taken out again before the engine's library sees them.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

from temporalio.bridge.proto.workflow_activation import RemoveFromCache, WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from nom.audit.strict.comparison import Comparison
from nom.audit.strict.passing import PassingInstance
from nom.audit.strict.refusals import Probes

_AT_ITS_END: Final = frozenset(
    {RemoveFromCache.EvictionReason.CACHE_FULL, RemoveFromCache.EvictionReason.LANG_REQUESTED}
)
"""Why a run is let go of at its end; any other reason is a replay that broke off."""


@dataclasses.dataclass(slots=True)
class Observed:
    """The one history that is being replayed: where its comparison goes on, and what is asked for besides.

    `copies`: completions are kept as copies, because a codec encodes them in place afterwards.
    """

    comparison: Comparison
    probes: Probes
    copies: bool = False


class StrictRunner(WorkflowRunner):
    """Runs workflows for a replayer that is given one history after another. Set `observed` before each."""

    def __init__(self) -> None:
        self.observed: Observed | None = None
        self._inner = UnsandboxedWorkflowRunner()

    def prepare_workflow(self, defn: Any) -> None:  # noqa: ANN401 - a private type of the SDK
        """Nothing is prepared: the workflows run as they are."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance that believes to be on the task queue that it was started on, and not on the replayer's."""
        if self.observed is None:
            msg = "a history was given to the replayer that nobody observes"
            raise RuntimeError(msg)
        queue = self.observed.comparison.expected.started.task_queue.name
        info = dataclasses.replace(det.info, task_queue=queue)
        return _StrictInstance(self._inner.create_instance(dataclasses.replace(det, info=info)), self.observed)


class _StrictInstance(PassingInstance):
    """One workflow under observation. Tells the comparison of each task when the next one begins."""

    def __init__(self, inner: WorkflowInstance, observed: Observed) -> None:
        super().__init__(inner)
        self._observed = observed
        self._task = 0
        self._commands: list[WorkflowCommand] = []
        self._broken = False
        self._latest: WorkflowActivation | None = None

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Let the workflow do its work, and note what it gives."""
        eviction = next((job.remove_from_cache for job in act.jobs if job.HasField("remove_from_cache")), None)
        if eviction is not None:
            at_its_end = eviction.reason in _AT_ITS_END and not self._broken
            self._flush(whole=at_its_end)
            if at_its_end:
                self._ask_between(None)
            return self.inner.activate(act)
        for job in act.jobs:
            if job.HasField("do_update"):
                # A validator is not run again on a replay; it must still say yes.
                job.do_update.run_validator = True
        if act.history_length != self._task:
            self._flush(whole=True)
            self._ask_between(act.history_length)
            self._ask_within(act)
            self._task = act.history_length
        completion = self.inner.activate(act)
        self._judge(completion)
        self._keep(completion)
        self._latest = act
        return completion

    def _keep(self, completion: WorkflowActivationCompletion) -> None:
        if not completion.HasField("successful"):
            self._broken = True
            return
        commands: Sequence[WorkflowCommand] = completion.successful.commands
        if self._observed.copies:
            commands = [_copy(command) for command in commands]
        self._commands.extend(commands)

    def _flush(self, *, whole: bool) -> None:
        if self._task:
            self._observed.comparison.task(self._task, self._commands, whole=whole)
        self._commands = []

    def _ask_between(self, history_length: int | None) -> None:
        """Ask again for what was refused between two tasks: nothing of it is in the history."""
        noted = self._observed.probes.overdue(history_length) if self._latest is not None else []
        if not noted or self._latest is None or self._observed.comparison.stopped:
            return
        for one in noted:
            asking = WorkflowActivation()
            asking.CopyFrom(self._latest)
            del asking.jobs[:]
            asking.timestamp.FromNanoseconds(int(one.at))
            self._observed.probes.put_into(asking, [one])
            self._judge(self.inner.activate(asking))

    def _ask_within(self, act: WorkflowActivation) -> None:
        """Ask again for what was refused in this task. Before the first task nothing can be asked: then in it."""
        probes = self._observed.probes
        noted = probes.at(act.history_length)
        if self._latest is None:
            noted = [*probes.overdue(act.history_length), *noted]
        probes.put_into(act, noted)

    def _judge(self, completion: WorkflowActivationCompletion) -> None:
        asked, different = self._observed.probes.take_answers(completion)
        comparison = self._observed.comparison
        comparison.refusals += asked
        for noted, said in different:
            comparison.refusal_differs(noted.history_length, noted.code, said)


def _copy(command: WorkflowCommand) -> WorkflowCommand:
    made = WorkflowCommand()
    made.CopyFrom(command)
    return made
