"""How a command is decided in every process: the checks that all share, and what all answer alike.

A process's own rules receive a `Deliberation`, look at its state, and record what follows. Nothing here reads a clock,
a database or the engine: the same state, command and facts give the same events.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from nom.contracts.actors import SYSTEM, SYSTEM_ROLE
from nom.contracts.clocks import ClockStatus
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.events import CommandBase
from nom.contracts.every_process import (
    AcknowledgeHandOff,
    AdoptPolicy,
    ClockRanOut,
    ContinueStage,
    CorrectRecord,
    EscalateBreach,
    ExtendClock,
    HandOffAcknowledged,
    HandOffRefused,
    MarkedUpToDate,
    MarkUpToDate,
    NoteRecorded,
    PauseClock,
    RecordCorrected,
    RecordNote,
    ResumeClock,
    TransferStage,
)
from nom.contracts.policy.calendar import OutsideCalendar
from nom.contracts.wording import WORDING_COMMANDS, ReleaseText, ReturnText, RewriteText
from nom.workflows.model.adoption import adopt
from nom.workflows.model.clock_course import CLOCK_COMMANDS, change_clock
from nom.workflows.model.decision_draft import Deliberation
from nom.workflows.model.process import Decision, Facts, ProcessState
from nom.workflows.model.stage_transfer import move_stage
from nom.workflows.model.wording import REVIEW, examine, settle

StateT = TypeVar("StateT", bound=ProcessState)
PAPERWORK = (CorrectRecord, RecordNote, AcknowledgeHandOff, *WORDING_COMMANDS)
AFTER_TRANSFER = (*PAPERWORK, MarkUpToDate, ClockRanOut, EscalateBreach)
AFTER_THE_END = (*AFTER_TRANSFER, TransferStage)
WITH_A_ROOM_EACH = (*CLOCK_COMMANDS, *WORDING_COMMANDS, AdoptPolicy, TransferStage, ContinueStage)
COMMON = (*AFTER_THE_END, *WITH_A_ROOM_EACH)

Rules = Callable[[Deliberation[StateT]], Refusal | None]
"""A process's own rules: they record what follows, or say why nothing does."""


def deliberate(
    state: StateT,
    request: CommandEnvelope[Any],
    facts: Facts,
    rules: Rules[StateT],
    after_end: tuple[type[CommandBase], ...] = (),
) -> Decision:
    """Decide one command: the checks that all processes share, then the process's own rules (with a mark in the place
    of every text that is held for review), then the clocks that the act shows to be overdue. `after_end` names commands
    that are taken although the process has ended.
    """
    common = _shared_checks(state, request, facts, after_end)
    if common is not None:
        return common
    examined = examine(state.held_texts, request, facts.policy.lexicon)
    if isinstance(examined, Refusal):
        return examined
    deliberation = Deliberation(state, examined.request, facts)
    separated = _separation(state, request, facts)
    try:
        refusal = _common_rules(deliberation) if isinstance(request.command, COMMON) else rules(deliberation)
        if refusal is None and not separated:
            deliberation.hold(examined.held)
    except OutsideCalendar as outside:
        return refuse(outside.code, f"a deadline can't be counted: {outside}")
    if refusal is not None:
        return refusal.model_copy(update={"unmet": (*refusal.unmet, *separated)})
    if separated:
        return refuse("separation", separated[0].words, *separated)
    horizon = horizon_of(request)
    if horizon is not None:
        deliberation.notice_breaches(horizon)
    return tuple(deliberation.events)


def horizon_of(request: CommandEnvelope[Any]) -> datetime | None:
    """Up to when the act shows that time has passed. Paperwork (a note, a correction, an acknowledgement) shows
    nothing: on a matter that is being brought in it may come years after the work.
    """
    if isinstance(request.command, MarkUpToDate):
        return request.submitted_at
    if isinstance(request.command, (*PAPERWORK, AdoptPolicy)):
        return None
    return request.occurred_at


def _shared_checks(
    state: ProcessState, request: CommandEnvelope[Any], facts: Facts, after_end: tuple[type[CommandBase], ...]
) -> Refusal | None:
    command: CommandBase = request.command
    if state.opening is None and not command.opens:
        return refuse("process_not_open", f"{state.stream} has not been opened yet")
    if state.opening is not None and command.opens:
        return refuse("already_open", f"{state.stream} is open already")
    not_theirs = _not_theirs_to_give(request, facts)
    if not_theirs is not None:
        return not_theirs
    if state.transferred_to is not None and not isinstance(command, (*AFTER_TRANSFER, *state.TAKEN_AFTER_TRANSFER)):
        return refuse("transferred", f"{state.stream} was transferred: it goes on as {state.transferred_to}")
    ended = state.outcome is not None and state.transferred_to is None
    if ended and not isinstance(command, (*AFTER_THE_END, *after_end)):
        return refuse("process_ended", f"{state.stream} has ended ({state.outcome})")
    tolerance = timedelta(seconds=facts.policy.thresholds.command_tolerance_seconds)
    if request.occurred_at > request.submitted_at + tolerance:
        return refuse("occurred_in_future", f"occurred_at lies in the future: {request.occurred_at.isoformat()}")
    if command.decides and not request.reason:
        return refuse("reason_missing", f"{command.type} decides something: give the reason")
    return None


