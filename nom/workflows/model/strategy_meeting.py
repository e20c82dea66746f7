"""Rules of the strategy meeting as a stage: how it opens, which rule answers which command, and when it may end.

The rules themselves stand beside it: sessions, the section 47 decision, what follows from it, the conference. What the
law still awaits when the stage ends (assessment, conference, core group, reviews) goes on running.
"""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.case import LinkSubject
from nom.contracts.conference import (
    ConferenceCommand,
    HoldConference,
    HoldCoreGroup,
    HoldReviewConference,
    NameConference,
    ReanchorConference,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.every_process import StageEnded
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.meeting_follow_up import (
    AcknowledgeRecord,
    AssignAction,
    CompleteAction,
    DistributeRecord,
    EscalateAction,
    FollowUpCommand,
)
from nom.contracts.meeting_session import (
    Adjourn,
    AgreeInterimSafety,
    Convene,
    DecideSection47,
    RecordAgencyView,
    RecordAttendance,
    RefuseToShare,
    SessionCommand,
    ShareInformation,
)
from nom.contracts.position_of_trust import NotifyLado, RecordPositionOfTrust
from nom.contracts.stages import OpenStrategyMeeting, RecordStageOutcome
from nom.contracts.strategy_meeting import (
    AssessmentCompleted,
    CloseMeeting,
    CompleteAssessment,
    StrategyMeetingEvent,
    StrategyMeetingOpened,
    StrategyMeetingOwnCommand,
    StrategyMeetingRequest,
)
from nom.workflows.model import conference, meeting_follow_up, meeting_sessions, position_of_trust
from nom.workflows.model.deliberation import deliberate
from nom.workflows.model.process import Decision, Facts, ProcessModel
from nom.workflows.model.section47 import decide_section47
from nom.workflows.model.strategy_meeting_record import StrategyMeetingState, Thinking, evolve
from nom.workflows.model.subject_linking import take_subject

AFTER_THE_END = (
    CompleteAssessment,
    NameConference,
    ReanchorConference,
    HoldConference,
    HoldReviewConference,
    HoldCoreGroup,
    CompleteAction,
    RecordPositionOfTrust,
    NotifyLado,
)
"""What may still be done when the stage has ended."""

_ENDS_WITH_THE_STAGE = ("WT2", "WT4", "WT4-meeting", "WT5", "SM1", "SM2")


def decide(state: StrategyMeetingState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a strategy meeting."""
    return deliberate(state, request, facts, _rules, AFTER_THE_END)


def _rules(d: Thinking) -> Refusal | None:
    command = cast("StrategyMeetingOwnCommand", d.command)
    match command:
        case OpenStrategyMeeting():
            return _open(d, command)
        case LinkSubject():
            return take_subject(d, command, d.state.subjects)
        case CompleteAssessment():
            return _complete_assessment(d)
        case CloseMeeting():
            return _close(d)
        case NameConference() | ReanchorConference() | HoldConference() | HoldReviewConference() | HoldCoreGroup():
            return _conference(d, command)
        case RecordPositionOfTrust():
            return position_of_trust.record_position(d, command)
        case NotifyLado():
            return position_of_trust.notify_lado(d, command)
        case AssignAction() | CompleteAction() | EscalateAction() | DistributeRecord() | AcknowledgeRecord():
            return _follow_up(d, command)
        case (
            Convene()
            | RecordAttendance()
            | ShareInformation()
            | RefuseToShare()
            | Adjourn()
            | RecordAgencyView()
            | DecideSection47()
            | AgreeInterimSafety()
        ):
            return _at_the_table(d, command)
        case _:
            assert_never(command)


def _at_the_table(d: Thinking, command: SessionCommand) -> Refusal | None:
    match command:
        case Convene():
            return meeting_sessions.convene(d, command)
        case RecordAttendance():
            return meeting_sessions.record_attendance(d, command)
        case ShareInformation():
            return meeting_sessions.share(d, command)
        case RefuseToShare():
            return meeting_sessions.refuse_to_share(d, command)
        case Adjourn():
            return meeting_sessions.adjourn(d, command)
        case RecordAgencyView():
            return meeting_sessions.record_view(d, command)
        case DecideSection47():
            return decide_section47(d, command)
        case AgreeInterimSafety():
            return meeting_sessions.agree_interim_safety(d, command)
        case _:
            assert_never(command)


def _conference(d: Thinking, command: ConferenceCommand) -> Refusal | None:
    match command:
        case NameConference():
            return conference.name_conference(d, command)
        case ReanchorConference():
            return conference.reanchor_conference(d, command)
        case HoldConference():
            return conference.hold_conference(d, command)
        case HoldReviewConference():
            return conference.hold_review(d, command)
        case HoldCoreGroup():
            return conference.hold_core_group(d)
        case _:
            assert_never(command)


def _follow_up(d: Thinking, command: FollowUpCommand) -> Refusal | None:
    match command:
        case AssignAction():
            return meeting_follow_up.assign_action(d, command)
        case CompleteAction():
            return meeting_follow_up.complete_action(d, command)
        case EscalateAction():
            return meeting_follow_up.escalate_action(d, command)
        case DistributeRecord():
            return meeting_follow_up.distribute_record(d)
        case AcknowledgeRecord():
            return meeting_follow_up.acknowledge_record(d, command)
        case _:
            assert_never(command)


def _open(d: Thinking, command: OpenStrategyMeeting) -> None:
    brief = command.brief
    d.open(brief.opening)
    d.record(StrategyMeetingOpened(received_at=brief.received_at, subjects=brief.subjects))
    d.start_clock("WT6", "referral received", start=brief.received_at)


def _complete_assessment(d: Thinking) -> Refusal | None:
    if d.state.assessed:
        return refuse("already_assessed", "the assessment is complete already")
    d.record(AssessmentCompleted())
    d.meet_clock("wt6")
    return None


def _close(d: Thinking) -> Refusal | None:
    gate = strategy_meeting_gate(d.state)
    if gate:
        return refuse("strategy_meeting_gate", "the strategy meeting can't be closed yet", *gate)
    outcome = f"section_47_{d.state.section47}"
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), RecordStageOutcome(stage=d.state.stream, outcome=outcome))
    for rule in _ENDS_WITH_THE_STAGE:
        for clock in d.open_clocks(rule):
            d.stop_clock(clock.id, "the strategy meeting was closed")
    d.record(StageEnded(outcome=outcome))
    return None


def strategy_meeting_gate(state: StrategyMeetingState) -> tuple[Unmet, ...]:
    """What must hold before the stage ends: a decision on section 47 and on every question put; the record distributed
    and acknowledged by every agency that sat; every action done, escalated or carried into a plan.
    """
    chair, agencies = ("meeting_chair",), ("agency_representative", "social_worker", "meeting_chair")
    missing: list[Unmet] = []
    if state.section47 is None:
        missing.append(unmet("section47_undecided", "nothing was decided on section 47 enquiries", None, chair))
    missing.extend(
        unmet("question_undecided", f"no decision followed the question '{item.question}'", item.question, chair)
        for item in state.undecided_questions()
    )
    missing.extend(
        unmet("record_not_distributed", f"the record of {item.meeting} was not distributed", item.meeting, chair)
        for item in state.sessions
        if not item.is_distributed
    )
    silent = dict.fromkeys(agency for item in state.sessions for agency in item.without_acknowledgement())
    missing.extend(
        unmet("record_not_acknowledged", f"{agency.value} has not acknowledged the record", agency.value, agencies)
        for agency in silent
    )
    missing.extend(
        unmet("action_open", f"action {item.number} is not done, escalated or carried", str(item.number), agencies)
        for item in state.actions
        if item.is_open
    )
    return tuple(missing)


MODEL = ProcessModel(
    kind=ProcessKind.STRATEGY_MEETING,
    state=StrategyMeetingState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(StrategyMeetingRequest),
    events=TypeAdapter(StrategyMeetingEvent),
)
