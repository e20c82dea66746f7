"""One database per force, which that force's two logins may open and nobody else's. Owns their creation.

Never drops anything, and never opens a database to PUBLIC, not even for the moment between two statements.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import asyncpg

from nom.deploy.migrate import migrate
from nom.deploy.roles import OWNER, database_of, reader_of, roles_in_place, worker_of

TEMPLATE: Final = "nom_template"
_PREPARING: Final = 7308604758978
_IN_PLACE: Final = """
SELECT d.datname::text,
       d.datallowconn AND NOT EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                                       WHERE a.grantee = 0),
       ARRAY(SELECT a.grantee::regrole::text FROM aclexplode(d.datacl) a WHERE a.privilege_type = 'CONNECT')
  FROM pg_database d WHERE d.datname = ANY($1::text[])
"""


async def create_database(admin_dsn: str, name: str, logins: Sequence[str] = (), template: str | None = None) -> None:
    """Create a database owned by `nom_owner` that only the owner and `logins` may open; run again, changes nothing.

    `template` is copied (a migrated one makes the migration of the copy a no-op). The logins must exist.
    """
    connection = await asyncpg.connect(admin_dsn)
    try:
        await _database_in_place(connection, name, logins, template or "template0")
    finally:
        await connection.close()


async def prepare(
    admin_dsn_of: Callable[[str], str], forces: Sequence[str], passwords: Mapping[str, str], admin: str = "postgres"
) -> None:
    """Everything that the ledgers of these forces (`gmp`, ..., `nca`) need: roles, databases, the newest revision.

    `admin_dsn_of` gives the administrator's dsn for a database's name; `passwords` those of each force's worker and
    reader, by login. Run again, it changes nothing, and quickly; two that run at once take turns.
    """
    connection = await asyncpg.connect(admin_dsn_of(admin))
    try:
        await connection.execute("SELECT pg_advisory_lock($1::bigint)", _PREPARING)
        await roles_in_place(connection, passwords)
        wanted = {database_of(force): (worker_of(force), reader_of(force)) for force in forces}
        kept = await _kept(connection, [*wanted, TEMPLATE])
        if not wanted.keys() <= kept.keys():
            await _database_in_place(connection, TEMPLATE, (), "template0")
            await migrate(admin_dsn_of(TEMPLATE))
        for name, logins in wanted.items():
            if not set(logins) <= kept.get(name, frozenset()):
                await _database_in_place(connection, name, logins, TEMPLATE)
        for name in wanted:
            await migrate(admin_dsn_of(name))
    finally:
        await connection.close()


async def _kept(connection: asyncpg.Connection, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """The databases that exist, with the roles granted CONNECT; no roles where PUBLIC has a right or none may open."""
    rows = await connection.fetch(_IN_PLACE, list(names))
    return {name: frozenset(roles) if closed else frozenset() for name, closed, roles in rows}


async def _database_in_place(connection: asyncpg.Connection, name: str, logins: Sequence[str], template: str) -> None:
    """If we crash after any statement, the database exists and cannot be opened; the next run goes on from there."""
    kept = await _kept(connection, [name])
    if name not in kept:
        await connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} ALLOW_CONNECTIONS false")
    if name in kept and {OWNER, *logins} <= kept[name]:
        return
    await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {', '.join((OWNER, *logins))}")
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
