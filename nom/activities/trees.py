"""The four trees of a ledger as they are stored: what each is made of, and the checkpoints that were published of it.

Only reads. `records` has a leaf for each position (the record's digest), `seals` one for each sealed history,
`readings` and `refusals` one for each row of those logs: the SHA-256 of all that the row says, computed here whenever
it is read.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final, Literal, NamedTuple

import rfc8785
from asyncpg import Record as Row

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LogRowUnreadable
from nom.activities.readings import READINGS_FROM, reading_of
from nom.activities.refusals import REFUSALS_FROM, refusal_of
from nom.contracts.base import Contract

TreeName = Literal["records", "seals", "readings", "refusals"]
TREES: Final[tuple[TreeName, ...]] = ("records", "seals", "readings", "refusals")
HASH_BYTES: Final = 32
_PAGE: Final = 20_000
_PAGE_OF_ROWS: Final = 500
"""Fewer where each leaf is computed: a worker does nothing else meanwhile."""

_RECORDS: Final = """
SELECT p.position AS number, r.digest, r.stream AS of, r.seq AS part
  FROM ledger.position p LEFT JOIN ledger.record r USING (event_id)
 WHERE p.position >= $1 ORDER BY p.position LIMIT $2
"""
_SEALS: Final = """
SELECT s.number, s.digest, s.workflow_id AS of, s.last_event AS part
  FROM ledger.seal s WHERE s.number >= $1 ORDER BY s.number LIMIT $2
"""
_CHECKPOINTS: Final = """
SELECT size, before, leaves, note FROM ledger.checkpoint WHERE tree = $1 AND size > $2 ORDER BY size LIMIT 50
"""
_LAST_LEAF: Final = """
SELECT substring(leaves FROM octet_length(leaves) - 31) FROM ledger.checkpoint
 WHERE tree = $1 ORDER BY size DESC LIMIT 1
"""
_LATEST_NOTES: Final = """
SELECT (SELECT c.note FROM ledger.checkpoint c WHERE c.tree = t.tree ORDER BY c.size DESC LIMIT 1) AS note
  FROM unnest($1::text[]) WITH ORDINALITY AS t(tree, nth) ORDER BY t.nth
"""


class Material(NamedTuple):
    """What a leaf is made of: its number, the digest that it holds, and of what: a stream and a number in it, or the
    number of a log's row. Without a digest, what had the number is gone or, where `part` names it, can't be read.
    """

    number: int
    digest: bytes | None
    of: str | None
    part: int | None


class _Source(NamedTuple):
    """Where the leaves of a tree come from: a query with the first number and the most rows, and what makes of a row
    what a leaf is made of.
    """

    query: str
    material: Callable[[Row], Material]
    page: int


class Published(NamedTuple):
    """A checkpoint as it is stored, with the leaf hashes that it added to the one before."""

    size: int
    before: int
    leaves: tuple[bytes, ...]
    note: str


def origin_of(namespace: str, tree: TreeName) -> str:
    """The name of a tree in its checkpoints: `nom/gmp/records`."""
    return f"{signer_name(namespace)}/{tree}"


def signer_name(namespace: str) -> str:
    """The name under which a ledger's checkpoints are signed: `nom/gmp`."""
    return f"nom/{namespace}"


class TreeReader:
    """Reads one ledger's trees. Raises `LedgerUnavailable` or `LedgerNotReady` when the database does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def material(self, tree: TreeName, first: int = 0) -> AsyncIterator[Material]:
        """What the leaves are made of, from a number on, in order."""
        while page := await self.material_page(tree, first):
            for item in page:
                yield item
            first = page[-1].number + 1

    async def material_page(self, tree: TreeName, first: int, limit: int | None = None) -> tuple[Material, ...]:
        """The next of them: at most `limit`, and as many as the memory is meant to hold at once."""
        source = _SOURCES[tree]
        with ledger_errors():
            rows = await self._pool.fetch(source.query, first, limit or source.page)
        return tuple(source.material(row) for row in rows)

    async def checkpoints(self, tree: TreeName, after: int = 0) -> AsyncIterator[Published]:
        """The checkpoints of a tree that are larger than a size, from the smallest to the largest."""
        while True:
            with ledger_errors():
                rows = await self._pool.fetch(_CHECKPOINTS, tree, after)
            if not rows:
                return
            for row in rows:
                yield Published(row["size"], row["before"], _cut(row["leaves"]), row["note"])
            after = rows[-1]["size"]

    async def last_leaf(self, tree: TreeName) -> bytes | None:
        """The hash of the last leaf that a checkpoint covers; None before the first checkpoint."""
        with ledger_errors():
            return await self._pool.fetchval(_LAST_LEAF, tree)

    async def latest_notes(self) -> tuple[str, ...]:
        """The newest signed checkpoint of each tree that has one."""
        with ledger_errors():
            found = await self._pool.fetch(_LATEST_NOTES, TREES)
        return tuple(row["note"] for row in found if row["note"] is not None)


def _stored(row: Row) -> Material:
    return Material(row["number"], row["digest"], row["of"], row["part"])


def _reading(row: Row) -> Material:
    return Material(row["number"], _digest_of(row, reading_of), row["stream"], row["number"])


def _refusal(row: Row) -> Material:
    return Material(row["number"], _digest_of(row, refusal_of), row["workflow_id"], row["number"])


def _digest_of(row: Row, read: Callable[[Row], Contract]) -> bytes | None:
    """What a log's row says, digested. None of a row that no version wrote: one that somebody changed."""
    try:
        return bytes.fromhex(read(row).fingerprint())
    except (LogRowUnreadable, rfc8785.CanonicalizationError):
        return None


_SOURCES: Final[Mapping[TreeName, _Source]] = {
    "records": _Source(_RECORDS, _stored, _PAGE),
    "seals": _Source(_SEALS, _stored, _PAGE),
    "readings": _Source(READINGS_FROM, _reading, _PAGE_OF_ROWS),
    "refusals": _Source(REFUSALS_FROM, _refusal, _PAGE_OF_ROWS),
}


def _cut(leaves: bytes) -> tuple[bytes, ...]:
    return tuple(leaves[start : start + HASH_BYTES] for start in range(0, len(leaves), HASH_BYTES))
