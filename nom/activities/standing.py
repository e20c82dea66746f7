"""Where every process of one force stands, folded from the ledger by position. It can always be made again."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, assert_never, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from nom.contracts.base import Contract
from nom.contracts.clocks import (
    BreachEscalated,
    BreachWithdrawn,
    Clock,
    ClockExtended,
    ClockMet,
    ClockPaused,
    ClockReanchored,
    ClockRecalculated,
    ClockResumed,
    ClockStarted,
    ClockStatus,
    ClockStopped,
    DeadlineBreached,
    fold_clock,
)
from nom.contracts.envelope import Record, StoredRecord
from nom.contracts.every_process import (
    CommonEvent,
    HandOffAcknowledged,
    HandOffMade,
    HandOffRefused,
    MarkedUpToDate,
    NoteRecorded,
    PolicyVersionAdopted,
    ProcessOpened,
    RecordCorrected,
    StageContinued,
    StageEnded,
    StageReopened,
    StageTransferred,
)
from nom.contracts.ids import ProcessKind, StreamId, parse_stream
from nom.contracts.services import ForceStatus, OverdueClock, ProcessCount
from nom.contracts.wording import TextHeldForReview, TextReleased, TextReturned, TextRewritten

_COMMON: TypeAdapter[CommonEvent] = TypeAdapter(Annotated[CommonEvent, Field(discriminator="type")])
_COMMON_TYPES: frozenset[str] = frozenset(event.model_fields["type"].default for event in get_args(CommonEvent))


class StreamStanding(Contract):
    """One process: whether it is open, how its clocks stand, what it has handed on without an answer."""

    stream: StreamId
    outcome: str | None = None
    clocks: tuple[Clock, ...] = ()
    waiting: int = 0
    refused: int = 0


class _Continued(BaseModel):
    """What is counted of a process that goes on from another force's."""

    model_config = ConfigDict(extra="ignore")

    outcome: str | None
    clocks: tuple[Clock, ...]


class Standing(Contract):
    """Every process of a force as of a position: what a snapshot holds."""

    position: int = -1
    streams: tuple[StreamStanding, ...] = ()


class StandingFold:
    """The running fold. Takes records in the order of their positions."""

    def __init__(self, start: Standing | None = None) -> None:
        start = start or Standing()
        self.position: int = start.position
        self._streams = {item.stream: item for item in start.streams}

    def take(self, stored: StoredRecord) -> None:
        """Fold one record. Raises `ValueError` if a position was skipped."""
        record, position = stored.record, stored.position
        if position is None or position != self.position + 1:
            msg = f"position {position} follows {self.position}: one was skipped"
            raise ValueError(msg)
        before = self._streams.get(record.stream) or StreamStanding(stream=record.stream)
        event = common_event(record)
        self._streams[record.stream] = before if event is None else _after(before, event)
        self.position = position

    def standing(self) -> Standing:
        """The fold as it is now."""
        return Standing(position=self.position, streams=tuple(self._streams.values()))

    def status(self, force: str, as_of: datetime) -> ForceStatus:
        """What the force reports: counts and references, no content."""
        streams = tuple(self._streams.values())
        due = [c.due_at for s in streams for c in s.clocks if c.status is ClockStatus.RUNNING and not c.indicator]
        kinds = Counter(parse_stream(item.stream).kind for item in streams)
        return ForceStatus(
            force=force.upper(),
            as_of_position=self.position,
            as_of=as_of,
            next_due_at=min(due, default=None),
            processes=tuple(_count(kind, streams) for kind in ProcessKind if kinds[kind]),
            hand_offs_waiting=sum(item.waiting for item in streams),
            hand_offs_refused=sum(item.refused for item in streams),
        )


def common_event(record: Record) -> CommonEvent | None:
    """The event, if it is one that any process can have; None for a process's own."""
    return _COMMON.validate_json(record.payload) if record.type in _COMMON_TYPES else None


def _after(before: StreamStanding, event: CommonEvent) -> StreamStanding:
    match event:
        case StageEnded():
            return before.model_copy(update={"outcome": event.outcome})
        case StageReopened():
            return before.model_copy(update={"outcome": None})
        case HandOffMade():
            return before.model_copy(update={"waiting": before.waiting + 1})
        case HandOffAcknowledged():
            return before.model_copy(update={"waiting": before.waiting - 1})
        case HandOffRefused():
            return before.model_copy(update={"waiting": before.waiting - 1, "refused": before.refused + 1})
        case StageContinued():
            known = _Continued.model_validate(event.state)
            return before.model_copy(update={"outcome": known.outcome, "clocks": known.clocks})
        case (
            ProcessOpened()
            | StageTransferred()
            | RecordCorrected()
            | NoteRecorded()
            | MarkedUpToDate()
            | PolicyVersionAdopted()
            | TextHeldForReview()
            | TextReleased()
            | TextReturned()
            | TextRewritten()
        ):
            return before
        case (
            ClockStarted()
            | ClockMet()
            | ClockStopped()
            | ClockPaused()
            | ClockResumed()
            | ClockExtended()
            | ClockReanchored()
            | ClockRecalculated()
            | DeadlineBreached()
            | BreachWithdrawn()
            | BreachEscalated()
        ):
            return before.model_copy(update={"clocks": fold_clock(before.clocks, event)})
        case _:
            assert_never(event)


def _count(kind: ProcessKind, streams: Iterable[StreamStanding]) -> ProcessCount:
    mine = [item for item in streams if parse_stream(item.stream).kind is kind]
    clocks = [clock for item in mine for clock in item.clocks if not clock.indicator]
    late = (item.stream for item in mine if any(clock.status is ClockStatus.BREACHED for clock in item.clocks))
    return ProcessCount(
        process=kind,
        open=sum(item.outcome is None for item in mine),
        ended=sum(item.outcome is not None for item in mine),
        due=sum(clock.status is ClockStatus.RUNNING for clock in clocks),
        overdue=sum(clock.status is ClockStatus.BREACHED for clock in clocks),
        breached=sum(clock.is_late for clock in clocks),
        late=tuple(late),
        overdue_clocks=tuple(_overdue(mine)),
    )


def _overdue(streams: Iterable[StreamStanding]) -> Iterator[OverdueClock]:
    for item in streams:
        for clock in item.clocks:
            if clock.status is ClockStatus.BREACHED:
                yield OverdueClock(stream=item.stream, rule=clock.rule, due_at=clock.due_at)
