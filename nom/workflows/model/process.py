"""What every process has in common: its state's shared part, and how one event changes that. Decides nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar, get_args

from pydantic import TypeAdapter

from nom.contracts.base import Contract
from nom.contracts.clocks import (
    BreachWithdrawn,
    Clock,
    ClockMet,
    ClockStarted,
    ClockStopped,
    DeadlineBreached,
    fold_clock,
)
from nom.contracts.envelope import CommandEnvelope, Record
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.contracts.every_process import (
    CommonEvent,
    HandOff,
    HandOffAcknowledged,
    HandOffMade,
    HandOffRefused,
    MarkedUpToDate,
    NoteRecorded,
    Opening,
    ProcessOpened,
    RecordCorrected,
    StageEnded,
)
from nom.contracts.ids import ProcessKind, StreamId, parse_stream
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.pack import PolicyPack


class Act(Contract):
    """Who gave which command: what separation of duties looks at."""

    command: str
    person: str


class ProcessState(Contract):
    """The part of a process's state that all processes share. Each process adds its own fields."""

    stream: StreamId
    opening: Opening | None = None
    brought_in: bool = False
    last_seq: int = 0
    clocks: tuple[Clock, ...] = ()
    outbox: tuple[HandOff, ...] = ()
    hand_offs_made: int = 0
    acts: tuple[Act, ...] = ()
    outcome: str | None = None

    @property
    def case(self) -> str:
        """The case or group that the process belongs to."""
        return parse_stream(self.stream).case

    @property
    def is_open(self) -> bool:
        """Whether the process has been opened and has not ended."""
        return self.opening is not None and self.outcome is None

    def clock(self, clock_id: str) -> Clock | None:
        """The clock with that id, if it was ever started."""
        return next((clock for clock in self.clocks if clock.id == clock_id), None)


StateT = TypeVar("StateT", bound=ProcessState)


class Facts(NamedTuple):
    """Everything from outside that a decision may use, pinned: the policy pack and the working-day calendar."""

    policy: PolicyPack
    calendar: Calendar


Decision = tuple[EventBase, ...] | Refusal


@dataclass(frozen=True)
class ProcessModel(Generic[StateT]):
    """One process of the operating model: how it starts, decides and evolves, and how its contracts are read."""

    kind: ProcessKind
    state: type[StateT]
    decide: Callable[[StateT, CommandEnvelope[Any], Facts], Decision]
    evolve: Callable[[StateT, Any], StateT]
    commands: TypeAdapter[CommandEnvelope[Any]]
    events: TypeAdapter[Any]

    def blank(self, stream: str) -> StateT:
        """The state of a process to which nothing has happened."""
        return self.state(stream=stream)

    def event_of(self, record: Record) -> EventBase:
        """The event that a record holds. Raises `pydantic.ValidationError` if the code no longer knows it."""
        return self.events.validate_json(record.payload)

    def fold(self, state: StateT, record: Record) -> StateT:
        """The state after one record more."""
        return self.fold_event(state, record, self.event_of(record))

    def fold_event(self, state: StateT, record: Record, event: EventBase) -> StateT:
        """As `fold`, where the event is at hand already."""
        act = Act(command=record.command, person=record.actor.id)
        acts = state.acts if act in state.acts else (*state.acts, act)
        state = state.model_copy(update={"last_seq": record.seq, "acts": acts})
        if isinstance(event, COMMON_EVENTS):
            return evolve_common(state, event)
        return self.evolve(state, event)


COMMON_EVENTS: tuple[type[EventBase], ...] = get_args(CommonEvent)


def evolve_common(state: StateT, event: EventBase) -> StateT:
    """Fold an event that any process can have."""
    match event:
        case ProcessOpened():
            return state.model_copy(update={"opening": event.opening, "brought_in": event.opening.brought_in})
        case MarkedUpToDate():
            return state.model_copy(update={"brought_in": False})
        case HandOffMade():
            outbox = (*state.outbox, event.hand_off)
            return state.model_copy(update={"outbox": outbox, "hand_offs_made": state.hand_offs_made + 1})
        case HandOffAcknowledged() | HandOffRefused():
            outbox = tuple(item for item in state.outbox if item.id != event.hand_off_id)
            return state.model_copy(update={"outbox": outbox})
        case StageEnded():
            return state.model_copy(update={"outcome": event.outcome})
        case RecordCorrected() | NoteRecorded():
            return state
        case ClockStarted() | ClockMet() | ClockStopped() | DeadlineBreached() | BreachWithdrawn():
            return state.model_copy(update={"clocks": fold_clock(state.clocks, event)})
        case _:
            msg = f"not a common event: {event.type}"
            raise TypeError(msg)
