from datetime import date

import pytest

from nom.contracts.clocks import BreachWithdrawn, ClockMet, ClockStarted, ClockStopped
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
from nom.workflows.model.designation_state import DesignationState
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
from tests.workflows.model.kit import breaches, events_of, labels, london, outcome_of, refused


def started(events: tuple[EventBase, ...]) -> dict[str, date | None]:
    return {event.clock_id: event.last_day for event in events if isinstance(event, ClockStarted)}


def met(events: tuple[EventBase, ...]) -> list[str]:
    return [event.clock_id for event in events if isinstance(event, ClockMet)]


def statuses(state: DesignationState) -> dict[str, str]:
    return {clock.id: clock.status.value for clock in state.clocks}


def test_the_tier_of_the_first_scenario_starts_the_review_clock_and_tells_the_case() -> None:
    state, events = outcome_of(MODEL, group(*DESIGNATED), TIER)
    assert events[0] == TierAssigned(tier="region", assigned_at=TIER.occurred_at)
    assert started(events) == {"dg3-1": date(2026, 6, 9)}
    assert [event.to for event in events if isinstance(event, HandOffMade)] == ["gmp/26-7k3f9q/case"]
    assert (state.status, state.tier, len(state.members)) == ("designated", "region", 3)


def test_a_tier_assigned_days_later_is_reviewed_as_from_the_designation() -> None:
    events = events_of(MODEL, group(*DESIGNATED), head(AssignTier(tier="region"), "2026-03-20 09:00"))
    assert started(events) == {"dg3-1": date(2026, 6, 9)}


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
    assert events == (LroAppointed(officer="officer-lro-1", previous=None, appointed_at=OFFICER.occurred_at),)
    assert refused(MODEL, state, OFFICER).code == "already_appointed"
    second = head(AppointLro(officer="officer-lro-2"), "2026-04-01 09:00")
    state, events = outcome_of(MODEL, state, second)
    follows = LroAppointed(officer="officer-lro-2", previous="officer-lro-1", appointed_at=second.occurred_at)
    assert events[0] == follows
    assert breaches(events[1:]) == ["dg5-1"]
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


def test_a_designated_group_has_five_working_days_for_its_lead_and_first_plan() -> None:
    designated = group(*DESIGNATED)
    assert [clock.last_day for clock in designated.clocks if clock.rule == "DG5"] == [date(2026, 3, 18)]
    appointed = group(*DESIGNATED, TIER, OFFICER)
    assert statuses(appointed)["dg5-1"] == "running"
    assert met(events_of(MODEL, appointed, head(PLAN, "2026-03-18 23:59"))) == ["dg5-1"]
    late = events_of(MODEL, appointed, head(PLAN, "2026-03-19 00:00"))
    assert (met(late), breaches(late)) == (["dg5-1"], ["dg5-1"])


def test_a_first_plan_that_was_in_time_and_is_typed_in_after_a_later_one_withdraws_the_breach() -> None:
    late = group(*DESIGNATED, TIER, OFFICER, head(PLAN, "2026-03-20 09:00"))
    assert statuses(late)["dg5-1"] == "met_late"
    earlier = head(PLAN.model_copy(update={"review": date(2026, 3, 20)}), "2026-03-13 09:00")
    state, events = outcome_of(MODEL, late, earlier)
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["dg5-1"]
    assert statuses(state)["dg5-1"] == "met"


def test_a_designated_group_that_is_decided_again_is_not_given_more_time_and_another_outcome_ends_it() -> None:
    again = group(*DESIGNATED, proposal(at="2026-03-12 09:00"), approval("2026-03-13 09:00"))
    assert [clock.id for clock in again.clocks if clock.rule == "DG5"] == ["dg5-1"]
    assert statuses(again)["dg5-1"] == "running"
    planned = outcome_of(MODEL, group(*DESIGNATED, TIER, OFFICER), proposal(at="2026-03-12 09:00"))[0]
    planned = outcome_of(MODEL, planned, approval("2026-03-13 08:00"))[0]
    assert met(events_of(MODEL, planned, head(PLAN, "2026-03-13 09:00"))) == ["dg5-1"]
    other = group(*DESIGNATED, proposal("vulnerability", "2026-03-12 09:00"), approval("2026-03-13 09:00"))
    assert statuses(other)["dg5-1"] == "stopped"


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
    assert state.reviewed_at == london("2026-04-09 09:00")


