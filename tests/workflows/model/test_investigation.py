import pytest

from nom.contracts.characteristics import RecordEthnicity, RecordNationality, SelfDefinedEthnicity
from nom.contracts.crime import CrimeRecorded, RecordCrime
from nom.contracts.events import CommandBase
from nom.contracts.every_process import HandOffMade, StageEnded
from nom.contracts.investigation import (
    AppointSio,
    CaseHandedOver,
    Conclude,
    HandOver,
    InvestigationOpened,
    SioAppointed,
    SupervisorReviewRecorded,
    SuspectConcluded,
)
from nom.contracts.stages import RecordStageOutcome
from nom.contracts.standing import ReopenInvestigation
from nom.workflows.model.conclusion import investigation_gate
from tests.workflows.model.inquiry_acts import (
    ACCOUNT,
    APPOINTED,
    CLOSED,
    COMPLETE,
    INTERVIEWED,
    MODEL,
    NO_ETHNICITY,
    NO_NATIONALITY,
    OPENED,
    REVIEWED,
    STREAM,
    concluded,
    due,
    events_of,
    happened,
    inquiry,
    opening,
    refusal_of,
    sio,
    status,
    superintendent,
    supervisor,
    told,
)
from tests.workflows.model.kit import FACTS, breaches, refused, request, survives_json


def test_the_case_opens_the_investigation_and_a_supervisor_reviews_it_within_four_weeks() -> None:
    opened, began, clock = events_of(MODEL.blank(STREAM), opening())
    assert opened.type == "process_opened.v1"
    assert isinstance(began, InvestigationOpened)
    assert began.in_words() == "Investigation opened about child-1, suspect-1, suspect-2"
    assert clock.in_words() == "Clock SR1 started: due end of 2026-03-30"


def test_only_the_case_opens_an_investigation() -> None:
    by_a_person = opening().model_copy(update={"actor": APPOINTED.actor})
    assert refusal_of(MODEL.blank(STREAM), by_a_person)[0] == "role"


def test_one_officer_leads_and_then_hands_over() -> None:
    (appointed,) = events_of(inquiry(), APPOINTED)
    assert isinstance(appointed, SioAppointed)
    second = superintendent(AppointSio(officer="officer-sio-2"), "2026-03-05 09:00")
    assert refusal_of(inquiry(APPOINTED), second)[0] == "sio_appointed"
    over = sio(HandOver(from_officer="officer-sio-1", to_officer="officer-sio-2"), "2026-03-05 09:00")
    (handed,) = events_of(inquiry(APPOINTED), over)
    assert isinstance(handed, CaseHandedOver)
    assert inquiry(APPOINTED, over).sio == "officer-sio-2"


@pytest.mark.parametrize(
    ("from_officer", "to_officer", "code"),
    [("officer-sio-2", "officer-sio-3", "not_the_sio"), ("officer-sio-1", "officer-sio-1", "same_officer")],
)
def test_an_investigation_is_handed_over_by_whoever_leads_it_to_somebody_else(
    from_officer: str, to_officer: str, code: str
) -> None:
    over = superintendent(HandOver(from_officer=from_officer, to_officer=to_officer), "2026-03-05 09:00")
    assert refusal_of(inquiry(APPOINTED), over)[0] == code


def test_nobody_hands_over_what_nobody_leads() -> None:
    over = superintendent(HandOver(from_officer="officer-sio-1", to_officer="officer-sio-2"), "2026-03-03 08:00")
    assert refusal_of(inquiry(), over)[0] == "not_the_sio"


def test_each_review_leads_to_the_next_within_four_weeks() -> None:
    directed = supervisor("2026-03-27 10:00", "trace the vehicle")
    review = events_of(inquiry(), directed)[0]
    assert isinstance(review, SupervisorReviewRecorded)
    assert review.in_words() == "Supervisor's review; directions: trace the vehicle"
    state = inquiry(REVIEWED)
    assert (status(state, "sr1-1"), due(state, "sr1-2"), status(state, "sr1-2")) == ("met", "2026-04-24", "running")


def test_a_late_review_is_a_breach_and_starts_the_time_for_the_next() -> None:
    late = supervisor("2026-03-31 10:00")
    assert breaches(events_of(inquiry(), late)) == ["sr1-1"]
    state = inquiry(late)
    assert (status(state, "sr1-1"), due(state, "sr1-2")) == ("met_late", "2026-04-28")


