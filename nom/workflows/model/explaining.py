"""Why a deadline is when it is: each day counted or passed over and why, pauses and extensions. Pure.

Computes a deadline once more from its rule, so that anybody can see whether what was recorded agrees; changes nothing.
"""

from datetime import date, datetime, timedelta

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.clocks import Clock, ClockStatus, Deadline, Pause, Unit
from nom.contracts.local_time import london_words
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.overlay import variable
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import ClockRule
from nom.workflows.model.deadlines import STRAIGHT, Course, deadline, london_day, why_not_counted

_DAY = timedelta(days=1)


class DayOfClock(Contract):
    """One day after the start. `number` is its place among those that count; None where it does not."""

    day: date
    number: int | None
    why: Text


class Explanation(Contract):
    """A deadline with everything that it rests on."""

    rule: str
    title: Text
    basis: Text
    confidence: str
    a_force_may_vary: str
    policy: str
    calendar: str | None
    starts: Text
    started_at: Instant
    counts: Text
    days: tuple[DayOfClock, ...]
    pauses: tuple[Pause, ...]
    extended_by: int
    due_at: Instant
    last_day: date | None
    indicator: bool
    not_before: bool


def explain(
    pack: PolicyPack,
    rule_id: str,
    calendar: Calendar,
    started_at: datetime,
    given: datetime | None = None,
    course: Course = STRAIGHT,
) -> Explanation:
    """The deadline of a rule from a start, day by day. Raises `UnknownRule`, `ValueError` and `OutsideCalendar`."""
    rule = pack.clock(rule_id)
    due = deadline(rule, started_at, calendar, rule.starts, given, course)
    return Explanation(
        rule=rule.id,
        title=rule.title,
        basis=rule.basis,
        confidence=rule.confidence,
        a_force_may_vary=variable(rule),
        policy=pack.version,
        calendar=calendar.version if rule.unit is Unit.WORKING_DAY else None,
        starts=rule.starts,
        started_at=started_at,
        counts=how_it_counts(rule),
        days=tuple(_days(rule, calendar, started_at, due, course)),
        pauses=course.pauses,
        extended_by=course.extended_by,
        due_at=due.due_at,
        last_day=due.last_day,
        indicator=rule.indicator,
        not_before=rule.not_before,
    )


def course_of(clock: Clock, now: datetime) -> Course:
    """What happened to a clock. While it stands still, as if it were resumed now."""
    if clock.status is not ClockStatus.PAUSED:
        return Course(clock.pauses, clock.extended_by)
    *before, last = clock.pauses
    until = Pause(paused_at=last.paused_at, resumed_at=max(now, last.paused_at))
    return Course((*before, until), clock.extended_by)


def _days(
    rule: ClockRule, calendar: Calendar, started_at: datetime, due: Deadline, course: Course
) -> tuple[DayOfClock, ...]:
    if due.last_day is None or rule.unit is Unit.GIVEN:
        return ()
    start = london_day(started_at)
    first = "the day of the start does not count"
    days = [DayOfClock(day=start, number=None, why=first)]
    if rule.unit is Unit.MONTH and rule.month_begins == "same_day":
        days, start = [], start - _DAY
    number = 0
    used = calendar if rule.unit is Unit.WORKING_DAY else None
    for day in (start + n * _DAY for n in range(1, (due.last_day - start).days + 1)):
        why = why_not_counted(day, used, course)
        number += why is None
        counts = f"day {number}" if rule.unit is not Unit.WORKING_DAY else f"working day {number}"
        days.append(DayOfClock(day=day, number=None if why else number, why=why or counts))
    return tuple(days)


def how_it_counts(rule: ClockRule) -> str:
    """The rule's arithmetic in words."""
    many = f"{rule.value} {rule.unit.value.replace('_', ' ')}{'' if rule.value == 1 else 's'}"
    match rule.unit:
        case Unit.WORKING_DAY:
            return f"{many}: to the midnight that ends working day {rule.value} after the day of the start"
        case Unit.CALENDAR_DAY:
            return f"{many}: to the midnight that ends day {rule.value} after the day of the start"
        case Unit.HOUR:
            return f"{many} that pass, across a clock change"
        case Unit.MONTH:
            begins = "the day after the start" if rule.month_begins == "day_after" else "the day of the start"
            return f"{many} that begin with {begins}: to the end of the day before the corresponding day"
        case Unit.GIVEN:
            return "the date that was given" + (", to its end" if rule.ends_with_day else "")


def course_in_words(course: Course, rule: ClockRule) -> tuple[str, ...]:
    """Pauses and extensions, a sentence each."""
    pauses = (
        f"stood still from {london_words(pause.paused_at)} to "
        f"{london_words(pause.resumed_at) if pause.resumed_at else 'now'}"
        for pause in course.pauses
    )
    unit = rule.unit.value.replace("_", " ")
    return (*pauses, *_given_otherwise(course.extended_by, unit))


def _given_otherwise(by: int, unit: str) -> tuple[str, ...]:
    if by == 0:
        return ()
    return (f"extended by {by} {unit}s",) if by > 0 else (f"given {-by} {unit}s fewer than the rule's",)
