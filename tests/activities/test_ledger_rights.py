"""What nobody may do to a ledger, tried with each login and as the owner, on every table that the catalog names."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from temporalio.api.history.v1 import HistoryEvent

from nom.activities.checkpoints import CheckpointPublisher
from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from nom.activities.readings import Purpose, Reading, ReadingLog, Shown
from nom.activities.refusals import RefusalLog
from nom.activities.seals import SealStore
from nom.activities.sequencer import Sequencer
from nom.contracts.note import Signer
from nom.contracts.refusals import NotedRefusal
from tests.activities.records import SERGEANT, append_of, asked, new_stream
from tests.conftest_postgres import ForceDatabase, TestPostgres, login_passwords

TABLES = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname = 'ledger'"
ALL_RELATIONS = """
SELECT n.nspname || '.' || c.relname, c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


@pytest.fixture
async def written(own_database: ForceDatabase, own_pool: Pool) -> AsyncIterator[ForceDatabase]:
    """A database with a row in every table, which every test here must leave as it was."""
    request = append_of(asked(new_stream()), "first", "second")
    await Ledger(own_pool).append(request)
    await Sequencer(own_pool).run_once()
    await own_pool.execute("SELECT ledger.add_snapshot('a', 0, '{}')")
    await own_pool.execute("SELECT ledger.add_board_report('GMP', 0, '2026-01-01Z', '{}')")
    await SealStore(own_pool).add(request.stream, "a-run", [HistoryEvent(event_id=1)], "completed")
    noted = NotedRefusal(history_length=3, place=0, at="1", update="command", code="role", request="", failure="")
    await RefusalLog(own_pool).add([(request.stream, "a-run", noted)])
    await CheckpointPublisher(own_pool, Signer("nom/gmp", bytes(32)), "gmp").run_once()
    async with await open_pool(own_database.reader) as readers:
        shown = (Shown(stream=request.stream, up_to=2),)
        await ReadingLog(readers).add(
            Reading(id=uuid4(), reader=SERGEANT, named=True, purpose=Purpose.AUDIT, tool="show", shown=shown)
        )
    reader = LedgerReader(own_pool)
    before = await reader.counts()
    yield own_database
    assert await reader.counts() == before
    assert [each.record async for each in reader.stream(request.stream)] == list(request.records)


async def connected(database: ForceDatabase, who: str) -> asyncpg.Connection:
    """A session as the worker, the reader, or the owner of the tables."""
    connection = await asyncpg.connect({"worker": database.worker, "reader": database.reader}.get(who, database.admin))
    if who == "owner":
        await connection.execute("SET ROLE nom_owner")
    return connection


async def changes_of(connection: asyncpg.Connection, table: str) -> tuple[str, ...]:
    """Every way to change a table: an UPDATE of each of its columns, a DELETE and a TRUNCATE."""
    columns = await connection.fetch(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0", table
    )
    updates = tuple(f"UPDATE {table} SET {name} = {name}" for (name,) in columns)
    return (*updates, f"DELETE FROM {table}", f"TRUNCATE {table}", f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("who", ["worker", "reader", "owner"])
async def test_nobody_may_update_delete_or_truncate(written: ForceDatabase, who: str) -> None:
    connection = await connected(written, who)
    tables = [table for (table,) in await connection.fetch(TABLES)]
    known = {"record", "position", "snapshot", "board_report", "seal", "checkpoint", "reading", "refusal"}
    assert {f"ledger.{name}" for name in known} <= set(tables)
    for table in tables:
        assert await connection.fetchval(f"SELECT count(*) > 0 FROM {table}"), table
        for change in await changes_of(connection, table):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
    await connection.close()


async def test_a_session_that_plays_a_replica_is_refused_as_well(written: ForceDatabase) -> None:
    connection = await connected(written, "administrator")
    await connection.execute("SET session_replication_role = replica")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM ledger.record")
    await connection.close()


@pytest.mark.parametrize("who", ["worker", "reader"])
async def test_a_login_has_no_right_on_any_table_but_to_read_the_ledgers(written: ForceDatabase, who: str) -> None:
    connection = await connected(written, who)
    for table, oid in await connection.fetch(ALL_RELATIONS):
        rights = await connection.fetchval(
            "SELECT array_agg(name) FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES',"
            "'TRIGGER','MAINTAIN']) name WHERE has_table_privilege($1::oid, name)",
            oid,
        )
        assert rights == (["SELECT"] if table.startswith("ledger.") else None), table
    await connection.close()


async def test_a_worker_may_not_write_past_the_functions(written: ForceDatabase) -> None:
    connection = await connected(written, "worker")
    for statement in (
        "INSERT INTO ledger.record SELECT * FROM ledger.record",
        "INSERT INTO ledger.position VALUES (99, gen_random_uuid())",
        "INSERT INTO ledger.snapshot VALUES ('b', 1, now(), '{}')",
        "INSERT INTO ledger.board_report VALUES ('GMP', 1, now(), '{}', now())",
        "INSERT INTO ledger.seal SELECT * FROM ledger.seal",
        "INSERT INTO ledger.checkpoint SELECT * FROM ledger.checkpoint",
        "INSERT INTO ledger.reading SELECT * FROM ledger.reading",
        "INSERT INTO ledger.refusal SELECT * FROM ledger.refusal",
        "SET ROLE nom_owner",
        "ALTER TABLE ledger.record DISABLE TRIGGER add_only",
        "DROP TRIGGER add_only ON ledger.record",
        "CREATE TABLE ledger.mine ()",
        "CREATE TABLE public.mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "SELECT ledger.add_only('ledger.record')",
        "SELECT ledger.standing('x', 0, '{}')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_a_reader_may_call_no_function_but_the_one_that_logs_a_reading(written: ForceDatabase) -> None:
    connection = await connected(written, "reader")
    functions = await connection.fetch(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace"
    )
    assert len(functions) > 4
    for (function,) in functions:
        may = await connection.fetchval("SELECT has_function_privilege($1, 'EXECUTE')", function)
        assert may == function.startswith("ledger.add_reading("), function
    await connection.close()


async def test_a_definers_function_looks_nowhere_but_where_it_was_pinned(written: ForceDatabase) -> None:
    connection = await connected(written, "administrator")
    unpinned = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace "
        "AND NOT coalesce(proconfig, '{}') && ARRAY['search_path=pg_catalog, pg_temp']"
    )
    assert unpinned == []
    await connection.close()


async def test_a_forces_logins_cannot_open_another_forces_ledger(
    written: ForceDatabase, gmp: ForceDatabase, postgres: TestPostgres
) -> None:
    for login, password in login_passwords(gmp.force).items():
        for other in (written.name, "nom_template"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="CONNECT"):
                await asyncpg.connect(postgres.dsn(other, login, password))
        own = await asyncpg.connect(postgres.dsn(gmp.name, login, password))
        await own.close()
