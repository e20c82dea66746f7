"""What was recorded of a matter, as the invariants look at it: records with their events, by stream. Judges nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, TypeVar, cast
from uuid import UUID

from nom.contracts.clocks import CLOCK_EVENTS, Clock, ClockEvent, ClockStatus, DeadlineBreached, fold_clock, in_time
from nom.contracts.envelope import PolicyRef, Record
from nom.contracts.events import EventBase
from nom.contracts.every_process import HandOffMade, ProcessOpened
from nom.contracts.ids import ProcessKind, parse_stream, stream_of
from nom.contracts.policy.pack import PolicyPack

EventT = TypeVar("EventT", bound=EventBase)

PAPERWORK = frozenset(
    {"CorrectRecord", "RecordNote", "AcknowledgeHandOff", "AdoptPolicy", "ReleaseText", "ReturnText", "RewriteText"}
)
"""Commands that show nothing of how much time has passed: they may come years after the work."""
_SETS_A_DEADLINE = frozenset(
    {"clock_started.v1", "clock_resumed.v1", "clock_extended.v1", "clock_reanchored.v1", "clock_recalculated.v1"}
)


class Entry(NamedTuple):
    """One record and the event in it, in today's version."""

    record: Record
    event: EventBase

    @property
    def actor(self) -> str:
        """The person who gave the command."""
        return self.record.actor.id

    @property
    def shows(self) -> datetime | None:
        """Up to when the record shows that time has passed; None where it shows nothing."""
        if self.record.command in PAPERWORK:
            return None
        return self.record.submitted_at if self.record.command == "MarkUpToDate" else self.record.occurred_at


@dataclass(frozen=True)
class History:
    """One stream, whole and in its own order."""

    stream: str
    entries: tuple[Entry, ...]

    @property
    def kind(self) -> ProcessKind:
        """Which process it is."""
        return parse_stream(self.stream).kind

    @property
    def case(self) -> str:
        """The case or group that it belongs to."""
        return parse_stream(self.stream).case

    def of(self, *kinds: type[EventT]) -> Iterator[tuple[Entry, EventT]]:
        """The events of those kinds, each with its entry, in order."""
        for entry in self.entries:
            if isinstance(entry.event, kinds):
                yield entry, entry.event

    def first(self, kind: type[EventT]) -> EventT | None:
        """The first event of a kind."""
        return next((event for _, event in self.of(kind)), None)

    def last(self, kind: type[EventT]) -> EventT | None:
        """The last event of a kind."""
        return next(reversed([event for _, event in self.of(kind)]), None)

    def before(self, seq: int) -> "History":
        """What stood there before the record of that number."""
        return History(self.stream, tuple(entry for entry in self.entries if entry.record.seq < seq))

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        """Every clock as its events leave it."""
        clocks: tuple[Clock, ...] = ()
        for entry in self.entries:
            if isinstance(entry.event, CLOCK_EVENTS):
                clocks = fold_clock(clocks, cast("ClockEvent", entry.event))
        return clocks

    def clocks_of(self, *rules: str) -> tuple[Clock, ...]:
        """The clocks of some rules, each with the variants of it: `VC3` finds `VC3-enhanced`."""
        return tuple(clock for clock in self.clocks if clock.rule in rules or clock.rule.partition("-")[0] in rules)

    def silently_overdue(self, clocks: Iterable[Clock]) -> Iterator[Clock]:
        """The clocks whose breach is nowhere recorded: they still run although an act recorded since shows that their
        moment has passed, or they ended late.
        """
        breached = {event.clock_id for _, event in self.of(DeadlineBreached)}
        for clock in clocks:
            horizon = self._shown_since(clock)
            overdue = horizon is not None and clock.is_overdue_at(horizon)
            if overdue or (clock.is_late and not clock.indicator and clock.id not in breached):
                yield clock

    def met_late_as_in_time(self, clocks: Iterable[Clock], done_at: datetime) -> Iterator[Clock]:
        """The clocks that are said to be met in time by an act that came after their moment."""
        for clock in clocks:
            if clock.status is ClockStatus.MET and not in_time(done_at, clock.due_at, clock.last_day):
                yield clock

    def _shown_since(self, clock: Clock) -> datetime | None:
        moments: list[datetime] = []
        for entry in self.entries:
            if entry.record.type in _SETS_A_DEADLINE and getattr(entry.event, "clock_id", None) == clock.id:
                moments = []
            if entry.shows is not None:
                moments.append(entry.shows)
        return max(moments, default=None)


@dataclass(frozen=True)
class Matter:
    """The streams that are judged together: a case, the group that it is part of, the review that ordered it. What is
    not among them is not judged. `pack_of` finds a pinned pack, and raises `LookupError` for one that nobody holds.
    """

    histories: tuple[History, ...]
    pack_of: Callable[[PolicyRef], PolicyPack]

    def of_kind(self, *kinds: ProcessKind) -> Iterator[History]:
        """The streams of those processes."""
        return (history for history in self.histories if history.kind in kinds)

    def history(self, stream: str) -> History | None:
        """One stream, if it is among them."""
        return self._by_stream.get(stream)

    def spine(self, of: History) -> History | None:
        """The case that a stream belongs to."""
        return self.history(stream_of(of.case, ProcessKind.CASE))

    def pack(self, entry: Entry) -> PolicyPack:
        """The pack under which an entry was decided."""
        return self.pack_of(entry.record.policy)

    def sent(self, stream: str, command_id: UUID) -> tuple[Entry, HandOffMade] | None:
        """The hand-off of a stream that arrived elsewhere as that command."""
        history = self.history(stream)
        made = history.of(HandOffMade) if history else ()
        return next(((entry, event) for entry, event in made if event.hand_off.id == command_id), None)

    @cached_property
    def _by_stream(self) -> Mapping[str, History]:
        return {history.stream: history for history in self.histories}


def matter_of(
    records: Iterable[Record], read: Callable[[Record], EventBase], pack_of: Callable[[PolicyRef], PolicyPack]
) -> Matter:
    """The matter that some records make; those of a stream in the order in which they are given."""
    streams: dict[str, list[Entry]] = {}
    for record in records:
        streams.setdefault(record.stream, []).append(Entry(record, read(record)))
    return Matter(tuple(History(stream, tuple(entries)) for stream, entries in sorted(streams.items())), pack_of)


def jurisdiction_of(history: History) -> str | None:
    """Whose law a stream was opened under."""
    opened = history.first(ProcessOpened)
    return opened.opening.jurisdiction.value if opened else None
