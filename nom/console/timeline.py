"""The story of a case from its records: what happened when, by whom, why, under which rule; its clocks; how it stands.

Tells what the records say and computes no deadline. Pure: reads no database and no clock.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from nom.activities.errors import LedgerUnreadable
from nom.audit.late_recording import moments_of
from nom.console.gates import AnyState, still_missing
from nom.console.held_texts import TextStanding, standing_texts
from nom.console.lateness import late_in_words
from nom.contracts.actors import SYSTEM_ROLE, Actor
from nom.contracts.clocks import CLOCK_EVENTS, Clock, ClockEvent, ClockMet, ClockStatus, ClockStopped
from nom.contracts.envelope import Record, StoredRecord
from nom.contracts.errors import Unmet
from nom.contracts.events import EventBase
from nom.contracts.every_process import HandOffAcknowledged, HandOffMade, ProcessOpened
from nom.contracts.ids import parse_stream
from nom.contracts.policy.loader import PolicyNotFound, pack_by_ref
from nom.contracts.policy.pack import UnknownRule
from nom.workflows.operating_model import MODELS

PLUMBING = (ProcessOpened, HandOffMade, HandOffAcknowledged)
"""Events by which processes open and tell each other: part of the record, and no part of the story."""


class Told(NamedTuple):
    """One event in words. `rule` and `clock` where it is about a deadline."""

    seq: int
    type: str
    says: str
    rule: str | None
    clock: str | None
    plumbing: bool


class Entry(NamedTuple):
    """What one command led to in one process. `late` says how long after it happened it was entered, if long, and how
    long after that it was recorded, where the pack that the record pins calls that late.
    """

    occurred_at: datetime
    recorded_at: datetime
    stream: str
    actor: Actor
    command: str
    reason: str | None
    policy: str
    late: str | None
    told: tuple[Told, ...]

    @property
    def by_system(self) -> bool:
        """Whether no person gave it: it followed from something else."""
        return self.actor.role == SYSTEM_ROLE

    @property
    def who(self) -> str:
        """Who did it and in what role."""
        if self.by_system:
            behind = self.actor.on_behalf_of
            return "system" if behind in (None, self.actor.id) else f"system, for {behind}"
        return f"{self.actor.id}, {self.actor.role.replace('_', ' ')}"

    @property
    def story(self) -> tuple[Told, ...]:
        """What people read: everything but the plumbing."""
        return tuple(told for told in self.told if not told.plumbing)


class ClockStanding(NamedTuple):
    """One clock of one process, with the title of its rule and when the awaited act was done."""

    stream: str
    clock: Clock
    title: str
    done_at: datetime | None


class ProcessStanding(NamedTuple):
    """One process: open or ended, what is still missing before it can end, and the texts that it held for review."""

    stream: str
    outcome: str | None
    policy: str
    brought_in: bool
    missing: tuple[Unmet, ...]
    waiting: tuple[str, ...]
    texts: tuple[TextStanding, ...]


class Timeline(NamedTuple):
    """A case's whole story."""

    entries: tuple[Entry, ...]
    clocks: tuple[ClockStanding, ...]
    processes: tuple[ProcessStanding, ...]


def timeline_of(records: Iterable[StoredRecord]) -> Timeline:
    """The story in the order in which things happened; what happened at one moment in the order in which it was
    recorded. Each stream's records must be in order. Raises `LedgerUnreadable`.
    """
    streams: dict[str, list[tuple[StoredRecord, EventBase]]] = {}
    for stored in records:
        streams.setdefault(stored.record.stream, []).append((stored, _event_of(stored.record)))
    entries = [entry for told in streams.values() for entry in _entries(told)]
    entries.sort(key=lambda entry: (entry.occurred_at, entry.recorded_at, entry.stream, entry.told[0].seq))
    return Timeline(
        entries=tuple(entries),
        clocks=tuple(clock for stream, told in streams.items() for clock in _clocks(stream, told)),
        processes=tuple(_standing(stream, told) for stream, told in sorted(streams.items(), key=_first_recorded)),
    )


