"""The log of readings: who was shown which records, when, what for, and to whom it was disclosed. Only ever added to.

Owns what a row may say; never holds what was read, and never judges whether somebody ought to have read it.
"""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from asyncpg import Record as Row
from pydantic import Field, StringConstraints, ValidationError, model_validator

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LogRowUnreadable
from nom.contracts.actors import Actor
from nom.contracts.base import Contract, Instant

PAGE: Final = 500
"""Rows that are fetched at once."""

_ADD: Final = "SELECT ledger.add_reading($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
_COLUMNS: Final = (
    "number, reading, read_at, login, reader_id, reader_role, reader_agency, reader_force, named, purpose, tool, "
    "stream, up_to, position, partly, disclosed_to"
)
_OF_CASE: Final = (
    f"SELECT {_COLUMNS} FROM ledger.reading "  # noqa: S608 - constants alone
    "WHERE stream >= $1 AND stream < $2 AND number > $3 ORDER BY number LIMIT $4"
)
READINGS_FROM: Final = f"SELECT {_COLUMNS} FROM ledger.reading WHERE number >= $1 ORDER BY number LIMIT $2"  # noqa: S608 - as above
"""The rows from a number ($1) on, at most $2, for `reading_of`."""


class Purpose(StrEnum):
    """What somebody reads for. The words are ours; the uses that the law allows of such a log are in s62(4)."""

    CASEWORK = "casework"
    SUPERVISION = "supervision"
    AUDIT = "audit"
    INSPECTION = "inspection"
    DISCLOSURE = "disclosure"
    SUBJECT_ACCESS = "subject_access"


Tool = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{1,40}$")]
"""The command that showed it: `show`, `audit-pack`."""

Recipient = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,60}$")]
"""An agency, a body or a person by reference: `cps`, `inspectorate`, `lawyer-1`. Never a name."""


class Shown(Contract):
    """A stream and the number of the last record of it that was shown. A whole ledger is `gmp/`, with 0."""

    stream: str
    up_to: int = Field(ge=0)


class Reading(Contract):
    """One act of reading, as it is added. `named` tells whether somebody said who reads; `partly`, that only some of
    the records up to those numbers were shown, or parts of them.
    """

    id: UUID
    reader: Actor
    named: bool
    purpose: Purpose
    tool: Tool
    shown: tuple[Shown, ...] = Field(min_length=1)
    partly: bool = False
    disclosed_to: Recipient | None = None

    @model_validator(mode="after")
    def _has_a_recipient(self) -> Self:
        if self.purpose is Purpose.DISCLOSURE and self.disclosed_to is None:
            raise ValueError("a disclosure names to whom")
        return self


class LoggedReading(Contract):
    """A row of the log. Plain text where a later version may say more than this one knows. `login` is the login that
    the database saw; `position` the ledger's position of the last record shown, None where it had none yet.

    The leaf of a row in the tree of readings is the SHA-256 of this contract's canonical form, computed anew whenever
    it is looked at. So what is written here stays as it is for ever: see `tests/activities/test_log_leaves.py`.
    """

    number: int
    reading: UUID
    read_at: Instant
    login: str
    reader_id: str
    reader_role: str
    reader_agency: str
    reader_force: str | None
    named: bool
    purpose: str
    tool: str
    stream: str
    up_to: int
    position: int | None
    partly: bool
    disclosed_to: str | None


class ReadingLog:
    """The log of one force's ledger. Made with a pool of connections as that force's reader.

    Every method raises `LedgerUnavailable` or `LedgerNotReady` when the database does not answer, and
    `LogRowUnreadable` for a row that does not fit its contract.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, reading: Reading) -> Instant:
        """Add one act of reading, and when that was by the database's own clock. Added again, nothing is added.

        Raises `LedgerRejected` where a record that is said to have been shown is not there.
        """
        reader = reading.reader
        with ledger_errors():
            return await self._pool.fetchval(
                _ADD,
                reading.id,
                reader.id,
                reader.role,
                reader.agency.value,
                reader.force,
                reading.named,
                reading.purpose.value,
                reading.tool,
                [shown.stream for shown in reading.shown],
                [shown.up_to for shown in reading.shown],
                reading.partly,
                reading.disclosed_to,
            )

    async def of_case(self, case: str) -> AsyncIterator[LoggedReading]:
        """Who read what of a case, in the order in which it was logged. Readings of a whole ledger are not among it."""
        last = -1
        while page := await self._fetch(_OF_CASE, f"{case}/", f"{case}0", last, PAGE):
            for row in page:
                yield row
            last = page[-1].number

    async def all(self) -> AsyncIterator[LoggedReading]:
        """The whole log, in the order in which it was logged."""
        following = 0
        while page := await self._fetch(READINGS_FROM, following, PAGE):
            for row in page:
                yield row
            following = page[-1].number + 1

    async def _fetch(self, query: str, *values: object) -> tuple[LoggedReading, ...]:
        with ledger_errors():
            rows = await self._pool.fetch(query, *values)
        return tuple(reading_of(row) for row in rows)


def reading_of(row: Row) -> LoggedReading:
    """A row as it was fetched. Raises `LogRowUnreadable`."""
    try:
        return LoggedReading(**dict(row))
    except ValidationError:
        # Without its cause, which would repeat what stands in the row.
        raise LogRowUnreadable(f"row {row['number']} of the log of readings does not fit its contract") from None
