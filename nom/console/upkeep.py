"""What `nom up` does while it serves: brings back a server that ended, and tells what has newly gone wrong."""

import asyncio
import contextlib

import structlog

from nom.activities.db import open_pool
from nom.activities.derived import DerivedStore
from nom.activities.errors import LedgerError
from nom.activities.pauses import pause
from nom.console.watch import Watch
from nom.contracts.base import canonical_bytes
from nom.contracts.services import NCA, ForceStatus
from nom.workers.local.process import ServerState
from nom.workers.local.servers import Servers
from nom.workers.local.stack import Stack, reader_dsn

SECONDS_BETWEEN_LOOKS = 2.0

log = structlog.get_logger()


async def keep_up(stack: Stack, stop: asyncio.Event) -> None:
    """Look every two seconds until `stop` is set. Raises what a server's start raises, if one can't be brought back."""
    watch = Watch()
    async with await open_pool(reader_dsn(stack.folder, NCA), name="nom-up", max_size=1) as pool:
        board = DerivedStore(pool)
        while not stop.is_set():
            await bring_back(stack.servers)
            with contextlib.suppress(LedgerError):
                await _tell(board, watch)
            await pause(stop, SECONDS_BETWEEN_LOOKS)


async def bring_back(servers: Servers) -> None:
    """Start again a server whose process has ended. Nothing that was acknowledged is lost, and workers reconnect."""
    for server in (servers.postgres, servers.temporal):
        status = server.status()
        if status.state is not ServerState.RUNNING:
            log.error("server_ended", server=str(status.kind))
            await server.start()
            log.info("server_back", server=str(status.kind))


async def _tell(board: DerivedStore, watch: Watch) -> None:
    reports = await board.latest_board_reports()
    statuses = [ForceStatus.model_validate_json(canonical_bytes(report.report)) for report in reports]
    for trouble in watch.look(statuses):
        log.warning(trouble.event, **trouble.fields)