def test_a_review_typed_in_after_a_later_one_undoes_the_breach_and_leaves_the_next_due_where_it_was() -> None:
    late = group(*OVERSEEN, head(Review(findings="unchanged"), "2026-06-10 09:00"))
    assert statuses(late)["dg3-1"] == "met_late"
    state, events = outcome_of(MODEL, late, head(Review(findings="unchanged"), "2026-04-01 09:00"))
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["dg3-1"]
    assert (statuses(state)["dg3-1"], statuses(state)["dg3-2"]) == ("met", "running")
    assert (statuses(state)["dg3-3"], state.reviewed_at) == ("met", late.reviewed_at)


def test_a_review_typed_in_late_counts_on_to_the_one_after_it() -> None:
    late = group(*OVERSEEN, head(Review(findings="unchanged"), "2026-08-01 09:00"))
    state, events = outcome_of(MODEL, late, head(Review(findings="unchanged"), "2026-04-01 09:00"))
    assert started(events) == {"dg3-3": date(2026, 6, 30)}
    assert breaches(events) == ["dg3-3"]
    assert statuses(state)["dg3-3"] == "met_late"


def test_a_plan_typed_in_after_a_later_one_does_not_take_its_place() -> None:
    later = head(PLAN.model_copy(update={"review": date(2026, 5, 8)}), "2026-04-20 09:00")
    between = head(PLAN.model_copy(update={"review": date(2026, 4, 22)}), "2026-04-01 09:00")
    state = group(*OVERSEEN, later)
    assert (state.plan_review, statuses(state)["pl1-1"]) == (date(2026, 5, 8), "met_late")
    state, events = outcome_of(MODEL, state, between)
    assert (state.plan_review, started(events)) == (date(2026, 5, 8), {"pl1-3": date(2026, 4, 22)})
    assert [statuses(state)[f"pl1-{number}"] for number in (1, 2, 3)] == ["met", "running", "met"]


def test_a_plan_older_than_the_first_one_known_had_been_met_by_it() -> None:
    first = head(PLAN.model_copy(update={"review": date(2026, 3, 30)}), "2026-03-12 10:00")
    state = group(*OVERSEEN, first)
    assert (state.plan_review, statuses(state)["pl1-2"]) == (PLAN.review, "met")


def test_a_lead_officer_or_a_tier_typed_in_late_displaces_nobody_and_nothing() -> None:
    held = group(*OVERSEEN, head(AppointLro(officer="officer-lro-2"), "2026-04-01 09:00"))
    state, events = outcome_of(MODEL, held, head(AppointLro(officer="officer-lro-1"), "2026-03-20 09:00"))
    assert isinstance(events[0], LroAppointed)
    assert (events[0].previous, state.lead_officer) == (None, "officer-lro-2")
    moved = group(*OVERSEEN, head(AssignTier(tier="national"), "2026-04-20 09:00"))
    state, events = outcome_of(MODEL, moved, head(AssignTier(tier="force"), "2026-04-01 09:00"))
    assert [event.type for event in events] == ["tier_assigned.v2"]
    assert (state.tier, statuses(state)["dg3-top-1"]) == ("national", "running")


def test_a_review_of_the_top_tier_makes_the_next_due_28_days_later_and_of_another_90() -> None:
    national = group(*DESIGNATED, head(AssignTier(tier="national"), "2026-03-11 15:10"))
    events = events_of(MODEL, national, head(Review(findings="unchanged"), "2026-04-08 23:59"))
    assert (started(events), breaches(events)) == ({"dg3-top-2": date(2026, 5, 6)}, ["dg5-1"])
    a_day_late = events_of(MODEL, national, head(Review(findings="-"), "2026-04-09 00:00"))
    assert breaches(a_day_late) == ["dg3-top-1", "dg5-1"]
    events = events_of(MODEL, group(*OVERSEEN), head(Review(findings="unchanged"), "2026-06-09 23:59"))
    assert started(events) == {"dg3-2": date(2026, 9, 7)}


def test_a_review_before_there_is_a_tier_starts_no_clock() -> None:
    events = events_of(MODEL, group(*DESIGNATED), head(Review(findings="unchanged"), "2026-03-12 09:00"))
    assert [event.type for event in events] == ["group_reviewed.v1"]


def test_a_group_that_is_designated_no_longer_is_not_overseen() -> None:
    undone = group(*OVERSEEN, proposal("not_met", "2026-03-20 09:00"))
    state, events = outcome_of(MODEL, undone, approval("2026-03-20 10:00"))
    assert [event.clock_id for event in events if isinstance(event, ClockStopped)] == ["dg3-1", "pl1-1"]
    assert (state.tier, state.lead_officer, state.plan_review) == (None, None, None)
