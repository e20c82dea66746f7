"""What is known of one strategy meeting, and how one event changes that. Decides nothing."""

from typing import Literal, assert_never

from nom.contracts.actors import Agency
from nom.contracts.base import Contract, Instant
from nom.contracts.case import SubjectLinked
from nom.contracts.conference import (
    ConferenceEvent,
    ConferenceHeld,
    ConferenceNamed,
    ConferenceReanchored,
    CoreGroupHeld,
    ProtectionPlanAgreed,
    ReviewConferenceHeld,
)
from nom.contracts.ids import SubjectId
from nom.contracts.meeting_follow_up import (
    ActionAssigned,
    ActionCompleted,
    ActionEscalated,
    FollowUpEvent,
    RecordAcknowledged,
    RecordDistributed,
)
from nom.contracts.meeting_session import (
    AgencyViewRecorded,
    AttendanceRecorded,
    InformationShared,
    InterimSafetyAgreed,
    MeetingAdjourned,
    MeetingId,
    QuestionPut,
    QuorumFailed,
    QuorumJudged,
    Section47Decided,
    Section47Outcome,
    SessionEvent,
    SharingRefused,
    StrategyMeetingConvened,
)
from nom.contracts.policy.rules import MeetingKind
from nom.contracts.position_of_trust import LadoNotified, PositionOfTrustRecorded
from nom.contracts.strategy_meeting import AssessmentCompleted, StrategyMeetingOpened, StrategyMeetingOwnEvent
from nom.contracts.subjects import Subject
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState

ActionStatus = Literal["open", "completed", "escalated", "carried"]


class Session(Contract):
    """One session. `agencies` are those that sat, deputies included; `decided_at` is its latest decision."""

    meeting: MeetingId
    kind: MeetingKind
    held_at: Instant
    agencies: tuple[Agency, ...]
    adjourned_at: Instant | None = None
    decided_at: Instant | None = None
    distributed_at: Instant | None = None
    acknowledged: tuple[Agency, ...] = ()

    @property
    def is_distributed(self) -> bool:
        """Whether its record went out with all that it decided."""
        if self.distributed_at is None:
            return False
        return self.decided_at is None or self.decided_at <= self.distributed_at

    def without_acknowledgement(self) -> tuple[Agency, ...]:
        """The agencies that sat and have not acknowledged the record."""
        return tuple(agency for agency in self.agencies if agency not in self.acknowledged)


class MeetingAction(Contract):
    """Something that an agency is to do. Escalated or carried into a plan, it no longer holds the stage open."""

    number: int
    assigned_at: Instant
    status: ActionStatus = "open"

    @property
    def is_open(self) -> bool:
        """Whether nobody has done it, escalated it or carried it into a plan."""
        return self.status == "open"


class StrategyMeetingState(ProcessState):
    """What is known of one strategy meeting. `section47` is the outcome of the decision with the latest date,
    `anchor` the session from which the time for the conference runs, and `anchor_named` whether somebody named it.
    `in_trust` are the suspects who work with children, `lado_notified` those of whom the designated officer was told.
    """

    received_at: Instant | None = None
    subjects: tuple[Subject, ...] = ()
    kind: MeetingKind = "discussion"
    referrer: Agency | None = None
    sessions: tuple[Session, ...] = ()
    questions: tuple[QuestionPut, ...] = ()
    section47: Section47Outcome | None = None
    decided_at: Instant | None = None
    anchor: MeetingId | None = None
    anchor_named: bool = False
    conference_held_at: Instant | None = None
    plan_in_force: bool = False
    actions: tuple[MeetingAction, ...] = ()
    assessed: bool = False
    in_trust: tuple[SubjectId, ...] = ()
    lado_notified: tuple[SubjectId, ...] = ()

    def session(self, meeting: str | None) -> Session | None:
        """The session with that id."""
        return next((session for session in self.sessions if session.meeting == meeting), None)

    def session_at(self, moment: Instant) -> Session | None:
        """The session under way or last held at a moment; of two at once, the one recorded later."""
        begun = [session for session in self.sessions if session.held_at <= moment]
        return max(begun, key=lambda session: (session.held_at, self.sessions.index(session)), default=None)

    def undecided_questions(self) -> tuple[QuestionPut, ...]:
        """The questions that were put after the latest decision."""
        return tuple(item for item in self.questions if self.decided_at is None or item.put_at > self.decided_at)

    def action(self, number: int) -> MeetingAction | None:
        """The action with that number."""
        return next((action for action in self.actions if action.number == number), None)

    def children(self) -> tuple[str, ...]:
        """The victims that the meeting is about."""
        return tuple(subject.id for subject in self.subjects if subject.is_victim)


Thinking = Deliberation[StrategyMeetingState]


