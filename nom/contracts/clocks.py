"""Clocks: a deadline with a rule, a start and a calendar, the events of its life and their fold. Computes no date."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

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


class Working(Contract):
    """How a deadline was reached, so that nobody ever has to compute it again."""

    rule: str
    value: int
    unit: Unit
    counted_from: Text
    calendar: str | None = None
    calendar_digest: Digest | None = None
    skipped: tuple[Text, ...] = ()


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
    """Where a clock stands. A breached clock goes on until the late act meets it."""

    RUNNING = "running"
    BREACHED = "breached"
    MET = "met"
    MET_LATE = "met_late"
    STOPPED = "stopped"
    STOPPED_LATE = "stopped_late"


class Clock(Contract):
    """One deadline in the life of one process. `id` is unique in its stream: `wt1`, `pc4-2`, `ch2-item-1`."""

    id: str
    rule: str
    about: str | None
    started_at: Instant
    due_at: Instant
    last_day: date | None
    indicator: bool
    status: ClockStatus

    @property
    def is_open(self) -> bool:
        """Whether an act is still awaited."""
        return self.status in (ClockStatus.RUNNING, ClockStatus.BREACHED)

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
    """The deadline passed without the act. Never blocks the late work from being done."""

    says: ClassVar[str] = "Deadline {rule} missed: it was due {due}; escalated to {escalated_to}"
    type: Literal["deadline_breached.v1"] = "deadline_breached.v1"
    clock_id: str
    rule: str
    about: str | None
    due_at: Instant
    last_day: date | None
    noticed_at: Instant
    escalated_to: str
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


ClockEvent = ClockStarted | ClockMet | ClockStopped | DeadlineBreached | BreachWithdrawn


def fold_clock(clocks: tuple[Clock, ...], event: ClockEvent) -> tuple[Clock, ...]:
    """The clocks after one event of theirs."""
    if isinstance(event, ClockStarted):
        return (*clocks, _started(event))
    return tuple(_moved(clock, event) if clock.id == event.clock_id else clock for clock in clocks)


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
    )


def _moved(clock: Clock, event: ClockMet | ClockStopped | DeadlineBreached | BreachWithdrawn) -> Clock:
    match event:
        case ClockMet():
            status = ClockStatus.MET_LATE if event.late else ClockStatus.MET
        case ClockStopped():
            status = ClockStatus.STOPPED_LATE if event.late else ClockStatus.STOPPED
        case DeadlineBreached():
            status = ClockStatus.BREACHED
        case BreachWithdrawn():
            status = ClockStatus.RUNNING
    return clock.model_copy(update={"status": status})


def due_in_words(due_at: Instant, last_day: date | None) -> str:
    """`end of 2026-03-03`, or the moment in Europe/London to the minute."""
    return f"end of {last_day.isoformat()}" if last_day else london_words(due_at)
