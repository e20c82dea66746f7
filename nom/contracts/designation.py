"""Designation of an organised crime group: commands and events of process 5. One group, many cases, many forces.

What it rests on (members, links, offences, benefit, threat) is in `group_grounds`, who is who in `group_identity`, what
becomes of a designated group in `group_course`, scores that differ in `deconfliction`, two groups that are one in
`group_merger`, and what the cases are told and answer in `network_links`.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Instant, Slug, Text
from nom.contracts.deconfliction import DeconflictionCommand, DeconflictionEvent
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent
from nom.contracts.group_course import CourseCommand, CourseEvent
from nom.contracts.group_grounds import GroundCommand, GroundEvent, GroupPerson
from nom.contracts.group_identity import IdentityCommand, IdentityEvent
from nom.contracts.group_merger import MergerCommand, MergerEvent
from nom.contracts.ids import PersonId
from nom.contracts.network_links import CaseRetested, TellNetworkRetest
from nom.contracts.policy.rules import Tier

ProposedOutcome = Literal["organised_crime_group", "priority_individual", "vulnerability", "not_met"]


class Propose(CommandBase):
    """Propose an outcome. `member` names the priority individual, and nobody otherwise."""

    decides: ClassVar[bool] = True
    type: Literal["Propose"] = "Propose"
    outcome: ProposedOutcome
    member: GroupPerson | None = None


class Approve(CommandBase):
    """Approve what is proposed. Neither scorer nor proposer may."""

    decides: ClassVar[bool] = True
    type: Literal["Approve"] = "Approve"


class Return(CommandBase):
    """Send what is proposed back, an outcome or an archive, with the reason."""

    decides: ClassVar[bool] = True
    type: Literal["Return"] = "Return"


class AssignTier(CommandBase):
    """Say who leads on a designated group: a force, a region, or the National Crime Agency."""

    type: Literal["AssignTier"] = "AssignTier"
    tier: Tier


class AppointLro(CommandBase):
    """Appoint the lead responsible officer; whoever was it before is so no longer."""

    type: Literal["AppointLro"] = "AppointLro"
    officer: PersonId


class ApprovePlan(CommandBase):
    """Approve the plan of a designated group, under the four headings of the serious and organised crime strategy.
    `review` is the last day, in Europe/London, on which it is in date.
    """

    type: Literal["ApprovePlan"] = "ApprovePlan"
    pursue: Text
    prevent: Text
    protect: Text
    prepare: Text
    review: date


class Review(CommandBase):
    """Review a designated group."""

    type: Literal["Review"] = "Review"
    findings: Text


class DesignationProposed(EventBase):
    """An outcome was proposed."""

    says: ClassVar[str] = "Proposed: {outcome}, because {reason}"
    type: Literal["designation_proposed.v1"] = "designation_proposed.v1"
    outcome: ProposedOutcome
    member: GroupPerson | None
    reason: Text
    proposed_at: Instant


class DesignationReturned(EventBase):
    """The proposal was sent back."""

    says: ClassVar[str] = "Proposal returned: {reason}"
    type: Literal["designation_returned.v1"] = "designation_returned.v1"
    reason: Text


class GroupDesignated(EventBase):
    """The group is an organised crime group."""

    says: ClassVar[str] = "Designated as an organised crime group with {members} members, scored under {version}"
    type: Literal["group_designated.v1"] = "group_designated.v1"
    members: int
    version: Slug
    reason: Text
    decided_at: Instant


class PriorityIndividualRaised(EventBase):
    """Not a group, but a member of it is a priority individual."""

    says: ClassVar[str] = "Priority individual: {member}"
    type: Literal["priority_individual_raised.v1"] = "priority_individual_raised.v1"
    member: GroupPerson
    reason: Text
    decided_at: Instant


class VulnerabilityRaised(EventBase):
    """Not a group, but a place, service or set of people that is at risk."""

    says: ClassVar[str] = "Vulnerability: {reason}"
    type: Literal["vulnerability_raised.v1"] = "vulnerability_raised.v1"
    reason: Text
    decided_at: Instant


class DesignationNotMet(EventBase):
    """Not designated, and why. No case closes by it; a new link makes the test due again."""

    says: ClassVar[str] = "Not met: {reason}"
    type: Literal["designation_not_met.v1"] = "designation_not_met.v1"
    reason: Text
    decided_at: Instant


class RetestTriggered(EventBase):
    """A link that came after "not met" makes the test due again (invariant 13)."""

    says: ClassVar[str] = "To be tested again (number {number}): {because}"
    type: Literal["retest_triggered.v1"] = "retest_triggered.v1"
    number: int
    because: Text


class TierAssigned(EventBase):
    """Who leads on the group."""

    says: ClassVar[str] = "Tier assigned: {tier}"
    type: Literal["tier_assigned.v2"] = "tier_assigned.v2"
    tier: Tier
    assigned_at: Instant


class LroAppointed(EventBase):
    """The one lead responsible officer, and whom they follow. One who is appointed, by the record, before the one who
    holds the role now has held it in between: they follow nobody whom the record would know.
    """

    says: ClassVar[str] = "Lead responsible officer: {officer}{after}"
    type: Literal["lro_appointed.v2"] = "lro_appointed.v2"
    officer: PersonId
    previous: PersonId | None
    appointed_at: Instant

    @property
    def after(self) -> str:
        """Whom they follow, if anybody."""
        return f", after {self.previous}" if self.previous else ""


class FourPPlanApproved(EventBase):
    """A plan is in force until the end of its review date."""

    says: ClassVar[str] = "4P plan approved, to be reviewed by {review}"
    type: Literal["four_p_plan_approved.v2"] = "four_p_plan_approved.v2"
    pursue: Text
    prevent: Text
    protect: Text
    prepare: Text
    review: date
    approved_at: Instant


class GroupReviewed(EventBase):
    """The group was reviewed."""

    says: ClassVar[str] = "Group reviewed: {findings}"
    type: Literal["group_reviewed.v1"] = "group_reviewed.v1"
    findings: Text
    reviewed_at: Instant


DecisionCommand = Propose | Approve | Return
OversightCommand = AssignTier | AppointLro | ApprovePlan | Review
DecisionEvent = (
    DesignationProposed
    | DesignationReturned
    | GroupDesignated
    | PriorityIndividualRaised
    | VulnerabilityRaised
    | DesignationNotMet
)
RetestEvent = RetestTriggered | CaseRetested
OversightEvent = TierAssigned | LroAppointed | FourPPlanApproved | GroupReviewed
DesignationOwnCommand = (
    GroundCommand
    | IdentityCommand
    | DecisionCommand
    | OversightCommand
    | CourseCommand
    | DeconflictionCommand
    | MergerCommand
    | TellNetworkRetest
)
DesignationOwnEvent = (
    GroundEvent
    | IdentityEvent
    | DecisionEvent
    | RetestEvent
    | OversightEvent
    | CourseEvent
    | DeconflictionEvent
    | MergerEvent
)
DesignationCommand = Annotated[DesignationOwnCommand | CommonCommand, Field(discriminator="type")]
DesignationEvent = Annotated[DesignationOwnEvent | CommonEvent, Field(discriminator="type")]
DesignationRequest = CommandEnvelope[DesignationCommand]
