"""What is known of one group, and how one event changes that. Decides nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, assert_never

from nom.contracts.base import Contract, Instant, Slug, Text
from nom.contracts.designation import (
    DesignationNotMet,
    DesignationOwnEvent,
    DesignationProposed,
    DesignationReturned,
    FourPPlanApproved,
    GroupDesignated,
    GroupReviewed,
    LroAppointed,
    OversightEvent,
    PriorityIndividualRaised,
    ProposedOutcome,
    RetestTriggered,
    TierAssigned,
    VulnerabilityRaised,
)
from nom.contracts.group_grounds import (
    BenefitKind,
    BenefitRecorded,
    CaseLinked,
    EligibleOffenceRecorded,
    GroundEvent,
    GroupLinkRecorded,
    GroupPerson,
    MemberAdded,
    MemberRemoved,
    NominationReceived,
    ThreatScored,
)
from nom.contracts.ids import CaseId, PersonId
from nom.contracts.policy.reference import SevenYearAnswer
from nom.contracts.policy.rules import Tier
from nom.contracts.stages import NominationGrounds
from nom.workflows.model.process import ProcessState

Decided = Literal["designated", "priority_individual", "vulnerability", "not_met"]


class Member(Contract):
    """Somebody who is counted. `overlap`: a victim as well."""

    who: GroupPerson
    overlap: bool


class GroupOffence(Contract):
    """An offence of the group, and whether it carries enough."""

    offence: str
    on: date
    carries: SevenYearAnswer


class Threat(Contract):
    """The latest score."""

    version: Slug
    score: int
    band: Slug


class Proposal(Contract):
    """What awaits approval."""

    outcome: ProposedOutcome
    member: GroupPerson | None
    reason: Text
    proposed_at: Instant


class DesignationState(ProcessState):
    """What is known of one group. Tier, lead officer and plan are held while it is designated, and only then; each
    since the moment that is kept beside it.
    """

    grounds: NominationGrounds | None = None
    cases: tuple[CaseId, ...] = ()
    candidates: tuple[GroupPerson, ...] = ()
    members: tuple[Member, ...] = ()
    links: int = 0
    offences: tuple[GroupOffence, ...] = ()
    benefits: tuple[BenefitKind, ...] = ()
    threat: Threat | None = None
    proposal: Proposal | None = None
    decided: Decided | None = None
    decided_at: Instant | None = None
    decided_because: Text | None = None
    priority_individual: GroupPerson | None = None
    retests: int = 0
    tier: Tier | None = None
    tier_since: Instant | None = None
    lead_officer: PersonId | None = None
    lead_since: Instant | None = None
    plan_review: date | None = None
    plan_since: Instant | None = None
    reviewed_at: Instant | None = None

    @property
    def status(self) -> str:
        """Where the group stands: what was decided, or `proposed`, or `nominated`."""
        return self.decided or ("proposed" if self.proposal else "nominated")

    @property
    def is_designated(self) -> bool:
        """Whether the group is an organised crime group now."""
        return self.decided == "designated"

    def is_member(self, who: GroupPerson) -> bool:
        """Whether somebody is counted."""
        return any(member.who == who for member in self.members)


def evolve(state: DesignationState, event: DesignationOwnEvent) -> DesignationState:
    """Fold one event of a designation."""
    match event:
        case (
            NominationReceived()
            | CaseLinked()
            | MemberAdded()
            | MemberRemoved()
            | GroupLinkRecorded()
            | EligibleOffenceRecorded()
            | BenefitRecorded()
            | ThreatScored()
        ):
            return state.model_copy(update=_grounds(state, event))
        case DesignationProposed() | DesignationReturned() | RetestTriggered():
            return state.model_copy(update=_awaiting(event))
        case GroupDesignated() | PriorityIndividualRaised() | VulnerabilityRaised() | DesignationNotMet():
            return state.model_copy(update=_decided(event))
        case TierAssigned() | LroAppointed() | FourPPlanApproved() | GroupReviewed():
            return state.model_copy(update=_overseen(state, event))
        case _:
            assert_never(event)


def _grounds(state: DesignationState, event: GroundEvent) -> dict[str, object]:
    match event:
        case NominationReceived():
            suspects = tuple(GroupPerson(case=event.case, suspect=suspect) for suspect in event.grounds.suspects)
            return {"grounds": event.grounds, "cases": (event.case,), "candidates": suspects}
        case CaseLinked():
            return {"cases": (*state.cases, event.case)}
        case MemberAdded():
            member = Member(who=event.member, overlap=event.overlap_decided_by is not None)
            return {"members": (*state.members, member)}
        case MemberRemoved():
            return {"members": tuple(member for member in state.members if member.who != event.member)}
        case GroupLinkRecorded():
            return {"links": state.links + 1}
        case EligibleOffenceRecorded():
            offence = GroupOffence(offence=event.offence, on=event.on, carries=event.carries)
            return {"offences": (*state.offences, offence)}
        case BenefitRecorded():
            return {"benefits": (*state.benefits, event.kind)}
        case ThreatScored():
            return {"threat": Threat(version=event.version, score=event.score, band=event.band)}
        case _:
            assert_never(event)


def _awaiting(event: DesignationProposed | DesignationReturned | RetestTriggered) -> dict[str, object]:
    match event:
        case DesignationProposed():
            proposal = Proposal(
                outcome=event.outcome, member=event.member, reason=event.reason, proposed_at=event.proposed_at
            )
            return {"proposal": proposal}
        case DesignationReturned():
            return {"proposal": None}
        case RetestTriggered():
            return {"retests": event.number}
        case _:
            assert_never(event)


def _decided(
    event: GroupDesignated | PriorityIndividualRaised | VulnerabilityRaised | DesignationNotMet,
) -> dict[str, object]:
    held: dict[str, object] = {
        "proposal": None,
        "decided_at": event.decided_at,
        "decided_because": event.reason,
        "priority_individual": event.member if isinstance(event, PriorityIndividualRaised) else None,
    }
    overseen_no_longer: dict[str, object] = {
        "tier": None,
        "tier_since": None,
        "lead_officer": None,
        "lead_since": None,
        "plan_review": None,
        "plan_since": None,
        "reviewed_at": None,
    }
    match event:
        case GroupDesignated():
            return {**held, "decided": "designated"}
        case PriorityIndividualRaised():
            return {**held, **overseen_no_longer, "decided": "priority_individual"}
        case VulnerabilityRaised():
            return {**held, **overseen_no_longer, "decided": "vulnerability"}
        case DesignationNotMet():
            return {**held, **overseen_no_longer, "decided": "not_met"}
        case _:
            assert_never(event)


def _overseen(state: DesignationState, event: OversightEvent) -> dict[str, object]:
    match event:
        case TierAssigned():
            return _unless_overtaken(event.assigned_at, state.tier_since, {"tier": event.tier}, "tier_since")
        case LroAppointed():
            held = {"lead_officer": event.officer}
            return _unless_overtaken(event.appointed_at, state.lead_since, held, "lead_since")
        case FourPPlanApproved():
            return _unless_overtaken(event.approved_at, state.plan_since, {"plan_review": event.review}, "plan_since")
        case GroupReviewed():
            return _unless_overtaken(event.reviewed_at, state.reviewed_at, {}, "reviewed_at")
        case _:
            assert_never(event)


def _unless_overtaken(
    moment: datetime, since: datetime | None, held: Mapping[str, object], since_field: str
) -> dict[str, object]:
    """What holds from that moment on, unless what holds now began later: a late entry displaces nothing."""
    return {} if since is not None and moment < since else {**held, since_field: moment}
