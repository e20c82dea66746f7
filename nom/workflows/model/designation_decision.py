"""Proposing, approving and returning a designation, and telling the linked cases.

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
    Return,
    VulnerabilityRaised,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.group_course import ArchiveReturned
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.stages import TellNetworkOutcome
from nom.workflows.model.designation_state import ArchiveProposal, Decided, DesignationState, Proposal, Thinking


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
    if state.members_counted < least:
        words = f"{state.members_counted} of {least} members recorded"
        missing.append(_unmet(d, "members_too_few", words, "AddMember"))
    if not any(offence.carries == "yes" for offence in state.offences):
        missing.append(_unmet(d, "no_eligible_offence", _offence_words(state), "RecordEligibleOffence"))
    if not state.benefits:
        missing.append(_unmet(d, "no_benefit", "no gain or benefit is recorded", "RecordBenefit"))
    if state.threat is None:
        missing.append(_unmet(d, "not_scored", "the threat has not been scored", "ScoreThreat"))
    if state.scores_differ or state.deconfliction_asked:
        words = f"the forces' scores differ and nobody has decided which stands: {', '.join(map(str, state.scores))}"
        missing.append(_unmet(d, "scores_differ", words, "Deconflict"))
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
    if d.state.archive:
        return refuse("archive_pending", "an archive is proposed and awaits approval: have it returned first")
    if d.state.decided == "archived":
        return refuse("archived", "the group is archived: reopen it first")
    refusal = _unsupported(d, command.outcome == "organised_crime_group", command)
    if refusal:
        return refusal
    d.record(DesignationProposed(outcome=command.outcome, member=command.member, reason=d.reason, proposed_at=d.at))
    _meet_all(d, "DG1", "DG4")
    return None


def _meet_all(d: Thinking, *rules: str) -> None:
    for rule in rules:
        for clock in d.open_clocks(rule):
            d.meet_clock(clock.id)


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
    _meet_all(d, "DG2", "DG4")
    if decided != "designated":
        stop_oversight(d, "the group is not designated")
    elif not d.state.is_designated:
        await_first_plan(d, "designation")
    tell_cases(d, d.state.cases, decided, d.state.tier if decided == "designated" else None, proposal.reason)
    return None


def stop_oversight(d: Thinking, because: str) -> None:
    """Nobody reviews a group that is not designated any more, nor its plan."""
    for rule in (*(tier.review_clock for tier in d.facts.policy.tiers), "PL1", "DG5"):
        for clock in d.open_clocks(rule):
            d.stop_clock(clock.id, because)


def await_first_plan(d: Thinking, since: str) -> None:
    """A group that becomes designated has so long to have a lead responsible officer and its first 4P plan. The plan is
    the last of the two: it is not approved while nobody leads. A designated group that is decided again keeps both.
    """
    d.start_clock("DG5", since, clock_id=d.next_clock_id("DG5"))


def _not_ripe(d: Thinking, proposal: Proposal | ArchiveProposal | None) -> Refusal | None:
    if proposal is None:
        return refuse("no_proposal", "nothing is proposed")
    if d.at < proposal.proposed_at:
        return refuse("before_proposal", "a proposal can't be decided before it was made")
    return None


def _record_outcome(d: Thinking, proposal: Proposal) -> Decided:
    match proposal.outcome:
        case "organised_crime_group":
            version, members = _held(d.state.threat).version, d.state.members_counted
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
    refusal = _not_ripe(d, d.state.proposal or d.state.archive)
    if refusal:
        return refusal
    reason = d.reason
    d.record(DesignationReturned(reason=reason) if d.state.proposal else ArchiveReturned(because=reason))
    return None


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
