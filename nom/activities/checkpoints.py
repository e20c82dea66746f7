"""Publishes signed checkpoints of a ledger's trees, each the continuation of the one before.

Signs nothing that does not follow from what it, or another holder of the same key, has signed already: a ledger that
was cut or rewritten gets no new checkpoint, and the log says so.
"""

import asyncio
from typing import Final

import structlog

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LedgerError
from nom.activities.pauses import pause
from nom.activities.trees import TREES, Material, TreeName, TreeReader, origin_of
from nom.contracts.note import Checkpoint, NoteInvalid, Signer, checkpoint_of
from nom.contracts.tree import Frontier, leaf_hash

PAUSE: Final = 5.0
"""Seconds between looks. Ours: the longest that a record stands without a checkpoint over it."""
_ADD: Final = "SELECT added FROM ledger.add_checkpoint($1, $2, $3, $4, $5)"

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class TreeBroken(Exception):
    """What is stored of a tree is not the continuation of what was signed. Nothing more of it is signed; an auditor
    must look.
    """

    code: Final = "tree_broken"

    def __init__(self, *trees: TreeName) -> None:
        super().__init__(f"what is stored does not continue what was signed of: {', '.join(trees)}")
        self.trees = trees


class CheckpointPublisher:
    """Publishes for one ledger. Any number may run: each follows what the others published."""

    def __init__(self, pool: Pool, signer: Signer, namespace: str) -> None:
        self._pool = pool
        self._signer = signer
        self._namespace = namespace
        self._reader = TreeReader(pool)
        self._grown: dict[TreeName, Frontier] = {}

    async def run_once(self) -> int:
        """Bring every tree up to what is stored now, and say how many leaves were added. If we crash before a
        checkpoint's commit, it is not there and the next run makes it. Raises `LedgerError`; and `TreeBroken`, when
        the trees that are whole have been brought up.
        """
        added, broken = 0, list[TreeName]()
        for tree in TREES:
            try:
                added += await self._publish(tree)
            except TreeBroken:
                broken.append(tree)
        if broken:
            raise TreeBroken(*broken)
        return added

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set, and once more then. Outages are waited out; a broken tree is told once."""
        told: tuple[str, ...] = ()
        while True:
            stopping = stop.is_set()
            try:
                await self.run_once()
                told = ()
            except (LedgerError, TreeBroken) as error:
                trees = error.trees if isinstance(error, TreeBroken) else ()
                if told != (error.code, *trees):
                    log.error("no_checkpoint", code=error.code, ledger=self._namespace, trees=trees)  # noqa: TRY400 - the code says it
                told = (error.code, *trees)
            if stopping:
                return
            await pause(stop, PAUSE)

    async def _publish(self, tree: TreeName) -> int:
        frontier = await self._caught_up(tree)
        added = 0
        while page := await self._reader.material_page(tree, frontier.size):
            if not added and not await self._still_stands(tree, frontier.size):
                raise TreeBroken(tree)
            leaves = _leaves(tree, page, frontier.size)
            before = frontier.size
            frontier.add_all(leaves)
            if not await self._add(tree, before, frontier, b"".join(leaves)):
                # Another publisher was quicker: the next run begins with what it published.
                return added
            added += len(leaves)
        # Kept only now: after an error on the way, nobody knows which checkpoints stand, and they are read again.
        self._grown[tree] = frontier
        return added

    async def _add(self, tree: TreeName, before: int, frontier: Frontier, leaves: bytes) -> bool:
        checkpoint = Checkpoint(origin=origin_of(self._namespace, tree), size=frontier.size, root=frontier.root().hex())
        note = self._signer.sign(checkpoint.text())
        with ledger_errors():
            return bool(await self._pool.fetchval(_ADD, tree, before, frontier.size, leaves, note))

    async def _caught_up(self, tree: TreeName) -> Frontier:
        """The tree as it was last published. Each checkpoint that we have not seen is checked before it is built on."""
        frontier = self._grown.pop(tree, None) or Frontier()
        origin = origin_of(self._namespace, tree)
        async for published in self._reader.checkpoints(tree, frontier.size):
            if published.before != frontier.size:
                raise TreeBroken(tree)
            frontier.add_all(published.leaves)
            try:
                signed = checkpoint_of(published.note, self._signer.verifier, origin)
            except NoteInvalid as error:
                raise TreeBroken(tree) from error
            if (signed.size, signed.root) != (frontier.size, frontier.root().hex()):
                raise TreeBroken(tree)
        return frontier

    async def _still_stands(self, tree: TreeName, size: int) -> bool:
        """Whether the last leaf that was signed is still there: a ledger that was cut and grew again is another one."""
        if size == 0:
            return True
        last = await self._reader.last_leaf(tree)
        page = await self._reader.material_page(tree, size - 1, 1)
        return bool(page) and page[0].digest is not None and leaf_hash(page[0].digest) == last


def _leaves(tree: TreeName, page: tuple[Material, ...], first: int) -> list[bytes]:
    leaves: list[bytes] = []
    for number, item in enumerate(page, start=first):
        if item.number != number or item.digest is None:
            raise TreeBroken(tree)
        leaves.append(leaf_hash(item.digest))
    return leaves
