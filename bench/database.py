"""The yardsticks' tables in the force's database: as wide as a ledger's record, and no more than a table must be."""

from typing import Final, Self
from urllib.parse import urlsplit

import asyncpg

from bench.matters import FORCE
from nom.activities.requests import AppendRequest
from nom.activities.rows import entry_of
from nom.deploy.roles import WORKERS, database_of
from nom.workers.local.cluster import SUPERUSER
from nom.workers.local.folder import DataFolder
from nom.workers.local.postgres import PostgresServer
from nom.workers.local.stack import worker_settings

LIBRARY_DATABASE: Final = "bench_eventsourcing"
COLUMNS: Final = (
    "seq, event_id, type, command_id, command, command_digest, actor_id, actor_role, actor_agency, actor_force, "
    "actor_rank, actor_for, occurred_at, submitted_at, reason, policy_version, policy_digest, payload_digest, "
    "previous, digest, payload, key_id, stream"
)
"""A record's columns, in the order of `entry_of` and with its stream at the end."""
_PLACES: Final = ", ".join(f"${place}" for place in range(1, 24))
INSERT_COLUMNS: Final = f"INSERT INTO bench.columns ({COLUMNS}, recorded_at) VALUES ({_PLACES}, now())"  # noqa: S608 - constants alone
"""A plain insert of the columns that a record has."""
INSERT_BODY: Final = "INSERT INTO bench.body (id, stream, body) VALUES ($1, $2, $3)"
"""A plain insert of a row as wide as a record's, most of it in one column."""
# `columns` has the ledger's columns and types; no check, no trigger, and no index but the primary key's.
_TABLES: Final = f"""
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.columns (LIKE ledger.record INCLUDING DEFAULTS, PRIMARY KEY (stream, seq));
CREATE TABLE IF NOT EXISTS bench.body (id uuid PRIMARY KEY, stream text NOT NULL COLLATE "C", body bytea NOT NULL);
GRANT USAGE ON SCHEMA bench TO {WORKERS};
GRANT INSERT, SELECT ON bench.columns, bench.body TO {WORKERS};
"""
_WIDTH: Final = "SELECT round(avg(pg_column_size(b.*)))::int FROM bench.columns b WHERE b.type = $1"


def admin_dsn(folder: DataFolder, name: str | None = None) -> str:
    """The dsn of whoever may do everything, by default in the force's database."""
    server = PostgresServer(folder)
    return server.dsn(name or database_of(FORCE), SUPERUSER, server.superuser_password)


class BenchDatabase:
    """The force's database of a running stack, with the yardsticks' tables in it."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self.worker_dsn = worker_settings(folder, "", FORCE).ledger_dsn

    @classmethod
    async def prepared(cls, folder: DataFolder) -> Self:
        """Make the tables. Run again, it changes nothing."""
        database = cls(folder)
        connection = await asyncpg.connect(admin_dsn(folder))
        try:
            await connection.execute(_TABLES)
        finally:
            await connection.close()
        return database

    async def body_bytes(self, sample: AppendRequest) -> int:
        """How long the body of a row of `bench.body` is, so that the row is as wide as the sample's record."""
        connection = await asyncpg.connect(self.worker_dsn)
        transaction = connection.transaction()
        await transaction.start()
        try:
            record = sample.records[0]
            await connection.execute(INSERT_COLUMNS, *entry_of(record), record.stream)
            width = await connection.fetchval(_WIDTH, record.type)
            empty = await connection.fetchval(
                "SELECT pg_column_size(ROW($1::uuid, $2::text, ''::bytea))", record.event_id, record.stream
            )
        finally:
            await transaction.rollback()
            await connection.close()
        return int(width) - int(empty)

    async def for_the_library(self) -> dict[str, str]:
        """An empty database of its own for the `eventsourcing` library: host, port, user, password and name."""
        admin = admin_dsn(self._folder, "postgres")
        connection = await asyncpg.connect(admin)
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {LIBRARY_DATABASE}")
            await connection.execute(f"CREATE DATABASE {LIBRARY_DATABASE}")
        finally:
            await connection.close()
        parts = urlsplit(admin)
        return {
            "dbname": LIBRARY_DATABASE,
            "host": parts.hostname or "",
            "port": str(parts.port),
            "user": SUPERUSER,
            "password": PostgresServer(self._folder).superuser_password,
        }
