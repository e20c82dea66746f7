"""Proposing, approving and returning a designation, telling the linked cases, and the re-test after "not met".

Only here is decided what a group is. No outcome ever closes a case.
"""

from typing import TypeVar, assert_never

from nom.contracts.designation import (
    Approve,
    DecisionCommand,
    DesignationNotMet,
    DesignationProposed,
    DesignationReturned,
    GroupDesignated,
    PriorityIndividualRaised,
    Propose,
    RetestTriggered,
    Return,
    VulnerabilityRaised,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.stages import TellNetworkOutcome
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.designation_record import Decided, DesignationState, Proposal

Thinking = Deliberation[DesignationState]


def decide_outcome(d: Thinking, command: DecisionCommand) -> Refusal | None:
    """Decide one of the three commands."""
    match command:
        case Propose():
            return _propose(d, command)
        case Approve():
            return _approve(d)
        case Return():
            return _return(d)
        case _:
            assert_never(command)


def designation_gate(d: Thinking) -> tuple[Unmet, ...]:
    """What an organised crime group needs (invariant 10): enough members, an eligible offence, a benefit, a score."""
    state, least = d.state, d.facts.policy.thresholds.group_minimum_members
    missing: list[Unmet] = []
    if len(state.members) < least:
        missing.append(_unmet(d, "members_too_few", f"{len(state.members)} of {least} members recorded", "AddMember"))
    if not any(offence.carries == "yes" for offence in state.offences):
        missing.append(_unmet(d, "no_eligible_offence", _offence_words(state), "RecordEligibleOffence"))
    if not state.benefits:
        missing.append(_unmet(d, "no_benefit", "no gain or benefit is recorded", "RecordBenefit"))
    if state.threat is None:
        missing.append(_unmet(d, "not_scored", "the threat has not been scored", "ScoreThreat"))
    return tuple(missing)


def _unmet(d: Thinking, code: str, words: str, command: str) -> Unmet:
    return unmet(code, words, None, d.facts.policy.roles_for(command))


def _offence_words(state: DesignationState) -> str:
    unsettled = ", ".join(item.offence for item in state.offences if item.carries == "undetermined")
    words = "no offence is recorded that carries enough years"
    return f"{words}; undetermined: {unsettled}" if unsettled else words


def _propose(d: Thinking, command: Propose) -> Refusal | None:
    if d.state.proposal:
        return refuse("proposal_pending", f"{d.state.proposal.outcome} is proposed already and awaits approval")
    refusal = _unsupported(d, command.outcome == "organised_crime_group", command)
    if refusal:
        return refusal
    d.record(DesignationProposed(outcome=command.outcome, member=command.member, reason=reason_of(d), proposed_at=d.at))
    d.meet_clock("dg1")
    for clock in d.open_clocks("DG4"):
        d.meet_clock(clock.id)
    return None


def _unsupported(d: Thinking, needs_gate: bool, proposal: Propose | Proposal) -> Refusal | None:
    """Why the record does not bear the outcome, when it is proposed and again when it is approved."""
    gate = designation_gate(d) if needs_gate else ()
    if gate:
        return refuse("designation_gate", "the group can't be an organised crime group yet", *gate)
    if (proposal.outcome == "priority_individual") != (proposal.member is not None):
        return refuse("priority_individual", "a member is named for a priority individual, and for nothing else")
    if proposal.member is not None and not d.state.is_member(proposal.member):
        return refuse("not_a_member", f"{proposal.member} is not a member of the group")
    return None


def _approve(d: Thinking) -> Refusal | None:
    proposal = d.state.proposal
    refusal = _not_ripe(d, proposal)
    if refusal or proposal is None:
        return refusal
    refusal = _unsupported(d, proposal.outcome == "organised_crime_group", proposal)
    if refusal:
        return refusal
    decided = _record_outcome(d, proposal)
    d.meet_clock("dg2")
    for clock in d.open_clocks("DG4"):
        d.meet_clock(clock.id)
    if decided != "designated":
        _stop_oversight(d)
    tell_cases(d, d.state.cases, decided, d.state.tier if decided == "designated" else None, proposal.reason)
    return None


def _stop_oversight(d: Thinking) -> None:
    for rule in (*(tier.review_clock for tier in d.facts.policy.tiers), "PL1"):
        for clock in d.open_clocks(rule):
            d.stop_clock(clock.id, "the group is not designated")


def _not_ripe(d: Thinking, proposal: Proposal | None) -> Refusal | None:
    if proposal is None:
        return refuse("no_proposal", "nothing is proposed")
    if d.at < proposal.proposed_at:
        return refuse("before_proposal", "a proposal can't be decided before it was made")
    return None


def _record_outcome(d: Thinking, proposal: Proposal) -> Decided:
    match proposal.outcome:
        case "organised_crime_group":
            version, members = _held(d.state.threat).version, len(d.state.members)
            d.record(GroupDesignated(members=members, version=version, reason=proposal.reason, decided_at=d.at))
            return "designated"
        case "priority_individual":
            member = _held(proposal.member)
            d.record(PriorityIndividualRaised(member=member, reason=proposal.reason, decided_at=d.at))
            return "priority_individual"
        case "vulnerability":
            d.record(VulnerabilityRaised(reason=proposal.reason, decided_at=d.at))
            return "vulnerability"
        case "not_met":
            d.record(DesignationNotMet(reason=proposal.reason, decided_at=d.at))
            return "not_met"
        case _:
            assert_never(proposal.outcome)


def _return(d: Thinking) -> Refusal | None:
    refusal = _not_ripe(d, d.state.proposal)
    if refusal:
        return refusal
    d.record(DesignationReturned(reason=reason_of(d)))
    return None


def reason_of(d: Thinking) -> str:
    """The reason that the request gives. Only for commands for which one is required. Raises `ValueError` if not."""
    return _held(d.request.reason)


HeldT = TypeVar("HeldT")


def _held(value: HeldT | None) -> HeldT:
    if value is None:
        msg = "a condition that was checked before does not hold"
        raise ValueError(msg)
    return value


def tell_cases(d: Thinking, cases: tuple[str, ...], outcome: str, tier: str | None, reason: str | None) -> None:
    """Hand the outcome to each of the cases, which acknowledges it."""
    for case in cases:
        told = TellNetworkOutcome(group=d.state.case, outcome=outcome, tier=tier, reason=reason)
        d.hand_off(stream_of(case, ProcessKind.CASE), told, reason)


def retest_if_not_met(d: Thinking, because: str) -> None:
    """After "not met", a new link makes the test due again (invariant 13). One clock runs, however many links come."""
    if d.state.decided != "not_met":
        return
    d.record(RetestTriggered(number=d.state.retests + 1, because=because))
    if not d.open_clocks("DG4"):
        # A link typed in late may be older than the decision: nobody could test again before that.
        start = max(d.at, d.state.decided_at or d.at)
        d.start_clock("DG4", "link discovered", start=start, clock_id=f"dg4-{d.count_clocks('DG4') + 1}")
