"""The arithmetic of deadlines: a rule, a start and a calendar in, a deadline with its working out.

Pure: reads no clock and no file. Days are days in Europe/London, which is what the statutes mean; instants are UTC. A
deadline is computed once, when its clock starts, and written into the event: nothing computes it again from history.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from nom.contracts.clocks import Deadline, Pause, Unit, Working
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.rules import ClockRule

LONDON = ZoneInfo("Europe/London")
_DAY = timedelta(days=1)
_MONTHS_IN_YEAR = 12


class Course(NamedTuple):
    """What happened to a clock beside its start: where it stood still, how many units it was extended by."""

    pauses: tuple[Pause, ...] = ()
    extended_by: int = 0


STRAIGHT = Course()


def deadline(
    rule: ClockRule,
    started_at: datetime,
    calendar: Calendar,
    counted_from: str,
    given: datetime | None = None,
    course: Course = STRAIGHT,
) -> Deadline:
    """When the rule's time is up, counted from a start. `counted_from` says in words what the start was.

    `given` is the moment for a rule whose date is given, and for no other. A day at whose end the clock stands still
    does not count; for a rule in hours the pause itself does not. Raises `ValueError` where `given` is missing, out of
    place or without a time zone or where a pause has no end, and `OutsideCalendar` where working days run beyond the
    calendar.
    """
    _check(rule, started_at, given, course)
    day, count = london_day(started_at), rule.value + course.extended_by
    match rule.unit:
        case Unit.HOUR:
            # In UTC: adding hours to a local time would gain or lose the hour of a clock change.
            moment = started_at.astimezone(UTC) + timedelta(hours=count) + _stood_still(course)
            return _at_moment(rule, counted_from, moment, course)
        case Unit.CALENDAR_DAY:
            last, skipped = nth_day_after(day, count, None, course)
            return _at_end_of(last, _working(rule, counted_from, course, skipped))
        case Unit.WORKING_DAY:
            last, skipped = nth_day_after(day, count, calendar, course)
            return _at_end_of(last, _working(rule, counted_from, course, skipped, calendar))
        case Unit.MONTH:
            first = day + _DAY if rule.month_begins == "day_after" else day
            length = (last_day_of_months(first, count) - first).days
            last, skipped = nth_day_after(first - _DAY, length + 1, None, course)
            return _at_end_of(last, _working(rule, counted_from, course, skipped))
        case Unit.GIVEN:
            moment = given or started_at
            if rule.ends_with_day:
                return _at_end_of(london_day(moment), _working(rule, counted_from, course))
            return _at_moment(rule, counted_from, moment, course)
        case _:
            assert_never(rule.unit)


def london_day(moment: datetime) -> date:
    """The day that an instant falls on in Europe/London."""
    return moment.astimezone(LONDON).date()


def end_of_day(day: date) -> datetime:
    """The midnight in Europe/London that ends a day, in UTC. Clocks never change at midnight there."""
    return datetime.combine(day + _DAY, time.min, tzinfo=LONDON).astimezone(UTC)


def nth_day_after(
    day: date, count: int, calendar: Calendar | None, course: Course = STRAIGHT
) -> tuple[date, tuple[str, ...]]:
    """The day that is `count` after a day, itself not counted, and the days passed over, each with why: those on which
    nobody works (where there is a calendar) and those at whose end the clock stood still. Raises `OutsideCalendar`.
    """
    skipped: list[str] = []
    while count:
        day += _DAY
        why = why_not_counted(day, calendar, course)
        if why is None:
            count -= 1
        else:
            skipped.append(f"{day.isoformat()} {why}")
    return day, tuple(skipped)


def why_not_counted(day: date, calendar: Calendar | None, course: Course = STRAIGHT) -> str | None:
    """Why a day does not count; None where it does. Raises `OutsideCalendar`."""
    why = calendar.why_not_working(day) if calendar else None
    if why is None and any(_stands_still(day, pause) for pause in course.pauses):
        return "paused"
    return why


def _stands_still(day: date, pause: Pause) -> bool:
    """Whether the clock stands still at the midnight that ends the day."""
    return london_day(pause.paused_at) <= day < london_day(_ended(pause))


def _ended(pause: Pause) -> datetime:
    if pause.resumed_at is None:
        msg = "a clock that stands still has no deadline"
        raise ValueError(msg)
    return pause.resumed_at


def _stood_still(course: Course) -> timedelta:
    return sum((_ended(pause) - pause.paused_at for pause in course.pauses), timedelta())


def last_day_of_months(first: date, count: int) -> date:
    """The last day of a period of `count` months that begins with a day: the one before the corresponding day, or the
    end of the month that has no corresponding day.
    """
    end_of_month = _first_of_month(first, count + 1) - _DAY
    if first.day > end_of_month.day:
        return end_of_month
    return end_of_month.replace(day=first.day) - _DAY


def _first_of_month(day: date, months_on: int) -> date:
    year, month_index = divmod(day.year * _MONTHS_IN_YEAR + day.month - 1 + months_on, _MONTHS_IN_YEAR)
    return date(year, month_index + 1, 1)


def _check(rule: ClockRule, started_at: datetime, given: datetime | None, course: Course) -> None:
    if course.pauses and rule.unit is Unit.GIVEN:
        msg = f"{rule.id}: a given date can't stand still"
        raise ValueError(msg)
    if started_at.tzinfo is None or (given is not None and given.tzinfo is None):
        msg = f"{rule.id}: a moment without a time zone cannot start or end a clock"
        raise ValueError(msg)
    if (given is not None) != (rule.unit is Unit.GIVEN):
        problem = "needs a date" if given is None else "settles the date itself; none may be given"
        msg = f"{rule.id}: the rule {problem}"
        raise ValueError(msg)


def _at_moment(rule: ClockRule, counted_from: str, moment: datetime, course: Course) -> Deadline:
    return Deadline(due_at=moment, last_day=None, working=_working(rule, counted_from, course))


def _at_end_of(day: date, working: Working) -> Deadline:
    return Deadline(due_at=end_of_day(day), last_day=day, working=working)


def _working(
    rule: ClockRule,
    counted_from: str,
    course: Course,
    skipped: tuple[str, ...] = (),
    calendar: Calendar | None = None,
) -> Working:
    return Working(
        rule=rule.id,
        value=rule.value,
        unit=rule.unit,
        counted_from=counted_from,
        calendar=calendar and calendar.ref.version,
        calendar_digest=calendar and calendar.ref.content_digest,
        skipped=skipped,
        extended_by=course.extended_by,
        pauses=course.pauses,
    )
