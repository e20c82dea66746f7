"""The two trees of a ledger as they are stored: what each is made of, and the checkpoints that were published of it.

Only reads. `records` has a leaf for each position (the record's digest), `seals` one for each sealed history.
"""

from collections.abc import AsyncIterator
from typing import Final, Literal, NamedTuple

from nom.activities.db import Pool, ledger_errors

TreeName = Literal["records", "seals"]
TREES: Final[tuple[TreeName, ...]] = ("records", "seals")
PAGE: Final = 20_000
"""Leaves that are fetched at once."""
HASH_BYTES: Final = 32

_MATERIAL: Final = {
    "records": """
SELECT p.position AS number, r.digest, r.stream AS of, r.seq AS part
  FROM ledger.position p LEFT JOIN ledger.record r USING (event_id)
 WHERE p.position >= $1 ORDER BY p.position LIMIT $2
""",
    "seals": """
SELECT s.number, s.digest, s.workflow_id AS of, s.last_event AS part
  FROM ledger.seal s WHERE s.number >= $1 ORDER BY s.number LIMIT $2
""",
}
_CHECKPOINTS: Final = """
SELECT size, before, leaves, note FROM ledger.checkpoint WHERE tree = $1 AND size > $2 ORDER BY size LIMIT 50
"""
_LAST_LEAF: Final = """
SELECT substring(leaves FROM octet_length(leaves) - 31) FROM ledger.checkpoint
 WHERE tree = $1 ORDER BY size DESC LIMIT 1
"""
_LATEST_NOTE: Final = "SELECT note FROM ledger.checkpoint WHERE tree = $1 ORDER BY size DESC LIMIT 1"


class Material(NamedTuple):
    """What a leaf is made of: its number, the digest that it holds (None: what had the number is gone), and of what."""

    number: int
    digest: bytes | None
    of: str | None
    part: int | None


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

    async def material_page(self, tree: TreeName, first: int, limit: int = PAGE) -> tuple[Material, ...]:
        """The next of them, at most `limit`."""
        with ledger_errors():
            rows = await self._pool.fetch(_MATERIAL[tree], first, limit)
        return tuple(Material(row["number"], row["digest"], row["of"], row["part"]) for row in rows)

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
            found = [await self._pool.fetchval(_LATEST_NOTE, tree) for tree in TREES]
        return tuple(note for note in found if note is not None)


def _cut(leaves: bytes) -> tuple[bytes, ...]:
    return tuple(leaves[start : start + HASH_BYTES] for start in range(0, len(leaves), HASH_BYTES))
