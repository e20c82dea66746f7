"""Rules of charge, one process per file: which rule answers which command, when the file is done with, and how each
event changes it.
"""

from typing import Any, ClassVar, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.charge import (
    ActionItemCompleted,
    ActionPlanIssued,
    ApplyFullCodeTest,
    ApplyThresholdTest,
    AuthoriseCharge,
    ChargeAuthorised,
    ChargeEvent,
    ChargeOwnCommand,
    ChargeOwnEvent,
    ChargeRequest,
    CompleteActionItem,
    DeclineProsecution,
    EarlyAdviceSought,
    FileResubmitted,
    FileSubmitted,
    FullCodeTestApplied,
    IssueActionPlan,
    OnCharges,
    ProsecutionDeclined,
    RecordCharge,
    Resubmit,
    SeekEarlyAdvice,
    SubmitFile,
    SuspectCharged,
    ThresholdTestApplied,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.stages import RecordStageOutcome
from nom.workflows.model import charging_decision, file_submission
from nom.workflows.model.charge_state import (
    CHARGE_NOTICE,
    DECLINE_NOTICE,
    ChargeLine,
    ChargeState,
    PlannedItem,
    Thinking,
    charge_gate,
)
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.deliberation import deliberate
from nom.workflows.model.process import COMMON_EVENTS, Decision, Facts, ProcessModel, evolve_common

_NOTICES = {"charge": CHARGE_NOTICE, "no_prosecution": DECLINE_NOTICE}


class _LaterFile(SubmitFile):
    """The file that follows early advice: the same command, to a process that is open already."""

    opens: ClassVar[bool] = False


def decide(state: ChargeState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a file."""
    command = request.command
    if state.sought_at is not None and state.submitted_at is None and isinstance(command, SubmitFile):
        later = _LaterFile.model_validate(command.model_dump())
        request = request.model_copy(update={"command": later})
    return deliberate(state, request, facts, _rules)


def _rules(d: Thinking) -> Refusal | None:
    command = cast("ChargeOwnCommand", d.command)
    if isinstance(command, SeekEarlyAdvice):
        return file_submission.seek_early_advice(d, command)
    if isinstance(command, SubmitFile):
        return file_submission.submit(d, command)
    return _on_file(d, command)


def _on_file(
    d: Thinking,
    command: IssueActionPlan | CompleteActionItem | Resubmit | OnCharges | NotifyVictim,
) -> Refusal | None:
    if d.state.submitted_at is None:
        return refuse("file_not_submitted", "the file has not been submitted yet")
    early = tuple(contradictions(d.at, ("before_submission", "the file was submitted", d.state.submitted_at)))
    if early:
        return refused_for(early, f"{command.type} can't have happened before the file was submitted")
    match command:
        case IssueActionPlan():
            return file_submission.issue_action_plan(d, command)
        case CompleteActionItem():
            return file_submission.complete_action_item(d, command)
        case Resubmit():
            return file_submission.resubmit(d)
        case NotifyVictim():
            return _notify(d, command) or _end_if_done(d)
        case ApplyThresholdTest() | ApplyFullCodeTest() | AuthoriseCharge() | DeclineProsecution() | RecordCharge():
            return _on_charges(d, command) or _end_if_done(d)
        case _:
            assert_never(command)


def _on_charges(d: Thinking, command: OnCharges) -> Refusal | None:
    match command:
        case ApplyThresholdTest():
            return charging_decision.apply_threshold_test(d, command)
        case ApplyFullCodeTest():
            return charging_decision.apply_full_code_test(d, command)
        case AuthoriseCharge():
            return charging_decision.authorise_charge(d, command)
        case DeclineProsecution():
            return charging_decision.decline_prosecution(d, command)
        case RecordCharge():
            return charging_decision.record_charge(d, command)
        case _:
            assert_never(command)


def _notify(d: Thinking, command: NotifyVictim) -> Refusal | None:
    begins = _NOTICES.get(command.of)
    if begins is None:
        return refuse("not_told_here", f"of {command.of.replace('_', ' ')}, the investigation tells the victim")
    waiting = [clock for clock in d.open_clocks() if clock.id.startswith(begins)]
    named = command.victims or tuple(dict.fromkeys(clock.about for clock in waiting if clock.about))
    due = [clock for clock in waiting if clock.about in named and clock.started_at <= d.at]
    missing = tuple(
        unmet("nothing_to_tell", f"nothing that {victim} was still to be told had happened by then", victim)
        for victim in named
        if all(clock.about != victim for clock in due)
    )
    if missing or not due:
        return refuse("nothing_to_tell", f"there was nothing to tell of {command.of.replace('_', ' ')}", *missing)
    d.record(VictimNotified(of=command.of, victims=named, told_at=d.at))
    for clock in due:
        d.meet_clock(clock.id)
    return None


def _end_if_done(d: Thinking) -> None:
    state = d.state
    for event in d.events:
        state = evolve_common(state, event) if isinstance(event, COMMON_EVENTS) else evolve(state, _own(event))
    if charge_gate(state):
        return
    outcome = "charged" if any(line.decision == "charged" for line in state.lines) else "declined"
    ended = RecordStageOutcome(stage=state.stream, outcome=outcome)
    d.hand_off(stream_of(state.case, ProcessKind.CASE), ended)
    d.end(outcome)


def _own(event: EventBase) -> ChargeOwnEvent:
    return cast("ChargeOwnEvent", event)


def evolve(state: ChargeState, event: ChargeOwnEvent) -> ChargeState:
    """Fold one event of a file."""
    match event:
        case EarlyAdviceSought():
            return state.model_copy(update={"sought_at": event.sought_at})
        case FileSubmitted():
            return _submitted(state, event)
        case ActionPlanIssued():
            planned = tuple(PlannedItem(item=item, issued_at=event.issued_at) for item in event.items)
            return state.model_copy(update={"items": (*state.items, *planned)})
        case ActionItemCompleted():
            return _completed(state, event)
        case FileResubmitted() | VictimNotified():
            return state
        case (
            ThresholdTestApplied()
            | FullCodeTestApplied()
            | ChargeAuthorised()
            | ProsecutionDeclined()
            | SuspectCharged()
        ):
            return state.model_copy(update={"lines": tuple(_line_after(line, event) for line in state.lines)})
        case _:
            assert_never(event)


def _submitted(state: ChargeState, event: FileSubmitted) -> ChargeState:
    lines = tuple(ChargeLine(charge=charge) for charge in event.charges)
    return state.model_copy(
        update={
            "submitted_at": event.submitted_at,
            "file": event.file,
            "lines": lines,
            "victims": event.victims,
        }
    )


def _completed(state: ChargeState, event: ActionItemCompleted) -> ChargeState:
    items = tuple(
        item.model_copy(update={"completed_at": event.completed_at}) if item.item.number == event.item else item
        for item in state.items
    )
    return state.model_copy(update={"items": items})


DecisionEvent = ThresholdTestApplied | FullCodeTestApplied | ChargeAuthorised | ProsecutionDeclined | SuspectCharged


def _line_after(line: ChargeLine, event: DecisionEvent) -> ChargeLine:
    """A test that is typed in after a later one is on record, and the later one goes on to count."""
    if line.charge not in event.charges:
        return line
    if isinstance(event, ThresholdTestApplied | FullCodeTestApplied) and line.was_tested_after(event.applied_at):
        return line
    return line.model_copy(update=_line_change(event))


def _line_change(event: DecisionEvent) -> dict[str, Any]:
    match event:
        case ThresholdTestApplied():
            review_on = event.full_code_review if event.met else None
            return {"test": "threshold", "met": event.met, "tested_at": event.applied_at, "review_on": review_on}
        case FullCodeTestApplied():
            return {"test": "full_code", "met": event.met, "tested_at": event.applied_at, "review_on": None}
        case ChargeAuthorised():
            return {"decision": "authorised", "decided_at": event.authorised_at}
        case ProsecutionDeclined():
            return {"decision": "declined", "decided_at": event.declined_at}
        case SuspectCharged():
            return {"decision": "charged", "decided_at": event.charged_at}
        case _:
            assert_never(event)


MODEL = ProcessModel(
    kind=ProcessKind.CHARGE,
    state=ChargeState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(ChargeRequest),
    events=TypeAdapter(ChargeEvent),
)
