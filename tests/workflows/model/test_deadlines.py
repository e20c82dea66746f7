import calendar as gregorian
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nom.contracts.clocks import Deadline, Unit
from nom.contracts.policy.calendar import OutsideCalendar
from nom.contracts.policy.loader import all_packs, calendar_of, pack_for
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import ClockRule
from nom.workflows.model.deadlines import deadline

LONDON = ZoneInfo("Europe/London")
PACK = pack_for("ENG", "police", date(2026, 3, 2))
NCA = pack_for("ENG", "nca", date(2026, 3, 2))
CALENDAR = calendar_of(PACK)
HOLIDAYS = frozenset(holiday.day for holiday in CALENDAR.holidays)

# How many minutes London is ahead of UTC, found by walking the hours of every year that the calendar holds.
CLOCK_CHANGES = [
    moment
    for moment in (datetime(2010, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(19 * 366 * 24))
    if moment.astimezone(LONDON).utcoffset() != (moment - timedelta(hours=1)).astimezone(LONDON).utcoffset()
]


def rule(unit: Unit, value: int, *, month_begins: str | None = None, ends_with_day: bool = False) -> ClockRule:
    return ClockRule.model_validate(
        {
            "id": "XX1",
            "title": "a rule of the test",
            "value": value,
            "unit": unit,
            "starts": "a start",
            "month_begins": month_begins,
            "ends_with_day": ends_with_day,
            "basis": "ours",
            "confidence": "ours",
        }
    )


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def due(rule_id: str, start: str, given_date: str | None = None) -> Deadline:
    moment = london(given_date) if given_date else None
    return deadline(PACK.clock(rule_id), london(start), CALENDAR, "the start", moment)


# The oracle: slow, walks, and shares nothing with the arithmetic that it judges.


@cache
def midnight_that_ends(year: int, month: int, day: int) -> datetime:
    """Walks quarter by quarter of an hour until London's wall clock no longer shows that day."""
    moment = datetime(year, month, day, 12, tzinfo=UTC)
    while (wall := moment.astimezone(LONDON)) and (wall.year, wall.month, wall.day) == (year, month, day):
        moment += timedelta(minutes=15)
    return moment


def walk_days(start: datetime, count: int, counts: Callable[[date], bool]) -> datetime:
    wall = start.astimezone(LONDON)
    day = date.fromordinal(date(wall.year, wall.month, wall.day).toordinal())
    passed = 0
    while passed < count:
        day = date.fromordinal(day.toordinal() + 1)
        passed += 1 if counts(day) else 0
    return midnight_that_ends(day.year, day.month, day.day)


def by_calendar_days(start: datetime, count: int) -> datetime:
    return walk_days(start, count, lambda _: True)


def by_working_days(start: datetime, count: int) -> datetime:
    return walk_days(start, count, lambda day: day.isoweekday() < 6 and day not in HOLIDAYS)


def by_hours(start: datetime, count: int) -> datetime:
    seconds = start.timestamp()
    for _ in range(count * 60):
        seconds += 60.0
    return datetime.fromtimestamp(seconds, UTC)


def by_months(first: date, count: int) -> date:
    """Walks day by day and marks each month that is full; the day before the corresponding day is the last."""
    year, month = first.year, first.month
    for _ in range(count):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    day = first
    while True:
        ahead = date.fromordinal(day.toordinal() + 1)
        if (ahead.year, ahead.month) == (year, month) and ahead.day == first.day:
            return day
        if (day.year, day.month) == (year, month) and ahead.month != month:
            return day
        day = ahead


anywhere = st.datetimes(datetime(2010, 1, 1), datetime(2028, 9, 30)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001  # Made aware at once.
near_a_change: st.SearchStrategy[datetime] = st.sampled_from(CLOCK_CHANGES[:-2]).flatmap(
    lambda change: st.integers(-3 * 24 * 60, 3 * 24 * 60).map(lambda minutes: change + timedelta(minutes=minutes))
)
starts = anywhere | near_a_change
zones = st.sampled_from([UTC, LONDON, ZoneInfo("Asia/Karachi"), ZoneInfo("America/New_York")])


def test_there_are_two_clock_changes_in_every_year() -> None:
    assert [change.year for change in CLOCK_CHANGES] == [year for year in range(2010, 2029) for _ in range(2)]


@pytest.mark.parametrize("minutes", [-1501, -1500, -1440, -61, -60, -1, 0, 1, 60, 1440])
def test_every_clock_change_is_crossed_as_walking_crosses_it(minutes: int) -> None:
    for change in CLOCK_CHANGES[:-1]:
        start = change + timedelta(minutes=minutes)
        for count in (1, 6, 24):
            assert deadline(rule(Unit.HOUR, count), start, CALENDAR, "x").due_at == by_hours(start, count)
        for count in (1, 2, 5):
            assert deadline(rule(Unit.CALENDAR_DAY, count), start, CALENDAR, "x").due_at == by_calendar_days(
                start, count
            )
            assert deadline(rule(Unit.WORKING_DAY, count), start, CALENDAR, "x").due_at == by_working_days(start, count)


@given(start=starts, count=st.integers(1, 45))
@settings(max_examples=400, deadline=None)
def test_working_days_end_where_walking_ends(start: datetime, count: int) -> None:
    found = deadline(rule(Unit.WORKING_DAY, count), start, CALENDAR, "start")
    assert found.due_at == by_working_days(start, count)


@given(start=starts, count=st.integers(1, 120))
@settings(max_examples=300, deadline=None)
def test_calendar_days_end_where_walking_ends(start: datetime, count: int) -> None:
    found = deadline(rule(Unit.CALENDAR_DAY, count), start, CALENDAR, "start")
    assert found.due_at == by_calendar_days(start, count)


@given(start=starts, count=st.integers(1, 96), zone=zones)
@settings(max_examples=200, deadline=None)
def test_hours_are_elapsed_hours_whatever_the_wall_clock_does(start: datetime, count: int, zone: ZoneInfo) -> None:
    start = start.replace(microsecond=0)
    found = deadline(rule(Unit.HOUR, count), start.astimezone(zone), CALENDAR, "start")
    assert found.due_at == by_hours(start, count)
    assert found.last_day is None


@given(start=starts, count=st.integers(1, 24), begins=st.sampled_from(["same_day", "day_after"]))
@example(start=datetime(2024, 2, 29, 12, tzinfo=UTC), count=12, begins="same_day")
@example(start=datetime(2026, 1, 31, 12, tzinfo=UTC), count=1, begins="same_day")
@example(start=datetime(2026, 11, 29, 12, tzinfo=UTC), count=3, begins="day_after")
@settings(max_examples=300, deadline=None)
def test_months_end_where_walking_ends(start: datetime, count: int, begins: str) -> None:
    first = start.astimezone(LONDON).date()
    if begins == "day_after":
        first = date.fromordinal(first.toordinal() + 1)
    last = by_months(first, count)
    found = deadline(rule(Unit.MONTH, count, month_begins=begins), start, CALENDAR, "start")
    assert found.last_day == last
    assert found.due_at == midnight_that_ends(last.year, last.month, last.day)


@given(start=starts, moment=starts)
@settings(max_examples=200, deadline=None)
def test_a_given_date_is_kept_or_ends_with_its_day(start: datetime, moment: datetime) -> None:
    kept = deadline(rule(Unit.GIVEN, 0), start, CALENDAR, "start", moment)
    ended = deadline(rule(Unit.GIVEN, 0, ends_with_day=True), start, CALENDAR, "start", moment)
    wall = moment.astimezone(LONDON)
    assert (kept.due_at, kept.last_day) == (moment, None)
    assert ended.due_at == midnight_that_ends(wall.year, wall.month, wall.day)


@given(start=starts, zone=zones, unit=st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.HOUR]))
@settings(deadline=None)
def test_the_zone_in_which_a_start_is_written_changes_nothing(start: datetime, zone: ZoneInfo, unit: Unit) -> None:
    written = deadline(rule(unit, 3), start.astimezone(zone), CALENDAR, "start")
    assert written == deadline(rule(unit, 3), start, CALENDAR, "start")


