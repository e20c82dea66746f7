"""Clocks: a deadline with a rule, a start and a calendar, the events of its life and their fold. Computes no date."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Literal, assert_never, get_args

from nom.contracts.base import Contract, Digest, Instant, Text
from nom.contracts.events import EventBase
from nom.contracts.local_time import london_words


class Unit(StrEnum):
    """How a rule counts."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    HOUR = "hour"
    MONTH = "month"
    GIVEN = "given"


class Pause(Contract):
    """A stretch in which a clock stood still. `resumed_at` None: it stands still now."""

    paused_at: Instant
    resumed_at: Instant | None = None


class Working(Contract):
    """How a deadline was reached, so that nobody has to compute it again. `extended_by` counts the rule's units."""

    rule: str
    value: int
    unit: Unit
    counted_from: Text
    calendar: str | None = None
    calendar_digest: Digest | None = None
    skipped: tuple[Text, ...] = ()
    extended_by: int = 0
    pauses: tuple[Pause, ...] = ()


class Deadline(Contract):
    """The result of the arithmetic: `due_at` in UTC. Where the rule ends with a day, `last_day` is that day in
    Europe/London and `due_at` the midnight that ends it; an act at `due_at` itself is then late. Where it ends at a
    moment, `last_day` is None and an act at that moment is in time.
    """

    due_at: Instant
    last_day: date | None
    working: Working

    def is_met_at(self, moment: Instant) -> bool:
        """Whether an act at the moment is in time."""
        return in_time(moment, self.due_at, self.last_day)


def in_time(moment: Instant, due_at: Instant, last_day: date | None) -> bool:
    """Whether a moment is in time: before the midnight that ends the last day, or not after the due moment."""
    return moment <= due_at if last_day is None else moment < due_at


class ClockStatus(StrEnum):
    """Where a clock stands. A breached clock goes on until the late act meets it; a paused one can't be missed."""

    RUNNING = "running"
    PAUSED = "paused"
    BREACHED = "breached"
    MET = "met"
    MET_LATE = "met_late"
    STOPPED = "stopped"
    STOPPED_LATE = "stopped_late"


class Clock(Contract):
    """One deadline in the life of one process. `id` is unique in its stream: `wt1`, `pc4-2`, `ch2-item-1`.

    While it is paused, `due_at` is what it was before. `extended_by` counts units of the rule. `escalates_at` is when
    a breach that is still open goes to the next role on the ladder; None where there is nobody further up.
    """

    id: str
    rule: str
    about: str | None
    started_at: Instant
    due_at: Instant
    last_day: date | None
    indicator: bool
    status: ClockStatus
    counted_from: str = ""
    pauses: tuple[Pause, ...] = ()
    extended_by: int = 0
    escalated_to: str | None = None
    escalates_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Whether an act is still awaited."""
        return self.status in (ClockStatus.RUNNING, ClockStatus.PAUSED, ClockStatus.BREACHED)

    @property
    def is_late(self) -> bool:
        """Whether a breach stands against it."""
        return self.status in (ClockStatus.BREACHED, ClockStatus.MET_LATE, ClockStatus.STOPPED_LATE)

    def is_overdue_at(self, moment: Instant) -> bool:
        """Whether it is running and an act at the moment would be late. An indicator is never breached."""
        return (
            not self.indicator
            and self.status is ClockStatus.RUNNING
            and not in_time(moment, self.due_at, self.last_day)
        )


class ClockStarted(EventBase):
    """A deadline began to run. The date is computed once, here, under the pinned policy and calendar."""

    says: ClassVar[str] = "Clock {rule} started: due {due}"
    type: Literal["clock_started.v1"] = "clock_started.v1"
    clock_id: str
    rule: str
    about: str | None
    started_at: Instant
    due_at: Instant
    last_day: date | None
    indicator: bool
    working: Working

    @property
    def due(self) -> str:
        """The deadline in words."""
        return due_in_words(self.due_at, self.last_day)


class ClockMet(EventBase):
    """The act that the clock awaited was done, at `met_at` in the world."""

    says: ClassVar[str] = "Clock {rule} met"
    type: Literal["clock_met.v1"] = "clock_met.v1"
    clock_id: str
    rule: str
    met_at: Instant
    late: bool


class ClockStopped(EventBase):
    """The clock no longer matters: superseded, or its process ended."""

    says: ClassVar[str] = "Clock {rule} stopped: {because}"
    type: Literal["clock_stopped.v1"] = "clock_stopped.v1"
    clock_id: str
    rule: str
    stopped_at: Instant
    late: bool
    because: Text


class DeadlineBreached(EventBase):
    """The deadline passed without the act. Never blocks the late work from being done. `escalates_at`: when the next
    role on the ladder is told, if the act is still awaited then.
    """

    says: ClassVar[str] = "Deadline {rule} missed: it was due {due}; escalated to {escalated_to}"
    type: Literal["deadline_breached.v1"] = "deadline_breached.v1"
    clock_id: str
    rule: str
    about: str | None
    due_at: Instant
    last_day: date | None
    noticed_at: Instant
    escalated_to: str
    escalates_at: Instant | None = None
    why: Text

    @property
    def due(self) -> str:
        """The deadline in words."""
        return due_in_words(self.due_at, self.last_day)


class BreachWithdrawn(EventBase):
    """A breach that a late entry shows never was: the act had been done in time and typed in later."""

    says: ClassVar[str] = "Breach of {rule} withdrawn: {because}"
    type: Literal["breach_withdrawn.v1"] = "breach_withdrawn.v1"
    clock_id: str
    rule: str
    because: Text


class ClockPaused(EventBase):
    """The clock stands still: it can't be missed until it is resumed."""

    says: ClassVar[str] = "Clock {rule} paused: {because}"
    type: Literal["clock_paused.v1"] = "clock_paused.v1"
    clock_id: str
    rule: str
    paused_at: Instant
    authority: str
    because: Text


