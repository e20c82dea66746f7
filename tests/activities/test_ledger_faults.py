"""Each way of writing under each fault: the caller sees a failure, tries again, and it is there once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nom.activities.db import Pool, open_pool
from nom.activities.derived import DerivedStore
from nom.activities.errors import LedgerUnavailable
from nom.activities.ledger import Ledger
from nom.activities.sequencer import Sequencer
from tests.activities.faults import Fault, Line, breakable_line
from tests.activities.records import append_of, asked, new_stream
from tests.conftest_postgres import ForceDatabase

REPORTED = datetime(2026, 3, 1, tzinfo=UTC)


class Path:
    """One way of writing: what must be there before, the write itself, and how many copies of it there are."""

    def __init__(
        self, before: Callable[[], Awaitable[Any]], write: Callable[[], Awaitable[Any]], count: str, whole: int
    ) -> None:
        self.before = before
        self.write = write
        self.count = count
        self.whole = whole


def append_path(pool: Pool) -> Path:
    ledger, stream = Ledger(pool), new_stream()
    request = append_of(asked(stream), "first", "second")
    return Path(
        lambda: ledger.append(append_of(asked(new_stream()), "warm")),
        lambda: ledger.append(request),
        f"SELECT count(*) FROM ledger.record WHERE stream = '{stream}'",
        2,
    )


def sequence_path(pool: Pool) -> Path:
    ledger, sequencer = Ledger(pool), Sequencer(pool)
    request = append_of(asked(new_stream()), "first", "second", "third")

    async def before() -> None:
        await sequencer.run_once()
        await ledger.append(request)

    return Path(before, sequencer.run_once, "SELECT count(*) FROM ledger.position", 3)


def snapshot_path(pool: Pool) -> Path:
    store = DerivedStore(pool)
    return Path(
        lambda: store.add_snapshot("warm", 0, {}),
        lambda: store.add_snapshot("board.v1", 7, {"cases": 3}),
        "SELECT count(*) FROM ledger.snapshot WHERE name = 'board.v1'",
        1,
    )


def report_path(pool: Pool) -> Path:
    store = DerivedStore(pool)
    return Path(
        lambda: store.add_board_report("WYP", 0, REPORTED, {}),
        lambda: store.add_board_report("GMP", 7, REPORTED, {"late": 1}),
        "SELECT count(*) FROM ledger.board_report WHERE force = 'GMP'",
        1,
    )


@pytest.fixture
async def line(own_database: ForceDatabase) -> AsyncIterator[Line]:
    async with breakable_line(own_database) as line:
        yield line


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("path_of", [append_path, sequence_path, snapshot_path, report_path])
async def test_a_write_that_failed_is_there_once_after_it_is_tried_again(
    line: Line, own_pool: Pool, path_of: Callable[[Pool], Path], fault: Fault
) -> None:
    async with await open_pool(line.dsn, max_size=1) as pool:
        path = path_of(pool)
        await path.before()
        line.arm(fault)
        with pytest.raises(LedgerUnavailable):
            await path.write()
        assert line.broken == 1
        assert await own_pool.fetchval(path.count) == (path.whole if fault.persisted else 0)
        await path.write()
        assert await own_pool.fetchval(path.count) == path.whole


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_retry_says_truly_whether_the_records_stood_there(line: Line, fault: Fault) -> None:
    async with await open_pool(line.dsn, max_size=1) as pool:
        ledger = Ledger(pool)
        await ledger.append(append_of(asked(new_stream()), "warm"))
        request = append_of(asked(new_stream()), "first")
        line.arm(fault)
        with pytest.raises(LedgerUnavailable):
            await ledger.append(request)
        outcome = await ledger.append(request)
        assert outcome.appended is not None
        assert outcome.appended.again == fault.persisted
