"""Pause, resume, extend, escalate: the arithmetic against a slow walk that knows no formula, and who may do it."""

import calendar as gregorian
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from nom.contracts.actors import Agency, Rank
from nom.contracts.clocks import (
    BreachEscalated,
    BreachWithdrawn,
    Clock,
    ClockEvent,
    ClockExtended,
    ClockPaused,
    ClockRecalculated,
    ClockResumed,
    ClockStarted,
    ClockStatus,
    DeadlineBreached,
    Unit,
    fold_clock,
)
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase
from nom.contracts.every_process import EscalateBreach, ExtendClock, PauseClock, RecordNote, ResumeClock
from nom.contracts.policy.loader import calendar_of, pack_of_version
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import ClockRule
from nom.workflows.model.clock_course import change_clock, recalculated
from nom.workflows.model.deadlines import deadline
from nom.workflows.model.designation import MODEL
from nom.workflows.model.process import Facts
from tests.workflows.model.designation_acts import STREAM, analyst, group, head, nomination, proposal
from tests.workflows.model.kit import LONDON, events_of, given, london, outcome_of, refused, request, survives_json

BASE = pack_of_version("eng-police-2026.1")
MAY = {"roles": ["meeting_chair"], "rank": "inspector"}


def rule(rule_id: str, unit: Unit, value: int, **more: object) -> ClockRule:
    common = {"title": "a rule of the test", "starts": "a start", "basis": "ours", "confidence": "ours"}
    ladder = {"escalation": ["triage_sergeant", "detective_superintendent", "nca_coordinator"]}
    return ClockRule.model_validate({"id": rule_id, "unit": unit, "value": value, **common, **ladder, **more})


RULES = {
    Unit.WORKING_DAY: rule("XX1", Unit.WORKING_DAY, 5, may_pause=MAY, may_extend=MAY),
    Unit.CALENDAR_DAY: rule("XX2", Unit.CALENDAR_DAY, 9, may_pause=MAY, may_extend=MAY),
    Unit.HOUR: rule("XX3", Unit.HOUR, 30, may_pause=MAY, may_extend=MAY),
    Unit.MONTH: rule("XX4", Unit.MONTH, 2, month_begins="day_after", may_pause=MAY, may_extend=MAY),
}
GIVEN = rule("XX8", Unit.GIVEN, 0, may_extend=MAY)
FIXED = rule("XX9", Unit.HOUR, 24)
PACK = BASE.model_copy(update={"clocks": (*BASE.clocks, *RULES.values(), GIVEN, FIXED)})
FACTS = Facts(PACK, calendar_of(PACK))
HOLIDAYS = frozenset(holiday.day for holiday in FACTS.calendar.holidays)


class Who(NamedTuple):
    """Who gives a command."""

    role: str = "meeting_chair"
    agency: Agency = Agency.POLICE
    rank: Rank | None = None


INSPECTOR = Who(rank=Rank.INSPECTOR)
SYSTEM = Who("system")


class Bench:
    """One clock under the test's pack, and what is done to it."""

    def __init__(self, clock_rule: ClockRule, start: datetime, given_at: datetime | None = None) -> None:
        due = deadline(clock_rule, start, FACTS.calendar, "a start", given_at)
        self.clocks: tuple[Clock, ...] = ()
        self.fold(
            ClockStarted(
                clock_id="x",
                rule=clock_rule.id,
                about=None,
                started_at=start,
                due_at=due.due_at,
                last_day=due.last_day,
                indicator=False,
                working=due.working,
            )
        )

    @property
    def clock(self) -> Clock:
        return self.clocks[0]

    def fold(self, *events: ClockEvent) -> None:
        for event in events:
            self.clocks = fold_clock(self.clocks, event)

    def give(self, command: CommandBase, at: datetime, who: Who) -> Refusal | tuple[ClockEvent, ...]:
        asked = request(
            STREAM, who.role, command, "2026-03-02 09:00", agency=who.agency, rank=who.rank, reason="the reason"
        )
        decided = change_clock(self.clocks, asked.model_copy(update={"occurred_at": at}), FACTS)
        if not isinstance(decided, Refusal):
            self.fold(*decided)
        return decided

    def taken(self, command: CommandBase, at: datetime, who: Who) -> tuple[ClockEvent, ...]:
        decided = self.give(command, at, who)
        assert not isinstance(decided, Refusal), decided
        return decided

    def refused(self, command: CommandBase, at: datetime, who: Who) -> str:
        decided = self.give(command, at, who)
        assert isinstance(decided, Refusal), decided
        return decided.code


PAUSE, RESUME = PauseClock(clock_id="x"), ResumeClock(clock_id="x")


