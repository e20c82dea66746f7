import pytest

from nom.contracts.characteristics import RecordEthnicityUnavailable, RecordNationalityUnavailable
from nom.contracts.clocks import ClockMet, ClockStarted
from nom.contracts.events import CommandBase
from nom.contracts.every_process import HandOffMade, RecordNote, StageEnded
from nom.contracts.ids import ProcessKind
from nom.contracts.stages import NominationGrounds, RecordStageOutcome
from nom.contracts.subjects import Subject
from nom.contracts.triage import (
    AssessThrive,
    DecideTriage,
    ExploitationRiskScored,
    ImmediateSafeguardingTaken,
    NetworkTestRecorded,
    NrmReferralMade,
    RecordNetworkTest,
    ReferToNrm,
    ScoreExploitationRisk,
    TakeImmediateSafeguarding,
    Thrive,
    ThriveAssessed,
    ThriveReassessed,
    TriageDecided,
    TriageOpened,
)
from nom.workflows.model.triage import MODEL
from tests.workflows.model.kit import breaches, events_of, given, labels, london, outcome_of, refused, request
from tests.workflows.model.triage_acts import (
    COMPLETE,
    DECIDED,
    EVERYTHING,
    HIGH,
    LINKS,
    NOTHING,
    RISK,
    STREAM,
    WHOLE_THRIVE,
    complete_but,
    link,
    opening,
    sergeant,
    triage,
)


def test_triage_is_due_a_day_after_the_referral_was_received() -> None:
    opened, began, clock = events_of(MODEL, MODEL.blank(STREAM), opening())
    assert opened.type == "process_opened.v1"
    assert isinstance(began, TriageOpened)
    assert began.in_words() == "Triage opened about child-1, suspect-1, suspect-2, suspect-3"
    assert isinstance(clock, ClockStarted)
    assert (clock.rule, clock.due_at) == ("TR1", london("2026-03-03 09:20"))


def test_only_the_case_opens_triage() -> None:
    asked = opening()
    by_person = asked.model_copy(update={"actor": sergeant(RISK, "2026-03-02 16:00").actor})
    assert refused(MODEL, MODEL.blank(STREAM), by_person).code == "role"


def test_the_first_scenario_opens_a_meeting_and_an_investigation_and_nominates_a_group() -> None:
    events = events_of(MODEL, triage(*COMPLETE), DECIDED)
    assert [event.type for event in events] == [
        "triage_decided.v1",
        "clock_met.v1",
        "hand_off_made.v1",
        "stage_ended.v1",
    ]
    met, told = events[1], events[2]
    assert isinstance(met, ClockMet)
    assert not met.late
    assert isinstance(told, HandOffMade)
    assert told.hand_off.to == "gmp/26-7k3f9q/case"
    outcome = RecordStageOutcome.model_validate(told.hand_off.envelope["command"])
    assert outcome.opens_next == (ProcessKind.STRATEGY_MEETING, ProcessKind.INVESTIGATION)
    assert outcome.nomination == NominationGrounds(
        computed=True, judged=True, reason=None, suspects=("suspect-1", "suspect-2", "suspect-3"), unidentified=1
    )


def test_a_no_needs_no_network_and_words() -> None:
    without_network = triage(*(asked for asked in COMPLETE if asked not in LINKS))
    decided, _, _, told, ended = events_of(
        MODEL, without_network, sergeant(NOTHING, "2026-03-02 18:00", "no risk remains")
    )
    assert isinstance(decided, TriageDecided)
    assert isinstance(told, HandOffMade)
    outcome = RecordStageOutcome.model_validate(told.hand_off.envelope["command"])
    assert (outcome.opens_next, outcome.nomination) == ((), None)
    assert isinstance(ended, StageEnded)
    assert ended.outcome == "nothing_follows"


def test_thrive_is_assessed_again_under_the_next_number() -> None:
    first = events_of(MODEL, triage(), sergeant(WHOLE_THRIVE, "2026-03-02 16:30"))
    second = events_of(
        MODEL, triage(sergeant(WHOLE_THRIVE, "2026-03-02 16:30")), sergeant(WHOLE_THRIVE, "2026-03-02 20:00")
    )
    (assessed,) = first
    assert isinstance(assessed, ThriveAssessed)
    assert (assessed.number, assessed.factors) == (1, WHOLE_THRIVE.factors)
    assert assessed.trace is not None
    assert (assessed.trace.row, assessed.response) == ("threat-high", "immediate")
    assert second == (ThriveReassessed(number=2, factors=WHOLE_THRIVE.factors, trace=assessed.trace),)


def test_a_later_assessment_that_lacks_a_factor_makes_thrive_incomplete() -> None:
    lacking = sergeant(AssessThrive(factors=Thrive(threat=HIGH)), "2026-03-02 17:35")
    refusal = refused(MODEL, triage(*COMPLETE, lacking), DECIDED)
    assert labels(refusal) == ["thrive_incomplete"]
    assert "harm, risk, investigation, vulnerability, engagement" in refusal.unmet[0].words


