"""The acts of a closure that its tests compose: by whom, and at the times of the second worked scenario."""

from nom.contracts.actors import Agency, Rank
from nom.contracts.characteristics import RecordEthnicityUnavailable, RecordNationalityUnavailable
from nom.contracts.closure import (
    ApproveClosure,
    AssignReviewer,
    Closed,
    DecideReview,
    OfferReview,
    ProposeClosure,
    RejectClosure,
    RequestReview,
    ReviewAnswer,
)
from nom.contracts.events import CommandBase
from nom.contracts.inquiry import (
    CloseLineOfInquiry,
    InterviewSuspect,
    OpenLineOfInquiry,
    RecordAccountDeclined,
    RecordNotInterviewed,
    TakeVictimAccount,
)
from nom.contracts.investigation import AppointSio
from nom.contracts.notices import NoticeOf, NotifyVictim
from nom.contracts.stages import OpenCase, RecordStageOutcome, StageBrief
from nom.contracts.subjects import Allegation, Subject
from nom.workflows.model.closure_state import ClosureState
from tests.workflows.model.kit import OPENING, Request, london, request
from tests.workflows.model.matter import Matter

CASE = "syp/26-7k3f9q/case"
INVESTIGATION = "syp/26-7k3f9q/investigation-1"
CLOSURE = "syp/26-7k3f9q/closure-1"
REFERRAL = "syp/26-7k3f9q/referral-1"
PEOPLE = (
    Subject(id="child-1", age=15),
    Subject(id="child-2", age=13),
    Subject(id="suspect-1"),
    Subject(id="suspect-2"),
)
LINES = ("telephones", "hotel register")
WHY = "evidential difficulties"


def opened(*people: Subject) -> Request:
    """The case opens."""
    subjects = people or PEOPLE
    victims = [person for person in subjects if person.is_victim]
    brief = StageBrief(
        opening=OPENING,
        received_at=london("2026-06-01 09:00"),
        subjects=subjects,
        allegations=tuple(Allegation(victim=victim.id, offence="SX03025") for victim in victims),
    )
    return request(CASE, "system", OpenCase(brief=brief, referral=REFERRAL), "2026-06-01 09:00")


def routed(*opens: str) -> Request:
    """The referral ends; by default an investigation follows at once."""
    outcome = RecordStageOutcome.model_validate(
        {"stage": REFERRAL, "outcome": "routed", "opens_next": opens or ("investigation",)}
    )
    return request(CASE, "system", outcome, "2026-06-01 10:00")


def sio(command: CommandBase, at: str, stream: str = INVESTIGATION, reason: str | None = None) -> Request:
    """The senior investigating officer asks for something, with a reason where the command needs one."""
    why = reason or (WHY if command.decides else None)
    return request(
        stream, "senior_investigating_officer", command, at, actor="officer-1", rank=Rank.CHIEF_INSPECTOR, reason=why
    )


def propose(
    at: str = "2026-08-10 10:00", what: Closed | None = None, outcome: str = "15", stream: str = CLOSURE
) -> Request:
    """No further action is proposed, on suspect-2 unless something else is said."""
    command = ProposeClosure(opening=OPENING, what=what or Closed(suspect="suspect-2"), outcome=outcome)
    return sio(command, at, stream)


def approve(
    at: str = "2026-08-27 15:00",
    actor: str = "officer-2",
    rank: Rank | None = Rank.INSPECTOR,
    stream: str = CLOSURE,
    reason: str | None = WHY,
) -> Request:
    """A supervising officer approves."""
    return request(stream, "supervising_officer", ApproveClosure(), at, actor=actor, rank=rank, reason=reason)


def reject(at: str = "2026-08-27 15:00", actor: str = "officer-2", rank: Rank | None = Rank.INSPECTOR) -> Request:
    """A supervising officer rejects."""
    return request(CLOSURE, "supervising_officer", RejectClosure(), at, actor=actor, rank=rank, reason="not yet")


