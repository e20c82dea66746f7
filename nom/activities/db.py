"""The way to PostgreSQL: how a pool is opened, and the one place where the driver's errors become ours.

Owns connections and translation; knows nothing of tables. Never logs or repeats what the driver says about a value.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, TypeAlias

import asyncpg

from nom.activities.errors import LedgerError, LedgerNotReady, LedgerRejected, LedgerUnavailable

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
"""Connections to one ledger. In quotes: the driver's own class takes no parameter at run time."""

_NOT_READY: Final = ("28", "3D", "3F", "42")
"""SQLSTATE classes of a login, a database, a schema, a right or a function that is missing."""
_REJECTED: Final = ("21", "22", "23")
"""SQLSTATE classes of data that no retry makes right."""
_DRIVER: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


async def open_pool(
    dsn: str, *, min_size: int = 0, max_size: int = 8, command_timeout: float = 30.0, name: str = "nom"
) -> Pool:
    """A pool of connections to one ledger. With `min_size` 0 nothing connects yet, so a database that is away is met
    by the first use and not here. `command_timeout` is in seconds and holds for each statement. `name` is what the
    server shows for the connections. Raises `LedgerError` if `min_size` connections cannot be made.
    """
    with ledger_errors():
        return await asyncpg.create_pool(
            dsn,
            min_size=min_size,
            max_size=max_size,
            command_timeout=command_timeout,
            timeout=10.0,
            reset=_nothing_to_reset,
            server_settings={"application_name": name},
        )


@contextmanager
def ledger_errors() -> Generator[None]:
    """Everything that the driver may raise inside becomes a `LedgerError`, with the driver's error as its cause."""
    try:
        yield
    except _DRIVER as error:
        raise translated(error) from error


def translated(error: Exception) -> LedgerError:
    """Ours for the driver's. What we do not know is taken for an outage, which is tried again and not lost."""
    if isinstance(error, asyncpg.DataError):
        # Also what the driver itself refuses to send (`InterfaceError`); its words would repeat the value.
        return LedgerRejected(sqlstate=getattr(error, "sqlstate", None))
    state = getattr(error, "sqlstate", None)
    if isinstance(error, asyncpg.PostgresError) and isinstance(state, str):
        if state.startswith(_REJECTED):
            return LedgerRejected(sqlstate=state)
        if state.startswith(_NOT_READY):
            return LedgerNotReady(sqlstate=state)
        return LedgerUnavailable(sqlstate=state)
    return LedgerUnavailable()


async def _nothing_to_reset(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Every statement of ours is its own transaction and leaves no session state: the usual reset would only be a
    second round trip for each command.
    """