def extend(by: int) -> ExtendClock:
    return ExtendClock(clock_id="x", by=by)


class Stretch(NamedTuple):
    """How many minutes a clock runs, and then stands still."""

    runs: int
    stands: int


def walked(clock_rule: ClockRule, start: datetime, pauses: list[tuple[datetime, datetime]], more: int) -> datetime:
    """The deadline found by walking minutes or days, with nothing of the code under test."""
    count = clock_rule.value + more
    if clock_rule.unit is Unit.HOUR:
        moment, left = start, count * 60
        while left:
            left -= not any(begin <= moment < end for begin, end in pauses)
            moment += timedelta(minutes=1)
        return moment
    day, midnight = start.astimezone(LONDON).date(), start
    if clock_rule.unit is Unit.MONTH:
        count = months_in_days(day + timedelta(days=1), count)
    while count:
        day += timedelta(days=1)
        ends = datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(days=1)
        midnight = datetime(ends.year, ends.month, ends.day, tzinfo=LONDON).astimezone(UTC)
        stands = any(begin < midnight <= end for begin, end in pauses)
        works = clock_rule.unit is not Unit.WORKING_DAY or (day.weekday() < 5 and day not in HOLIDAYS)
        count -= works and not stands
    return midnight


def months_in_days(first: date, months: int) -> int:
    """How many days a period of months has: to the day before the corresponding one, or to the end of the month."""
    day = first
    while True:
        passed = (day.year - first.year) * 12 + day.month - first.month
        length = gregorian.monthrange(day.year, day.month)[1]
        following = day + timedelta(days=1)
        if (following.year - first.year) * 12 + following.month - first.month == months and following.day == first.day:
            return (day - first).days + 1
        if passed == months and day.day == length and first.day > length:
            return (day - first).days + 1
        day = following


