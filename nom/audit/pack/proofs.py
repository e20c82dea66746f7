"""Makes proofs (RFC 9162) for many leaves of one large tree: every full subtree is hashed once and kept.

About 64 bytes for each leaf. What the leaves are, and who signed the root, is said elsewhere.
"""

from typing import Final

from nom.contracts.tree import EMPTY_ROOT, node_hash

_HASH: Final = 32


class LeafTree:
    """A tree over leaf hashes that are given one after another, 32 bytes each."""

    def __init__(self, leaves: bytes) -> None:
        self.size = len(leaves) // _HASH
        self._levels = [leaves]
        while len(below := self._levels[-1]) >= 2 * _HASH:
            pairs = range(0, len(below) - len(below) % (2 * _HASH), 2 * _HASH)
            level = [node_hash(below[at : at + _HASH], below[at + _HASH : at + 2 * _HASH]) for at in pairs]
            self._levels.append(b"".join(level))

    def root(self) -> bytes:
        """The root over all leaves."""
        return self._over(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """The path from a leaf to the root, nearest first (2.1.3.1). Raises `IndexError`."""
        if not 0 <= index < self.size:
            msg = f"there is no leaf {index} among {self.size}"
            raise IndexError(msg)
        path: list[bytes] = []
        first, end = 0, self.size
        while end - first > 1:
            split = first + _split(end - first)
            if index < split:
                path.append(self._over(split, end))
                end = split
            else:
                path.append(self._over(first, split))
                first = split
        return tuple(reversed(path))

    def consistency(self, before: int) -> tuple[bytes, ...]:
        """What shows that the first `before` leaves are the beginning of all (2.1.4.1). Raises `IndexError`."""
        if not 0 <= before <= self.size:
            msg = f"a tree of {self.size} leaves has no beginning of {before}"
            raise IndexError(msg)
        if before in (0, self.size):
            return ()
        path: list[bytes] = []
        first, end, is_whole = 0, self.size, True
        while before != end:
            split = first + _split(end - first)
            if before <= split:
                path.append(self._over(split, end))
                end = split
            else:
                path.append(self._over(first, split))
                first, is_whole = split, False
        if not is_whole:
            path.append(self._over(first, end))
        return tuple(reversed(path))

    def _over(self, first: int, end: int) -> bytes:
        """The hash over a subtree: kept where it is full, else made of those below."""
        size = end - first
        if size & (size - 1) == 0:
            level = size.bit_length() - 1
            at = (first >> level) * _HASH
            return self._levels[level][at : at + _HASH]
        split = first + _split(size)
        return node_hash(self._over(first, split), self._over(split, end))


def _split(size: int) -> int:
    """The largest power of two that is smaller than a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)
