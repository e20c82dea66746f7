"""Tampering that no chain shows: every kind is found by the signed checkpoints, and what was touched is named."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from nom.activities.checkpoints import CheckpointPublisher, TreeBroken
from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from nom.activities.sequencer import Sequencer
from nom.activities.trees import TreeReader, origin_of, signer_name
from nom.audit.faults import FaultKind
from nom.audit.trees import OutsideCheckpoint, TreeVerified, verify_tree
from nom.audit.verify import verify
from nom.contracts.note import Checkpoint, Signer
from nom.contracts.tree import leaf_hash, root_of
from tests.activities.records import append_of, asked, following
from tests.conftest_postgres import ForceDatabase

FIRST, SECOND = "gmp/26-aaa/case", "gmp/26-bbb/case"
THIEF = Signer("nom/gmp", bytes(32))
TABLES = ("record", "position", "checkpoint")


class LedgerUnderTest:
    """A ledger of one force: two streams, published in two checkpoints of 4 and 8 records."""

    def __init__(self, database: ForceDatabase, pool: Pool) -> None:
        self.database = database
        self.pool = pool
        self.signer = Signer(signer_name(database.force), bytes(range(32)))
        self.publisher = CheckpointPublisher(pool, self.signer, database.force)

    async def fill(self) -> None:
        """Both streams, four records each, one checkpoint after each."""
        for stream in (FIRST, SECOND):
            await self.append(stream, "one", "two", "three", "four")

    async def append(self, stream: str, *words: str) -> None:
        """Records, their positions, and a checkpoint over them."""
        await Ledger(self.pool).append(append_of(asked(stream), *words))
        await Sequencer(self.pool).run_once()
        await self.publisher.run_once()

    async def notes(self) -> list[str]:
        """The signed checkpoints of the records, from the smallest on."""
        return [published.note async for published in TreeReader(self.pool).checkpoints("records")]

    async def change(self, *statements: str) -> None:
        """Change it as the server's superuser, past triggers and constraints."""
        connection = await asyncpg.connect(self.database.admin)
        try:
            for table in TABLES:
                await connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
            for statement in statements:
                assert await connection.execute(statement) not in ("UPDATE 0", "DELETE 0")
        finally:
            await connection.close()

    async def verified(self, *outside: str) -> TreeVerified:
        """As the force's reader, who may only read."""
        async with await open_pool(self.database.reader) as pool:
            kept = [OutsideCheckpoint(note=note, kept_by="the NCA") for note in outside]
            return await verify_tree("records", TreeReader(pool), self.database.force, self.signer.verifier, kept)

    async def chains_hold(self) -> bool:
        """Whether chains and positions alone find nothing."""
        async with await open_pool(self.database.reader) as pool:
            return (await verify(self.database.force, LedgerReader(pool))).holds


@pytest.fixture
async def ledger(own_database: ForceDatabase, own_pool: Pool) -> LedgerUnderTest:
    made = LedgerUnderTest(own_database, own_pool)
    await made.fill()
    return made


def only(result: TreeVerified) -> tuple[FaultKind, str]:
    """The one fault that was found, and its place."""
    assert len(result.faults) == 1, result.faults
    return result.faults[0].kind, result.faults[0].where


async def test_a_ledger_that_nobody_touched_agrees_with_every_checkpoint(ledger: LedgerUnderTest) -> None:
    result = await ledger.verified(*await ledger.notes())
    assert result.faults == ()
    assert (result.checkpoints, result.covered, result.after, result.elsewhere) == (2, 8, 0, 2)


async def test_records_that_no_checkpoint_covers_yet_are_counted(ledger: LedgerUnderTest) -> None:
    await Ledger(ledger.pool).append(append_of(asked("gmp/26-ccc/case"), "later"))
    await Sequencer(ledger.pool).run_once()
    result = await ledger.verified()
    assert (result.faults, result.covered, result.after) == ((), 8, 1)


async def test_a_publisher_with_nothing_new_publishes_nothing(ledger: LedgerUnderTest) -> None:
    assert await ledger.publisher.run_once() == 0
    assert len(await ledger.notes()) == 2


async def test_another_publisher_goes_on_from_what_stands(ledger: LedgerUnderTest) -> None:
    other = CheckpointPublisher(ledger.pool, ledger.signer, ledger.database.force)
    await Ledger(ledger.pool).append(append_of(asked("gmp/26-ccc/case"), "later"))
    await Sequencer(ledger.pool).run_once()
    assert await other.run_once() == 1
    assert await ledger.publisher.run_once() == 0
    result = await ledger.verified()
    assert (result.faults, result.covered, result.checkpoints) == ((), 9, 3)


