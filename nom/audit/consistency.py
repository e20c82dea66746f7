"""Is one signed checkpoint the beginning of another? Makes the consistency proof (RFC 9162), writes it, and checks it.

A proof file holds, for each tree, what a witness is sent (C2SP tlog-witness, add-checkpoint): the earlier size, the
hashes in base64, one a line, an empty line and the later checkpoint. Whoever has both checkpoints needs nothing else.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from nom.activities.trees import TreeName, TreeReader
from nom.contracts.base import Contract
from nom.contracts.note import NOTE_PATTERN, Checkpoint, NoteInvalid, Verifier, checkpoint_of
from nom.contracts.tree import Frontier, ProofInvalid, check_consistency, consistency_ranges

Verdict = Literal[
    "continues", "signature_bad", "key_missing", "gone", "smaller", "forked", "not_proven", "not_in_ledger"
]
"""`gone`: the later file has no checkpoint of the tree. `forked`: they are shown to be two accounts. `not_proven`: the
proof that was brought does not show it. `not_in_ledger`: the ledger does not lead from one to the other.
"""
HASH_BYTES: Final = 32
_BLOCK: Final = re.compile(rf"old (0|[1-9][0-9]{{0,17}})\n((?:[A-Za-z0-9+/=]+\n)*)\n({NOTE_PATTERN})\n*")

Proof = tuple[bytes, ...]


class ProofFileInvalid(ValueError):
    """A file of proofs does not hold what it should."""

    code: Final = "proof_file_invalid"


class Compared(Contract):
    """What came of one tree: the sizes of both checkpoints, and the proof's hashes in base64 where there is one."""

    tree: str
    before: int | None
    after: int | None
    verdict: Verdict
    words: str
    proof: tuple[str, ...] = ()


class Pair(NamedTuple):
    """Two checkpoints of one tree, both signed with its ledger's key; `note` is the later one as it is signed."""

    origin: str
    old: Checkpoint
    new: Checkpoint
    note: str

    def result(self, verdict: Verdict, words: str, proof: Proof = ()) -> Compared:
        """What is said of the two."""
        hashes = tuple(base64.b64encode(step).decode() for step in proof)
        return Compared(
            tree=self.origin, before=self.old.size, after=self.new.size, verdict=verdict, words=words, proof=hashes
        )

    def checked(self, proof: Proof) -> Compared:
        """Whether a proof shows that the later tree begins with the earlier."""
        roots = bytes.fromhex(self.old.root), bytes.fromhex(self.new.root)
        try:
            check_consistency(self.old.size, roots[0], self.new.size, roots[1], proof)
        except ProofInvalid as error:
            return self.result("not_proven", str(error))
        return self.result("continues", "the later one begins with the earlier one", proof)


def paired(
    old: Iterable[str], new: Iterable[str], keys: Mapping[str, Verifier]
) -> tuple[tuple[Pair, ...], tuple[Compared, ...]]:
    """The checkpoints of the same trees, and what can be said of trees without any proof. `keys` are by the name under
    which they sign, such as `nom/gmp`. Raises `NoteInvalid` for what is no checkpoint at all.
    """
    later = _by_origin(new)
    pairs: list[Pair] = []
    said: list[Compared] = []
    for origin, notes in _by_origin(old).items():
        if origin not in later:
            others = ", ".join(later) or "none"
            said.append(_unpaired(origin, "gone", f"the later file has no checkpoint of it; it has {others}"))
        for note in notes:
            for other in later.get(origin, ()):
                found = _pair(origin, note, other, keys)
                pairs.extend([found] if isinstance(found, Pair) else [])
                said.extend([found] if isinstance(found, Compared) else [])
    return tuple(pairs), tuple(said)


