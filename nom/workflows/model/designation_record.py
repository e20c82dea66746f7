"""How one event changes what is known of a group. Decides nothing.

What a group rests on and what becomes of a designated one are folded in rooms of their own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from nom.contracts.deconfliction import DeconflictionEvent
from nom.contracts.designation import (
    DecisionEvent,
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
    RetestEvent,
    RetestTriggered,
    TierAssigned,
    VulnerabilityRaised,
)
from nom.contracts.group_course import CourseEvent
from nom.contracts.group_grounds import GroundEvent
from nom.contracts.group_identity import IdentityEvent
from nom.contracts.group_merger import MergerEvent
from nom.contracts.network_links import CaseRetested
from nom.workflows.model.designation_state import DesignationState, Proposal
from nom.workflows.model.group_course_record import OVERSEEN_NO_LONGER, course, deconfliction
from nom.workflows.model.group_grounds_record import grounds, identity, merger


def evolve(state: DesignationState, event: DesignationOwnEvent) -> DesignationState:
    """Fold one event of a designation."""
    return state.model_copy(update=_changes(state, event))


def _changes(state: DesignationState, event: DesignationOwnEvent) -> Mapping[str, object]:
    if isinstance(event, GroundEvent):
        return grounds(state, event)
    if isinstance(event, IdentityEvent):
        return identity(state, event)
    if isinstance(event, MergerEvent):
        return merger(state, event)
    if isinstance(event, CourseEvent):
        return course(state, event)
    if isinstance(event, DeconflictionEvent):
        return deconfliction(state, event)
    if isinstance(event, OversightEvent):
        return _overseen(state, event)
    if isinstance(event, RetestEvent):
        return _retested(state, event)
    return _decision(event)


def _decision(event: DecisionEvent) -> dict[str, object]:
    match event:
        case DesignationProposed():
            proposal = Proposal(
                outcome=event.outcome, member=event.member, reason=event.reason, proposed_at=event.proposed_at
            )
            return {"proposal": proposal, "retest_awaits": ()}
        case DesignationReturned():
            return {"proposal": None}
        case GroupDesignated() | PriorityIndividualRaised() | VulnerabilityRaised() | DesignationNotMet():
            return _decided(event)
        case _:
            assert_never(event)


def _retested(state: DesignationState, event: RetestEvent) -> dict[str, object]:
    match event:
        case RetestTriggered():
            return {
                "retests": event.number,
                "retest_awaits": state.cases,
                "retest_because": event.because,
                "retest_met": False,
            }
        case CaseRetested():
            if event.because != state.retest_because:
                return {}  # An answer to an older link: the later one is still to be tested.
            awaits = tuple(case for case in state.retest_awaits if case != event.case)
            return {"retest_awaits": awaits, "retest_met": state.retest_met or bool(event.judged)}
        case _:
            assert_never(event)


def _decided(
    event: GroupDesignated | PriorityIndividualRaised | VulnerabilityRaised | DesignationNotMet,
) -> dict[str, object]:
    held: dict[str, object] = {
        "proposal": None,
        "archive": None,
        "retest_awaits": (),
        "decided_at": event.decided_at,
        "decided_because": event.reason,
        "priority_individual": event.member if isinstance(event, PriorityIndividualRaised) else None,
    }
    match event:
        case GroupDesignated():
            return {**held, "decided": "designated"}
        case PriorityIndividualRaised():
            return {**held, **OVERSEEN_NO_LONGER, "decided": "priority_individual"}
        case VulnerabilityRaised():
            return {**held, **OVERSEEN_NO_LONGER, "decided": "vulnerability"}
        case DesignationNotMet():
            return {**held, **OVERSEEN_NO_LONGER, "decided": "not_met"}
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