@given(start=starts, count=st.integers(1, 30))
@settings(deadline=None)
def test_the_working_names_every_day_passed_over_and_no_other(start: datetime, count: int) -> None:
    found = deadline(rule(Unit.WORKING_DAY, count), start, CALENDAR, "start")
    assert found.last_day is not None
    day = start.astimezone(LONDON).date()
    passed: list[date] = []
    while day < found.last_day:
        day += timedelta(days=1)
        passed.append(day)
    named = [date.fromisoformat(words[:10]) for words in found.working.skipped]
    assert named == [day for day in passed if not CALENDAR.is_working_day(day)]
    assert len(passed) - len(named) == count


@pytest.mark.parametrize("friday", ["2026-03-06", "2026-04-10", "2026-10-23"])
@pytest.mark.parametrize("rule_id", ["WT1", "VC1", "WT7", "WT6"])
def test_friday_saturday_and_sunday_give_the_same_deadline(friday: str, rule_id: str) -> None:
    first = london(f"{friday} 08:00")
    days = {deadline(PACK.clock(rule_id), first + timedelta(days=more), CALENDAR, "x").last_day for more in range(3)}
    assert len(days) == 1


@pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)
def test_every_clock_of_every_pack_can_be_computed(pack: PolicyPack) -> None:
    for clock in pack.clocks:
        moment = london("2026-06-01 09:00") if clock.unit is Unit.GIVEN else None
        found = deadline(clock, london("2026-03-02 09:20"), CALENDAR, "the start", moment)
        assert found.due_at > london("2026-03-02 09:20")
        assert found.working.rule == clock.id


