"""Chance that can be repeated: the same names give the same draws on any machine. Draws whole numbers alone.

Only `Random.random` is used, which the language promises to keep, and its answer is turned into a whole number at once.
"""

import hashlib
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")
_THOUSAND = 1000


class Chance:
    """One stream of draws, named by what it is for: two names never share a draw."""

    def __init__(self, *names: object) -> None:
        digest = hashlib.sha256("/".join(str(name) for name in names).encode()).digest()
        # Nothing is guarded by it: it makes up cases.
        self._random = Random(int.from_bytes(digest[:16], "big"))  # noqa: S311

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(self._random.random() * limit)

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both included."""
        return least + self.below(most - least + 1)

    def happens(self, per_thousand: int) -> bool:
        """Whether something happens that does so in so many of a thousand."""
        return self.below(_THOUSAND) < per_thousand

    def one_of(self, items: Sequence[Item]) -> Item:
        """One of some things, each as likely as the others."""
        return items[self.below(len(items))]

    def weighted(self, weights: Mapping[str, int]) -> str:
        """One of some words, each as likely as its weight says."""
        place = self.below(sum(weights.values()))
        for word, weight in weights.items():
            if place < weight:
                return word
            place -= weight
        raise AssertionError("a draw lies beyond the sum of its weights")

    def quantile(self, least: int, half: int, nine_tenths: int, most: int) -> int:
        """A number of which half lie below `half` and nine in ten below `nine_tenths`, evenly spread between them."""
        place = self.below(_THOUSAND)
        if place < 500:  # noqa: PLR2004 - half of a thousand
            return least + (half - least) * place // 500
        if place < 900:  # noqa: PLR2004 - nine tenths of a thousand
            return half + (nine_tenths - half) * (place - 500) // 400
        return nine_tenths + (most - nine_tenths) * (place - 900) // 100
