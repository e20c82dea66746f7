"""What an invariant is, and what a breach of one looks like. Knows none of the twenty-five."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from nom.contracts.ids import ProcessKind
from nom.workflows.model.invariants.matter import Matter


class Finding(NamedTuple):
    """Where an invariant does not hold: the stream, the record's number where there is one, and what is wrong."""

    stream: str
    seq: int | None
    words: str


class Violation(NamedTuple):
    """An invariant that does not hold, by its number."""

    number: int
    name: str
    finding: Finding


Check = Callable[[Matter], Iterable[Finding]]


class Invariant(NamedTuple):
    """One of the twenty-five. `sentence` is what must hold, `basis` on what that rests, `judged` what the check looks
    at and what it can't see, `processes` those that carry it.
    """

    number: int
    name: str
    sentence: str
    basis: str
    judged: str
    processes: tuple[ProcessKind, ...]
    check: Check

    def violations(self, matter: Matter) -> Iterator[Violation]:
        """Every place of a matter where it does not hold."""
        return (Violation(self.number, self.name, finding) for finding in self.check(matter))
