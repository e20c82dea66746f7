"""Invariant 24 over the log of readings: every read and disclosure has an actor, a time, a purpose and a recipient.

Sees what was logged. What was read past the commands that log (SQL, the engine's own page) is not in the log.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nom.activities.readings import LoggedReading, Purpose

NUMBER = 24
_PURPOSES = frozenset(purpose.value for purpose in Purpose)
_READER_LOGIN = "_reader"


class Unaccounted(NamedTuple):
    """A row of the log that does not say what it should, by its number, or a row that is gone. `stream` None: gone."""

    number: int
    stream: str | None
    words: str


class LogCheck:
    """The check of a log, row by row in the order of their numbers. `whole`: from the very first row, so that a row
    that was taken away shows; one taken from the end does not.
    """

    def __init__(self, *, whole: bool) -> None:
        self.rows = 0
        self.found: list[Unaccounted] = []
        self._whole = whole
        self._next = 0

    def take(self, row: LoggedReading) -> None:
        """Look at one more row."""
        self.rows += 1
        if self._whole and row.number != self._next:
            gone = f"rows {self._next} to {row.number - 1} are gone from the log"
            self.found.append(Unaccounted(self._next, None, gone))
        self._next = row.number + 1
        self.found.extend(Unaccounted(row.number, row.stream, words) for words in _faults(row))


def unaccounted(log: Iterable[LoggedReading], *, whole: bool = False) -> tuple[Unaccounted, ...]:
    """Every row of a log that does not hold."""
    check = LogCheck(whole=whole)
    for row in log:
        check.take(row)
    return tuple(check.found)


def _faults(row: LoggedReading) -> Iterator[str]:
    if not row.named:
        yield f"nobody said who read; {row.reader_id} was put in"
    if row.purpose not in _PURPOSES:
        yield f"{row.purpose} is no purpose that this nom knows"
    if row.purpose == Purpose.DISCLOSURE and row.disclosed_to is None:
        yield "was disclosed, and not to whom"
    if not row.login.endswith(_READER_LOGIN):
        yield f"was added by {row.login}, which is no reader"
