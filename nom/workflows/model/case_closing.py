"""When a case is over, what keeps it open, and how one that had closed goes on.

A victim's time to ask for a review keeps the closure open that it follows from, and that stage keeps the case open: no
case closes before every window has run or been used.
"""

from collections.abc import Iterator

from nom.contracts.case import CaseReopened, Reopen
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.every_process import StageReopened
from nom.contracts.ids import ProcessKind
from nom.contracts.inquiry import LINE_NAME_LENGTH
from nom.contracts.legal_hold import LegalHoldLifted, LegalHoldPlaced, LiftLegalHold
from nom.contracts.standing import ReopenInvestigation
from nom.workflows.model.case_parts import Stage
from nom.workflows.model.case_record import CaseState, Thinking, evolve
from nom.workflows.model.case_stages import open_next
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.process import state_after

LIFTS = ("detective_superintendent", "nca_coordinator")


def case_missing(state: CaseState) -> tuple[Unmet, ...]:
    """What keeps a case open: stages, suspects, legal holds (by whom and why), a transfer that was not answered."""
    return tuple(_missing(state))


def _missing(state: CaseState) -> Iterator[Unmet]:
    for stage in state.stages:
        if stage.outcome is None:
            name = stage.stream.rsplit("/", 1)[1]
            yield unmet("stage_without_outcome", f"{name} has not ended", name)
    for stream in state.awaited:
        yield unmet("stage_not_arrived", f"{stream} has not come from the force that sent the case", stream)
    for suspect in state.undecided_suspects():
        yield unmet("suspect_undecided", f"{suspect} has no outcome yet", suspect)
    for hold in state.holds:
        words = f"legal hold {hold.number}, placed by {hold.placed_by}: {hold.because}"[:4000]
        yield unmet("legal_hold", words, str(hold.number), LIFTS)
    if state.transfer is not None:
        yield unmet("transfer_not_answered", f"{state.transfer.to} has not answered yet", state.transfer.to)


def close_when_done(d: Thinking) -> None:
    """The case closes by itself once nothing keeps it open. A matter without a suspect is over when its crimes are:
    each by a closure that has become final.
    """
    state = state_after(d.state, d.events, evolve)
    closed = any(stage.outcome == "closed" for stage in state.of_kind(ProcessKind.CLOSURE))
    begun = closed or any(subject.is_suspect for subject in state.subjects)
    if state.is_open and not state.is_only_offered and begun and not case_missing(state):
        d.end("every suspect has an outcome")


def place_hold(d: Thinking) -> None:
    """Put the case on hold, whether it is open or has ended."""
    number = d.state.holds_placed + 1
    d.record(LegalHoldPlaced(hold=number, placed_by=d.request.actor.id, placed_at=d.at, because=d.reason))


def lift_hold(d: Thinking, command: LiftLegalHold) -> Refusal | None:
    """Lift a hold. If nothing else keeps the case open, it closes with that."""
    hold = next((item for item in d.state.holds if item.number == command.hold), None)
    if hold is None:
        return refuse("no_such_hold", f"the case has no legal hold {command.hold}")
    early = tuple(contradictions(d.at, ("before_hold", "the hold was placed", hold.placed_at)))
    if early:
        return refused_for(early, "a hold can't be lifted before it was placed")
    d.record(LegalHoldLifted(hold=command.hold, lifted_by=d.request.actor.id, because=d.reason))
    close_when_done(d)
    return None


def reopen_case(d: Thinking, command: Reopen) -> Refusal | None:
    """Go on with a case that had closed."""
    if d.state.outcome is None:
        return refuse("not_closed", "the case is open: there is nothing to reopen")
    suspects = tuple(dict.fromkeys(command.suspects))
    former = _last_investigation(d.state) if command.stage is ProcessKind.INVESTIGATION else None
    missing = tuple(_not_to_reopen(d.state, suspects, former))
    if missing:
        return refused_for(missing, "the case can't be reopened like this")
    because = d.reason
    if former is None:
        d.record(StageReopened(because=because))
        stage = open_next(d, command.stage, urgent=False)
        d.record(CaseReopened(stage=stage, suspects=suspects, because=because))
        return None
    d.record(StageReopened(because=because), CaseReopened(stage=former.stream, suspects=suspects, because=because))
    line = because if len(because) <= LINE_NAME_LENGTH else f"{because[: LINE_NAME_LENGTH - 1].rstrip()}…"
    for suspect in suspects or (None,):
        d.hand_off(former.stream, ReopenInvestigation(closure=d.state.stream, suspect=suspect, line=line))
    return None


def _not_to_reopen(state: CaseState, suspects: tuple[str, ...], former: Stage | None) -> Iterator[Unmet]:
    for suspect in suspects:
        if state.outcome_of(suspect) is None:
            yield unmet("no_outcome", f"{suspect} has no outcome here that could be undone", suspect)
    if former is not None and not suspects and any(subject.is_suspect for subject in state.subjects):
        words = "an investigation goes on for a suspect: name whose outcome is undone, or open another stage"
        yield unmet("suspect_not_named", words)


def _last_investigation(state: CaseState) -> Stage | None:
    own = [stage for stage in state.own_stages() if stage.kind is ProcessKind.INVESTIGATION]
    return own[-1] if own else None
