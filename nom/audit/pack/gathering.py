"""Gathers from one ledger what a pack holds of it: records, seals and rows of its logs, with what proves each; what
was found.

Only reads, and judges nothing but the ledger's trees: what is wrong there goes into the pack, without the names of
other cases. A ledger that does not hold together gives a pack that says so.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple, TypeVar

from nom.activities.errors import LedgerUnreadable, LogRowUnreadable
from nom.activities.reader import LedgerReader
from nom.activities.readings import LoggedReading, ReadingLog
from nom.activities.refusals import LoggedRefusal, RefusalLog
from nom.activities.seals import Seal, SealStore
from nom.activities.trees import TREES, TreeName, TreeReader, origin_of
from nom.audit.faults import Fault
from nom.audit.pack.proofs import LeafTree
from nom.audit.trees import OutsideCheckpoint, verify_tree
from nom.contracts.base import Contract
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import CaseId
from nom.contracts.note import Checkpoint, NoteInvalid, Verifier
from nom.contracts.tree import leaf_hash

Proof = tuple[bytes, ...]
Row = TypeVar("Row")


class LedgerSource(NamedTuple):
    """One ledger, and the public key under which its checkpoints are signed."""

    namespace: str
    reader: LedgerReader
    trees: TreeReader
    seals: SealStore
    readings: ReadingLog
    refusals: RefusalLog
    verifier: Verifier


class Snapshot(Contract):
    """What the engine knows of a run that is not sealed to its end: serialised events. Nobody signed them."""

    workflow_id: str
    run_id: str
    first_event: int
    last_event: int
    history: bytes


class SignedTree(NamedTuple):
    """A tree under its newest checkpoint. Without a checkpoint there is no note, and nothing can be proven."""

    name: TreeName
    note: str | None
    leaves: LeafTree

    def proof(self, position: int | None) -> Proof:
        """The path from the leaf at a position to the signed root; empty where none covers it."""
        if self.note is None or position is None or position >= self.leaves.size:
            return ()
        return self.leaves.inclusion(position)


class OlderCheckpoint(NamedTuple):
    """A checkpoint that was kept elsewhere, and what shows that the pack's continues it."""

    note: str
    tree: TreeName
    size: int
    proof: Proof


class Gathered(NamedTuple):
    """What a pack holds of one ledger. A record that can't be read is there as the error that it makes; where a row of
    a log can't be, none of that log is there, and `found` names it.
    """

    source: LedgerSource
    records: tuple[StoredRecord | LedgerUnreadable, ...]
    seals: tuple[Seal, ...]
    readings: tuple[LoggedReading, ...]
    refusals: tuple[LoggedRefusal, ...]
    snapshots: tuple[Snapshot, ...]
    trees: dict[TreeName, SignedTree]
    older: tuple[OlderCheckpoint, ...]
    found: tuple[Fault, ...]

    @property
    def unproven(self) -> int:
        """How many records, seals and rows of the logs no checkpoint covers."""
        places: dict[TreeName, list[int | None]] = {
            "records": [stored.position for stored in self.records if isinstance(stored, StoredRecord)],
            "seals": [seal.number for seal in self.seals],
            "readings": [row.number for row in self.readings],
            "refusals": [row.number for row in self.refusals],
        }
        return sum(_is_waiting(self.trees[tree], place) for tree, some in places.items() for place in some)


def _is_waiting(tree: SignedTree, place: int | None) -> bool:
    return tree.note is None or place is None or place >= tree.leaves.size


async def gather(
    source: LedgerSource,
    matter: CaseId,
    snapshots: Sequence[Snapshot] = (),
    kept: Sequence[OutsideCheckpoint] = (),
) -> Gathered:
    """All of one case or group in one ledger. `kept` are older checkpoints that somebody brought along; those of other
    ledgers are left aside. Raises `LedgerUnavailable` or `LedgerNotReady`.
    """
    kept = [OutsideCheckpoint(note=one.note, kept_by="somebody outside") for one in kept]
    records = tuple([stored async for stored in source.reader.records_or_faults(matter)])
    streams = sorted({_stream(stored) for stored in records})
    seals = [seal for stream in streams for seal in await source.seals.of_workflow(stream)]
    readings = await _rows(source.readings.of_case(matter))
    refusals = await _rows(source.refusals.of_case(matter))
    # Read after what they cover: whatever was signed meanwhile covers it too.
    trees: dict[TreeName, SignedTree] = {tree: await _signed(source.trees, tree) for tree in TREES}
    verified = [await verify_tree(tree, source.trees, source.namespace, source.verifier, kept) for tree in TREES]
    return Gathered(
        source=source,
        records=records,
        seals=tuple(sorted(seals, key=lambda seal: seal.number)),
        readings=readings,
        refusals=refusals,
        snapshots=tuple(snapshots),
        trees=trees,
        older=tuple(_older(source.namespace, trees, kept)),
        found=tuple(_without_others(fault, matter) for tree in verified for fault in tree.faults),
    )


def _stream(stored: StoredRecord | LedgerUnreadable) -> str:
    return stored.stream if isinstance(stored, LedgerUnreadable) else stored.record.stream


async def _signed(reader: TreeReader, tree: TreeName) -> SignedTree:
    """A tree under the newest checkpoint that stands: of the leaves beside it or, where they don't make the signed
    root, of what is stored now.
    """
    note, root, beside, size = None, b"", bytearray(), 0
    async for published in reader.checkpoints(tree):
        note, size = published.note, published.size
        beside += b"".join(published.leaves)
        root = _root_in(note)
    kept = LeafTree(bytes(beside))
    if note is None or (kept.size == size and kept.root() == root):
        return SignedTree(tree, note, kept)
    stored = b"".join([leaf_hash(item.digest or b"") async for item in reader.material(tree) if item.number < size])
    return SignedTree(tree, note, LeafTree(stored))


def _root_in(note: str) -> bytes:
    try:
        return bytes.fromhex(Checkpoint.parse(note).root)
    except NoteInvalid:
        return b""


def _older(
    namespace: str, trees: dict[TreeName, SignedTree], kept: Iterable[OutsideCheckpoint]
) -> Iterable[OlderCheckpoint]:
    for one in kept:
        for name, tree in trees.items():
            if one.note.startswith(f"{origin_of(namespace, name)}\n"):
                try:
                    size = Checkpoint.parse(one.note).size
                except NoteInvalid:
                    # What was found of the tree says so.
                    continue
                proof = tree.leaves.consistency(size) if size <= tree.leaves.size else ()
                yield OlderCheckpoint(one.note, name, size, proof)


async def _rows(rows: AsyncIterator[Row]) -> tuple[Row, ...]:
    try:
        return tuple([row async for row in rows])
    except LogRowUnreadable:
        return ()


def _without_others(fault: Fault, matter: CaseId) -> Fault:
    """A fault as the pack may tell it: what belongs to another case has its position and no name."""
    if fault.stream is None or fault.stream.startswith(f"{matter}/"):
        return fault
    return fault.model_copy(update={"stream": None, "seq": None})