async def test_a_digest_that_was_replaced_is_named(ledger: LedgerUnderTest) -> None:
    await ledger.change(f"UPDATE ledger.record SET digest = sha256('x') WHERE stream = '{SECOND}' AND seq = 2")
    assert only(await ledger.verified()) == (FaultKind.REPLACED, f"record 2 of {SECOND}")


async def test_a_stream_written_anew_with_every_digest_is_named_though_its_chain_holds(ledger: LedgerUnderTest) -> None:
    await ledger.change(
        f"DELETE FROM ledger.position p USING ledger.record r WHERE p.event_id = r.event_id AND r.stream = '{SECOND}'",
        f"DELETE FROM ledger.record WHERE stream = '{SECOND}'",
    )
    await Ledger(ledger.pool).append(append_of(asked(SECOND), "one", "another", "three", "four"))
    await Sequencer(ledger.pool).run_once()
    assert await ledger.chains_hold()
    assert only(await ledger.verified()) == (FaultKind.REPLACED, f"record 1 of {SECOND}")


async def test_a_tail_cut_off_is_named_though_every_chain_holds(ledger: LedgerUnderTest) -> None:
    await ledger.change(
        "DELETE FROM ledger.position WHERE position = 7",
        f"DELETE FROM ledger.record WHERE stream = '{SECOND}' AND seq = 4",
    )
    assert await ledger.chains_hold()
    assert only(await ledger.verified()) == (FaultKind.CUT_OFF, "position 7")


async def test_two_records_whose_positions_were_swapped_are_named(ledger: LedgerUnderTest) -> None:
    await ledger.change(
        "UPDATE ledger.position SET position = position + 100 WHERE position IN (3, 4)",
        "UPDATE ledger.position SET position = CASE position WHEN 103 THEN 4 ELSE 3 END WHERE position > 99",
    )
    assert only(await ledger.verified()) == (FaultKind.REPLACED, f"record 1 of {SECOND}")


async def test_a_stream_left_out_with_the_positions_renumbered_is_named(ledger: LedgerUnderTest) -> None:
    await ledger.change(
        f"DELETE FROM ledger.position p USING ledger.record r WHERE p.event_id = r.event_id AND r.stream = '{FIRST}'",
        f"DELETE FROM ledger.record WHERE stream = '{FIRST}'",
        "UPDATE ledger.position SET position = position - 4",
    )
    assert await ledger.chains_hold()
    assert only(await ledger.verified()) == (FaultKind.REPLACED, f"record 1 of {SECOND}")


async def test_a_record_put_in_among_the_others_is_named(ledger: LedgerUnderTest) -> None:
    await Ledger(ledger.pool).append(append_of(asked("gmp/26-ccc/case"), "put in"))
    await ledger.change(
        "UPDATE ledger.position SET position = position + 101 WHERE position >= 2",
        "INSERT INTO ledger.position SELECT 2, event_id FROM ledger.record WHERE stream = 'gmp/26-ccc/case'",
        "UPDATE ledger.position SET position = position - 100 WHERE position > 99",
    )
    assert await ledger.chains_hold()
    assert only(await ledger.verified()) == (FaultKind.REPLACED, "record 1 of gmp/26-ccc/case")


async def test_leaves_changed_to_fit_are_not_what_was_signed(ledger: LedgerUnderTest) -> None:
    await ledger.change("UPDATE ledger.checkpoint SET leaves = set_byte(leaves, 40, 0) WHERE tree = 'records'")
    assert only(await ledger.verified()) == (FaultKind.CHECKPOINT_DIFFERS, "checkpoint 4 of records")


async def test_a_checkpoint_signed_with_another_key_is_not_taken(ledger: LedgerUnderTest) -> None:
    checkpoint = Checkpoint(origin=origin_of("gmp", "records"), size=8, root="00" * 32)
    forged = Signer(ledger.signer.verifier.name, bytes(32)).sign(checkpoint.text())
    await ledger.change(f"UPDATE ledger.checkpoint SET note = '{forged}' WHERE size = 8")
    assert only(await ledger.verified()) == (FaultKind.CHECKPOINT_INVALID, "checkpoint 8 of records")


async def test_a_checkpoint_taken_away_is_missed_by_the_one_after_it(ledger: LedgerUnderTest) -> None:
    await ledger.change("DELETE FROM ledger.checkpoint WHERE size = 4")
    assert only(await ledger.verified()) == (FaultKind.CHECKPOINT_MISSING, "checkpoint 8 of records")


