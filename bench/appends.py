"""(b) What an append to the ledger costs, beside plain inserts and the recorder of the `eventsourcing` library.

Everything that is written is made before the clock starts; each round writes new rows.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import asyncpg

from bench.database import INSERT_BODY, INSERT_COLUMNS, BenchDatabase
from bench.matters import Desk, note, stream_named
from bench.recorder import LibraryRecorder
from bench.results import Result, compared, rotated
from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.requests import AppendRequest
from nom.activities.rows import entry_of

OWN = "append"
YARDSTICKS = ("insert of the same columns", "insert of one column as wide", "eventsourcing's recorder")
Job = Callable[[], Awaitable[None]]
Row = tuple[object, ...]


class Effort(NamedTuple):
    """How many rows each connection writes in a round, and how many rounds there are."""

    rounds: int
    rows: int


FULL = Effort(rounds=9, rows=250)
QUICK = Effort(rounds=2, rows=10)


class Writers(Protocol):
    """One way to write rows over a number of connections."""

    def prepared(self, rows: int) -> Job:
        """Make what is to be written; the job writes it, so many rows on every connection."""
        ...


class LedgerWriters:
    """`Ledger.append` as a worker calls it, over a pool; each connection's task writes a stream of its own."""

    def __init__(self, pool: Pool, connections: int) -> None:
        self._ledger = Ledger(pool)
        self._connections = connections

    def prepared(self, rows: int) -> Job:
        """Appends of one record, each following the one before."""
        batches = [appends(rows) for _ in range(self._connections)]
        return lambda: _together(self._write(batch) for batch in batches)

    async def _write(self, batch: list[AppendRequest]) -> None:
        for request in batch:
            await self._ledger.append(request)


class PlainWriters:
    """A prepared INSERT, committed by itself, on connections of its own."""

    def __init__(
        self, connections: "list[asyncpg.Connection[asyncpg.Record]]", statement: str, row_of: Callable[[Row], Row]
    ) -> None:
        self._connections = connections
        self._statement = statement
        self._row_of = row_of

    def prepared(self, rows: int) -> Job:
        """Rows of the same records as an append writes."""
        batches = [
            [self._row_of((*entry_of(r.records[0]), r.stream)) for r in appends(rows)] for _ in self._connections
        ]
        pairs = list(zip(self._connections, batches, strict=True))
        return lambda: _together(self._write(connection, batch) for connection, batch in pairs)

    async def _write(self, connection: "asyncpg.Connection[asyncpg.Record]", batch: list[Row]) -> None:
        statement = await connection.prepare(self._statement)
        for row in batch:
            await statement.fetch(*row)


async def measure(database: BenchDatabase, effort: Effort) -> list[Result]:
    """The append beside each yardstick, over one connection and over eight."""
    return [result for connections in (1, 8) for result in await _over(connections, database, effort)]


async def _over(connections: int, database: BenchDatabase, effort: Effort) -> list[Result]:
    async with AsyncExitStack() as stack:
        writers = await _opened(stack, database, connections)
        for contestant in writers.values():
            await contestant.prepared(effort.rows)()
        rates: dict[str, list[float]] = {name: [] for name in writers}
        for number in range(effort.rounds):
            for name in rotated(tuple(writers), number):
                job = writers[name].prepared(effort.rows)
                begun = time.perf_counter()
                await job()
                rates[name].append(effort.rows * connections / (time.perf_counter() - begun))
    where = f"{connections} connection{'s' if connections > 1 else ''}"
    return [compared(f"b {OWN} ÷ {name}, {where}", "records/s", rates[OWN], rates[name]) for name in YARDSTICKS]


async def _opened(stack: AsyncExitStack, database: BenchDatabase, connections: int) -> Mapping[str, Writers]:
    pool = await open_pool(database.worker_dsn, min_size=connections, max_size=connections)
    stack.push_async_callback(pool.close)
    body = b"x" * await database.body_bytes(appends(1)[0])
    columns, one_column, library = YARDSTICKS

    async def plain(statement: str, row_of: Callable[[Row], Row]) -> PlainWriters:
        opened = [await asyncpg.connect(database.worker_dsn) for _ in range(connections)]
        for connection in opened:
            stack.push_async_callback(connection.close)
        return PlainWriters(opened, statement, row_of)

    return {
        OWN: LedgerWriters(pool, connections),
        columns: await plain(INSERT_COLUMNS, lambda row: row),
        one_column: await plain(INSERT_BODY, lambda row: (uuid4(), row[-1], body)),
        library: stack.enter_context(LibraryRecorder(await database.for_the_library(), connections, len(body))),
    }


def appends(rows: int) -> list[AppendRequest]:
    """Appends of one note each, to follow each other on a new stream, of which they are the first records."""
    desk = Desk(stream_named(f"bench-{uuid4().hex[:16]}"))
    desk.state, desk.head = desk.state.model_copy(update={"last_seq": 0}), None
    made: list[AppendRequest] = []
    for number in range(rows):
        expected = desk.state.last_seq
        records = desk.take(note(desk.stream, number))
        made.append(AppendRequest(stream=desk.stream, expected_seq=expected, records=records))
    return made


async def _together(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*jobs)
