"""When an investigation is over for a suspect and as a whole, and how it goes on when a review says that it was not."""

from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.every_process import StageEnded, StageReopened
from nom.contracts.ids import ProcessKind, SubjectId, parse_stream, stream_of
from nom.contracts.inquiry import LineOfInquiryOpened
from nom.contracts.investigation import Conclude, SuspectConcluded
from nom.contracts.stages import RecordStageOutcome
from nom.contracts.standing import InvestigationReopened, ReopenInvestigation
from nom.workflows.model.characteristics import characteristics_missing
from nom.workflows.model.investigation_record import InvestigationState, Thinking, evolve
from nom.workflows.model.process import state_after


def conclude(d: Thinking, command: Conclude) -> Refusal | None:
    """Conclude the investigation of a suspect, if the gate allows. The last one ends the stage."""
    if command.suspect not in d.state.suspects():
        words = f"{command.suspect} is not a suspect of this matter"
        return refuse("unknown_subject", words, unmet("unknown_subject", words, command.suspect))
    if command.suspect in d.state.concluded():
        return refuse("already_concluded", f"the investigation of {command.suspect} was concluded already")
    gate = investigation_gate(d.state, command.suspect)
    if gate:
        return refuse("investigation_gate", f"the investigation of {command.suspect} can't be concluded yet", *gate)
    d.record(SuspectConcluded(suspect=command.suspect, how=command.how))
    end_if_over(d)
    return None


def end_if_over(d: Thinking) -> None:
    """The stage ends when every suspect is concluded or, where there is none, every crime that stands was closed for
    good.
    """
    state = state_after(d.state, d.events, evolve)
    if not state.is_open or set(state.suspects()) != set(state.concluded()):
        return
    crimes = set(state.crimes())
    if not state.suspects() and not (crimes and crimes <= set(state.closed_crimes)):
        return
    outcome = "concluded"
    d.hand_off(stream_of(state.case, ProcessKind.CASE), RecordStageOutcome(stage=state.stream, outcome=outcome))
    for clock in d.open_clocks("SR1"):
        d.stop_clock(clock.id, "the investigation was concluded")
    # Not `end`: it would stop the time to tell victims, who are owed their notice whatever was concluded.
    d.record(StageEnded(outcome=outcome))


def reopen(d: Thinking, command: ReopenInvestigation) -> None:
    """A review overturned a closure, or the case was reopened: the suspect is no longer concluded, and the reason is
    followed.
    """
    because = d.request.reason or command.line
    d.record(InvestigationReopened(closure=command.closure, suspect=command.suspect, because=because))
    if d.state.outcome is not None:
        by_review = parse_stream(command.closure).kind is ProcessKind.CLOSURE
        words = "a review overturned the decision to take no further action" if by_review else because
        d.record(StageReopened(because=words))
        d.start_clock("SR1", "investigation reopened", clock_id=d.next_clock_id("SR1"))
    if command.line not in d.state.open_lines():
        d.record(LineOfInquiryOpened(line=command.line))


def investigation_gate(state: InvestigationState, suspect: SubjectId | None) -> tuple[Unmet, ...]:
    """What must hold before the investigation is over for a suspect (invariants 4, 5, 6 and 17): every line of inquiry
    has a result; each known victim's account was taken, declined or not sought for a reason; the suspect was
    interviewed, or not for a reason; ethnicity and nationality are recorded, or why not. The first two alone for a
    crime that has no suspect.
    """
    investigators = ("senior_investigating_officer", "investigating_officer")
    suspects = () if suspect is None else (suspect,)
    lines = (
        unmet("line_open", f"the line of inquiry {line} has no result", line, investigators)
        for line in state.open_lines()
    )
    accounts = (
        unmet("account_not_sought", f"no account of {victim} was taken, declined or ruled out", victim, investigators)
        for victim in state.victims()
        if victim not in state.accounts
    )
    interview = (
        unmet("suspect_not_interviewed", f"{who} was not interviewed, and no reason is recorded", who, investigators)
        for who in suspects
        if who not in state.interviews
    )
    return (*lines, *accounts, *interview, *characteristics_missing(state, suspects))
