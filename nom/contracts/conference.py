"""The child protection conference that a strategy meeting leads to, and the plan's core group and reviews.

Part of process 4. Holds no plan: a plan is named, and kept by the local authority.
"""

from typing import ClassVar, Literal

from nom.contracts.base import Instant, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.local_time import london_words
from nom.contracts.meeting_session import MeetingId


class NameConference(CommandBase):
    """Say that an initial child protection conference will be held and, where that is known, when."""

    type: Literal["NameConference"] = "NameConference"
    when: Instant | None = None


class ReanchorConference(CommandBase):
    """Let the time for the initial conference count from another session that decided on section 47. Sources differ on
    the discussion that began the enquiries or the last one: the chair names it, with the reason.
    """

    decides: ClassVar[bool] = True
    type: Literal["ReanchorConference"] = "ReanchorConference"
    meeting: MeetingId


class HoldConference(CommandBase):
    """The initial conference was held. A plan may carry actions of the strategy meeting and then has a name."""

    decides: ClassVar[bool] = True
    type: Literal["HoldConference"] = "HoldConference"
    outcome: Literal["plan", "none"]
    plan: Text | None = None
    carries: tuple[int, ...] = ()


class HoldReviewConference(CommandBase):
    """A review conference was held: the plan goes on, or ends."""

    decides: ClassVar[bool] = True
    type: Literal["HoldReviewConference"] = "HoldReviewConference"
    outcome: Literal["plan_continues", "plan_ends"]


class HoldCoreGroup(CommandBase):
    """The core group of the plan met."""

    type: Literal["HoldCoreGroup"] = "HoldCoreGroup"


class ConferenceNamed(EventBase):
    """A conference will be held, anchored on a session of the strategy meeting."""

    says: ClassVar[str] = "Child protection conference named, anchored on {anchor}: {moment}"
    type: Literal["conference_named.v1"] = "conference_named.v1"
    anchor: MeetingId
    when: Instant | None

    @property
    def moment(self) -> str:
        """The moment in words."""
        return london_words(self.when) if self.when else "no date yet"


class ConferenceReanchored(EventBase):
    """The conference is anchored on another session, because somebody named it."""

    says: ClassVar[str] = "Child protection conference anchored on {anchor} instead of {before}"
    type: Literal["conference_reanchored.v1"] = "conference_reanchored.v1"
    anchor: MeetingId
    before: MeetingId


class ConferenceHeld(EventBase):
    """The initial conference was held."""

    says: ClassVar[str] = "Child protection conference held, anchored on {anchor}: {outcome}"
    type: Literal["conference_held.v1"] = "conference_held.v1"
    outcome: Literal["plan", "none"]
    anchor: MeetingId
    held_at: Instant


class ProtectionPlanAgreed(EventBase):
    """The conference agreed a child protection plan; it carries these actions of the strategy meeting."""

    says: ClassVar[str] = "Child protection plan agreed ({plan}); actions carried: {carries}"
    type: Literal["protection_plan_agreed.v1"] = "protection_plan_agreed.v1"
    plan: Text | None
    carries: tuple[int, ...]


class ReviewConferenceHeld(EventBase):
    """A review conference was held."""

    says: ClassVar[str] = "Review conference held: {outcome}"
    type: Literal["review_conference_held.v1"] = "review_conference_held.v1"
    outcome: Literal["plan_continues", "plan_ends"]


class CoreGroupHeld(EventBase):
    """The core group met."""

    says: ClassVar[str] = "Core group held"
    type: Literal["core_group_held.v1"] = "core_group_held.v1"


ConferenceCommand = NameConference | ReanchorConference | HoldConference | HoldReviewConference | HoldCoreGroup
ConferenceEvent = (
    ConferenceNamed
    | ConferenceReanchored
    | ConferenceHeld
    | ProtectionPlanAgreed
    | ReviewConferenceHeld
    | CoreGroupHeld
)
