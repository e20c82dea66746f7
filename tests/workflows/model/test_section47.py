import pytest

from nom.contracts.actors import Agency, Rank
from nom.contracts.clocks import ClockReanchored, ClockStarted
from nom.contracts.meeting_session import Convene, Presence, QuorumJudged, Section47Decided, Section47Outcome
from nom.workflows.model.section47 import ACTS_AS
from tests.workflows.model.kit import FROM_DECEMBER
from tests.workflows.model.meeting_acts import (
    ADJOURNED,
    CONVENED,
    DECIDED,
    DISTRIBUTE,
    EDUCATION,
    FOUR,
    HEALTH,
    HELD,
    INQUORATE,
    JOINT,
    LOCAL_AUTHORITY,
    NONE,
    POLICE,
    QUORATE,
    SINGLE,
    SOCIAL_SERVICES,
    TO_THE_DECISION,
    VIEWED,
    WALES,
    agreed,
    attended,
    chair,
    due,
    events_of,
    meeting,
    opening,
    refusal_of,
    status,
)


def test_the_row_of_the_quorum_table_that_let_a_session_decide_stands_beside_the_decision() -> None:
    kind = Convene(kind="complex_abuse_meeting", invited=FOUR, referrer=EDUCATION)
    state = meeting(chair(kind, "2026-03-03 10:00"), chair(attended(*FOUR), "2026-03-04 09:30"))
    inspector = chair(JOINT, "2026-03-04 10:30", agency=POLICE, rank=Rank.INSPECTOR)
    judged, decided, *_ = events_of(state, inspector, FROM_DECEMBER)
    assert isinstance(judged, QuorumJudged)
    assert isinstance(decided, Section47Decided)
    assert (judged.row, judged.version, judged.judged_for) == ("eng-complex_abuse_meeting", "ours-1", "section_47")
    assert (judged.needed, judged.missing) == ((LOCAL_AUTHORITY, POLICE, HEALTH, EDUCATION), ())
    assert judged.chair_rank is Rank.INSPECTOR


def decision_in(state_events: tuple[object, ...]) -> Section47Decided:
    return next(event for event in state_events if isinstance(event, Section47Decided))


def test_an_inquorate_session_can_not_decide_and_says_who_is_missing() -> None:
    state = meeting(CONVENED, INQUORATE)
    assert refusal_of(state, chair(JOINT, "2026-03-03 14:05")) == ("quorum", ["agency_missing:health"])


def test_without_a_session_every_agency_is_missing() -> None:
    code, missing = refusal_of(meeting(CONVENED), chair(JOINT, "2026-03-03 14:05"))
    assert (code, missing) == (
        "quorum",
        ["agency_missing:local_authority", "agency_missing:police", "agency_missing:health"],
    )


def test_apologies_do_not_make_a_quorum() -> None:
    state = meeting(chair(attended(POLICE, LOCAL_AUTHORITY, health="apologies"), "2026-03-04 09:30"))
    assert refusal_of(state, DECIDED) == ("quorum", ["agency_missing:health"])


@pytest.mark.parametrize("how", ["deputy", "remote", "in_person"])
def test_a_deputy_or_somebody_on_the_line_makes_a_quorum(how: Presence) -> None:
    state = meeting(chair(attended(POLICE, LOCAL_AUTHORITY, health=how), "2026-03-04 09:30"))
    assert decision_in(events_of(state, DECIDED)).outcome == "joint"


def test_the_attendance_of_an_earlier_session_does_not_count() -> None:
    state = meeting(QUORATE, chair(attended(POLICE, LOCAL_AUTHORITY), "2026-03-05 09:30"))
    assert refusal_of(state, chair(JOINT, "2026-03-05 10:00")) == ("quorum", ["agency_missing:health"])


def test_a_decision_typed_in_late_belongs_to_the_session_of_its_time() -> None:
    state = meeting(QUORATE, chair(attended(POLICE, LOCAL_AUTHORITY), "2026-03-05 09:30"))
    late = chair(JOINT, "2026-03-04 10:30", entered="2026-03-06 09:00")
    assert decision_in(events_of(state, late)).meeting == "meeting-1"


@pytest.mark.parametrize("second", [SOCIAL_SERVICES, LOCAL_AUTHORITY])
def test_police_and_social_services_make_a_quorum_in_wales(second: Agency) -> None:
    sat = chair(attended(POLICE, second), "2026-07-06 10:00")
    in_wales = opening("2026-07-03 10:00", "2026-07-03 12:00", "WAL")
    state = meeting(sat, facts=WALES, opened=in_wales)
    assert decision_in(events_of(state, chair(JOINT, "2026-07-06 10:30"), WALES)).outcome == "joint"