def test_an_earlier_review_typed_in_late_leaves_the_time_that_the_later_one_began() -> None:
    state = inquiry(REVIEWED, supervisor("2026-03-20 10:00", entered="2026-03-28 10:00"))
    running = [clock.id for clock in state.clocks if clock.rule == "SR1" and clock.is_open]
    assert (running, due(state, "sr1-2")) == (["sr1-2"], "2026-04-24")


def test_a_review_held_in_time_and_typed_in_after_a_late_one_takes_the_breach_back() -> None:
    late = supervisor("2026-04-08 10:00")
    held = supervisor("2026-03-20 10:00", entered="2026-04-09 10:00")
    events = events_of(inquiry(late), held)
    assert [event.in_words() for event in events if event.type == "breach_withdrawn.v1"] == [
        "Breach of SR1 withdrawn: done in time, on 2026-03-20 10:00 GMT, and entered later"
    ]
    state = inquiry(late, held)
    assert [(clock.id, clock.status.value) for clock in state.clocks if clock.rule == "SR1"] == [
        ("sr1-1", "met"),
        ("sr1-2", "running"),
        ("sr1-3", "met"),
    ]
    assert (due(state, "sr1-2"), due(state, "sr1-3")) == ("2026-05-06", "2026-04-17")


def test_a_review_typed_in_late_shows_that_the_one_after_it_came_too_late() -> None:
    held = supervisor("2026-03-05 10:00", entered="2026-04-09 10:00")
    assert breaches(events_of(inquiry(supervisor("2026-04-08 10:00")), held)) == ["sr1-3"]


def test_a_review_typed_in_after_the_investigation_was_reopened_starts_no_time_that_had_ended_with_it() -> None:
    because = ReopenInvestigation(closure=f"{STREAM.rsplit('/', 1)[0]}/closure-1", suspect="suspect-1", line="a copy")
    over = (*COMPLETE, concluded("suspect-1", "2026-04-03 10:00"), concluded("suspect-2", "2026-04-03 11:00"))
    again = request(STREAM, "system", because, "2026-09-01 10:00", reason="a copy")
    held = supervisor("2026-04-02 17:00", entered="2026-09-02 10:00")
    assert [event.type for event in events_of(inquiry(*over, again), held)] == ["supervisor_review_recorded.v1"]


def test_nobody_reviews_an_investigation_that_they_conduct() -> None:
    own = REVIEWED.model_copy(update={"actor": REVIEWED.actor.model_copy(update={"id": "officer-sio-1"})})
    assert refusal_of(inquiry(OPENED), own)[0] == "separation"


def test_a_crime_is_recorded_once_and_against_a_known_victim() -> None:
    crime = RecordCrime(victim="child-1", offence="SX03025", reference="06/26/1")
    (recorded,) = events_of(inquiry(), sio(crime, "2026-03-05 10:00"))
    assert isinstance(recorded, CrimeRecorded)
    assert (recorded.offence, recorded.reference, recorded.warnings) == ("SX03025", "06/26/1", ())
    state = inquiry(sio(crime, "2026-03-05 10:00"))
    assert refusal_of(state, sio(crime, "2026-03-05 11:00"))[0] == "already_recorded"
    stranger = sio(RecordCrime(victim="child-2", offence="SX03025"), "2026-03-05 11:00")
    assert refusal_of(state, stranger)[0] == "unknown_subject"
    unheard_of = sio(RecordCrime(victim="child-1", offence="SX99999"), "2026-03-05 11:00")
    assert refusal_of(state, unheard_of) == ("unknown_code", ["unknown_offence:SX99999"])


def test_an_offence_that_does_not_fit_the_age_is_a_warning() -> None:
    (recorded,) = events_of(inquiry(), sio(RecordCrime(victim="child-1", offence="SX03013"), "2026-03-05 10:00"))
    assert isinstance(recorded, CrimeRecorded)
    assert len(recorded.warnings) == 1


def test_concluding_names_every_condition_that_is_unmet() -> None:
    code, missing = refusal_of(inquiry(OPENED), concluded("suspect-1", "2026-04-03 10:00"))
    assert code == "investigation_gate"
    assert missing == [
        "line_open:telephones",
        "line_open:address",
        "line_open:vehicle",
        "account_not_sought:child-1",
        "suspect_not_interviewed:suspect-1",
        "ethnicity_without_reason:suspect-1",
        "nationality_without_reason:suspect-1",
    ]
    asked = concluded("suspect-1", "2026-04-03 10:00", "propose_closure")
    assert refused(MODEL, inquiry(OPENED), asked, FACTS).code == "investigation_gate"


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        (CLOSED, ["line_open:telephones", "line_open:address", "line_open:vehicle"]),
        (ACCOUNT, ["account_not_sought:child-1"]),
        (INTERVIEWED, ["suspect_not_interviewed:suspect-1"]),
        (NO_ETHNICITY, ["ethnicity_without_reason:suspect-1"]),
        (NO_NATIONALITY, ["nationality_without_reason:suspect-1"]),
    ],
)
def test_each_condition_alone_holds_the_investigation_open(left_out: object, missing: list[str]) -> None:
    requests = [item for item in COMPLETE if item != left_out]
    assert refusal_of(inquiry(*requests), concluded("suspect-1", "2026-04-03 10:00"))[1] == missing


