import pytest

from nom.contracts.actors import Agency
from nom.contracts.closure import RequestReview, ReviewOffered
from nom.contracts.every_process import HandOffMade
from tests.workflows.model import kit
from tests.workflows.model.closure_acts import (
    APPROVED,
    ASKED,
    CLEARED,
    CLOSURE,
    PROPOSED,
    REVIEWED,
    TOLD,
    approve,
    ask_review,
    assign,
    closure_of,
    decide,
    due,
    matter,
    notify,
    offer,
    status,
)
from tests.workflows.model.kit import Request


def test_a_request_is_acknowledged_by_naming_a_reviewer_and_completed_by_the_decision() -> None:
    held = matter(*ASKED)
    state = closure_of(held)
    assert [due(state, clock) for clock in ("vr1-1", "vr1-acknowledge-1", "vr1-complete-1")] == [
        "2026-11-28",
        "2026-09-23",
        "2026-10-21",
    ]
    assert [status(state, clock) for clock in ("vr1-1", "vr1-2", "vr1-acknowledge-1")] == ["met", "running", "running"]
    held.give(assign())
    assert status(closure_of(held), "vr1-acknowledge-1") == "met"
    held.give(decide("upheld"))
    assert status(closure_of(held), "vr1-complete-1") == "met"
    assert closure_of(held).is_open, "the other victim may still ask"


def test_a_reviewer_named_late_and_a_late_decision_are_breaches_and_still_happen() -> None:
    held = matter(*ASKED)
    assert kit.breaches(held.give(assign(at="2026-09-24 00:00"))) == ["vr1-acknowledge-1"]
    events = held.give(decide("upheld", "2026-10-22 00:00"))
    assert kit.breaches(events) == ["vr1-complete-1"]
    assert status(closure_of(held), "vr1-complete-1") == "met_late"


def test_a_second_victim_joins_the_review_and_one_decision_answers_both() -> None:
    held = matter(*REVIEWED, ask_review("2026-09-15 09:00", "child-2"))
    assert status(closure_of(held), "vr1-acknowledge-2") == "running"
    held.give(assign(at="2026-09-16 09:00"))
    assert status(closure_of(held), "vr1-acknowledge-2") == "met"
    held.give(decide("upheld"))
    assert closure_of(held).waiting_requests() == ()
    assert closure_of(held).outcome == "closed"


def test_whoever_reviewed_once_does_not_review_again() -> None:
    held = matter(*REVIEWED, decide("upheld"), ask_review("2026-10-20 09:00", "child-2"))
    assert held.refusal(assign("officer-9", "2026-10-21 09:00"))[0] == "took_part"
    assert held.refusal(decide("upheld", "2026-10-22 09:00"))[0] == "reviewer_not_assigned"
    held.give_all(assign("officer-8", "2026-10-21 09:00"), decide("overturned", "2026-10-22 09:00", "officer-8"))
    assert closure_of(held).outcome == "overturned"


def test_a_request_typed_in_before_the_notice_starts_no_window_that_nobody_can_use() -> None:
    held = matter(*APPROVED, ask_review("2026-08-28 12:00"), notify(), offer())
    assert status(closure_of(held), "vr1-1") == "met"
    assert status(closure_of(held), "vr1-2") == "running"


@pytest.mark.parametrize(("day", "scheme"), [("2013-06-04", "CSARP"), ("2013-06-05", "VRR")])
def test_the_day_of_the_decision_in_london_leads_to_the_scheme(day: str, scheme: str) -> None:
    held = matter(*CLEARED)
    old = closure_of(held).model_copy(update={"proposed_at": None, "clear_since": None})
    held.states = {**held.states, CLOSURE: old}
    # Half past eleven at night in summer: the same day in London, and in Coordinated Universal Time still.
    held.give(approve(f"{day} 23:30"))
    held.give(notify("2013-06-06 10:00"))
    offered = [event for event in held.give(offer("2013-06-06 10:00")) if isinstance(event, ReviewOffered)]
    assert [event.scheme for event in offered] == [scheme]