def test_the_same_attendance_is_refused_in_england_for_want_of_health_alone() -> None:
    sat = chair(attended(POLICE, SOCIAL_SERVICES), "2026-07-06 10:00")
    state = meeting(sat, opened=opening("2026-07-03 10:00", "2026-07-03 12:00"))
    code, missing = refusal_of(state, chair(JOINT, "2026-07-06 10:30"))
    assert (code, missing) == ("quorum", ["agency_missing:health"])


def test_social_care_counts_by_either_of_its_names_and_no_other_agency_counts_as_another() -> None:
    assert set(ACTS_AS) == {SOCIAL_SERVICES, LOCAL_AUTHORITY}
    assert all(ACTS_AS[other] is agency for agency, other in ACTS_AS.items())


def test_complex_abuse_needs_the_referrer_and_a_police_chair_of_rank() -> None:
    kind = Convene(kind="complex_abuse_meeting", invited=FOUR, referrer=EDUCATION)
    state = meeting(
        chair(kind, "2026-03-03 10:00"), chair(attended(POLICE, LOCAL_AUTHORITY, HEALTH), "2026-03-04 09:30")
    )
    by_a_sergeant = chair(JOINT, "2026-03-04 10:30", agency=POLICE, rank=Rank.SERGEANT)
    refusal = refusal_of(state, by_a_sergeant, FROM_DECEMBER)
    assert refusal == ("quorum", ["agency_missing:education", "chair_rank:inspector"])
    by_an_inspector = chair(JOINT, "2026-03-04 10:30", agency=POLICE, rank=Rank.INSPECTOR)
    assert refusal_of(state, by_an_inspector, FROM_DECEMBER) == ("quorum", ["agency_missing:education"])


def test_under_the_published_pack_the_local_authority_chairs_and_the_police_do_not() -> None:
    by_the_police = chair(JOINT, "2026-03-04 10:30", agency=POLICE, rank=Rank.INSPECTOR)
    assert refusal_of(meeting(QUORATE), by_the_police) == ("agency", ["agency:meeting_chair"])


def test_a_decision_needs_a_reason() -> None:
    without = DECIDED.model_copy(update={"reason": None})
    assert refusal_of(meeting(QUORATE), without)[0] == "reason_missing"


def test_a_session_that_broke_off_can_not_decide() -> None:
    broken_off = chair(ADJOURNED.command, "2026-03-03 14:10")
    state = meeting(chair(attended(*FOUR), "2026-03-03 14:00"), broken_off)
    assert refusal_of(state, chair(JOINT, "2026-03-03 15:00"))[0] == "meeting_adjourned"
    before_it_did = chair(JOINT, "2026-03-03 14:05", entered="2026-03-03 16:00")
    assert decision_in(events_of(state, before_it_did)).meeting == "meeting-1"


def test_a_decision_carries_the_views_on_every_question_put_so_far() -> None:
    decided = decision_in(events_of(meeting(QUORATE, *VIEWED), DECIDED))
    assert [item.question for item in decided.questions] == ["threshold met"]
    assert [view.in_words() for view in decided.questions[0].views] == [f"{agency.value} agrees" for agency in FOUR]
    assert decided.in_words() == "meeting-1 decided on section 47 enquiries: joint; conference anchored on meeting-1"


def test_the_same_session_decides_again_only_on_something_new() -> None:
    state = meeting(QUORATE, DECIDED)
    assert refusal_of(state, chair(JOINT, "2026-03-04 10:50"))[0] == "already_decided"
    assert decision_in(events_of(state, chair(SINGLE, "2026-03-04 10:50"))).outcome == "single_agency"
    asked = chair(agreed(POLICE, question="a place of safety"), "2026-03-04 10:45")
    again = decision_in(events_of(meeting(QUORATE, DECIDED, asked), chair(JOINT, "2026-03-04 10:50")))
    assert [item.question for item in again.questions] == ["a place of safety"]


def test_a_question_typed_in_late_was_decided_by_the_decision_that_followed_it() -> None:
    late = chair(agreed(POLICE), "2026-03-04 10:20", entered="2026-03-05 09:00")
    assert meeting(QUORATE, DECIDED, late).undecided_questions() == ()


