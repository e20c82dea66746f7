"""Adopting another pack: who may, which pack fits, and what becomes of the clocks that are open."""

from datetime import date, timedelta

import pytest

from nom.contracts.clocks import BreachWithdrawn, ClockRecalculated, ClockStatus, ClockStopped, DeadlineBreached
from nom.contracts.errors import Refusal
from nom.contracts.every_process import (
    AdoptPolicy,
    ClockRanOut,
    EscalateBreach,
    MarkUpToDate,
    PolicyVersionAdopted,
    ProcessOpened,
)
from nom.contracts.policy.loader import calendar_of, pack_of_version
from nom.contracts.policy.overlay import Change, Overlay, with_overlay
from nom.contracts.policy.pack import PolicyPack
from nom.workflows.model.process import Facts
from nom.workflows.model.referral import MODEL, ReferralState
from tests.workflows.model.kit import FACTS, OPENING, POLICY, Request, events_of, given, london, outcome_of, request
from tests.workflows.model.test_referral import STREAM, receive

SECOND = pack_of_version("eng-police-2026.2")


def facts_offering(offered: PolicyPack) -> Facts:
    return FACTS._replace(offered=Facts(offered, calendar_of(offered)))


def adopt(offered: PolicyPack, at: str = "2026-03-02 12:00", role: str = "detective_superintendent") -> Request:
    command = AdoptPolicy(to=offered.ref())
    return request(STREAM, role, command, at, reason="new law", entered="2026-11-24 09:00")


def with_clock(rule_id: str, value: int) -> PolicyPack:
    """The pack with another value for one clock, which no force could give it."""
    clocks = tuple(c.model_copy(update={"value": value}) if c.id == rule_id else c for c in POLICY.clocks)
    return POLICY.model_copy(update={"version": "eng-police-2026.9", "clocks": clocks})


def referral(*more: Request) -> ReferralState:
    return given(MODEL, STREAM, receive(), *more)


def code_of(state: ReferralState, asked: Request, facts: Facts) -> str:
    decision = MODEL.decide(state, asked, facts)
    assert isinstance(decision, Refusal), decision
    return decision.code


def test_a_process_that_adopts_a_pack_goes_on_under_it_and_keeps_its_opening() -> None:
    state, events = outcome_of(MODEL, referral(), adopt(SECOND), facts_offering(SECOND))
    assert [type(event) for event in events] == [PolicyVersionAdopted]
    assert events[0].in_words() == "Policy eng-police-2026.2 adopted in place of eng-police-2026.1: new law"
    assert state.opening is not None
    assert state.opening == OPENING.model_copy(update={"brought_in": True, "policy": SECOND.ref()})


def test_open_clocks_whose_rule_changed_are_computed_anew_and_say_from_what_to_what() -> None:
    offered = with_clock("WT1", 3)
    state, events = outcome_of(MODEL, referral(), adopt(offered), facts_offering(offered))
    (moved,) = (event for event in events if isinstance(event, ClockRecalculated))
    assert (moved.clock_id, moved.was_last_day, moved.last_day) == ("wt1", date(2026, 3, 3), date(2026, 3, 5))
    assert moved.working.value == 3
    clock = state.clock("wt1")
    assert clock is not None
    assert (clock.last_day, clock.status) == (date(2026, 3, 5), ClockStatus.RUNNING)


def test_a_breach_that_does_not_stand_under_the_adopted_pack_is_withdrawn_and_another_stays() -> None:
    offered = with_clock("WT1", 30)
    late = request(STREAM, "case_administrator", MarkUpToDate(), "2026-03-10 09:00")
    state = referral(late)
    assert {clock.status for clock in state.clocks} == {ClockStatus.BREACHED}
    events = events_of(MODEL, state, adopt(offered, "2026-03-10 12:00"), facts_offering(offered))
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["wt1"]


def test_a_clock_whose_rule_the_adopted_pack_does_not_have_stops() -> None:
    gone = POLICY.model_copy(
        update={"version": "eng-police-2026.9", "clocks": tuple(rule for rule in POLICY.clocks if rule.id != "WT1")}
    )
    events = events_of(MODEL, referral(), adopt(gone), facts_offering(gone))
    (stopped,) = (event for event in events if isinstance(event, ClockStopped))
    assert (stopped.clock_id, stopped.late) == ("wt1", False)
    assert "has no rule WT1" in stopped.because


