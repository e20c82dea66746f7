"""What the records of a pack say, in plain words: who did what when, deadlines, corrections beside what they correct.

Tells what was recorded, and computes no deadline. A record that this code can't put into words is told as such; it is
in the pack as it was sealed. Pure: reads no database and no clock.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from typing import Any, Final, NamedTuple, cast

from pydantic import ValidationError

from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.clocks import (
    CLOCK_EVENTS,
    BreachWithdrawn,
    Clock,
    ClockEvent,
    ClockMet,
    ClockStarted,
    ClockStatus,
    ClockStopped,
    DeadlineBreached,
    due_in_words,
    fold_clock,
)
from nom.contracts.envelope import Record, StoredRecord
from nom.contracts.events import EventBase
from nom.contracts.every_process import HandOffAcknowledged, HandOffMade, RecordCorrected, StageEnded, StageReopened
from nom.contracts.ids import parse_stream
from nom.contracts.local_time import LONDON, london_words
from nom.workflows.operating_model import MODELS

ENTERED_LATE_AFTER: Final = timedelta(hours=24)
"""An entry that was typed in longer than this after it happened is marked (ours)."""
PASSED_ON: Final = (HandOffMade, HandOffAcknowledged)
"""How processes tell each other: in the pack, and no part of the story."""
UNKNOWN: Final = "This version of nom can't put the record into words; it is in the pack as it was recorded"

_Read = tuple[StoredRecord, EventBase | None]
_STANDS: Final[dict[ClockStatus, str]] = {
    ClockStatus.RUNNING: "running",
    ClockStatus.PAUSED: "paused",
    ClockStatus.BREACHED: "missed, and still open",
    ClockStatus.MET: "met in time",
    ClockStatus.MET_LATE: "met late",
    ClockStatus.STOPPED: "stopped",
    ClockStatus.STOPPED_LATE: "stopped after it was missed",
}


class Line(NamedTuple):
    """One record in words, and what was said later against it."""

    seq: int
    says: str
    is_deadline: bool
    is_breach: bool
    corrections: tuple[str, ...]


class Entry(NamedTuple):
    """What one command led to in one process. `late` says when it was typed in, where that was long after."""

    happened_at: datetime
    recorded_at: datetime
    stream: str
    who: str
    reason: str | None
    policy: str
    late: str | None
    lines: tuple[Line, ...]

    @property
    def day(self) -> str:
        """The day in Europe/London."""
        return self.happened_at.astimezone(LONDON).strftime("%A %d %B %Y")

    @property
    def time(self) -> str:
        """The time of day in Europe/London."""
        return self.happened_at.astimezone(LONDON).strftime("%H:%M %Z")


class Deadline(NamedTuple):
    """One clock in words."""

    stream: str
    rule: str
    awaits: str
    due: str
    stands: str
    done: str
    was_missed: bool


class Process(NamedTuple):
    """One process: how many records it has, when it began, and how it ended."""

    stream: str
    records: int
    began: str
    ended: str


class Story(NamedTuple):
    """A case in words, in the order in which things happened."""

    entries: tuple[Entry, ...]
    deadlines: tuple[Deadline, ...]
    processes: tuple[Process, ...]
    passed_on: int

    def days(self) -> list[tuple[str, list[Entry]]]:
        """The entries by day."""
        return [(day, list(entries)) for day, entries in groupby(self.entries, key=lambda entry: entry.day)]

    def corrected(self) -> list[tuple[Entry, Line]]:
        """What was said to be wrong later."""
        return [(entry, line) for entry in self.entries for line in entry.lines if line.corrections]


def story_of(records: Sequence[StoredRecord], titles: dict[tuple[str, str], str]) -> Story:
    """The story of these records, each stream's in order. `titles` are what clocks' rules are called."""
    streams: dict[str, list[_Read]] = {}
    for stored in records:
        streams.setdefault(stored.record.stream, []).append((stored, _event_of(stored.record)))
    entries = [entry for read in streams.values() for entry in _entries(read, titles)]
    entries.sort(key=lambda entry: (entry.happened_at, entry.recorded_at, entry.stream, entry.lines[0].seq))
    return Story(
        entries=tuple(entries),
        deadlines=tuple(item for stream, read in streams.items() for item in _deadlines(stream, read, titles)),
        processes=tuple(_process(stream, read) for stream, read in streams.items()),
        passed_on=sum(isinstance(event, PASSED_ON) for read in streams.values() for _, event in read),
    )


def _event_of(record: Record) -> EventBase | None:
    try:
        return MODELS[parse_stream(record.stream).kind].event_of(record)
    except ValidationError:
        return None


def _entries(read: list[_Read], titles: dict[tuple[str, str], str]) -> Iterable[Entry]:
    against = _against(read)
    for _, group in groupby(read, key=lambda item: item[0].record.command_id):
        items = list(group)
        lines = [
            _line(stored.record, event, against, titles) for stored, event in items if not isinstance(event, PASSED_ON)
        ]
        stored, record = items[0][0], items[0][0].record
        if lines:
            yield Entry(
                happened_at=record.occurred_at,
                recorded_at=stored.recorded_at,
                stream=record.stream,
                who=_who(record),
                reason=record.reason,
                policy=record.policy.version,
                late=_late(stored),
                lines=tuple(lines),
            )


def _against(read: list[_Read]) -> dict[int, list[str]]:
    """What was said later against a record, by the record's number."""
    against: dict[int, list[str]] = {}
    breaches: dict[str, int] = {}
    for stored, event in read:
        said = f"{london_words(stored.record.occurred_at)}, {_who(stored.record)} (record {stored.record.seq})"
        if isinstance(event, DeadlineBreached):
            breaches[event.clock_id] = stored.record.seq
        elif isinstance(event, RecordCorrected):
            against.setdefault(event.wrong_seq, []).append(f"Corrected {said}: {event.correction}")
        elif isinstance(event, BreachWithdrawn) and event.clock_id in breaches:
            against.setdefault(breaches[event.clock_id], []).append(f"Withdrawn {said}: {event.because}")
    return against


