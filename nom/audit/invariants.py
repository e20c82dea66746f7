"""Asks the twenty-five invariants of recorded matters, from the ledger alone, and says of each what was not looked at.

An invariant holds where its check went over every process that carries it and found nothing. A process that is not
there, one whose records can't be read, and one of another matter that is not at hand are named: of those nothing holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import ValidationError

from nom.contracts.base import Contract
from nom.contracts.envelope import PolicyRef, Record
from nom.contracts.ids import ProcessKind, parse_stream
from nom.contracts.policy.loader import pack_by_ref
from nom.contracts.policy.pack import PolicyPack
from nom.workflows.model.invariants.invariant import Invariant
from nom.workflows.model.invariants.matter import Entry, History, Matter
from nom.workflows.model.invariants.registry import INVARIANTS
from nom.workflows.operating_model import MODELS

Verdict = Literal["holds", "violated", "not_looked_at"]
PackOf = Callable[[PolicyRef], PolicyPack]


class Found(Contract):
    """Where an invariant does not hold: the stream, the record's number where it is one record, and what is wrong."""

    stream: str
    seq: int | None
    words: str


class Asked(Contract):
    """What came of one invariant in one matter: how many of the matter's processes carry it and were looked at, what
    was found, and what was not looked at, in words.
    """

    number: int
    processes: int
    found: tuple[Found, ...]
    not_looked_at: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """`holds` only where all of it was looked at and nothing was found."""
        if self.found:
            return "violated"
        return "not_looked_at" if self.not_looked_at else "holds"


class Unreadable(Contract):
    """A process with a record that this code can't read: it was written by another version, or changed."""

    stream: str
    seq: int


class MatterAsked(Contract):
    """What came of every invariant in one matter. `beside` are the streams of other matters that were looked up for it,
    and whose own invariants were not asked; `absent` those that were looked for in vain.
    """

    matter: str
    records: int
    invariants: tuple[Asked, ...]
    unreadable: tuple[Unreadable, ...]
    beside: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def found(self) -> tuple[tuple[int, Found], ...]:
        """Every place where an invariant does not hold, with its number."""
        return tuple((asked.number, found) for asked in self.invariants for found in asked.found)


class MatterRecords:
    """The records of one matter, stream by stream, as they are read; and of others, to which its invariants lead."""

    def __init__(self, matter: str) -> None:
        self.matter = matter
        self.records = 0
        self._own: dict[str, list[Entry]] = {}
        self._beside: dict[str, list[Entry]] = {}
        self._unreadable: dict[str, int] = {}

    def take(self, record: Record) -> None:
        """The next record of a stream, in order. One that can't be read is noted, and nothing of its stream judged."""
        self.records += parse_stream(record.stream).case == self.matter
        entries = self._entries(record.stream)
        try:
            event = MODELS[parse_stream(record.stream).kind].event_of(record)
        except ValidationError:
            self.cannot_read(record.stream, record.seq)
        else:
            entries.append(Entry(record, event))

    def cannot_read(self, stream: str, seq: int) -> None:
        """A record of a stream can't be read."""
        self._entries(stream)
        self._unreadable.setdefault(stream, seq)

    def knows(self, stream: str) -> bool:
        """Whether anything of a stream was taken, readable or not."""
        return stream in self._own or stream in self._beside

    def judged(self, pack_of: PackOf = pack_by_ref) -> MatterAsked:
        """Ask all twenty-five."""
        own = self._histories(self._own)
        beside = {history.stream: history for history in self._histories(self._beside)}
        asked: list[Asked] = []
        absent: dict[str, None] = {}
        for item in INVARIANTS:
            seen = Seen(own, pack_of, beside)
            asked.append(_asked(item, seen, self._unreadable))
            absent |= dict.fromkeys(seen.absent)
        return MatterAsked(
            matter=self.matter,
            records=self.records,
            invariants=tuple(asked),
            unreadable=tuple(Unreadable(stream=stream, seq=seq) for stream, seq in self._unreadable.items()),
            beside=tuple(sorted(self._beside)),
            absent=tuple(absent),
        )

    def _entries(self, stream: str) -> list[Entry]:
        streams = self._own if parse_stream(stream).case == self.matter else self._beside
        return streams.setdefault(stream, [])

    def _histories(self, streams: Mapping[str, Sequence[Entry]]) -> tuple[History, ...]:
        readable = ((stream, entries) for stream, entries in sorted(streams.items()) if stream not in self._unreadable)
        return tuple(History(stream, tuple(entries)) for stream, entries in readable)


@dataclass(frozen=True)
class Seen(Matter):
    """A matter that finds streams of others beside its own, and remembers which it was asked for in vain."""

    beside: Mapping[str, History]
    absent: dict[str, None] = field(default_factory=dict[str, None])

    def history(self, stream: str) -> History | None:
        """One stream, if it is at hand."""
        found = super().history(stream) or self.beside.get(stream)
        if found is None:
            self.absent[stream] = None
        return found


def _asked(item: Invariant, seen: Seen, unreadable: Mapping[str, int]) -> Asked:
    found: list[Found] = []
    missed: list[str] = []
    try:
        for violation in item.violations(seen):
            where = violation.finding
            found.append(Found(stream=where.stream, seq=where.seq, words=where.words))
    except LookupError as error:
        missed.append(f"from some record on: {error}")
    processes = len(list(seen.of_kind(*item.processes)))
    carried = {stream for stream in unreadable if parse_stream(stream).kind in item.processes}
    broken = {stream: seq for stream, seq in unreadable.items() if stream in carried or stream in seen.absent}
    missed += (f"{stream}: its record {seq} can't be read" for stream, seq in broken.items())
    missed += (f"{stream}: its records are not at hand" for stream in seen.absent if stream not in unreadable)
    if not processes and not broken:
        missed.append(f"there is no {_in_words(item.processes)}")
    return Asked(number=item.number, processes=processes, found=tuple(found), not_looked_at=tuple(missed))


def _in_words(kinds: Iterable[ProcessKind]) -> str:
    return " and no ".join(kind.value.replace("-", " ").replace("_", " ") for kind in kinds)
