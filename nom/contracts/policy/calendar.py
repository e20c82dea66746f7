"""Which days are working days, pinned by content. Never guesses: a day outside its range is an error."""

from datetime import date
from functools import cached_property
from typing import Literal, Self

from pydantic import model_validator

from nom.contracts.base import Contract, Digest, Slug, Text
from nom.contracts.policy.pinned import Pinned

_SATURDAY = 5
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Division = Literal["england-and-wales"]
"""A gov.uk division of bank holidays."""


class OutsideCalendar(LookupError):
    """The calendar does not say whether that day is a working day."""

    code = "outside_calendar"


class Holiday(Contract):
    """A day that is a bank holiday, public holiday or a day in place of one."""

    day: date
    title: Text


class YearSource(Contract):
    """Where a year's holidays were taken from."""

    year: int
    source: Text


class CalendarRef(Contract):
    """A calendar pinned by content."""

    division: Division
    version: Slug
    content_digest: Digest


class Calendar(Pinned):
    """The bank holidays of a division, for whole years: those listed in `years`, without a gap."""

    division: Division
    version: Slug
    years: tuple[YearSource, ...]
    holidays: tuple[Holiday, ...]

    def is_working_day(self, day: date) -> bool:
        """Whether the day is neither Saturday, Sunday nor a holiday. Raises `OutsideCalendar`."""
        return self.why_not_working(day) is None

    def why_not_working(self, day: date) -> str | None:
        """`Saturday`, `Sunday`, the holiday's title, or None on a working day. Raises `OutsideCalendar`."""
        if not self._first <= day <= self._last:
            msg = f"calendar {self.version} of {self.division} holds {self._first} to {self._last}, not {day}"
            raise OutsideCalendar(msg)
        weekday = day.weekday()
        return self._titles.get(day) or (_WEEKDAYS[weekday] if weekday >= _SATURDAY else None)

    @cached_property
    def ref(self) -> CalendarRef:
        """The calendar pinned by the digest of its content."""
        return CalendarRef(division=self.division, version=self.version, content_digest=self.content_digest)

    @cached_property
    def _titles(self) -> dict[date, str]:
        return {holiday.day: holiday.title for holiday in self.holidays}

    @cached_property
    def _first(self) -> date:
        return date(self.years[0].year, 1, 1)

    @cached_property
    def _last(self) -> date:
        return date(self.years[-1].year, 12, 31)

    @model_validator(mode="after")
    def _holds_whole_years_in_order(self) -> Self:
        years = [entry.year for entry in self.years]
        if not years or years != list(range(years[0], years[0] + len(years))):
            msg = "years must follow one another without a gap"
            raise ValueError(msg)
        days = [holiday.day for holiday in self.holidays]
        if days != sorted(set(days)) or {day.year for day in days} != set(years):
            msg = "holidays must be in order, each once, within the years and some in every year"
            raise ValueError(msg)
        return self
