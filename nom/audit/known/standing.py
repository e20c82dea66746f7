"""How one process stood at a moment, by either reading of a moment. Computes no deadline.

*Happened* by T: what is said to have happened by T, whenever it was entered. *Known* by T: what the ledger held at T.
Both are folded by today's code.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, cast

from nom.audit.known.acts import Line
from nom.contracts.clocks import CLOCK_EVENTS, Clock, ClockEvent, ClockStatus, fold_clock, in_time
from nom.contracts.ids import parse_stream
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS


class ClockThen(NamedTuple):
    """A clock as it stood. `late` tells that a breach stood against it or that its moment had passed without the act,
    whether or not anything had noticed.
    """

    clock: Clock
    late: bool

    @property
    def words(self) -> str:
        """How it stood: `running`, `running, late`, `met`."""
        status = self.clock.status.replace("_", " ")
        return f"{status}, late" if self.late and not self.clock.is_late else status


class ProcessThen(NamedTuple):
    """A process as it stood. `state` is None where what is said to have happened makes no whole: something that it
    rests on is said to have happened later. Then only the clocks are told.
    """

    stream: str
    outcome: str | None
    transferred_to: str | None
    policy: str | None
    brought_in: bool
    clocks: tuple[ClockThen, ...]
    records: int
    state: ProcessState | None

    @property
    def status(self) -> str:
        """Open, ended with its outcome, or gone to another force."""
        if self.state is None:
            return "can't be told"
        if self.transferred_to:
            return f"transferred to {self.transferred_to}"
        if self.outcome:
            return f"ended: {self.outcome.replace('_', ' ')}"
        return "open, brought in and not yet marked up to date" if self.brought_in else "open"


def happened_by(lines: Iterable[Line], at: datetime) -> tuple[Line, ...]:
    """What of one stream is said to have happened by the moment."""
    return tuple(line for line in lines if line.record.occurred_at <= at)


def known_by(lines: Iterable[Line], at: datetime) -> tuple[Line, ...]:
    """What of one stream the ledger held at the moment: its beginning, up to the first record that came later."""
    known: list[Line] = []
    for line in lines:
        if line.stored.recorded_at > at:
            break
        known.append(line)
    return tuple(known)


def standing_of(stream: str, lines: tuple[Line, ...], at: datetime) -> ProcessThen | None:
    """How a process stood by these lines of its own; None where there are none."""
    if not lines:
        return None
    state = _state(stream, lines)
    clocks = state.clocks if state is not None else _clocks(lines)
    return ProcessThen(
        stream=stream,
        outcome=state.outcome if state else None,
        transferred_to=state.transferred_to if state else None,
        policy=state.opening.policy.version if state and state.opening else None,
        brought_in=state.brought_in if state else False,
        clocks=tuple(ClockThen(clock, _late(clock, at)) for clock in clocks),
        records=len(lines),
        state=state,
    )


def _state(stream: str, lines: tuple[Line, ...]) -> ProcessState | None:
    model = MODELS[parse_stream(stream).kind]
    state: Any = model.blank(stream)
    try:
        for line in lines:
            state = model.fold_event(state, line.record, line.event)
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError, StopIteration):
        # A stream with gaps, as by what happened, may lack what a later line speaks of.
        return None
    return state


def _clocks(lines: tuple[Line, ...]) -> tuple[Clock, ...]:
    clocks: tuple[Clock, ...] = ()
    for line in lines:
        if isinstance(line.event, CLOCK_EVENTS):
            clocks = fold_clock(clocks, cast("ClockEvent", line.event))
    return clocks


def _late(clock: Clock, at: datetime) -> bool:
    waits = clock.status is ClockStatus.RUNNING and not clock.indicator
    return clock.is_late or (waits and not in_time(at, clock.due_at, clock.last_day))
