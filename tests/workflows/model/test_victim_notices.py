import pytest

from nom.contracts.clocks import ClockStarted
from nom.contracts.inquiry import InterviewSuspect
from nom.contracts.investigation import NotifiableEventRecorded
from nom.contracts.notices import VictimNotified
from nom.contracts.stages import NotifiableEvent
from nom.contracts.subjects import Subject
from tests.workflows.model.inquiry_acts import (
    STREAM,
    due,
    events_of,
    happened,
    inquiry,
    opening,
    refusal_of,
    sio,
    status,
    told,
)
from tests.workflows.model.kit import breaches, london

BAIL = happened("bail", "2026-03-18 17:00")
SUSPECT = Subject(id="suspect-1")
TWO_VICTIMS = opening(Subject(id="child-1", age=14), Subject(id="victim-2", age=30), SUSPECT)


def rules_started(events: tuple[object, ...]) -> list[tuple[str, str | None]]:
    return [(event.rule, event.about) for event in events if isinstance(event, ClockStarted)]


@pytest.mark.parametrize("of", ["release", "bail", "released_under_investigation", "bail_change"])
def test_what_ends_or_changes_a_hold_on_a_suspect_starts_the_time_to_tell(of: NotifiableEvent) -> None:
    asked = happened(of, "2026-03-18 17:00")
    recorded, *rest = events_of(inquiry(), asked)
    assert isinstance(recorded, NotifiableEventRecorded)
    assert rules_started(tuple(rest)) == [("VC1-enhanced", of)]


@pytest.mark.parametrize("of", ["arrest", "interview"])
def test_an_arrest_and_an_interview_in_detention_are_told_with_the_release(of: NotifiableEvent) -> None:
    asked = happened(of, "2026-03-17 06:30")
    (recorded,) = events_of(inquiry(), asked)
    assert isinstance(recorded, NotifiableEventRecorded)


def test_an_interview_outside_detention_is_told_by_itself() -> None:
    voluntary = sio(InterviewSuspect(suspect="suspect-1", setting="voluntary"), "2026-03-18 09:00")
    assert rules_started(events_of(inquiry(), voluntary)) == [("VC1-enhanced", "interview")]
    elsewhere = happened("interview", "2026-03-18 09:00", stage=STREAM)
    assert rules_started(events_of(inquiry(), elsewhere)) == [("VC1-enhanced", "interview")]


def test_a_child_is_told_by_the_end_of_the_next_working_day() -> None:
    state = inquiry(BAIL)
    assert due(state, "vc1-1") == "2026-03-19"
    notice = told("bail", "2026-03-19 10:00")
    given = events_of(state, notice)[0]
    assert isinstance(given, VictimNotified)
    assert given.in_words() == "Told of bail: child-1"
    assert status(inquiry(BAIL, notice), "vc1-1") == "met"


@pytest.mark.parametrize(
    ("subjects", "last_day"),
    [
        ((Subject(id="victim-1", age=30), SUSPECT), "2026-03-25"),
        ((Subject(id="victim-1", age=17), SUSPECT), "2026-03-19"),
        ((Subject(id="victim-1", age=18), SUSPECT), "2026-03-25"),
        ((Subject(id="child-1"), SUSPECT), "2026-03-19"),
        ((Subject(id="victim-1"), SUSPECT), "2026-03-25"),
        ((Subject(id="victim-1", age=30), Subject(id="suspect-1", age=16)), "2026-03-25"),
        ((Subject(id="victim-1", age=30), Subject(id="child-2", age=9), SUSPECT), "2026-03-19"),
    ],
)
def test_any_victim_under_eighteen_makes_the_time_short(subjects: tuple[Subject, ...], last_day: str) -> None:
    assert due(inquiry(BAIL, opened=opening(*subjects)), "vc1-1") == last_day


