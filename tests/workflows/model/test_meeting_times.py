"""When a strategy meeting must be held: on the day for which it was called, and soon where abuse is complex."""

from datetime import date

import pytest

from nom.contracts.clocks import BreachWithdrawn
from nom.contracts.events import EventBase
from nom.contracts.meeting_session import Convene
from nom.contracts.strategy_meeting import CloseMeeting
from tests.workflows.model.kit import breaches
from tests.workflows.model.meeting_acts import (
    EDUCATION,
    FOUR,
    LOCAL_AUTHORITY,
    POLICE,
    READY_TO_CLOSE,
    attended,
    chair,
    due,
    events_of,
    meeting,
    refusal_of,
    status,
)

COMPLEX = chair(Convene(kind="complex_abuse_meeting", invited=FOUR, referrer=EDUCATION), "2026-03-02 18:00")


def withdrawn(events: tuple[EventBase, ...]) -> list[str]:
    return [event.clock_id for event in events if isinstance(event, BreachWithdrawn)]


def convened(on: date) -> Convene:
    return Convene(kind="meeting", invited=FOUR, on=on)


CALLED = chair(convened(date(2026, 3, 4)), "2026-03-03 10:00")


def test_a_meeting_is_held_on_the_day_for_which_it_was_called() -> None:
    assert due(meeting(CALLED), "wt2") == "2026-03-04"
    assert status(meeting(CALLED, chair(attended(*FOUR), "2026-03-04 16:00")), "wt2") == "met"
    late = chair(attended(*FOUR), "2026-03-05 09:00")
    assert breaches(events_of(meeting(CALLED), late)) == ["wt2"]
    assert status(meeting(CALLED, late), "wt2") == "met_late"


def test_a_session_without_its_quorum_is_not_the_meeting_that_was_called() -> None:
    inquorate = chair(attended(POLICE, LOCAL_AUTHORITY), "2026-03-04 09:00")
    assert status(meeting(CALLED, inquorate), "wt2") == "running"
    assert status(meeting(CALLED, inquorate, chair(attended(*FOUR), "2026-03-04 15:00")), "wt2") == "met"


def test_a_meeting_that_is_called_for_another_day_keeps_that_day() -> None:
    again = chair(convened(date(2026, 3, 6)), "2026-03-04 09:00")
    state = meeting(CALLED, again)
    assert (status(state, "wt2"), status(state, "wt2-2"), due(state, "wt2-2")) == ("stopped", "running", "2026-03-06")


def test_a_meeting_is_not_called_for_a_day_that_has_passed_and_need_not_name_one() -> None:
    assert refusal_of(meeting(), chair(convened(date(2026, 3, 2)), "2026-03-03 10:00"))[0] == "on_before_convened"
    assert meeting(chair(Convene(kind="meeting", invited=FOUR), "2026-03-03 10:00")).clock("wt2") is None


def test_a_session_that_was_typed_in_before_the_call_meets_it() -> None:
    held = chair(attended(*FOUR), "2026-03-04 09:00", entered="2026-03-05 09:00")
    call = chair(convened(date(2026, 3, 4)), "2026-03-03 10:00", entered="2026-03-05 09:10")
    assert status(meeting(held, call), "wt2") == "met"


def test_complex_abuse_is_discussed_in_a_day_and_met_about_in_three_from_the_referral() -> None:
    state = meeting(COMPLEX)
    assert (due(state, "wt4"), due(state, "wt4-meeting")) == ("2026-03-03 09:20", "2026-03-05 09:20")
    in_time = chair(attended(*FOUR), "2026-03-03 09:00")
    both = meeting(COMPLEX, in_time)
    assert (status(both, "wt4"), status(both, "wt4-meeting")) == ("met", "met")


def test_a_discussion_is_not_the_meeting() -> None:
    discussed = (
        chair(Convene(kind="discussion", invited=FOUR), "2026-03-03 08:00"),
        chair(attended(*FOUR), "2026-03-03 09:00"),
    )
    state = meeting(COMPLEX, *discussed)
    assert (status(state, "wt4"), status(state, "wt4-meeting")) == ("met", "running")


def test_a_late_session_is_held_all_the_same_and_the_breach_stands() -> None:
    late = meeting(COMPLEX, chair(attended(*FOUR), "2026-03-06 10:00"))
    assert (status(late, "wt4"), status(late, "wt4-meeting")) == ("met_late", "met_late")


def test_a_session_that_was_in_time_and_is_typed_in_after_a_late_one_withdraws_the_breach() -> None:
    late = (COMPLEX, chair(attended(*FOUR), "2026-03-06 10:00"))
    in_time = chair(attended(*FOUR), "2026-03-03 09:00", entered="2026-03-06 11:00")
    assert withdrawn(events_of(meeting(*late), in_time)) == ["wt4", "wt4-meeting"]
    state = meeting(*late, in_time)
    assert (status(state, "wt4"), status(state, "wt4-meeting")) == ("met", "met")
    without_quorum = chair(attended(POLICE), "2026-03-03 09:00", entered="2026-03-06 11:00")
    assert withdrawn(events_of(meeting(*late), without_quorum)) == []
    later = chair(attended(*FOUR), "2026-03-05 09:30", entered="2026-03-06 11:00")
    assert withdrawn(events_of(meeting(*late), later)) == []


def test_a_meeting_held_on_its_day_and_typed_in_after_a_late_one_withdraws_the_breach() -> None:
    late = meeting(CALLED, chair(attended(*FOUR), "2026-03-05 09:00"))
    assert status(late, "wt2") == "met_late"
    assert withdrawn(events_of(late, chair(attended(*FOUR), "2026-03-04 16:00"))) == ["wt2"]


def test_what_turns_out_to_be_complex_is_judged_from_the_referral_and_by_what_was_held() -> None:
    held = (
        chair(Convene(kind="meeting", invited=FOUR), "2026-03-02 18:00"),
        chair(attended(*FOUR), "2026-03-03 09:00"),
    )
    known_later = chair(COMPLEX.command, "2026-03-10 09:00")
    state = meeting(*held, known_later)
    assert (status(state, "wt4"), status(state, "wt4-meeting")) == ("met", "met")
    assert breaches(events_of(meeting(), known_later)) == ["wt4", "wt4-meeting"]
    assert [clock.rule for clock in meeting(COMPLEX, known_later).clocks].count("WT4") == 1


@pytest.mark.parametrize("rule", ["WT2", "WT4", "WT4-meeting"])
def test_nobody_waits_for_a_session_once_the_meeting_is_closed(rule: str) -> None:
    call = chair(
        Convene(kind="complex_abuse_meeting", invited=FOUR, referrer=EDUCATION, on=date(2026, 3, 9)), "2026-03-06 11:30"
    )
    state = meeting(*READY_TO_CLOSE, call, chair(CloseMeeting(), "2026-03-06 12:00"))
    assert state.outcome is not None
    assert [clock.id for clock in state.clocks if clock.rule == rule and clock.is_open] == []
