"""The logs of readings and refusals under signed checkpoints: whatever is done to a row is found, and it is named."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from nom.activities.checkpoints import CheckpointPublisher, TreeBroken
from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from nom.activities.readings import Purpose, Reading, ReadingLog, Shown
from nom.activities.refusals import RefusalLog
from nom.activities.seals import SealStore
from nom.activities.sequencer import Sequencer
from nom.activities.trees import TreeName, TreeReader, signer_name
from nom.audit.faults import FaultKind
from nom.audit.trees import OutsideCheckpoint, TreeVerified
from nom.audit.verify import Verified, verify, verify_signed
from nom.console.access import Access
from nom.console.verifying import verify_ledgers
from nom.contracts.note import Signer
from nom.contracts.refusals import NotedRefusal
from tests.activities.records import SERGEANT, append_of, asked
from tests.audit.sealed import until
from tests.conftest_postgres import ForceDatabase

PROCESS = "gmp/26-aaa/case"
ROWS = 6

# Another value for each column, of which its constraints know nothing.
READING_COLUMNS = {
    "reading": "gen_random_uuid()",
    "read_at": "read_at - interval '1 microsecond'",
    "login": "'nom_gmp_admin'",
    "reader_id": "'sergeant-2'",
    "reader_role": "'clerk'",
    "reader_agency": "'health'",
    "reader_force": "NULL",
    "named": "NOT named",
    "purpose": "'inspection'",
    "tool": "'why'",
    "stream": "'gmp/26-bbb/case'",
    "up_to": "up_to + 10",
    "position": "NULL",
    "partly": "NOT partly",
    "disclosed_to": "'press'",
}
REFUSAL_COLUMNS = {
    "noted_at": "noted_at + interval '1 day'",
    "login": "'nom_gmp_admin'",
    "workflow_id": "'gmp/26-bbb/case'",
    "run_id": "'another'",
    "history_length": "history_length + 1",
    "place": "place + 1",
    "at": "at + 100",
    "update_name": "'query'",
    "code": "'role'",
    "accepted": "NOT accepted",
    "request": "set_byte(request, 0, 0)",
    "failure": "''",
}
COLUMNS = {"readings": READING_COLUMNS, "refusals": REFUSAL_COLUMNS}
TABLE = {"readings": "ledger.reading", "refusals": "ledger.refusal"}


class Logs:
    """A ledger with both logs, each published in two checkpoints of 3 and 6 rows."""

    def __init__(self, database: ForceDatabase, workers: Pool, readers: Pool) -> None:
        self.database = database
        self.workers = workers
        self.readers = readers
        self.signer = Signer(signer_name(database.force), bytes(range(32)))
        self.publisher = CheckpointPublisher(workers, self.signer, database.force)

    async def fill(self) -> None:
        """One stream of three records, six rows in each log."""
        await Ledger(self.workers).append(append_of(asked(PROCESS), "one", "two", "three"))
        await Sequencer(self.workers).run_once()
        for first in (0, ROWS // 2):
            for number in range(first, first + ROWS // 2):
                await self.add(number)
            await self.publisher.run_once()

    async def add(self, number: int) -> None:
        """A row in each log."""
        shown = (Shown(stream=PROCESS, up_to=number % 3 + 1),)
        await ReadingLog(self.readers).add(
            Reading(id=uuid4(), reader=SERGEANT, named=True, purpose=Purpose.AUDIT, tool="show", shown=shown)
        )
        refused = NotedRefusal(
            history_length=9,
            place=0,
            at=str(number),
            update="command",
            code="gate_not_met",
            request="AQID",
            failure="BA==",
        )
        await RefusalLog(self.workers).add([(PROCESS, "a-run", refused)])

    async def notes(self) -> tuple[str, ...]:
        """The newest checkpoints, as the NCA keeps them and an auditor takes them along."""
        return await TreeReader(self.readers).latest_notes()

    async def change(self, *statements: str) -> None:
        """Change it as the server's superuser, past triggers and constraints."""
        connection = await asyncpg.connect(self.database.admin)
        try:
            for table in (*TABLE.values(), "ledger.checkpoint"):
                await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for statement in statements:
                assert await connection.execute(statement) not in ("UPDATE 0", "DELETE 0"), statement
        finally:
            await connection.close()

    async def verified(self, *outside: str) -> Verified:
        """As `nom audit verify` finds it, by the force's reader."""
        kept = [OutsideCheckpoint(note=note, kept_by="the NCA") for note in outside]
        found = await verify(self.database.force, LedgerReader(self.readers))
        trees, seals = TreeReader(self.readers), SealStore(self.readers)
        return await verify_signed(found, trees, seals, self.signer.verifier, kept)