class _Moved(EventBase):
    """A clock has another deadline, computed once, here."""

    clock_id: str
    rule: str
    due_at: Instant
    last_day: date | None
    working: Working

    @property
    def due(self) -> str:
        """The deadline in words."""
        return due_in_words(self.due_at, self.last_day)


class ClockResumed(_Moved):
    """The clock goes on. What it stood still does not count."""

    says: ClassVar[str] = "Clock {rule} resumed: due {due}"
    type: Literal["clock_resumed.v1"] = "clock_resumed.v1"
    resumed_at: Instant
    authority: str
    because: Text


class ClockExtended(_Moved):
    """Somebody with the authority gave more time. `by` counts units of the rule; None where a date was given."""

    says: ClassVar[str] = "Clock {rule} extended by {authority}: due {due}"
    type: Literal["clock_extended.v1"] = "clock_extended.v1"
    by: int | None
    authority: str
    because: Text


class ClockReanchored(_Moved):
    """The clock counts from something else."""

    says: ClassVar[str] = "Clock {rule} counts from another start ({because}): due {due}"
    type: Literal["clock_reanchored.v1"] = "clock_reanchored.v1"
    about: str | None
    started_at: Instant
    because: Text


class ClockRecalculated(_Moved):
    """The rule or the calendar changed under the clock: another pack was adopted."""

    says: ClassVar[str] = "Clock {rule} recalculated ({because}): it was due {was_due}, it is due {due}"
    type: Literal["clock_recalculated.v1"] = "clock_recalculated.v1"
    was_due_at: Instant
    was_last_day: date | None
    indicator: bool
    because: Text

    @property
    def was_due(self) -> str:
        """The deadline before, in words."""
        return due_in_words(self.was_due_at, self.was_last_day)


class BreachEscalated(EventBase):
    """A missed deadline's act is still awaited, and the next role on the ladder is told."""

    says: ClassVar[str] = "Missed deadline {rule} is still open: escalated to {escalated_to}"
    type: Literal["breach_escalated.v1"] = "breach_escalated.v1"
    clock_id: str
    rule: str
    about: str | None
    escalated_at: Instant
    escalated_to: str
    escalates_at: Instant | None


Judgement = ClockMet | ClockStopped | DeadlineBreached | BreachWithdrawn | BreachEscalated
"""Whether the awaited act was done, and in time."""
Alteration = ClockPaused | ClockResumed | ClockExtended | ClockReanchored | ClockRecalculated
"""What changes how long a clock runs."""
ClockChange = Judgement | Alteration
ClockEvent = ClockStarted | ClockChange
CLOCK_EVENTS: tuple[type[EventBase], ...] = get_args(ClockEvent)


def fold_clock(clocks: tuple[Clock, ...], event: ClockEvent) -> tuple[Clock, ...]:
    """The clocks after one event of theirs."""
    if isinstance(event, ClockStarted):
        return (*clocks, _started(event))
    return tuple(_changed(clock, event) if clock.id == event.clock_id else clock for clock in clocks)


def _started(event: ClockStarted) -> Clock:
    """The clock that an event started."""
    return Clock(
        id=event.clock_id,
        rule=event.rule,
        about=event.about,
        started_at=event.started_at,
        due_at=event.due_at,
        last_day=event.last_day,
        indicator=event.indicator,
        status=ClockStatus.RUNNING,
        counted_from=event.working.counted_from,
        pauses=event.working.pauses,
        extended_by=event.working.extended_by,
    )


def _changed(clock: Clock, event: ClockChange) -> Clock:
    if isinstance(event, _Moved):
        clock = clock.model_copy(update={"due_at": event.due_at, "last_day": event.last_day})
    if isinstance(event, Judgement):
        return clock.model_copy(update=_judged(event))
    return clock.model_copy(update=_altered(clock, event))


def _judged(event: Judgement) -> dict[str, Any]:
    quiet: dict[str, Any] = {"escalates_at": None}
    match event:
        case ClockMet():
            return {"status": ClockStatus.MET_LATE if event.late else ClockStatus.MET, **quiet}
        case ClockStopped():
            return {"status": ClockStatus.STOPPED_LATE if event.late else ClockStatus.STOPPED, **quiet}
        case DeadlineBreached():
            told = {"escalated_to": event.escalated_to, "escalates_at": event.escalates_at}
            return {"status": ClockStatus.BREACHED, **told}
        case BreachWithdrawn():
            return {"status": ClockStatus.RUNNING, "escalated_to": None, **quiet}
        case BreachEscalated():
            return {"escalated_to": event.escalated_to, "escalates_at": event.escalates_at}
        case _:
            assert_never(event)


def _altered(clock: Clock, event: Alteration) -> dict[str, Any]:
    match event:
        case ClockPaused():
            return {"status": ClockStatus.PAUSED, "pauses": (*clock.pauses, Pause(paused_at=event.paused_at))}
        case ClockResumed():
            return {"status": ClockStatus.RUNNING, "pauses": event.working.pauses}
        case ClockExtended():
            return {"extended_by": clock.extended_by + (event.by or 0)}
        case ClockReanchored():
            anchor = {"about": event.about, "started_at": event.started_at}
            return {**anchor, "counted_from": event.working.counted_from}
        case ClockRecalculated():
            return {"indicator": event.indicator}
        case _:
            assert_never(event)


def due_in_words(due_at: Instant, last_day: date | None) -> str:
    """`end of 2026-03-03`, or the moment in Europe/London to the minute."""
    return f"end of {last_day.isoformat()}" if last_day else london_words(due_at)
