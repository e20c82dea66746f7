from nom.contracts.clocks import ClockReanchored
from nom.contracts.conference import (
    ConferenceHeld,
    ConferenceNamed,
    ConferenceReanchored,
    CoreGroupHeld,
    HoldConference,
    HoldCoreGroup,
    HoldReviewConference,
    NameConference,
    ProtectionPlanAgreed,
    ReanchorConference,
    ReviewConferenceHeld,
)
from tests.workflows.model.kit import breaches, london
from tests.workflows.model.meeting_acts import (
    ASSIGNED,
    COMPLETED,
    DECIDED,
    FOUR,
    HELD,
    JOINT,
    NAMED,
    NONE,
    QUORATE,
    SINGLE,
    TO_THE_DECISION,
    attended,
    chair,
    conference_chair,
    due,
    events_of,
    meeting,
    refusal_of,
    status,
)

WITH_A_PLAN = (*TO_THE_DECISION, HELD)
CONTINUES = HoldReviewConference(outcome="plan_continues")
ENDS = HoldReviewConference(outcome="plan_ends")


def test_a_conference_is_named_for_the_meeting_that_decided() -> None:
    (named,) = events_of(meeting(*TO_THE_DECISION), NAMED)
    assert isinstance(named, ConferenceNamed)
    assert named.in_words() == "Child protection conference named, anchored on meeting-2: no date yet"
    dated = chair(NameConference(when=london("2026-03-24 10:00")), "2026-03-05 16:00")
    (again,) = events_of(meeting(*TO_THE_DECISION, NAMED), dated)
    assert again.in_words().endswith("2026-03-24 10:00 GMT")


LATER = (chair(attended(*FOUR), "2026-03-10 10:00"), chair(SINGLE, "2026-03-10 11:00"))
REANCHORED = chair(
    ReanchorConference(meeting="meeting-2"), "2026-03-11 09:00", reason="the last discussion counts here"
)


def test_the_chair_lets_the_time_count_from_another_session_by_an_event() -> None:
    state = meeting(QUORATE, DECIDED, *LATER)
    assert (state.anchor, due(state, "wt7")) == ("meeting-1", "2026-03-25")
    reanchored, moved = events_of(state, REANCHORED)
    assert isinstance(reanchored, ConferenceReanchored)
    assert reanchored.in_words() == "Child protection conference anchored on meeting-2 instead of meeting-1"
    assert isinstance(moved, ClockReanchored)
    assert (moved.clock_id, moved.about, moved.because) == ("wt7", "meeting-2", "the last discussion counts here")
    after = meeting(QUORATE, DECIDED, *LATER, REANCHORED)
    assert (after.anchor, due(after, "wt7"), status(after, "wt7")) == ("meeting-2", "2026-03-31", "running")


def test_a_later_anchor_withdraws_a_breach_that_it_undoes_and_the_breach_stays_on_record() -> None:
    noticed = chair(NAMED.command, "2026-03-27 09:00")
    late = meeting(QUORATE, DECIDED, *LATER, noticed)
    assert status(late, "wt7") == "breached"
    named = chair(REANCHORED.command, "2026-03-27 10:00")
    assert "breach_withdrawn.v1" in [event.type for event in events_of(late, named)]
    assert status(meeting(QUORATE, DECIDED, *LATER, noticed, named), "wt7") == "running"


def test_a_named_anchor_is_left_alone_by_later_decisions_until_no_conference_is_due() -> None:
    third = chair(attended(*FOUR), "2026-03-12 10:00")
    state = meeting(QUORATE, DECIDED, *LATER, REANCHORED, third, chair(JOINT, "2026-03-12 11:00"))
    assert (state.anchor, state.anchor_named) == ("meeting-2", True)
    ended = meeting(QUORATE, DECIDED, *LATER, REANCHORED, third, chair(NONE, "2026-03-12 11:00"))
    assert (ended.anchor, ended.anchor_named, status(ended, "wt7")) == (None, False, "stopped")


