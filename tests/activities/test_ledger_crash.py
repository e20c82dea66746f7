import asyncio

import pytest

from nom.activities.db import Pool, open_pool
from nom.activities.errors import LedgerUnavailable
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from nom.activities.requests import AppendRequest
from nom.activities.sequencer import Sequencer
from tests.activities.records import append_of, asked, chain_holds, following, kept, new_stream
from tests.conftest_postgres import ForceDatabase, TestPostgres

WRITERS = 8


class Writer:
    """One process that appends command after command and remembers what was acknowledged."""

    def __init__(self, pool: Pool) -> None:
        self._ledger = Ledger(pool)
        self.acknowledged: list[AppendRequest] = []
        self.outages = 0
        self.stream = new_stream()

    async def write(self, stop: asyncio.Event) -> None:
        request = append_of(asked(self.stream), "first")
        while not stop.is_set():
            outcome = await self._insist(request)
            assert outcome.appended is not None
            assert outcome.appended.digests == tuple(record.digest for record in request.records)
            self.acknowledged.append(request)
            request = following(request, "next", "next")

    async def _insist(self, request: AppendRequest):  # noqa: ANN202 - the ledger's answer
        while True:
            try:
                return await self._ledger.append(request)
            except LedgerUnavailable:
                self.outages += 1
                await asyncio.sleep(0.05)


async def _until_each_has(writers: list[Writer], more: int) -> None:
    goals = [len(writer.acknowledged) + more for writer in writers]
    while any(len(writer.acknowledged) < goal for writer, goal in zip(writers, goals, strict=True)):  # noqa: ASYNC110 - they count for themselves
        await asyncio.sleep(0.01)


@pytest.mark.crash
async def test_a_server_killed_under_eight_writers_loses_nothing_acknowledged(own_postgres: TestPostgres) -> None:
    database = await ForceDatabase.prepared(own_postgres, "gmp")
    async with await open_pool(database.worker) as pool:
        stop = asyncio.Event()
        writers = [Writer(pool) for _ in range(WRITERS)]
        sequencer = asyncio.create_task(Sequencer(pool).run_forever(stop))
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(writer.write(stop)) for writer in writers]
            for _ in range(2):
                await _until_each_has(writers, 20)
                own_postgres.kill()
                await asyncio.to_thread(own_postgres.start)
            await _until_each_has(writers, 5)
            stop.set()
            await asyncio.wait(running)
        await sequencer
        assert sum(writer.outages for writer in writers) > 0
        reader = LedgerReader(pool)
        for writer in writers:
            records = await kept(reader, writer.stream)
            assert records == tuple(record for request in writer.acknowledged for record in request.records)
            assert chain_holds(records)
        await Sequencer(pool).run_once()
        counts = await reader.counts()
        assert counts.positioned == counts.records == await reader.head_position() + 1
