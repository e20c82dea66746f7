"""Rules of the review of a closed case: rape first, then a panel. What follows is in `closed_case_outcome`."""

from datetime import date
from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.closed_case_review import (
    Adopt,
    CasePrioritised,
    ClosedCase,
    ClosedCaseReferred,
    ClosedCaseReviewEvent,
    ClosedCaseReviewOwnCommand,
    ClosedCaseReviewRequest,
    ConvictionReviewReferred,
    OrderReinvestigation,
    PanelReviewed,
    Prioritise,
    RecordVictimApproval,
    RecordVictimDeclined,
    ReferClosedCase,
    ReferConvictionReview,
    ReinvestigationProgressed,
    ReviewAtPanel,
    Uphold,
    VictimApprovalRecorded,
    VictimDeclineRecorded,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.every_process import Opening
from nom.contracts.ids import ProcessKind, parse_stream, review_matter
from nom.contracts.local_time import LONDON
from nom.contracts.policy import reference
from nom.contracts.policy.rules import ClosedCaseRules, ReviewBand
from nom.contracts.services import NCA
from nom.contracts.stages import RecordReinvestigationProgress
from nom.contracts.subjects import Subject
from nom.workflows.model.closed_case_outcome import BOTH_COUNTRIES, closed_case, decide_outcome
from nom.workflows.model.closed_case_review_record import ClosedCaseReviewState, Thinking, evolve
from nom.workflows.model.deliberation import deliberate
from nom.workflows.model.process import Decision, Facts, ProcessModel

AFTER_THE_END = (ReferConvictionReview, RecordReinvestigationProgress)
"""A conviction can be reviewed whatever became of the case; a force's news is taken whenever it arrives."""


def decide(state: ClosedCaseReviewState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a review."""
    return deliberate(state, request, facts, _rules, AFTER_THE_END)


def _rules(d: Thinking) -> Refusal | None:
    command = cast("ClosedCaseReviewOwnCommand", d.command)
    if d.state.referred_at is not None and d.at < d.state.referred_at:
        return refuse("before_referral", "the act is said to have happened before the case was referred")
    match command:
        case ReferClosedCase():
            return _refer(d, command)
        case Prioritise():
            return _prioritise(d, command)
        case ReviewAtPanel():
            return _review(d, command)
        case RecordVictimApproval() | RecordVictimDeclined():
            return _victims_word(d, command)
        case OrderReinvestigation() | Adopt() | Uphold():
            return decide_outcome(d, command)
        case ReferConvictionReview():
            return _conviction(d, command)
        case RecordReinvestigationProgress():
            return _progress(d, command)
        case _:
            assert_never(command)


def band_of(offence: str, rules: ClosedCaseRules) -> ReviewBand:
    """The band that follows from an offence code; attempts and the like follow the full offence."""
    section = reference.section_of(offence)
    if section is not None and f"{section.act} {section.section}" in rules.rape_sections:
        return "rape"
    return "rape" if reference.full_offence(offence) in rules.rape_codes else "other"


def unfit(closed: ClosedCase, opening: Opening, rules: ClosedCaseRules) -> tuple[Unmet, ...]:
    """Why a closed case can't be reviewed: each field of the return that does not fit."""
    found: list[Unmet] = []
    force = reference.force(closed.force)
    if force is None or force.short == NCA.upper():
        found.append(unmet("unknown_force", "no police force has that short name", "force"))
    elif force.jurisdiction not in (opening.jurisdiction, BOTH_COUNTRIES):
        found.append(unmet("jurisdiction_differs", f"{force.short} is not in {opening.jurisdiction}", "force"))
    if reference.offence(closed.offence) is None:
        found.append(unmet("unknown_offence", "no offence has that code", "offence"))
    found.extend(_outside(closed.decided_on, rules))
    outcome = reference.outcome(closed.outcome)
    if outcome is None:
        found.append(unmet("unknown_outcome", "no outcome has that code", "outcome"))
    elif not outcome.nfa_class:
        found.append(unmet("not_a_closure", f"outcome {outcome.code} is no closure: {outcome.label}", "outcome"))
    return tuple(found)


def _outside(day: date, rules: ClosedCaseRules) -> tuple[Unmet, ...]:
    if day < rules.first_day:
        return (unmet("before_window", f"decided before {rules.first_day.isoformat()}", "decided_on"),)
    if day > rules.last_day:
        return (unmet("after_window", f"decided after {rules.last_day.isoformat()}", "decided_on"),)
    return ()


def _refer(d: Thinking, command: ReferClosedCase) -> Refusal | None:
    closed, rules = command.closed_case, d.facts.policy.closed_cases
    wrong = unfit(closed, command.opening, rules)
    if wrong:
        return refuse("closed_case_unfit", "the closed case can't be reviewed", *wrong)
    matter = review_matter(closed.force, closed.force_reference, closed.offence, closed.decided_on)
    if parse_stream(d.state.stream).matter != matter:
        return refuse("wrong_review", f"this closed case is reviewed as nca/{matter}, and nowhere else")
    if closed.decided_on > d.at.astimezone(LONDON).date():
        return refuse("before_decision", "the case was referred before it was closed")
    warning = reference.age_fits(closed.offence, closed.victim_age)
    d.open(command.opening)
    d.record(
        ClosedCaseReferred(
            closed_case=closed,
            band=band_of(closed.offence, rules),
            referred_at=d.at,
            warnings=(warning,) if warning else (),
        )
    )
    return None


def _prioritise(d: Thinking, command: Prioritise) -> Refusal | None:
    computed = band_of(closed_case(d).offence, d.facts.policy.closed_cases)
    if command.band != computed and not d.request.reason:
        return refuse("reason_missing", f"the offence puts the case in band {computed}: give the reason to differ")
    d.record(CasePrioritised(computed=computed, band=command.band, reason=d.request.reason))
    return None


def _review(d: Thinking, command: ReviewAtPanel) -> Refusal | None:
    missing: list[Unmet] = []
    if command.investigation_possible and not command.steps:
        missing.append(unmet("steps_missing", "investigation is possible: name the steps", "steps"))
    if command.safeguarding_concerns and command.safeguarding_action is None:
        words = "safeguarding concerns remain: say what is done about them"
        missing.append(unmet("safeguarding_action_missing", words, "safeguarding_action"))
    if missing:
        return refuse("panel_incomplete", "the panel's view is not complete", *missing)
    if d.state.orders:
        return refuse("already_ordered", "an investigation was ordered already")
    d.record(
        PanelReviewed(
            investigation_possible=command.investigation_possible,
            steps=command.steps,
            faults=command.faults,
            safeguarding_concerns=command.safeguarding_concerns,
            safeguarding_action=command.safeguarding_action,
            reason=d.reason,
            reviewed_at=d.at,
        )
    )
    return None


def _victims_word(d: Thinking, command: RecordVictimApproval | RecordVictimDeclined) -> Refusal | None:
    if not Subject(id=command.victim).is_victim:
        return refuse("not_a_victim", f"{command.victim} is not a reference to a victim")
    if any(word.victim != command.victim for word in d.state.words):
        return refuse("another_victim", "the case is about another victim: a closed case is reviewed for each victim")
    if isinstance(command, RecordVictimApproval):
        d.record(VictimApprovalRecorded(victim=command.victim, said_at=d.at))
    else:
        d.record(VictimDeclineRecorded(victim=command.victim, said_at=d.at))
    return None


def _conviction(d: Thinking, command: ReferConvictionReview) -> Refusal | None:
    if not Subject(id=command.victim).is_victim:
        return refuse("not_a_victim", f"{command.victim} is not a reference to a victim")
    if command.age_at_conviction >= d.facts.policy.thresholds.child_under_age:
        return refuse("not_a_child_then", "the conviction is not one of a child")
    if command.victim in d.state.convictions:
        return refuse("already_referred", f"the conviction of {command.victim} was referred already")
    d.record(
        ConvictionReviewReferred(
            victim=command.victim, age_at_conviction=command.age_at_conviction, to=command.to, reason=d.reason
        )
    )
    return None


def _progress(d: Thinking, command: RecordReinvestigationProgress) -> Refusal | None:
    if not any(order.case == command.case for order in d.state.orders):
        return refuse("not_ordered", f"{command.case} was not ordered by this review")
    event = ReinvestigationProgressed(case=command.case, stage=command.stage, outcome=command.outcome)
    d.record(event)
    others = [order for order in d.state.orders if order.case != command.case]
    if event.is_the_end and d.state.outcome is None and all(order.outcome is not None for order in others):
        d.end("reinvestigated")
    return None


MODEL = ProcessModel(
    kind=ProcessKind.CLOSED_CASE_REVIEW,
    state=ClosedCaseReviewState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(ClosedCaseReviewRequest),
    events=TypeAdapter(ClosedCaseReviewEvent),
)
