"""Records for tests: streams that nobody else uses, commands, and what they made happen, sealed."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from nom.activities.reader import LedgerReader
from nom.activities.requests import AppendRequest
from nom.contracts.actors import Actor, Agency, Rank
from nom.contracts.envelope import CommandEnvelope, PolicyRef, Record, seal
from nom.contracts.events import CommandBase, EventBase

SUBMITTED = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
POLICY = PolicyRef(version="2026-01", digest="a" * 64)
SERGEANT = Actor(
    id="officer-1",
    role="triage_sergeant",
    agency=Agency.POLICE,
    force="GMP",
    rank=Rank.SERGEANT,
    on_behalf_of="officer-2",
)
_MATTERS = itertools.count(1)


class Tell(CommandBase):
    type: Literal["Tell"] = "Tell"
    words: str = "what was said"


class Told(EventBase):
    says = "{words} was said."
    type: Literal["told.v1"] = "told.v1"
    words: str = "what was said"


def new_stream(force: str = "gmp") -> str:
    """A stream that no other test has."""
    return f"{force}/26-{uuid4().hex[:10]}{next(_MATTERS)}/referral-1"


def asked(
    stream: str, *, command: UUID | None = None, submitted: datetime = SUBMITTED, reason: str | None = "as agreed"
) -> CommandEnvelope[CommandBase]:
    """A command to a stream."""
    return CommandEnvelope[CommandBase](
        command_id=command or uuid4(),
        stream=stream,
        actor=SERGEANT,
        occurred_at=SUBMITTED - timedelta(hours=1),
        submitted_at=submitted,
        reason=reason,
        command=Tell(),
    )


def append_of(
    request: CommandEnvelope[CommandBase], *words: str, after: int = 0, previous: str | None = None
) -> AppendRequest:
    """The append of a command that made these things be told, after a record of its stream."""
    events = tuple(Told(words=word) for word in words)
    records = seal(request, events, POLICY, after, previous)
    content = request.content().decode()
    return AppendRequest(stream=request.stream, expected_seq=after, records=records, asked=content)


def following(earlier: AppendRequest, *words: str, command: UUID | None = None) -> AppendRequest:
    """The append of a new command after an earlier append."""
    last = earlier.records[-1]
    return append_of(asked(earlier.stream, command=command), *words, after=last.seq, previous=last.digest)


async def kept(reader: LedgerReader, stream: str) -> tuple[Record, ...]:
    """What the ledger holds of a stream."""
    return tuple([stored.record async for stored in reader.stream(stream)])


def chain_holds(records: tuple[Record, ...]) -> bool:
    """Whether the records follow each other from the first, each with the digest that it should have."""
    previous = None
    for seq, record in enumerate(records, start=1):
        if (record.seq, record.previous, record.digest) != (seq, previous, record.computed_digest()):
            return False
        previous = record.digest
    return True
