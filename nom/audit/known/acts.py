"""What was recorded, as lines with their events and as acts: everything that one command led to in one process.

Pure: reads no database and no clock.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import NamedTuple

from pydantic import ValidationError

from nom.activities.errors import LedgerUnreadable
from nom.contracts.actors import SYSTEM_ROLE, Actor
from nom.contracts.envelope import PolicyRef, Record, StoredRecord
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOffAcknowledged, HandOffMade, ProcessOpened
from nom.contracts.ids import parse_stream
from nom.workflows.operating_model import MODELS

PLUMBING = (ProcessOpened, HandOffMade, HandOffAcknowledged)
"""Events by which processes open and tell each other: no part of what an act is told as."""


class Line(NamedTuple):
    """One record with what the ledger added, and the event in it, in today's version."""

    stored: StoredRecord
    event: EventBase

    @property
    def record(self) -> Record:
        """The record."""
        return self.stored.record


class Act(NamedTuple):
    """One command to one process and what came of it: its records are those from `first` to `last`. `recorded_at` is
    the ledger's own clock, `submitted_at` when the command was entered, `occurred_at` when it is said to have happened.
    """

    stream: str
    first: int
    last: int
    command: str
    decides: bool
    actor: Actor
    occurred_at: datetime
    submitted_at: datetime
    recorded_at: datetime
    reason: str | None
    policy: PolicyRef
    says: tuple[str, ...]

    @property
    def by_system(self) -> bool:
        """Whether no person gave it."""
        return self.actor.role == SYSTEM_ROLE


def lines_by_stream(records: Iterable[StoredRecord]) -> dict[str, tuple[Line, ...]]:
    """The records of each stream in order, read. Raises `LedgerUnreadable`."""
    streams: dict[str, list[Line]] = {}
    for stored in records:
        streams.setdefault(stored.record.stream, []).append(Line(stored, _event_of(stored.record)))
    return {stream: tuple(lines) for stream, lines in streams.items()}


def acts_of(lines: Iterable[Line]) -> Iterator[Act]:
    """The acts of one stream, in order."""
    for _, group in groupby(lines, key=lambda line: line.record.command_id):
        told = list(group)
        stored, record = told[0].stored, told[0].record
        yield Act(
            stream=record.stream,
            first=record.seq,
            last=told[-1].record.seq,
            command=record.command,
            decides=record.command in deciding_commands() and record.actor.role != SYSTEM_ROLE,
            actor=record.actor,
            occurred_at=record.occurred_at,
            submitted_at=record.submitted_at,
            recorded_at=stored.recorded_at,
            reason=record.reason,
            policy=record.policy,
            says=tuple(line.event.in_words() for line in told if not isinstance(line.event, PLUMBING)),
        )


@cache
def deciding_commands() -> frozenset[str]:
    """The commands that decide something, so that a reason is asked for."""
    return frozenset(_deciding(CommandBase))


def _deciding(base: type[CommandBase]) -> Iterator[str]:
    for command in base.__subclasses__():
        if command.decides and "type" in command.model_fields:
            yield command.model_fields["type"].default
        yield from _deciding(command)


def _event_of(record: Record) -> EventBase:
    try:
        return MODELS[parse_stream(record.stream).kind].event_of(record)
    except ValidationError:
        # The cause is dropped on purpose: it would quote the payload.
        raise LedgerUnreadable(record.stream, record.seq) from None
