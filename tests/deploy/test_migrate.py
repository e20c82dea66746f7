import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from nom.deploy.databases import create_database
from nom.deploy.migrate import UnknownRevision, migrate, script
from nom.deploy.revisions import MIGRATIONS, revisions, sql_of
from tests.conftest_postgres import ForceDatabase, TestPostgres

_NAMES = iter(f"nom_migrated_{number}" for number in range(100))


@pytest.fixture
async def empty(postgres: TestPostgres, gmp: ForceDatabase) -> str:
    """A database without a ledger, on a cluster that has the roles."""
    name = next(_NAMES)
    await create_database(postgres.dsn(), name)
    return postgres.dsn(name)


async def tables(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname IN ('ledger', 'public')"))
    finally:
        await connection.close()


def test_every_sql_file_is_a_revision_that_follows_the_one_before() -> None:
    written = script(None)
    assert len(revisions()) == len(list(MIGRATIONS.glob("*.sql"))) == len(list(MIGRATIONS.glob("versions/0*.py")))
    places = [written.index(sql_of(revision)) for revision in revisions()]
    assert places == sorted(places)
    assert sql_of(revisions()[0]) not in script(revisions()[0])
    with pytest.raises(FileNotFoundError):
        sql_of("9999")


async def test_a_database_is_brought_to_the_head_once(empty: str) -> None:
    assert await migrate(empty) == revisions()
    assert await migrate(empty) == ()
    connection = await asyncpg.connect(empty)
    owners = await connection.fetch(
        "SELECT DISTINCT pg_get_userbyid(relowner)::text FROM pg_class WHERE relnamespace = 'ledger'::regnamespace"
    )
    assert [owner for (owner,) in owners] == ["nom_owner"]
    await connection.close()


async def test_a_database_is_brought_on_from_any_revision(empty: str) -> None:
    connection = await asyncpg.connect(empty)
    up_to_second = script(None).split(f"-- Running upgrade {revisions()[1]}")[0]
    await connection.execute("SET ROLE nom_owner")
    await connection.execute(up_to_second)
    await connection.close()
    assert await migrate(empty) == revisions()[2:]


async def test_two_that_migrate_at_once_apply_each_revision_once(empty: str) -> None:
    applied = await asyncio.gather(*(migrate(empty) for _ in range(4)))
    assert sorted(applied) == [(), (), (), revisions()]


async def test_a_migration_that_fails_leaves_nothing_behind(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(current: str | None) -> str:
        return f"{script(current)}; SELECT 1 / 0"

    monkeypatch.setattr("nom.deploy.migrate.script", broken)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty)
    assert await tables(empty) == 0
    monkeypatch.undo()
    assert await migrate(empty) == revisions()


async def test_a_database_of_a_newer_nom_is_left_alone(empty: str) -> None:
    await migrate(empty)
    connection = await asyncpg.connect(empty)
    await connection.execute("UPDATE public.alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(UnknownRevision, match="9999"):
        await migrate(empty)


def test_asking_whether_there_is_something_to_do_does_not_load_alembic() -> None:
    program = "import sys, nom.deploy.databases; sys.exit('alembic' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_the_migrations_travel_with_the_package() -> None:
    assert (MIGRATIONS / "env.py").exists()
    assert Path(__file__).parents[2] / "nom" / "deploy" / "migrations" == MIGRATIONS