def test_an_anchor_is_a_session_that_decided_and_is_named_before_the_conference() -> None:
    state = meeting(QUORATE, DECIDED, chair(attended(*FOUR), "2026-03-10 10:00"))
    assert refusal_of(state, REANCHORED)[0] == "not_a_deciding_session"
    assert refusal_of(meeting(QUORATE, DECIDED), REANCHORED)[0] == "not_a_deciding_session"
    first = chair(ReanchorConference(meeting="meeting-1"), "2026-03-11 09:00")
    assert refusal_of(state, first)[0] == "already_anchored"
    assert refusal_of(meeting(QUORATE), first)[0] == "section47_missing"
    held = chair(ReanchorConference(meeting="meeting-1"), "2026-03-25 09:00")
    assert refusal_of(meeting(QUORATE, DECIDED, HELD), held)[0] == "conference_held"
    assert refusal_of(state, REANCHORED.model_copy(update={"reason": None}))[0] == "reason_missing"


def test_without_enquiries_no_conference_is_named_or_held() -> None:
    none_needed = meeting(QUORATE, chair(NONE, "2026-03-04 10:30"))
    assert refusal_of(none_needed, NAMED)[0] == "section47_missing"
    assert refusal_of(none_needed, HELD)[0] == "section47_missing"


def test_a_plan_has_a_core_group_within_ten_working_days_and_a_review_within_three_months() -> None:
    held, _, agreed, *_ = events_of(meeting(*TO_THE_DECISION), HELD)
    assert isinstance(held, ConferenceHeld)
    assert (held.anchor, held.outcome, held.held_at) == ("meeting-2", "plan", HELD.occurred_at)
    assert isinstance(agreed, ProtectionPlanAgreed)
    state = meeting(*TO_THE_DECISION, HELD)
    # Good Friday and Easter Monday lie between.
    assert (due(state, "wt9"), due(state, "wt8")) == ("2026-04-09", "2026-06-24")
    assert (status(state, "wt7"), state.plan_in_force) == ("met", True)


def test_a_conference_without_a_plan_leaves_nothing_due() -> None:
    none = conference_chair(HoldConference(outcome="none"), "2026-03-24 10:00")
    state = meeting(*TO_THE_DECISION, none)
    assert (status(state, "wt7"), state.clock("wt8"), state.clock("wt9")) == ("met", None, None)


def test_a_late_conference_is_a_breach_and_is_held() -> None:
    late = conference_chair(HoldConference(outcome="plan"), "2026-03-26 10:00")
    assert "wt7" in breaches(events_of(meeting(*TO_THE_DECISION), late))
    assert status(meeting(*TO_THE_DECISION, late), "wt7") == "met_late"


def test_a_conference_is_held_once_and_after_its_anchor() -> None:
    early = conference_chair(HoldConference(outcome="plan"), "2026-03-04 09:00")
    assert refusal_of(meeting(*TO_THE_DECISION), early)[0] == "before_anchor"
    state = meeting(*TO_THE_DECISION, HELD)
    assert refusal_of(state, conference_chair(HELD.command, "2026-03-25 10:00"))[0] == "conference_held"
    assert refusal_of(state, chair(NameConference(), "2026-03-25 10:00"))[0] == "conference_held"


def test_a_plan_carries_open_actions_and_needs_a_name_for_it() -> None:
    unnamed = conference_chair(HoldConference(outcome="plan", carries=(1,)), "2026-03-05 10:00")
    named = conference_chair(HoldConference(outcome="plan", plan="child-1 plan", carries=(1,)), "2026-03-05 10:00")
    assert refusal_of(meeting(*TO_THE_DECISION, ASSIGNED), unnamed)[0] == "plan_not_named"
    state = meeting(*TO_THE_DECISION, ASSIGNED, named)
    assert (status(state, "sm2-1"), state.actions[0].status) == ("stopped", "carried")
    assert refusal_of(state, COMPLETED)[0] == "action_settled"