def test_a_notice_meets_the_time_of_what_it_is_of() -> None:
    change = happened("bail_change", "2026-03-18 18:00")
    state = inquiry(BAIL, change, told("bail", "2026-03-19 10:00"))
    assert (status(state, "vc1-1"), status(state, "vc1-2")) == ("met", "running")


def test_a_late_notice_is_a_breach_and_is_given() -> None:
    late = told("bail", "2026-03-20 10:00")
    assert breaches(events_of(inquiry(BAIL), late)) == ["vc1-1"]
    assert status(inquiry(BAIL, late), "vc1-1") == "met_late"


def test_a_notice_given_in_time_and_typed_in_late_withdraws_the_breach() -> None:
    other = sio(InterviewSuspect(suspect="suspect-1", setting="detention"), "2026-03-23 09:00")
    assert status(inquiry(BAIL, other), "vc1-1") == "breached"
    typed_in = told("bail", "2026-03-19 10:00", entered="2026-03-24 09:00")
    assert status(inquiry(BAIL, other, typed_in), "vc1-1") == "met"


def test_the_time_is_kept_only_when_every_victim_has_been_told() -> None:
    first, second = told("bail", "2026-03-19 10:00", "child-1"), told("bail", "2026-03-19 15:00", "victim-2")
    assert status(inquiry(BAIL, first, opened=TWO_VICTIMS), "vc1-1") == "running"
    state = inquiry(BAIL, first, second, opened=TWO_VICTIMS)
    assert status(state, "vc1-1") == "met"


def test_a_second_notice_to_the_same_victim_does_not_stand_in_for_the_other() -> None:
    twice = (told("bail", "2026-03-19 10:00", "child-1"), told("bail", "2026-03-19 11:00", "child-1"))
    assert status(inquiry(BAIL, *twice, opened=TWO_VICTIMS), "vc1-1") == "running"


def test_a_notice_typed_in_before_the_case_told_of_the_bail_counts() -> None:
    notice = told("bail", "2026-03-19 10:00")
    events = events_of(inquiry(notice), BAIL)
    assert [event.type for event in events] == ["notifiable_event_recorded.v1", "clock_started.v1", "clock_met.v1"]
    assert breaches(events) == []
    late = told("bail", "2026-03-20 10:00")
    assert breaches(events_of(inquiry(late), BAIL)) == ["vc1-1"]


def test_a_notice_from_before_the_bail_does_not_count_for_it() -> None:
    assert status(inquiry(told("bail", "2026-03-18 10:00"), BAIL), "vc1-1") == "running"
    earlier = told("bail", "2026-03-18 10:00", entered="2026-03-19 10:00")
    assert status(inquiry(BAIL, earlier), "vc1-1") == "running"


def test_a_decision_not_to_investigate_is_told_too() -> None:
    (given,) = events_of(inquiry(), told("decision", "2026-03-19 10:00"))
    assert isinstance(given, VictimNotified)
    assert given.told_at == london("2026-03-19 10:00")


def test_a_notice_goes_to_victims_of_the_matter() -> None:
    code, missing = refusal_of(inquiry(BAIL), told("bail", "2026-03-19 10:00", "child-1", "child-9", "suspect-1"))
    assert (code, missing) == ("unknown_subject", ["unknown_subject:child-9", "unknown_subject:suspect-1"])


def test_only_the_system_says_that_something_to_be_told_happened() -> None:
    by_a_person = BAIL.model_copy(update={"actor": told("bail", "2026-03-19 10:00").actor})
    assert refusal_of(inquiry(), by_a_person)[0] == "role"


def test_a_notice_in_time_that_is_typed_in_after_a_late_one_takes_the_breach_back() -> None:
    state = inquiry(happened("bail", "2026-03-17 23:00"), told("bail", "2026-03-25 10:00"))
    assert status(state, "vc1-1") == "met_late"
    earlier = told("bail", "2026-03-18 10:00", entered="2026-03-26 10:00")
    assert [event.type for event in events_of(state, earlier)] == [
        "victim_notified.v2",
        "breach_withdrawn.v1",
        "clock_met.v1",
    ]
