from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from nom.activities.sequencer import Sequencer
from nom.audit.chains import ChainsVerified, together, verify_chains
from nom.audit.faults import FaultKind
from nom.audit.verify import Verified, verify, verify_places
from nom.console.cores import process_pool
from nom.console.verifying import verify_parts
from tests.activities.records import append_of, asked, following
from tests.conftest_postgres import ForceDatabase

FIRST, SECOND, THIRD = "gmp/26-aaa/case", "gmp/26-aaa/triage-1", "gmp/26-bbb/case"
STREAMS = (FIRST, SECOND, THIRD)

Tamper = Callable[[str], Awaitable[None]]


@pytest.fixture
async def tamper(own_database: ForceDatabase, own_pool: Pool) -> Tamper:
    """A ledger of three streams, two commands of two records each, sequenced; and the means to change it: as the
    server's superuser, past triggers and constraints.
    """
    ledger = Ledger(own_pool)
    for stream in STREAMS:
        first = append_of(asked(stream), "one", "two")
        await ledger.append(first)
        await ledger.append(following(first, "three", "four"))
    await Sequencer(own_pool).run_once()

    async def change(statement: str) -> None:
        connection = await asyncpg.connect(own_database.admin)
        try:
            await connection.execute("ALTER TABLE ledger.record DISABLE TRIGGER ALL")
            await connection.execute("ALTER TABLE ledger.position DISABLE TRIGGER ALL")
            await connection.execute("ALTER TABLE ledger.record DROP CONSTRAINT IF EXISTS record_payload")
            await connection.execute("ALTER TABLE ledger.record DROP CONSTRAINT IF EXISTS record_chain")
            assert await connection.execute(statement) not in ("UPDATE 0", "DELETE 0")
        finally:
            await connection.close()

    return change


@pytest.fixture
async def verified(own_database: ForceDatabase) -> Callable[[], Awaitable[Verified]]:
    """Verifies as the force's reader, who may only read."""

    async def look() -> Verified:
        async with await open_pool(own_database.reader) as pool:
            return await verify(own_database.force, LedgerReader(pool))

    return look


Verifying = Callable[[], Awaitable[Verified]]


async def test_a_ledger_that_nobody_touched_holds(tamper: Tamper, verified: Verifying) -> None:
    result = await verified()
    assert result.holds
    assert (result.streams, result.records, result.positions, result.waiting) == (3, 12, 12, 0)


async def test_an_empty_ledger_holds(own_database: ForceDatabase, verified: Verifying) -> None:
    result = await verified()
    assert result.holds
    assert result.records == 0


async def test_records_that_wait_for_the_sequencer_are_counted_and_are_no_fault(
    own_pool: Pool, tamper: Tamper, verified: Verifying
) -> None:
    await Ledger(own_pool).append(append_of(asked("gmp/26-ccc/case"), "later"))
    result = await verified()
    assert result.holds
    assert (result.records, result.positions, result.waiting) == (13, 12, 1)


@pytest.mark.parametrize(
    ("change", "kind", "seq"),
    [
        ('payload = convert_to(\'{"type":"told.v1","words":"six"}\', \'UTF8\')', FaultKind.PAYLOAD_DIFFERS, 3),
        ("payload = 'x', payload_digest = sha256('x')", FaultKind.DIGEST_DIFFERS, 3),
        ("actor_id = 'officer-9'", FaultKind.DIGEST_DIFFERS, 3),
        ("actor_role = 'duty_officer'", FaultKind.DIGEST_DIFFERS, 3),
        ("occurred_at = occurred_at - interval '1 microsecond'", FaultKind.DIGEST_DIFFERS, 3),
        ("reason = NULL", FaultKind.DIGEST_DIFFERS, 3),
        ("policy_version = '2027-01'", FaultKind.DIGEST_DIFFERS, 3),
        ("digest = sha256('x')", FaultKind.DIGEST_DIFFERS, 3),
        ("event_id = gen_random_uuid()", FaultKind.WRONG_ID, 3),
        ("payload = '\\xff'", FaultKind.UNREADABLE, 3),
    ],
)
async def test_a_record_that_was_changed_is_named(
    change: str, kind: FaultKind, seq: int, tamper: Tamper, verified: Verifying
) -> None:
    await tamper(f"UPDATE ledger.record SET {change} WHERE stream = '{SECOND}' AND seq = {seq}")
    result = await verified()
    first = result.first_fault
    assert first is not None
    assert (first.kind, first.stream, first.seq) == (kind, SECOND, seq)
    assert result.broken_streams == {SECOND}
    assert result.records == 12