@pytest.mark.parametrize(
    ("rule_id", "start", "last_day"),
    [
        # A network in one force
        ("WT1", "2026-03-02 09:20", "2026-03-03"),
        ("WT6", "2026-03-02 09:20", "2026-05-07"),
        ("WT5", "2026-03-04 10:30", "2026-03-05"),
        ("WT7", "2026-03-04 10:30", "2026-03-25"),
        ("PB1", "2026-03-17 06:30", "2026-06-17"),
        # Late, across Easter
        ("WT1", "2026-04-02 16:10", "2026-04-07"),
        ("WT6", "2026-04-02 16:10", "2026-06-10"),
        ("WT5", "2026-04-09 10:00", "2026-04-10"),
        ("WT7", "2026-04-09 10:00", "2026-04-30"),
        ("PB1", "2026-04-14 08:00", "2026-07-14"),
        ("PB2-inspector", "2026-04-14 08:00", "2026-10-14"),
        ("PB2-superintendent", "2026-04-14 08:00", "2027-01-14"),
        # A nomination before the May bank holiday
        ("DG1", "2026-05-21 16:10", "2026-05-29"),
        ("DG2", "2026-05-21 16:10", "2026-06-05"),
        # Later ones
        ("VC3-enhanced", "2026-08-27 12:00", "2026-08-28"),
        ("SR1", "2026-03-03 09:00", "2026-03-31"),
    ],
)
def test_worked_deadlines_end_with_their_day(rule_id: str, start: str, last_day: str) -> None:
    found = due(rule_id, start)
    assert found.last_day == date.fromisoformat(last_day)
    ended = london(f"{last_day} 23:59:59.999999")
    assert found.is_met_at(ended)
    assert not found.is_met_at(ended + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("rule_id", "start", "moment"),
    [
        ("CR1", "2026-03-02 09:20", "2026-03-03 09:20"),
        ("PC1", "2026-03-17 07:10", "2026-03-18 07:10"),
        ("PC2", "2026-03-17 07:10", "2026-03-18 19:10"),
        ("PC4", "2026-03-17 07:10", "2026-03-17 13:10"),
        ("PC4-later", "2026-03-17 13:00", "2026-03-17 22:00"),
        ("PC4-later", "2026-03-17 21:50", "2026-03-18 06:50"),
        ("PC4-later", "2026-03-18 06:40", "2026-03-18 15:40"),
        ("CR1", "2026-04-02 16:10", "2026-04-03 16:10"),
        ("PC4", "2026-04-14 08:40", "2026-04-14 14:40"),
        ("PC4-later", "2026-04-14 15:30", "2026-04-15 00:30"),
        # The night of the clock change
        ("PC1", "2026-03-28 20:00", "2026-03-29 21:00"),
        ("PC4", "2026-03-28 20:00", "2026-03-29 03:00"),
        ("PC4-later", "2026-03-29 02:50", "2026-03-29 11:50"),
    ],
)
def test_worked_deadlines_end_at_their_moment(rule_id: str, start: str, moment: str) -> None:
    found = due(rule_id, start)
    assert found.last_day is None
    assert found.due_at == london(moment)
    assert found.is_met_at(london(moment))
    assert not found.is_met_at(london(moment) + timedelta(seconds=1))


def test_detention_over_the_night_when_clocks_go_back_ends_an_hour_early_on_the_wall() -> None:
    assert due("PC1", "2026-10-24 20:00").due_at == london("2026-10-25 19:00")


def test_a_day_that_ends_in_summer_time_ends_at_eleven_in_the_evening_utc() -> None:
    assert due("WT1", "2026-06-01 10:00").due_at == datetime(2026, 6, 2, 23, tzinfo=UTC)
    assert due("WT1", "2026-03-02 10:00").due_at == datetime(2026, 3, 4, 0, tzinfo=UTC)


def test_a_start_late_in_the_evening_utc_belongs_to_the_next_day_in_summer() -> None:
    start = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert deadline(PACK.clock("WT1"), start, CALENDAR, "x").last_day == date(2026, 6, 3)