def test_the_screening_tool_and_its_version_are_kept() -> None:
    (scored,) = events_of(MODEL, triage(), sergeant(RISK, "2026-03-02 16:45"))
    assert scored == ExploitationRiskScored(tool="local-cse-screen", tool_version="3", score=41, band="significant")
    assert scored.in_words() == "Exploitation risk scored 41 (significant) with local-cse-screen version 3"


def test_the_network_test_is_computed_from_the_links() -> None:
    (test,) = events_of(MODEL, triage(*LINKS), sergeant(RecordNetworkTest(), "2026-03-02 17:10"))
    assert test == NetworkTestRecorded(
        number=1, computed=True, judged=True, reason=None, persons=("suspect-1", "suspect-2"), unidentified=1
    )


def test_a_person_who_differs_from_the_links_gives_a_reason_and_both_answers_are_kept() -> None:
    differs = RecordNetworkTest(judged="met")
    assert refused(MODEL, triage(), sergeant(differs, "2026-03-02 17:10")).code == "reason_missing"
    (test,) = events_of(MODEL, triage(), sergeant(differs, "2026-03-02 17:10", "more than one hand wrote this"))
    assert isinstance(test, NetworkTestRecorded)
    assert (test.computed, test.judged, test.reason) == (False, True, "more than one hand wrote this")
    assert test.in_words() == "Network test met by a person's judgement; the links say not met"


def test_a_person_may_also_judge_a_network_not_met() -> None:
    asked = sergeant(RecordNetworkTest(judged="not_met"), "2026-03-02 17:10", "the two are one person")
    (test,) = events_of(MODEL, triage(*LINKS), asked)
    assert isinstance(test, NetworkTestRecorded)
    assert (test.computed, test.judged) == (True, False)


def test_a_link_needs_two_people() -> None:
    assert refused(MODEL, triage(), sergeant(link("suspect-1", "suspect-1"), "2026-03-02 17:00")).code == "same_person"


def test_immediate_safeguarding_is_recorded() -> None:
    taken = events_of(MODEL, triage(), sergeant(TakeImmediateSafeguarding(what="placement moved"), "2026-03-02 17:15"))
    assert taken == (ImmediateSafeguardingTaken(what="placement moved"),)


def test_a_referral_to_the_national_referral_mechanism_is_made_once_and_about_somebody_of_the_matter() -> None:
    refer = sergeant(ReferToNrm(subject="child-1"), "2026-03-02 17:30")
    made, started = events_of(MODEL, triage(), refer)
    assert made == NrmReferralMade(subject="child-1")
    assert isinstance(started, ClockStarted)
    assert (started.clock_id, started.about, started.due, started.indicator) == (
        "nr2-1",
        "child-1",
        "end of 2026-03-09",
        True,
    )
    assert refused(MODEL, triage(refer), refer).code == "already_referred"
    stranger = sergeant(ReferToNrm(subject="child-9"), "2026-03-02 17:30")
    assert refused(MODEL, triage(), stranger).code == "unknown_subject"


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        (AssessThrive, ["thrive_incomplete"]),
        (ScoreExploitationRisk, ["exploitation_risk_not_scored"]),
        (RecordNetworkTest, ["network_test_not_recorded"]),
        (TakeImmediateSafeguarding, ["immediate_safety_not_considered"]),
        (
            RecordEthnicityUnavailable,
            [f"ethnicity_without_reason:suspect-{number}" for number in (1, 2, 3)],
        ),
        (
            RecordNationalityUnavailable,
            [f"nationality_without_reason:suspect-{number}" for number in (1, 2, 3)],
        ),
    ],
)
def test_the_gate_names_what_was_left_out(left_out: type[CommandBase], missing: list[str]) -> None:
    refusal = refused(MODEL, complete_but(left_out), DECIDED)
    assert (refusal.code, labels(refusal)) == ("triage_gate", missing)


def test_the_gate_of_an_untouched_triage_names_everything() -> None:
    refusal = refused(MODEL, triage(), DECIDED)
    assert (refusal.code, labels(refusal)) == (
        "triage_gate",
        [
            "thrive_incomplete",
            "exploitation_risk_not_scored",
            "network_test_not_recorded",
            "immediate_safety_not_considered",
            *(f"ethnicity_without_reason:suspect-{number}" for number in (1, 2, 3)),
            *(f"nationality_without_reason:suspect-{number}" for number in (1, 2, 3)),
        ],
    )


def test_words_that_immediate_safety_was_considered_stand_in_for_an_action() -> None:
    considered = EVERYTHING.model_copy(update={"immediate_safety": "the child is in another town already"})
    asked = sergeant(considered, "2026-03-02 17:40", "a network around one child")
    assert events_of(MODEL, complete_but(TakeImmediateSafeguarding), asked)[0].type == "triage_decided.v1"


