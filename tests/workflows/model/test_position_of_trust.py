import pytest

from nom.contracts.position_of_trust import LadoNotified, NotifyLado, PositionOfTrustRecorded, RecordPositionOfTrust
from nom.contracts.strategy_meeting import CloseMeeting
from tests.workflows.model.kit import breaches, london
from tests.workflows.model.meeting_acts import (
    READY_TO_CLOSE,
    chair,
    due,
    events_of,
    meeting,
    refusal_of,
    social_worker,
    status,
)

KNOWN = social_worker(RecordPositionOfTrust(suspect="suspect-1"), "2026-03-03 10:00")
TOLD = social_worker(NotifyLado(suspect="suspect-1"), "2026-03-04 16:00")


def test_the_time_to_tell_the_designated_officer_counts_from_awareness() -> None:
    recorded, clock = events_of(meeting(), KNOWN)
    assert isinstance(recorded, PositionOfTrustRecorded)
    assert recorded.in_words() == "suspect-1 works with children; known since 2026-03-03 10:00 GMT"
    assert (clock.rule, clock.about) == ("LA1", "suspect-1")  # pyright: ignore[reportAttributeAccessIssue]  # A clock.
    assert due(meeting(KNOWN), "la1") == "2026-03-04"
    (told, *_) = events_of(meeting(KNOWN), TOLD)
    assert isinstance(told, LadoNotified)
    assert told.in_words() == "Designated officer told of suspect-1, who works with children"
    assert status(meeting(KNOWN, TOLD), "la1") == "met"


def test_awareness_may_have_come_before_it_was_recorded() -> None:
    earlier = RecordPositionOfTrust(suspect="suspect-1", aware_at=london("2026-02-27 09:00"))
    state = meeting(social_worker(earlier, "2026-03-03 10:00"))
    assert (due(state, "la1"), status(state, "la1")) == ("2026-03-02", "breached")
    told = social_worker(NotifyLado(suspect="suspect-1"), "2026-03-03 11:00")
    assert status(meeting(social_worker(earlier, "2026-03-03 10:00"), told), "la1") == "met_late"


def test_telling_at_once_says_since_when_it_was_known() -> None:
    assert status(meeting(TOLD), "la1") == "met"
    late = social_worker(NotifyLado(suspect="suspect-1", aware_at=london("2026-03-02 09:00")), "2026-03-04 16:00")
    assert breaches(events_of(meeting(), late)) == ["la1"]
    assert status(meeting(late), "la1") == "met_late"


def test_each_person_has_a_clock_of_their_own() -> None:
    other = social_worker(RecordPositionOfTrust(suspect="suspect-2"), "2026-03-03 10:00")
    state = meeting(KNOWN, other, TOLD)
    assert (status(state, "la1"), status(state, "la1-2")) == ("met", "running")


def test_nothing_is_said_twice_or_of_a_child_or_of_later() -> None:
    assert refusal_of(meeting(KNOWN), KNOWN)[0] == "already_recorded"
    assert refusal_of(meeting(TOLD), TOLD)[0] == "already_notified"
    of_a_child = social_worker(NotifyLado(suspect="child-1"), "2026-03-03 10:00")
    assert refusal_of(meeting(), of_a_child) == ("not_a_suspect", ["not_a_suspect:child-1"])
    later = RecordPositionOfTrust(suspect="suspect-1", aware_at=london("2026-03-04 10:00"))
    assert refusal_of(meeting(), social_worker(later, "2026-03-03 10:00"))[0] == "aware_later"


@pytest.mark.parametrize("closed_first", [True, False])
def test_the_duty_outlives_the_meeting(closed_first: bool) -> None:
    close = chair(CloseMeeting(), "2026-03-06 12:00")
    known = social_worker(KNOWN.command, "2026-03-06 13:00" if closed_first else "2026-03-06 11:00")
    acts = (close, known) if closed_first else (known, close)
    state = meeting(*READY_TO_CLOSE, *acts)
    assert (state.outcome, status(state, "la1")) == ("section_47_joint", "running")
    told = social_worker(TOLD.command, "2026-03-09 11:00")
    assert status(meeting(*READY_TO_CLOSE, *acts, told), "la1") == "met"
