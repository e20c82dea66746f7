"""The measured process: nom's worker of one force as in production, with the yardsticks registered beside it.

Run: python -m bench.worker FOLDER. Serves until SIGTERM; logs to stderr as production does.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from temporalio.client import Client

from bench.matters import FORCE
from bench.yardsticks import BareActivities, BareLocal, BareRegular
from nom.activities.db import Pool
from nom.contracts.services import NCA
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import worker_settings
from nom.workers.local.temporal import TemporalServer
from nom.workers.logs import log_for_machines
from nom.workers.worker import RunningWorker

PROJECT = Path(__file__).parents[1]
SECONDS_TO_END = 30


class BenchWorker(RunningWorker):
    """A worker that serves the yardsticks too."""

    def workflows(self) -> tuple[type, ...]:
        """nom's, and the two yardsticks."""
        return (*super().workflows(), BareRegular, BareLocal)

    def activities(self, client: Client, pool: Pool) -> list[Callable[..., Any]]:
        """nom's, and the plain insert."""
        return [*super().activities(client, pool), BareActivities(pool).insert]


class WorkerProcess:
    """The worker in a process of its own, as an async context manager."""

    def __init__(self, folder: DataFolder, log: Path) -> None:
        self._folder = folder
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._running().pid

    async def __aenter__(self) -> Self:
        """Start it and wait until it serves. Raises `RuntimeError` if it ends instead."""
        with self._log.open("a") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs here until the worker is ready
                [sys.executable, "-m", "bench.worker", str(self._folder.path)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=PROJECT,
                start_new_session=True,
            )
        output = self._process.stdout
        if output is None or "ready" not in await asyncio.to_thread(output.readline):
            await self.__aexit__()
            raise RuntimeError(self._log.read_text()[-2000:])
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ask it to end; kill it if it does not."""
        process = self._running()
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        if process.stdout is not None:
            process.stdout.close()

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            msg = "the worker has not been started"
            raise RuntimeError(msg)
        return self._process


async def serve(folder: DataFolder) -> None:
    """Run the force's worker, and the NCA's, which takes the force's reports."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    address = TemporalServer(folder, ()).address
    async with (
        RunningWorker(worker_settings(folder, address, NCA)),
        BenchWorker(worker_settings(folder, address, FORCE)),
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """Serve, then end without the interpreter's own exit, which can crash in the engine's client."""
    log_for_machines()
    asyncio.run(serve(DataFolder(Path(sys.argv[1]))))
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