def test_a_child_suspected_of_being_trafficked_must_be_referred() -> None:
    trafficked = Subject(id="child-1", age=14, trafficking_suspected=True)
    acts = tuple(asked for asked in COMPLETE if not isinstance(asked.command, ReferToNrm))
    suspects = tuple(Subject(id=f"suspect-{number}") for number in (1, 2, 3))
    state = given(MODEL, STREAM, opening(trafficked, *suspects), *acts)
    assert labels(refused(MODEL, state, DECIDED)) == ["nrm_not_referred:child-1"]
    adult = trafficked.model_copy(update={"id": "victim-1", "age": 18})
    state = given(MODEL, STREAM, opening(adult, *suspects), *acts)
    assert events_of(MODEL, state, DECIDED)[0].type == "triage_decided.v1"


def test_a_link_after_the_network_test_makes_it_due_again() -> None:
    later = sergeant(link("suspect-3", "unidentified"), "2026-03-02 17:35")
    assert labels(refused(MODEL, triage(*COMPLETE, later), DECIDED)) == ["network_test_not_recorded"]


def test_a_suspect_known_only_from_a_link_counts_for_the_gate() -> None:
    later = sergeant(link("suspect-3", "suspect-4"), "2026-03-02 17:35")
    again = sergeant(RecordNetworkTest(), "2026-03-02 17:36")
    assert labels(refused(MODEL, triage(*COMPLETE, later, again), DECIDED)) == [
        "ethnicity_without_reason:suspect-4",
        "nationality_without_reason:suspect-4",
    ]


def test_a_no_without_words_is_named() -> None:
    without_network = triage(*(asked for asked in COMPLETE if asked not in LINKS))
    bare = DecideTriage(strategy_discussion=False, investigation=False, nominate=True)
    assert labels(refused(MODEL, without_network, sergeant(bare, "2026-03-02 18:00", "none"))) == [
        "no_strategy_discussion_unexplained",
        "no_investigation_unexplained",
        "network_test_not_met",
    ]


def test_a_decision_needs_a_reason() -> None:
    assert refused(MODEL, triage(*COMPLETE), sergeant(EVERYTHING, "2026-03-02 17:40")).code == "reason_missing"


def test_the_fifth_scenario_is_refused_twice_and_names_every_condition() -> None:
    received = opening(
        Subject(id="child-1", age=15), Subject(id="suspect-1"), received_at="2026-05-21 09:00", at="2026-05-21 15:00"
    )
    state = given(MODEL, STREAM, received, sergeant(RecordNetworkTest(), "2026-05-21 16:00"))
    assert state.test is not None
    assert not state.test.computed
    judged = sergeant(
        RecordNetworkTest(judged="met"), "2026-05-21 16:10", "the messages are written by more than one person"
    )
    state, (test,) = outcome_of(MODEL, state, judged)
    assert isinstance(test, NetworkTestRecorded)
    assert (test.computed, test.judged) == (False, True)
    gate = [
        "thrive_incomplete",
        "exploitation_risk_not_scored",
        "ethnicity_without_reason:suspect-1",
        "nationality_without_reason:suspect-1",
    ]
    neither = DecideTriage(strategy_discussion=False, investigation=True, nominate=False)
    first = refused(MODEL, state, sergeant(neither, "2026-05-21 16:20", "one suspect"))
    assert first.code == "network_test_met_obliges"
    assert labels(first) == [
        "nomination",
        "strategy_discussion",
        *gate[:2],
        "immediate_safety_not_considered",
        *gate[2:],
    ]
    both = EVERYTHING.model_copy(update={"immediate_safety": "her parents hold the telephone"})
    second = refused(MODEL, state, sergeant(both, "2026-05-21 16:30", "a network"))
    assert (second.code, labels(second)) == ("triage_gate", gate)


def test_in_the_fourth_scenario_the_day_has_passed_and_triage_goes_on() -> None:
    late = opening(received_at="2026-04-02 16:10", at="2026-04-08 09:10")
    assert breaches(events_of(MODEL, MODEL.blank(STREAM), late)) == ["tr1"]
    state = given(MODEL, STREAM, late)
    assert state.is_open
    assert events_of(MODEL, state, sergeant(WHOLE_THRIVE, "2026-04-09 10:00"))


def test_a_late_decision_is_taken_and_marked_late() -> None:
    late = sergeant(EVERYTHING, "2026-03-03 09:21", "a network around one child")
    events = events_of(MODEL, triage(*COMPLETE), late)
    assert breaches(events) == ["tr1"]
    assert [event.late for event in events if isinstance(event, ClockMet)] == [True]


def test_after_the_decision_only_notes_and_corrections_are_taken() -> None:
    state = triage(*COMPLETE, DECIDED)
    assert refused(MODEL, state, sergeant(RISK, "2026-03-02 18:00")).code == "process_ended"
    note = RecordNote(text="the school has called again", basis="fact")
    assert events_of(MODEL, state, request(STREAM, "triage_sergeant", note, "2026-03-02 18:00"))
