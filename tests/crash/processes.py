"""Worker processes for crash tests: started, killed, stopped and woken by pid."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


class WorkerProcess:
    """One worker in a process of its own."""

    def __init__(self, folder: Path, namespace: str) -> None:
        self._folder = folder
        self.namespace = namespace
        self.orders = folder.parent / f"orders-{namespace}"
        self._process: subprocess.Popen[str] | None = None

    async def start(self) -> None:
        """Start, and wait until it serves."""
        log = (self._folder.parent / f"worker-{self.namespace}.log").open("a")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.worker_under_test", self._folder, self.namespace, self.orders],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=PROJECT,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        log.close()
        output = self._process.stdout
        assert output is not None
        while "ready" not in (line := await asyncio.to_thread(output.readline)):
            assert line, "the worker ended before it was ready"

    def die_after_the_append_of(self, command: str) -> None:
        """Let it kill itself right after the next append of that command has committed."""
        self.orders.write_text(command)

    async def died(self) -> None:
        """Wait until it has killed itself."""
        assert self._process is not None
        assert await asyncio.to_thread(self._process.wait, 60) == -signal.SIGKILL
        self._close()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        os.kill(self._process.pid, number)

    async def kill(self) -> None:
        """SIGKILL, and wait for the end. Harmless if it is dead."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            await asyncio.to_thread(self._process.wait, 30)
            self._close()

    def _close(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
