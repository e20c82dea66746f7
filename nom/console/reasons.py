"""The reasons for the deadlines of a case: each clock with its explanation and its history. Reads records, no clock."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, cast

from nom.console.catalogue import process_named
from nom.contracts.clocks import CLOCK_EVENTS, Clock, ClockEvent, ClockStatus, Unit
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import parse_stream
from nom.contracts.policy.loader import calendar_of, pack_by_ref
from nom.workflows.model.explaining import Explanation, course_in_words, course_of, explain
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS


class Change(NamedTuple):
    """One event in the life of a clock."""

    seq: int
    at: datetime
    who: str
    says: str
    reason: str | None


class Reason(NamedTuple):
    """One clock explained. `agrees`: the rule under the pinned policy gives the recorded deadline once more."""

    stream: str
    clock: Clock
    explanation: Explanation
    course: tuple[str, ...]
    agrees: bool
    history: tuple[Change, ...]


def reasons_for(records: Iterable[StoredRecord], named: str, process: str | None, now: datetime) -> tuple[Reason, ...]:
    """The clocks of that id or rule, in the order of their streams. Raises `NoSuchProcess` and `PolicyNotFound`."""
    streams: dict[str, list[StoredRecord]] = {}
    for stored in records:
        streams.setdefault(stored.record.stream, []).append(stored)
    wanted = process_named(process) if process else None
    found: list[Reason] = []
    for stream, told in sorted(streams.items()):
        name = parse_stream(stream)
        if wanted is None or (name.kind is wanted[0] and wanted[1] in (None, name.mark)):
            found.extend(_of_stream(stream, told, named.lower(), now))
    return tuple(found)


def _of_stream(stream: str, told: list[StoredRecord], named: str, now: datetime) -> Iterable[Reason]:
    model = MODELS[parse_stream(stream).kind]
    state: Any = model.blank(stream)
    history: dict[str, list[Change]] = {}
    for stored in told:
        event = model.event_of(stored.record)
        state = model.fold_event(state, stored.record, event)
        if isinstance(event, CLOCK_EVENTS):
            about, record = cast("ClockEvent", event), stored.record
            change = Change(record.seq, record.occurred_at, record.actor.id, event.in_words(), record.reason)
            history.setdefault(about.clock_id, []).append(change)
    held: ProcessState = state
    for clock in held.clocks:
        if named in (clock.id.lower(), clock.rule.lower()):
            # A clock that came with a transfer may have no event of its own here.
            yield _reason(held, clock, tuple(history.get(clock.id, ())), now)


def _reason(state: ProcessState, clock: Clock, history: tuple[Change, ...], now: datetime) -> Reason:
    if state.opening is None:
        msg = f"{state.stream} has clocks and was never opened"
        raise ValueError(msg)
    pack = pack_by_ref(state.opening.policy)
    rule, course = pack.clock(clock.rule), course_of(clock, now)
    given = clock.due_at if rule.unit is Unit.GIVEN else None
    if given is not None and clock.last_day is not None:
        # The midnight that ends the last day belongs to the next one.
        given = clock.due_at - clock.due_at.resolution
    told = explain(pack, clock.rule, calendar_of(pack), clock.started_at, given, course)
    agrees = clock.status is ClockStatus.PAUSED or (told.due_at, told.last_day) == (clock.due_at, clock.last_day)
    told = told.model_copy(update={"starts": clock.counted_from or told.starts})
    return Reason(state.stream, clock, told, course_in_words(course, rule), agrees, history)
