"""Brings the database of a force to the newest revision. Owns how; what is done stands in the SQL files.

A migration is one transaction: it is there or it is not. Never run by a worker while it works, and never backwards.
"""

import io
from typing import Final

import asyncpg

from nom.deploy.revisions import MIGRATIONS, revisions
from nom.deploy.roles import OWNER

_MIGRATING: Final = 7308604758977


class UnknownRevision(Exception):
    """The database was migrated by a newer nom than this one. Run the newer one."""

    code: Final = "unknown_revision"


async def migrate(dsn: str) -> tuple[str, ...]:
    """Apply what is missing, as `nom_owner`, and give the revisions applied; none when the database is at the head.

    The user of the dsn must be allowed to become `nom_owner`. Raises `UnknownRevision`, and `asyncpg.PostgresError`
    as it comes; after any error the database is as it was.
    """
    connection = await asyncpg.connect(dsn)
    try:
        if not _missing(await _current(connection)):
            return ()
        async with connection.transaction():
            # Two that migrate at once: the second waits here, then finds nothing to do.
            await connection.execute("SELECT pg_advisory_xact_lock($1::bigint)", _MIGRATING)
            current = await _current(connection)
            missing = _missing(current)
            if missing:
                await connection.execute(f"SET LOCAL ROLE {OWNER}")
                await connection.execute(script(current))
            return missing
    finally:
        await connection.close()


def script(current: str | None) -> str:
    """The SQL that leads from a revision (None for an empty database) to the head, without BEGIN and COMMIT."""
    from alembic.command import upgrade  # noqa: PLC0415 - a third of a second, spared when there is nothing to do
    from alembic.config import Config  # noqa: PLC0415 - as above

    written = io.StringIO()
    config = Config(output_buffer=written)
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    upgrade(config, f"{current}:head" if current else "head", sql=True)
    return written.getvalue()


async def _current(connection: asyncpg.Connection) -> str | None:
    # Asked of the catalog: `to_regclass` may answer from a cache that is older than the lock we waited for.
    if not await connection.fetchval("SELECT count(*) FROM pg_tables WHERE tablename = 'alembic_version'"):
        return None
    return await connection.fetchval("SELECT version_num FROM public.alembic_version")


def _missing(current: str | None) -> tuple[str, ...]:
    known = revisions()
    if current is None:
        return known
    if current not in known:
        msg = f"the database is at revision {current}, which this nom does not know"
        raise UnknownRevision(msg)
    return known[known.index(current) + 1 :]
