"""One server process of ours: started with its record already written, found again, asked to stop.

The process gets a session of its own, so Ctrl-C in the terminal reaches the parent alone, which then stops it
in order. Never signals a process that `ownership` does not recognise as ours.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

import psutil

from nom.workers.local.account import Account
from nom.workers.local.errors import ServerDidNotStop, ServerNotReady
from nom.workers.local.files import tail_of
from nom.workers.local.folder import DataFolder
from nom.workers.local.ownership import ProcessKind, live_process, record_of

# The shell waits for one line before it becomes the server. If we die before the record is on disk the shell reads
# the end of its input and ends; so there is no moment at which a server of ours runs without a record.
START_GATE = ("/bin/sh", "-c", 'read -r go && exec "$@" </dev/null', "start-gate")
LOG_BYTES = 10 * 1024 * 1024
POLL_SECONDS = 0.02

# The servers that this very process launched: an ended child stays in the process table until its parent looks, and
# whichever object stops a server has to be able to.
_CHILDREN: dict[tuple[Path, ProcessKind], subprocess.Popen[bytes]] = {}
EXEC_SECONDS = 5.0
EXIT_SECONDS = 10.0


class ServerState(StrEnum):
    """`stale`: a record is left, but the process it names has ended or is not ours."""

    RUNNING = "running"
    STOPPED = "stopped"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of one server. `since` is UTC."""

    kind: ProcessKind
    state: ServerState
    pid: int | None
    port: int | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StopStep:
    """A signal, and how many seconds it is given to work."""

    signal: signal.Signals
    seconds: float


class ServerProcess:
    """The process of one server on one data folder, whoever started it among the owners of that folder."""

    def __init__(self, folder: DataFolder, kind: ProcessKind) -> None:
        self.kind = kind
        self.log = folder.logs / f"{kind}.log"
        self._folder = folder
        self._place = (folder.path, kind)

    def find_own(self) -> psutil.Process | None:
        """The live process, or None."""
        self._reap()
        return self._folder.records.find_own(self.kind)

    def runs(self, command: Sequence[str]) -> bool:
        """Whether it lives and was started with exactly this command."""
        process = self.find_own()
        return process is not None and tuple(process.cmdline()) == tuple(command)

    def launch(self, command: Sequence[str], *, account: Account | None = None) -> None:
        """Start the command, output to the log. Returns when the record is durable and the start is on its way."""
        self._collect_predecessor()
        self._rotate_log()
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [*START_GATE, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
                env=server_environment(self._folder.path),
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        _CHILDREN[self._place] = child
        # Whatever fails before the word is given closes the gate, and then no server starts. A broken pipe means that
        # the shell is gone; whoever waits for the server sees that it has ended.
        with contextlib.suppress(BrokenPipeError), cast("IO[bytes]", child.stdin) as gate:
            record = record_of(psutil.Process(child.pid), self.kind, tuple(command), self._folder.path)
            self._folder.records.remember(record)
            gate.write(b"go\n")
        self._wait_for_exec(child)

    def has_ended(self) -> bool:
        """Whether the process is gone; True too when it was never started."""
        child = _CHILDREN.get(self._place)
        return child.poll() is not None if child else self.find_own() is None

    def ended_early(self, *, more_log: str = "") -> ServerNotReady:
        """The error for a server that ended instead of starting, with the end of the log."""
        return ServerNotReady(self.kind, "ended while starting", self._log_tail(more_log))

    def silent(self, seconds: float, *, more_log: str = "") -> ServerNotReady:
        """The error for a server that did not answer in time, with the end of the log."""
        reason = f"did not answer within {seconds:.0f} s"
        return ServerNotReady(self.kind, reason, self._log_tail(more_log), still_working=not self.has_ended())

    async def stop(self, steps: Sequence[StopStep]) -> bool:
        """Signal it, step by step, until it is gone; False when it was not running.

        Raises ServerDidNotStop when no step sufficed.
        """
        process = self.find_own()
        if process is None:
            self._folder.records.forget(self.kind)
            return False
        for step in steps:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(step.signal)
            if await self._gone_within(step.seconds):
                self._folder.records.forget(self.kind)
                return True
        raise ServerDidNotStop(self.kind, process.pid)

    def status(self, port: int | None) -> ServerStatus:
        """What the records and the operating system say now."""
        record = self._folder.records.read(self.kind)
        if record is None:
            return ServerStatus(self.kind, ServerState.STOPPED, pid=None, port=port, since=None)
        lives = record.data_folder == self._folder.path and live_process(record) is not None
        state = ServerState.RUNNING if lives else ServerState.STALE
        return ServerStatus(self.kind, state, pid=record.pid, port=port, since=record.started_at)

    def _wait_for_exec(self, child: subprocess.Popen[bytes]) -> None:
        """Wait the few milliseconds until the shell has become the server; before that `find_own` cannot know it."""
        deadline = time.monotonic() + EXEC_SECONDS
        while child.poll() is None and self.find_own() is None and time.monotonic() < deadline:
            time.sleep(0.001)

    async def _gone_within(self, seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        # A child counts as gone only once it was collected: a program of many threads looks dead while some still end.
        while self.find_own() is not None or self._place in _CHILDREN:
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    def _log_tail(self, more: str) -> str:
        return "\n".join(part for part in (tail_of(self.log), more) if part)

    def _reap(self) -> None:
        child = _CHILDREN.get(self._place)
        if child is not None and child.poll() is not None:
            del _CHILDREN[self._place]

    def _collect_predecessor(self) -> None:
        """Wait the few milliseconds until a killed child of ours has let go of its files and port."""
        predecessor = _CHILDREN.pop(self._place, None)
        if predecessor is not None:
            predecessor.wait(EXIT_SECONDS)

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))


def server_environment(home: Path) -> dict[str, str]:
    """The whole environment of a server: nothing of the caller's shell (PGDATA, TEMPORAL_*) may steer it."""
    return {"HOME": str(home), "PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
