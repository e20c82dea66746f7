"""The account of a case at a moment: each process by both readings, decisions, the difference. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from nom.activities.readings import LoggedReading
from nom.audit.known.acts import Act, Line, acts_of, lines_by_stream
from nom.audit.known.decisions import Decision, decisions_of
from nom.audit.known.difference import Difference, difference
from nom.audit.known.reading_check import Unaccounted, unaccounted
from nom.audit.known.standing import ProcessThen, happened_by, known_by, standing_of
from nom.contracts.envelope import StoredRecord


class PersonsAct(NamedTuple):
    """What a person did, and by which reading it belongs to the moment."""

    act: Act
    known: bool
    happened: bool


class Process(NamedTuple):
    """One process by both readings. None: by that reading it was not open yet."""

    stream: str
    known: ProcessThen | None
    happened: ProcessThen | None
    acts: tuple[PersonsAct, ...]


class Account(NamedTuple):
    """A case as it stood. `unaccounted` are the readings of the case that break invariant 24; `readings` counts all."""

    case: str
    at: datetime
    processes: tuple[Process, ...]
    decisions: tuple[Decision, ...]
    difference: Difference
    readings: int
    unaccounted: tuple[Unaccounted, ...]


def account_of(case: str, records: Iterable[StoredRecord], log: Sequence[LoggedReading], at: datetime) -> Account:
    """The account. `records` are the case's as the ledger holds them today, each stream in order; `log` is who was
    shown what of it. Raises `LedgerUnreadable`.
    """
    streams = lines_by_stream(records)
    known = {stream: known_by(lines, at) for stream, lines in streams.items()}
    standing = {
        stream: (standing_of(stream, known[stream], at), standing_of(stream, happened_by(lines, at), at))
        for stream, lines in streams.items()
    }
    processes = [
        Process(stream, *both, tuple(_acts(streams[stream], len(known[stream]), at)))
        for stream, both in standing.items()
        if any(both)
    ]
    return Account(
        case=case,
        at=at,
        processes=tuple(sorted(processes, key=lambda each: (streams[each.stream][0].stored.recorded_at, each.stream))),
        decisions=decisions_of(streams, known, log, at),
        difference=difference(streams, known, standing, at),
        readings=len(log),
        unaccounted=unaccounted(log),
    )


def _acts(lines: tuple[Line, ...], known: int, at: datetime) -> Iterable[PersonsAct]:
    for act in acts_of(lines):
        told = PersonsAct(act, act.first <= known, act.occurred_at <= at)
        if not act.by_system and (told.known or told.happened):
            yield told
