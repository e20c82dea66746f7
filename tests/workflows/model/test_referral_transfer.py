"""A referral that is another force's business is routed once that force has accepted; and reports under the duty."""

from datetime import date

import pytest

from nom.contracts.clocks import ClockMet, ClockStarted, DeadlineBreached
from nom.contracts.crime import RecordCrime
from nom.contracts.events import CommandBase
from nom.contracts.every_process import Opening
from nom.contracts.ids import StreamId
from nom.contracts.policy.loader import pack_for
from nom.contracts.referral import (
    Acknowledge,
    ReceiveReferral,
    ReferralTransferRefused,
    ReferralTransferRequested,
    Route,
    Source,
)
from nom.contracts.transfer import RefuseTransfer
from nom.workflows.model.referral import MODEL
from nom.workflows.model.referral_record import ReferralState
from tests.workflows.model.kit import FACTS, OPENING, Request, breaches, events_of, facts_of, london, refused, request
from tests.workflows.model.test_referral import CHILD, SEXUAL_ACTIVITY, SUSPECT
from tests.workflows.model.two_forces import CASE, REFERRAL, TwoForces, accepts, declines, goes_on, opening_in, there

WHY = "the child lives in Merseyside"


def by(role: str, command: CommandBase, at: str, stream: StreamId = REFERRAL, reason: str | None = None) -> Request:
    return request(stream, role, command, at, reason=reason)


def received(opening: Opening | None = None) -> Request:
    command = ReceiveReferral(
        opening=opening or opening_in("NWP"),
        source="education",
        subjects=(CHILD, SUSPECT),
        allegations=(SEXUAL_ACTIVITY,),
    )
    return by("education_safeguarding_lead", command, "2026-07-27 09:20")


ACKNOWLEDGED = by("duty_officer", Acknowledge(), "2026-07-27 10:00")
RECORDED = by("force_crime_registrar", RecordCrime(victim="child-1", offence="SX03025"), "2026-07-27 10:30")


def routes(
    force: str | None = "MER", at: str = "2026-07-27 11:00", reason: str | None = WHY, under: Opening | None = None
) -> Request:
    opening = under or (opening_in(force) if force else None)
    return by("duty_officer", Route(to="transfer", force=force, opening=opening), at, reason=reason)


def matter(*requests: Request) -> TwoForces:
    held = TwoForces()
    held.give_all(received(), ACKNOWLEDGED, RECORDED, *requests)
    return held


def referral(held: TwoForces, stream: StreamId = REFERRAL) -> ReferralState:
    state = held.state(stream)
    assert isinstance(state, ReferralState)
    return state


def test_the_whole_matter_is_offered_and_the_referral_waits_with_its_clock_running() -> None:
    held = matter(routes())
    assert referral(held).transfer_to == "MER"
    assert referral(held).outcome is None
    assert [clock.status.value for clock in referral(held).clocks if clock.id == "wt1"] == ["running"]
    pending = held.case().transfer
    assert pending is not None
    assert (pending.to, pending.referral) == ("MER", REFERRAL)
    assert held.refused_hand_offs == []


def test_an_accepted_referral_ends_here_and_is_routed_there_within_the_time_that_it_had_here() -> None:
    held = matter(routes(), accepts(at="2026-07-27 14:00"))
    assert referral(held).outcome == "transferred"
    there_now = referral(held, goes_on(REFERRAL))
    assert (there_now.outcome, there_now.transfer_to) == (None, None)
    assert there_now.acknowledged_at == referral(held).acknowledged_at
    due = [clock.due_at for clock in there_now.clocks if clock.id == "wt1"]
    assert due == [clock.due_at for clock in referral(held).clocks if clock.id == "wt1"]
    events = held.give(by("duty_officer", Route(to="triage"), "2026-07-28 10:00", goes_on(REFERRAL)))
    assert [event.late for event in events if isinstance(event, ClockMet)] == [False]
    assert referral(held, goes_on(REFERRAL)).outcome == "triage"
    assert [stage.stream for stage in held.case(there()).stages] == [goes_on(REFERRAL), f"{there()}/triage-1"]
    assert held.refused_hand_offs == []
    assert held.code(by("duty_officer", Route(to="triage"), "2026-07-28 10:00")) == "transferred"


def test_a_receiver_that_answers_late_does_not_excuse_the_decision_that_is_owed() -> None:
    held = matter(routes(), accepts(at="2026-07-30 14:00"))
    events = held.give(by("duty_officer", Route(to="triage"), "2026-07-30 15:00", goes_on(REFERRAL)))
    assert breaches(events) == ["wt1", "vc4"]


