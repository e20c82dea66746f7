"""A line to PostgreSQL that breaks at a chosen moment: failed, and failed but persisted."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum

import asyncpg

from tests.conftest_postgres import ForceDatabase

READY = b"Z\x00\x00\x00\x05I"
"""The end of the server's answer, outside a transaction: what was asked is committed."""


KILL_WAITING = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Fault(StrEnum):
    """What happens to one statement."""

    REQUEST_LOST = "request lost: the line broke before the server heard of it"
    BACKEND_KILLED = "backend killed: the server had begun and not committed"
    REPLY_LOST = "reply lost: the server committed and the line broke before its answer"

    @property
    def persisted(self) -> bool:
        """Whether the statement's work stands although its caller saw a failure."""
        return self is Fault.REPLY_LOST


class Line:
    """A proxy in front of one database. Armed, it breaks at the next thing that a client sends."""

    def __init__(self, database: ForceDatabase) -> None:
        self._database = database
        self._armed: Fault | None = None
        self.broken = 0
        self.dsn = ""

    def arm(self, fault: Fault) -> None:
        """The next statement meets this fault; those after it meet none."""
        self._armed = fault

    async def serve(self, client: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        """Carry one connection until it breaks or ends."""
        server, server_out = await asyncio.open_connection("127.0.0.1", self._database.server.port)
        answers = asyncio.create_task(_carry(server, client_out))
        try:
            while chunk := await client.read(65536):
                fault, self._armed = self._armed, None
                if fault is None:
                    server_out.write(chunk)
                    continue
                self.broken += 1
                await self._break(fault, chunk, server_out, answers, server)
                return
        finally:
            answers.cancel()
            server_out.close()
            client_out.close()

    async def _break(
        self,
        fault: Fault,
        chunk: bytes,
        server_out: asyncio.StreamWriter,
        answers: "asyncio.Task[None]",
        server: asyncio.StreamReader,
    ) -> None:
        if fault is Fault.REQUEST_LOST:
            return
        answers.cancel()
        await asyncio.gather(answers, return_exceptions=True)
        if fault is Fault.BACKEND_KILLED:
            await self._kill_while_it_waits(chunk, server_out)
            return
        server_out.write(chunk)
        answer = b""
        while not answer.endswith(READY):
            answer += await server.read(65536)

    async def _kill_while_it_waits(self, chunk: bytes, server_out: asyncio.StreamWriter) -> None:
        """Hold the tables, let the statement begin and wait for them, and terminate its backend there."""
        admin = await asyncpg.connect(self._database.admin)
        try:
            async with admin.transaction():
                await admin.execute(
                    "LOCK TABLE ledger.record, ledger.position, ledger.snapshot, ledger.board_report "
                    "IN SHARE ROW EXCLUSIVE MODE"
                )
                server_out.write(chunk)
                killed = 0
                while not killed:
                    await asyncio.sleep(0.01)
                    killed = await admin.fetchval(KILL_WAITING)
        finally:
            await admin.close()


@asynccontextmanager
async def breakable_line(database: ForceDatabase) -> AsyncGenerator[Line]:
    """A line to the database as its worker."""
    line = Line(database)
    proxy = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    line.dsn = database.worker.replace(f":{database.server.port}/", f":{port}/")
    try:
        yield line
    finally:
        proxy.close()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while chunk := await source.read(65536):
        target.write(chunk)
    target.close()
