"""What surrounds a command on its way in and an event on its way down: who, when, why, by which rules, and digests."""

from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import SerializeAsAny

from nom.contracts.actors import Actor
from nom.contracts.base import Contract, Digest, Instant, Text, canonical_bytes, sha256_hex
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import EventId, StreamId, event_id
from nom.contracts.wording import reason_on_record

CommandT_co = TypeVar("CommandT_co", bound=CommandBase, covariant=True)


class PolicyRef(Contract):
    """The policy pack under which something was decided, pinned by content."""

    version: str
    digest: Digest


class CommandEnvelope(Contract, Generic[CommandT_co]):
    """A command as it travels: `command_id` is the caller's idempotency key; `occurred_at` is when it happened in the
    world; `submitted_at` is when the edge received it and is the *now* of the decision.
    """

    command_id: UUID
    stream: StreamId
    actor: Actor
    occurred_at: Instant
    submitted_at: Instant
    reason: Text | None = None
    command: SerializeAsAny[CommandT_co]

    def content(self) -> bytes:
        """What was asked in canonical JSON, without `submitted_at`: the same for a retry of the same request."""
        return canonical_bytes(self.model_dump(mode="json", exclude={"submitted_at"}))

    def content_digest(self) -> str:
        """SHA-256 of what was asked."""
        return sha256_hex(self.content())


class Record(Contract):
    """One event in its stream, sealed: the payload's digest and the previous record's digest are part of its own."""

    event_id: EventId
    stream: StreamId
    seq: int
    type: str
    command_id: UUID
    command: str
    command_digest: Digest
    actor: Actor
    occurred_at: Instant
    submitted_at: Instant
    reason: str | None
    policy: PolicyRef
    payload_digest: Digest
    previous: Digest | None
    digest: Digest
    payload: str
    """The event in canonical JSON. Outside the digest, which holds `payload_digest` in its place."""

    def computed_digest(self) -> str:
        """The digest that the envelope as it stands has."""
        return sha256_hex(canonical_bytes(self.model_dump(mode="json", exclude={"digest", "payload"})))


class StoredRecord(Contract):
    """A record as the ledger gives it back. `recorded_at` is the database's own clock; `position` is given after the
    commit, without gaps, and None until then. `asked` is the command's content, whose digest the record holds: beside
    the first record of the command alone, and None where an older version wrote it.
    """

    record: Record
    recorded_at: Instant
    position: int | None
    asked: str | None = None


class Receipt(Contract):
    """What the caller of a command gets: where in the stream its events stand. The same for every retry.
    `command_digest` lets the caller see that the id was not used before for another request.
    """

    command_id: UUID
    command_digest: Digest
    stream: StreamId
    first_seq: int
    last_seq: int
    digest: Digest
    events: tuple[str, ...]
    warnings: tuple[str, ...] = ()


class Appended(Contract):
    """The records stand in the ledger. `again` tells that they already stood there."""

    digests: tuple[Digest, ...]
    recorded_at: Instant
    again: bool


class AppendOutcome(Contract):
    """The ledger's answer to an append: exactly one of the two. `moved_on` holds the records that the writer has not
    seen, at most a page of them, in order.
    """

    appended: Appended | None = None
    moved_on: tuple[Record, ...] = ()


def seal(
    request: CommandEnvelope[CommandBase],
    events: tuple[EventBase, ...],
    policy: PolicyRef,
    seq: int,
    previous: str | None,
) -> tuple[Record, ...]:
    """Make the records of one command's events, which follow the record number `seq` (0 for none) whose digest is
    `previous`. Pure: the same request on the same place gives the same bytes. A reason that is held for review stands
    there as its mark; the digest of what was asked is of the request as it came.
    """
    asked, reason = request.content_digest(), reason_on_record(request.reason, events)
    records: list[Record] = []
    for offset, event in enumerate(events, start=1):
        payload = event.canonical()
        envelope: dict[str, Any] = {
            "event_id": event_id(request.stream, seq + offset),
            "stream": request.stream,
            "seq": seq + offset,
            "type": event.type,
            "command_id": request.command_id,
            "command": request.command.type,
            "command_digest": asked,
            "actor": request.actor,
            "occurred_at": request.occurred_at,
            "submitted_at": request.submitted_at,
            "reason": reason,
            "policy": policy,
            "payload_digest": sha256_hex(payload),
            "previous": previous,
        }
        open_record = Record.model_construct(**envelope, digest="", payload="")
        sealed = Record.model_construct(
            **envelope, digest=open_record.computed_digest(), payload=payload.decode("utf-8")
        )
        previous = sealed.digest
        records.append(sealed)
    return tuple(records)
