"""The acts of an investigation that its tests compose, at the times of the first worked scenario."""

from nom.contracts.characteristics import RecordEthnicityUnavailable, RecordNationalityUnavailable
from nom.contracts.crime import CancelCrime, RecordCrime
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.inquiry import (
    CloseLineOfInquiry,
    InterviewSuspect,
    OpenLineOfInquiry,
    RecordNotInterviewed,
    TakeVictimAccount,
)
from nom.contracts.investigation import AppointSio, Conclude, Conclusion, ReviewAsSupervisor
from nom.contracts.notices import NoticeOf, NotifyVictim
from nom.contracts.stages import NotifiableEvent, OpenInvestigation, RecordNotifiableEvent, StageBrief
from nom.contracts.subjects import Allegation, Subject
from nom.workflows.model import investigation
from nom.workflows.model.investigation_record import InvestigationState
from tests.workflows.model import kit
from tests.workflows.model.kit import FACTS, LONDON, OPENING, Request, london, request

MODEL = investigation.MODEL
STREAM = "gmp/26-7k3f9q/investigation-1"
CUSTODY = "gmp/26-7k3f9q/custody-1"
CHILD = Subject(id="child-1", age=14)
PEOPLE = (CHILD, Subject(id="suspect-1"), Subject(id="suspect-2"))
LINES = ("telephones", "address", "vehicle")


def opening(*subjects: Subject) -> Request:
    """The case opens the investigation. Without subjects: a child and two suspects."""
    brief = StageBrief(
        opening=OPENING,
        received_at=london("2026-03-02 09:20"),
        subjects=subjects or PEOPLE,
        allegations=(Allegation(victim=(subjects or PEOPLE)[0].id, offence="SX03025"),),
    )
    return request(STREAM, "system", OpenInvestigation(brief=brief), "2026-03-02 17:40")


def sio(command: CommandBase, at: str, reason: str | None = None, entered: str | None = None) -> Request:
    """The senior investigating officer asks for something, with a reason where the command needs one."""
    why = reason or ("as the inquiry found" if command.decides else None)
    actor = "officer-sio-1"
    return request(STREAM, "senior_investigating_officer", command, at, actor=actor, reason=why, entered=entered)


def superintendent(command: CommandBase, at: str) -> Request:
    """The detective superintendent asks for something."""
    return request(STREAM, "detective_superintendent", command, at)


def supervisor(at: str, *directions: str, entered: str | None = None) -> Request:
    """A supervisor reviews."""
    return request(STREAM, "supervising_officer", ReviewAsSupervisor(directions=directions), at, entered=entered)


def happened(of: NotifiableEvent, at: str, *, stage: str = CUSTODY, suspect: str = "suspect-1") -> Request:
    """The case tells of something that happened to a suspect."""
    command = RecordNotifiableEvent(of=of, suspect=suspect, happened_at=london(at), stage=stage)
    return request(STREAM, "system", command, at)


def told(of: NoticeOf, at: str, *victims: str, entered: str | None = None) -> Request:
    """Victims are told of something; all of them, where none is named."""
    return sio(NotifyVictim(of=of, victims=victims), at, entered=entered)


def concluded(suspect: str, at: str, how: Conclusion = "file_to_cps") -> Request:
    """The investigation of a suspect is concluded."""
    return sio(Conclude(suspect=suspect, how=how), at)


APPOINTED = superintendent(AppointSio(officer="officer-sio-1"), "2026-03-03 09:00")
OPENED = sio(OpenLineOfInquiry(lines=LINES), "2026-03-03 11:00")
ACCOUNT = request(STREAM, "specialist_interviewer", TakeVictimAccount(victim="child-1"), "2026-03-04 13:00")
INTERVIEWED = sio(InterviewSuspect(suspect="suspect-1", setting="detention"), "2026-03-18 09:00")
REVIEWED = supervisor("2026-03-27 10:00")
CLOSED = sio(CloseLineOfInquiry(lines=LINES, result="attributed to suspect-1"), "2026-04-01 10:00")
NO_ETHNICITY = sio(
    RecordEthnicityUnavailable(subjects=("suspect-1", "suspect-2"), reason="no_contact"), "2026-04-02 10:00"
)
NO_NATIONALITY = sio(
    RecordNationalityUnavailable(subjects=("suspect-1", "suspect-2"), reason="no_contact"), "2026-04-02 10:01"
)
NOT_INTERVIEWED = sio(RecordNotInterviewed(suspect="suspect-2"), "2026-04-02 11:00", "abroad, location unknown")
RECORDED = request(
    STREAM, "force_crime_registrar", RecordCrime(victim="child-1", offence="SX03238"), "2026-03-05 09:00", actor="fcr-1"
)
CANCELLED = request(
    STREAM,
    "force_crime_registrar",
    CancelCrime(victim="child-1", offence="SX03238"),
    "2026-03-06 09:00",
    actor="fcr-2",
    reason="it was recorded twice",
)
CRIME_CANCELLED = (opening(), RECORDED, CANCELLED)
COMPLETE = (APPOINTED, OPENED, ACCOUNT, INTERVIEWED, REVIEWED, CLOSED, NO_ETHNICITY, NO_NATIONALITY, NOT_INTERVIEWED)


def inquiry(*requests: Request, opened: Request | None = None) -> InvestigationState:
    """An investigation that was opened, after requests that must all be accepted."""
    return kit.given(MODEL, STREAM, opened or opening(), *requests, facts=FACTS)


def events_of(state: InvestigationState, asked: Request) -> tuple[EventBase, ...]:
    """The events of one request, which must be accepted."""
    return kit.events_of(MODEL, state, asked, FACTS)


def refusal_of(state: InvestigationState, asked: Request) -> tuple[str, list[str]]:
    """The refusal of one request: its code, and what is unmet."""
    refusal = kit.refused(MODEL, state, asked, FACTS)
    return refusal.code, kit.labels(refusal)


def due(state: InvestigationState, clock_id: str) -> str:
    """The day that a clock ends with."""
    clock = state.clock(clock_id)
    assert clock is not None, f"no clock {clock_id} among {[held.id for held in state.clocks]}"
    return clock.last_day.isoformat() if clock.last_day else f"{clock.due_at.astimezone(LONDON):%Y-%m-%d %H:%M}"


def status(state: InvestigationState, clock_id: str) -> str:
    """Where a clock stands."""
    clock = state.clock(clock_id)
    assert clock is not None, f"no clock {clock_id} among {[held.id for held in state.clocks]}"
    return clock.status.value