async def test_a_ledger_put_back_to_an_older_copy_is_found_by_a_checkpoint_kept_elsewhere(
    ledger: LedgerUnderTest,
) -> None:
    kept = await ledger.notes()
    await ledger.change(
        "DELETE FROM ledger.checkpoint WHERE size = 8",
        "DELETE FROM ledger.position WHERE position > 3",
        f"DELETE FROM ledger.record WHERE stream = '{SECOND}'",
    )
    assert await ledger.chains_hold()
    assert (await ledger.verified()).faults == ()
    result = await ledger.verified(*kept)
    assert only(result) == (FaultKind.CUT_OFF, "checkpoint 8 of records")
    assert result.elsewhere == 1


async def test_a_ledger_put_back_and_grown_again_is_another_one(ledger: LedgerUnderTest) -> None:
    kept = await ledger.notes()
    await ledger.change(
        "DELETE FROM ledger.checkpoint WHERE size = 8",
        "DELETE FROM ledger.position WHERE position > 3",
        f"DELETE FROM ledger.record WHERE stream = '{SECOND}'",
    )
    again = CheckpointPublisher(ledger.pool, ledger.signer, ledger.database.force)
    await Ledger(ledger.pool).append(append_of(asked(SECOND), "one", "two", "three", "nothing of the kind"))
    await Sequencer(ledger.pool).run_once()
    await again.run_once()
    assert (await ledger.verified()).faults == ()
    assert only(await ledger.verified(*kept)) == (FaultKind.CHECKPOINT_DIFFERS, "checkpoint 8 of records")


async def test_a_checkpoint_kept_elsewhere_that_nobody_signed_is_a_fault_of_its_own(ledger: LedgerUnderTest) -> None:
    forged = THIEF.sign(Checkpoint(origin=origin_of("gmp", "records"), size=4, root="00" * 32).text())
    kind, _ = only(await ledger.verified(forged.replace("nom/gmp", f"nom/{ledger.database.force}")))
    assert kind == FaultKind.CHECKPOINT_INVALID


async def test_nothing_more_is_signed_for_a_ledger_that_was_cut(ledger: LedgerUnderTest) -> None:
    await ledger.change(
        "DELETE FROM ledger.position WHERE position = 7",
        f"DELETE FROM ledger.record WHERE stream = '{SECOND}' AND seq = 4",
    )
    await Ledger(ledger.pool).append(append_of(asked("gmp/26-ccc/case"), "later", "and later"))
    await Sequencer(ledger.pool).run_once()
    with pytest.raises(TreeBroken):
        await ledger.publisher.run_once()
    with pytest.raises(TreeBroken):
        await CheckpointPublisher(ledger.pool, ledger.signer, ledger.database.force).run_once()
    assert len(await ledger.notes()) == 2


async def test_nothing_is_signed_with_a_key_that_did_not_sign_what_stands(ledger: LedgerUnderTest) -> None:
    with pytest.raises(TreeBroken):
        await CheckpointPublisher(ledger.pool, THIEF, ledger.database.force).run_once()


async def test_a_tree_of_a_hundred_records_is_the_tree_of_their_digests(ledger: LedgerUnderTest) -> None:
    request = append_of(asked("gmp/26-ccc/case"), "first")
    await Ledger(ledger.pool).append(request)
    for number in range(20):
        request = following(request, *(f"{number}.{part}" for part in range(5)))
        await Ledger(ledger.pool).append(request)
    await Sequencer(ledger.pool).run_once()
    assert await ledger.publisher.run_once() == 101
    leaves = [leaf_hash(item.digest or b"") async for item in TreeReader(ledger.pool).material("records")]
    assert (
        f"\n109\n{Checkpoint(origin='x', size=1, root=root_of(leaves).hex()).text().splitlines()[2]}\n"
        in (await ledger.notes())[-1]
    )


Change = Callable[[str], Awaitable[None]]


@pytest.mark.parametrize("table", ["seal", "checkpoint"])
@pytest.mark.parametrize("role", ["worker", "reader"])
async def test_nobody_may_write_to_the_trees_but_through_their_functions(
    table: str, role: str, ledger: LedgerUnderTest
) -> None:
    dsn = ledger.database.worker if role == "worker" else ledger.database.reader
    connection = await asyncpg.connect(dsn)
    try:
        for statement in (f"DELETE FROM ledger.{table}", f"UPDATE ledger.{table} SET sealed_at = now()"):
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement)
        if role == "reader":
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("SELECT ledger.add_checkpoint('records', 8, 9, ''::bytea, '')")
    finally:
        await connection.close()
