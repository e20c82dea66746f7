"""Rules of two groups that are one: the survivor asks, the other hands over and ends, and nothing is lost or doubled.

The survivor exists for certain when the other ends, because it asked; a group that waits for another does not end.
"""

from collections.abc import Iterator
from typing import assert_never

from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse
from nom.contracts.events import EventBase
from nom.contracts.every_process import AcknowledgeHandOff
from nom.contracts.group_grounds import CaseLinked, MemberAdded
from nom.contracts.group_merger import (
    AbsorbGroup,
    GroupAbsorbed,
    GroupHoldings,
    GroupMerged,
    Merge,
    MergerBegun,
    MergerCalledOff,
    MergerCommand,
    YieldToGroup,
)
from nom.contracts.ids import ProcessKind, parse_stream
from nom.contracts.services import NCA
from nom.workflows.model.designation_decision import tell_cases
from nom.workflows.model.designation_record import evolve
from nom.workflows.model.designation_retest import follow_link
from nom.workflows.model.designation_state import DesignationState, Thinking
from nom.workflows.model.group_persons import are_one
from nom.workflows.model.process import state_after


def merge_groups(d: Thinking, command: MergerCommand) -> Refusal | None:
    """Decide one of the three commands."""
    match command:
        case Merge():
            return _merge(d, command)
        case YieldToGroup():
            return _yield(d, command)
        case AbsorbGroup():
            return _absorb(d, command)
        case _:
            assert_never(command)


def called_off(state: DesignationState, request: CommandEnvelope[AcknowledgeHandOff]) -> tuple[EventBase, ...]:
    """What follows where the other group refused to hand over: both go on as they are."""
    item = state.waiting(request.command.hand_off_id)
    if item is None or item.command != "YieldToGroup" or request.command.answer.accepted:
        return ()
    return (MergerCalledOff(other=item.to, because=request.command.answer.message or "it refused"),)


def _merge(d: Thinking, command: Merge) -> Refusal | None:
    other = parse_stream(command.other)
    if command.other == d.state.stream or other.kind is not ProcessKind.DESIGNATION or other.force != NCA:
        return refuse("not_another_group", f"{command.other} is not another group")
    if command.other in d.state.absorbed:
        return refuse("already_merged", f"{command.other} ended in this group already")
    if command.other in d.state.merging:
        return refuse("merger_pending", f"{command.other} was asked already")
    if d.state.decided == "archived":
        return refuse("archived", "the group is archived: reopen it first")
    d.record(MergerBegun(other=command.other, because=d.reason))
    d.hand_off(command.other, YieldToGroup(survivor=d.state.stream, designated=d.state.is_designated))
    return None


def _yield(d: Thinking, command: YieldToGroup) -> Refusal | None:
    state = d.state
    if state.merging:
        return refuse("merger_pending", f"{state.case} waits for {', '.join(state.merging)} and can't end now")
    if state.proposal or state.archive:
        return refuse("proposal_pending", f"a proposal awaits approval at {state.case}: have it returned first")
    if state.is_designated and not command.designated:
        words = f"{state.case} is designated and the other group is not: merge the other way round"
        return refuse("designation_would_end", words)
    reason = d.request.reason or "two groups are one"
    d.record(GroupMerged(survivor=command.survivor, because=reason))
    d.hand_off(command.survivor, AbsorbGroup(other=state.stream, holdings=_holdings(state)))
    survivor = parse_stream(command.survivor).case
    tell_cases(d, state.cases, "merged", None, f"merged into {survivor}: {reason}"[:4000])
    d.end("merged", f"the group is merged into {survivor}")
    return None


def _holdings(state: DesignationState) -> GroupHoldings:
    members = (MemberAdded(member=m.who, overlap_decided_by=m.overlap_decided_by) for m in state.members)
    return GroupHoldings(
        cases=state.cases,
        candidates=state.candidates,
        unidentified=state.unidentified,
        members=tuple(members),
        same=state.same,
        links=state.links,
        offences=state.offences,
        benefits=state.benefits,
        disruptions=state.disruptions,
        intelligence=state.intelligence,
    )


def _absorb(d: Thinking, command: AbsorbGroup) -> Refusal | None:
    if command.other in d.state.absorbed:
        return refuse("already_merged", f"{command.other} ended in this group already")
    if command.other not in d.state.merging:
        return refuse("not_asked", f"{command.other} was not asked to end in this group")
    new, left_out = _what_is_new(d, command)
    d.record(GroupAbsorbed(other=command.other, handed_over=command.holdings, left_out=left_out), *new)
    joined = tuple(event.case for event in new if isinstance(event, CaseLinked))
    if d.state.decided:
        tell_cases(d, joined, d.state.decided, d.state.tier, d.state.decided_because)
    if new:
        cases = (*d.state.cases, *joined)
        follow_link(d, f"group {parse_stream(command.other).case} is this group, with {len(joined)} new cases", cases)
    return None


def _what_is_new(d: Thinking, command: AbsorbGroup) -> tuple[tuple[EventBase, ...], tuple[str, ...]]:
    """What came over and was not known here, as events; and who is who that a designated group can't bear."""
    held, least = command.holdings, d.facts.policy.thresholds.group_minimum_members
    new: list[EventBase] = [*_unknown_grounds(d, command)]
    left_out: list[str] = []
    for said in held.same:
        known = state_after(d.state, new, evolve)
        if are_one(said.same.one, said.same.other, known.said_to_be_one):
            continue
        if known.is_designated and state_after(known, (said,), evolve).members_counted < least:
            left_out.append(f"{said.same}: {said.because}"[:4000])
        else:
            new.append(said)
    return tuple(new), tuple(left_out)


def _unknown_grounds(d: Thinking, command: AbsorbGroup) -> Iterator[EventBase]:
    held, state = command.holdings, d.state
    because = f"came with {parse_stream(command.other).case}: {d.request.reason or 'two groups are one'}"[:4000]
    yield from (CaseLinked(case=case, because=because) for case in held.cases if case not in state.cases)
    yield from (member for member in held.members if not state.is_member(member.member))
    yield from (link for link in held.links if link not in state.links)
    offences = {(item.offence, item.on) for item in state.offences}
    yield from (offence for offence in held.offences if (offence.offence, offence.on) not in offences)
    yield from (benefit for benefit in held.benefits if benefit not in state.benefits)
