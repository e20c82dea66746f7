"""Rules of the charging decision: the two tests, what may be authorised or declined, and the charge itself.

A command names suspects and charges, or leaves them out and means all that are ready for it; what it names and is not
ready is refused, each pair of suspect and offence by name.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, get_args

from nom.contracts.charge import (
    ApplyFullCodeTest,
    ApplyThresholdTest,
    AuthoriseCharge,
    Charge,
    ChargeAuthorised,
    DeclineProsecution,
    FullCodeTestApplied,
    OnCharges,
    ProsecutionDeclined,
    RecordCharge,
    SuspectCharged,
    ThresholdCondition,
    ThresholdTestApplied,
)
from nom.contracts.errors import Refusal, Unmet, unmet
from nom.contracts.ids import ProcessKind, SubjectId, parse_stream, stream_of
from nom.contracts.policy import reference
from nom.contracts.stages import RecordSuspectOutcome
from nom.workflows.model.charge_state import CHARGE_NOTICE, DECLINE_NOTICE, ChargeLine, Thinking
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.deadlines import london_day
from nom.workflows.model.enhanced_rights import notice_rule
from nom.workflows.model.full_code_review import review_held, set_review_day

Obstacle = Callable[[ChargeLine], Unmet | None]


class Selection(NamedTuple):
    """The charges that a command is about, and what stands in the way of those that it names."""

    charges: tuple[Charge, ...]
    missing: tuple[Unmet, ...]


def apply_threshold_test(d: Thinking, command: ApplyThresholdTest) -> Refusal | None:
    """Apply the Threshold Test: all five findings, and the day of the Full Code review."""
    chosen = _select(d, command, _decided)
    missing = (*_unfound(command), *_review_in_past(d, command), *chosen.missing)
    if missing:
        return refused_for(missing, "the Threshold Test can't be applied like this")
    applied = ThresholdTestApplied(
        charges=chosen.charges,
        findings=command.findings,
        met=all(finding.met for finding in command.findings),
        full_code_review=command.full_code_review,
        applied_at=d.at,
    )
    d.record(applied)
    set_review_day(d, applied)
    return None


def _unfound(command: ApplyThresholdTest) -> Iterator[Unmet]:
    found = [finding.condition for finding in command.findings]
    for condition in get_args(ThresholdCondition):
        if found.count(condition) != 1:
            words = f"{condition.replace('_', ' ')} needs a finding, and one alone"
            yield unmet("finding_missing", words, condition, ("cps_lawyer",))


def _review_in_past(d: Thinking, command: ApplyThresholdTest) -> Iterator[Unmet]:
    if command.full_code_review < london_day(d.at):
        yield unmet("review_in_past", "the Full Code review would lie before the Threshold Test")


def apply_full_code_test(d: Thinking, command: ApplyFullCodeTest) -> Refusal | None:
    """Apply the Full Code Test: the public interest is asked only where the evidential stage is met."""
    chosen = _select(d, command, lambda line: _review_too_early(d, line) if line.review_on else _decided(line))
    missing = (*_stages_out_of_order(command), *chosen.missing)
    if missing:
        return refused_for(missing, "the Full Code Test can't be applied like this")
    applied = FullCodeTestApplied(
        charges=chosen.charges,
        evidential=command.evidential,
        public_interest=command.public_interest,
        met=command.evidential == "met" and command.public_interest == "met",
        applied_at=d.at,
    )
    d.record(applied)
    review_held(d, applied)
    return None


def _review_too_early(d: Thinking, line: ChargeLine) -> Unmet | None:
    if line.decision is None:
        return None
    name = str(line.charge)
    found = next(contradictions(d.at, ("before_test", f"{name} was tested", line.tested_at)), None)
    return found and found.model_copy(update={"about": name})


def _stages_out_of_order(command: ApplyFullCodeTest) -> Iterator[Unmet]:
    if command.evidential == "met" and command.public_interest is None:
        yield unmet("public_interest_not_considered", "the evidential stage is met: consider the public interest")
    if command.evidential == "not_met" and command.public_interest is not None:
        yield unmet("evidential_stage_not_met", "the public interest is not reached where the evidential stage fails")


def authorise_charge(d: Thinking, command: AuthoriseCharge) -> Refusal | None:
    """Authorise charging what a test has been met for."""
    chosen = _select(d, command, lambda line: _decided(line) or _untested(d, line, wanted=True))
    if chosen.missing:
        return refused_for(chosen.missing, "charging can't be authorised")
    d.record(ChargeAuthorised(charges=chosen.charges, authorised_at=d.at))
    _meet_target(d, chosen)
    return None


def decline_prosecution(d: Thinking, command: DeclineProsecution) -> Refusal | None:
    """Decide not to prosecute what the test has not been met for. A suspect with no other charge is declined."""
    chosen = _select(d, command, lambda line: _undeclinable(line) or _untested(d, line, wanted=False))
    if chosen.missing:
        return refused_for(chosen.missing, "prosecution can't be declined")
    d.record(ProsecutionDeclined(charges=chosen.charges, declined_at=d.at))
    _meet_target(d, chosen)
    _start_notices(d, "VC3", DECLINE_NOTICE, "decision not to prosecute")
    for suspect in _suspects(chosen.charges):
        lines = d.state.lines_of(suspect)
        if all(line.decision == "declined" or line.charge in chosen.charges for line in lines):
            _tell_outcome(d, suspect, "declined")
    return None


def record_charge(d: Thinking, command: RecordCharge) -> Refusal | None:
    """Charge what was authorised, under a number that carries the force's code."""
    chosen = _select(d, command, lambda line: _unauthorised(d, line))
    missing = (*_urn_problem(d, command), *chosen.missing)
    if missing:
        return refused_for(missing, "the charge can't be recorded")
    d.record(SuspectCharged(urn=command.urn, charges=chosen.charges, charged_at=d.at))
    _start_notices(d, "VC1", CHARGE_NOTICE, "charge")
    for suspect in _suspects(chosen.charges):
        if all(line.decision != "charged" for line in d.state.lines_of(suspect)):
            _tell_outcome(d, suspect, "charged")
    return None


