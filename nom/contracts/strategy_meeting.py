"""The strategy meeting: process 4 as a whole. Its parts: the sessions, what follows from them, the conference,
the suspects who work with children.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Instant
from nom.contracts.case import LinkSubject, SubjectLinked
from nom.contracts.conference import ConferenceCommand, ConferenceEvent
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent
from nom.contracts.meeting_follow_up import FollowUpCommand, FollowUpEvent
from nom.contracts.meeting_session import SessionCommand, SessionEvent
from nom.contracts.position_of_trust import TrustCommand, TrustEvent
from nom.contracts.stages import OpenStrategyMeeting
from nom.contracts.subjects import Subject


class CompleteAssessment(CommandBase):
    """Say that the assessment, which runs from the referral, is complete (ours: the act that its clock awaits)."""

    type: Literal["CompleteAssessment"] = "CompleteAssessment"


class CloseMeeting(CommandBase):
    """End the stage (ours): refused while a condition of its gate is unmet."""

    type: Literal["CloseMeeting"] = "CloseMeeting"


class StrategyMeetingOpened(EventBase):
    """The case asked for a strategy meeting."""

    says: ClassVar[str] = "Strategy meeting opened about {about}"
    type: Literal["strategy_meeting_opened.v1"] = "strategy_meeting_opened.v1"
    received_at: Instant
    subjects: tuple[Subject, ...]

    @property
    def about(self) -> tuple[str, ...]:
        """The people it is about."""
        return tuple(subject.id for subject in self.subjects)


class AssessmentCompleted(EventBase):
    """The assessment is complete."""

    says: ClassVar[str] = "Assessment complete"
    type: Literal["assessment_completed.v1"] = "assessment_completed.v1"


StageCommand = OpenStrategyMeeting | LinkSubject | CompleteAssessment | CloseMeeting
StageEvent = StrategyMeetingOpened | SubjectLinked | AssessmentCompleted
StrategyMeetingOwnCommand = StageCommand | SessionCommand | FollowUpCommand | ConferenceCommand | TrustCommand
StrategyMeetingOwnEvent = StageEvent | SessionEvent | FollowUpEvent | ConferenceEvent | TrustEvent
StrategyMeetingCommand = Annotated[StrategyMeetingOwnCommand | CommonCommand, Field(discriminator="type")]
StrategyMeetingEvent = Annotated[StrategyMeetingOwnEvent | CommonEvent, Field(discriminator="type")]
StrategyMeetingRequest = CommandEnvelope[StrategyMeetingCommand]