@pytest.fixture
async def logs(own_database: ForceDatabase, own_pool: Pool) -> AsyncIterator[Logs]:
    async with await open_pool(own_database.reader) as readers:
        made = Logs(own_database, own_pool, readers)
        await made.fill()
        yield made


def of_tree(found: Verified, tree: str) -> TreeVerified:
    """What was found of one tree."""
    return next(looked for looked in found.trees if looked.tree == tree)


def only(found: Verified) -> tuple[FaultKind, str]:
    """The one fault of the whole ledger, and its place."""
    assert len(found.faults) == 1, found.faults
    assert found.broken_streams == frozenset()
    return found.faults[0].kind, found.faults[0].where


both = pytest.mark.parametrize("tree", ["readings", "refusals"])


async def test_logs_that_nobody_touched_agree_with_every_checkpoint(logs: Logs) -> None:
    notes = await logs.notes()
    assert [note.splitlines()[0].rpartition("/")[2] for note in notes] == ["records", "readings", "refusals"]
    found = await logs.verified(*notes)
    assert found.faults == ()
    for tree in ("readings", "refusals"):
        looked = of_tree(found, tree)
        assert (looked.checkpoints, looked.covered, looked.after, looked.elsewhere) == (2, 6, 0, 1)


async def test_rows_that_no_checkpoint_covers_yet_are_counted(logs: Logs) -> None:
    await logs.add(ROWS)
    found = await logs.verified()
    assert found.faults == ()
    assert [of_tree(found, tree).after for tree in ("readings", "refusals")] == [1, 1]
    assert await logs.publisher.run_once() == 2


@both
async def test_every_column_of_a_row_is_under_the_signature(tree: str, logs: Logs) -> None:
    names = await logs.readers.fetch(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0", TABLE[tree]
    )
    assert {name for (name,) in names} - {"number"} == set(COLUMNS[tree])


@pytest.mark.parametrize(("tree", "column"), [(tree, column) for tree, all_ in COLUMNS.items() for column in all_])
async def test_a_row_of_which_one_column_was_changed_is_named(tree: str, column: str, logs: Logs) -> None:
    await logs.change(f"UPDATE {TABLE[tree]} SET {column} = {COLUMNS[tree][column]} WHERE number = 4")
    about = "gmp/26-bbb/case" if column in ("stream", "workflow_id") else PROCESS
    assert only(await logs.verified()) == (FaultKind.REPLACED, f"row 4 of the log of {tree} ({about})")


@both
async def test_a_row_taken_out_of_the_middle_is_named(tree: str, logs: Logs) -> None:
    await logs.change(f"DELETE FROM {TABLE[tree]} WHERE number = 2")
    assert only(await logs.verified()) == (FaultKind.CUT_OFF, f"row 2 of the log of {tree}")


@both
async def test_a_row_left_out_with_the_others_renumbered_is_named(tree: str, logs: Logs) -> None:
    await logs.change(
        f"DELETE FROM {TABLE[tree]} WHERE number = 2",
        f"UPDATE {TABLE[tree]} SET number = number + 100 WHERE number > 2",
        f"UPDATE {TABLE[tree]} SET number = number - 101 WHERE number > 99",
    )
    assert only(await logs.verified()) == (FaultKind.REPLACED, f"row 2 of the log of {tree} ({PROCESS})")


@both
async def test_a_tail_cut_off_is_named(tree: str, logs: Logs) -> None:
    await logs.change(f"DELETE FROM {TABLE[tree]} WHERE number >= 4")
    assert only(await logs.verified()) == (FaultKind.CUT_OFF, f"row 4 of the log of {tree}")


@both
async def test_a_log_that_was_emptied_is_named_at_its_first_row(tree: str, logs: Logs) -> None:
    await logs.change(f"TRUNCATE {TABLE[tree]}")
    assert only(await logs.verified()) == (FaultKind.CUT_OFF, f"row 0 of the log of {tree}")


@both
async def test_two_rows_that_were_swapped_are_named(tree: str, logs: Logs) -> None:
    await logs.change(
        f"UPDATE {TABLE[tree]} SET number = number + 100 WHERE number IN (1, 3)",
        f"UPDATE {TABLE[tree]} SET number = CASE number WHEN 101 THEN 3 ELSE 1 END WHERE number > 99",
    )
    assert only(await logs.verified()) == (FaultKind.REPLACED, f"row 1 of the log of {tree} ({PROCESS})")


