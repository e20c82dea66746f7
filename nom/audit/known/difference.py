"""What lies between what had happened by a moment and what was known by it. Judges nobody: a late entry is a fact."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from nom.audit.known.acts import Act, Line, acts_of
from nom.audit.known.standing import ClockThen, ProcessThen
from nom.contracts.clocks import BreachWithdrawn, DeadlineBreached, due_in_words
from nom.contracts.every_process import NoteRecorded, RecordCorrected

Both = tuple[ProcessThen | None, ProcessThen | None]
"""A process by what was known and by what had happened."""


class Withdrawn(NamedTuple):
    """A breach that stood as known at the moment, and that a later entry showed never was."""

    stream: str
    clock: str
    rule: str
    breached_seq: int
    withdrawn_seq: int
    withdrawn_at: datetime
    because: str


class Correction(NamedTuple):
    """A correction beside what it corrects. `known`: whether it stood in the ledger at the moment."""

    stream: str
    wrong_seq: int
    wrong: str | None
    seq: int
    correction: str
    who: str
    reason: str | None
    recorded_at: datetime
    known: bool


class Note(NamedTuple):
    """A note on the case, as fact or as opinion. `known` as in `Correction`."""

    stream: str
    seq: int
    says: str
    who: str
    occurred_at: datetime
    recorded_at: datetime
    known: bool


class Differs(NamedTuple):
    """A process (no clock) or a clock of it that stood otherwise by the one reading than by the other."""

    stream: str
    clock: str | None
    known: str
    happened: str


class Difference(NamedTuple):
    """Everything between the two readings. `late_entries` had happened by the moment and were entered later;
    `ahead` was known by then and is said to have happened later, within the tolerance for clocks that differ.
    """

    late_entries: tuple[Act, ...]
    ahead: tuple[Act, ...]
    withdrawn: tuple[Withdrawn, ...]
    corrections: tuple[Correction, ...]
    notes: tuple[Note, ...]
    differs: tuple[Differs, ...]


def difference(
    streams: Mapping[str, tuple[Line, ...]],
    known: Mapping[str, tuple[Line, ...]],
    standing: Mapping[str, Both],
    at: datetime,
) -> Difference:
    """What lies between. `streams` is the case as the ledger holds it today, `known` what it held at the moment."""
    acts = [(act, act.first <= len(known[stream])) for stream, lines in streams.items() for act in acts_of(lines)]
    acts.sort(key=lambda item: (item[0].occurred_at, item[0].recorded_at, item[0].stream, item[0].first))
    return Difference(
        late_entries=tuple(act for act, there in acts if act.occurred_at <= at and not there),
        ahead=tuple(act for act, there in acts if act.occurred_at > at and there),
        withdrawn=tuple(item for stream, lines in streams.items() for item in _withdrawn(lines, len(known[stream]))),
        corrections=tuple(
            item for stream, lines in streams.items() for item in _corrected(lines, len(known[stream]), at)
        ),
        notes=tuple(note for stream, lines in streams.items() for note in _notes(lines, len(known[stream]), at)),
        differs=tuple(item for stream, both in standing.items() for item in _differs(stream, *both)),
    )


def _withdrawn(lines: tuple[Line, ...], known: int) -> Iterator[Withdrawn]:
    standing: dict[str, int] = {}
    for place, line in enumerate(lines, 1):
        event = line.event
        if isinstance(event, DeadlineBreached) and place <= known:
            standing[event.clock_id] = line.record.seq
        elif isinstance(event, BreachWithdrawn) and event.clock_id in standing:
            breached = standing.pop(event.clock_id)
            if place > known:
                recorded = line.stored.recorded_at
                seq = line.record.seq
                yield Withdrawn(line.record.stream, event.clock_id, event.rule, breached, seq, recorded, event.because)


def _corrected(lines: tuple[Line, ...], known: int, at: datetime) -> Iterator[Correction]:
    """Corrections of what was known or had happened at the moment, and of such corrections, whenever they came."""
    told = (line for place, line in enumerate(lines, 1) if place <= known or line.record.occurred_at <= at)
    said = {line.record.seq: line.event.in_words() for line in told}
    for place, line in enumerate(lines, 1):
        event, record = line.event, line.record
        if isinstance(event, RecordCorrected) and event.wrong_seq in said:
            said.setdefault(record.seq, event.in_words())
            yield Correction(
                stream=record.stream,
                wrong_seq=event.wrong_seq,
                wrong=said[event.wrong_seq],
                seq=record.seq,
                correction=event.correction,
                who=record.actor.id,
                reason=record.reason,
                recorded_at=line.stored.recorded_at,
                known=place <= known,
            )


def _notes(lines: tuple[Line, ...], known: int, at: datetime) -> Iterator[Note]:
    for place, line in enumerate(lines, 1):
        record = line.record
        if isinstance(line.event, NoteRecorded) and (place <= known or record.occurred_at <= at):
            yield Note(
                stream=record.stream,
                seq=record.seq,
                says=line.event.in_words(),
                who=record.actor.id,
                occurred_at=record.occurred_at,
                recorded_at=line.stored.recorded_at,
                known=place <= known,
            )


def _differs(stream: str, known: ProcessThen | None, happened: ProcessThen | None) -> Iterator[Differs]:
    words = (known.status if known else "not open", happened.status if happened else "not open")
    if words[0] != words[1]:
        yield Differs(stream, None, *words)
    here, there = _clocks(known), _clocks(happened)
    for clock in sorted({*here, *there}):
        told = (_clock_words(here.get(clock)), _clock_words(there.get(clock)))
        if told[0] != told[1]:
            yield Differs(stream, clock, *told)


def _clocks(process: ProcessThen | None) -> dict[str, ClockThen]:
    return {item.clock.id: item for item in process.clocks} if process else {}


def _clock_words(item: ClockThen | None) -> str:
    if item is None:
        return "not started"
    return f"{item.words}, due {due_in_words(item.clock.due_at, item.clock.last_day)}"
