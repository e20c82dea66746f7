"""Rules of the investigation as a stage: who leads and reviews it, and when it is over for a suspect and as a whole.

What it finds out stands in `inquiry`, what victims are told in `victim_notices`. Their notices outlive the stage.
"""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.case import LinkSubject
from nom.contracts.characteristics import (
    RecordEthnicity,
    RecordEthnicityUnavailable,
    RecordNationality,
    RecordNationalityUnavailable,
    RecordObservedEthnicity,
)
from nom.contracts.clocks import ClockStatus
from nom.contracts.crime import CancelCrime, ReclassifyCrime, RecordCrime
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse
from nom.contracts.ids import ProcessKind
from nom.contracts.inquiry import (
    CloseLineOfInquiry,
    InquiryCommand,
    InterviewSuspect,
    NameSuspect,
    OpenLineOfInquiry,
    RecordAccountDeclined,
    RecordAccountNotSought,
    RecordNotInterviewed,
    TakeVictimAccount,
)
from nom.contracts.investigation import (
    AppointSio,
    CaseHandedOver,
    Conclude,
    ConductCommand,
    HandOver,
    InvestigationEvent,
    InvestigationOpened,
    InvestigationOwnCommand,
    InvestigationRequest,
    ReviewAsSupervisor,
    SioAppointed,
    SupervisorReviewRecorded,
)
from nom.contracts.notices import NotifyVictim
from nom.contracts.stages import OpenInvestigation, RecordNotifiableEvent
from nom.contracts.standing import AskStanding, ReopenInvestigation, StandingCommand, StopTellingStanding
from nom.workflows.model import inquiry, registrar, standing, victim_notices
from nom.workflows.model.characteristics import record_characteristic
from nom.workflows.model.conclusion import conclude, reopen
from nom.workflows.model.crime import record_crime
from nom.workflows.model.deliberation import deliberate
from nom.workflows.model.investigation_record import InvestigationState, Thinking, evolve
from nom.workflows.model.late_entry import meet_or_mend, take_place
from nom.workflows.model.process import Decision, Facts, ProcessModel
from nom.workflows.model.subject_linking import take_subject

AFTER_THE_END = (
    RecordNotifiableEvent,
    NotifyVictim,
    AskStanding,
    StopTellingStanding,
    ReopenInvestigation,
    LinkSubject,
    TakeVictimAccount,
    RecordAccountDeclined,
    RecordAccountNotSought,
)
"""What may still be done when the stage has ended: a suspect on bail is still somebody whom victims must hear about, a
closure that follows from the investigation still asks how things stand, and a victim who is found by then is asked for
an account like every other.
"""


