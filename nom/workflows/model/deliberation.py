"""How a command is decided in every process: the checks that all share, and the hand that writes the events down.

A process's own rules receive a `Deliberation`, look at its state, and record what follows. Nothing here reads a clock,
a database or the engine: the same state, command and facts give the same events.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from nom.contracts.actors import SYSTEM, Rank
from nom.contracts.clocks import (
    CLOCK_EVENTS,
    BreachWithdrawn,
    Clock,
    ClockEvent,
    ClockMet,
    ClockReanchored,
    ClockStarted,
    ClockStatus,
    ClockStopped,
    DeadlineBreached,
    due_in_words,
    fold_clock,
    in_time,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import (
    AcknowledgeHandOff,
    AdoptPolicy,
    ClockRanOut,
    CorrectRecord,
    EscalateBreach,
    ExtendClock,
    HandOff,
    HandOffAcknowledged,
    HandOffMade,
    HandOffRefused,
    MarkedUpToDate,
    MarkUpToDate,
    NoteRecorded,
    Opening,
    PauseClock,
    ProcessOpened,
    RecordCorrected,
    RecordNote,
    ResumeClock,
    StageEnded,
)
from nom.contracts.ids import derived_command_id
from nom.contracts.local_time import london_words
from nom.contracts.policy.calendar import OutsideCalendar
from nom.workflows.model.adoption import adopt, warnings_of
from nom.workflows.model.clock_course import CLOCK_COMMANDS, change_clock
from nom.workflows.model.deadlines import Course, deadline
from nom.workflows.model.escalation import first_rung, next_rung
from nom.workflows.model.process import Decision, Facts, ProcessState

StateT = TypeVar("StateT", bound=ProcessState)
AFTER_THE_END = (CorrectRecord, RecordNote, MarkUpToDate, ClockRanOut, AcknowledgeHandOff)
COMMON = (*AFTER_THE_END, *CLOCK_COMMANDS, AdoptPolicy)


class Deliberation(Generic[StateT]):
    """One command on one state, and the events that it leads to. Lives for one decision."""

    def __init__(self, state: StateT, request: CommandEnvelope[Any], facts: Facts) -> None:
        self.state = state
        self.request = request
        self.facts = facts
        self.command: CommandBase = request.command
        self.at: datetime = request.occurred_at
        self.events: list[EventBase] = []
        self._clocks: tuple[Clock, ...] = state.clocks
        self._hand_offs = state.hand_offs_made

    def record(self, *events: EventBase) -> None:
        """Write events down, in order."""
        self.events.extend(events)

    def open(self, opening: Opening) -> None:
        """The first event of the stream."""
        self.record(ProcessOpened(opening=opening, warnings=warnings_of(self.facts.policy, self.at)))

    def clock(self, clock_id: str) -> Clock | None:
        """A clock as it stands after the events so far."""
        return next((clock for clock in self._clocks if clock.id == clock_id), None)

    def open_clocks(self, rule: str | None = None) -> tuple[Clock, ...]:
        """The clocks (of a rule) that still await their act."""
        return tuple(clock for clock in self._clocks if clock.is_open and rule in (None, clock.rule))

    def count_clocks(self, rule: str) -> int:
        """How many clocks of a rule were ever started: what numbers the next one."""
        return sum(clock.rule == rule for clock in self._clocks)

    def start_clock(
        self,
        rule: str,
        counted_from: str,
        *,
        start: datetime | None = None,
        given: datetime | None = None,
        clock_id: str | None = None,
        about: str | None = None,
    ) -> None:
        """Start a clock of the policy pack from a moment (the act's own, if none is given). `clock_id` is the rule in
        lower case and, where a rule can run more than once, a number or a reference.
        """
        begun = start or self.at
        clock_rule = self.facts.policy.clock(rule)
        due = deadline(clock_rule, begun, self.facts.calendar, counted_from, given)
        self._clock_event(
            ClockStarted(
                clock_id=clock_id or rule.lower(),
                rule=rule,
                about=about,
                started_at=begun,
                due_at=due.due_at,
                last_day=due.last_day,
                indicator=clock_rule.indicator,
                working=due.working,
            )
        )

    def meet_clock(self, clock_id: str, at: datetime | None = None) -> None:
        """The awaited act was done. Late: the breach is recorded first. In time but typed in after the breach: the
        breach is withdrawn. A clock that is not open is left as it is.
        """
        clock = self.clock(clock_id)
        if clock is None or not clock.is_open:
            return
        moment = at or self.at
        late = self._judge(clock, moment)
        self._clock_event(ClockMet(clock_id=clock.id, rule=clock.rule, met_at=moment, late=late))

    def stop_clock(self, clock_id: str, because: str, at: datetime | None = None) -> None:
        """The clock no longer matters. If its moment had passed by then, the breach is recorded first and stays."""
        clock = self.clock(clock_id)
        if clock is None or not clock.is_open:
            return
        moment = at or self.at
        late = self._judge(clock, moment)
        self._clock_event(
            ClockStopped(clock_id=clock.id, rule=clock.rule, stopped_at=moment, late=late, because=because)
        )

    def reanchor_clock(
        self, clock_id: str, counted_from: str, because: str, *, start: datetime | None = None, about: str | None = None
    ) -> None:
        """Let an open clock that stands still nowhere count from another start. A breach that the new deadline undoes
        is withdrawn. A clock that is not open is left as it is.
        """
        clock = self.clock(clock_id)
        if clock is None or not clock.is_open:
            return
        begun = start or self.at
        course = Course((), clock.extended_by)
        rule = self.facts.policy.clock(clock.rule)
        due = deadline(rule, begun, self.facts.calendar, counted_from, course=course)
        if clock.status is ClockStatus.BREACHED and due.is_met_at(self.at):
            self._clock_event(BreachWithdrawn(clock_id=clock.id, rule=clock.rule, because=because))
        self._clock_event(
            ClockReanchored(
                clock_id=clock.id,
                rule=clock.rule,
                about=about,
                started_at=begun,
                due_at=due.due_at,
                last_day=due.last_day,
                working=due.working,
                because=because,
            )
        )

    def take(self, decided: Refusal | tuple[EventBase, ...]) -> Refusal | None:
        """Write down what a rule that all processes share decided, or pass its refusal on."""
        if isinstance(decided, Refusal):
            return decided
        for event in decided:
            if isinstance(event, CLOCK_EVENTS):
                self._clock_event(cast("ClockEvent", event))
            else:
                self.record(event)
        return None

    def stop_all_clocks(self, because: str) -> None:
        """Stop every open clock, as when the process ends."""
        for clock in self.open_clocks():
            self.stop_clock(clock.id, because)

    def hand_off(self, to: str, command: CommandBase, reason: str | None = None) -> None:
        """Put a command for another process in the outbox. It carries the times of the command that caused it."""
        self._hand_offs += 1
        identity = derived_command_id(self.state.stream, f"hand-off/{self._hand_offs}")
        envelope = CommandEnvelope[CommandBase](
            command_id=identity,
            stream=to,
            actor=SYSTEM.model_copy(update={"on_behalf_of": self.request.actor.id}),
            occurred_at=self.request.occurred_at,
            submitted_at=self.request.submitted_at,
            reason=reason or self.request.reason,
            command=command,
        )
        plain = envelope.model_dump(mode="json")
        item = HandOff(id=identity, to=to, command=command.type, opens=command.opens, envelope=plain)
        self.record(HandOffMade(hand_off=item))

    def end(self, outcome: str, because: str = "the stage ended") -> None:
        """The process reached its outcome: its open clocks stop."""
        self.stop_all_clocks(because)
        self.record(StageEnded(outcome=outcome))

    def rank_at_least(self, rank: Rank) -> bool:
        """Whether the actor holds the rank or one above it."""
        held = self.request.actor.rank
        return held is not None and held.at_least(rank)

    def notice_breaches(self, horizon: datetime) -> None:
        """Record the breach of every running clock whose moment lies before the horizon."""
        for clock in self._clocks:
            if clock.is_overdue_at(horizon):
                self._breach(clock, horizon)

    def breach(self, clock: Clock, noticed_at: datetime) -> None:
        """Record that a running clock's moment has come without the act."""
        self._breach(clock, noticed_at)

    def _judge(self, clock: Clock, moment: datetime) -> bool:
        late = clock.status is not ClockStatus.PAUSED and not in_time(moment, clock.due_at, clock.last_day)
        if late and clock.status is ClockStatus.RUNNING and not clock.indicator:
            self._breach(clock, moment)
        elif not late and clock.status is ClockStatus.BREACHED:
            words = f"done in time, on {london_words(moment)}, and entered later"
            self._clock_event(BreachWithdrawn(clock_id=clock.id, rule=clock.rule, because=words))
        return late

    def _breach(self, clock: Clock, noticed_at: datetime) -> None:
        policy = self.facts.policy
        told = first_rung(policy, clock.rule)
        self._clock_event(
            DeadlineBreached(
                clock_id=clock.id,
                rule=clock.rule,
                about=clock.about,
                due_at=clock.due_at,
                last_day=clock.last_day,
                noticed_at=noticed_at,
                escalated_to=told,
                escalates_at=next_rung(policy, clock.rule, told, noticed_at),
                why=f"{policy.clock(clock.rule).title}: due {due_in_words(clock.due_at, clock.last_day)}",
            )
        )

    def _clock_event(self, event: ClockEvent) -> None:
        self._clocks = fold_clock(self._clocks, event)
        self.record(event)


Rules = Callable[[Deliberation[StateT]], Refusal | None]
"""A process's own rules: they record what follows, or say why nothing does."""


def deliberate(
    state: StateT,
    request: CommandEnvelope[Any],
    facts: Facts,
    rules: Rules[StateT],
    after_end: tuple[type[CommandBase], ...] = (),
) -> Decision:
    """Decide one command: the checks that all processes share, then the process's own rules, then the clocks that the
    act shows to be overdue. `after_end` names commands that are taken although the process has ended.
    """
    common = _shared_checks(state, request, facts, after_end)
    if common is not None:
        return common
    deliberation = Deliberation(state, request, facts)
    separated = _separation(state, request, facts)
    try:
        refusal = _common_rules(deliberation) if isinstance(request.command, COMMON) else rules(deliberation)
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
    if isinstance(request.command, (CorrectRecord, RecordNote, AcknowledgeHandOff, AdoptPolicy)):
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
    if not facts.policy.may(request.actor.role, command.type):
        who = facts.policy.roles_for(command.type)
        words = f"the role {request.actor.role} may not give {command.type}"
        return refuse("role", words, unmet("role", words, command.type, who))
    if state.outcome is not None and not isinstance(command, (*AFTER_THE_END, *after_end)):
        return refuse("process_ended", f"{state.stream} has ended ({state.outcome})")
    tolerance = timedelta(seconds=facts.policy.thresholds.command_tolerance_seconds)
    if request.occurred_at > request.submitted_at + tolerance:
        return refuse("occurred_in_future", f"occurred_at lies in the future: {request.occurred_at.isoformat()}")
    if command.decides and not request.reason:
        return refuse("reason_missing", f"{command.type} decides something: give the reason")
    return None


def _separation(state: ProcessState, request: CommandEnvelope[Any], facts: Facts) -> tuple[Unmet, ...]:
    given = {act.command for act in state.acts if act.person == request.actor.id}
    return tuple(
        unmet("separation", f"whoever gave {rule.first_command} may not give {rule.then_command}", rule.first_command)
        for rule in facts.policy.separations_before(request.command.type)
        if rule.first_command in given
    )


def _common_rules(d: Deliberation[Any]) -> Refusal | None:
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
        case AdoptPolicy():
            return d.take(adopt(d.state, d.request, d.facts))
        case PauseClock() | ResumeClock() | ExtendClock() | EscalateBreach():
            return d.take(change_clock(d.state.clocks, d.request, d.facts))
        case _:
            msg = f"not a common command: {d.command.type}"
            raise TypeError(msg)
    return None


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
    item = next((item for item in d.state.outbox if item.id == command.hand_off_id), None)
    if item is None:
        return refuse("no_such_hand_off", "the hand-off was acknowledged already")
    if command.answer.accepted:
        d.record(HandOffAcknowledged(hand_off_id=item.id, to=item.to, command=item.command))
    else:
        code, message = command.answer.code or "refused", command.answer.message or "no words were given"
        d.record(HandOffRefused(hand_off_id=item.id, to=item.to, command=item.command, code=code, message=message))
    return None