def test_a_refused_referral_is_still_to_be_routed() -> None:
    held = matter(routes(), declines(at="2026-07-27 14:00"))
    told = [event for _, _, events in held.steps for event in events if isinstance(event, ReferralTransferRefused)]
    assert [event.in_words() for event in told] == [f"MER does not take the referral: {_words_of_refusal()}"]
    assert referral(held).transfer_to is None
    held.give(by("duty_officer", Route(to="triage"), "2026-07-28 10:00"))
    assert referral(held).outcome == "triage"


def _words_of_refusal() -> str:
    return declines().reason or ""


def test_routing_waits_for_the_answer_and_says_for_whose() -> None:
    held = matter(routes())
    assert held.refusal(by("duty_officer", Route(to="triage"), "2026-07-27 12:00")) == (
        "referral_gate",
        ["transfer_not_accepted:MER"],
    )
    assert held.refusal(routes("GMP", "2026-07-27 12:00"))[1] == ["transfer_not_accepted:MER"]


def test_a_transfer_passes_the_gate_of_the_referral_first() -> None:
    held = TwoForces()
    held.give(received())
    assert held.refusal(routes()) == ("referral_gate", ["not_acknowledged", "crime_not_recorded:child-1"])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (routes(None), "force_missing"),
        (routes(reason=None), "reason_missing"),
        (by("system", RefuseTransfer(case=there()), "2026-07-27 12:00", reason=WHY), "no_transfer"),
    ],
)
def test_a_transfer_of_a_referral_names_the_force_and_the_reason(asked: Request, code: str) -> None:
    assert matter().code(asked) == code


def test_only_the_force_that_was_asked_refuses() -> None:
    person = by("detective_superintendent", RefuseTransfer(case=there()), "2026-07-27 12:00", reason=WHY)
    assert matter(routes()).code(person) == "not_the_receiver"


def test_a_force_that_the_case_can_t_ask_leaves_the_referral_to_be_routed() -> None:
    held = matter(routes("NWP"))
    assert held.refused_hand_offs == [("RequestTransfer", "own_force")]
    assert referral(held).transfer_to is None
    (first, second) = [
        event
        for _, _, events in held.steps
        for event in events
        if isinstance(event, ReferralTransferRequested | ReferralTransferRefused)
    ]
    assert isinstance(first, ReferralTransferRequested)
    assert isinstance(second, ReferralTransferRefused)
    assert CASE.startswith("nwp")


def reported(aware: str | None, source: Source = "mandated_reporter", opening: Opening = OPENING) -> Request:
    command = ReceiveReferral(
        opening=opening, source=source, subjects=(CHILD,), aware_at=None if aware is None else london(aware)
    )
    return request("gmp/26-test/referral-1", "mandated_reporter", command, "2026-03-10 09:00")


def judged(asked: Request) -> list[str]:
    """What became of MR1, and the day by which the report was due."""
    events = events_of(MODEL, MODEL.blank("gmp/26-test/referral-1"), asked, FACTS)
    started = [event.due for event in events if isinstance(event, ClockStarted) and event.rule == "MR1"]
    late = ["late" for event in events if isinstance(event, DeadlineBreached) and event.rule == "MR1"]
    met = [f"met {event.late}" for event in events if isinstance(event, ClockMet) and event.rule == "MR1"]
    return [*started, *late, *met]


def test_a_report_under_the_duty_is_due_seven_days_after_the_awareness() -> None:
    assert judged(reported("2026-03-03 15:00")) == ["end of 2026-03-10", "met False"]
    assert judged(reported("2026-03-02 15:00")) == ["end of 2026-03-09", "late", "met True"]
    assert judged(reported(None)) == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (reported("2026-03-03 15:00", "education"), "not_a_mandated_reporter"),
        (reported("2026-03-10 09:01"), "aware_after_report"),
    ],
)
def test_awareness_counts_for_a_reporter_under_the_duty_and_comes_before_the_report(asked: Request, code: str) -> None:
    assert refused(MODEL, MODEL.blank(asked.stream), asked).code == code


def test_the_duty_is_england_s() -> None:
    pack = pack_for("WAL", "police", date(2026, 5, 5))
    opening = Opening.model_validate({"jurisdiction": "WAL", "policy": pack.ref()})
    asked = reported("2026-03-02 15:00", opening=opening)
    events = events_of(MODEL, MODEL.blank(asked.stream), asked, facts_of(pack))
    assert not [event for event in events if isinstance(event, ClockStarted) and event.rule == "MR1"]
