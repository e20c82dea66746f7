"""What may be done to a clock between its start and its end: pause, resume, extend, escalate, compute anew.

Each function takes the clock as it stands and answers with the events that follow, or with the refusal. Decides nothing
about the act that a clock awaits, and never moves a deadline without an event that says from where to where.
"""

from datetime import datetime
from typing import Any, NamedTuple

from nom.contracts.actors import Actor, Agency
from nom.contracts.clocks import (
    BreachEscalated,
    BreachWithdrawn,
    Clock,
    ClockEvent,
    ClockExtended,
    ClockPaused,
    ClockRecalculated,
    ClockResumed,
    ClockStatus,
    ClockStopped,
    Deadline,
    Pause,
    Unit,
    due_in_words,
    in_time,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.every_process import EscalateBreach, ExtendClock, PauseClock, ResumeClock
from nom.contracts.local_time import london_words
from nom.contracts.policy.rules import Authority, ClockRule
from nom.workflows.model.breach_withdrawal import entered_later
from nom.workflows.model.deadlines import Course, deadline
from nom.workflows.model.escalation import next_rung
from nom.workflows.model.process import Facts

Changes = tuple[ClockEvent, ...] | Refusal
CLOCK_COMMANDS = (PauseClock, ResumeClock, ExtendClock, EscalateBreach)
RANKED = (Agency.POLICE, Agency.NCA)
"""The agencies whose people hold a rank."""


class Handled(NamedTuple):
    """A clock, its rule, and the command that is about it."""

    clock: Clock
    rule: ClockRule
    request: CommandEnvelope[Any]
    facts: Facts

    @property
    def at(self) -> datetime:
        """When it happened in the world."""
        return self.request.occurred_at

    @property
    def because(self) -> str:
        """The reason that was given."""
        return self.request.reason or "no reason was given"


def change_clock(clocks: tuple[Clock, ...], request: CommandEnvelope[Any], facts: Facts) -> Changes:
    """Decide a command about one clock."""
    command: PauseClock | ResumeClock | ExtendClock | EscalateBreach = request.command
    clock = next((clock for clock in clocks if clock.id == command.clock_id), None)
    if clock is None:
        return refuse("no_such_clock", f"this process has no clock {command.clock_id[:60]}")
    handled = Handled(clock, facts.policy.clock(clock.rule), request, facts)
    if isinstance(command, EscalateBreach):
        return _escalate(handled, command)
    if not clock.is_open:
        return refuse("clock_not_open", f"the clock {clock.id} is {clock.status.value.replace('_', ' ')}")
    match command:
        case PauseClock():
            return _refusal(handled, handled.rule.may_pause, "pause") or _pause(handled)
        case ResumeClock():
            return _refusal(handled, handled.rule.may_pause, "pause") or _resume(handled)
        case ExtendClock():
            return _refusal(handled, handled.rule.may_extend, "extend") or _extend(handled, command)


def _refusal(handled: Handled, authority: Authority | None, what: str) -> Refusal | None:
    rule = handled.rule
    if authority is None:
        return refuse(f"may_not_{what}", f"the rule {rule.id} does not allow to {what} it ({rule.basis})")
    actor: Actor = handled.request.actor
    if actor.role not in authority.roles:
        words = f"the role {actor.role} may not {what} a clock of {rule.id}"
        return refuse("clock_authority", words, unmet("clock_authority", words, rule.id, authority.roles))
    least = authority.rank
    if least is not None and actor.agency in RANKED and not (actor.rank and actor.rank.at_least(least)):
        words = f"to {what} a clock of {rule.id} needs the rank of {least.value.replace('_', ' ')} or above"
        return refuse("rank", words, unmet("rank", words, rule.id, authority.roles))
    return None


def _pause(handled: Handled) -> Changes:
    clock, at = handled.clock, handled.at
    if clock.status is ClockStatus.PAUSED:
        return refuse("clock_paused", f"the clock {clock.id} stands still already")
    earliest = max([clock.started_at, *(pause.resumed_at or clock.started_at for pause in clock.pauses)])
    if at < earliest:
        return refuse("pause_too_early", f"the clock {clock.id} can't stand still before {london_words(earliest)}")
    if not in_time(at, clock.due_at, clock.last_day):
        return refuse("deadline_passed", _passed(clock))
    paused = ClockPaused(
        clock_id=clock.id,
        rule=clock.rule,
        paused_at=at,
        authority=handled.request.actor.role,
        because=handled.because,
    )
    return (*_in_time_after_all(clock, "paused", at), paused)


def _resume(handled: Handled) -> Changes:
    clock, at = handled.clock, handled.at
    if clock.status is not ClockStatus.PAUSED:
        return refuse("clock_not_paused", f"the clock {clock.id} does not stand still")
    *before, last = clock.pauses
    if at < last.paused_at:
        since = london_words(last.paused_at)
        return refuse("resume_too_early", f"the clock {clock.id} stands still only since {since}")
    course = Course((*before, Pause(paused_at=last.paused_at, resumed_at=at)), clock.extended_by)
    due = _anew(handled, course)
    return (
        ClockResumed(
            clock_id=clock.id,
            rule=clock.rule,
            resumed_at=at,
            due_at=due.due_at,
            last_day=due.last_day,
            working=due.working,
            authority=handled.request.actor.role,
            because=handled.because,
        ),
    )


def _extend(handled: Handled, command: ExtendClock) -> Changes:
    clock, rule, at = handled.clock, handled.rule, handled.at
    is_given = rule.unit is Unit.GIVEN
    if (command.to is not None) != is_given or (command.by is not None) == is_given:
        how = "to a moment" if is_given else f"by a number of {rule.unit.value.replace('_', ' ')}s"
        return refuse("extension_malformed", f"a clock of {rule.id} is extended {how}, and in no other way")
    if clock.status is ClockStatus.PAUSED:
        return refuse("clock_paused", f"the clock {clock.id} stands still: resume it before it is extended")
    if not in_time(at, clock.due_at, clock.last_day):
        return refuse("deadline_passed", _passed(clock))
    due = _anew(handled, Course(clock.pauses, clock.extended_by + (command.by or 0)), command.to)
    if due.due_at <= clock.due_at:
        return refuse("not_later", f"the clock {clock.id} is due {due_in_words(clock.due_at, clock.last_day)} already")
    extended = ClockExtended(
        clock_id=clock.id,
        rule=clock.rule,
        by=command.by,
        due_at=due.due_at,
        last_day=due.last_day,
        working=due.working,
        authority=handled.request.actor.role,
        because=handled.because,
    )
    return (*_in_time_after_all(clock, "extended", at), extended)


def _escalate(handled: Handled, command: EscalateBreach) -> Changes:
    clock = handled.clock
    if clock.status is not ClockStatus.BREACHED or clock.escalates_at != command.escalates_at:
        return refuse("clock_moved_on", f"the clock {clock.id} is no longer to be escalated then")
    ladder, told = handled.rule.escalation, clock.escalated_to
    if told not in ladder[:-1]:
        return refuse("ladder_ends", f"nobody stands above {told} on the ladder of {handled.rule.id}")
    following = ladder[ladder.index(told or "") + 1]
    return (
        BreachEscalated(
            clock_id=clock.id,
            rule=clock.rule,
            about=clock.about,
            escalated_at=command.escalates_at,
            escalated_to=following,
            escalates_at=next_rung(handled.facts.policy, clock.rule, following, command.escalates_at),
        ),
    )


def recalculated(clocks: tuple[Clock, ...], offered: Facts, at: datetime, because: str) -> tuple[ClockEvent, ...]:
    """What changes for open clocks under another pack and its calendar: a new deadline, or an end where the rule is no
    more. A breach that does not stand under the new deadline is withdrawn. A clock that stands still is computed when
    it is resumed, and a given date stays as it was given.
    """
    known = {rule.id for rule in offered.policy.clocks}
    moved: list[ClockEvent] = []
    for clock in clocks:
        if not clock.is_open:
            continue
        if clock.rule not in known:
            late = clock.status is ClockStatus.BREACHED
            gone = f"{offered.policy.version} has no rule {clock.rule}"
            moved.append(ClockStopped(clock_id=clock.id, rule=clock.rule, stopped_at=at, late=late, because=gone))
        elif clock.status is not ClockStatus.PAUSED:
            moved.extend(_recalculated(clock, offered, at, because))
    return tuple(moved)


def _recalculated(clock: Clock, offered: Facts, at: datetime, because: str) -> tuple[ClockEvent, ...]:
    rule = offered.policy.clock(clock.rule)
    given = clock.due_at if rule.unit is Unit.GIVEN else None
    if given is not None:
        return ()
    course = Course(clock.pauses, clock.extended_by)
    due = deadline(rule, clock.started_at, offered.calendar, _counted_from(clock), given, course)
    if (due.due_at, due.last_day, rule.indicator) == (clock.due_at, clock.last_day, clock.indicator):
        return ()
    change = ClockRecalculated(
        clock_id=clock.id,
        rule=clock.rule,
        due_at=due.due_at,
        last_day=due.last_day,
        working=due.working,
        was_due_at=clock.due_at,
        was_last_day=clock.last_day,
        indicator=rule.indicator,
        because=because,
    )
    stands = not rule.indicator and not in_time(at, due.due_at, due.last_day)
    return (change,) if stands else (change, *_withdrawal(clock, because))


def _anew(handled: Handled, course: Course, given: datetime | None = None) -> Deadline:
    clock = handled.clock
    counted_from = _counted_from(clock)
    return deadline(handled.rule, clock.started_at, handled.facts.calendar, counted_from, given, course)


def _counted_from(clock: Clock) -> str:
    return clock.counted_from or f"the start of {clock.id}"


def _withdrawal(clock: Clock, because: str) -> tuple[ClockEvent, ...]:
    if clock.status is not ClockStatus.BREACHED:
        return ()
    return (BreachWithdrawn(clock_id=clock.id, rule=clock.rule, because=because),)


def _in_time_after_all(clock: Clock, act: str, at: datetime) -> tuple[ClockEvent, ...]:
    return (entered_later(clock, act, at),) if clock.status is ClockStatus.BREACHED else ()


def _passed(clock: Clock) -> str:
    return f"the clock {clock.id} was due {due_in_words(clock.due_at, clock.last_day)}: that has passed"
