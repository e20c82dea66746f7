"""The referral: acknowledged and decided in a working day, every allegation a crime or an N100 within a day."""

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from nom.contracts.clocks import BreachWithdrawn, ClockMet, ClockStarted
from nom.contracts.crime import CrimeRecorded, RecordCrime, RecordN100
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase
from nom.contracts.every_process import HandOffMade, MarkUpToDate, RecordNote
from nom.contracts.identity import LinkIdentity, RecordConsistentIdentifier
from nom.contracts.referral import Acknowledge, ReceiveReferral, ReferralReceived, Route
from nom.contracts.subjects import Allegation, Subject
from nom.contracts.transfer import RefuseTransfer
from nom.contracts.victim_support import RecordSupportDeclined, ReferToSupport
from nom.workflows.model.referral import MODEL, ReferralState
from tests.workflows.model.kit import (
    FACTS,
    OPENING,
    Request,
    breaches,
    events_of,
    given,
    labels,
    outcome_of,
    refused,
    request,
    survives_json,
)

STREAM = "gmp/26-test/referral-1"
CHILD = Subject(id="child-1", age=14, in_care=True)
SUSPECT = Subject(id="suspect-1")
SEXUAL_ACTIVITY = Allegation(victim="child-1", offence="SX03025")
RAPE = Allegation(victim="child-1", offence="SX03001")


def receive(*allegations: Allegation, at: str = "2026-03-02 09:20") -> Request:
    command = ReceiveReferral(
        opening=OPENING.model_copy(update={"brought_in": True}),
        source="education",
        subjects=(CHILD, SUSPECT),
        allegations=allegations or (SEXUAL_ACTIVITY,),
    )
    return request(STREAM, "education_safeguarding_lead", command, at, entered="2026-11-24 09:00")


def act(role: str, command: CommandBase, at: str, reason: str | None = None) -> Request:
    return request(STREAM, role, command, at, entered="2026-11-24 09:00", reason=reason)


def acknowledge(at: str = "2026-03-02 11:05") -> Request:
    return act("duty_officer", Acknowledge(), at)


def crime(offence: str = "SX03025", at: str = "2026-03-02 15:40") -> Request:
    return act("force_crime_registrar", RecordCrime(victim="child-1", offence=offence), at)


def route(at: str = "2026-03-02 16:00") -> Request:
    return act("duty_officer", Route(to="triage"), at)


def due_days(events: tuple[object, ...]) -> dict[str, str]:
    return {event.clock_id: event.due for event in events if isinstance(event, ClockStarted)}


def test_a_referral_starts_the_clocks_of_acknowledgement_and_of_crime_recording() -> None:
    events = events_of(MODEL, MODEL.blank(STREAM), receive())
    assert due_days(events) == {"wt1": "end of 2026-03-03", "cr1": "2026-03-03 09:20 GMT", "vc4": "end of 2026-03-04"}


def test_a_referral_before_good_friday_is_due_after_easter_monday_while_hours_run_on() -> None:
    events = events_of(MODEL, MODEL.blank(STREAM), receive(at="2026-04-02 16:10"))
    assert due_days(events) == {"wt1": "end of 2026-04-07", "cr1": "2026-04-03 16:10 BST", "vc4": "end of 2026-04-08"}


def test_a_referral_opens_the_case_through_a_hand_off() -> None:
    events = events_of(MODEL, MODEL.blank(STREAM), receive())
    hand_off = next(event.hand_off for event in events if isinstance(event, HandOffMade))
    assert (hand_off.to, hand_off.command, hand_off.opens) == ("gmp/26-test/case", "OpenCase", True)


def test_a_referral_worked_in_time_has_no_breach_and_ends_in_triage() -> None:
    state = given(MODEL, STREAM, receive(), acknowledge(), crime(), route())
    assert state.outcome == "triage"
    assert not any(clock.is_late for clock in state.clocks)
    assert [clock.id for clock in state.clocks if clock.is_open] == ["vc4"]
    assert survives_json(state)


def test_work_done_late_is_recorded_with_its_breach_and_never_refused() -> None:
    state = given(MODEL, STREAM, receive(at="2026-04-02 16:10"))
    state, events = outcome_of(MODEL, state, crime(at="2026-04-04 10:00"))
    assert breaches(events) == ["cr1"]
    state, events = outcome_of(MODEL, state, acknowledge("2026-04-08 09:00"))
    assert breaches(events) == ["wt1"]
    state, events = outcome_of(MODEL, state, route("2026-04-08 09:10"))
    assert breaches(events) == []
    assert {clock.id for clock in state.clocks if clock.is_late} == {"wt1", "cr1"}


