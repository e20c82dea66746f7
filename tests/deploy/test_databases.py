import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from nom.deploy.databases import create_database, prepare
from nom.deploy.roles import create_roles, database_of, reader_of, worker_of
from tests.conftest_postgres import PASSWORD, ForceDatabase, TestPostgres, login_passwords

STATE = """
SELECT string_agg(row, E'\n' ORDER BY row) FROM (
    SELECT rolname || rolcanlogin || rolsuper || coalesce(rolpassword, '-') AS row FROM pg_authid
    UNION ALL SELECT roleid::regrole || ' ' || member::regrole FROM pg_auth_members
    UNION ALL SELECT datname || datdba::regrole || datallowconn || coalesce(datacl::text, '-') FROM pg_database
)
"""


async def state(server: TestPostgres) -> str:
    """Every role, membership, password and database of the cluster."""
    connection = await asyncpg.connect(server.dsn())
    try:
        return str(await connection.fetchval(STATE))
    finally:
        await connection.close()


async def can_log_in(server: TestPostgres, database: str, user: str, password: str) -> bool:
    try:
        connection = await asyncpg.connect(server.dsn(database, user, password))
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return False
    await connection.close()
    return True


async def test_preparing_again_changes_nothing(own_postgres: TestPostgres) -> None:
    forces = ("gmp", "wyp", "nca")
    await prepare(own_postgres.dsn, forces, login_passwords(*forces))
    before = await state(own_postgres)
    assert all(f"nom_{force}_worker" in before for force in forces)
    await prepare(own_postgres.dsn, forces, login_passwords(*forces))
    assert await state(own_postgres) == before


async def test_two_that_prepare_at_once_take_turns(own_postgres: TestPostgres) -> None:
    forces = ("gmp", "wyp")
    await asyncio.gather(*(prepare(own_postgres.dsn, forces, login_passwords(*forces)) for _ in range(3)))
    before = await state(own_postgres)
    await prepare(own_postgres.dsn, forces, login_passwords(*forces))
    assert await state(own_postgres) == before


async def test_a_force_that_joins_later_is_added_and_the_others_stay(own_postgres: TestPostgres) -> None:
    await prepare(own_postgres.dsn, ("gmp",), login_passwords("gmp"))
    await prepare(own_postgres.dsn, ("gmp", "wyp"), login_passwords("gmp", "wyp"))
    passwords = login_passwords("gmp", "wyp")
    for force in ("gmp", "wyp"):
        for login in (worker_of(force), reader_of(force)):
            assert await can_log_in(own_postgres, database_of(force), login, passwords[login])


async def test_a_new_password_replaces_the_old_one(postgres: TestPostgres, own_database: ForceDatabase) -> None:
    worker = worker_of(own_database.force)
    old = login_passwords(own_database.force)[worker]
    await create_roles(postgres.dsn(), {worker: "another one"})
    assert await can_log_in(postgres, own_database.name, worker, "another one".replace(" ", "%20"))
    assert not await can_log_in(postgres, own_database.name, worker, old)


@pytest.mark.parametrize("password", ["", "pässword", "line\nbreak"])
async def test_a_password_that_logins_would_spell_in_two_ways_is_refused(postgres: TestPostgres, password: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        await create_roles(postgres.dsn(), {"nom_gmp_worker": password})


@pytest.mark.parametrize("name", ["postgres", "nom_gmp", "nom_gmp_worker; DROP ROLE x", "x_worker", "nom_GMP_worker"])
async def test_a_role_that_is_not_a_forces_login_is_not_created(postgres: TestPostgres, name: str) -> None:
    with pytest.raises(ValueError, match="not the login of a force"):
        await create_roles(postgres.dsn(), {name: "password"})


def test_a_force_has_three_letters() -> None:
    assert (database_of("GMP"), worker_of("gmp"), reader_of("nca")) == (
        "nom_gmp",
        "nom_gmp_worker",
        "nom_nca_reader",
    )
    for wrong in ("gm", "gmp; DROP DATABASE x", "gmpx", ""):
        with pytest.raises(ValueError, match="short name"):
            database_of(wrong)


async def _revoked_again(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO PUBLIC")


async def _never_opened(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")


async def _never_granted(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f"REVOKE CONNECT ON DATABASE {name} FROM {name}_worker")


@pytest.mark.parametrize("left", [_revoked_again, _never_opened, _never_granted])
async def test_a_database_left_half_done_is_finished_by_the_next_run(
    postgres: TestPostgres,
    own_database: ForceDatabase,
    gmp: ForceDatabase,
    left: Callable[[asyncpg.Connection, str], Awaitable[None]],
) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    await left(admin, own_database.name)
    await admin.close()
    await prepare(postgres.dsn, (own_database.force,), login_passwords(own_database.force))
    connection = await asyncpg.connect(own_database.worker)
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(
            postgres.dsn(own_database.name, worker_of("gmp"), login_passwords("gmp")[worker_of("gmp")])
        )


async def test_an_administrator_who_is_no_superuser_can_prepare_everything(own_postgres: TestPostgres) -> None:
    superuser = await asyncpg.connect(own_postgres.dsn())
    await superuser.execute(f"CREATE ROLE caretaker LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}'")
    await superuser.close()

    def as_caretaker(database: str) -> str:
        return own_postgres.dsn(database, "caretaker")

    for _ in range(2):
        await prepare(as_caretaker, ("gmp",), login_passwords("gmp"))
    passwords = login_passwords("gmp")
    assert await can_log_in(own_postgres, "nom_gmp", worker_of("gmp"), passwords[worker_of("gmp")])


async def test_a_database_can_be_created_by_itself(postgres: TestPostgres, gmp: ForceDatabase) -> None:
    for _ in range(2):
        await create_database(postgres.dsn(), "nom_alone", (worker_of("gmp"),))
    passwords = login_passwords("gmp")
    assert await can_log_in(postgres, "nom_alone", worker_of("gmp"), passwords[worker_of("gmp")])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await can_log_in(postgres, "nom_alone", reader_of("gmp"), passwords[reader_of("gmp")])