async def test_a_digest_computed_again_breaks_the_chain_at_the_record_after(
    tamper: Tamper, verified: Verifying
) -> None:
    await tamper(f"UPDATE ledger.record SET previous = sha256('x') WHERE stream = '{FIRST}' AND seq = 2")
    first = (await verified()).first_fault
    assert first is not None
    assert (first.kind, first.seq) == (FaultKind.DIGEST_DIFFERS, 2)


async def test_a_record_sealed_anew_breaks_the_chain_at_the_record_after_it(
    own_pool: Pool, tamper: Tamper, verified: Verifying
) -> None:
    stored = [each.record async for each in LedgerReader(own_pool).stream(SECOND)]
    forged = stored[1].model_copy(update={"actor": stored[1].actor.model_copy(update={"id": "officer-9"})})
    assert forged.computed_digest() != stored[1].digest
    await tamper(
        f"UPDATE ledger.record SET actor_id = 'officer-9', digest = '\\x{forged.computed_digest()}' "
        f"WHERE stream = '{SECOND}' AND seq = 2"
    )
    first = (await verified()).first_fault
    assert first is not None
    assert (first.kind, first.stream, first.seq) == (FaultKind.PREVIOUS_DIFFERS, SECOND, 3)


async def test_a_record_that_was_taken_out_is_named_and_so_is_its_position(tamper: Tamper, verified: Verifying) -> None:
    await tamper(f"DELETE FROM ledger.record WHERE stream = '{FIRST}' AND seq = 2")
    result = await verified()
    assert [(fault.kind, fault.where) for fault in result.faults] == [
        (FaultKind.SEQUENCE_BROKEN, f"record 2 of {FIRST}"),
        (FaultKind.POSITION_WITHOUT_RECORD, "position 1"),
    ]


async def test_a_first_record_that_was_taken_out_is_named(tamper: Tamper, verified: Verifying) -> None:
    await tamper(f"DELETE FROM ledger.record WHERE stream = '{FIRST}' AND seq = 1")
    first = (await verified()).first_fault
    assert first is not None
    assert (first.kind, first.stream, first.seq) == (FaultKind.SEQUENCE_BROKEN, FIRST, 1)


async def test_records_that_changed_places_are_named(tamper: Tamper, verified: Verifying) -> None:
    await tamper(f"UPDATE ledger.record SET seq = seq + 100 WHERE stream = '{FIRST}' AND seq IN (2, 3)")
    await tamper(f"UPDATE ledger.record SET seq = 105 - seq WHERE stream = '{FIRST}' AND seq > 100")
    first = (await verified()).first_fault
    assert first is not None
    assert (first.kind, first.stream, first.seq) == (FaultKind.WRONG_ID, FIRST, 2)


async def test_a_record_moved_to_another_stream_is_named_there(tamper: Tamper, verified: Verifying) -> None:
    await tamper(f"UPDATE ledger.record SET stream = '{SECOND}', seq = 5 WHERE stream = '{FIRST}' AND seq = 4")
    first = (await verified()).first_fault
    assert first is not None
    assert (first.stream, first.seq) == (SECOND, 5)


async def test_every_broken_stream_is_named_once(tamper: Tamper, verified: Verifying) -> None:
    await tamper("UPDATE ledger.record SET actor_id = 'officer-9' WHERE seq >= 2")
    assert [(fault.stream, fault.seq) for fault in (await verified()).faults] == [(stream, 2) for stream in STREAMS]


@pytest.mark.parametrize(
    ("statement", "kind", "position"),
    [
        ("DELETE FROM ledger.position WHERE position = 4", FaultKind.POSITION_MISSING, 4),
        ("UPDATE ledger.position SET position = 99 WHERE position = 0", FaultKind.POSITION_MISSING, 0),
        (
            "UPDATE ledger.position SET event_id = gen_random_uuid() WHERE position = 7",
            FaultKind.POSITION_WITHOUT_RECORD,
            7,
        ),
    ],
)
async def test_a_position_that_is_wrong_is_named(
    statement: str, kind: FaultKind, position: int, tamper: Tamper, verified: Verifying
) -> None:
    await tamper(statement)
    found = [(fault.kind, fault.position) for fault in (await verified()).faults if fault.position is not None]
    assert found == [(kind, position)]


