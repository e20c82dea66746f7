"""Rules of closure with no further action: the proposal, the second person, and when the decision is final.

What the rest of the matter lacks is not known here but told (`standing`): an approval is decided on what was told last.
A closure is final when every victim was told and offered a review, nobody may ask for one any more or the review upheld
the decision, and nothing told since stands in the way.

That the time to ask is over is shown by the timer of a live matter, by an act that occurred later or by `MarkUpToDate`,
as it is of every deadline. A note, a correction or an acknowledgement shows nothing, and makes no closure final: on a
matter that is being brought in it may come years after a request that is still to be typed in.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.clocks import ClockStatus, in_time
from nom.contracts.closure import (
    ApproveClosure,
    AssignReviewer,
    ClosureEvent,
    ClosureOwnCommand,
    ClosureRequest,
    DecideReview,
    NoFurtherActionApproved,
    NoFurtherActionProposed,
    NoFurtherActionRejected,
    OfferReview,
    ProposeClosure,
    RejectClosure,
    RequestReview,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import ProcessKind, SubjectId, stream_of
from nom.contracts.notices import NotifyVictim
from nom.contracts.policy import reference
from nom.contracts.stages import RecordStageOpened, RecordStageOutcome, RecordSuspectOutcome
from nom.contracts.standing import AskStanding, StandingQuestion, StandingTold, TellStanding
from nom.contracts.subjects import Subject
from nom.workflows.model import closure_review
from nom.workflows.model.closure_state import (
    WINDOWS,
    ClosureState,
    Thinking,
    closure_gate,
    closure_missing,
    evolve,
    told_by_case,
)
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.deadlines import london_day
from nom.workflows.model.deliberation import Deliberation, deliberate, horizon_of
from nom.workflows.model.enhanced_rights import notice_rule
from nom.workflows.model.process import Decision, Facts, ProcessModel, state_after

AFTER_THE_END = (TellStanding,)
"""An answer that was on its way when the closure ended."""


def decide(state: ClosureState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a closure, and whether the decision has become final by then."""
    decision = deliberate(state, request, facts, _rules, AFTER_THE_END)
    horizon = horizon_of(request)
    if isinstance(decision, Refusal) or horizon is None:
        return decision
    onward = Deliberation(state_after(state, decision, evolve), request, facts)
    _finish_if_final(onward, horizon)
    return (*decision, *onward.events)


def _rules(d: Thinking) -> Refusal | None:
    command = cast("ClosureOwnCommand", d.command)
    match command:
        case ProposeClosure():
            return _propose(d, command)
        case TellStanding():
            return _told(d, command)
        case ApproveClosure():
            return _approve(d)
        case RejectClosure():
            return _reject(d)
        case NotifyVictim():
            return closure_review.notify_victim(d, command)
        case OfferReview():
            return closure_review.offer(d, command)
        case RequestReview():
            return closure_review.request(d, command)
        case AssignReviewer():
            return closure_review.assign(d, command)
        case DecideReview():
            return closure_review.decide_review(d, command)
        case _:
            assert_never(command)


def _propose(d: Thinking, command: ProposeClosure) -> Refusal | None:
    code = reference.outcome(command.outcome)
    if code is None or not code.nfa_class:
        words = f"outcome {command.outcome} is not one of no further action"
        return refuse("not_no_further_action", words, unmet("not_no_further_action", words, command.outcome))
    crime = command.what.crime
    if crime is not None and reference.offence(crime.offence) is None:
        words = f"no offence has the code {crime.offence}"
        return refuse("unknown_code", words, unmet("unknown_offence", words, crime.offence))
    d.open(command.opening)
    d.record(
        NoFurtherActionProposed(
            what=command.what, outcome=command.outcome, proposer=d.request.actor.id, proposed_at=d.at
        )
    )
    about: SubjectId | None = command.what.suspect or (crime.victim if crime else None)
    d.hand_off(_case(d), RecordStageOpened(stage=d.state.stream, about=(about,) if about else ()))
    question = StandingQuestion(closure=d.state.stream, suspect=command.what.suspect, crime=crime)
    d.hand_off(_case(d), AskStanding(question=question))
    return None


