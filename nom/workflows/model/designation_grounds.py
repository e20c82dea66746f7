"""What a designation rests on: nomination, cases, members, links, offences, benefit, threat. Designates nothing."""

from collections import Counter
from typing import assert_never

from nom.contracts.deconfliction import ForceScore, ScoreKept
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.group_grounds import (
    AddMember,
    BenefitRecorded,
    CaseLinked,
    EligibleOffenceRecorded,
    GroundCommand,
    GroupLinkRecorded,
    GroupPerson,
    LinkCase,
    MemberAdded,
    MemberRemoved,
    NominationReceived,
    RecordBenefit,
    RecordEligibleOffence,
    RecordLink,
    RemoveMember,
    SamePerson,
    ScoreThreat,
    ThreatScored,
)
from nom.contracts.policy import reference
from nom.contracts.policy.rules import ScoringTable
from nom.contracts.stages import Nominate
from nom.workflows.model.deadlines import london_day
from nom.workflows.model.designation_decision import tell_cases
from nom.workflows.model.designation_identity import counted_as, not_linked, said_to_be_one, too_few_after, why_not_one
from nom.workflows.model.designation_retest import follow_link, references_of
from nom.workflows.model.designation_state import Thinking


def record_grounds(d: Thinking, command: GroundCommand) -> Refusal | None:
    """Decide one of the commands that lay the ground."""
    match command:
        case Nominate():
            _nominate(d, command)
        case LinkCase():
            return _link_case(d, command)
        case AddMember():
            return _add(d, command)
        case RemoveMember():
            return _remove(d, command)
        case RecordLink():
            return _link(d, command)
        case RecordEligibleOffence():
            return _offence(d, command)
        case RecordBenefit():
            d.record(BenefitRecorded(kind=command.kind, words=command.words))
        case ScoreThreat():
            return _score(d, command)
        case _:
            assert_never(command)
    return None


def _nominate(d: Thinking, command: Nominate) -> None:
    d.open(command.opening)
    d.record(NominationReceived(case=command.case, grounds=command.grounds))
    d.start_clock("DG1", "nomination")
    d.start_clock("DG2", "nomination")


def _link_case(d: Thinking, command: LinkCase) -> Refusal | None:
    if command.case in d.state.cases:
        return refuse("already_linked", f"{command.case} is linked already")
    if command.continues is not None:
        return _goes_on(d, command, command.continues)
    linked = (*d.state.cases, command.case)
    refusal = why_not_one(d, command.same_as, linked, command.overlap_decided_by)
    if refusal:
        return refusal
    d.record(CaseLinked(case=command.case, because=command.because))
    for claim in command.same_as:
        d.record(said_to_be_one(claim, command.because, command.overlap_decided_by))
    if d.state.decided:
        tell_cases(d, (command.case,), d.state.decided, d.state.tier, d.state.decided_because)
    who = "".join(f"; {claim}" for claim in command.same_as)
    follow_link(d, f"case {command.case} linked: {command.because}{who}", linked)
    return None


def _goes_on(d: Thinking, command: LinkCase, before: str) -> Refusal | None:
    """A linked case has another owner, and everybody in it is who they were. Only after "not met" is that a link like
    any other, so that no case joins the group untested.
    """
    refusal = not_linked((before,), d.state.cases)
    if refusal:
        return refusal
    d.record(CaseLinked(case=command.case, because=command.because))
    for end in references_of(d.state, before):
        same = SamePerson(one=end.model_copy(update={"case": command.case}), other=end)
        d.record(said_to_be_one(same, command.because, None))
    follow_link(d, f"case {command.case} linked: {command.because}", ())
    return None


def _add(d: Thinking, command: AddMember) -> Refusal | None:
    cases = tuple(member.case for member in command.members)
    refusal = not_linked(cases, d.state.cases) or _counted_twice(d, command.members)
    if refusal:
        return refusal
    victims = tuple(member for member in command.members if member.is_victim)
    if victims and command.overlap_decided_by is None:
        words = "a victim is counted as a member only by a person's decision"
        missing = (unmet("overlap_not_decided", f"{who} is a victim as well", who.suspect) for who in victims)
        return refuse("overlap_not_decided", words, *missing)
    if victims and not d.request.reason:
        return refuse("reason_missing", "a victim is counted as a member: give the reason")
    for member in command.members:
        d.record(
            MemberAdded(member=member, overlap_decided_by=command.overlap_decided_by if member.is_victim else None)
        )
    follow_link(d, f"counted as members: {', '.join(str(member) for member in command.members)}", ())
    return None