def test_the_gate_asks_about_the_suspect_who_is_concluded_and_no_other() -> None:
    state = inquiry(*COMPLETE[:-1])
    assert investigation_gate(state, "suspect-1") == ()
    assert [item.label() for item in investigation_gate(state, "suspect-2")] == ["suspect_not_interviewed:suspect-2"]


def test_what_a_suspect_says_of_themselves_meets_the_gate_too() -> None:
    own = (
        request(
            STREAM,
            "custody_officer",
            RecordEthnicity(subject="suspect-1", self_defined=SelfDefinedEthnicity.W9),
            "2026-03-18 09:30",
        ),
        request(
            STREAM,
            "custody_officer",
            RecordNationality(subject="suspect-1", nationality=("GBR",)),
            "2026-03-18 09:31",
        ),
    )
    assert investigation_gate(inquiry(OPENED, ACCOUNT, INTERVIEWED, *own, CLOSED), "suspect-1") == ()


def test_ethnicity_is_recorded_of_the_people_of_the_matter_alone() -> None:
    stranger = RecordEthnicity(subject="suspect-9", self_defined=SelfDefinedEthnicity.W9)
    code, missing = refusal_of(inquiry(), sio(stranger, "2026-03-18 09:30"))
    assert (code, missing) == ("unknown_subject", ["unknown_subject:suspect-9"])


def test_the_investigation_goes_on_until_every_suspect_is_concluded() -> None:
    first = concluded("suspect-1", "2026-04-03 10:00")
    (event,) = events_of(inquiry(*COMPLETE), first)
    assert isinstance(event, SuspectConcluded)
    assert inquiry(*COMPLETE, first).is_open
    second = concluded("suspect-2", "2026-04-03 11:00", "propose_closure")
    events = events_of(inquiry(*COMPLETE, first), second)
    handed = next(event.hand_off for event in events if isinstance(event, HandOffMade))
    expected = RecordStageOutcome(stage=STREAM, outcome="concluded").model_dump(mode="json")
    assert (handed.to, handed.envelope["command"]) == ("gmp/26-7k3f9q/case", expected)
    assert isinstance(events[-1], StageEnded)
    state = inquiry(*COMPLETE, first, second)
    assert (state.outcome, status(state, "sr1-2")) == ("concluded", "stopped")
    assert survives_json(state)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Conclude(suspect="suspect-1", how="propose_closure"), "already_concluded"),
        (Conclude(suspect="suspect-9", how="propose_closure"), "unknown_subject"),
        (Conclude(suspect="child-1", how="propose_closure"), "unknown_subject"),
    ],
)
def test_only_a_suspect_whose_investigation_goes_on_is_concluded(command: CommandBase, code: str) -> None:
    state = inquiry(*COMPLETE, concluded("suspect-1", "2026-04-03 10:00"))
    assert refusal_of(state, sio(command, "2026-04-03 11:00"))[0] == code


def test_concluding_needs_a_reason() -> None:
    without = concluded("suspect-1", "2026-04-03 10:00").model_copy(update={"reason": None})
    assert refusal_of(inquiry(*COMPLETE), without)[0] == "reason_missing"


def test_victims_are_still_told_when_the_investigation_has_ended() -> None:
    ended = (
        *COMPLETE,
        happened("bail", "2026-04-03 09:00"),
        concluded("suspect-1", "2026-04-03 10:00"),
        concluded("suspect-2", "2026-04-03 11:00"),
    )
    state = inquiry(*ended)
    assert (state.outcome, status(state, "vc1-1")) == ("concluded", "running")
    assert status(inquiry(*ended, told("bail", "2026-04-07 10:00")), "vc1-1") == "met"
    assert due(inquiry(*ended, happened("bail_change", "2026-05-01 10:00")), "vc1-2") == "2026-05-05"
    assert refusal_of(state, supervisor("2026-04-24 10:00"))[0] == "process_ended"
