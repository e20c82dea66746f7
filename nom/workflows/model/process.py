"""What every process has in common: its state's shared part, and how one event changes that. Decides nothing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar, cast, get_args
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from nom.contracts.base import Contract
from nom.contracts.clocks import CLOCK_EVENTS, Clock, ClockEvent, fold_clock
from nom.contracts.envelope import CommandEnvelope, Record
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import (
    CommonEvent,
    HandOff,
    HandOffAcknowledged,
    HandOffMade,
    HandOffRefused,
    MarkedUpToDate,
    NoteRecorded,
    Opening,
    PolicyVersionAdopted,
    ProcessOpened,
    RecordCorrected,
    StageContinued,
    StageEnded,
    StageReopened,
    StageTransferred,
)
from nom.contracts.ids import CaseId, ProcessKind, StreamId, parse_stream
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.upcast import upcast
from nom.contracts.wording import WORDING_EVENTS, HeldText, WordingEvent, fold_wording


class Act(Contract):
    """Who gave which command: what separation of duties looks at."""

    command: str
    person: str


class ProcessState(Contract):
    """The part of a process's state that all processes share. Each process adds its own fields. `opening` names the
    policy pack that holds now: that of the opening, until another is adopted.
    """

    TAKEN_AFTER_TRANSFER: ClassVar[tuple[type[CommandBase], ...]] = ()
    """What the process still takes once it goes on in another force, beside paperwork."""

    stream: StreamId
    opening: Opening | None = None
    brought_in: bool = False
    last_seq: int = 0
    clocks: tuple[Clock, ...] = ()
    outbox: tuple[HandOff, ...] = ()
    hand_offs_made: int = 0
    acts: tuple[Act, ...] = ()
    held_texts: tuple[HeldText, ...] = ()
    outcome: str | None = None
    transferred_to: CaseId | None = None

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

    def waiting(self, hand_off_id: UUID) -> HandOff | None:
        """The hand-off with that id, if it still waits for its answer."""
        return next((item for item in self.outbox if item.id == hand_off_id), None)

    def rings(self, clock: Clock) -> bool:
        """Whether the process must act when a running clock's moment comes. Nothing follows from an indicator, unless
        the process says otherwise.
        """
        return not clock.indicator

    def as_continued(self, policy: PolicyPack) -> Self:  # noqa: ARG002  # For processes that rest on their pack.
        """What its successor in another force starts from: all of it, unless the process says otherwise. `policy` is
        the pack that held here.
        """
        return self


StateT = TypeVar("StateT", bound=ProcessState)


class Facts(NamedTuple):
    """Everything from outside that a decision may use, pinned: the policy pack and the working-day calendar. `offered`
    is the pack and the calendar that `AdoptPolicy` names, None for any other command and where nobody holds them.
    """

    policy: PolicyPack
    calendar: Calendar
    offered: "Facts | None" = None


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
        """The event that a record holds, in today's version. Raises `pydantic.ValidationError` if the code no longer
        knows it.
        """
        return self.events.validate_json(upcast(record.type, record.payload, record.occurred_at))

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


def state_after(state: StateT, events: Iterable[EventBase], evolve: Callable[[StateT, Any], StateT]) -> StateT:
    """The state after events that are not yet recorded: what a rule looks at that depends on what another just did."""
    for event in events:
        state = evolve_common(state, event) if isinstance(event, COMMON_EVENTS) else evolve(state, event)
    return state


def evolve_common(state: StateT, event: EventBase) -> StateT:
    """Fold an event that any process can have."""
    if isinstance(event, (*CLOCK_EVENTS, *WORDING_EVENTS)):
        return _after_clock_or_text(state, event)
    match event:
        case ProcessOpened():
            return state.model_copy(update={"opening": event.opening, "brought_in": event.opening.brought_in})
        case MarkedUpToDate():
            return state.model_copy(update={"brought_in": False})
        case HandOffMade() | HandOffAcknowledged() | HandOffRefused():
            return _after_hand_off(state, event)
        case StageEnded() | StageReopened():
            return state.model_copy(update={"outcome": event.outcome if isinstance(event, StageEnded) else None})
        case StageTransferred():
            return state.model_copy(update={"transferred_to": event.to})
        case StageContinued():
            return continued(state, event.state)
        case RecordCorrected() | NoteRecorded():
            return state
        case PolicyVersionAdopted() if state.opening is not None:
            return state.model_copy(update={"opening": state.opening.model_copy(update={"policy": event.after})})
        case _:
            msg = f"not a common event: {event.type}"
            raise TypeError(msg)


def _after_clock_or_text(state: StateT, event: EventBase) -> StateT:
    if isinstance(event, CLOCK_EVENTS):
        return state.model_copy(update={"clocks": fold_clock(state.clocks, cast("ClockEvent", event))})
    return state.model_copy(update={"held_texts": fold_wording(state.held_texts, cast("WordingEvent", event))})


def _after_hand_off(state: StateT, event: HandOffMade | HandOffAcknowledged | HandOffRefused) -> StateT:
    if isinstance(event, HandOffMade):
        outbox, made = (*state.outbox, event.hand_off), state.hand_offs_made + 1
        return state.model_copy(update={"outbox": outbox, "hand_offs_made": made})
    outbox = tuple(item for item in state.outbox if item.id != event.hand_off_id)
    return state.model_copy(update={"outbox": outbox})


def continued(state: StateT, known_there: dict[str, JsonValue]) -> StateT:
    """A process that was just opened, as it goes on from another force's: everything that was known there, but its own
    place in its own stream and its own policy. Raises `pydantic.ValidationError` if the code does not know the state.
    """
    known = type(state).model_validate_json(json.dumps({**known_there, "stream": state.stream}))
    own = {
        "opening": state.opening,
        "brought_in": state.brought_in and known.brought_in,
        "last_seq": state.last_seq,
        "outbox": state.outbox,
        "hand_offs_made": state.hand_offs_made,
        "acts": (*known.acts, *(act for act in state.acts if act not in known.acts)),
        "transferred_to": None,
    }
    return known.model_copy(update=own)
