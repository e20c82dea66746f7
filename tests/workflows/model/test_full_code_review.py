"""A charge on the Threshold Test is reviewed under the Full Code Test by the day that the prosecutor set (CH3)."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from nom.contracts.charge import ApplyThresholdTest, Finding, ThresholdCondition
from nom.contracts.clocks import DeadlineBreached
from nom.contracts.every_process import ClockRanOut, EscalateBreach
from nom.contracts.policy.loader import pack_of_version
from nom.workflows.model.charge import MODEL
from nom.workflows.model.charge_state import ChargeState
from tests.workflows.model import kit
from tests.workflows.model.files import (
    CHARGE,
    TWO,
    authorise,
    by_lawyer,
    charge,
    due,
    full_code,
    notify,
    statuses,
    submit,
)

FACTS = kit.FROM_DECEMBER
ALL_MET = tuple(Finding(condition=condition, met=True) for condition in get_args(ThresholdCondition))
ONE_NOT_MET = (Finding(condition=ALL_MET[0].condition, met=False), *ALL_MET[1:])
DAY = date(2026, 5, 20)


def threshold(
    at: str, review: date = DAY, findings: tuple[Finding, ...] = ALL_MET, suspects: tuple[str, ...] = ()
) -> kit.Request:
    return by_lawyer(ApplyThresholdTest(findings=findings, full_code_review=review, suspects=suspects), at)


ONE = submit("2026-04-20 10:00", ("SX03025",))
CHARGED = (ONE, threshold("2026-04-21 10:00"), authorise("2026-04-21 11:00"), charge("2026-04-21 12:00"))


def file_after(*requests: kit.Request, facts: kit.Facts = FACTS) -> ChargeState:
    return kit.given(MODEL, CHARGE, *requests, facts=facts)


def entered(asked: kit.Request, at: str) -> kit.Request:
    return asked.model_copy(update={"submitted_at": kit.london(at)})


def test_the_review_is_due_by_the_end_of_the_day_that_was_set() -> None:
    state = file_after(*CHARGED)
    clock = state.clock("ch3-1")
    assert clock is not None
    assert (clock.about, clock.last_day, clock.started_at) == ("suspect-1:SX03025", DAY, kit.london("2026-04-21 10:00"))
    # The midnight that ends 20 May in London is 23:00 in UTC.
    assert clock.due_at == datetime(2026, 5, 20, 23, tzinfo=UTC)
    assert state.rings(clock)


@pytest.mark.parametrize(
    ("at", "where"), [("2026-05-20 23:59", "met"), ("2026-05-21 00:00", "met_late"), ("2026-04-22 09:00", "met")]
)
@pytest.mark.parametrize("found", ["met", "not_met"])
def test_the_review_keeps_the_day_whatever_it_finds_and_after_it_is_late(at: str, where: str, found: str) -> None:
    review = full_code(at) if found == "met" else full_code(at, "not_met", None)
    assert statuses(file_after(*CHARGED, review))["ch3-1"] == where


def test_each_charge_is_reviewed_by_itself() -> None:
    begun = (*TWO, threshold("2026-04-21 10:00"), authorise("2026-04-21 11:00"), charge("2026-04-21 12:00"))
    state = file_after(*begun, full_code("2026-05-19 10:00", suspects=("suspect-1",)))
    reviewed = {clock.about: clock.status.value for clock in state.clocks if clock.rule == "CH3"}
    assert reviewed == {
        "suspect-1:SX03025": "met",
        "suspect-1:SX03238": "met",
        "suspect-2:SX03025": "running",
        "suspect-2:SX03238": "running",
    }


def test_a_missed_review_goes_up_the_ladder_while_nobody_holds_it() -> None:
    midnight = datetime(2026, 5, 20, 23, tzinfo=UTC)
    rang = kit.request(CHARGE, "system", ClockRanOut(clock_id="ch3-1", due_at=midnight), "2026-05-21 00:00")
    (breach,) = kit.events_of(MODEL, file_after(*CHARGED, told := notify("2026-04-22 10:00")), rang, FACTS)
    assert isinstance(breach, DeadlineBreached)
    assert (breach.escalated_to, breach.escalates_at) == ("supervising_officer", midnight + timedelta(hours=24))
    climbing = EscalateBreach(clock_id="ch3-1", escalates_at=midnight + timedelta(hours=24))
    state = file_after(*CHARGED, told, rang, kit.request(CHARGE, "system", climbing, "2026-05-22 00:00"))
    clock = state.clock("ch3-1")
    assert clock is not None
    assert clock.escalated_to == "detective_superintendent"


def test_a_review_held_in_time_and_typed_in_late_withdraws_the_breach() -> None:
    midnight = datetime(2026, 5, 20, 23, tzinfo=UTC)
    rang = kit.request(CHARGE, "system", ClockRanOut(clock_id="ch3-1", due_at=midnight), "2026-05-21 00:00")
    state = file_after(*CHARGED, notify("2026-04-22 10:00"), rang)
    events = kit.events_of(MODEL, state, entered(full_code("2026-05-20 10:00"), "2026-05-22 09:00"), FACTS)
    assert [event.type for event in events][:3] == [
        "full_code_test_applied.v1",
        "breach_withdrawn.v1",
        "clock_met.v1",
    ]


def test_a_review_in_time_that_is_typed_in_after_a_late_one_takes_the_breach_back() -> None:
    tested = (ONE, threshold("2026-04-21 10:00"), full_code("2026-05-22 10:00"))
    assert statuses(file_after(*tested))["ch3-1"] == "met_late"
    earlier = entered(full_code("2026-05-19 10:00"), "2026-05-23 09:00")
    assert statuses(file_after(*tested, earlier))["ch3-1"] == "met"


def test_a_threshold_test_applied_again_sets_another_day() -> None:
    state = file_after(ONE, threshold("2026-04-21 10:00"), threshold("2026-04-28 10:00", date(2026, 6, 3)))
    assert (statuses(state)["ch3-1"], statuses(state)["ch3-2"]) == ("stopped", "running")
    assert due(state, "ch3-2") == "2026-06-03"
    failed = threshold("2026-04-28 10:00", date(2026, 6, 3), ONE_NOT_MET)
    assert "ch3-2" not in statuses(file_after(ONE, threshold("2026-04-21 10:00"), failed))


def test_a_threshold_test_typed_in_after_a_later_test_awaits_no_review() -> None:
    late_entry = entered(threshold("2026-04-21 10:00"), "2026-04-30 10:00")
    assert "ch3-1" not in statuses(file_after(ONE, full_code("2026-04-29 10:00"), late_entry))


@pytest.mark.parametrize("version", ["eng-police-2026.1", "eng-police-2026.2"])
def test_under_a_pack_without_the_rule_the_day_is_on_record_and_no_time_runs(version: str) -> None:
    state = file_after(*CHARGED, facts=kit.facts_of(pack_of_version(version)))
    assert [line.review_on for line in state.lines] == [DAY]
    assert "ch3-1" not in statuses(state)


DAYS = st.integers(22, 60).map(lambda day: date(2026, 4, 1) + timedelta(days=day - 1))


@settings(deadline=None, max_examples=60)
@for_all(st.lists(st.tuples(st.booleans(), DAYS, DAYS), max_size=6))
def test_a_charge_never_awaits_a_review_without_a_running_time_nor_the_other_way_round(
    tests: list[tuple[bool, date, date]],
) -> None:
    requests = [ONE]
    for is_threshold, day, review in tests:
        at = f"{day} 09:00"
        asked = threshold(at, max(day, review)) if is_threshold else full_code(at)
        requests.append(entered(asked, "2026-06-30 09:00"))
    for step in kit.walk(MODEL, CHARGE, requests, FACTS):
        (line,) = step.state.lines
        waiting = [clock for clock in step.state.clocks if clock.rule == "CH3" and clock.is_open]
        assert [clock.last_day for clock in waiting] == ([line.review_on] if line.review_on else [])
