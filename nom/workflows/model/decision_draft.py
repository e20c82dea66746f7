"""What one command leads to, as it is written down: the events so far, and the clocks as they stand after them.

Lives for one decision. Reads no clock, no database and no engine: the same state, command and facts give the same
events.
"""

from datetime import datetime
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
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOff, HandOffMade, Opening, ProcessOpened, StageEnded
from nom.contracts.ids import derived_command_id
from nom.contracts.wording import TextHeldForReview
from nom.workflows.model.adoption import warnings_of
from nom.workflows.model.breach_withdrawal import entered_later
from nom.workflows.model.deadlines import Course, deadline
from nom.workflows.model.escalation import first_rung, next_rung
from nom.workflows.model.process import Facts, ProcessState
from nom.workflows.model.wording import REVIEW

StateT = TypeVar("StateT", bound=ProcessState)


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

    @property
    def reason(self) -> str:
        """The reason, for a command that needs one. Raises `ValueError` where none was required."""
        if self.request.reason is None:
            msg = f"{self.command.type} was taken without a reason"
            raise ValueError(msg)
        return self.request.reason

    def clock(self, clock_id: str) -> Clock | None:
        """A clock as it stands after the events so far."""
        return next((clock for clock in self._clocks if clock.id == clock_id), None)

    def open_clocks(self, rule: str | None = None) -> tuple[Clock, ...]:
        """The clocks (of a rule) that still await their act."""
        return tuple(clock for clock in self._clocks if clock.is_open and rule in (None, clock.rule))

    def count_clocks(self, rule: str) -> int:
        """How many clocks of a rule were ever started: what numbers the next one."""
        return sum(clock.rule == rule for clock in self._clocks)

    def next_clock_id(self, rule: str, *, first_bare: bool = False) -> str:
        """The id of the next clock of a rule: `sr1-1`, then `sr1-2`; with `first_bare` `wt7`, then `wt7-2`."""
        number = self.count_clocks(rule) + 1
        return rule.lower() if first_bare and number == 1 else f"{rule.lower()}-{number}"

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

    def stop_all_clocks(self, because: str, but: tuple[str, ...] = ()) -> None:
        """Stop every open clock but those of some rules, as when the process ends. A text that is held waits for its
        review all the same.
        """
        for clock in self.open_clocks():
            if clock.rule not in (REVIEW, *but):
                self.stop_clock(clock.id, because)

    def hold(self, texts: tuple[TextHeldForReview, ...]) -> None:
        """Hold texts of the command for review, and start the time for it where none runs."""
        for text in texts:
            self.record(text)
            waiting = any(clock.about == text.held for clock in self.open_clocks(REVIEW))
            if text.standing == "awaits_review" and not waiting:
                clock_id, start = self.next_clock_id(REVIEW), self.request.submitted_at
                self.start_clock(REVIEW, "text received", start=start, clock_id=clock_id, about=text.held)

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

    def end(self, outcome: str, because: str = "the stage ended", runs_on: tuple[str, ...] = ()) -> None:
        """The process reached its outcome: its open clocks stop, but those of the rules whose act is still awaited."""
        self.stop_all_clocks(because, runs_on)
        self.record(StageEnded(outcome=outcome))

    def rank_at_least(self, rank: Rank) -> bool:
        """Whether the actor holds the rank or one above it."""
        held = self.request.actor.rank
        return held is not None and held.at_least(rank)

    def notice_breaches(self, horizon: datetime) -> None:
        """Record the breach of every running clock whose moment lies before the horizon."""
        for clock in self._clocks:
            if clock.is_overdue_at(horizon):
                self.breach(clock, horizon)

    def _judge(self, clock: Clock, moment: datetime) -> bool:
        if self.facts.policy.clock(clock.rule).not_before:
            return False  # Its moment is the earliest for an act, and no act is late after it.
        late = clock.status is not ClockStatus.PAUSED and not in_time(moment, clock.due_at, clock.last_day)
        if late and clock.status is ClockStatus.RUNNING and not clock.indicator:
            self.breach(clock, moment)
        elif not late and clock.status is ClockStatus.BREACHED:
            self._clock_event(entered_later(clock, "done", moment))
        return late

    def breach(self, clock: Clock, noticed_at: datetime) -> None:
        """Record that a running clock's moment has come without the act."""
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