@pytest.mark.parametrize(("outcome", "rules"), [("joint", 2), ("single_agency", 2), ("none", 1)])
def test_enquiries_start_the_time_for_the_conference_and_any_decision_that_for_the_record(
    outcome: Section47Outcome, rules: int
) -> None:
    command = JOINT.model_copy(update={"outcome": outcome})
    events = events_of(meeting(QUORATE), chair(command, "2026-03-04 10:30"))
    assert [event.rule for event in events if isinstance(event, ClockStarted)] == ["WT5", "WT7"][:rules]


def test_the_record_is_timed_from_the_session_that_decided_not_from_the_one_adjourned() -> None:
    state = meeting(*TO_THE_DECISION)
    clock = state.clock("wt5")
    assert clock is not None
    assert (clock.about, clock.started_at) == ("meeting-2", QUORATE.occurred_at)


def test_a_second_decision_keeps_the_anchor_of_the_first() -> None:
    state = meeting(QUORATE, DECIDED, chair(attended(*FOUR), "2026-03-10 10:00"), chair(SINGLE, "2026-03-10 11:00"))
    assert (state.anchor, state.section47, due(state, "wt7")) == ("meeting-1", "single_agency", "2026-03-25")
    assert due(state, "wt5-2") == "2026-03-11"


def test_a_decision_that_no_enquiries_are_needed_stops_the_time_for_the_conference() -> None:
    later = (chair(attended(*FOUR), "2026-03-10 10:00"), chair(NONE, "2026-03-10 11:00"))
    state = meeting(QUORATE, DECIDED, *later)
    assert (state.anchor, status(state, "wt7")) == (None, "stopped")
    again = meeting(QUORATE, DECIDED, *later, chair(JOINT, "2026-03-10 12:00"))
    assert (again.anchor, due(again, "wt7-2")) == ("meeting-2", "2026-03-31")


def test_an_earlier_decision_typed_in_late_moves_the_anchor_by_an_event() -> None:
    earlier = chair(attended(*FOUR), "2026-03-03 14:00", entered="2026-03-05 09:00")
    state = meeting(QUORATE, DECIDED, earlier)
    late = chair(JOINT, "2026-03-03 15:00", entered="2026-03-05 09:05")
    assert decision_in(events_of(state, late)).anchor == "meeting-2"
    moved = meeting(QUORATE, DECIDED, earlier, late)
    assert (status(moved, "wt7"), due(moved, "wt7"), moved.anchor) == ("running", "2026-03-24", "meeting-2")
    (shifted,) = (event for event in events_of(state, late) if isinstance(event, ClockReanchored))
    assert (shifted.clock_id, shifted.about) == ("wt7", "meeting-2")


def test_an_older_decision_that_no_enquiries_were_needed_does_not_undo_a_newer_one() -> None:
    earlier = chair(attended(*FOUR), "2026-03-03 14:00", entered="2026-03-05 09:00")
    late = chair(NONE, "2026-03-03 15:00", entered="2026-03-05 09:05")
    state = meeting(QUORATE, DECIDED, earlier, late)
    assert (state.section47, state.anchor, status(state, "wt7")) == ("joint", "meeting-1", "running")


def test_a_conference_that_was_held_keeps_its_anchor() -> None:
    state = meeting(QUORATE, DECIDED, HELD, chair(attended(*FOUR), "2026-03-26 10:00"), chair(NONE, "2026-03-26 11:00"))
    assert (state.anchor, status(state, "wt7")) == ("meeting-1", "met")


def test_a_record_distributed_before_its_decision_was_typed_in_is_in_time() -> None:
    distributed = chair(DISTRIBUTE, "2026-03-05 12:00")
    state = meeting(QUORATE, distributed, chair(JOINT, "2026-03-04 10:30", entered="2026-03-05 13:00"))
    assert status(state, "wt5") == "met"
    assert state.sessions[0].is_distributed


def test_a_record_distributed_before_the_session_decided_must_go_out_again() -> None:
    state = meeting(QUORATE, chair(DISTRIBUTE, "2026-03-04 10:00"), DECIDED)
    assert (status(state, "wt5"), state.sessions[0].is_distributed) == ("running", False)
    state = meeting(QUORATE, chair(DISTRIBUTE, "2026-03-04 10:00"), DECIDED, chair(DISTRIBUTE, "2026-03-05 10:00"))
    assert status(state, "wt5") == "met"