def _by_origin(notes: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for note in notes:
        found.setdefault(Checkpoint.parse(note).origin, []).append(note)
    return found


def _pair(origin: str, old: str, new: str, keys: Mapping[str, Verifier]) -> Pair | Compared:
    verifier = keys.get(origin.rpartition("/")[0])
    if verifier is None:
        return _unpaired(origin, "key_missing", "there is no public key of its ledger; give it with --key")
    checkpoints: list[Checkpoint] = []
    for which, note in (("earlier", old), ("later", new)):
        try:
            checkpoints.append(checkpoint_of(note, verifier, origin))
        except NoteInvalid as error:
            return _unpaired(origin, "signature_bad", f"the {which} one: {error}")
    pair = Pair(origin, checkpoints[0], checkpoints[1], new)
    if pair.new.size < pair.old.size:
        words = (
            f"the later one has {pair.new.size} leaves and the earlier one {pair.old.size}: the files are the wrong "
            "way round, or the ledger was put back to an older copy"
        )
        return pair.result("smaller", words)
    if pair.new.size == pair.old.size:
        if pair.new.root != pair.old.root:
            return pair.result("forked", f"two signed accounts of the same {pair.old.size} leaves")
        return pair.result("continues", "both are the same")
    return pair if pair.old.size else pair.checked(())


def _unpaired(origin: str, verdict: Verdict, words: str) -> Compared:
    return Compared(tree=origin, before=None, after=None, verdict=verdict, words=words)


async def prove(reader: TreeReader, tree: TreeName, pair: Pair) -> Compared:
    """Make the proof from the leaves that the ledger has published, and check it. Memory does not grow with the tree.

    Raises `LedgerUnavailable` or `LedgerNotReady`.
    """
    look = _Look(pair)
    async for published in reader.checkpoints(tree):
        look.take(published.leaves)
        if look.tree.size >= pair.new.size:
            break
    if look.tree.size < pair.new.size:
        words = f"the ledger has published {look.tree.size} leaves of it and the later one has {pair.new.size}"
        return pair.result("not_in_ledger", words)
    return look.result()


class _Look:
    """One look at the leaves of a tree, up to those of the later checkpoint."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._parts = {span: Frontier() for span in consistency_ranges(pair.old.size, pair.new.size)}
        self._in_order = sorted(self._parts)
        self._roots: dict[int, str] = {}
        self.tree = Frontier()

    def take(self, leaves: Sequence[bytes]) -> None:
        """The hashes of the next leaves; those beyond the later checkpoint are left aside."""
        for leaf in leaves[: self._pair.new.size - self.tree.size]:
            while self._in_order and self._in_order[0][1] <= self.tree.size:
                del self._in_order[0]
            if self._in_order and self._in_order[0][0] <= self.tree.size:
                self._parts[self._in_order[0]].add(leaf)
            self.tree.add(leaf)
            if self.tree.size in (self._pair.old.size, self._pair.new.size):
                self._roots[self.tree.size] = self.tree.root().hex()

    def result(self) -> Compared:
        """The proof where the ledger's leaves give both roots; else which of the two is another account."""
        old, new = (self._roots[one.size] == one.root for one in (self._pair.old, self._pair.new))
        if old and new:
            return self._pair.checked(tuple(part.root() for part in self._parts.values()))
        if new:
            return self._pair.result("forked", "the later one is the ledger's, and it does not begin with the earlier")
        begins = "begins with the earlier one and does not lead to the later" if old else "gives neither root"
        words = f"the ledger {begins}: nothing is shown of the two; ask `nom audit verify` of the ledger"
        return self._pair.result("not_in_ledger", words)


def written(pair: Pair, proof: Sequence[str]) -> str:
    """A proof as it stands in a file."""
    lines = "".join(f"{step}\n" for step in proof)
    return f"old {pair.old.size}\n{lines}\n{pair.note}"


def proofs_in(text: str) -> dict[tuple[str, int, int], Proof]:
    """The proofs of a file, by tree and both sizes. Raises `ProofFileInvalid`."""
    found: dict[tuple[str, int, int], Proof] = {}
    place = 0
    while place < len(text):
        block = _BLOCK.match(text, place)
        if block is None:
            raise ProofFileInvalid(
                f"line {text.count(chr(10), 0, place) + 1}: expected `old SIZE`, hashes, a checkpoint"
            )
        try:
            checkpoint = Checkpoint.parse(block[3])
            proof = tuple(_hash(line) for line in block[2].splitlines())
        except NoteInvalid as error:
            raise ProofFileInvalid(str(error)) from None
        found[checkpoint.origin, int(block[1]), checkpoint.size] = proof
        place = block.end()
    return found


def _hash(line: str) -> bytes:
    try:
        step = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        step = b""
    if len(step) != HASH_BYTES:
        raise ProofFileInvalid(f"not the base64 of a SHA-256: {line[:80]}")
    return step
