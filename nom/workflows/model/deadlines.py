"""The arithmetic of deadlines: a rule, a start and a calendar in, a deadline with its working out.

Pure: reads no clock and no file. Days are days in Europe/London, which is what the statutes mean; instants are UTC. A
deadline is computed once, when its clock starts, and written into the event: nothing computes it again from history.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from nom.contracts.clocks import Deadline, Unit, Working
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.rules import ClockRule

LONDON = ZoneInfo("Europe/London")
_DAY = timedelta(days=1)
_MONTHS_IN_YEAR = 12


def deadline(
    rule: ClockRule, started_at: datetime, calendar: Calendar, counted_from: str, given: datetime | None = None
) -> Deadline:
    """When the rule's time is up, counted from a start. `counted_from` says in words what the start was.

    `given` is the moment for a rule whose date is given, and for no other. Raises `ValueError` where it is missing, out
    of place or without a time zone, and `OutsideCalendar` where working days run beyond the calendar.
    """
    _check(rule, started_at, given)
    day = london_day(started_at)
    match rule.unit:
        case Unit.HOUR:
            # In UTC: adding hours to a local time would gain or lose the hour of a clock change.
            return _at_moment(rule, counted_from, started_at.astimezone(UTC) + timedelta(hours=rule.value))
        case Unit.CALENDAR_DAY:
            return _at_end_of(day + rule.value * _DAY, _working(rule, counted_from))
        case Unit.WORKING_DAY:
            last, skipped = nth_working_day_after(day, rule.value, calendar)
            return _at_end_of(last, _working(rule, counted_from, calendar, skipped))
        case Unit.MONTH:
            first = day + _DAY if rule.month_begins == "day_after" else day
            return _at_end_of(last_day_of_months(first, rule.value), _working(rule, counted_from))
        case Unit.GIVEN:
            moment = given or started_at
            if rule.ends_with_day:
                return _at_end_of(london_day(moment), _working(rule, counted_from))
            return _at_moment(rule, counted_from, moment)
        case _:
            assert_never(rule.unit)


def london_day(moment: datetime) -> date:
    """The day that an instant falls on in Europe/London."""
    return moment.astimezone(LONDON).date()


def end_of_day(day: date) -> datetime:
    """The midnight in Europe/London that ends a day, in UTC. Clocks never change at midnight there."""
    return datetime.combine(day + _DAY, time.min, tzinfo=LONDON).astimezone(UTC)


def nth_working_day_after(day: date, count: int, calendar: Calendar) -> tuple[date, tuple[str, ...]]:
    """The working day that is `count` after a day, itself not counted, and the days passed over, each with why.
    Raises `OutsideCalendar`.
    """
    skipped: list[str] = []
    while count:
        day += _DAY
        why = calendar.why_not_working(day)
        if why is None:
            count -= 1
        else:
            skipped.append(f"{day.isoformat()} {why}")
    return day, tuple(skipped)


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


def _check(rule: ClockRule, started_at: datetime, given: datetime | None) -> None:
    if started_at.tzinfo is None or (given is not None and given.tzinfo is None):
        msg = f"{rule.id}: a moment without a time zone cannot start or end a clock"
        raise ValueError(msg)
    if (given is not None) != (rule.unit is Unit.GIVEN):
        problem = "needs a date" if given is None else "settles the date itself; none may be given"
        msg = f"{rule.id}: the rule {problem}"
        raise ValueError(msg)


def _at_moment(rule: ClockRule, counted_from: str, moment: datetime) -> Deadline:
    return Deadline(due_at=moment, last_day=None, working=_working(rule, counted_from))


def _at_end_of(day: date, working: Working) -> Deadline:
    return Deadline(due_at=end_of_day(day), last_day=day, working=working)


def _working(
    rule: ClockRule, counted_from: str, calendar: Calendar | None = None, skipped: tuple[str, ...] = ()
) -> Working:
    return Working(
        rule=rule.id,
        value=rule.value,
        unit=rule.unit,
        counted_from=counted_from,
        calendar=calendar and calendar.ref.version,
        calendar_digest=calendar and calendar.ref.content_digest,
        skipped=skipped,
    )
