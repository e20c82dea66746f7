"""Rules of who is who: two references that are one person, in one force or in two. Counts nobody as a member."""

from typing import assert_never

from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.events import EventBase
from nom.contracts.group_grounds import GroupLinkEnd, SamePerson
from nom.contracts.group_identity import (
    IdentityCommand,
    RecordSamePerson,
    SamePersonRecorded,
    SamePersonWithdrawn,
    WithdrawSamePerson,
)
from nom.contracts.ids import PersonId
from nom.workflows.model.designation_record import evolve
from nom.workflows.model.designation_retest import follow_link, tell_link
from nom.workflows.model.designation_state import DesignationState, Thinking
from nom.workflows.model.group_persons import are_one
from nom.workflows.model.process import state_after


def decide_identity(d: Thinking, command: IdentityCommand) -> Refusal | None:
    """Decide one of the two commands."""
    match command:
        case RecordSamePerson():
            return _record(d, command)
        case WithdrawSamePerson():
            return _withdraw(d, command)
        case _:
            assert_never(command)


def why_not_one(
    d: Thinking, claims: tuple[SamePerson, ...], linked: tuple[str, ...], overlap_decided_by: PersonId | None
) -> Refusal | None:
    """Why references can't be said to be one person; None where they can."""
    known = d.state.said_to_be_one
    for claim in claims:
        refusal = _claim_refused(claim, known, linked, overlap_decided_by)
        if refusal:
            return refusal
        known = (*known, claim)
    return too_few_after(d, tuple(said_to_be_one(claim, "-", None) for claim in claims))


def too_few_after(d: Thinking, events: tuple[EventBase, ...]) -> Refusal | None:
    """Why events can't follow that would leave a designated group with too few members; None where they can."""
    least = d.facts.policy.thresholds.group_minimum_members
    if d.state.is_designated and state_after(d.state, events, evolve).members_counted < least:
        words = f"a designated group has at least {least} members: have another outcome approved first"
        return refuse("members_too_few", words, unmet("members_too_few", words))
    return None


def not_linked(cases: tuple[str, ...], linked: tuple[str, ...]) -> Refusal | None:
    """Which of the cases do not belong to the group; None where all do."""
    strange = tuple(dict.fromkeys(case for case in cases if case not in linked))
    if not strange:
        return None
    missing = (unmet("case_not_linked", f"{case} is not linked to the group", case) for case in strange)
    return refuse("case_not_linked", "link the case to the group first", *missing)


def _claim_refused(
    claim: SamePerson, known: tuple[SamePerson, ...], linked: tuple[str, ...], overlap_decided_by: PersonId | None
) -> Refusal | None:
    if claim.one == claim.other:
        return refuse("same_reference", f"two references are needed, and both are {claim.one}")
    refusal = not_linked((claim.one.case, claim.other.case), linked)
    if refusal:
        return refusal
    if are_one(claim.one, claim.other, known):
        return refuse("already_recorded", f"{claim.one} and {claim.other} are one person already")
    if claim.is_overlap and overlap_decided_by is None:
        words = "a victim is said to be somebody else than a victim only by a person's decision"
        missing = (unmet("overlap_not_decided", f"{end} is a victim", end.person) for end in _victims(claim))
        return refuse("overlap_not_decided", words, *missing)
    return None


def _victims(claim: SamePerson) -> tuple[GroupLinkEnd, ...]:
    return tuple(end for end in (claim.one, claim.other) if end.is_victim)


def said_to_be_one(claim: SamePerson, because: str, overlap_decided_by: PersonId | None) -> SamePersonRecorded:
    """The event that says so. Who decided is named only where a victim is among them."""
    decided_by = overlap_decided_by if claim.is_overlap else None
    return SamePersonRecorded(same=claim, because=because, overlap_decided_by=decided_by)


def counted_as(state: DesignationState, reference: GroupLinkEnd) -> GroupLinkEnd | None:
    """The reference under which somebody is counted as a member already, if they are."""
    members = (member.who.end for member in state.members)
    return next((end for end in members if are_one(end, reference, state.said_to_be_one)), None)


def _record(d: Thinking, command: RecordSamePerson) -> Refusal | None:
    refusal = why_not_one(d, (command.same,), d.state.cases, command.overlap_decided_by)
    if refusal:
        return refusal
    d.record(said_to_be_one(command.same, d.reason, command.overlap_decided_by))
    follow_link(d, f"{command.same}: {d.reason}", _cases(command.same))
    return None


def _withdraw(d: Thinking, command: WithdrawSamePerson) -> Refusal | None:
    if command.same.ends not in {same.ends for same in d.state.said_to_be_one}:
        return refuse("not_recorded", f"it was not recorded that {command.same}")
    d.record(SamePersonWithdrawn(same=command.same, because=d.reason))
    tell_link(d, f"two people after all, not {command.same}: {d.reason}", _cases(command.same))
    return None


def _cases(same: SamePerson) -> tuple[str, ...]:
    """The cases that are told: both, where two are involved. One force's own correction is no news to another."""
    return (same.one.case, same.other.case) if same.one.case != same.other.case else (same.one.case,)
