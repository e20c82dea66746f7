"""Why a deadline is when it is, day by day, for every rule of every pack."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.clocks import Pause, Unit
from nom.contracts.policy.loader import all_packs, calendar_of, pack_of_version
from nom.contracts.policy.pack import PolicyPack
from nom.workflows.model.deadlines import Course, deadline
from nom.workflows.model.explaining import course_in_words, explain
from tests.workflows.model.kit import london

ENGLAND = pack_of_version("eng-police-2026.1")
CALENDAR = calendar_of(ENGLAND)
COUNTED = [rule for rule in ENGLAND.clocks if rule.unit is not Unit.GIVEN]
every_pack = pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)


def test_each_day_after_the_start_counts_or_says_why_it_does_not() -> None:
    told = explain(ENGLAND, "WT1", CALENDAR, london("2026-04-02 15:00"))
    assert [(day.day.day, day.number, day.why) for day in told.days] == [
        (2, None, "the day of the start does not count"),
        (3, None, "Good Friday"),
        (4, None, "Saturday"),
        (5, None, "Sunday"),
        (6, None, "Easter Monday"),
        (7, 1, "working day 1"),
    ]
    assert (told.last_day, told.calendar, told.confidence, told.a_force_may_vary) == (
        date(2026, 4, 7),
        "england-and-wales-1",
        "published",
        "no",
    )


def test_a_paused_day_and_an_extension_are_told() -> None:
    pause = Pause(paused_at=london("2026-03-03 10:00"), resumed_at=london("2026-03-05 10:00"))
    course = Course((pause,), 1)
    told = explain(ENGLAND, "DG1", CALENDAR, london("2026-03-02 10:00"), course=course)
    assert [day.why for day in told.days[1:4]] == ["paused", "paused", "working day 1"]
    assert told.last_day == date(2026, 3, 12)
    assert course_in_words(course, ENGLAND.clock("DG1")) == (
        "stood still from 2026-03-03 10:00 GMT to 2026-03-05 10:00 GMT",
        "extended by 1 working days",
    )


def test_a_rule_in_hours_counts_no_days_and_one_that_a_force_may_vary_says_within_what() -> None:
    told = explain(ENGLAND, "TR1", CALENDAR, london("2026-03-28 20:00"))
    assert told.days == ()
    assert told.due_at == london("2026-03-29 21:00"), "the night lost an hour"
    assert told.a_force_may_vary == "4 to 72"


@settings(max_examples=200, deadline=None)
@given(
    rule_id=st.sampled_from([rule.id for rule in COUNTED]),
    start=st.datetimes(datetime(2010, 1, 1), datetime(2025, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - aware
)
def test_the_last_day_told_is_the_deadline_and_the_days_follow_one_another(rule_id: str, start: datetime) -> None:
    told = explain(ENGLAND, rule_id, CALENDAR, start)
    due = deadline(ENGLAND.clock(rule_id), start, CALENDAR, "a start")
    assert (told.due_at, told.last_day) == (due.due_at, due.last_day)
    days = [day.day for day in told.days]
    assert all(later - earlier == timedelta(days=1) for earlier, later in itertools.pairwise(days))
    if days:
        assert days[-1] == told.last_day
        numbers = [day.number for day in told.days if day.number is not None]
        assert numbers == list(range(1, len(numbers) + 1))
        if told.days[-1].number is not None and ENGLAND.clock(rule_id).unit is not Unit.MONTH:
            assert numbers[-1] == ENGLAND.clock(rule_id).value


@every_pack
def test_every_rule_of_every_pack_can_be_explained(pack: PolicyPack) -> None:
    for rule in pack.clocks:
        given_at = london("2026-05-01 12:00") if rule.unit is Unit.GIVEN else None
        told = explain(pack, rule.id, calendar_of(pack), london("2026-03-02 10:00"), given_at)
        assert told.basis
        assert told.counts
