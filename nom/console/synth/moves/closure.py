"""Moves of closure with no further action: proposed, approved or rejected, told, offered for review, reviewed."""

from functools import partial

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.office import Happened
from nom.contracts.actors import Actor, Rank
from nom.contracts.charge import ProsecutionDeclined
from nom.contracts.closure import (
    NoFurtherActionApproved,
    NoFurtherActionProposed,
    NoFurtherActionRejected,
    ReviewerAssigned,
    ReviewRequested,
)
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind
from nom.contracts.investigation import InvestigationOpened, SuspectConcluded
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.closure_state import ClosureState, closure_gate
from nom.workflows.model.investigation_record import InvestigationState

_SIO, _SUPERVISOR, _REVIEW_TEAM, _REVIEWER = "officer-sio-1", "supervisor-1", "review-team-1", "officer-reviewer-1"


def _on_concluded(m: Matter, happened: Happened) -> None:
    event = happened.event
    if isinstance(event, SuspectConcluded) and event.how == "propose_closure":
        m.later(partial(_propose_for_suspect, suspect=event.suspect), "propose_closure")


def _on_declined(m: Matter, happened: Happened) -> None:
    if isinstance(happened.event, ProsecutionDeclined):
        for suspect in dict.fromkeys(charge.suspect for charge in happened.event.charges):
            m.later(partial(_propose_for_suspect, suspect=suspect), "propose_closure")


def _on_investigation(m: Matter, happened: Happened) -> None:
    event = happened.event
    if not isinstance(event, InvestigationOpened) or any(subject.is_suspect for subject in event.subjects):
        return
    if m.draws.share("closed_without_suspect"):
        for item in event.allegations:
            move = partial(_propose_for_crime, stream=happened.stream, victim=item.victim, offence=item.offence)
            m.later(move, "conclude")


def _next_closure(m: Matter) -> str | None:
    case = m.of(CaseState, m.stream(ProcessKind.CASE))
    return m.stream(ProcessKind.CLOSURE, len(case.of_kind(ProcessKind.CLOSURE)) + 1) if case else None


def _propose_for_suspect(m: Matter, suspect: str) -> None:
    stream = _next_closure(m)
    case = m.of(CaseState, m.stream(ProcessKind.CASE))
    settled = case.outcome_of(suspect) if case else None
    if stream is None or (settled is not None and settled.outcome != "declined"):
        return
    if m.draws.share("slip_outcome_of_another_kind"):
        m.attempt(
            stream, _SIO, "ProposeClosure", why="closure", opening=m.opening(), what={"suspect": suspect}, outcome="1"
        )
    outcome = m.draws.pick("outcome_code_with_suspect")
    m.act(
        stream, _SIO, "ProposeClosure", why="closure", since=m.now, opening=m.opening(), what={"suspect": suspect},
        outcome=outcome,
    )  # fmt: skip


def _propose_for_crime(m: Matter, stream: str, victim: str, offence: str) -> None:
    state = m.of(InvestigationState, stream)
    closure = _next_closure(m)
    if state is None or not state.is_open or state.suspects() or closure is None:
        return
    for line in state.open_lines():
        m.act(stream, "officer-1", "CloseLineOfInquiry", lines=(line,), result=m.draws.say("line_result"))
    what = {"crime": {"victim": victim, "offence": offence}}
    outcome = m.draws.pick("outcome_code_without_suspect")
    m.act(closure, _SIO, "ProposeClosure", why="closure", since=m.now, opening=m.opening(), what=what, outcome=outcome)


def _on_proposed(m: Matter, happened: Happened) -> None:
    stream = happened.stream
    if m.draws.share("slip_approved_by_proposer"):
        proposer = m.person(_SUPERVISOR, id=m.person(_SIO).id)
        m.later(lambda matter: _attempt_approval(matter, stream, proposer), "minutes")
    if m.draws.share("slip_lower_rank"):
        below = m.person(_SUPERVISOR, rank=Rank.SERGEANT)
        m.later(lambda matter: _attempt_approval(matter, stream, below), "minutes")
    m.later(partial(_answer, stream=stream, tries=0), "approve_closure")


def _attempt_approval(m: Matter, stream: str, by: Actor) -> None:
    state = m.of(ClosureState, stream)
    if state is not None and state.is_open and state.approved_at is None:
        m.attempt(stream, by, "ApproveClosure", why="closure_approved")


