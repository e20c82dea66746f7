"""Conditions that an act lacks, as refusals name them. Knows no process."""

from collections.abc import Iterator
from datetime import datetime

from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.local_time import london_words


def contradictions(at: datetime, *known: tuple[str, str, datetime | None]) -> Iterator[Unmet]:
    """Which of the moments that are known, each with its code and words, an act at a moment would have to follow and
    does not. A moment that is not known contradicts nothing.
    """
    for code, words, moment in known:
        if moment is not None and at < moment:
            yield unmet(code, f"{words} on {london_words(moment)}")


def refused_for(missing: tuple[Unmet, ...], message: str) -> Refusal:
    """The refusal whose code is that of the first condition, and which names them all."""
    return refuse(missing[0].code, message, *missing)
