"""What a ledger's cases amount to: durations between milestones, variants, late clocks. Counts; judges nothing.

Takes records matter by matter and keeps one matter and the counts: memory grows with what differs, not with cases.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from nom.audit.conformance.events import OPEN, activity
from nom.audit.conformance.milestones import Step, steps_of
from nom.audit.late_recording import moments_of, recorded_late_by
from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.clocks import CLOCK_EVENTS, Clock, ClockEvent, fold_clock
from nom.contracts.envelope import StoredRecord
from nom.contracts.events import EventBase
from nom.contracts.every_process import StageEnded, StageReopened
from nom.contracts.ids import ProcessKind, namespace_of, parse_stream
from nom.contracts.policy.loader import PolicyNotFound

MINUTE = timedelta(minutes=1)


class Durations:
    """Lengths of time, rounded down to minutes and counted. Exact to the minute, however many there are."""

    def __init__(self) -> None:
        self.backwards = 0
        self._minutes: Counter[int] = Counter()

    def take(self, length: timedelta) -> None:
        """Count one. One that runs backwards, as late entries may make it, is counted apart."""
        if length < timedelta(0):
            self.backwards += 1
        else:
            self._minutes[length // MINUTE] += 1

    def __len__(self) -> int:
        return self._minutes.total()

    def at(self, share: float) -> timedelta | None:
        """The least length that so great a share (0.5 the median, 0.9) does not exceed; None without any."""
        wanted, seen = share * len(self), 0
        for minutes in sorted(self._minutes):
            seen += self._minutes[minutes]
            if seen >= wanted:
                return minutes * MINUTE
        return None


class LateClocks(NamedTuple):
    """The clocks of one rule: how many started, how many of them are or ended late, how many still wait."""

    started: int
    late: int
    open: int
    indicator: bool


class Recording:
    """How many events by people there are, how many of them were recorded late by the pack that each pins, and how many
    can't be judged because this installation lacks that pack.
    """

    def __init__(self) -> None:
        self.by_people = 0
        self.late = 0
        self.not_judged = 0

    def take(self, stored: StoredRecord) -> None:
        """Count one event."""
        if stored.record.actor.role == SYSTEM_ROLE:
            return
        self.by_people += 1
        try:
            self.late += recorded_late_by(moments_of(stored)) is not None
        except PolicyNotFound:
            self.not_judged += 1

    def add(self, other: "Recording") -> None:
        """Count what another counted."""
        self.by_people += other.by_people
        self.late += other.late
        self.not_judged += other.not_judged


class Tally:
    """The counts of one force."""

    def __init__(self) -> None:
        self.matters = 0
        self.events = 0
        self.recording = Recording()
        self.outcomes: dict[ProcessKind, Counter[str]] = defaultdict(Counter)
        self.durations: dict[tuple[ProcessKind, Step], Durations] = defaultdict(Durations)
        self.variants: Counter[tuple[str, ...]] = Counter()
        self._started: Counter[str] = Counter()
        self._late: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._indicators: set[str] = set()

    def take(self, matter: "Matter") -> None:
        """Count one matter, whole."""
        self.matters += 1
        self.variants[matter.variant()] += 1
        for stream in matter.streams.values():
            self.events += stream.events
            self.recording.add(stream.recording)
            self.outcomes[stream.kind][stream.outcome or OPEN] += 1
            for step in steps_of(stream.kind):
                start, end = stream.first.get(step.start), stream.first.get(step.end)
                if start is not None and end is not None:
                    self.durations[stream.kind, step].take(end - start)
            for clock in stream.clocks:
                self._clock(clock)

    def clocks(self) -> dict[str, LateClocks]:
        """The clocks, by rule."""
        return {
            rule: LateClocks(started, self._late[rule], self._open[rule], rule in self._indicators)
            for rule, started in sorted(self._started.items())
        }

    def _clock(self, clock: Clock) -> None:
        self._started[clock.rule] += 1
        self._late[clock.rule] += clock.is_late
        self._open[clock.rule] += clock.is_open
        if clock.indicator:
            self._indicators.add(clock.rule)


class _Stream:
    """What is kept of one process while its matter is read."""

    def __init__(self, kind: ProcessKind) -> None:
        self.kind = kind
        self.events = 0
        self.recording = Recording()
        self.first: dict[str, datetime] = {}
        self.outcome: str | None = None
        self.ended_at: datetime | None = None
        self.clocks: tuple[Clock, ...] = ()

    def take(self, stored: StoredRecord, event: EventBase) -> None:
        record = stored.record
        self.events += 1
        self.recording.take(stored)
        self.first.setdefault(activity(record.type), record.occurred_at)
        if isinstance(event, CLOCK_EVENTS):
            self.clocks = fold_clock(self.clocks, cast("ClockEvent", event))
        elif isinstance(event, StageEnded):
            self.outcome, self.ended_at = event.outcome, record.occurred_at
        elif isinstance(event, StageReopened):
            self.outcome = self.ended_at = None


class Matter:
    """The processes of one case or group, as they are read."""

    def __init__(self, case: str) -> None:
        self.case = case
        self.streams: dict[str, _Stream] = {}

    def take(self, stored: StoredRecord, event: EventBase) -> None:
        """One record more, each stream in order."""
        stream = stored.record.stream
        self.streams.setdefault(stream, _Stream(parse_stream(stream).kind)).take(stored, event)

    def variant(self) -> tuple[str, ...]:
        """The outcomes of its stages in the order in which they came, then the stages that are open."""
        stages = [each for each in self.streams.values() if each.kind is not ProcessKind.CASE or len(self.streams) == 1]
        ended = sorted((each for each in stages if each.ended_at), key=lambda each: (each.ended_at, each.kind))
        waiting = sorted(each.kind for each in stages if not each.ended_at)
        return (*(f"{each.kind}: {each.outcome}" for each in ended), *(f"{kind}: {OPEN}" for kind in waiting))


class Conformance:
    """The tallies of all forces. Records must come matter by matter, each stream in order, and `end` after the last."""

    def __init__(self) -> None:
        self.forces: dict[str, Tally] = {}
        self._matter: Matter | None = None

    def take(self, stored: StoredRecord, event: EventBase) -> None:
        """One record more."""
        case = parse_stream(stored.record.stream).case
        if self._matter is None or self._matter.case != case:
            self.end()
            self._matter = Matter(case)
        self._matter.take(stored, event)

    def end(self) -> None:
        """The last matter is whole."""
        if self._matter is not None:
            force = namespace_of(self._matter.case).upper()
            self.forces.setdefault(force, Tally()).take(self._matter)
            self._matter = None