async def test_positions_that_changed_places_within_a_stream_are_named(tamper: Tamper, verified: Verifying) -> None:
    await tamper("UPDATE ledger.position SET position = position + 100 WHERE position IN (0, 1)")
    await tamper("UPDATE ledger.position SET position = 101 - position WHERE position >= 100")
    first = (await verified()).first_fault
    assert first is not None
    assert (first.kind, first.stream, first.seq) == (FaultKind.POSITION_OUT_OF_ORDER, FIRST, 2)


async def test_a_tail_cut_off_is_found_by_the_positions_that_it_leaves(tamper: Tamper, verified: Verifying) -> None:
    await tamper(f"DELETE FROM ledger.record WHERE stream = '{FIRST}' AND seq = 4")
    result = await verified()
    assert [fault.kind for fault in result.faults] == [FaultKind.POSITION_WITHOUT_RECORD]


async def test_the_last_records_cut_off_with_their_positions_can_not_be_found(
    tamper: Tamper, verified: Verifying
) -> None:
    """What chains alone don't show: only something outside the ledger could tell."""
    await tamper(
        "DELETE FROM ledger.record WHERE event_id IN (SELECT event_id FROM ledger.position WHERE position >= 10)"
    )
    await tamper("DELETE FROM ledger.position WHERE position >= 10")
    result = await verified()
    assert result.holds
    assert result.records == 10


async def test_progress_is_told(tamper: Tamper, own_database: ForceDatabase) -> None:
    told: list[int] = []
    async with await open_pool(own_database.reader) as pool:
        await verify(own_database.force, LedgerReader(pool), told.append)
    assert told[-1] == 12


async def by_parts(database: ForceDatabase, records: int) -> tuple[ChainsVerified, list[tuple[str, str | None]]]:
    async with await open_pool(database.reader) as pool:
        reader = LedgerReader(pool)
        parts = [part async for part in reader.parts(records)]
        return together([await verify_chains(reader, *part) for part in parts]), parts


@pytest.mark.parametrize(
    ("records", "ends"),
    [
        (1, [FIRST, SECOND, THIRD, None]),
        (4, [SECOND, None]),
        (5, [SECOND, None]),
        (11, [THIRD, None]),
        (12, [None]),
        (500, [None]),
    ],
)
async def test_a_ledger_in_parts_is_the_whole_ledger(
    records: int, ends: list[str | None], tamper: Tamper, own_database: ForceDatabase
) -> None:
    found, parts = await by_parts(own_database, records)
    assert parts == list(zip(["", *ends[:-1]], ends, strict=True))
    assert (found.streams, found.records, found.waiting, found.faults) == (3, 12, 0, ())


@pytest.mark.parametrize("records", [1, 4, 5, 12])
async def test_what_is_wrong_is_found_in_parts_as_well_and_told_in_the_order_of_the_ledger(
    records: int, tamper: Tamper, verified: Verifying, own_database: ForceDatabase
) -> None:
    await tamper(f"DELETE FROM ledger.record WHERE stream = '{THIRD}' AND seq = 1")
    await tamper(f"UPDATE ledger.record SET reason = NULL WHERE stream = '{SECOND}' AND seq = 2")
    await tamper(f"UPDATE ledger.record SET payload = '\\xff' WHERE stream = '{FIRST}' AND seq = 3")
    whole = await verified()
    found, _ = await by_parts(own_database, records)
    async with await open_pool(own_database.reader) as pool:
        assert await verify_places(own_database.force, LedgerReader(pool), found) == whole
    assert [fault.kind for fault in found.faults] == [
        FaultKind.UNREADABLE,
        FaultKind.DIGEST_DIFFERS,
        FaultKind.SEQUENCE_BROKEN,
    ]


async def test_parts_are_looked_at_in_processes_of_their_own(tamper: Tamper, own_database: ForceDatabase) -> None:
    await tamper(f"UPDATE ledger.record SET reason = NULL WHERE stream = '{SECOND}' AND seq = 2")
    told: list[int] = []
    async with await open_pool(own_database.reader) as pool:
        parts = [part async for part in LedgerReader(pool).parts(4)]
    with process_pool(2) as processes:
        found = await verify_parts(own_database.reader, parts, processes, 2, told.append)
    assert [(fault.kind, fault.stream, fault.seq) for fault in found.faults] == [(FaultKind.DIGEST_DIFFERS, SECOND, 2)]
    assert (found.records, told[-1]) == (12, 12)