def _line(
    record: Record, event: EventBase | None, against: dict[int, list[str]], titles: dict[tuple[str, str], str]
) -> Line:
    says = event.in_words() if event is not None else f"{UNKNOWN} ({record.type})"
    title = titles.get((record.policy.digest, event.rule)) if isinstance(event, ClockStarted | DeadlineBreached) else ""
    return Line(
        seq=record.seq,
        says=f"{says} – {title}" if title else says,
        is_deadline=isinstance(event, CLOCK_EVENTS),
        is_breach=isinstance(event, DeadlineBreached),
        corrections=tuple(against.get(record.seq, ())),
    )


def _who(record: Record) -> str:
    actor = record.actor
    behind = f", for {actor.on_behalf_of}" if actor.on_behalf_of and actor.on_behalf_of != actor.id else ""
    if actor.role == SYSTEM_ROLE:
        return f"the system{behind}"
    return f"{actor.id}, {actor.role.replace('_', ' ')}{behind}"


def _late(stored: StoredRecord) -> str | None:
    is_late = stored.recorded_at - stored.record.occurred_at > ENTERED_LATE_AFTER
    if not is_late or stored.record.actor.role == SYSTEM_ROLE:
        return None
    return f"entered {london_words(stored.recorded_at)}"


def _deadlines(stream: str, read: list[_Read], titles: dict[tuple[str, str], str]) -> Iterable[Deadline]:
    done: dict[str, datetime] = {}
    title: dict[str, str] = {}
    for stored, event in read:
        if isinstance(event, ClockStarted):
            title[event.clock_id] = titles.get((stored.record.policy.digest, event.rule), "")
        elif isinstance(event, ClockMet):
            done[event.clock_id] = event.met_at
        elif isinstance(event, ClockStopped):
            done[event.clock_id] = event.stopped_at
    for clock in _clocks(stream, read):
        about = " ".join(filter(None, (title.get(clock.id, ""), f"({clock.about})" if clock.about else "")))
        yield Deadline(
            stream=stream,
            rule=clock.rule,
            awaits=about,
            due=due_in_words(clock.due_at, clock.last_day),
            stands=_STANDS[clock.status] + (" (an indicator, measured and never a breach)" if clock.indicator else ""),
            done=london_words(done[clock.id]) if clock.id in done else "",
            was_missed=clock.is_late and not clock.indicator,
        )


def _clocks(stream: str, read: list[_Read]) -> tuple[Clock, ...]:
    """The clocks as the process holds them; where its records make no sense, as far as the clocks' own events tell."""
    model = MODELS[parse_stream(stream).kind]
    state: Any = model.blank(stream)
    try:
        for stored, event in read:
            state = model.fold_event(state, stored.record, cast("EventBase", event))
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError):
        # A tampered ledger must give a pack that says so, and not an error.
        told = [cast("ClockEvent", event) for _, event in read if isinstance(event, CLOCK_EVENTS)]
        return reduce(fold_clock, told, ())
    return state.clocks


def _process(stream: str, read: list[_Read]) -> Process:
    first = read[0][0].record
    ends = [(stored.record, event) for stored, event in read if isinstance(event, StageEnded | StageReopened)]
    ended = f"{ends[-1][1].in_words()} ({london_words(ends[-1][0].occurred_at)})" if ends else "no end was recorded"
    return Process(stream, len(read), london_words(first.occurred_at), ended)