def test_an_adoption_is_paperwork_and_shows_no_breach() -> None:
    years_later = adopt(SECOND, "2026-11-20 09:00")
    events = events_of(MODEL, referral(), years_later, facts_offering(SECOND))
    assert not any(isinstance(event, DeadlineBreached) for event in events)


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("eng-police-2026.1", "already_adopted"),
        ("wal-police-2026.2", "policy_unsuitable"),
        ("nca-2026.2", "policy_unsuitable"),
    ],
)
def test_a_pack_that_does_not_fit_is_refused(version: str, code: str) -> None:
    offered = pack_of_version(version)
    assert code_of(referral(), adopt(offered), facts_offering(offered)) == code


def test_a_pack_that_nobody_holds_is_refused() -> None:
    assert code_of(referral(), adopt(SECOND), FACTS) == "policy_not_found"


def test_the_overlay_of_another_force_is_refused_and_its_own_is_adopted() -> None:
    change = Change(section="clocks", rule="TR1", field="value", value=12)
    overlays = {
        force: with_overlay(
            POLICY,
            Overlay(version=f"{force.lower()}-1", force=force, pack=POLICY.version, basis="local", changes=(change,)),
        )
        for force in ("GMP", "WYP")
    }
    assert code_of(referral(), adopt(overlays["WYP"]), facts_offering(overlays["WYP"])) == "policy_unsuitable"
    assert events_of(MODEL, referral(), adopt(overlays["GMP"]), facts_offering(overlays["GMP"]))


def test_a_pack_is_adopted_with_a_reason_by_somebody_who_may() -> None:
    facts = facts_offering(SECOND)
    assert code_of(referral(), adopt(SECOND, role="duty_officer"), facts) == "role"
    without = adopt(SECOND).model_copy(update={"reason": None})
    assert code_of(referral(), without, facts) == "reason_missing"


def test_a_matter_older_than_its_pack_is_judged_under_it_and_says_so() -> None:
    old = receive(at="2019-03-01 09:00")
    opened = events_of(MODEL, MODEL.blank(STREAM), old)[0]
    assert isinstance(opened, ProcessOpened)
    assert "began before eng-police-2026.1 came into force (2022-10-28)" in opened.warnings[0]
    recent = events_of(MODEL, MODEL.blank(STREAM), receive())[0]
    assert isinstance(recent, ProcessOpened)
    assert recent.warnings == ()


def test_a_deadline_that_counts_days_beyond_the_calendar_is_refused_and_breaks_nothing() -> None:
    ancient = receive(at="2009-12-30 09:00")
    assert code_of(MODEL.blank(STREAM), ancient, FACTS) == "outside_calendar"


def test_a_breach_that_stays_open_goes_to_the_next_role_when_the_ladder_says() -> None:
    state = referral()
    clock = state.clock("wt1")
    assert clock is not None
    ran_out = request(
        STREAM,
        "system",
        ClockRanOut(clock_id="wt1", due_at=clock.due_at),
        "2026-03-04 00:00",
        entered="2026-03-04 00:00",
    )
    breached, events = outcome_of(MODEL, state, ran_out)
    breach = next(event for event in events if isinstance(event, DeadlineBreached) and event.clock_id == "wt1")
    assert (breach.escalated_to, breach.escalates_at) == ("triage_sergeant", london("2026-03-05 00:00"))
    at = london("2026-03-04 00:00") + timedelta(hours=24)
    climb = request(STREAM, "system", EscalateBreach(clock_id="wt1", escalates_at=at), "2026-03-05 00:00")
    after, told = outcome_of(MODEL, breached, climb)
    # The two working days for support to the victim have run out meanwhile, which this act shows as well.
    assert [event.type for event in told] == ["breach_escalated.v1", "deadline_breached.v1"]
    held = after.clock("wt1")
    assert held is not None
    assert (held.escalated_to, held.escalates_at) == ("detective_superintendent", None)
    assert code_of(after, climb, FACTS) == "clock_moved_on"
