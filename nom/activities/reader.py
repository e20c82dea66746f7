"""Reads a force's ledger, typed, in pages, by index. Owns reading; never writes and never judges what it reads.

Digests are given as they are stored: whoever must trust them computes them again (`Record.computed_digest`).
"""

from collections.abc import AsyncIterator
from typing import Final

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LedgerRejected, LedgerUnreadable
from nom.activities.rows import STORED_COLUMNS, stored_of
from nom.contracts.base import Contract
from nom.contracts.envelope import StoredRecord

PAGE: Final = 500
"""Records that are fetched at once."""

_FROM: Final = f"SELECT {STORED_COLUMNS} FROM ledger.record r LEFT JOIN ledger.position p USING (event_id)"  # noqa: S608 - constants alone
_STREAM: Final = f"{_FROM} WHERE r.stream = $1 AND r.seq > $2 ORDER BY r.seq LIMIT $3"
_CASE: Final = (
    f"{_FROM} WHERE r.stream >= $1 AND r.stream < $2 AND (r.stream, r.seq) > ($3, $4) ORDER BY r.stream, r.seq LIMIT $5"
)
_ALL: Final = (
    f"{_FROM} WHERE (r.stream, r.seq) > ($1, $2) AND ($3::text IS NULL OR r.stream <= $3) "
    "ORDER BY r.stream, r.seq LIMIT $4"
)
_STREAM_AT: Final = """
SELECT r.stream FROM ledger.record r WHERE r.stream > $1 ORDER BY r.stream, r.seq OFFSET $2 LIMIT 1
"""
_HAND_OFFS_WAITING: Final = """
SELECT count(*) FILTER (WHERE r.type = 'hand_off_made.v1')
     - count(*) FILTER (WHERE r.type IN ('hand_off_acknowledged.v1', 'hand_off_refused.v1'))
  FROM ledger.record r WHERE r.stream >= $1 AND r.stream < $2
"""
_PLACES: Final = """
SELECT p.position, r.stream, r.seq FROM ledger.position p LEFT JOIN ledger.record r USING (event_id)
 WHERE p.position > $1 ORDER BY p.position LIMIT $2
"""
_BY_POSITION: Final = (
    f"SELECT {STORED_COLUMNS} FROM ledger.position p JOIN ledger.record r USING (event_id) "  # noqa: S608 - as above
    "WHERE p.position > $1 ORDER BY p.position LIMIT $2"
)
_NEXT_STREAM: Final = """
WITH RECURSIVE next(stream) AS (
    (SELECT r.stream FROM ledger.record r WHERE r.stream > $1 AND r.stream < $2 ORDER BY r.stream LIMIT 1)
    UNION ALL
    SELECT (SELECT r.stream FROM ledger.record r WHERE r.stream > next.stream AND r.stream < $2
             ORDER BY r.stream LIMIT 1)
      FROM next WHERE next.stream IS NOT NULL
)
SELECT stream FROM next WHERE stream IS NOT NULL LIMIT $3
"""
"""One look at the index for each stream, however long the streams are."""
_COUNTS: Final = """
SELECT (SELECT count(*) FROM ledger.record) AS records,
       (SELECT count(*) FROM ledger.record WHERE seq = 1) AS streams,
       (SELECT count(*) FROM ledger.position) AS positioned
"""
_AFTER_ITS_LAST: Final = 2**63 - 1
"""A number that no record has: a `bigint`'s largest."""
_AFTER_ALL: Final = "~"
"""Sorts after every stream: ids are lower-case letters, digits, `-` and `/`."""


class LedgerCounts(Contract):
    """How much a ledger holds. `records - positioned` wait for the sequencer."""

    records: int
    streams: int
    positioned: int


class Place(Contract):
    """A position and the record that has it. Without a stream, no record does: it was removed, or never was."""

    position: int
    stream: str | None
    seq: int | None