def _told(d: Thinking, command: TellStanding) -> Refusal | None:
    if told_by_case(d.state, command.by):
        return refuse("overtaken", "an investigation has told how things stand since")
    before = d.state.victim_ids()
    told = StandingTold(by=command.by, as_of=d.at, standing=command.standing)
    d.record(told)
    if d.state.approved_at is not None and d.state.is_open:
        newcomers = tuple(victim for victim in evolve(d.state, told).victims() if victim.id not in before)
        _start_notices(d, newcomers, len(before))
    return None


def _approve(d: Thinking) -> Refusal | None:
    if d.state.approved_at is not None:
        return refuse("already_approved", "no further action was approved already")
    gate = closure_gate(d.state)
    missing = (*gate, *_too_early(d), *_of_lower_rank(d))
    if gate and d.state.standing is not None:
        return refuse("closure_gate", "no further action can't be approved yet", *missing)
    if missing:
        return refused_for(missing, "no further action can't be approved like this")
    if d.state.standing is None or d.state.code is None:
        msg = f"{d.state.stream} was approved before it was proposed"
        raise ValueError(msg)
    d.record(
        NoFurtherActionApproved(
            outcome=d.state.code,
            approver=d.request.actor.id,
            approved_at=d.at,
            authority=d.state.standing.authority,
            scheme=d.facts.policy.review_scheme(london_day(d.at)).scheme,
        )
    )
    _start_notices(d, d.state.victims(), 0)
    return None


def _reject(d: Thinking) -> Refusal | None:
    if d.state.approved_at is not None:
        return refuse("already_approved", "no further action was approved already: a review can overturn it")
    early = contradictions(d.at, ("before_proposal", "it was proposed", d.state.proposed_at))
    missing = (*early, *_of_lower_rank(d))
    if missing:
        return refused_for(missing, "the proposal can't be rejected like this")
    d.record(NoFurtherActionRejected())
    d.hand_off(_case(d), RecordStageOutcome(stage=d.state.stream, outcome="rejected"))
    d.end("rejected")
    return None


def _too_early(d: Thinking) -> Iterator[Unmet]:
    clear = d.state.clear_since if not closure_gate(d.state) else None
    yield from contradictions(
        d.at,
        ("before_proposal", "it was proposed", d.state.proposed_at),
        ("before_standing_clear", "the last condition of the gate was met", clear),
    )


def _of_lower_rank(d: Thinking) -> Iterator[Unmet]:
    for step in d.facts.policy.ranks_for(d.command.type):
        if step.rank is not None and not d.rank_at_least(step.rank):
            words = f"{step.title} takes the rank of {step.rank.value.replace('_', ' ')} or above"
            yield unmet("rank", words, d.command.type)


def _start_notices(d: Thinking, victims: tuple[Subject, ...], before: int) -> None:
    """The time to tell each victim begins, and the time to offer the review, which goes with the notice."""
    for number, victim in enumerate(victims, before + 1):
        rule = notice_rule("VC3", victim, d.facts.policy)
        d.start_clock(rule, "decision", clock_id=f"{closure_review.NOTICE}{number}", about=victim.id)
        d.start_clock(
            rule, "decision; the offer of a review goes with the notice", clock_id=f"{closure_review.OFFER}{number}",
            about=victim.id,
        )  # fmt: skip


def _finish_if_final(d: Thinking, horizon: datetime) -> None:
    """Close the windows that had run out by then, and end the closure once nothing can change it any more."""
    if not d.state.is_open or d.state.approved_at is None or d.state.what is None:
        return
    for clock in d.open_clocks():
        over = clock.status is ClockStatus.RUNNING and not in_time(horizon, clock.due_at, clock.last_day)
        if clock.rule in WINDOWS and over:
            d.stop_clock(clock.id, "nobody had asked for a review by then", clock.due_at)
    if closure_missing(d.state) or any(clock.rule in WINDOWS for clock in d.open_clocks()):
        return
    # In this order: the case no longer asks for this closure when it learns that the suspect is closed.
    d.hand_off(_case(d), RecordStageOutcome(stage=d.state.stream, outcome="closed"))
    if d.state.what.suspect is not None:
        outcome = RecordSuspectOutcome(suspect=d.state.what.suspect, outcome="closed", stage=d.state.stream)
        d.hand_off(_case(d), outcome)
    d.end("closed")


def _case(d: Thinking) -> str:
    return stream_of(d.state.case, ProcessKind.CASE)


MODEL = ProcessModel(
    kind=ProcessKind.CLOSURE,
    state=ClosureState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(ClosureRequest),
    events=TypeAdapter(ClosureEvent),
)
