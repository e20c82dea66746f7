import asyncio

import pytest

from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from nom.activities.requests import AppendRequest
from nom.activities.rows import entry_of
from nom.activities.sequencer import Sequencer
from nom.contracts.envelope import StoredRecord
from tests.activities.records import append_of, asked, following, new_stream
from tests.conftest_postgres import ForceDatabase, TestPostgres

APPEND = "SELECT * FROM ledger.append($1, $2, $3)"


@pytest.fixture
def ledger(own_pool: Pool) -> Ledger:
    return Ledger(own_pool)


@pytest.fixture
def sequencer(own_pool: Pool) -> Sequencer:
    return Sequencer(own_pool)


@pytest.fixture
def reader(own_pool: Pool) -> LedgerReader:
    return LedgerReader(own_pool)


def parameters(request: AppendRequest) -> tuple[object, ...]:
    return request.stream, request.expected_seq, [entry_of(record) for record in request.records]


async def in_order(reader: LedgerReader) -> list[StoredRecord]:
    """The whole ledger by position, after making sure that positions have no gap and streams keep their order."""
    stored = [each async for each in reader.all_by_position()]
    assert [each.position for each in stored] == list(range(len(stored)))
    for stream in {each.record.stream for each in stored}:
        seqs = [each.record.seq for each in stored if each.record.stream == stream]
        assert seqs == list(range(1, len(seqs) + 1))
    return stored


async def test_committed_records_are_given_positions_from_zero_without_gaps(
    ledger: Ledger, sequencer: Sequencer, reader: LedgerReader
) -> None:
    assert (await sequencer.run_once(), await reader.head_position()) == (0, -1)
    opening = append_of(asked(new_stream()), "first", "second")
    await ledger.append(opening)
    await ledger.append(append_of(asked(new_stream()), "other"))
    assert await sequencer.run_once() == 3
    await ledger.append(following(opening, "third"))
    assert await sequencer.run_once() == 1
    assert await sequencer.run_once() == 0
    assert await reader.head_position() == 3
    assert len(await in_order(reader)) == 4


async def test_a_record_that_commits_late_is_not_skipped(
    ledger: Ledger, sequencer: Sequencer, reader: LedgerReader, own_pool: Pool
) -> None:
    late = append_of(asked(new_stream()), "late", "late")
    async with own_pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.fetchrow(APPEND, *parameters(late))
        for _ in range(3):
            await ledger.append(append_of(asked(new_stream()), "quick"))
            assert await sequencer.run_once() == 1
        await transaction.commit()
    await ledger.append(append_of(asked(new_stream()), "after"))
    assert await sequencer.run_once() == 3
    stored = await in_order(reader)
    assert [each.position for each in stored if each.record.stream == late.stream] == [3, 4]


async def test_a_record_that_was_given_up_leaves_no_gap(
    ledger: Ledger, sequencer: Sequencer, reader: LedgerReader, own_pool: Pool
) -> None:
    async with own_pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.fetchrow(APPEND, *parameters(append_of(asked(new_stream()), "given up")))
        await ledger.append(append_of(asked(new_stream()), "quick"))
        assert await sequencer.run_once() == 1
        await transaction.rollback()
    await ledger.append(append_of(asked(new_stream()), "after"))
    assert await sequencer.run_once() == 1
    assert len(await in_order(reader)) == 2


async def test_a_stream_keeps_its_order_when_an_older_transaction_adds_to_it_later(
    ledger: Ledger, sequencer: Sequencer, reader: LedgerReader, own_pool: Pool
) -> None:
    opening = append_of(asked(new_stream()), "first")
    async with own_pool.acquire() as old, old.transaction():
        await old.fetchrow(APPEND, *parameters(append_of(asked(new_stream()), "the older transaction")))
        await ledger.append(opening)
        await old.fetchrow(APPEND, *parameters(following(opening, "second")))
    assert await sequencer.run_once() == 3
    await in_order(reader)


async def test_a_new_sequencer_goes_on_from_where_the_last_one_stopped(
    ledger: Ledger, reader: LedgerReader, own_pool: Pool
) -> None:
    for _ in range(3):
        await ledger.append(append_of(asked(new_stream()), "first"))
        assert await Sequencer(own_pool).run_once() == 1
    assert len(await in_order(reader)) == 3


