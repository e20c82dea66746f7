from nom.contracts.conference import HoldConference, HoldCoreGroup
from nom.contracts.every_process import HandOffMade, StageEnded
from nom.contracts.ids import ProcessKind
from nom.contracts.meeting_follow_up import AcknowledgeRecord, EscalateAction
from nom.contracts.stages import RecordStageOutcome
from nom.contracts.strategy_meeting import (
    AssessmentCompleted,
    CloseMeeting,
    CompleteAssessment,
    StrategyMeetingOpened,
)
from nom.workflows.model.strategy_meeting import strategy_meeting_gate
from tests.workflows.model.kit import FACTS, labels, refused, survives_json
from tests.workflows.model.meeting_acts import (
    ACKNOWLEDGED,
    ASSIGNED,
    COMPLETED,
    DISTRIBUTE,
    HEALTH,
    HELD,
    JOINT,
    LOCAL_AUTHORITY,
    MODEL,
    POLICE,
    QUORATE,
    READY_TO_CLOSE,
    STREAM,
    TO_THE_DECISION,
    WHOLE,
    agreed,
    attended,
    chair,
    conference_chair,
    due,
    events_of,
    meeting,
    opening,
    refusal_of,
    representative,
    social_worker,
    status,
)

CLOSE = chair(CloseMeeting(), "2026-03-06 12:00")


def test_the_case_opens_the_meeting_and_the_assessment_has_forty_five_working_days() -> None:
    opened, began, clock = events_of(MODEL.blank(STREAM), opening())
    assert opened.type == "process_opened.v1"
    assert isinstance(began, StrategyMeetingOpened)
    assert began.in_words() == "Strategy meeting opened about child-1, suspect-1"
    assert clock.in_words() == "Clock WT6 started: due end of 2026-05-07"


def test_only_the_case_opens_a_meeting() -> None:
    asked = opening()
    by_a_person = asked.model_copy(update={"actor": CLOSE.actor})
    assert refusal_of(MODEL.blank(STREAM), by_a_person)[0] == "role"


def test_the_first_scenario_keeps_every_deadline() -> None:
    state = meeting(*WHOLE)
    assert {clock_id: due(state, clock_id) for clock_id in ("sm1-1", "wt5", "wt6", "wt7")} == {
        "sm1-1": "2026-03-04 09:30",
        "wt5": "2026-03-05",
        "wt6": "2026-05-07",
        "wt7": "2026-03-25",
    }
    assert {clock_id: status(state, clock_id) for clock_id in ("sm1-1", "wt5", "wt7", "sm2-1")} == dict.fromkeys(
        ("sm1-1", "wt5", "wt7", "sm2-1"), "met"
    )
    assert [clock.id for clock in state.clocks if clock.is_late] == []
    assert strategy_meeting_gate(state) == ()
    assert survives_json(state)


def test_the_conference_of_the_first_scenario_is_anchored_on_the_meeting_that_decided() -> None:
    state = meeting(*TO_THE_DECISION)
    clock = state.clock("wt7")
    assert clock is not None
    assert (state.anchor, clock.about, clock.started_at) == ("meeting-2", "meeting-2", QUORATE.occurred_at)


def test_the_fourth_scenario_is_late_twice_and_goes_on() -> None:
    state = meeting(
        chair(attended(POLICE, LOCAL_AUTHORITY, HEALTH), "2026-04-09 10:00"),
        chair(JOINT, "2026-04-09 10:00"),
        chair(DISTRIBUTE, "2026-04-13 10:00"),
        conference_chair(HoldConference(outcome="plan"), "2026-05-05 10:00"),
        opened=opening("2026-04-02 16:10", "2026-04-09 09:55"),
    )
    assert {clock_id: due(state, clock_id) for clock_id in ("wt5", "wt6", "wt7")} == {
        "wt5": "2026-04-10",
        "wt6": "2026-06-10",
        "wt7": "2026-04-30",
    }
    assert {clock.id for clock in state.clocks if clock.is_late} == {"wt5", "wt7"}
    assert (status(state, "wt5"), status(state, "wt7"), status(state, "wt6")) == ("met_late", "met_late", "running")


def test_a_complete_assessment_meets_its_clock_once() -> None:
    done = social_worker(CompleteAssessment(), "2026-04-20 10:00")
    events = events_of(meeting(*WHOLE), done)
    assert isinstance(events[0], AssessmentCompleted)
    state = meeting(*WHOLE, done)
    assert status(state, "wt6") == "met"
    assert refusal_of(state, social_worker(CompleteAssessment(), "2026-04-21 10:00"))[0] == "already_assessed"


