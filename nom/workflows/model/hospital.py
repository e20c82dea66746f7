"""Rules of time in hospital: it does not count, so every limit and review of detention moves with it (PACE s41(6)).

A stay may be entered while it lasts, and is then entered once more, whole, on return; or afterwards, even after custody
has ended. Where it shows that an act was in time after all, the breach is withdrawn.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from nom.contracts.clocks import (
    BreachWithdrawn,
    Clock,
    ClockEvent,
    ClockResumed,
    ClockStatus,
    Pause,
)
from nom.contracts.errors import Refusal, Unmet, unmet
from nom.contracts.local_time import london_words
from nom.contracts.warrants import HospitalStayRecorded, RecordHospital
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.custody_state import CustodyState, Stay, Thinking, outside_detention
from nom.workflows.model.deadlines import Course, deadline
from nom.workflows.model.detention import judge_again, record_unlawful
from nom.workflows.model.detention_time import (
    TIME_IN_HOSPITAL,
    authorised_end,
    ended,
    length_of,
    paused,
    pauses_in,
    stands_still,
    stood_still,
)


def record_stay(d: Thinking, command: RecordHospital) -> Refusal | None:
    """Record a stay, or the return from one that was recorded while it lasted, and move what it moves."""
    missing = (*_not_from_detention(d, command), *_misplaced(d, command), *_beside_another(d, command))
    if missing:
        return refused_for(missing, "the suspect can't have been in hospital then")
    d.record(HospitalStayRecorded(left_at=command.left_at, returned_at=command.returned_at))
    before, stays = authorised_end(d), with_stay(d.state.stays, command.left_at, command.returned_at)
    for clock in d.state.clocks:
        if clock.rule.startswith("PC"):
            _move(d, clock, stays)
    if authorised_end(d, stays) != before:
        judge_again(d, f"time in hospital from {london_words(command.left_at)} on does not count", stays)
    record_unlawful(d, _last_known_detained(d, command), stays)
    return None


def _last_known_detained(d: Thinking, command: RecordHospital) -> datetime:
    """The return may show that acts recorded while nobody knew when time would go on were beyond the authority."""
    state, stay = d.state, command.returned_at or command.left_at
    court = (*state.warrants, state.applied_at, state.warrant_refused_at)
    known = (stay, *state.reviews, state.extended_at, *court, state.left_at)
    return max(moment for moment in known if moment is not None)


def with_stay(stays: tuple[Stay, ...], left_at: datetime, returned_at: datetime | None) -> tuple[Stay, ...]:
    """The stays with one more, or with that one whole, in order."""
    others = (stay for stay in stays if stay.left_at != left_at)
    return tuple(sorted((*others, Stay(left_at=left_at, returned_at=returned_at)), key=lambda stay: stay.left_at))


def changed(state: CustodyState, event: HospitalStayRecorded) -> dict[str, Any]:
    """What the record of a stay changes."""
    return {"stays": with_stay(state.stays, event.left_at, event.returned_at)}


def _not_from_detention(d: Thinking, command: RecordHospital) -> Iterator[Unmet]:
    if d.state.authorised_at is None:
        yield from outside_detention(d)
        return
    yield from contradictions(command.left_at, ("before_relevant_time", "the relevant time was", d.state.relevant_time))
    over = d.state.left_at
    if over is not None and over < (command.returned_at or command.left_at):
        yield unmet("detention_over", f"detention ended on {london_words(over)}")


def _misplaced(d: Thinking, command: RecordHospital) -> Iterator[Unmet]:
    if command.left_at > d.at:
        yield unmet("not_yet_left", "the suspect had not left for hospital when this was said to be known")
    if command.returned_at is not None and command.returned_at > d.at:
        yield unmet("not_yet_returned", "the suspect had not returned from hospital when this was said to be known")
    if command.returned_at is not None and command.returned_at <= command.left_at:
        yield unmet("returned_before_leaving", "the suspect can't have returned before leaving")


def _beside_another(d: Thinking, command: RecordHospital) -> Iterator[Unmet]:
    for stay in d.state.stays:
        if stay.returned_at is None and stay.left_at != command.left_at:
            yield unmet("still_in_hospital", f"the return from the stay of {london_words(stay.left_at)} is missing")
        elif stay.returned_at is None and command.returned_at is None:
            yield unmet("stay_known", f"the stay of {london_words(stay.left_at)} is recorded already")
        elif stay.returned_at is not None and _meet(stay, stay.returned_at, command):
            yield unmet("stays_overlap", f"the suspect was in hospital from {london_words(stay.left_at)} already")


def _meet(stay: Stay, returned_at: datetime, command: RecordHospital) -> bool:
    return command.left_at < returned_at and (command.returned_at is None or command.returned_at > stay.left_at)


def _move(d: Thinking, clock: Clock, stays: tuple[Stay, ...]) -> None:
    """What the stays change in a clock of detention: it stands still for them, and has a later end. One that was closed
    late, or while it stood still, is judged once more.
    """
    pauses = pauses_in(stays, clock.started_at, length_of(clock))
    if pauses == clock.pauses:
        return
    if clock.is_open:
        d.take((*_withdrawal(clock), *_standing_still(d, clock, pauses)))
    elif clock.is_late or any(pause.resumed_at is None for pause in clock.pauses):
        _judge_closed(d, clock, pauses)


def _judge_closed(d: Thinking, clock: Clock, pauses: tuple[Pause, ...]) -> None:
    closed = _closed_at(d, clock)
    before = tuple(pause for pause in pauses if pause.paused_at < closed)
    still = bool(before) and before[-1].resumed_at is None
    late = not still and closed > clock.started_at + length_of(clock) + stood_still(before)
    if clock.is_late and late:
        return
    d.take((*_withdrawal(clock), *_standing_still(d, clock, before)))
    if clock.status in (ClockStatus.MET, ClockStatus.MET_LATE):
        d.meet_clock(clock.id, at=closed)
    else:
        d.stop_clock(clock.id, TIME_IN_HOSPITAL, at=closed)


def _withdrawal(clock: Clock) -> Iterator[ClockEvent]:
    if clock.is_late:
        yield BreachWithdrawn(clock_id=clock.id, rule=clock.rule, because=TIME_IN_HOSPITAL)


def _standing_still(d: Thinking, clock: Clock, pauses: tuple[Pause, ...]) -> Iterator[ClockEvent]:
    """The pauses of a clock from now on. One that had no end yet gets it, or never was: the clock began after it."""
    over = tuple(ended(pauses))
    new = [pause for pause in over if pause not in clock.pauses]
    open_since = next((pause.paused_at for pause in clock.pauses if pause.resumed_at is None), None)
    if new and new[0].paused_at != open_since:
        yield paused(d, clock.id, clock.rule, new[0].paused_at)
    resumed_at = new[-1].resumed_at if new else open_since
    if resumed_at is not None:
        yield _resumed(d, clock, over, resumed_at)
    yield from stands_still(d, clock.id, clock.rule, pauses)


def _resumed(d: Thinking, clock: Clock, over: tuple[Pause, ...], at: datetime) -> ClockResumed:
    rule = d.facts.policy.clock(clock.rule)
    course = Course(over, clock.extended_by)
    due = deadline(rule, clock.started_at, d.facts.calendar, clock.counted_from, course=course)
    return ClockResumed(
        clock_id=clock.id,
        rule=clock.rule,
        resumed_at=at,
        due_at=due.due_at,
        last_day=due.last_day,
        working=due.working,
        authority=d.request.actor.role,
        because=TIME_IN_HOSPITAL,
    )


def _closed_at(d: Thinking, clock: Clock) -> datetime:
    """When a clock that is closed was met or stopped: by the next review or limit after it, or by the release."""
    if clock.rule == "PC1":
        following = (d.state.extended_at,)
    elif clock.rule == "PC2":
        following = d.state.warrants
    else:
        series = d.state.warrants if clock.rule == "PC3" else d.state.reviews
        following = tuple(moment for moment in series if moment > clock.started_at)
    return min((moment for moment in (*following, d.state.left_at) if moment is not None), default=d.at)
