"""The subprocess that takes the times of both replayers: `python -m bench.replaying FOLDER ROUNDS`."""

import asyncio
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from bench.replays import TIMES_FILE
from bench.results import rotated
from nom.audit.replay import SHARD_FILE, Shard
from nom.audit.strict.replayer import BUILD_ID, Replay, StrictReplayer
from nom.contracts.ids import namespace_of
from nom.workers.plugin import nom_plugin
from nom.workflows.operating_model import workflows_of

Replays = Sequence[Replay]


async def by_the_sdk(namespace: str, histories: Replays) -> int:
    """Replay them as the SDK does; how many failed."""
    replayer = Replayer(
        workflows=list(workflows_of(namespace)),
        workflow_runner=UnsandboxedWorkflowRunner(),
        namespace=namespace,
        build_id=BUILD_ID,
        plugins=[nom_plugin()],
        debug_mode=True,
    )

    async def given() -> AsyncIterator[WorkflowHistory]:
        for one in histories:
            yield WorkflowHistory(workflow_id=one.workflow, events=one.events)

    async with replayer.workflow_replay_iterator(given()) as results:
        return sum([result.replay_failure is not None async for result in results])


async def strictly(namespace: str, histories: Replays) -> int:
    """Replay them strictly; how many differ."""
    replayer = StrictReplayer(namespace, workflows_of(namespace), nom_plugin())
    return sum([bool(found.compared.differences) async for found in replayer.replay(histories)])


async def _timed(folder: Path, rounds: int) -> dict[str, list[float]]:
    shard = Shard.model_validate_json((folder / SHARD_FILE).read_bytes())
    histories = [
        Replay(task.stream, list(History.FromString((folder / task.file).read_bytes()).events)) for task in shard.tasks
    ]
    namespace = namespace_of(shard.tasks[0].stream)
    jobs: dict[str, Callable[[str, Replays], Coroutine[Any, Any, int]]] = {"sdk": by_the_sdk, "strict": strictly}
    times: dict[str, list[float]] = {name: [] for job in jobs for name in (job, f"{job} cpu")}
    for number in range(-1, rounds):
        for job in rotated(tuple(jobs), number):
            begun, processor = time.perf_counter(), time.process_time()
            wrong = await jobs[job](namespace, histories)
            if wrong:
                msg = f"{wrong} histories do not replay ({job})"
                raise RuntimeError(msg)
            if number >= 0:
                times[job].append(time.perf_counter() - begun)
                times[f"{job} cpu"].append(time.process_time() - processor)
    return times


def main() -> None:
    """Take the times and write them down."""
    logging.disable(logging.WARNING)
    folder, code = Path(sys.argv[1]), 1
    try:
        times = asyncio.run(_timed(folder, int(sys.argv[2])))
        (folder / TIMES_FILE).write_text(json.dumps(times), encoding="utf-8")
        code = 0
    except Exception:  # noqa: BLE001 - the process ends here, and whoever started it must be able to read why
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