def test_a_meeting_to_which_nothing_happened_lacks_a_decision() -> None:
    assert refusal_of(meeting(), CLOSE) == ("strategy_meeting_gate", ["section47_undecided"])


def test_closing_names_every_condition_that_is_unmet() -> None:
    late_question = chair(agreed(POLICE, question="a place of safety"), "2026-03-04 11:00")
    state = meeting(*TO_THE_DECISION, late_question, ASSIGNED)
    code, missing = refusal_of(state, CLOSE)
    assert code == "strategy_meeting_gate"
    assert missing == [
        "question_undecided:a place of safety",
        "record_not_distributed:meeting-1",
        "record_not_distributed:meeting-2",
        "record_not_acknowledged:police",
        "record_not_acknowledged:local_authority",
        "record_not_acknowledged:education",
        "record_not_acknowledged:health",
        "action_open:1",
    ]
    assert all(item.supplied_by for item in refused(MODEL, state, CLOSE, FACTS).unmet)


def test_a_record_that_one_agency_has_not_acknowledged_holds_the_stage_open() -> None:
    requests = [item for item in READY_TO_CLOSE if item != ACKNOWLEDGED[2]]
    assert refusal_of(meeting(*requests), CLOSE)[1] == ["record_not_acknowledged:health"]


def test_an_action_that_is_escalated_or_carried_into_a_named_plan_no_longer_holds_the_stage_open() -> None:
    requests = tuple(item for item in READY_TO_CLOSE if item != COMPLETED)
    assert refusal_of(meeting(*requests), CLOSE)[1] == ["action_open:1"]
    escalated = chair(EscalateAction(number=1), "2026-03-06 11:00", reason="no doctor is available")
    carried = conference_chair(HoldConference(outcome="plan", plan="child-1 plan", carries=(1,)), "2026-03-24 10:00")
    assert strategy_meeting_gate(meeting(*requests, escalated)) == ()
    assert strategy_meeting_gate(meeting(*requests, carried)) == ()


def test_closing_tells_the_case_the_outcome() -> None:
    events = events_of(meeting(*READY_TO_CLOSE), CLOSE)
    handed = [event.hand_off for event in events if isinstance(event, HandOffMade)]
    assert [item.to for item in handed] == [f"gmp/26-7k3f9q/{ProcessKind.CASE.value}"]
    expected = RecordStageOutcome(stage=STREAM, outcome="section_47_joint").model_dump(mode="json")
    assert handed[0].envelope["command"] == expected
    assert isinstance(events[-1], StageEnded)


def test_what_the_law_still_awaits_goes_on_running_after_the_stage_has_ended() -> None:
    state = meeting(*READY_TO_CLOSE, CLOSE)
    assert state.outcome == "section_47_joint"
    assert (status(state, "wt6"), status(state, "wt7")) == ("running", "running")
    core_group = conference_chair(HoldCoreGroup(), "2026-04-01 10:00")
    state = meeting(*READY_TO_CLOSE, CLOSE, HELD, core_group)
    assert (status(state, "wt7"), status(state, "wt9"), status(state, "wt8")) == ("met", "met", "running")


def test_an_ended_meeting_takes_no_new_session() -> None:
    state = meeting(*READY_TO_CLOSE, CLOSE)
    assert refusal_of(state, chair(attended(POLICE), "2026-03-09 10:00"))[0] == "process_ended"


def test_the_clock_of_an_escalated_action_stops_when_the_stage_ends() -> None:
    escalated = chair(EscalateAction(number=1), "2026-03-06 11:00", reason="no doctor is available")
    state = meeting(*(item for item in READY_TO_CLOSE if item != COMPLETED), escalated, CLOSE)
    assert status(state, "sm2-1") == "stopped"


def test_a_record_of_a_later_session_must_be_distributed_and_acknowledged_too() -> None:
    later = chair(attended(POLICE, LOCAL_AUTHORITY, HEALTH), "2026-03-09 10:00")
    state = meeting(*READY_TO_CLOSE, later)
    missing = labels(refused(MODEL, state, chair(CloseMeeting(), "2026-03-10 10:00"), FACTS))
    assert missing[0] == "record_not_distributed:meeting-3"
    assert "record_not_acknowledged:education" not in missing
    again = chair(DISTRIBUTE, "2026-03-10 09:00")
    acknowledged = [
        representative(AcknowledgeRecord(agency=agency), "2026-03-10 09:30", agency)
        for agency in (POLICE, LOCAL_AUTHORITY, HEALTH)
    ]
    assert strategy_meeting_gate(meeting(*READY_TO_CLOSE, later, again, *acknowledged)) == ()
