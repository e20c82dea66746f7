import pytest

from nom.contracts.case import LinkSubject
from nom.contracts.events import CommandBase
from nom.contracts.every_process import HandOffMade
from nom.contracts.inquiry import (
    CloseLineOfInquiry,
    InterviewSuspect,
    LineOfInquiryClosed,
    LineOfInquiryOpened,
    NameSuspect,
    OpenLineOfInquiry,
    RecordAccountDeclined,
    RecordAccountNotSought,
    RecordNotInterviewed,
    SuspectInterviewed,
    SuspectNamed,
    SuspectNotInterviewed,
    TakeVictimAccount,
    VictimAccountDeclined,
    VictimAccountNotSought,
    VictimAccountTaken,
)
from nom.contracts.subjects import Subject
from tests.workflows.model.inquiry_acts import CLOSED, LINES, OPENED, events_of, inquiry, refusal_of, sio

LATER = "2026-04-05 10:00"


def test_each_line_of_inquiry_is_an_event_of_its_own() -> None:
    events = events_of(inquiry(), OPENED)
    assert [event.line for event in events if isinstance(event, LineOfInquiryOpened)] == list(LINES)
    assert inquiry(OPENED).open_lines() == LINES


def test_a_line_that_is_followed_already_is_not_opened_again() -> None:
    again = sio(OpenLineOfInquiry(lines=("hotel register", "vehicle")), LATER)
    assert refusal_of(inquiry(OPENED), again) == ("line_already_open", ["line_open:vehicle"])
    assert inquiry(OPENED, CLOSED, again).open_lines() == ("hotel register", "vehicle")


def test_a_line_closes_with_its_result_or_with_why_it_could_not_be_pursued() -> None:
    command = CloseLineOfInquiry(lines=("vehicle",), result="destroyed in 2024", could_not_be_pursued=True)
    closed, *_ = events_of(inquiry(OPENED), sio(command, LATER))
    assert isinstance(closed, LineOfInquiryClosed)
    assert closed.in_words() == "Line of inquiry closed: vehicle (destroyed in 2024; pursued: no)"
    assert inquiry(OPENED, sio(command, LATER)).open_lines() == ("telephones", "address")


def test_only_open_lines_are_closed_and_each_other_is_named() -> None:
    command = CloseLineOfInquiry(lines=("vehicle", "hotel register", "door"), result="nothing of relevance")
    code, missing = refusal_of(inquiry(OPENED), sio(command, LATER))
    assert (code, missing) == ("no_such_line", ["no_such_line:hotel register", "no_such_line:door"])
    assert refusal_of(inquiry(OPENED, CLOSED), sio(CLOSED.command, LATER))[0] == "no_such_line"


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (TakeVictimAccount(victim="child-1"), VictimAccountTaken(victim="child-1")),
        (RecordAccountDeclined(victim="child-1"), VictimAccountDeclined(victim="child-1")),
        (RecordAccountNotSought(victim="child-1"), VictimAccountNotSought(victim="child-1")),
    ],
)
def test_an_account_is_taken_declined_or_not_sought(command: CommandBase, event: object) -> None:
    asked = sio(command, LATER)
    assert events_of(inquiry(), asked)[0] == event
    assert inquiry(asked).accounts == ("child-1",)
    assert inquiry(asked, sio(TakeVictimAccount(victim="child-1"), "2026-04-06 10:00")).accounts == ("child-1",)


@pytest.mark.parametrize(
    "command",
    [
        TakeVictimAccount(victim="child-9"),
        RecordAccountDeclined(victim="suspect-1"),
        RecordAccountNotSought(victim="child-9"),
        InterviewSuspect(suspect="child-1", setting="voluntary"),
        RecordNotInterviewed(suspect="suspect-9"),
    ],
)
def test_nothing_is_recorded_of_somebody_whom_the_matter_is_not_about(command: CommandBase) -> None:
    assert refusal_of(inquiry(), sio(command, LATER))[0] == "unknown_subject"


@pytest.mark.parametrize(
    "command", [RecordAccountNotSought(victim="child-1"), RecordNotInterviewed(suspect="suspect-1")]
)
def test_what_is_not_done_has_a_reason(command: CommandBase) -> None:
    without = sio(command, LATER).model_copy(update={"reason": None})
    assert refusal_of(inquiry(), without)[0] == "reason_missing"


def test_a_suspect_who_is_named_is_made_known_to_the_case() -> None:
    subject = Subject(id="suspect-3")
    named, handed = events_of(inquiry(), sio(NameSuspect(subject=subject), LATER))[:2]
    assert isinstance(named, SuspectNamed)
    assert named.in_words() == "Suspect named: suspect-3"
    assert isinstance(handed, HandOffMade)
    assert handed.hand_off.to == "gmp/26-7k3f9q/case"
    assert handed.hand_off.envelope["command"] == LinkSubject(subject=subject).model_dump(mode="json")
    assert handed.hand_off.envelope["reason"] == "named as a suspect in the investigation"
    assert inquiry(sio(NameSuspect(subject=subject), LATER)).suspects() == ("suspect-1", "suspect-2", "suspect-3")


@pytest.mark.parametrize(("who", "code"), [("suspect-1", "already_named"), ("child-2", "not_a_suspect")])
def test_a_suspect_is_named_once_and_by_a_reference_to_a_suspect(who: str, code: str) -> None:
    assert refusal_of(inquiry(), sio(NameSuspect(subject=Subject(id=who)), LATER))[0] == code


def test_a_suspect_is_interviewed_or_there_is_a_reason_why_not() -> None:
    interview = sio(InterviewSuspect(suspect="suspect-1", setting="detention"), "2026-03-18 09:00")
    (interviewed,) = events_of(inquiry(), interview)
    assert isinstance(interviewed, SuspectInterviewed)
    assert interviewed.in_words() == "suspect-1 interviewed (detention)"
    not_found = sio(RecordNotInterviewed(suspect="suspect-2"), "2026-03-18 09:00", "abroad, location unknown")
    assert isinstance(events_of(inquiry(), not_found)[0], SuspectNotInterviewed)
    assert inquiry(interview, not_found).interviews == ("suspect-1", "suspect-2")
