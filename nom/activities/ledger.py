"""The way into the ledger: one command's records, once and whole. Owns the append and its answer; never decides.

The database is the judge of what stands where; this module carries the question there and the answer back.
"""

from typing import Final

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LedgerError, LedgerForked, LedgerGap, LedgerRejected
from nom.activities.requests import APPEND, PAGE, READ_SINCE, AppendRequest, ReadSince
from nom.activities.rows import COLUMNS, entry_of, record_of
from nom.contracts.envelope import Appended, AppendOutcome, Record

_APPEND: Final = "SELECT outcome, recorded FROM ledger.append($1, $2, $3, $4)"
_SINCE: Final = f"SELECT {COLUMNS} FROM ledger.record r WHERE r.stream = $1 AND r.seq > $2 ORDER BY r.seq LIMIT $3"  # noqa: S608 - constants alone

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class Ledger:
    """One force's ledger, for writers. Made with a pool of connections as that force's worker."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def append(self, request: AppendRequest) -> AppendOutcome:
        """Record one command's events, once, however often it is asked; or say what the writer has not seen.

        One round trip, one transaction. If we crash before its commit, nothing stands; after it, the next call with
        the same records gets the first receipt, also when the stream has gone on. Raises `LedgerForked`, `LedgerGap`
        and `LedgerRejected`, which no retry mends, `LedgerUnavailable` and `LedgerNotReady`, after which nobody knows
        whether the records stand: ask again.
        """
        entries = [entry_of(record) for record in request.records]
        asked = None if request.asked is None else request.asked.encode("utf-8")
        with ledger_errors():
            row = await self._pool.fetchrow(_APPEND, request.stream, request.expected_seq, entries, asked)
        outcome = row["outcome"] if row else None
        where = f"{request.stream} after {request.expected_seq}"
        if row and outcome in ("appended", "again"):
            digests = tuple(record.digest for record in request.records)
            again = outcome == "again"
            return AppendOutcome(appended=Appended(digests=digests, recorded_at=row["recorded"], again=again))
        if outcome == "moved_on":
            return AppendOutcome(moved_on=await self.since(request.stream, request.expected_seq))
        if outcome == "forked":
            raise LedgerForked(f"the ledger holds another account of {where}")
        if outcome == "gap":
            raise LedgerGap(f"the ledger ends before {where}")
        raise LedgerRejected(f"the ledger gave no answer that this worker knows about {where}")

    async def since(self, stream: str, after: int) -> tuple[Record, ...]:
        """The records of a stream after a number, in order, at most `PAGE` of them. Raises `LedgerError`."""
        with ledger_errors():
            rows = await self._pool.fetch(_SINCE, stream, after, PAGE)
        return tuple(record_of(row) for row in rows)


class LedgerActivities:
    """The ledger as the engine's workers run it. What no retry mends leaves as non-retryable, under its stable code."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name=APPEND)
    async def append(self, request: AppendRequest) -> AppendOutcome:
        """`Ledger.append`."""
        try:
            outcome = await self._ledger.append(request)
        except LedgerError as error:
            raise _for_the_engine(error, request.stream) from None
        log.info(
            "ledger_appended" if outcome.appended else "ledger_moved_on",
            stream=request.stream,
            after=request.expected_seq,
            records=len(request.records),
            again=outcome.appended is not None and outcome.appended.again,
        )
        return outcome

    @activity.defn(name=READ_SINCE)
    async def read_since(self, request: ReadSince) -> AppendOutcome:
        """The next page of a stream as `moved_on`; an empty outcome at its end."""
        try:
            return AppendOutcome(moved_on=await self._ledger.since(request.stream, request.after))
        except LedgerError as error:
            raise _for_the_engine(error, request.stream) from None


def _for_the_engine(error: LedgerError, stream: str) -> ApplicationError:
    """Raised without its cause: the engine writes causes into its history, and the driver's may repeat a value."""
    log.warning("ledger_failed", stream=stream, code=error.code, sqlstate=error.sqlstate, retryable=error.retryable)
    return ApplicationError(str(error), type=error.code, non_retryable=not error.retryable)