@both
async def test_a_row_put_in_among_the_others_is_named(tree: str, logs: Logs) -> None:
    await logs.add(ROWS)
    await logs.change(
        f"UPDATE {TABLE[tree]} SET number = number + 101 WHERE number BETWEEN 3 AND 5",
        f"UPDATE {TABLE[tree]} SET number = 3 WHERE number = {ROWS}",
        f"UPDATE {TABLE[tree]} SET number = number - 100 WHERE number > 99",
    )
    assert only(await logs.verified()) == (FaultKind.REPLACED, f"row 3 of the log of {tree} ({PROCESS})")


@pytest.mark.parametrize(
    ("tree", "change"),
    [
        ("readings", "ALTER COLUMN tool DROP NOT NULL; UPDATE ledger.reading SET tool = NULL"),
        ("readings", "ADD COLUMN x int; UPDATE ledger.reading SET up_to = 1::bigint << 60"),
        ("refusals", "ALTER COLUMN request DROP NOT NULL; UPDATE ledger.refusal SET request = NULL"),
        ("refusals", "ALTER COLUMN code DROP NOT NULL; UPDATE ledger.refusal SET code = NULL"),
    ],
)
async def test_a_row_that_no_version_of_nom_wrote_is_named_and_never_signed(tree: str, change: str, logs: Logs) -> None:
    await logs.add(ROWS)
    await logs.change(f"ALTER TABLE {TABLE[tree]} {change} WHERE number = {ROWS}")
    assert only(await logs.verified()) == (FaultKind.UNREADABLE, f"row {ROWS} of the log of {tree} ({PROCESS})")
    with pytest.raises(TreeBroken, match=tree):
        await CheckpointPublisher(logs.workers, logs.signer, logs.database.force).run_once()


@both
async def test_a_log_put_back_to_an_older_copy_is_found_by_a_checkpoint_kept_elsewhere(tree: str, logs: Logs) -> None:
    kept = await logs.notes()
    await logs.change(
        f"DELETE FROM ledger.checkpoint WHERE tree = '{tree}' AND size = 6",
        f"DELETE FROM {TABLE[tree]} WHERE number > 2",
    )
    assert (await logs.verified()).faults == ()
    assert only(await logs.verified(*kept)) == (FaultKind.CUT_OFF, f"checkpoint 6 of {tree}")


@both
async def test_a_log_put_back_and_grown_again_is_another_one(tree: str, logs: Logs) -> None:
    kept = await logs.notes()
    await logs.change(
        f"DELETE FROM ledger.checkpoint WHERE tree = '{tree}' AND size = 6",
        f"DELETE FROM {TABLE[tree]} WHERE number > 2",
    )
    again = CheckpointPublisher(logs.workers, logs.signer, logs.database.force)
    for number in range(ROWS, ROWS + 3):
        await logs.add(number)
    await again.run_once()
    assert (await logs.verified()).faults == ()
    assert only(await logs.verified(*kept)) == (FaultKind.CHECKPOINT_DIFFERS, f"checkpoint 6 of {tree}")


@both
async def test_nothing_more_is_signed_of_a_log_that_was_changed_and_of_the_others_it_is(
    tree: TreeName, logs: Logs
) -> None:
    await logs.change(f"UPDATE {TABLE[tree]} SET login = 'nobody' WHERE number = 5")
    await logs.add(ROWS)
    await Ledger(logs.workers).append(append_of(asked("gmp/26-bbb/case"), "one"))
    await Sequencer(logs.workers).run_once()
    with pytest.raises(TreeBroken, match=tree) as broken:
        await logs.publisher.run_once()
    assert broken.value.trees == (tree,)
    found = await logs.verified()
    assert only(found) == (FaultKind.REPLACED, f"row 5 of the log of {tree} ({PROCESS})")
    covered = {looked.tree: looked.covered for looked in found.trees}
    other = "refusals" if tree == "readings" else "readings"
    assert (covered["records"], covered[other]) == (4, 7)


@pytest.mark.engine
async def test_the_nca_keeps_checkpoints_of_what_was_read_of_a_case(matter: str, access: Access) -> None:
    shown = (Shown(stream=f"{matter}/referral-1", up_to=1),)
    reading = Reading(id=uuid4(), reader=SERGEANT, named=True, purpose=Purpose.AUDIT, tool="show", shown=shown)
    await (await access.readings("gmp")).add(reading)

    async def is_kept() -> bool:
        (found,) = await verify_ledgers(access, ("gmp",))
        assert found.faults == ()
        readings = of_tree(found, "readings")
        return min(readings.covered, readings.elsewhere) > 0

    await until(is_kept)