async def test_a_second_sequencer_does_nothing_while_one_is_at_work(
    ledger: Ledger, sequencer: Sequencer, reader: LedgerReader, own_pool: Pool
) -> None:
    await ledger.append(append_of(asked(new_stream()), "first"))
    async with own_pool.acquire() as one:
        async with one.transaction():
            assert await one.fetchval("SELECT sequenced FROM ledger.sequence_records(NULL, NULL)") == 1
            assert await sequencer.run_once() == 0
            assert await reader.head_position() == -1
        assert await reader.head_position() == 0
    assert await sequencer.run_once() == 0


async def test_sequencers_and_writers_at_once_leave_no_gap_and_no_record_out(
    ledger: Ledger, reader: LedgerReader, own_pool: Pool
) -> None:
    stop = asyncio.Event()
    sequencers = [asyncio.create_task(Sequencer(own_pool).run_forever(stop)) for _ in range(2)]

    async def writer() -> None:
        last = append_of(asked(new_stream()), "first")
        await ledger.append(last)
        for _ in range(20):
            last = following(last, "next", "next")
            await ledger.append(last)

    await asyncio.gather(*(writer() for _ in range(6)))
    stop.set()
    await asyncio.gather(*sequencers)
    await Sequencer(own_pool).run_once()
    assert len(await in_order(reader)) == 6 * 41 == (await reader.counts()).records


async def test_a_sequencer_that_is_woken_works_at_once(
    ledger: Ledger, sequencer: Sequencer, reader: LedgerReader
) -> None:
    stop, wake = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(sequencer.run_forever(stop, wake))
    await ledger.append(append_of(asked(new_stream()), "first"))
    wake.set()
    head = -1
    while head < 0:
        await asyncio.sleep(0.01)
        head = await reader.head_position()
    assert not wake.is_set()
    stop.set()
    await running


async def test_a_run_reads_what_is_new_and_not_the_whole_ledger(
    sequencer: Sequencer, own_database: ForceDatabase, own_pool: Pool, ledger: Ledger
) -> None:
    opening = append_of(asked(new_stream()), *(f"word {number}" for number in range(3000)))
    await ledger.append(opening)
    assert await sequencer.run_once() == 3000
    await ledger.append(following(opening, "one more"))

    async def rows_read(run: Sequencer) -> int:
        """Rows of the ledger that one run looked at, as the server counts them."""
        async with await open_pool(own_database.worker, max_size=1) as pool:
            run._pool = pool  # pyright: ignore[reportPrivateUsage] - each run in a session of its own, whose end counts
            query = "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables WHERE schemaname = 'ledger'"
            before = await pool.fetchval(query)
            await pool.execute("SELECT pg_stat_force_next_flush()")
            await run.run_once()
            await pool.execute("SELECT pg_stat_force_next_flush()")
            return int(await pool.fetchval(query)) - int(before)

    await own_pool.execute("SELECT pg_stat_force_next_flush()")
    assert await rows_read(sequencer) < 20
    assert await rows_read(Sequencer(own_pool)) > 3000


@pytest.mark.crash
async def test_after_a_restart_the_mark_of_before_is_not_trusted(own_postgres: TestPostgres) -> None:
    database = await ForceDatabase.prepared(own_postgres, "gmp")
    async with await open_pool(database.worker) as pool:
        ledger, sequencer, reader = Ledger(pool), Sequencer(pool), LedgerReader(pool)
        await ledger.append(append_of(asked(new_stream()), "first"))
        assert await sequencer.run_once() == 1
        # A mark from a server that had counted further: as after a restore into a new cluster.
        sequencer._low_water = 2**40  # pyright: ignore[reportPrivateUsage] - the fault is planted from inside
        await ledger.append(append_of(asked(new_stream()), "second"))
        assert await sequencer.run_once() == 0
        own_postgres.kill()
        await asyncio.to_thread(own_postgres.start)
        await pool.expire_connections()
        sequencer._low_water = 2**40  # pyright: ignore[reportPrivateUsage] - as above
        assert await sequencer.run_once() == 1
        assert await reader.head_position() == 1