def test_an_act_done_in_time_and_typed_in_late_withdraws_the_breach() -> None:
    state = given(MODEL, STREAM, receive(), acknowledge("2026-03-04 10:00"))
    assert {clock.id for clock in state.clocks if clock.is_late} == {"wt1", "cr1"}
    events = events_of(MODEL, state, crime(at="2026-03-02 15:40"))
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["cr1"]


def test_the_later_of_acknowledging_and_deciding_meets_the_clock_in_whatever_order_they_are_typed() -> None:
    state = given(MODEL, STREAM, receive(), crime(), acknowledge("2026-03-05 10:00"))
    events = events_of(MODEL, state, route("2026-03-03 10:00"))
    met = next(event for event in events if isinstance(event, ClockMet))
    assert met.late
    assert not any(isinstance(event, BreachWithdrawn) for event in events)


def test_each_allegation_has_its_own_day_and_one_recorded_in_time_does_not_excuse_another() -> None:
    state = given(MODEL, STREAM, receive(SEXUAL_ACTIVITY, RAPE), crime("SX03025", "2026-03-03 15:20"))
    assert {clock.id for clock in state.clocks if clock.is_late} == {"cr1", "cr1-2"}
    state, events = outcome_of(MODEL, state, crime("SX03001", "2026-03-02 19:20"))
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["cr1-2"]
    assert {clock.id for clock in state.clocks if clock.is_late} == {"cr1"}


def test_a_report_of_rape_not_confirmed_needs_a_reason_and_stands_for_the_crime() -> None:
    state = given(MODEL, STREAM, receive(RAPE), acknowledge())
    n100 = RecordN100(victim="child-1", offence="SX03001")
    assert refused(MODEL, state, act("force_crime_registrar", n100, "2026-03-02 15:00")).code == "reason_missing"
    state, _ = outcome_of(
        MODEL,
        state,
        act("force_crime_registrar", n100, "2026-03-02 15:00", "verifiable information that it did not happen"),
    )
    assert outcome_of(MODEL, state, route())[0].outcome == "triage"


def test_routing_names_everything_that_is_missing() -> None:
    refusal = refused(MODEL, given(MODEL, STREAM, receive(SEXUAL_ACTIVITY, RAPE)), route())
    assert refusal.code == "referral_gate"
    assert labels(refusal) == ["not_acknowledged", "crime_not_recorded:child-1", "crime_not_recorded:child-1"]


def test_an_offence_that_does_not_fit_the_age_is_a_warning_and_not_a_refusal() -> None:
    events = events_of(MODEL, MODEL.blank(STREAM), receive(Allegation(victim="child-1", offence="SX03017")))
    received = next(event for event in events if isinstance(event, ReferralReceived))
    assert len(received.warnings) == 1
    state = given(MODEL, STREAM, receive())
    recorded = next(event for event in events_of(MODEL, state, crime("SX03017")) if isinstance(event, CrimeRecorded))
    assert recorded.warnings


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (acknowledge("2026-03-02 09:19"), "before_receipt"),
        (crime("SX99999"), "unknown_code"),
        (act("duty_officer", RecordCrime(victim="child-1", offence="SX03025"), "2026-03-02 12:00"), "role"),
        (
            act("force_crime_registrar", RecordCrime(victim="child-2", offence="SX03025"), "2026-03-02 12:00"),
            "unknown_subject",
        ),
        (acknowledge("2026-11-24 09:30"), "occurred_in_future"),
        (receive(), "already_open"),
    ],
)
def test_bad_input_is_refused_with_a_stable_code(asked: Request, code: str) -> None:
    assert refused(MODEL, given(MODEL, STREAM, receive()), asked).code == code


def test_doing_a_thing_twice_is_refused() -> None:
    state = given(MODEL, STREAM, receive(), acknowledge(), crime())
    assert refused(MODEL, state, acknowledge("2026-03-02 12:00")).code == "already_acknowledged"
    assert refused(MODEL, state, crime(at="2026-03-02 16:00")).code == "already_recorded"