class LedgerReader:
    """One force's ledger, for readers. Made with a pool of connections as that force's reader or worker.

    Every method raises `LedgerUnavailable` or `LedgerNotReady` when the database does not answer, and
    `LedgerUnreadable` for a record that does not fit its contract. Iterators read page by page, each page as it stands
    then: a stream that grows meanwhile is read to its new end.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def stream(self, stream: str, after: int = 0) -> AsyncIterator[StoredRecord]:
        """The records of a stream after the number `after`, in order."""
        while page := await self._fetch(_STREAM, stream, after, PAGE):
            for stored in page:
                yield stored
            after = page[-1].record.seq

    async def case_records(self, case: str) -> AsyncIterator[StoredRecord]:
        """Every record of a case, stream by stream."""
        last: tuple[str, int] = ("", 0)
        while page := await self._fetch(_CASE, *_within(case), *last, PAGE):
            for stored in page:
                yield stored
            last = (page[-1].record.stream, page[-1].record.seq)

    async def records_beginning(self, beginning: str) -> AsyncIterator[StoredRecord]:
        """Every record of the streams whose id begins so, such as `nca/review-`, stream by stream."""
        last: tuple[str, int] = ("", 0)
        while page := await self._fetch(_CASE, beginning, f"{beginning}{_AFTER_ALL}", *last, PAGE):
            for stored in page:
                yield stored
            last = (page[-1].record.stream, page[-1].record.seq)

    async def all_records(
        self, after: str = "", until: str | None = None
    ) -> AsyncIterator[StoredRecord | LedgerUnreadable]:
        """Every record of the ledger, stream by stream; or of the streams after one up to and with another. One that
        can't be read is given as the error that it makes.
        """
        last: tuple[str, int] = (after, _AFTER_ITS_LAST if after else 0)
        while True:
            with ledger_errors():
                rows = await self._pool.fetch(_ALL, *last, until, PAGE)
            if not rows:
                return
            for row in rows:
                try:
                    yield stored_of(row)
                except LedgerUnreadable as unreadable:
                    yield unreadable
            last = (rows[-1]["stream"], rows[-1]["seq"])

    def records_or_faults(self, case: str) -> AsyncIterator[StoredRecord | LedgerUnreadable]:
        """Every record of a case, stream by stream. One that can't be read is given as the error that it makes."""
        return self.all_records(f"{case}/", f"{case}/{_AFTER_ALL}")

    async def parts(self, records: int) -> AsyncIterator[tuple[str, str | None]]:
        """The ledger in parts of about so many records, for `all_records`: after which stream each begins, and with
        which it ends. A stream is never cut; the last part has no end.
        """
        after = ""
        while True:
            with ledger_errors():
                until = await self._pool.fetchval(_STREAM_AT, after, records)
            yield after, until
            if until is None:
                return
            after = until

    async def places(self) -> AsyncIterator[Place]:
        """Every position of the ledger, in order, with the record that has it."""
        after = -1
        while True:
            with ledger_errors():
                rows = await self._pool.fetch(_PLACES, after, PAGE)
            if not rows:
                return
            for row in rows:
                yield Place(position=row["position"], stream=row["stream"], seq=row["seq"])
            after = rows[-1]["position"]

    async def hand_offs_waiting(self, matter: str) -> int:
        """How many hand-offs of a case's (or group's) processes have no answer yet."""
        with ledger_errors():
            waiting = await self._pool.fetchval(_HAND_OFFS_WAITING, *_within(matter))
        return int(waiting)

    async def by_position(self, after: int = -1, limit: int = PAGE) -> tuple[StoredRecord, ...]:
        """The records that follow a position (-1 for the beginning), in order of position, at most `limit` of them."""
        return await self._fetch(_BY_POSITION, after, limit)

    async def all_by_position(self, after: int = -1) -> AsyncIterator[StoredRecord]:
        """Every record that has a position after this one, in order of position."""
        while page := await self.by_position(after):
            for stored in page:
                yield stored
                after = _positioned(stored)

    async def streams_of(self, case: str) -> tuple[str, ...]:
        """The streams of a case, in alphabetical order."""
        first, end = _within(case)
        return tuple([stream async for stream in self._streams(first, end)])

    def streams(self) -> AsyncIterator[str]:
        """Every stream of the ledger, in alphabetical order."""
        return self._streams("", _AFTER_ALL)

    async def counts(self) -> LedgerCounts:
        """How much there is. Reads an index from end to end: for reports, not for every second."""
        with ledger_errors():
            row = await self._pool.fetchrow(_COUNTS)
        return LedgerCounts.model_validate(dict(row or {}))

    async def head_position(self) -> int:
        """The newest position; -1 when no record has one yet."""
        with ledger_errors():
            head = await self._pool.fetchval("SELECT coalesce(max(position), -1) FROM ledger.position")
        return int(head)

    async def _streams(self, after: str, end: str) -> AsyncIterator[str]:
        while True:
            with ledger_errors():
                rows = await self._pool.fetch(_NEXT_STREAM, after, end, PAGE)
            if not rows:
                return
            for row in rows:
                yield row["stream"]
            after = rows[-1]["stream"]

    async def _fetch(self, query: str, *values: object) -> tuple[StoredRecord, ...]:
        with ledger_errors():
            rows = await self._pool.fetch(query, *values)
        return tuple(stored_of(row) for row in rows)


def _within(case: str) -> tuple[str, str]:
    """The bounds of a case's streams: from `case/` to before `case0`, the byte after the slash being zero's."""
    return f"{case}/", f"{case}0"


def _positioned(stored: StoredRecord) -> int:
    if stored.position is None:
        raise LedgerRejected("a record that was read by its position has none")
    return stored.position
