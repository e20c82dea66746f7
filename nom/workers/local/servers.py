"""Both servers together: started side by side, stopped in order, and what is known of them from outside.

Owns the lock of the data folder while they run. Never creates databases and never runs workers.
"""

import asyncio
import os
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from nom.workers.local.errors import ServerNotReady, StackAlreadyRunning
from nom.workers.local.folder import DataFolder
from nom.workers.local.ownership import ProcessKind
from nom.workers.local.postgres import PostgresServer
from nom.workers.local.process import POLL_SECONDS, ServerState, ServerStatus
from nom.workers.local.temporal import DynamicValue, TemporalServer

OWNER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class StackStatus:
    """What is known of the embedded stack in one data folder; `owner` is the process that holds it, if one does."""

    folder: Path
    owner: int | None
    postgres: ServerStatus
    temporal: ServerStatus


class Servers:
    """Both servers of a data folder, as an async context manager that owns the folder."""

    def __init__(
        self,
        folder: DataFolder,
        namespaces: Sequence[str],
        search_attributes: Mapping[str, str] | None = None,
        ui: bool = False,
        dynamic_config: Mapping[str, DynamicValue] | None = None,
    ) -> None:
        self.folder = folder
        self.postgres = PostgresServer(folder)
        self.temporal = TemporalServer(
            folder, namespaces, ui=ui, search_attributes=search_attributes, dynamic_config=dynamic_config
        )

    async def __aenter__(self) -> Self:
        """Take the folder and start both. Raises StackAlreadyRunning, or what `start` of either server raises.

        When one fails, both are stopped; only a server that is still busy recovering is left to go on.
        """
        self.folder.prepare()
        self.folder.lock.acquire()
        try:
            await _all_or_first_error(self.postgres.start(), self.temporal.start())
        except BaseException as failure:
            await self._stop(leave=_still_working(failure))
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop Temporal, then PostgreSQL, then give the folder back."""
        await self._stop(leave=None)

    async def _stop(self, *, leave: str | None) -> None:
        try:
            await _stop_in_order(self.temporal, self.postgres, leave=leave)
        finally:
            self.folder.lock.release()


async def stop_own(folder: DataFolder) -> tuple[ProcessKind, ...]:
    """Stop what was started on this folder, whether or not its parent still lives; returns what was stopped.

    A living owner is asked by SIGTERM to end in order, and given 30 s. Raises StackAlreadyRunning when it does not
    (or when the owner is this very process), ServerDidNotStop when a server outlives its signals.
    """
    if not folder.path.is_dir():
        return ()
    temporal, postgres = TemporalServer(folder, ()), PostgresServer(folder)
    running = tuple(
        status.kind for status in (temporal.status(), postgres.status()) if status.state is ServerState.RUNNING
    )
    await _take_over(folder)
    try:
        await _stop_in_order(temporal, postgres)
    finally:
        folder.lock.release()
    return running


def status_of(folder: DataFolder) -> StackStatus:
    """What is known of both servers now. Changes nothing, not even a stale record. Raises FolderNotUsable."""
    owner = folder.lock.live_owner()
    return StackStatus(
        folder=folder.path,
        owner=owner.pid if owner else None,
        postgres=PostgresServer(folder).status(),
        temporal=TemporalServer(folder, ()).status(),
    )


async def _all_or_first_error(*starts: Coroutine[None, None, None]) -> None:
    """Wait for every start to end one way or the other, so that none goes on behind the stop that follows."""
    outcomes = await asyncio.gather(*starts, return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


def _still_working(failure: BaseException) -> str | None:
    return failure.kind if isinstance(failure, ServerNotReady) and failure.still_working else None


async def _stop_in_order(temporal: TemporalServer, postgres: PostgresServer, *, leave: str | None = None) -> None:
    try:
        if leave != ProcessKind.TEMPORAL:
            await temporal.stop()
    finally:
        if leave != ProcessKind.POSTGRES:
            await postgres.stop()


async def _take_over(folder: DataFolder) -> None:
    """Get the folder's lock, asking a living owner once to end."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + OWNER_SECONDS
    asked = False
    while True:
        try:
            folder.lock.acquire()
        except StackAlreadyRunning as taken:
            if taken.pid == os.getpid() or loop.time() >= deadline:
                raise
            asked = asked or _ask_to_end(folder)
        else:
            return
        await asyncio.sleep(POLL_SECONDS)


def _ask_to_end(folder: DataFolder) -> bool:
    owner = folder.lock.live_owner()
    if owner is None:
        return False
    try:
        owner.terminate()
    except psutil.NoSuchProcess:
        return False
    return True