def decide(state: InvestigationState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on an investigation."""
    return deliberate(state, request, facts, _rules, AFTER_THE_END)


def _rules(d: Thinking) -> Refusal | None:
    refusal = _decided(d)
    if refusal is None:
        standing.tell_changes(d)
    return refusal


def _decided(d: Thinking) -> Refusal | None:
    command = cast("InvestigationOwnCommand", d.command)
    match command:
        case (
            RecordEthnicity()
            | RecordObservedEthnicity()
            | RecordEthnicityUnavailable()
            | RecordNationality()
            | RecordNationalityUnavailable()
        ):
            return record_characteristic(d, command, d.state.known_people())
        case (
            OpenLineOfInquiry()
            | CloseLineOfInquiry()
            | TakeVictimAccount()
            | RecordAccountDeclined()
            | RecordAccountNotSought()
            | NameSuspect()
            | InterviewSuspect()
            | RecordNotInterviewed()
        ):
            return _find_out(d, command)
        case (
            OpenInvestigation()
            | LinkSubject()
            | AppointSio()
            | HandOver()
            | ReviewAsSupervisor()
            | RecordCrime()
            | RecordNotifiableEvent()
            | NotifyVictim()
            | Conclude()
        ):
            return _conduct(d, command)
        case ReclassifyCrime():
            return registrar.reclassify(d, command)
        case CancelCrime():
            return registrar.cancel(d, command)
        case AskStanding() | StopTellingStanding() | ReopenInvestigation():
            return _about_closure(d, command)
        case _:
            assert_never(command)


def _find_out(d: Thinking, command: InquiryCommand) -> Refusal | None:
    match command:
        case OpenLineOfInquiry():
            return inquiry.open_lines(d, command)
        case CloseLineOfInquiry():
            return inquiry.close_lines(d, command)
        case TakeVictimAccount() | RecordAccountDeclined() | RecordAccountNotSought():
            return inquiry.record_account(d, command)
        case NameSuspect():
            return inquiry.name_suspect(d, command)
        case InterviewSuspect() | RecordNotInterviewed():
            return inquiry.record_interview(d, command)
        case _:
            assert_never(command)


def _conduct(d: Thinking, command: ConductCommand) -> Refusal | None:
    match command:
        case OpenInvestigation():
            return _open(d, command)
        case LinkSubject():
            return take_subject(d, command, d.state.subjects)
        case AppointSio():
            return _appoint(d, command)
        case HandOver():
            return _hand_over(d, command)
        case ReviewAsSupervisor():
            return _review(d, command)
        case RecordCrime():
            return record_crime(d, command, d.state.subjects, d.state.recorded_crimes())
        case RecordNotifiableEvent():
            return victim_notices.record_notifiable_event(d, command)
        case NotifyVictim():
            return victim_notices.notify_victim(d, command)
        case Conclude():
            return conclude(d, command)
        case _:
            assert_never(command)


def _about_closure(d: Thinking, command: StandingCommand) -> None:
    match command:
        case AskStanding():
            standing.ask(d, command)
        case StopTellingStanding():
            standing.stop(d, command)
        case ReopenInvestigation():
            reopen(d, command)
        case _:
            assert_never(command)


def _open(d: Thinking, command: OpenInvestigation) -> None:
    brief = command.brief
    d.open(brief.opening)
    d.record(InvestigationOpened(received_at=brief.received_at, subjects=brief.subjects, allegations=brief.allegations))
    d.start_clock("SR1", "investigation opened", clock_id="sr1-1")


def _appoint(d: Thinking, command: AppointSio) -> Refusal | None:
    if d.state.sio is not None:
        return refuse("sio_appointed", f"{d.state.sio} leads the investigation: hand over instead")
    d.record(SioAppointed(officer=command.officer))
    return None


def _hand_over(d: Thinking, command: HandOver) -> Refusal | None:
    if d.state.sio != command.from_officer:
        return refuse("not_the_sio", f"{command.from_officer} does not lead the investigation")
    if command.to_officer == command.from_officer:
        return refuse("same_officer", "an investigation is handed over to somebody else")
    d.record(CaseHandedOver(from_officer=command.from_officer, to_officer=command.to_officer))
    return None


def _review(d: Thinking, command: ReviewAsSupervisor) -> None:
    d.record(SupervisorReviewRecorded(directions=command.directions))
    begun = [clock for clock in d.state.clocks if clock.rule == "SR1" and clock.started_at <= d.at]
    if not begun:
        return
    awaited = max(begun, key=lambda clock: clock.started_at)
    if awaited.is_open:
        d.meet_clock(awaited.id)
        d.start_clock("SR1", "supervisor's review", clock_id=d.next_clock_id("SR1"))
    elif awaited.status in (ClockStatus.MET, ClockStatus.MET_LATE):
        # An earlier review, typed in after a later one, leaves the time that the later one began.
        take_place(d, [clock for clock in d.state.clocks if clock.rule == "SR1"], "supervisor's review")
    else:
        meet_or_mend(d, awaited)


MODEL = ProcessModel(
    kind=ProcessKind.INVESTIGATION,
    state=InvestigationState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(InvestigationRequest),
    events=TypeAdapter(InvestigationEvent),
)
