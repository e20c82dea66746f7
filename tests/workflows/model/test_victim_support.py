"""Referring victims to support: in two working days from the report, whether or not the referral was routed by then."""

from nom.contracts.clocks import BreachWithdrawn
from nom.contracts.events import CommandBase
from nom.contracts.every_process import ClockRanOut
from nom.contracts.subjects import Allegation
from nom.contracts.victim_support import (
    RecordSupportDeclined,
    ReferToSupport,
    SupportDeclined,
    VictimReferredToSupport,
)
from nom.workflows.model.referral import MODEL
from nom.workflows.model.referral_record import ReferralState
from tests.workflows.model.kit import Request, breaches, events_of, given, outcome_of, refused
from tests.workflows.model.test_referral import RAPE, SEXUAL_ACTIVITY, STREAM, acknowledge, act, crime, receive, route

HUB = ReferToSupport(victim="child-1", service="the victims' hub")


def offered(command: CommandBase = HUB, at: str = "2026-03-04 23:59", role: str = "duty_officer") -> Request:
    return act(role, command, at)


def referral(*requests: Request) -> ReferralState:
    return given(MODEL, STREAM, receive(), *requests)


def status(state: ReferralState) -> list[str]:
    return [clock.status.value for clock in state.clocks if clock.rule == "VC4"]


def test_each_victim_has_one_time_however_many_allegations_there_are() -> None:
    state = given(MODEL, STREAM, receive(SEXUAL_ACTIVITY, RAPE))
    assert [(clock.id, clock.about) for clock in state.clocks if clock.rule == "VC4"] == [("vc4", "child-1")]


def test_a_victim_is_referred_in_time_after_the_referral_was_routed() -> None:
    routed = referral(acknowledge(), crime(), route())
    state, events = outcome_of(MODEL, routed, offered())
    assert events[0] == VictimReferredToSupport(victim="child-1", service="the victims' hub")
    assert (status(state), breaches(events)) == (["met"], [])


def test_a_victim_who_wants_no_referral_was_served() -> None:
    state, events = outcome_of(MODEL, referral(), offered(RecordSupportDeclined(victim="child-1")))
    assert events[0] == SupportDeclined(victim="child-1")
    assert status(state) == ["met"]
    again = events_of(MODEL, state, offered(at="2026-03-20 09:00"))
    assert isinstance(again[0], VictimReferredToSupport)
    assert "vc4" not in breaches(again)


def test_a_late_referral_is_made_all_the_same_and_one_in_time_that_is_typed_in_later_mends_it() -> None:
    late, events = outcome_of(MODEL, referral(), offered(at="2026-03-05 00:00"))
    assert "vc4" in breaches(events)
    assert status(late) == ["met_late"]
    state, events = outcome_of(MODEL, late, offered())
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["vc4"]
    assert status(state) == ["met"]


def test_the_time_runs_out_after_the_referral_was_routed_too() -> None:
    routed = referral(acknowledge(), crime(), route())
    clock = routed.clock("vc4")
    assert clock is not None
    ran_out = act("system", ClockRanOut(clock_id="vc4", due_at=clock.due_at), "2026-03-05 00:00")
    assert breaches(events_of(MODEL, routed, ran_out)) == ["vc4"]


def test_a_stranger_and_a_time_before_the_report_are_refused() -> None:
    assert refused(MODEL, referral(), offered(HUB.model_copy(update={"victim": "child-7"}))).code == "unknown_subject"
    suspect = HUB.model_copy(update={"victim": "suspect-1"})
    assert refused(MODEL, referral(), offered(suspect)).code == "unknown_subject"
    assert refused(MODEL, referral(), offered(at="2026-03-02 09:00")).code == "before_receipt"
    assert refused(MODEL, referral(), offered(role="case_administrator")).code == "role"


def test_without_an_allegation_there_is_no_victim_of_a_crime_to_time() -> None:
    received = receive()
    command = received.command.model_copy(update={"allegations": ()})
    state = given(MODEL, STREAM, received.model_copy(update={"command": command}))
    assert status(state) == []
    assert events_of(MODEL, state, offered())[0].type == "victim_referred_to_support.v1"


def test_the_victim_of_an_allegation_may_be_any_reference() -> None:
    received = receive(Allegation(victim="suspect-1", offence="SX03025"))
    state = given(MODEL, STREAM, received, offered(HUB.model_copy(update={"victim": "suspect-1"})))
    assert status(state) == ["met"]
