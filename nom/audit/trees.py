"""Checks a ledger against the signed checkpoints of its trees, those that it keeps and those that were kept elsewhere.

What this finds beyond the chains: a tail that was cut off, a stream written anew with every digest, a record left out
with the positions renumbered, a ledger put back to an older copy or replaced by another; and anything that was changed
in the logs of readings and refusals, which have no chains. It names the first leaf that is not what was signed. It
can't speak for what no checkpoint covers yet, nor against somebody who has the key.
"""

from collections.abc import AsyncIterator, Sequence

from nom.activities.trees import Material, Published, TreeName, TreeReader, origin_of
from nom.audit.faults import Fault, FaultKind
from nom.contracts.base import Contract
from nom.contracts.note import NoteInvalid, Verifier, checkpoint_of
from nom.contracts.tree import Frontier, leaf_hash


class OutsideCheckpoint(Contract):
    """A signed checkpoint that was kept outside the ledger, and by whom."""

    note: str
    kept_by: str


class TreeVerified(Contract):
    """What was found of one tree. `covered` leaves stand under a good checkpoint, `after` have come since; `elsewhere`
    counts the checkpoints kept elsewhere that agree.
    """

    tree: str
    checkpoints: int
    covered: int
    after: int
    elsewhere: int
    faults: tuple[Fault, ...]


async def verify_tree(
    tree: TreeName, reader: TreeReader, namespace: str, verifier: Verifier, outside: Sequence[OutsideCheckpoint] = ()
) -> TreeVerified:
    """Look at every checkpoint and every leaf of a tree. Raises `LedgerUnavailable` or `LedgerNotReady`.

    A tree that grows meanwhile is looked at as far as it went when each part was read.
    """
    look = _Look(tree, origin_of(namespace, tree), verifier, reader.material(tree))
    look.sort_outside(outside)
    async for published in reader.checkpoints(tree):
        await look.follow(published)
    await look.finish()
    return TreeVerified(
        tree=tree,
        checkpoints=look.checkpoints,
        covered=look.covered,
        after=look.stands.size - look.covered,
        elsewhere=look.agreed,
        faults=tuple(look.faults),
    )


class _Look:
    """One look at one tree, its checkpoints and its leaves side by side. Of each, only the first fault is told."""

    def __init__(self, tree: TreeName, origin: str, verifier: Verifier, material: AsyncIterator[Material]) -> None:
        self._tree: TreeName = tree
        self._origin = origin
        self._verifier = verifier
        self._material = material
        self._outside: dict[int, list[tuple[str, str]]] = {}
        self._signed = Frontier()
        self._checkpoints_hold = self._leaves_hold = True
        self.stands = Frontier()
        self.checkpoints = self.covered = self.agreed = 0
        self.faults: list[Fault] = []

    def sort_outside(self, outside: Sequence[OutsideCheckpoint]) -> None:
        """Those kept elsewhere, by size. One of another tree is left aside; one that is not signed is a fault."""
        for kept in outside:
            if not kept.note.startswith(f"{self._origin}\n"):
                continue
            try:
                checkpoint = checkpoint_of(kept.note, self._verifier, self._origin)
            except NoteInvalid as error:
                self._add(FaultKind.CHECKPOINT_INVALID, f"as kept by {kept.kept_by}: {error}", size=0)
            else:
                self._outside.setdefault(checkpoint.size, []).append((kept.kept_by, checkpoint.root))
        self._compare_outside()

    async def follow(self, published: Published) -> None:
        """The next checkpoint that the ledger keeps, and the leaves that it covers."""
        self.checkpoints += 1
        if not self._checkpoints_hold or not self._is_good(published):
            self._checkpoints_hold = False
            return
        for leaf in published.leaves:
            if not self._leaves_hold or not await self._next_leaf(leaf):
                break
        if self._leaves_hold:
            self.covered = published.size

    async def finish(self) -> None:
        """The leaves that no good checkpoint of the ledger covers, and the checkpoints that none reached."""
        while self._leaves_hold and await self._next_leaf(None):
            pass
        if not self._leaves_hold:
            return
        for size, kept in sorted(self._outside.items()):
            words = f"{kept[0][0]} keeps a checkpoint of {size}; only {self.stands.size} are there"
            if size > self.stands.size:
                self._add(FaultKind.CUT_OFF, words, size=size)

    def _is_good(self, published: Published) -> bool:
        if published.before != self._signed.size:
            words = f"none follows the one of {self._signed.size}"
            self._add(FaultKind.CHECKPOINT_MISSING, words, size=published.size)
            return False
        self._signed.add_all(published.leaves)
        try:
            signed = checkpoint_of(published.note, self._verifier, self._origin)
        except NoteInvalid as error:
            self._add(FaultKind.CHECKPOINT_INVALID, str(error), size=published.size)
            return False
        if (signed.size, signed.root) != (published.size, self._signed.root().hex()):
            self._add(FaultKind.CHECKPOINT_DIFFERS, "its leaves don't make the signed root", size=published.size)
            return False
        return True

    async def _next_leaf(self, signed: bytes | None) -> bool:
        """The next leaf as it stands, beside what was signed of it. False at the end, and at the first that differs."""
        number = self.stands.size
        item = await anext(self._material, None)
        if item is None:
            if signed is not None:
                self._break(FaultKind.CUT_OFF, f"it was signed, and only {number} are there", number, None)
            return False
        if item.number != number or item.part is None:
            self._break(FaultKind.CUT_OFF, "what was there is gone", number, None)
            return False
        if item.digest is None:
            self._break(FaultKind.UNREADABLE, "it does not fit its contract", number, item)
            return False
        leaf = leaf_hash(item.digest)
        if signed is not None and leaf != signed:
            self._break(FaultKind.REPLACED, "it is not the one that was signed", number, item)
            return False
        self.stands.add(leaf)
        self._compare_outside()
        return True

    def _compare_outside(self) -> None:
        for kept_by, root in self._outside.get(self.stands.size, ()):
            if root == self.stands.root().hex():
                self.agreed += 1
            else:
                words = f"{kept_by} keeps another account of it"
                self._add(FaultKind.CHECKPOINT_DIFFERS, words, size=self.stands.size)

    def _break(self, kind: FaultKind, words: str, number: int, item: Material | None) -> None:
        self._leaves_hold = False
        of, part = (item.of, item.part) if item is not None else (None, None)
        self.faults.append(Fault(kind=kind, words=words, stream=of, seq=part, position=number, tree=self._tree))

    def _add(self, kind: FaultKind, words: str, *, size: int) -> None:
        self.faults.append(Fault(kind=kind, words=words, tree=self._tree, size=size))