def _not_theirs_to_give(request: CommandEnvelope[Any], facts: Facts) -> Refusal | None:
    """Why the actor may not give the command: the role may not, or is not theirs to hold."""
    actor, command = request.actor, request.command
    if not facts.policy.may(actor.role, command.type):
        who = facts.policy.roles_for(command.type)
        words = f"the role {actor.role} may not give {command.type}"
        return refuse("role", words, unmet("role", words, command.type, who))
    if actor.role == SYSTEM_ROLE and actor.id != SYSTEM.id:
        words = f"no person may hold the role {SYSTEM_ROLE}: the process gives {command.type} by itself"
        return refuse("role", words, unmet("role", words, command.type))
    agencies = facts.policy.role(actor.role).agencies
    if agencies and actor.agency not in agencies:
        named = ", ".join(agency.value.replace("_", " ") for agency in agencies)
        words = f"the role {actor.role} is for people of these agencies: {named}; not {actor.agency.value}"
        return refuse("agency", words, unmet("agency", words, actor.role))
    return None


def _separation(state: ProcessState, request: CommandEnvelope[Any], facts: Facts) -> tuple[Unmet, ...]:
    if request.actor.role == SYSTEM_ROLE:
        return ()  # It acts on behalf of many people, and is none of them.
    given = {act.command for act in state.acts if act.person == request.actor.id}
    return tuple(
        unmet("separation", f"whoever gave {rule.first_command} may not give {rule.then_command}", rule.first_command)
        for rule in facts.policy.separations_before(request.command.type)
        if rule.first_command in given
    )


def _common_rules(d: Deliberation[Any]) -> Refusal | None:
    if isinstance(d.command, WITH_A_ROOM_EACH):
        return _rules_with_a_room_each(d)
    match d.command:
        case CorrectRecord() as command:
            if not 0 < command.wrong_seq <= d.state.last_seq:
                return refuse("no_such_record", f"this process has no record {command.wrong_seq}")
            d.record(RecordCorrected(wrong_seq=command.wrong_seq, correction=command.correction))
        case RecordNote() as command:
            d.record(NoteRecorded(text=command.text, basis=command.basis))
        case MarkUpToDate():
            if not d.state.brought_in:
                return refuse("already_up_to_date", "the process is live already")
            d.record(MarkedUpToDate())
        case ClockRanOut() as command:
            return _ran_out(d, command)
        case AcknowledgeHandOff() as command:
            return _acknowledge(d, command)
        case _:
            msg = f"not a common command: {d.command.type}"
            raise TypeError(msg)
    return None


def _rules_with_a_room_each(d: Deliberation[Any]) -> Refusal | None:
    match d.command:
        case AdoptPolicy():
            return d.take(adopt(d.state, d.request, d.facts))
        case TransferStage() | ContinueStage() as command:
            return move_stage(d, command)
        case ReleaseText() | ReturnText() | RewriteText() as command:
            return _settle(d, command.held)
        case PauseClock() | ResumeClock() | ExtendClock() | EscalateBreach():
            return d.take(change_clock(d.state.clocks, d.request, d.facts))
        case _:
            msg = f"not a common command: {d.command.type}"
            raise TypeError(msg)


def _settle(d: Deliberation[Any], held: str) -> Refusal | None:
    refusal = d.take(settle(d.state.held_texts, d.request))
    for clock in d.open_clocks(REVIEW):
        if refusal is None and clock.about == held:
            d.meet_clock(clock.id)
    return refusal


def _ran_out(d: Deliberation[Any], command: ClockRanOut) -> Refusal | None:
    clock = d.clock(command.clock_id)
    if clock is None or clock.status is not ClockStatus.RUNNING or clock.due_at != command.due_at:
        return refuse("clock_moved_on", f"the clock {command.clock_id} no longer runs out then")
    if clock.indicator:
        d.stop_clock(clock.id, "its time ran out", command.due_at)
    else:
        d.breach(clock, command.due_at)
    return None


def _acknowledge(d: Deliberation[Any], command: AcknowledgeHandOff) -> Refusal | None:
    item = d.state.waiting(command.hand_off_id)
    if item is None:
        return refuse("no_such_hand_off", "the hand-off was acknowledged already")
    if command.answer.accepted:
        d.record(HandOffAcknowledged(hand_off_id=item.id, to=item.to, command=item.command))
    else:
        code, message = command.answer.code or "refused", command.answer.message or "no words were given"
        d.record(HandOffRefused(hand_off_id=item.id, to=item.to, command=item.command, code=code, message=message))
    return None