@pytest.mark.parametrize(
    ("arrest", "months", "last_day"),
    [
        ("2026-01-10", 3, "2026-04-10"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-28", 1, "2026-02-28"),
        ("2026-01-27", 1, "2026-02-27"),
        ("2024-01-30", 1, "2024-02-29"),
        ("2026-02-28", 3, "2026-05-31"),
        ("2023-02-28", 12, "2024-02-29"),
        ("2024-02-28", 12, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2023-11-28", 3, "2024-02-28"),
        ("2023-11-29", 3, "2024-02-29"),
        ("2024-11-28", 3, "2025-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-31", 9, "2027-09-30"),
    ],
)
def test_bail_that_starts_the_day_after_arrest_ends_before_the_corresponding_day(
    arrest: str, months: int, last_day: str
) -> None:
    clock = rule(Unit.MONTH, months, month_begins="day_after")
    found = deadline(clock, london(f"{arrest} 06:30"), CALENDAR, "arrest")
    assert found.last_day == date.fromisoformat(last_day)


def test_the_bail_of_the_national_crime_agency_runs_longer() -> None:
    arrest = london("2026-03-17 06:30")
    assert deadline(NCA.clock("PB4"), arrest, CALENDAR, "arrest").last_day == date(2026, 9, 17)
    assert deadline(NCA.clock("PB4-senior"), arrest, CALENDAR, "arrest").last_day == date(2027, 3, 17)


def test_an_action_is_due_at_the_end_of_the_day_that_was_given() -> None:
    assert due("SM2", "2026-03-04 10:40", "2026-03-06 00:00").last_day == date(2026, 3, 6)
    assert due("PL1", "2026-03-13 09:00", "2026-04-10 00:00").due_at == london("2026-04-11 00:00")
    assert due("SM1", "2026-03-03 14:10", "2026-03-04 09:30").due_at == london("2026-03-04 09:30")


def test_the_working_can_be_read_years_later() -> None:
    working = due("WT1", "2026-04-02 16:10").working
    assert working.skipped == (
        "2026-04-03 Good Friday",
        "2026-04-04 Saturday",
        "2026-04-05 Sunday",
        "2026-04-06 Easter Monday",
    )
    assert (working.rule, working.value, working.unit, working.counted_from) == (
        "WT1",
        1,
        Unit.WORKING_DAY,
        "the start",
    )
    assert (working.calendar, working.calendar_digest) == (CALENDAR.version, CALENDAR.ref.content_digest)


def test_a_rule_that_counts_no_working_days_names_no_calendar() -> None:
    working = due("CR1", "2026-04-02 16:10").working
    assert (working.calendar, working.calendar_digest, working.skipped) == (None, None, ())


def test_a_holiday_proclaimed_later_moves_the_deadline_of_a_new_calendar_only() -> None:
    proclaimed = CALENDAR.holidays[0].model_copy(update={"day": date(2028, 12, 29), "title": "Proclaimed"})
    later = CALENDAR.model_copy(update={"version": "england-and-wales-2", "holidays": (*CALENDAR.holidays, proclaimed)})
    start = london("2028-12-27 09:00")
    two_days = rule(Unit.WORKING_DAY, 2)
    assert deadline(two_days, start, CALENDAR, "x").last_day == date(2028, 12, 29)
    with pytest.raises(OutsideCalendar, match="england-and-wales-2"):
        deadline(two_days, start, later, "x")


def test_working_days_beyond_the_calendar_are_an_error_and_months_are_not() -> None:
    start = london("2028-12-20 09:00")
    with pytest.raises(OutsideCalendar, match="2028-12-31"):
        deadline(PACK.clock("WT7"), start, CALENDAR, "x")
    assert deadline(PACK.clock("PB1"), start, CALENDAR, "x").last_day == date(2029, 3, 20)


def test_a_start_before_the_calendar_can_still_be_counted_from_when_no_day_before_it_counts() -> None:
    found = deadline(PACK.clock("WT1"), london("2009-12-31 12:00"), CALENDAR, "x")
    assert found.last_day == date(2010, 1, 4)


def test_what_cannot_be_computed_is_refused_by_rule() -> None:
    naive = datetime(2026, 3, 2, 9)  # noqa: DTZ001  # The point of the test.
    with pytest.raises(ValueError, match=r"WT1: .* time zone"):
        deadline(PACK.clock("WT1"), naive, CALENDAR, "x")
    with pytest.raises(ValueError, match=r"SM1: .* time zone"):
        deadline(PACK.clock("SM1"), london("2026-03-02 09:00"), CALENDAR, "x", naive)
    with pytest.raises(ValueError, match=r"SM1: .* needs a date"):
        due("SM1", "2026-03-02 09:00")
    with pytest.raises(ValueError, match=r"WT1: .* none may be given"):
        due("WT1", "2026-03-02 09:00", "2026-03-04 09:00")


@pytest.mark.parametrize("year", range(2010, 2029))
def test_the_year_has_as_many_working_days_as_walking_finds(year: int) -> None:
    days = [
        date(year, month, day) for month in range(1, 13) for day in range(1, gregorian.monthrange(year, month)[1] + 1)
    ]
    walked = [day for day in days if day.isoweekday() < 6 and day not in HOLIDAYS]
    assert [day for day in days if CALENDAR.is_working_day(day)] == walked
    assert 250 <= len(walked) <= 255