def test_a_referral_with_an_unknown_offence_or_a_stranger_as_victim_opens_nothing() -> None:
    blank = MODEL.blank(STREAM)
    assert refused(MODEL, blank, receive(Allegation(victim="child-1", offence="SX99999"))).code == "unknown_code"
    assert refused(MODEL, blank, receive(Allegation(victim="child-7", offence="SX03025"))).code == "unknown_subject"
    assert refused(MODEL, blank, acknowledge()).code == "process_not_open"


def test_a_matter_older_than_the_calendar_is_refused_and_not_a_failure() -> None:
    refusal = refused(MODEL, MODEL.blank(STREAM), receive(at="1999-03-02 09:20"))
    assert refusal.code == "outside_calendar"


def test_a_note_years_later_says_nothing_about_time_on_a_matter_being_brought_in() -> None:
    note = act("duty_officer", RecordNote(text="from the paper file", basis="fact"), "2026-11-24 08:00")
    assert breaches(events_of(MODEL, given(MODEL, STREAM, receive()), note)) == []


def test_marking_up_to_date_judges_every_open_clock_at_once() -> None:
    up_to_date = act("case_administrator", MarkUpToDate(), "2026-11-24 08:59")
    state, events = outcome_of(MODEL, given(MODEL, STREAM, receive()), up_to_date)
    assert breaches(events) == ["wt1", "cr1", "vc4"]
    assert not state.brought_in


TRANSFER = Route(to="transfer", force="MER", opening=OPENING)
COMMANDS: tuple[tuple[str, CommandBase, str | None], ...] = (
    ("duty_officer", TRANSFER, "the child lives in Merseyside"),
    ("system", RefuseTransfer(case="mer/from-gmp-1"), "no link to Merseyside"),
    ("duty_officer", LinkIdentity(subject="child-1", same_as="child-7", basis="identifier"), "one NHS number"),
    (
        "duty_officer",
        RecordConsistentIdentifier(subject="child-1", kind="nhs_number", entry="entry-1", checked=True),
        None,
    ),
    ("duty_officer", ReferToSupport(victim="child-1", service="the victims' hub"), None),
    ("duty_officer", RecordSupportDeclined(victim="child-1"), None),
    ("duty_officer", Acknowledge(), None),
    ("duty_officer", Route(to="triage"), None),
    ("duty_officer", Route(to="signpost"), None),
    ("force_crime_registrar", RecordCrime(victim="child-1", offence="SX03025"), None),
    ("force_crime_registrar", RecordCrime(victim="child-1", offence="SX03001"), None),
    ("force_crime_registrar", RecordN100(victim="child-1", offence="SX03001"), "not confirmed"),
    ("triage_sergeant", Acknowledge(), None),
    ("duty_officer", RecordNote(text="noted", basis="opinion"), None),
    ("case_administrator", MarkUpToDate(), None),
)
steps = st.lists(st.tuples(st.sampled_from(COMMANDS), st.integers(0, 9), st.integers(0, 23)), min_size=1, max_size=12)


@hypothesis_given(steps)
def test_no_sequence_of_commands_breaks_an_invariant(
    sequence: list[tuple[tuple[str, CommandBase, str | None], int, int]],
) -> None:
    state: ReferralState = given(MODEL, STREAM, receive(SEXUAL_ACTIVITY, RAPE))
    served = False
    for (role, command, reason), day, hour in sequence:
        asked = act(role, command, f"2026-03-{2 + day:02d} {hour:02d}:30", reason)
        if isinstance(MODEL.decide(state, asked, FACTS), Refusal):
            continue
        state, events = outcome_of(MODEL, state, asked)
        # Invariants 1 and 2: late is always an open or a standing breach, never silence.
        for event in events:
            if isinstance(event, ClockMet) and event.late:
                assert state.clock(event.clock_id) is not None
                assert any(clock.id == event.clock_id and clock.is_late for clock in state.clocks)
        assert (state.transfer_to is None) or state.outcome is None
        if state.outcome is not None:
            assert state.acknowledged_at is not None
            assert not state.unrecorded()
            assert not any(clock.is_open and clock.rule != "VC4" for clock in state.clocks)
        served = served or isinstance(command, ReferToSupport | RecordSupportDeclined)
        assert [clock.is_open for clock in state.clocks if clock.rule == "VC4"] == [not served]
    assert survives_json(state)