@pytest.mark.parametrize(
    ("before", "asked", "refusal"),
    [
        (PROPOSED, notify(), "not_approved not_approved"),
        (PROPOSED, offer(), "not_approved not_approved"),
        (PROPOSED, assign(), "no_request"),
        (PROPOSED, decide("upheld"), "no_request"),
        (APPROVED, notify(of="bail"), "not_told_here"),
        (APPROVED, notify("2026-08-27 14:00"), "before_decision before_decision"),
        (APPROVED, notify("2026-08-28 10:00", "victim-9"), "unknown_subject unknown_subject:victim-9"),
        (APPROVED, offer(), "victim_not_told victim_not_told:child-1 victim_not_told:child-2"),
        (APPROVED, offer("2026-08-28 10:00", "child-2"), "victim_not_told victim_not_told:child-2"),
        (TOLD, notify("2026-08-29 10:00"), "nothing_to_tell"),
        (TOLD, offer("2026-08-29 10:00"), "nothing_to_offer"),
        (TOLD, ask_review(victim="suspect-1"), "unknown_subject unknown_subject:suspect-1"),
        (TOLD, ask_review("2026-08-27 09:00"), "before_decision before_decision"),
        (TOLD, ask_review("2026-11-29 00:00"), "window_over window_over:child-1"),
        (TOLD, assign(), "no_request"),
        (ASKED, ask_review("2026-09-10 09:00"), "already_requested"),
        (ASKED, assign(at="2026-09-08 09:00"), "before_request before_request"),
        (ASKED, decide("upheld"), "reviewer_not_assigned reviewer_not_assigned"),
        (REVIEWED, decide("upheld", "2026-09-10 09:00"), "before_assignment before_assignment"),
    ],
)  # fmt: skip
def test_what_follows_an_approval_happens_in_its_order(
    before: tuple[Request, ...], asked: Request, refusal: str
) -> None:
    code, unmet = matter(*before).refusal(asked)
    assert " ".join((code, *unmet)) == refusal


def test_a_victim_may_ask_until_the_end_of_the_last_day_of_the_window() -> None:
    held = matter(*TOLD)
    held.give(ask_review("2026-11-28 23:59"))
    assert closure_of(held).is_open


@pytest.mark.parametrize(
    ("role", "agency"),
    [("survivor", Agency.PUBLIC), ("victims_advocate", Agency.VOLUNTARY), ("review_team", Agency.POLICE)],
)
def test_the_victim_the_adviser_and_the_team_that_reads_the_letter_may_ask(role: str, agency: Agency) -> None:
    command = RequestReview(victim="child-1")
    matter(*TOLD).give(kit.request(CLOSURE, role, command, "2026-09-09 09:00", agency=agency))


def test_an_overturned_decision_is_told_before_the_investigation_is_reopened() -> None:
    events = matter(*REVIEWED).give(decide("overturned"))
    handed = [event.command for event in events if isinstance(event, HandOffMade)]
    assert handed == ["RecordStageOutcome", "ReopenInvestigation"]


def test_a_notice_in_time_that_is_typed_in_after_a_late_one_takes_the_breach_back() -> None:
    late = (*APPROVED, notify("2026-09-02 10:00"), offer("2026-09-02 10:00"))
    state = closure_of(matter(*late))
    assert {status(state, name) for name in ("vc3-1", "vc3-2", "vc3-offer-1", "vc3-offer-2")} == {"met_late"}
    everybody = ("child-1", "child-2")
    state = closure_of(matter(*late, notify("2026-08-28 10:00", *everybody), offer("2026-08-28 10:00", *everybody)))
    assert {status(state, name) for name in ("vc3-1", "vc3-2", "vc3-offer-1", "vc3-offer-2")} == {"met"}
