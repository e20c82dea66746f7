"""The decisions of a case: who decided, why, what second person acted on it, and what the decider had read before.

The log knows what was shown by the commands that log. What somebody was told, or read elsewhere, it does not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from nom.activities.readings import LoggedReading
from nom.audit.known.acts import Act, Line, acts_of
from nom.contracts.policy.loader import PolicyNotFound, pack_by_ref

Span = tuple[int, int]
"""Records from one number to another, both included."""


class SecondPerson(NamedTuple):
    """An act by somebody else that the pack keeps apart from the decision, with the pack's words for why."""

    act: Act
    because: str


class Consulted(NamedTuple):
    """What stood in one stream when a decision was entered, and what the decider had of it: records that they wrote
    themselves, records that the log shows were shown to them whole, and the rest. Spans of record numbers.
    `partly` tells that something of the stream was shown to them otherwise, such as the days of one clock.
    """

    stream: str
    existed: int
    wrote: tuple[Span, ...]
    read: tuple[Span, ...]
    not_read: tuple[Span, ...]
    partly: bool


class Decision(NamedTuple):
    """One decision. `known`, `happened`: by which reading it belongs to the moment. `readings` are the rows of the log
    that count, newest last.
    """

    act: Act
    known: bool
    happened: bool
    second: tuple[SecondPerson, ...]
    consulted: tuple[Consulted, ...]
    readings: tuple[LoggedReading, ...]

    @property
    def without_reading(self) -> bool:
        """Whether the log shows nothing that the decider had been shown before."""
        return not self.readings


def decisions_of(
    streams: Mapping[str, tuple[Line, ...]],
    known: Mapping[str, tuple[Line, ...]],
    log: Sequence[LoggedReading],
    at: datetime,
) -> tuple[Decision, ...]:
    """The decisions that had happened or were known by the moment, in the order of the world."""
    found: list[Decision] = []
    for stream, lines in streams.items():
        acts = tuple(acts_of(lines))
        for place, act in enumerate(acts):
            there, happened = act.first <= len(known[stream]), act.occurred_at <= at
            if act.decides and (there or happened):
                second = tuple(_second(act, acts[place + 1 :]))
                readings = tuple(row for row in log if _before(row, act))
                consulted = tuple(item for each in streams.values() for item in _consulted(each, act, readings))
                found.append(Decision(act, there, happened, second, consulted, readings))
    return tuple(sorted(found, key=lambda item: (item.act.occurred_at, item.act.recorded_at, item.act.stream)))


def _second(act: Act, later: Iterable[Act]) -> Iterator[SecondPerson]:
    """What the pack keeps apart from the act, given later by another; up to the next act of the same kind."""
    for other in later:
        if other.command == act.command:
            return
        because = _kept_apart(act, other)
        if because and other.actor.id != act.actor.id:
            yield SecondPerson(other, because)


def _kept_apart(act: Act, other: Act) -> str | None:
    try:
        rules = pack_by_ref(other.policy).separations_before(other.command)
    except PolicyNotFound:
        return None
    return next((rule.because for rule in rules if rule.first_command == act.command), None)


def _before(row: LoggedReading, act: Act) -> bool:
    return row.reader_id == act.actor.id and row.read_at <= act.submitted_at


def _consulted(lines: tuple[Line, ...], act: Act, readings: Iterable[LoggedReading]) -> Iterator[Consulted]:
    """Of one stream. What a decision itself recorded did not stand before it."""
    existed = [line for line in lines if line.stored.recorded_at <= act.submitted_at and not _of(act, line)]
    if not existed:
        return
    stream = existed[0].record.stream
    rows = [row for row in readings if row.stream == stream]
    shown = max((row.up_to for row in rows if not row.partly), default=0)
    numbers = [line.record.seq for line in existed]
    wrote = {line.record.seq for line in existed if line.record.actor.id == act.actor.id}
    yield Consulted(
        stream=stream,
        existed=numbers[-1],
        wrote=spans(sorted(wrote)),
        read=spans([seq for seq in numbers if seq <= shown and seq not in wrote]),
        not_read=spans([seq for seq in numbers if seq > shown and seq not in wrote]),
        partly=any(row.partly for row in rows),
    )


def _of(act: Act, line: Line) -> bool:
    return line.record.stream == act.stream and act.first <= line.record.seq <= act.last


def spans(numbers: Iterable[int]) -> tuple[Span, ...]:
    """Ascending numbers as spans without gaps: 1, 2, 3, 7 → (1, 3), (7, 7)."""
    found: list[Span] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)