def _urn_problem(d: Thinking, command: RecordCharge) -> Iterator[Unmet]:
    problem = reference.urn_problem(command.urn, parse_stream(d.state.stream).force.upper())
    if problem:
        yield unmet("urn", problem)


def _decided(line: ChargeLine) -> Unmet | None:
    name = str(line.charge)
    return unmet(f"already_{line.decision}", f"{name} is {line.decision} already", name) if line.decision else None


def _undeclinable(line: ChargeLine) -> Unmet | None:
    # What was authorised on the Threshold Test may fail its Full Code review before anyone is charged.
    return None if line.decision == "authorised" and not line.met else _decided(line)


def _untested(d: Thinking, line: ChargeLine, *, wanted: bool) -> Unmet | None:
    name = str(line.charge)
    if line.test is None:
        return unmet("test_not_applied", f"no test has been applied to {name}", name, ("cps_lawyer",))
    if line.met != wanted:
        met = "met" if line.met else "not met"
        return unmet("test_met" if line.met else "test_not_met", f"the test of {name} was {met}", name)
    return _too_early(d, "before_test", f"{name} was tested", line)


def _unauthorised(d: Thinking, line: ChargeLine) -> Unmet | None:
    name = str(line.charge)
    if line.decision == "charged":
        return _decided(line)
    if line.decision != "authorised":
        return unmet("not_authorised", f"nobody has authorised charging {name}", name, ("cps_lawyer",))
    if not line.met:
        return unmet("test_not_met", f"{name} failed its Full Code review", name, ("cps_lawyer",))
    return _too_early(d, "before_authorisation", f"{name} was authorised", line)


def _too_early(d: Thinking, code: str, words: str, line: ChargeLine) -> Unmet | None:
    known = line.decided_at or line.tested_at
    found = next(contradictions(d.at, (code, words, known)), None)
    return found and found.model_copy(update={"about": str(line.charge)})


def _select(d: Thinking, command: OnCharges, obstacle: Obstacle) -> Selection:
    lines = [
        line
        for line in d.state.lines
        if line.charge.suspect in (command.suspects or (line.charge.suspect,))
        and line.charge.offence in (command.charges or (line.charge.offence,))
    ]
    ready = [line for line in lines if obstacle(line) is None]
    if ready and not command.charges:
        lines = ready
    elif ready and not command.suspects:
        concerned = {line.charge.suspect for line in ready}
        lines = [line for line in lines if line.charge.suspect in concerned]
    obstacles = tuple(found for line in lines if (found := obstacle(line)) is not None)
    charges = tuple(line.charge for line in lines)
    return Selection(charges, (*_not_on_file(d, command), *_not_paired(d, command), *obstacles))


def _not_on_file(d: Thinking, command: OnCharges) -> Iterator[Unmet]:
    on_file = [line.charge for line in d.state.lines]
    for suspect in command.suspects:
        if all(charge.suspect != suspect for charge in on_file):
            yield unmet("not_on_file", f"{suspect} is not on the file", suspect)
    for offence in command.charges:
        if reference.offence(offence) is None:
            yield unmet("unknown_offence", f"no offence has the code {offence}", offence)
        elif all(charge.offence != offence for charge in on_file):
            yield unmet("not_on_file", f"{offence} is not on the file", offence)


def _not_paired(d: Thinking, command: OnCharges) -> Iterator[Unmet]:
    """Where suspects and offences of the file are named: who of them has none of the offences, and what none of them
    has.
    """
    on_file = {(line.charge.suspect, line.charge.offence) for line in d.state.lines}
    suspects = [name for name in command.suspects if any(suspect == name for suspect, _ in on_file)]
    offences = [code for code in command.charges if any(offence == code for _, offence in on_file)]
    for suspect in suspects if offences else ():
        if all((suspect, offence) not in on_file for offence in offences):
            yield unmet("not_on_file", f"{suspect} has none of these charges", suspect)
    for offence in offences if suspects else ():
        if all((suspect, offence) not in on_file for suspect in suspects):
            yield unmet("not_on_file", f"none of these suspects has the charge {offence}", offence)


def _meet_target(d: Thinking, chosen: Selection) -> None:
    if all(line.decision or line.charge in chosen.charges for line in d.state.lines):
        d.meet_clock("ch1")


def _start_notices(d: Thinking, rule: str, begins: str, counted_from: str) -> None:
    number = sum(clock.id.startswith(begins) for clock in d.state.clocks)
    for offset, victim in enumerate(d.state.victims, 1):
        d.start_clock(
            notice_rule(rule, victim, d.facts.policy),
            counted_from,
            clock_id=f"{begins}{number + offset}",
            about=victim.id,
        )


def _suspects(charges: tuple[Charge, ...]) -> tuple[SubjectId, ...]:
    return tuple(dict.fromkeys(charge.suspect for charge in charges))


def _tell_outcome(d: Thinking, suspect: SubjectId, outcome: Literal["charged", "declined"]) -> None:
    command = RecordSuspectOutcome(suspect=suspect, outcome=outcome, stage=d.state.stream)
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), command)
