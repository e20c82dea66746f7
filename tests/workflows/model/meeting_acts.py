"""The acts of a strategy meeting that its tests compose, at the times of the worked scenarios."""

from datetime import date

from nom.contracts.actors import Agency, Rank
from nom.contracts.conference import HoldConference, NameConference
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import Jurisdiction, Opening
from nom.contracts.meeting_follow_up import AcknowledgeRecord, AssignAction, CompleteAction, DistributeRecord
from nom.contracts.meeting_session import (
    Adjourn,
    AgencyView,
    Attendance,
    Convene,
    DecideSection47,
    Presence,
    RecordAgencyView,
    RecordAttendance,
    ShareInformation,
)
from nom.contracts.policy.loader import pack_for
from nom.contracts.stages import OpenStrategyMeeting, StageBrief
from nom.contracts.subjects import Subject
from nom.workflows.model import strategy_meeting
from nom.workflows.model.process import Facts
from nom.workflows.model.strategy_meeting_record import StrategyMeetingState
from tests.workflows.model import kit
from tests.workflows.model.kit import FACTS, LONDON, POLICY, Request, facts_of, london, request

MODEL = strategy_meeting.MODEL
STREAM = "gmp/26-7k3f9q/strategy-meeting-1"
POLICE, LOCAL_AUTHORITY = Agency.POLICE, Agency.LOCAL_AUTHORITY
HEALTH, EDUCATION, SOCIAL_SERVICES = Agency.HEALTH, Agency.EDUCATION, Agency.SOCIAL_SERVICES
FOUR = (POLICE, LOCAL_AUTHORITY, HEALTH, EDUCATION)
WALES = facts_of(pack_for("WAL", "police", date(2026, 7, 3)))
JOINT = DecideSection47(outcome="joint")
SINGLE = DecideSection47(outcome="single_agency")
NONE = DecideSection47(outcome="none")
DISTRIBUTE = DistributeRecord()


def opening(received_at: str = "2026-03-02 09:20", at: str = "2026-03-02 17:40", jurisdiction: str = "ENG") -> Request:
    """The case opens the meeting."""
    brief = StageBrief(
        opening=Opening(jurisdiction=Jurisdiction(jurisdiction), policy=POLICY.ref()),
        received_at=london(received_at),
        subjects=(Subject(id="child-1", age=14, in_care=True), Subject(id="suspect-1")),
        allegations=(),
    )
    return request(STREAM, "system", OpenStrategyMeeting(brief=brief), at)


def chair(
    command: CommandBase,
    at: str,
    *,
    reason: str | None = None,
    entered: str | None = None,
    agency: Agency = LOCAL_AUTHORITY,
    rank: Rank | None = None,
) -> Request:
    """The chair asks for something, with a reason where the command needs one."""
    why = reason or ("as the meeting found" if command.decides else None)
    return request(STREAM, "meeting_chair", command, at, agency=agency, rank=rank, reason=why, entered=entered)


def representative(command: CommandBase, at: str, agency: Agency, reason: str | None = None) -> Request:
    """An agency's representative asks for something."""
    actor = f"representative-of-{agency.value.replace('_', '-')}"
    return request(STREAM, "agency_representative", command, at, actor=actor, agency=agency, reason=reason)


def social_worker(command: CommandBase, at: str, agency: Agency = LOCAL_AUTHORITY) -> Request:
    """A social worker asks for something."""
    return request(STREAM, "social_worker", command, at, agency=agency, reason="as agreed")


def conference_chair(command: CommandBase, at: str, entered: str | None = None) -> Request:
    """The chair of the conference asks for something."""
    why = "as the conference found"
    return request(STREAM, "conference_chair", command, at, agency=LOCAL_AUTHORITY, reason=why, entered=entered)


def attended(*agencies: Agency, **otherwise: Presence) -> RecordAttendance:
    """Agencies in person, and others in another way."""
    others = tuple(Attendance(agency=Agency(name), how=how) for name, how in otherwise.items())
    return RecordAttendance(present=(*(Attendance(agency=agency) for agency in agencies), *others))


def agreed(*agencies: Agency, question: str = "threshold met") -> RecordAgencyView:
    """Agencies agree on a question."""
    return RecordAgencyView(question=question, views=tuple(AgencyView(agency=item, view="agree") for item in agencies))


CONVENED = social_worker(Convene(kind="meeting", invited=FOUR), "2026-03-03 10:00")
INQUORATE = chair(attended(POLICE, LOCAL_AUTHORITY, EDUCATION), "2026-03-03 14:00")
ADJOURNED = chair(Adjourn(until=london("2026-03-04 09:30")), "2026-03-03 14:10")
QUORATE = chair(attended(*FOUR), "2026-03-04 09:30")
SHARED = representative(
    ShareInformation(
        agency=HEALTH, item="attendance history", marking="OFFICIAL-SENSITIVE", to=(POLICE, LOCAL_AUTHORITY)
    ),
    "2026-03-04 09:50",
    HEALTH,
)
VIEWED = tuple(representative(agreed(agency), "2026-03-04 10:20", agency) for agency in FOUR)
DECIDED = chair(JOINT, "2026-03-04 10:30")
ASSIGNED = chair(AssignAction(agency=HEALTH, what="medical", due=date(2026, 3, 6)), "2026-03-04 10:40")
NAMED = chair(NameConference(), "2026-03-04 16:00")
DISTRIBUTED = chair(DISTRIBUTE, "2026-03-05 12:00")
ACKNOWLEDGED = tuple(representative(AcknowledgeRecord(agency=agency), "2026-03-05 17:00", agency) for agency in FOUR)
COMPLETED = representative(CompleteAction(number=1), "2026-03-06 11:00", HEALTH)
HELD = conference_chair(HoldConference(outcome="plan"), "2026-03-24 10:00")
TO_THE_DECISION = (CONVENED, INQUORATE, ADJOURNED, QUORATE, SHARED, *VIEWED, DECIDED)
READY_TO_CLOSE = (*TO_THE_DECISION, ASSIGNED, NAMED, DISTRIBUTED, *ACKNOWLEDGED, COMPLETED)
WHOLE = (*READY_TO_CLOSE, HELD)


def meeting(*requests: Request, facts: Facts = FACTS, opened: Request | None = None) -> StrategyMeetingState:
    """A meeting that was opened, after requests that must all be accepted."""
    return kit.given(MODEL, STREAM, opened or opening(), *requests, facts=facts)


def events_of(state: StrategyMeetingState, asked: Request, facts: Facts = FACTS) -> tuple[EventBase, ...]:
    """The events of one request, which must be accepted."""
    return kit.events_of(MODEL, state, asked, facts)


def refusal_of(state: StrategyMeetingState, asked: Request, facts: Facts = FACTS) -> tuple[str, list[str]]:
    """The refusal of one request: its code, and what is unmet."""
    refusal = kit.refused(MODEL, state, asked, facts)
    return refusal.code, kit.labels(refusal)


def due(state: StrategyMeetingState, clock_id: str) -> str:
    """When a clock is due, in London: the day that it ends with, or the moment."""
    clock = state.clock(clock_id)
    assert clock is not None, f"no clock {clock_id} among {[held.id for held in state.clocks]}"
    return clock.last_day.isoformat() if clock.last_day else f"{clock.due_at.astimezone(LONDON):%Y-%m-%d %H:%M}"


def status(state: StrategyMeetingState, clock_id: str) -> str:
    """Where a clock stands."""
    clock = state.clock(clock_id)
    assert clock is not None, f"no clock {clock_id} among {[held.id for held in state.clocks]}"
    return clock.status.value
