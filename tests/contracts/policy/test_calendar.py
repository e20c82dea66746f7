from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from nom.console.calendar_snapshot import easter_sunday, holidays_by_rule, main, snapshot
from nom.contracts.policy.calendar import Calendar, CalendarRef, Holiday, OutsideCalendar, YearSource
from nom.contracts.policy.loader import PolicyNotFound, all_calendars, calendar_by_ref

# A published calendar is never edited: open clocks are pinned to its digest. A new holiday is a new calendar beside it.
PUBLISHED = {"england-and-wales-1": "baa71a9632160943e9a377f27e3ec23e218efd93f170764a4d4efd8582a0be90"}

CALENDAR = all_calendars()[-1]

# Moved or extra, by royal proclamation.
PROCLAIMED = {
    2012: ({date(2012, 6, 4), date(2012, 6, 5)}, {date(2012, 5, 28)}),
    2020: ({date(2020, 5, 8)}, {date(2020, 5, 4)}),
    2022: ({date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)}, {date(2022, 5, 30)}),
    2023: ({date(2023, 5, 8)}, set[date]()),
}


def test_a_published_calendar_is_never_edited() -> None:
    assert {calendar.version: calendar.ref.content_digest for calendar in all_calendars()} == PUBLISHED


def test_the_calendar_holds_every_year_from_2010_to_2028_with_its_source() -> None:
    assert [entry.year for entry in CALENDAR.years] == list(range(2010, 2029))
    computed = [entry.year for entry in CALENDAR.years if entry.source.startswith("computed")]
    assert computed == [2010, 2011]
    assert all("gov.uk" in entry.source for entry in CALENDAR.years if entry.year not in computed)


@pytest.mark.parametrize("year", range(2010, 2029))
def test_the_rules_of_statute_and_the_proclamations_give_the_same_days(year: int) -> None:
    listed = {holiday.day for holiday in CALENDAR.holidays if holiday.day.year == year}
    extra, moved = PROCLAIMED.get(year, (set[date](), set[date]()))
    assert listed == (set(holidays_by_rule(year)) - moved) | extra


def test_the_royal_wedding_of_2011_was_a_holiday() -> None:
    assert CALENDAR.why_not_working(date(2011, 4, 29)) == "Royal wedding"


@pytest.mark.parametrize(
    ("year", "easter"),
    [(1818, "1818-03-22"), (1943, "1943-04-25"), (1954, "1954-04-18"), (1981, "1981-04-19"), (2000, "2000-04-23")],
)
def test_easter_falls_where_the_tables_put_it(year: int, easter: str) -> None:
    assert easter_sunday(year).isoformat() == easter


def test_no_holiday_falls_on_a_weekend() -> None:
    assert [holiday.day for holiday in CALENDAR.holidays if holiday.day.weekday() > 4] == []


def test_a_day_that_is_not_worked_says_why() -> None:
    assert CALENDAR.why_not_working(date(2026, 4, 3)) == "Good Friday"
    assert CALENDAR.why_not_working(date(2026, 4, 4)) == "Saturday"
    assert CALENDAR.why_not_working(date(2026, 4, 5)) == "Sunday"
    assert CALENDAR.is_working_day(date(2026, 4, 2))
    assert not CALENDAR.is_working_day(date(2026, 12, 28))


@pytest.mark.parametrize("day", [date(2009, 12, 31), date(2029, 1, 1), date(2029, 1, 6)])
def test_a_day_outside_the_calendar_is_an_error_that_names_the_calendar(day: date) -> None:
    with pytest.raises(OutsideCalendar, match=f"england-and-wales-1 .* 2010-01-01 to 2028-12-31, not {day}"):
        CALENDAR.is_working_day(day)


def test_a_calendar_is_found_by_its_content() -> None:
    assert calendar_by_ref(CALENDAR.ref) is CALENDAR
    with pytest.raises(PolicyNotFound, match="0" * 64):
        calendar_by_ref(CalendarRef(division="england-and-wales", version=CALENDAR.version, content_digest="0" * 64))


def test_a_proclaimed_holiday_makes_another_calendar() -> None:
    proclaimed = Holiday(day=date(2028, 12, 29), title="Proclaimed")
    later = CALENDAR.model_copy(update={"holidays": (*CALENDAR.holidays, proclaimed)})
    assert later.ref != CALENDAR.ref
    assert not later.is_working_day(proclaimed.day)
    assert CALENDAR.is_working_day(proclaimed.day)


def test_a_calendar_with_a_gap_or_a_stray_holiday_is_refused() -> None:
    years = (YearSource(year=2026, source="s"), YearSource(year=2028, source="s"))
    day = Holiday(day=date(2026, 1, 1), title="New Year’s Day")
    with pytest.raises(ValidationError, match="without a gap"):
        Calendar(division="england-and-wales", version="v", years=years, holidays=(day,))
    stray = day.model_copy(update={"day": day.day - timedelta(days=1)})
    with pytest.raises(ValidationError, match="within the years"):
        Calendar(division="england-and-wales", version="v", years=years[:1], holidays=(stray, day))


def test_the_snapshot_in_the_package_is_what_the_command_writes() -> None:
    again = snapshot("england-and-wales-1")
    assert again.holidays == CALENDAR.holidays


def test_the_command_writes_a_readable_calendar_and_never_overwrites_one(tmp_path: Path) -> None:
    main(str(tmp_path), "england-and-wales-9")
    written = (tmp_path / "england-and-wales-9.json").read_text(encoding="utf-8")
    assert Calendar.model_validate_json(written).version == "england-and-wales-9"
    with pytest.raises(FileExistsError):
        main(str(tmp_path), "england-and-wales-9")