def notify(
    at: str = "2026-08-28 10:00", *victims: str, of: NoticeOf = "no_further_action", stream: str = CLOSURE
) -> Request:
    """Victims are told; all who wait, where none is named."""
    return sio(NotifyVictim(of=of, victims=victims), at, stream)


def offer(at: str = "2026-08-28 10:00", *victims: str, stream: str = CLOSURE) -> Request:
    """Victims are offered a review."""
    return sio(OfferReview(victims=victims), at, stream)


def ask_review(at: str = "2026-09-09 09:00", victim: str = "child-1") -> Request:
    """A victim's adviser asks for a review."""
    command = RequestReview(victim=victim)
    return request(CLOSURE, "victims_advocate", command, at, agency=Agency.VOLUNTARY)


def assign(officer: str = "officer-9", at: str = "2026-09-10 09:10") -> Request:
    """The review team names a reviewer."""
    return request(CLOSURE, "review_team", AssignReviewer(officer=officer), at)


def decide(
    outcome: ReviewAnswer,
    at: str = "2026-10-06 09:00",
    actor: str = "officer-9",
    reason: str = "hotel group holds an off-site copy",
) -> Request:
    """The reviewer decides."""
    return request(CLOSURE, "reviewing_officer", DecideReview(outcome=outcome), at, actor=actor, reason=reason)


APPOINTED = request(
    INVESTIGATION, "detective_superintendent", AppointSio(officer="officer-1"), "2026-06-01 10:30", actor="officer-5"
)
LINES_OPENED = sio(OpenLineOfInquiry(lines=LINES), "2026-06-01 11:00")
ACCOUNT = request(INVESTIGATION, "specialist_interviewer", TakeVictimAccount(victim="child-1"), "2026-06-03 13:00")
INTERVIEWED = sio(InterviewSuspect(suspect="suspect-1", setting="detention"), "2026-06-10 10:00")
NATIONALITY = sio(RecordNationalityUnavailable(subjects=("suspect-2",), reason="no_contact"), "2026-06-11 11:00")
BEGUN = (opened(), routed(), APPOINTED, LINES_OPENED, ACCOUNT, INTERVIEWED, NATIONALITY)

TELEPHONES = sio(CloseLineOfInquiry(lines=("telephones",), result="nothing of relevance"), "2026-08-17 10:00")
REGISTER = sio(
    CloseLineOfInquiry(lines=("hotel register",), result="destroyed in 2024", could_not_be_pursued=True),
    "2026-08-18 10:00",
)
DECLINED = request(INVESTIGATION, "specialist_interviewer", RecordAccountDeclined(victim="child-2"), "2026-08-20 10:00")
NOT_INTERVIEWED = sio(RecordNotInterviewed(suspect="suspect-2"), "2026-08-24 10:00", reason="abroad, location unknown")
ETHNICITY = sio(RecordEthnicityUnavailable(subjects=("suspect-2",), reason="no_contact"), "2026-08-24 10:10")
CLEARING = (TELEPHONES, REGISTER, DECLINED, NOT_INTERVIEWED, ETHNICITY)

PROPOSED = (*BEGUN, propose())
CLEARED = (*PROPOSED, *CLEARING)
APPROVED = (*CLEARED, approve())
TOLD = (*APPROVED, notify(), offer())
ASKED = (*TOLD, ask_review())
REVIEWED = (*ASKED, assign())


def matter(*requests: Request) -> Matter:
    """A matter after requests that must all be taken, with every hand-off delivered."""
    return Matter().give_all(*requests)


def closure_of(held: Matter, stream: str = CLOSURE) -> ClosureState:
    """The closure's state."""
    state = held.state(stream)
    assert isinstance(state, ClosureState)
    return state


def due(state: ClosureState, clock_id: str) -> str:
    """The day that a clock ends with."""
    clock = state.clock(clock_id)
    assert clock is not None, f"no clock {clock_id} among {[held.id for held in state.clocks]}"
    return str(clock.last_day)


def status(state: ClosureState, clock_id: str) -> str:
    """Where a clock stands."""
    clock = state.clock(clock_id)
    assert clock is not None, f"no clock {clock_id} among {[held.id for held in state.clocks]}"
    return clock.status.value
