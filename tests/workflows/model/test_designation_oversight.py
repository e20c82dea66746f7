from datetime import date

import pytest

from nom.contracts.clocks import ClockMet, ClockStarted, ClockStopped
from nom.contracts.designation import (
    AppointLro,
    AssignTier,
    FourPPlanApproved,
    GroupReviewed,
    LroAppointed,
    Review,
    TierAssigned,
)
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOffMade
from nom.workflows.model.designation import MODEL
from tests.workflows.model.designation_acts import (
    DESIGNATED,
    NOT_MET,
    OFFICER,
    OVERSEEN,
    PLAN,
    TIER,
    approval,
    group,
    head,
    proposal,
)
from tests.workflows.model.kit import breaches, events_of, labels, outcome_of, refused


def started(events: tuple[EventBase, ...]) -> dict[str, date | None]:
    return {event.clock_id: event.last_day for event in events if isinstance(event, ClockStarted)}


def met(events: tuple[EventBase, ...]) -> list[str]:
    return [event.clock_id for event in events if isinstance(event, ClockMet)]


def test_the_tier_of_the_first_scenario_starts_the_review_clock_and_tells_the_case() -> None:
    state, events = outcome_of(MODEL, group(*DESIGNATED), TIER)
    assert events[0] == TierAssigned(tier="region")
    assert started(events) == {"dg3-1": date(2026, 6, 9)}
    assert [event.to for event in events if isinstance(event, HandOffMade)] == ["gmp/26-7k3f9q/case"]
    assert (state.status, state.tier, len(state.members)) == ("designated", "region", 3)


def test_the_national_tier_is_reviewed_every_28_days() -> None:
    events = events_of(MODEL, group(*DESIGNATED), head(AssignTier(tier="national"), "2026-03-11 15:10"))
    assert started(events) == {"dg3-top-1": date(2026, 4, 8)}


def test_another_tier_stops_one_review_clock_and_starts_another() -> None:
    events = events_of(MODEL, group(*DESIGNATED, TIER), head(AssignTier(tier="national"), "2026-04-20 09:00"))
    assert [event.clock_id for event in events if isinstance(event, ClockStopped)] == ["dg3-1"]
    assert started(events) == {"dg3-top-1": date(2026, 5, 18)}
    assert refused(MODEL, group(*DESIGNATED, TIER), TIER).code == "same_tier"


@pytest.mark.parametrize(
    "command", [AssignTier(tier="force"), AppointLro(officer="officer-1"), PLAN, Review(findings="-")]
)
def test_only_a_designated_group_is_overseen_and_only_from_then_on(command: CommandBase) -> None:
    assert refused(MODEL, group(), head(command, "2026-03-12 09:00")).code == "not_designated"
    assert refused(MODEL, group(*NOT_MET), head(command, "2026-03-12 09:00")).code == "not_designated"
    assert refused(MODEL, group(*DESIGNATED), head(command, "2026-03-11 14:59")).code == "before_designation"


def test_there_is_one_lead_officer_and_a_new_one_follows_the_old() -> None:
    state, events = outcome_of(MODEL, group(*DESIGNATED), OFFICER)
    assert events == (LroAppointed(officer="officer-lro-1", previous=None),)
    assert refused(MODEL, state, OFFICER).code == "already_appointed"
    state, events = outcome_of(MODEL, state, head(AppointLro(officer="officer-lro-2"), "2026-04-01 09:00"))
    assert events == (LroAppointed(officer="officer-lro-2", previous="officer-lro-1"),)
    assert state.lead_officer == "officer-lro-2"


def test_the_plan_of_the_first_scenario_is_in_date_until_its_review() -> None:
    state, events = outcome_of(MODEL, group(*DESIGNATED, TIER, OFFICER), head(PLAN, "2026-03-13 09:00"))
    assert isinstance(events[0], FourPPlanApproved)
    assert started(events) == {"pl1-1": date(2026, 4, 10)}
    assert state.plan_review == date(2026, 4, 10)


def test_a_plan_needs_a_lead_officer_and_a_tier() -> None:
    refusal = refused(MODEL, group(*DESIGNATED), head(PLAN, "2026-03-13 09:00"))
    assert (refusal.code, labels(refusal)) == ("plan_gate", ["lro_not_appointed", "tier_not_assigned"])


@pytest.mark.parametrize(
    ("review", "missing"),
    [
        (date(2026, 3, 12), "plan_review_passed"),
        (date(2026, 6, 12), "plan_review_too_far"),
    ],
)
def test_a_plans_review_lies_ahead_and_not_too_far(review: date, missing: str) -> None:
    plan = PLAN.model_copy(update={"review": review})
    refusal = refused(MODEL, group(*DESIGNATED, TIER, OFFICER), head(plan, "2026-03-13 09:00"))
    assert labels(refusal) == [missing]


@pytest.mark.parametrize("review", [date(2026, 3, 13), date(2026, 6, 11)])
def test_the_first_and_the_last_possible_review_dates_are_taken(review: date) -> None:
    plan = PLAN.model_copy(update={"review": review})
    assert events_of(MODEL, group(*DESIGNATED, TIER, OFFICER), head(plan, "2026-03-13 09:00"))


def test_the_next_plan_meets_the_review_of_the_one_before() -> None:
    after = PLAN.model_copy(update={"review": date(2026, 5, 8)})
    state, events = outcome_of(MODEL, group(*OVERSEEN), head(after, "2026-04-10 23:59"))
    assert (met(events), started(events)) == (["pl1-1"], {"pl1-2": date(2026, 5, 8)})
    assert breaches(events) == []
    events = events_of(MODEL, state, head(PLAN.model_copy(update={"review": date(2026, 6, 1)}), "2026-05-09 00:00"))
    assert breaches(events) == ["pl1-2"]


def test_a_review_meets_its_clock_and_starts_the_next() -> None:
    state, events = outcome_of(MODEL, group(*OVERSEEN), head(Review(findings="unchanged"), "2026-04-09 09:00"))
    assert isinstance(events[0], GroupReviewed)
    assert (met(events), started(events)) == (["dg3-1"], {"dg3-2": date(2026, 7, 8)})
    earlier = head(Review(findings="unchanged"), "2026-04-01 09:00")
    assert [event.type for event in events_of(MODEL, state, earlier)] == ["group_reviewed.v1"]


def test_a_review_before_there_is_a_tier_starts_no_clock() -> None:
    events = events_of(MODEL, group(*DESIGNATED), head(Review(findings="unchanged"), "2026-03-12 09:00"))
    assert [event.type for event in events] == ["group_reviewed.v1"]


def test_a_group_that_is_designated_no_longer_is_not_overseen() -> None:
    undone = group(*OVERSEEN, proposal("not_met", "2026-03-20 09:00"))
    state, events = outcome_of(MODEL, undone, approval("2026-03-20 10:00"))
    assert [event.clock_id for event in events if isinstance(event, ClockStopped)] == ["dg3-1", "pl1-1"]
    assert (state.tier, state.lead_officer, state.plan_review) == (None, None, None)
