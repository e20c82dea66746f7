"""A worker process that can be told to die. Run: python -m tests.crash.worker_under_test FOLDER NAMESPACE ORDERS.

While the file ORDERS holds a command's name, the worker kills itself (SIGKILL) right after the append of that command
has committed, before its workflow task can complete; the file is removed first, so that it happens once.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from temporalio import activity

from nom.activities.db import Pool
from nom.activities.ledger import Ledger, LedgerActivities
from nom.activities.requests import APPEND, AppendRequest
from nom.contracts.envelope import AppendOutcome
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import worker_settings
from nom.workers.local.temporal import TemporalServer
from nom.workers.settings import WorkerSettings
from nom.workers.worker import RunningWorker


class DyingLedger(LedgerActivities):
    """Appends as always, and then may not live to tell."""

    def __init__(self, ledger: Ledger, orders: Path) -> None:
        super().__init__(ledger)
        self._orders = orders

    @activity.defn(name=APPEND)
    async def append(self, request: AppendRequest) -> AppendOutcome:
        outcome = await super().append(request)
        if self._orders.exists() and self._orders.read_text() == request.records[0].command:
            self._orders.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome


class WorkerUnderTest(RunningWorker):
    """A worker whose ledger may kill it."""

    def __init__(self, settings: WorkerSettings, orders: Path) -> None:
        super().__init__(settings)
        self._orders = orders

    def ledger(self, pool: Pool) -> LedgerActivities:
        return DyingLedger(Ledger(pool), self._orders)


async def _serve(folder: Path, namespace: str, orders: Path) -> None:
    data = DataFolder(folder)
    settings = worker_settings(data, TemporalServer(data, ()).address, namespace)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with WorkerUnderTest(settings, orders):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
    os._exit(0)