def _answer(m: Matter, stream: str, tries: int) -> None:
    state = m.of(ClosureState, stream)
    if state is None or not state.is_open or state.approved_at is not None:
        return
    by = "superintendent-detective-1" if m.draws.share("superintendent_approves") else _SUPERVISOR
    if m.draws.share("closure_rejected"):
        m.act(stream, by, "RejectClosure", why="closure_rejected")
    elif closure_gate(state):
        m.attempt(stream, by, "ApproveClosure", why="closure_approved")
        if tries < 2:  # noqa: PLR2004 - after three looks it stays a proposal
            m.later(partial(_answer, stream=stream, tries=tries + 1), "approve_closure")
    else:
        m.act(stream, by, "ApproveClosure", why="closure_approved")


def _on_rejected(m: Matter, happened: Happened) -> None:
    state = m.of(ClosureState, happened.stream)
    if state is not None and state.what is not None and state.what.suspect is not None:
        m.later(partial(_propose_for_suspect, suspect=state.what.suspect), "conclude")


def _on_approved(m: Matter, happened: Happened) -> None:
    m.later(partial(_tell, stream=happened.stream), "notify_victim")


def _tell(m: Matter, stream: str) -> None:
    state = m.of(ClosureState, stream)
    if state is None or not state.is_open or not state.victim_ids():
        return
    if m.draws.share("slip_offered_before_told"):
        m.attempt(stream, _SIO, "OfferReview")
    m.act(stream, _SIO, "NotifyVictim", of="no_further_action")
    if m.draws.share("review_offered_later"):
        m.later(partial(_offer, stream=stream), "offer_review")
    else:
        _offer(m, stream)
    for victim in state.victim_ids():
        if m.draws.share("review_requested"):
            m.later(partial(_request, stream=stream, victim=victim), "request_review", office_hours=False)


def _offer(m: Matter, stream: str) -> None:
    state = m.of(ClosureState, stream)
    if state is not None and state.is_open:
        m.act(stream, _SIO, "OfferReview")


def _request(m: Matter, stream: str, victim: str) -> None:
    state = m.of(ClosureState, stream)
    if state is not None and state.is_open:
        m.attempt(stream, "advocate-1", "RequestReview", victim=victim)


def _on_requested(m: Matter, happened: Happened) -> None:
    m.later(partial(_assign, stream=happened.stream), "assign_reviewer")
    if m.draws.share("review_extended"):
        m.later(partial(_extend_review, stream=happened.stream), "review_extension")


def _extend_review(m: Matter, stream: str) -> None:
    state = m.of(ClosureState, stream)
    clock = (
        next((clock for clock in state.clocks if clock.rule == "VR1-complete" and clock.is_open), None)
        if state
        else None
    )
    if clock is not None:
        m.attempt(stream, _SUPERVISOR, "ExtendClock", why="clock", clock_id=clock.id, by=10)


def _assign(m: Matter, stream: str) -> None:
    state = m.of(ClosureState, stream)
    if state is None or not state.is_open or not state.waiting_requests() or state.reviewer is not None:
        return
    if m.draws.share("slip_reviewer_took_part"):
        m.attempt(stream, _REVIEW_TEAM, "AssignReviewer", officer=state.took_part()[0])
    m.act(stream, _REVIEW_TEAM, "AssignReviewer", officer=_reviewer(m, state))


def _reviewer(m: Matter, state: ClosureState) -> str:
    first = m.person(_REVIEWER).id
    return first if first not in state.took_part() else f"{_REVIEWER.rpartition('-')[0]}-{len(state.took_part()) + 20}"


def _on_assigned(m: Matter, happened: Happened) -> None:
    m.later(partial(_decide, stream=happened.stream), "decide_review")


def _decide(m: Matter, stream: str) -> None:
    state = m.of(ClosureState, stream)
    if state is None or not state.is_open or state.reviewer is None or not state.waiting_requests():
        return
    outcome = "overturned" if m.draws.share("review_overturns") else "upheld"
    reviewer = m.person(_REVIEWER, id=state.reviewer)
    m.act(stream, reviewer, "DecideReview", why=f"review_{outcome}", outcome=outcome)


REACTIONS: dict[type[EventBase], Reaction] = {
    SuspectConcluded: _on_concluded,
    ProsecutionDeclined: _on_declined,
    InvestigationOpened: _on_investigation,
    NoFurtherActionProposed: _on_proposed,
    NoFurtherActionRejected: _on_rejected,
    NoFurtherActionApproved: _on_approved,
    ReviewRequested: _on_requested,
    ReviewerAssigned: _on_assigned,
}
