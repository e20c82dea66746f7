"""What a replaying subprocess does: reads its shard, runs the SDK's replayer, writes what came of each history.

The process ends with it (`replay_and_exit`): nothing else may run after a replayer.
"""

import asyncio
import os
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory
from temporalio.plugin import SimplePlugin
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowReplayResult

from nom.audit.replay import RESULTS_FILE, SHARD_FILE, Replayed, ReplayTask, Shard
from nom.contracts.ids import namespace_of
from nom.workflows.operating_model import workflows_of

MESSAGE_AT_MOST = 500
BUILD_ID = "nom-replay"


def replay_and_exit(place: Path, plugin: Callable[[], SimplePlugin]) -> None:
    """Replay the shard in a folder and end this process: 0 when every history was tried, 1 when that broke off. Each
    result is written as soon as it is there, so that what comes after a history that hangs is all that is lost.
    """
    code = 1
    try:
        shard = Shard.model_validate_json(Path(place, SHARD_FILE).read_bytes())
        asyncio.run(_replay(place, shard, plugin))
        code = 0
    except Exception:  # noqa: BLE001 - the process ends here, and whoever started it must be able to read why
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        # An ordinary exit of the interpreter can crash in the engine's library.
        os._exit(code)


async def _replay(place: Path, shard: Shard, plugin: Callable[[], SimplePlugin]) -> None:
    with Path(place, RESULTS_FILE).open("ab") as results:  # noqa: ASYNC230 - nothing else runs in this loop
        for namespace in sorted({namespace_of(task.stream) for task in shard.tasks}):
            tasks = [task for task in shard.tasks if namespace_of(task.stream) == namespace]
            async for result in _replayed(place, namespace, tasks, plugin()):
                results.write(result.canonical() + b"\n")
                results.flush()


async def _replayed(
    place: Path, namespace: str, tasks: Sequence[ReplayTask], plugin: SimplePlugin
) -> AsyncIterator[Replayed]:
    replayer = Replayer(
        workflows=list(workflows_of(namespace)),
        workflow_runner=UnsandboxedWorkflowRunner(),
        namespace=namespace,
        build_id=BUILD_ID,
        plugins=[plugin],
        # Without it, a slow machine makes the detector of deadlocks speak up.
        debug_mode=True,
    )

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for task in tasks:
            yield _history(place, task)

    waiting = list(tasks)
    async with replayer.workflow_replay_iterator(histories()) as results:
        async for result in results:
            yield _verdict(waiting.pop(0), result)


def _history(place: Path, task: ReplayTask) -> WorkflowHistory:
    history = History()
    history.ParseFromString(Path(place, task.file).read_bytes())
    return WorkflowHistory(workflow_id=task.stream, events=list(history.events))


def _verdict(task: ReplayTask, result: WorkflowReplayResult) -> Replayed:
    failure = result.replay_failure
    return Replayed(
        stream=task.stream,
        run=task.run,
        events=task.events,
        verdict="replayed" if failure is None else "failed",
        reason=None if failure is None else f"{type(failure).__name__}: {failure}"[:MESSAGE_AT_MOST],
    )
