"""The log of refusals: what was asked of a process and turned down, as a worker noted it. Only ever added to.

Owns what a row says; never reads what was asked, and never judges whether it ought to have been refused.
"""

import base64
from collections.abc import AsyncIterator, Sequence
from typing import Final

from asyncpg import Record as Row
from pydantic import ValidationError

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LogRowUnreadable
from nom.contracts.base import Contract, Instant
from nom.contracts.refusals import NotedRefusal

PAGE: Final = 500
"""Rows that are fetched at once, at most."""
PAGE_BYTES: Final = 4 * 1024 * 1024
"""Bytes after which no further row is fetched with them: a single request may have megabytes."""

_ADD: Final = "SELECT ledger.add_refusals($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
_COLUMNS: Final = (
    "number, noted_at, login, workflow_id, run_id, history_length, place, at, update_name, code, accepted, request, "
    "failure"
)
_PAGE: Final = """
SELECT {columns} FROM (
    SELECT {columns}, sum(octet_length(request) + octet_length(failure)) OVER (ORDER BY number) AS bytes,
           row_number() OVER (ORDER BY number) AS nth
      FROM (SELECT {columns} FROM ledger.refusal WHERE {which} ORDER BY number LIMIT $2) AS page
) AS sized WHERE bytes <= {most} OR nth = 1 ORDER BY number
"""
REFUSALS_FROM: Final = _PAGE.format(columns=_COLUMNS, most=PAGE_BYTES, which="number >= $1")
"""The rows from a number ($1) on, at most $2, for `refusal_of`."""
_OF_CASE: Final = _PAGE.format(
    columns=_COLUMNS, most=PAGE_BYTES, which="number >= $1 AND workflow_id >= $3 AND workflow_id < $4"
)
_OF_WORKFLOW: Final = _PAGE.format(columns=_COLUMNS, most=PAGE_BYTES, which="number >= $1 AND workflow_id = $3")


class LoggedRefusal(Contract):
    """A row of the log. `noted_at` is by the database's clock, some time after the refusal; `login` is the login that
    it saw.

    The leaf of a row in the tree of refusals is the SHA-256 of this contract's canonical form, computed anew whenever
    it is looked at. So what is written here stays as it is for ever: see `tests/activities/test_log_leaves.py`.
    """

    number: int
    noted_at: Instant
    login: str
    workflow_id: str
    run_id: str
    refusal: NotedRefusal


class RefusalLog:
    """The log of one force's ledger. Adding needs a pool of connections as that force's worker.

    Every method raises `LedgerUnavailable` or `LedgerNotReady` when the database does not answer, and those that read
    `LogRowUnreadable` for a row that does not fit its contract.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, notes: Sequence[tuple[str, str, NotedRefusal]]) -> int:
        """Add notes, each with the workflow's id and the run, and say how many were new. A note that is there already
        is left as it is. Raises `LedgerRejected` where the database does not take one of them: then none is added.
        """
        if not notes:
            return 0
        refusals = [refusal for _, _, refusal in notes]
        with ledger_errors():
            return int(
                await self._pool.fetchval(
                    _ADD,
                    [workflow for workflow, _, _ in notes],
                    [run for _, run, _ in notes],
                    [one.history_length for one in refusals],
                    [one.place for one in refusals],
                    [int(one.at) for one in refusals],
                    [_as_text(one.update) for one in refusals],
                    [_as_text(one.code) for one in refusals],
                    [one.accepted for one in refusals],
                    [base64.b64decode(one.request) for one in refusals],
                    [base64.b64decode(one.failure) for one in refusals],
                )
            )

    async def of_case(self, case: str) -> AsyncIterator[LoggedRefusal]:
        """What was refused by the processes of a case or group, in the order in which it was logged."""
        async for row in self._rows(_OF_CASE, f"{case}/", f"{case}0"):
            yield row

    async def of_workflow(self, workflow_id: str) -> tuple[LoggedRefusal, ...]:
        """What was refused by one process, in the order in which it was logged."""
        return tuple([row async for row in self._rows(_OF_WORKFLOW, workflow_id)])

    async def all(self) -> AsyncIterator[LoggedRefusal]:
        """The whole log, in the order in which it was logged."""
        async for row in self._rows(REFUSALS_FROM):
            yield row

    async def _rows(self, query: str, *values: object) -> AsyncIterator[LoggedRefusal]:
        following = 0
        while True:
            with ledger_errors():
                rows = await self._pool.fetch(query, following, PAGE, *values)
            if not rows:
                return
            for row in rows:
                yield refusal_of(row)
            following = rows[-1]["number"] + 1


def refusal_of(row: Row) -> LoggedRefusal:
    """A row as it was fetched. Raises `LogRowUnreadable`."""
    try:
        return _refusal_of(row)
    except (ValidationError, TypeError):
        # The second where a value is gone. Without its cause, which would repeat what stands in the row.
        raise LogRowUnreadable(f"row {row['number']} of the log of refusals does not fit its contract") from None


def _refusal_of(row: Row) -> LoggedRefusal:
    return LoggedRefusal(
        number=row["number"],
        noted_at=row["noted_at"],
        login=row["login"],
        workflow_id=row["workflow_id"],
        run_id=row["run_id"],
        refusal=NotedRefusal(
            history_length=row["history_length"],
            place=row["place"],
            at=str(row["at"]),
            update=row["update_name"],
            code=row["code"],
            request=base64.b64encode(row["request"]).decode("ascii"),
            failure=base64.b64encode(row["failure"]).decode("ascii"),
            accepted=row["accepted"],
        ),
    )


def _as_text(value: str) -> str:
    """Without U+0000, which PostgreSQL's text can't hold and anybody may send in an update's name: one such note would
    keep all that came with it out. The request has it as it was sent.
    """
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