def _counted_twice(d: Thinking, members: tuple[GroupPerson, ...]) -> Refusal | None:
    for member in members:
        if members.count(member) > 1:
            return refuse("already_a_member", f"{member} is named twice")
        counted = counted_as(d.state, member.end)
        if counted is not None:
            return refuse("already_a_member", f"{member} is counted already, as {counted}")
    return None


def _remove(d: Thinking, command: RemoveMember) -> Refusal | None:
    if not d.state.is_member(command.member):
        return refuse("not_a_member", f"{command.member} is not a member of the group")
    without = MemberRemoved(member=command.member, reason=d.reason)
    refusal = too_few_after(d, (without,))
    if refusal:
        return refusal
    if d.state.priority_individual == command.member:
        return refuse("is_priority_individual", "have another outcome approved first")
    d.record(without)
    return None


def _link(d: Thinking, command: RecordLink) -> Refusal | None:
    one, other = command.between
    if one == other:
        return refuse("same_person", f"a link needs two people, and both are {one}")
    refusal = not_linked((one.case, other.case), d.state.cases)
    if refusal:
        return refusal
    d.record(
        GroupLinkRecorded(between=command.between, kind=command.kind, source=command.source, grading=command.grading)
    )
    follow_link(d, f"link between {one} and {other}", (one.case, other.case) if one.case != other.case else ())
    return None


def _offence(d: Thinking, command: RecordEligibleOffence) -> Refusal | None:
    if reference.offence(command.offence) is None:
        words = f"no offence has the code {command.offence}"
        return refuse("unknown_code", words, unmet("unknown_offence", words, command.offence))
    if command.on > london_day(d.at):
        return refuse("occurred_in_future", f"an offence of {command.on} can't be recorded before it")
    if any((item.offence, item.on) == (command.offence, command.on) for item in d.state.offences):
        return refuse("already_recorded", f"{command.offence} of {command.on} was recorded already")
    years = d.facts.policy.thresholds.eligible_offence_minimum_years
    carries = reference.seven_year_limb(command.offence, command.on, command.victim_age, command.penetrative, years)
    d.record(
        EligibleOffenceRecorded(
            offence=command.offence,
            section=command.section,
            on=command.on,
            victim_age=command.victim_age,
            penetrative=command.penetrative,
            years=years,
            carries=carries,
        )
    )
    return None


def _score(d: Thinking, command: ScoreThreat) -> Refusal | None:
    table = d.facts.policy.scoring
    wrong = _wrong_inputs(table, command)
    if wrong:
        return refuse("scoring_inputs", f"the inputs are not those of the scoring table {table.version}", *wrong)
    rated = {item.name: item.rating for item in command.inputs}
    score = sum(rated[item.name] * item.weight for item in table.inputs)
    band = d.facts.policy.table("threat_band").decide({"score": score})
    d.record(ThreatScored(version=table.version, inputs=command.inputs, score=score, band=band.then, trace=band))
    force = command.force or d.request.actor.force
    if force is not None:
        kept = ForceScore(force=force, version=table.version, score=score, band=band.then, scored_at=d.at)
        d.record(ScoreKept(kept=kept))
    return None


def _wrong_inputs(table: ScoringTable, command: ScoreThreat) -> tuple[Unmet, ...]:
    maximum = {item.name: item.maximum for item in table.inputs}
    given = Counter(item.name for item in command.inputs)
    missing = (unmet("input_missing", f"{name} is not rated", name) for name in maximum if name not in given)
    unknown = (unmet("input_unknown", f"the table has no {name}", name) for name in given if name not in maximum)
    twice = (unmet("input_twice", f"{name} is rated twice", name) for name, count in given.items() if count > 1)
    too_high = (
        unmet("input_too_high", f"{item.name} is rated 0 to {maximum[item.name]}", item.name)
        for item in command.inputs
        if item.name in maximum and item.rating > maximum[item.name]
    )
    return (*missing, *unknown, *twice, *too_high)
