import asyncpg
import pytest

from nom.activities.db import Pool, open_pool
from nom.activities.errors import LedgerUnreadable
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerCounts, LedgerReader
from nom.activities.sequencer import Sequencer
from tests.activities.records import append_of, asked, kept
from tests.conftest_postgres import ForceDatabase

CASE = "gmp/26-aaa"
NEIGHBOURS = ("gmp/26-aa", "gmp/26-aaa0", "gmp/26-aaa-1", "gmp/26-aab")


@pytest.fixture
async def reader(own_database: ForceDatabase, own_pool: Pool) -> LedgerReader:
    """A ledger with three processes of one case among its neighbours, read as the worker."""
    ledger = Ledger(own_pool)
    for stream in (f"{CASE}/triage-2", f"{CASE}/case", f"{CASE}/triage-1", *(f"{case}/case" for case in NEIGHBOURS)):
        await ledger.append(append_of(asked(stream), f"first of {stream}", "second"))
    return LedgerReader(own_pool)


async def test_a_case_has_its_own_streams_and_no_neighbours(reader: LedgerReader) -> None:
    expected = (f"{CASE}/case", f"{CASE}/triage-1", f"{CASE}/triage-2")
    assert await reader.streams_of(CASE) == expected
    records = [each.record async for each in reader.case_records(CASE)]
    assert [(record.stream, record.seq) for record in records] == [(s, n) for s in expected for n in (1, 2)]
    assert await reader.streams_of("gmp/26-none") == ()


async def test_every_stream_is_listed_once_in_order(reader: LedgerReader) -> None:
    streams = [stream async for stream in reader.streams()]
    assert streams == sorted(set(streams))
    assert len(streams) == 7


async def test_counts_tell_what_waits_for_the_sequencer(reader: LedgerReader, own_pool: Pool) -> None:
    assert await reader.counts() == LedgerCounts(records=14, streams=7, positioned=0)
    await Sequencer(own_pool).run_once()
    assert await reader.counts() == LedgerCounts(records=14, streams=7, positioned=14)


async def test_records_without_a_position_are_read_by_stream_only(reader: LedgerReader, own_pool: Pool) -> None:
    assert await reader.by_position() == ()
    assert {each.position async for each in reader.case_records(CASE)} == {None}
    await Sequencer(own_pool).run_once()
    assert len({each.position async for each in reader.case_records(CASE)}) == 6


async def test_a_follower_reads_on_after_a_position_in_pages(reader: LedgerReader, own_pool: Pool) -> None:
    await Sequencer(own_pool).run_once()
    first = await reader.by_position(limit=5)
    rest = await reader.by_position(after=4)
    assert [each.position for each in first + rest] == list(range(14))
    assert [each.position async for each in reader.all_by_position(after=11)] == [12, 13]


async def test_everything_is_read_across_pages(own_pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nom.activities.reader.PAGE", 3)
    ledger, reader = Ledger(own_pool), LedgerReader(own_pool)
    requests = [append_of(asked(f"{CASE}/triage-{number}"), *"abcdefg"[:number]) for number in range(1, 8)]
    for request in requests:
        await ledger.append(request)
    await Sequencer(own_pool).run_once()
    everything = [record for request in requests for record in request.records]
    assert [each.record async for each in reader.case_records(CASE)] == everything
    assert list(await kept(reader, f"{CASE}/triage-7")) == list(requests[-1].records)
    assert [each.position async for each in reader.all_by_position()] == list(range(28))
    assert len([stream async for stream in reader.streams()]) == 7


async def test_a_reader_reads_with_a_login_of_its_own(reader: LedgerReader, own_database: ForceDatabase) -> None:
    async with await open_pool(own_database.reader) as pool:
        assert await LedgerReader(pool).counts() == await reader.counts()
        assert [each async for each in LedgerReader(pool).case_records(CASE)] == [
            each async for each in reader.case_records(CASE)
        ]


async def test_a_record_that_somebody_changed_is_named_and_not_repeated(
    reader: LedgerReader, own_database: ForceDatabase
) -> None:
    admin = await asyncpg.connect(own_database.admin)
    await admin.execute("ALTER TABLE ledger.record DISABLE TRIGGER add_only")
    await admin.execute("UPDATE ledger.record SET actor_role = 'A NAME' WHERE stream = $1 AND seq = 2", f"{CASE}/case")
    await admin.close()
    with pytest.raises(LedgerUnreadable, match=f"record 2 of {CASE}/case") as unreadable:
        _ = [each async for each in reader.stream(f"{CASE}/case")]
    assert "A NAME" not in str(unreadable.value)
    assert unreadable.value.__cause__ is None


async def test_a_record_that_somebody_changed_within_its_contract_no_longer_has_its_digest(
    reader: LedgerReader, own_database: ForceDatabase
) -> None:
    admin = await asyncpg.connect(own_database.admin)
    await admin.execute("ALTER TABLE ledger.record DISABLE TRIGGER add_only")
    await admin.execute("UPDATE ledger.record SET actor_id = 'other' WHERE stream = $1 AND seq = 2", f"{CASE}/case")
    await admin.close()
    first, second = await kept(reader, f"{CASE}/case")
    assert first.computed_digest() == first.digest
    assert second.computed_digest() != second.digest
