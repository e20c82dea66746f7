"""Matters that are entered late, corrected and read: what the account of a moment is tried on."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from nom.activities.readings import LoggedReading
from nom.console.drafts import draft
from nom.console.people import actor
from nom.console.scenario.loading import bundled
from nom.contracts.envelope import CommandEnvelope, StoredRecord
from tests.console.office import Office
from tests.console.recorded import CASE, RECEIVED, a_referral
from tests.matters import acknowledge, record_crime

REFERRAL = f"{CASE}/referral-1"
LATE = RECEIVED + timedelta(days=3)
"""Long after the crime had to be recorded."""


def recorded_in_time_entered_late() -> list[StoredRecord]:
    """A referral whose breach was noticed and withdrawn: the crime was recorded after an hour, typed on day 4."""
    referral = a_referral()
    referral.take(acknowledge(CASE, LATE))
    referral.take(record_crime(CASE, RECEIVED + timedelta(hours=1)), timedelta(days=4))
    return referral.stored


def corrected() -> list[StoredRecord]:
    """A referral whose note is corrected a day later."""
    referral = a_referral().take(note_on(REFERRAL, RECEIVED + timedelta(hours=2), "seen on Monday"))
    wrong = referral.stored[-1].record.seq
    correction = {"type": "CorrectRecord", "wrong_seq": wrong, "correction": "seen on Tuesday"}
    return referral.take(given(REFERRAL, correction, RECEIVED + timedelta(days=1), reason="misheard")).stored


def note_on(stream: str, at: datetime, text: str) -> CommandEnvelope[Any]:
    """A note by the duty officer."""
    return given(stream, {"type": "RecordNote", "text": text, "basis": "fact"}, at)


def given(stream: str, fields: dict[str, Any], at: datetime, *, reason: str | None = None) -> CommandEnvelope[Any]:
    """A command by the duty officer."""
    return draft(stream, fields, actor("duty-officer-1", "GMP"), occurred_at=at, reason=reason)


def worked(name: str) -> dict[str, list[StoredRecord]]:
    """Every matter of a bundled scenario, each record recorded when it happened, or when the one before it was."""
    scenario = next(each for each in bundled() if each.id == name)
    office = Office(scenario)
    office.run()
    matters: dict[str, list[StoredRecord]] = {}
    last: dict[str, datetime] = {}
    for record in office.all_records():
        last[record.stream] = max(record.occurred_at, last.get(record.stream, record.occurred_at))
        stored = StoredRecord(record=record, recorded_at=last[record.stream], position=None)
        matters.setdefault(record.stream.rsplit("/", 1)[0], []).append(stored)
    return matters


def logged(stream: str, up_to: int, by: str, at: datetime, **changes: object) -> LoggedReading:
    """A row of the log."""
    row: dict[str, Any] = {
        "number": 0,
        "reading": uuid4(),
        "read_at": at.astimezone(UTC),
        "login": "nom_gmp_reader",
        "reader_id": by,
        "reader_role": "duty_officer",
        "reader_agency": "police",
        "reader_force": "GMP",
        "named": True,
        "purpose": "casework",
        "tool": "show",
        "stream": stream,
        "up_to": up_to,
        "position": None,
        "partly": False,
        "disclosed_to": None,
        **changes,
    }
    return LoggedReading(**row)


def types(lines: Iterable[StoredRecord]) -> list[str]:
    """What happened, by type."""
    return [stored.record.type for stored in lines]