@settings(max_examples=150, deadline=None)
@hypothesis_given(
    unit=st.sampled_from(sorted(RULES)),
    start=st.datetimes(datetime(2011, 1, 1), datetime(2027, 6, 1)).map(  # noqa: DTZ001 - made aware at once
        lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    stretches=st.lists(st.builds(Stretch, st.integers(0, 900), st.integers(0, 9000)), max_size=3),
    more=st.lists(st.integers(1, 3), max_size=2),
)
def test_pauses_and_extensions_in_any_order_give_what_a_slow_walk_gives(
    unit: Unit, start: datetime, stretches: list[Stretch], more: list[int]
) -> None:
    bench, moment = Bench(RULES[unit], start), start
    pauses: list[tuple[datetime, datetime]] = []
    for stretch in stretches:
        begin = moment + timedelta(minutes=stretch.runs)
        if not begin < bench.clock.due_at:
            break
        moment = begin + timedelta(minutes=stretch.stands)
        bench.taken(PAUSE, begin, INSPECTOR)
        assert bench.clock.status is ClockStatus.PAUSED
        assert not bench.clock.is_overdue_at(moment + timedelta(days=900))
        bench.taken(RESUME, moment, INSPECTOR)
        pauses.append((begin, moment))
        assert bench.clock.due_at == walked(RULES[unit], start, pauses, 0)
    for number, by in enumerate(more, start=1):
        if moment < bench.clock.due_at:
            bench.taken(extend(by), moment, INSPECTOR)
            assert bench.clock.due_at == walked(RULES[unit], start, pauses, sum(more[:number]))
            assert bench.clock.extended_by == sum(more[:number])
    assert [(pause.paused_at, pause.resumed_at) for pause in bench.clock.pauses] == pauses
    assert Clock.model_validate_json(bench.clock.model_dump_json()) == bench.clock


def test_a_day_at_whose_end_the_clock_stands_still_does_not_count() -> None:
    bench = Bench(RULES[Unit.WORKING_DAY], london("2026-03-02 10:00"))
    assert bench.clock.last_day == date(2026, 3, 9)
    bench.taken(PAUSE, london("2026-03-03 10:00"), INSPECTOR)
    (resumed,) = bench.taken(RESUME, london("2026-03-05 10:00"), INSPECTOR)
    assert isinstance(resumed, ClockResumed)
    assert resumed.last_day == date(2026, 3, 11)
    assert "2026-03-03 paused" in resumed.working.skipped
    assert "2026-03-07 Saturday" in resumed.working.skipped
    assert resumed.in_words() == "Clock XX1 resumed: due end of 2026-03-11"


def test_a_clock_paused_and_resumed_on_one_day_is_due_as_before() -> None:
    bench = Bench(RULES[Unit.WORKING_DAY], london("2026-03-02 10:00"))
    bench.taken(PAUSE, london("2026-03-03 10:00"), INSPECTOR)
    bench.taken(RESUME, london("2026-03-03 17:00"), INSPECTOR)
    assert bench.clock.last_day == date(2026, 3, 9)


def test_who_may_pause_and_extend_is_named_by_role_and_rank() -> None:
    bench, at = Bench(RULES[Unit.HOUR], london("2026-03-02 10:00")), london("2026-03-02 11:00")
    wrong_role = bench.give(PAUSE, at, Who("social_worker", Agency.LOCAL_AUTHORITY))
    assert isinstance(wrong_role, Refusal)
    assert (wrong_role.code, wrong_role.unmet[0].supplied_by) == ("clock_authority", ("meeting_chair",))
    assert bench.refused(PAUSE, at, Who(rank=Rank.SERGEANT)) == "rank"
    assert bench.refused(extend(1), at, Who()) == "rank"
    # A rank is asked of those who hold one.
    assert bench.taken(PAUSE, at, Who(agency=Agency.LOCAL_AUTHORITY))


def test_a_rule_that_says_nothing_allows_nothing() -> None:
    bench, at = Bench(FIXED, london("2026-03-02 10:00")), london("2026-03-02 11:00")
    assert bench.refused(PAUSE, at, INSPECTOR) == "may_not_pause"
    assert bench.refused(extend(1), at, INSPECTOR) == "may_not_extend"


def test_what_can_not_be_done_to_a_clock_is_refused_by_name() -> None:
    bench = Bench(RULES[Unit.HOUR], london("2026-03-02 10:00"))
    assert bench.refused(PauseClock(clock_id="y"), london("2026-03-02 11:00"), INSPECTOR) == "no_such_clock"
    assert bench.refused(PAUSE, london("2026-03-02 09:59"), INSPECTOR) == "pause_too_early"
    assert bench.refused(PAUSE, london("2026-03-03 16:01"), INSPECTOR) == "deadline_passed"
    assert bench.refused(extend(1), london("2026-03-03 16:01"), INSPECTOR) == "deadline_passed"
    assert bench.refused(RESUME, london("2026-03-02 11:00"), INSPECTOR) == "clock_not_paused"
    bench.taken(PAUSE, london("2026-03-02 12:00"), INSPECTOR)
    assert bench.refused(PAUSE, london("2026-03-02 13:00"), INSPECTOR) == "clock_paused"
    assert bench.refused(extend(1), london("2026-03-02 13:00"), INSPECTOR) == "clock_paused"
    assert bench.refused(RESUME, london("2026-03-02 11:00"), INSPECTOR) == "resume_too_early"
    bench.taken(RESUME, london("2026-03-02 14:00"), INSPECTOR)
    assert bench.refused(PAUSE, london("2026-03-02 13:00"), INSPECTOR) == "pause_too_early"
    to = ExtendClock(clock_id="x", to=london("2026-03-05 10:00"))
    assert bench.refused(to, london("2026-03-02 15:00"), INSPECTOR) == "extension_malformed"


def test_a_given_date_is_extended_to_a_later_one_and_by_nothing_else() -> None:
    bench, at = Bench(GIVEN, london("2026-03-02 10:00"), london("2026-03-06 12:00")), london("2026-03-03 10:00")
    assert bench.refused(extend(2), at, INSPECTOR) == "extension_malformed"
    earlier = ExtendClock(clock_id="x", to=london("2026-03-05 10:00"))
    assert bench.refused(earlier, at, INSPECTOR) == "not_later"
    (extended,) = bench.taken(ExtendClock(clock_id="x", to=london("2026-03-09 12:00")), at, INSPECTOR)
    assert isinstance(extended, ClockExtended)
    assert bench.clock.due_at == london("2026-03-09 12:00")


def breached(bench: Bench, at: datetime) -> DeadlineBreached:
    clock = bench.clock
    return DeadlineBreached(
        clock_id=clock.id,
        rule=clock.rule,
        about=None,
        due_at=clock.due_at,
        last_day=clock.last_day,
        noticed_at=at,
        escalated_to="triage_sergeant",
        escalates_at=at + timedelta(hours=1),
        why="late",
    )


def test_a_pause_or_extension_in_time_and_typed_in_after_the_breach_withdraws_it() -> None:
    for command, kind in ((PAUSE, ClockPaused), (extend(5), ClockExtended)):
        bench = Bench(RULES[Unit.HOUR], london("2026-03-02 10:00"))
        bench.fold(breached(bench, bench.clock.due_at))
        withdrawn, changed = bench.taken(command, london("2026-03-02 12:00"), INSPECTOR)
        assert isinstance(withdrawn, BreachWithdrawn)
        assert isinstance(changed, kind)
        assert not bench.clock.is_late
        assert bench.clock.escalates_at is None


def test_a_breach_that_stays_open_climbs_the_ladder_role_by_role_to_its_end() -> None:
    bench = Bench(RULES[Unit.HOUR], london("2026-03-02 10:00"))
    bench.fold(breached(bench, bench.clock.due_at))
    told: list[str] = []
    while (at := bench.clock.escalates_at) is not None:
        assert (
            bench.refused(EscalateBreach(clock_id="x", escalates_at=at - timedelta(minutes=1)), at, SYSTEM)
            == "clock_moved_on"
        )
        (event,) = bench.taken(EscalateBreach(clock_id="x", escalates_at=at), at, SYSTEM)
        assert isinstance(event, BreachEscalated)
        assert event.escalated_at == at
        told.append(event.escalated_to)
    assert told == ["detective_superintendent", "nca_coordinator"]
    assert bench.clock.status is ClockStatus.BREACHED


def test_another_calendar_moves_the_clocks_whose_date_changes_and_no_others() -> None:
    proclaimed = FACTS.calendar.model_copy(
        update={
            "version": "england-and-wales-2",
            "holidays": tuple(
                sorted(
                    (*FACTS.calendar.holidays, FACTS.calendar.holidays[0].model_copy(update={"day": date(2026, 3, 6)})),
                    key=lambda holiday: holiday.day,
                )
            ),
        }
    )
    working = Bench(RULES[Unit.WORKING_DAY], london("2026-03-02 10:00"))
    hours = Bench(RULES[Unit.HOUR], london("2026-03-02 10:00"))
    offered, at = Facts(PACK, proclaimed), london("2026-03-03 10:00")
    (event,) = recalculated((*working.clocks, *hours.clocks), offered, at, "a holiday was proclaimed")
    assert isinstance(event, ClockRecalculated)
    assert (event.was_last_day, event.last_day) == (date(2026, 3, 9), date(2026, 3, 10))
    assert event.working.calendar == "england-and-wales-2"
    # What had been missed without the holiday is withdrawn where it is in time with it.
    working.fold(breached(working, working.clock.due_at))
    moved = recalculated(working.clocks, offered, london("2026-03-10 10:00"), "a holiday was proclaimed")
    assert [type(item) for item in moved] == [ClockRecalculated, BreachWithdrawn]


def test_a_process_pauses_resumes_and_is_judged_by_the_new_deadline() -> None:
    pause, resume = PauseClock(clock_id="dg1"), ResumeClock(clock_id="dg1")
    state = group(head(pause, "2026-03-03 09:00", "the analyst is on leave"))
    quiet = events_of(MODEL, state, analyst(RecordNote(text="still waiting", basis="fact"), "2026-03-20 09:00"))
    assert [event.type for event in quiet] == ["note_recorded.v1"]
    resumed = group(head(pause, "2026-03-03 09:00", "leave"), head(resume, "2026-03-10 09:00", "back"))
    clock = resumed.clock("dg1")
    assert clock is not None
    assert (clock.status, clock.last_day) == (ClockStatus.RUNNING, date(2026, 3, 16))
    assert survives_json(resumed)
    met, _ = outcome_of(MODEL, resumed, proposal("not_met", "2026-03-16 17:00"))
    held = met.clock("dg1")
    assert held is not None
    assert held.status is ClockStatus.MET


def test_an_act_done_while_its_clock_stands_still_is_in_time() -> None:
    state = group(head(PauseClock(clock_id="dg1"), "2026-03-03 09:00", "leave"))
    after, _ = outcome_of(MODEL, state, proposal("not_met", "2026-05-04 09:00"))
    clock = after.clock("dg1")
    assert clock is not None
    assert clock.status is ClockStatus.MET


def test_a_clock_command_needs_a_reason_and_a_role() -> None:
    state = given(MODEL, STREAM, nomination())
    assert refused(MODEL, state, head(PauseClock(clock_id="dg1"), "2026-03-03 09:00")).code == "reason_missing"
    assert refused(MODEL, state, analyst(PauseClock(clock_id="dg1"), "2026-03-03 09:00", "why")).code == "role"


@pytest.mark.parametrize("pack", [BASE], ids=["base"])
def test_a_given_date_can_not_be_made_to_stand_still(pack: PolicyPack) -> None:
    assert all(clock.unit is not Unit.GIVEN for clock in pack.clocks if clock.may_pause)
    with pytest.raises(ValueError, match="a given date is extended"):
        rule("XX7", Unit.GIVEN, 0, may_pause=MAY)
