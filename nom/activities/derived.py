"""What is kept beside the records: snapshots of projections, and what forces report to the national board.

Both are only ever added to, and each is there once, however often it is brought. Neither is the truth.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LedgerRejected, ReportDiffers
from nom.contracts.base import Contract, Instant, canonical_bytes

_ADD_SNAPSHOT: Final = "SELECT outcome FROM ledger.add_snapshot($1, $2, $3::text::jsonb)"
_LATEST_SNAPSHOT: Final = """
SELECT name, position, taken_at, state::text AS state FROM ledger.snapshot
 WHERE name = $1 AND position <= $2 ORDER BY position DESC LIMIT 1
"""
_ADD_REPORT: Final = "SELECT outcome FROM ledger.add_board_report($1, $2, $3, $4::text::jsonb)"
_LATEST_REPORTS: Final = """
SELECT DISTINCT ON (force) force, as_of_position, reported_at, received_at, report::text AS report
  FROM ledger.board_report ORDER BY force, as_of_position DESC, reported_at DESC
"""
_NEWEST: Final = 2**63 - 1


class Snapshot(Contract):
    """What a projection had become when it had folded the record at `position`."""

    name: str
    position: int
    taken_at: Instant
    state: dict[str, Any]


class BoardReport(Contract):
    """What a force told the national board: its status as of a position of its own ledger (-1: nothing yet)."""

    force: str
    as_of_position: int
    reported_at: Instant
    received_at: Instant
    report: dict[str, Any]


class DerivedStore:
    """Snapshots and board reports of one database. Made with a pool of connections as its worker (to add) or reader.

    Every method raises `LedgerUnavailable` or `LedgerNotReady` when the database does not answer. Adding what JSONB
    cannot hold (the character U+0000) raises `LedgerRejected`; adding something else where something stands already
    raises `ReportDiffers`, and what came first stays.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add_snapshot(self, name: str, position: int, state: Mapping[str, Any]) -> bool:
        """Keep a projection's state at a position. True when it was added, False when the very same stood there."""
        return await self._add(_ADD_SNAPSHOT, name, position, _written(state))

    async def latest_snapshot(self, name: str, up_to: int = _NEWEST) -> Snapshot | None:
        """The newest snapshot at or before a position; None when there is none."""
        with ledger_errors():
            row = await self._pool.fetchrow(_LATEST_SNAPSHOT, name, up_to)
        return None if row is None else Snapshot(**{**dict(row), "state": json.loads(row["state"])})

    async def add_board_report(
        self, force: str, as_of_position: int, reported_at: datetime, report: Mapping[str, Any]
    ) -> bool:
        """Keep what a force reported, `reported_at` by its own clock. True when added, False when it stood there."""
        return await self._add(_ADD_REPORT, force, as_of_position, reported_at, _written(report))

    async def latest_board_reports(self) -> tuple[BoardReport, ...]:
        """The newest report of each force, by position and then by time, in alphabetical order of forces."""
        with ledger_errors():
            rows = await self._pool.fetch(_LATEST_REPORTS)
        return tuple(BoardReport(**{**dict(row), "report": json.loads(row["report"])}) for row in rows)

    async def _add(self, statement: str, *values: object) -> bool:
        with ledger_errors():
            outcome = await self._pool.fetchval(statement, *values)
        if outcome == "differs":
            raise ReportDiffers
        if outcome not in ("added", "again"):
            raise LedgerRejected
        return outcome == "added"


def _written(value: Mapping[str, Any]) -> str:
    return canonical_bytes(dict(value)).decode("utf-8")