def only(timeline: Timeline, streams: frozenset[str]) -> Timeline:
    """The part of a story that these streams tell."""
    return Timeline(
        entries=tuple(entry for entry in timeline.entries if entry.stream in streams),
        clocks=tuple(item for item in timeline.clocks if item.stream in streams),
        processes=tuple(item for item in timeline.processes if item.stream in streams),
    )


def _event_of(record: Record) -> EventBase:
    try:
        return MODELS[parse_stream(record.stream).kind].event_of(record)
    except ValidationError:
        # The cause is dropped on purpose: it would quote the payload.
        raise LedgerUnreadable(record.stream, record.seq) from None


def _first_recorded(item: tuple[str, list[tuple[StoredRecord, EventBase]]]) -> tuple[datetime, str]:
    stream, told = item
    return told[0][0].recorded_at, stream


def _entries(told: list[tuple[StoredRecord, EventBase]]) -> Iterable[Entry]:
    for _, group in groupby(told, key=lambda item: item[0].record.command_id):
        items = list(group)
        stored, record = items[0][0], items[0][0].record
        yield Entry(
            occurred_at=record.occurred_at,
            recorded_at=stored.recorded_at,
            stream=record.stream,
            actor=record.actor,
            command=record.command,
            reason=record.reason,
            policy=record.policy.version,
            late=late_in_words(moments_of(stored)),
            told=tuple(_told(item.record, event) for item, event in items),
        )


def _told(record: Record, event: EventBase) -> Told:
    about = cast("ClockEvent", event) if isinstance(event, CLOCK_EVENTS) else None
    rule, clock = (about.rule, about.clock_id) if about else (None, None)
    return Told(record.seq, record.type, event.in_words(), rule, clock, isinstance(event, PLUMBING))


def _clocks(stream: str, told: list[tuple[StoredRecord, EventBase]]) -> Iterable[ClockStanding]:
    done: dict[str, datetime] = {}
    for _, event in told:
        if isinstance(event, ClockMet):
            done[event.clock_id] = event.met_at
        elif isinstance(event, ClockStopped):
            done[event.clock_id] = event.stopped_at
    for clock in _state(stream, told).clocks:
        yield ClockStanding(stream, clock, _title(told[0][0].record, clock.rule), done.get(clock.id))


def _title(record: Record, rule: str) -> str:
    """The rule's title in the pack that the record names, or nothing where this installation lacks the pack."""
    try:
        return pack_by_ref(record.policy).clock(rule).title
    except (PolicyNotFound, UnknownRule):
        return ""


def _state(stream: str, told: list[tuple[StoredRecord, EventBase]]) -> AnyState:
    model = MODELS[parse_stream(stream).kind]
    state: Any = model.blank(stream)
    for stored, event in told:
        state = model.fold_event(state, stored.record, event)
    return state


def _standing(stream: str, told: list[tuple[StoredRecord, EventBase]]) -> ProcessStanding:
    state = _state(stream, told)
    return ProcessStanding(
        stream=stream,
        outcome=state.outcome,
        policy=state.opening.policy.version if state.opening else told[0][0].record.policy.version,
        brought_in=state.brought_in,
        missing=still_missing(state),
        waiting=tuple(f"{item.command} to {item.to}" for item in state.outbox),
        texts=standing_texts(state),
    )


STATUS_IN_WORDS: dict[ClockStatus, str] = {
    ClockStatus.RUNNING: "running",
    ClockStatus.PAUSED: "stands still",
    ClockStatus.BREACHED: "missed, still open",
    ClockStatus.MET: "met",
    ClockStatus.MET_LATE: "met late",
    ClockStatus.STOPPED: "stopped",
    ClockStatus.STOPPED_LATE: "stopped after it was missed",
}
