"""Notes of refusals on their way into a real ledger: while it is away, too many, too large, or not to be taken."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import structlog
from structlog.typing import EventDict

from nom.activities.db import Pool, open_pool
from nom.activities.refusals import LoggedRefusal, RefusalLog
from nom.contracts.refusals import NotedRefusal
from nom.workers.refusal_notes import RefusalNotes
from tests.conftest_postgres import ForceDatabase, TestPostgres

STREAM = "gmp/26-1/case"


def noted(number: int, *, size: int = 0, code: str = "role") -> NotedRefusal:
    return NotedRefusal(
        history_length=number, place=0, at=str(number), update="command", code=code,
        request=base64.b64encode(b"\0" * size).decode(), failure="",
    )  # fmt: skip


def take(notes: RefusalNotes, *numbers: int) -> None:
    for number in numbers:
        notes.take(STREAM, "run-1", noted(number))


@asynccontextmanager
async def writing(notes: RefusalNotes, pool: Pool) -> AsyncGenerator[None]:
    """As a worker writes them until it stops."""
    stop = asyncio.Event()
    task = asyncio.create_task(notes.write_forever(RefusalLog(pool), stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def there(pool: Pool) -> list[LoggedRefusal]:
    return [row async for row in RefusalLog(pool).all()]


async def until_there(pool: Pool, number: int) -> list[LoggedRefusal]:
    async with asyncio.timeout(60):
        while len(rows := await there(pool)) < number:  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.05)
    return rows


def counted(logs: list[EventDict], event: str) -> list[int]:
    return [line["count"] for line in logs if line["event"] == event]


async def test_what_many_threads_note_at_once_is_written_once_without_a_gap(own_pool: Pool) -> None:
    notes = RefusalNotes()
    async with writing(notes, own_pool):
        with ThreadPoolExecutor(8) as threads:
            for number in range(1000):
                threads.submit(take, notes, number)
        rows = await until_there(own_pool, 1000)
    assert [row.number for row in rows] == list(range(1000))
    assert {row.refusal.history_length for row in rows} == set(range(1000))
    assert {(row.workflow_id, row.run_id) for row in rows} == {(STREAM, "run-1")}


async def test_what_waits_when_the_worker_stops_is_written(own_pool: Pool) -> None:
    notes = RefusalNotes()
    async with writing(notes, own_pool):
        take(notes, 1, 2, 3)
    assert len(await there(own_pool)) == 3


async def test_notes_wait_while_the_database_is_away_and_arrive_in_order_when_it_is_back(
    own_postgres: TestPostgres,
) -> None:
    database = await ForceDatabase.prepared(own_postgres, "gmp")
    notes = RefusalNotes()
    with structlog.testing.capture_logs() as logs:
        async with await open_pool(database.worker) as pool, writing(notes, pool):
            take(notes, 1)
            await until_there(pool, 1)
            own_postgres.kill()
            take(notes, 2, 3)
            async with asyncio.timeout(60):
                while "refusals_wait" not in {line["event"] for line in logs}:  # noqa: ASYNC110 - what is waited for happens elsewhere
                    await asyncio.sleep(0.05)
            take(notes, 4)
            await asyncio.to_thread(own_postgres.start)
            rows = await until_there(pool, 4)
    assert [row.refusal.history_length for row in rows] == [1, 2, 3, 4]
    assert [line["event"] for line in logs if line["event"].startswith("refusals")] == [
        "refusals_wait",
        "refusals_go_on",
    ]


async def test_what_does_not_fit_is_counted_and_nothing_waits_for_it(own_pool: Pool) -> None:
    notes = RefusalNotes(notes_at_most=3, characters_at_most=4000)
    with structlog.testing.capture_logs() as logs:
        take(notes, 1, 2, 3, 4, 5)
        async with writing(notes, own_pool):
            await until_there(own_pool, 3)
            notes.take(STREAM, "run-1", noted(6, size=3600))
            take(notes, 7)
            await until_there(own_pool, 4)
            for number in (8, 9):
                notes.take(STREAM, "run-1", noted(number, size=2000))
                await until_there(own_pool, number - 3)
    assert counted(logs, "refusals_not_kept") == [2, 1]
    assert [row.refusal.history_length for row in await there(own_pool)] == [1, 2, 3, 7, 8, 9]


async def test_what_the_ledger_never_takes_keeps_no_other_note_from_it(own_pool: Pool) -> None:
    notes = RefusalNotes()
    with structlog.testing.capture_logs() as logs:
        async with writing(notes, own_pool):
            take(notes, 1)
            notes.take(STREAM, "run-1", noted(2**40))
            take(notes, 3)
            await until_there(own_pool, 2)
    assert [row.refusal.history_length for row in await there(own_pool)] == [1, 3]
    (line,) = [line for line in logs if line["event"] == "refusal_not_taken"]
    assert line["stream"] == STREAM


async def test_a_worker_that_stops_while_the_database_is_away_says_how_many_notes_are_lost(
    own_postgres: TestPostgres,
) -> None:
    database = await ForceDatabase.prepared(own_postgres, "gmp")
    notes = RefusalNotes()
    own_postgres.kill()
    with structlog.testing.capture_logs() as logs:
        async with await open_pool(database.worker) as pool, writing(notes, pool):
            take(notes, 1, 2)
    assert counted(logs, "refusals_lost") == [2]