def evolve(state: StrategyMeetingState, event: StrategyMeetingOwnEvent) -> StrategyMeetingState:
    """Fold one event of a strategy meeting."""
    match event:
        case StrategyMeetingOpened():
            return state.model_copy(update={"received_at": event.received_at, "subjects": event.subjects})
        case SubjectLinked():
            return state.model_copy(update={"subjects": (*state.subjects, event.subject)})
        case AssessmentCompleted():
            return state.model_copy(update={"assessed": True})
        case (
            StrategyMeetingConvened()
            | AttendanceRecorded()
            | QuorumJudged()
            | QuorumFailed()
            | InformationShared()
            | SharingRefused()
            | MeetingAdjourned()
            | AgencyViewRecorded()
            | Section47Decided()
            | InterimSafetyAgreed()
        ):
            return _after_session(state, event)
        case ActionAssigned() | ActionCompleted() | ActionEscalated() | RecordDistributed() | RecordAcknowledged():
            return _after_follow_up(state, event)
        case (
            ConferenceNamed()
            | ConferenceReanchored()
            | ConferenceHeld()
            | ProtectionPlanAgreed()
            | ReviewConferenceHeld()
            | CoreGroupHeld()
        ):
            return _after_conference(state, event)
        case PositionOfTrustRecorded():
            return state.model_copy(update={"in_trust": (*state.in_trust, event.suspect)})
        case LadoNotified():
            return state.model_copy(update={"lado_notified": (*state.lado_notified, event.suspect)})
        case _:
            assert_never(event)


def _after_session(state: StrategyMeetingState, event: SessionEvent) -> StrategyMeetingState:
    match event:
        case StrategyMeetingConvened():
            return state.model_copy(update={"kind": event.kind, "referrer": event.referrer})
        case AttendanceRecorded():
            sat = tuple(dict.fromkeys(item.agency for item in event.present if item.counts))
            session = Session(meeting=event.meeting, kind=event.kind, held_at=event.held_at, agencies=sat)
            return state.model_copy(update={"sessions": (*state.sessions, session)})
        case MeetingAdjourned():
            return _with_session(state, event.meeting, adjourned_at=event.adjourned_at)
        case AgencyViewRecorded():
            return state.model_copy(update={"questions": _with_views(state.questions, event)})
        case Section47Decided():
            return _after_decision(state, event)
        case QuorumJudged() | QuorumFailed() | InformationShared() | SharingRefused() | InterimSafetyAgreed():
            return state
        case _:
            assert_never(event)


def _with_session(state: StrategyMeetingState, meeting: str, **changes: object) -> StrategyMeetingState:
    sessions = tuple(
        session.model_copy(update=changes) if session.meeting == meeting else session for session in state.sessions
    )
    return state.model_copy(update={"sessions": sessions})


def _with_views(questions: tuple[QuestionPut, ...], event: AgencyViewRecorded) -> tuple[QuestionPut, ...]:
    blank = QuestionPut(question=event.question, put_at=event.put_at, views=())
    held = next((item for item in questions if item.question == event.question), blank)
    spoken = {view.agency for view in event.views}
    views = (*(view for view in held.views if view.agency not in spoken), *event.views)
    put = QuestionPut(question=event.question, put_at=min(held.put_at, event.put_at), views=views)
    return (*(item for item in questions if item.question != event.question), put)


def _after_decision(state: StrategyMeetingState, event: Section47Decided) -> StrategyMeetingState:
    session = state.session(event.meeting)
    earlier = session.decided_at if session else None
    state = _with_session(state, event.meeting, decided_at=max(earlier or event.decided_at, event.decided_at))
    named = state.anchor_named and event.anchor == state.anchor
    state = state.model_copy(update={"anchor": event.anchor, "anchor_named": named})
    if state.decided_at is not None and event.decided_at < state.decided_at:
        return state
    return state.model_copy(update={"section47": event.outcome, "decided_at": event.decided_at})


def _after_follow_up(state: StrategyMeetingState, event: FollowUpEvent) -> StrategyMeetingState:
    match event:
        case ActionAssigned():
            action = MeetingAction(number=event.number, assigned_at=event.assigned_at)
            return state.model_copy(update={"actions": (*state.actions, action)})
        case ActionCompleted():
            return _with_actions(state, (event.number,), "completed")
        case ActionEscalated():
            return _with_actions(state, (event.number,), "escalated")
        case RecordDistributed():
            for meeting in event.meetings:
                state = _with_session(state, meeting, distributed_at=event.distributed_at, acknowledged=())
            return state
        case RecordAcknowledged():
            for meeting in event.meetings:
                session = state.session(meeting)
                held = session.acknowledged if session else ()
                state = _with_session(state, meeting, acknowledged=(*held, event.agency))
            return state
        case _:
            assert_never(event)


def _with_actions(state: StrategyMeetingState, numbers: tuple[int, ...], status: ActionStatus) -> StrategyMeetingState:
    actions = tuple(
        action.model_copy(update={"status": status}) if action.number in numbers else action for action in state.actions
    )
    return state.model_copy(update={"actions": actions})


def _after_conference(state: StrategyMeetingState, event: ConferenceEvent) -> StrategyMeetingState:
    match event:
        case ConferenceReanchored():
            return state.model_copy(update={"anchor": event.anchor, "anchor_named": True})
        case ConferenceHeld():
            return state.model_copy(update={"conference_held_at": event.held_at})
        case ProtectionPlanAgreed():
            return _with_actions(state, event.carries, "carried").model_copy(update={"plan_in_force": True})
        case ReviewConferenceHeld():
            return state.model_copy(update={"plan_in_force": event.outcome == "plan_continues"})
        case ConferenceNamed() | CoreGroupHeld():
            return state
        case _:
            assert_never(event)