def test_a_plan_can_not_carry_what_is_not_an_open_action() -> None:
    command = HoldConference(outcome="plan", plan="child-1 plan", carries=(1, 2))
    asked = conference_chair(command, "2026-03-24 10:00")
    state = meeting(*TO_THE_DECISION, ASSIGNED, COMPLETED)
    assert refusal_of(state, asked) == ("no_such_action", ["no_such_action:1", "no_such_action:2"])


def test_the_core_group_and_the_reviews_need_a_plan() -> None:
    for command in (HoldCoreGroup(), CONTINUES):
        assert refusal_of(meeting(QUORATE, DECIDED), conference_chair(command, "2026-03-30 10:00"))[0] == "no_plan"
        early = conference_chair(command, "2026-03-23 10:00")
        assert refusal_of(meeting(*TO_THE_DECISION, HELD), early)[0] == "before_conference"


def test_the_core_group_meets_its_clock() -> None:
    core_group = conference_chair(HoldCoreGroup(), "2026-04-01 10:00")
    assert isinstance(events_of(meeting(*TO_THE_DECISION, HELD), core_group)[0], CoreGroupHeld)
    assert status(meeting(*TO_THE_DECISION, HELD, core_group), "wt9") == "met"


def test_each_review_leads_to_the_next_within_six_months() -> None:
    review = conference_chair(CONTINUES, "2026-06-20 10:00")
    assert isinstance(events_of(meeting(*TO_THE_DECISION, HELD), review)[0], ReviewConferenceHeld)
    state = meeting(*TO_THE_DECISION, HELD, review)
    assert (status(state, "wt8"), due(state, "wt8-2")) == ("met", "2026-12-20")
    second = conference_chair(CONTINUES, "2026-12-18 10:00")
    assert due(meeting(*TO_THE_DECISION, HELD, review, second), "wt8-3") == "2027-06-18"


def test_a_plan_that_ends_has_no_further_review() -> None:
    state = meeting(*TO_THE_DECISION, HELD, conference_chair(ENDS, "2026-04-01 10:00"))
    assert (status(state, "wt8"), status(state, "wt9"), state.plan_in_force) == ("met", "stopped", False)
    assert refusal_of(state, conference_chair(CONTINUES, "2026-09-01 10:00"))[0] == "no_plan"


def test_a_review_typed_in_after_a_later_one_leaves_one_review_due_and_takes_its_breach_back() -> None:
    later = conference_chair(CONTINUES, "2026-08-27 09:00")
    assert status(meeting(*WITH_A_PLAN, later), "wt8") == "met_late"
    earlier = conference_chair(CONTINUES, "2026-05-20 10:00", entered="2026-08-28 09:00")
    state = meeting(*WITH_A_PLAN, later, earlier)
    reviews = {clock.id: clock.status.value for clock in state.clocks if clock.rule.startswith("WT8")}
    assert reviews == {"wt8": "met", "wt8-2": "running", "wt8-3": "met"}
    assert (due(state, "wt8-2"), due(state, "wt8-3")) == ("2027-02-27", "2026-11-20")


def test_a_plan_can_not_have_ended_at_a_review_before_one_at_which_it_went_on() -> None:
    state = meeting(*WITH_A_PLAN, conference_chair(CONTINUES, "2026-08-27 09:00"))
    ended = conference_chair(ENDS, "2026-05-20 10:00", entered="2026-08-28 09:00")
    assert refusal_of(state, ended) == ("plan_went_on", ["plan_went_on"])


def test_a_core_group_held_in_time_and_typed_in_after_a_late_one_takes_the_breach_back() -> None:
    late = conference_chair(HoldCoreGroup(), "2026-05-20 10:00")
    assert status(meeting(*WITH_A_PLAN, late), "wt9") == "met_late"
    earlier = conference_chair(HoldCoreGroup(), "2026-03-27 10:00", entered="2026-05-21 10:00")
    assert status(meeting(*WITH_A_PLAN, late, earlier), "wt9") == "met"
