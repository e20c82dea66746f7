"""The Merkle tree over a list of leaves (RFC 9162, section 2.1): roots, proofs, and what checks them.

Every hash is SHA-256: a leaf's is over 0x00 and its data, a node's over 0x01 and the hashes of its two children. What
a leaf holds, and who vouches for a root, is said elsewhere.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

EMPTY_ROOT: Final = hashlib.sha256().digest()
"""The root of a tree without leaves."""


class ProofInvalid(ValueError):
    """A proof does not prove what it was brought for."""

    code: Final = "proof_invalid"


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over those of its children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that leaves are added to, remembered as the roots of its full subtrees, at most 64 of them."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.size += 1
        carried, node = self.size, leaf
        while carried % 2 == 0:
            node = node_hash(self._full.pop(), node)
            carried //= 2
        self._full.append(node)

    def add_all(self, leaves: Iterable[bytes]) -> None:
        """Add the hashes of the next leaves, in order."""
        for leaf in leaves:
            self.add(leaf)

    def root(self) -> bytes:
        """The root over all leaves added so far."""
        if not self._full:
            return EMPTY_ROOT
        root = self._full[-1]
        for left in reversed(self._full[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    frontier.add_all(leaves)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The path from a leaf to the root over all the leaf hashes given, nearest first (RFC 9162, 2.1.3.1).

    Raises `IndexError` when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        msg = f"there is no leaf {index} among {len(leaves)}"
        raise IndexError(msg)
    path: list[bytes] = []
    first, end = 0, len(leaves)
    while end - first > 1:
        split = first + _split(end - first)
        if index < split:
            path.append(root_of(leaves[split:end]))
            end = split
        else:
            path.append(root_of(leaves[first:split]))
            first = split
    return tuple(reversed(path))


def consistency_proof(leaves: Sequence[bytes], before: int) -> tuple[bytes, ...]:
    """What shows that the tree of the first `before` leaves is the beginning of the tree of all (RFC 9162, 2.1.4.1).

    Empty for a tree that is compared with itself or with none. Raises `IndexError` for an older tree that is larger.
    """
    return tuple(root_of(leaves[first:end]) for first, end in consistency_ranges(before, len(leaves)))


def consistency_ranges(before: int, after: int) -> tuple[tuple[int, int], ...]:
    """The leaves, from the first number and up to before the second, over which each hash of a consistency proof is the
    root; no leaf is in two of them. Raises `IndexError` as `consistency_proof`.
    """
    if not 0 <= before <= after:
        msg = f"a tree of {after} leaves has no beginning of {before}"
        raise IndexError(msg)
    if before in (0, after):
        return ()
    path: list[tuple[int, int]] = []
    first, end, is_whole = 0, after, True
    while before != end:
        split = first + _split(end - first)
        if before <= split:
            path.append((split, end))
            end = split
        else:
            path.append((first, split))
            first, is_whole = split, False
    if not is_whole:
        path.append((first, end))
    return tuple(reversed(path))


def _split(size: int) -> int:
    """The largest power of two that is smaller than a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)


def check_inclusion(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> None:
    """Check that a leaf hash stands at `index` of a tree of `size` (RFC 9162, 2.1.3.2). Raises `ProofInvalid`."""
    if not 0 <= index < size:
        msg = f"a tree of {size} leaves has no leaf {index}"
        raise ProofInvalid(msg)
    node, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            msg = "the proof is longer than the tree is high"
            raise ProofInvalid(msg)
        if node % 2 == 1 or node == last:
            found = node_hash(step, found)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            found = node_hash(found, step)
        node, last = node // 2, last // 2
    if last != 0 or found != root:
        msg = f"leaf {index} is not shown to be in the tree of {size}"
        raise ProofInvalid(msg)


def check_consistency(before: int, old_root: bytes, after: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that a tree is the beginning of a later one. Raises `ProofInvalid` (RFC 9162, 2.1.4.2)."""
    if before > after:
        msg = f"a tree of {after} leaves has no beginning of {before}"
        raise ProofInvalid(msg)
    if before in (0, after):
        if proof or (old_root != (new_root if before == after else EMPTY_ROOT)):
            msg = f"the trees of {before} and {after} are not shown to agree"
            raise ProofInvalid(msg)
        return
    _walk_consistency(before, old_root, after, new_root, proof)


def _walk_consistency(before: int, old_root: bytes, after: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    steps = [old_root, *proof] if before & (before - 1) == 0 else list(proof)
    node, last = before - 1, after - 1
    while node % 2 == 1:
        node, last = node // 2, last // 2
    msg = f"the tree of {before} is not shown to be the beginning of the tree of {after}"
    if not steps:
        raise ProofInvalid(msg)
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofInvalid(msg)
        if node % 2 == 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            new = node_hash(new, step)
        node, last = node // 2, last // 2
    if last != 0 or old != old_root or new != new_root:
        raise ProofInvalid(msg)
