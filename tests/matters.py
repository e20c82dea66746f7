"""Made-up matters for tests against the engine: a referral, and the commands on it, by people of the directory."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from nom.activities.reader import LedgerReader
from nom.console.access import Access
from nom.console.client import Refused
from nom.console.drafts import draft, opening_for
from nom.console.people import actor
from nom.contracts.envelope import CommandEnvelope, StoredRecord
from nom.contracts.errors import Refusal

OFFENCE = "SX03025"


def a_matter(force: str = "GMP") -> str:
    """The case id of a new matter."""
    return f"{force.lower()}/test-{uuid4().hex[:12]}"


def receive(case: str, occurred_at: datetime, *, brought_in: bool = False) -> CommandEnvelope[Any]:
    """A school refers a child of 14; one suspect."""
    command = {
        "type": "ReceiveReferral",
        "opening": opening_for("ENG", occurred_at, brought_in=brought_in),
        "source": "education",
        "subjects": ({"id": "child-1", "age": 14}, {"id": "suspect-1"}),
        "allegations": ({"victim": "child-1", "offence": OFFENCE},),
    }
    return draft(f"{case}/referral-1", command, actor("teacher-1"), occurred_at=occurred_at)


def on_referral(
    case: str, person: str, command: dict[str, Any], occurred_at: datetime | None = None, command_id: UUID | None = None
) -> CommandEnvelope[Any]:
    """A command on the matter's referral."""
    force = case[:3].upper()
    return draft(f"{case}/referral-1", command, actor(person, force), occurred_at=occurred_at, command_id=command_id)


def acknowledge(case: str, occurred_at: datetime | None = None) -> CommandEnvelope[Any]:
    """The duty officer acknowledges."""
    return on_referral(case, "duty-officer-1", {"type": "Acknowledge"}, occurred_at)


def record_crime(case: str, occurred_at: datetime | None = None) -> CommandEnvelope[Any]:
    """The registrar records the crime."""
    command = {"type": "RecordCrime", "victim": "child-1", "offence": OFFENCE}
    return on_referral(case, "registrar-1", command, occurred_at)


def note(case: str, text: str, command_id: UUID | None = None) -> CommandEnvelope[Any]:
    """The duty officer adds a note: one event, no clock."""
    command = {"type": "RecordNote", "text": text, "basis": "fact"}
    return on_referral(case, "duty-officer-1", command, command_id=command_id)


def ago(**units: float) -> datetime:
    """A moment that long before now."""
    return datetime.now(UTC) - timedelta(**units)


async def refusal_of(submitting: Awaitable[object]) -> Refusal:
    """The refusal that a submission meets. Fails if it is accepted."""
    try:
        await submitting
    except Refused as refused:
        return refused.refusal
    msg = "the command was accepted"
    raise AssertionError(msg)


async def handed_on(reader: LedgerReader, case: str) -> None:
    """Wait until every hand-off that the matter has made is answered."""
    async with asyncio.timeout(60):
        while await reader.hand_offs_waiting(case):  # noqa: ASYNC110 - what is waited for happens in the engine
            await asyncio.sleep(0.02)


async def an_open_referral(access: Access) -> str:
    """The case of an open referral of GMP whose own work is over: nothing appends to it but what the test says."""
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=1), brought_in=True))
    await handed_on(await access.reader("gmp"), case)
    return case


async def records(reader: LedgerReader, stream: str) -> tuple[StoredRecord, ...]:
    """All records of a stream."""
    return tuple([record async for record in reader.stream(stream)])


def types(stored: Sequence[StoredRecord]) -> tuple[str, ...]:
    """The event types, without their versions."""
    return tuple(item.record.type.split(".")[0] for item in stored)
