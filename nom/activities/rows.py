"""How a record lies in the database: its columns, in and out. Owns the two directions and nothing else."""

from typing import Final

from asyncpg import Record as Row
from pydantic import ValidationError

from nom.activities.errors import LedgerUnreadable
from nom.contracts.actors import Actor
from nom.contracts.envelope import PolicyRef, Record, StoredRecord

COLUMNS: Final = (
    "r.stream, r.seq, r.event_id, r.type, r.command_id, r.command, r.command_digest, r.actor_id, r.actor_role, "
    "r.actor_agency, r.actor_force, r.actor_rank, r.actor_for, r.occurred_at, r.submitted_at, r.reason, "
    "r.policy_version, r.policy_digest, r.payload_digest, r.previous, r.digest, r.payload"
)
"""What `record_of` reads, of `ledger.record r`."""
STORED_COLUMNS: Final = f"{COLUMNS}, r.recorded_at, p.position, r.asked"
"""What `stored_of` reads, of `ledger.record r` and `ledger.position p`."""


def entry_of(record: Record) -> tuple[object, ...]:
    """A record as a `ledger.entry`, in the order of that type. The key id stays null: nothing is encrypted."""
    actor = record.actor
    return (
        record.seq,
        record.event_id,
        record.type,
        record.command_id,
        record.command,
        bytes.fromhex(record.command_digest),
        actor.id,
        actor.role,
        actor.agency,
        actor.force,
        actor.rank,
        actor.on_behalf_of,
        record.occurred_at,
        record.submitted_at,
        None if record.reason is None else record.reason.encode("utf-8"),
        record.policy.version,
        bytes.fromhex(record.policy.digest),
        bytes.fromhex(record.payload_digest),
        None if record.previous is None else bytes.fromhex(record.previous),
        bytes.fromhex(record.digest),
        record.payload.encode("utf-8"),
        None,
    )


def record_of(row: Row) -> Record:
    """A record as it was sealed. Raises `LedgerUnreadable` when it does not fit the contract (any more)."""
    try:
        return Record(
            event_id=row["event_id"],
            stream=row["stream"],
            seq=row["seq"],
            type=row["type"],
            command_id=row["command_id"],
            command=row["command"],
            command_digest=row["command_digest"].hex(),
            actor=_actor_of(row),
            occurred_at=row["occurred_at"],
            submitted_at=row["submitted_at"],
            reason=None if row["reason"] is None else row["reason"].decode("utf-8"),
            policy=PolicyRef(version=row["policy_version"], digest=row["policy_digest"].hex()),
            payload_digest=row["payload_digest"].hex(),
            previous=None if row["previous"] is None else row["previous"].hex(),
            digest=row["digest"].hex(),
            payload=row["payload"].decode("utf-8"),
        )
    except (ValidationError, UnicodeDecodeError):
        # The cause would carry what people wrote into logs and histories.
        raise LedgerUnreadable(row["stream"], row["seq"]) from None


def stored_of(row: Row) -> StoredRecord:
    """A record with what the ledger added: when it was recorded, and its position once it has one."""
    record = record_of(row)
    try:
        asked = None if row["asked"] is None else row["asked"].decode("utf-8")
    except UnicodeDecodeError:
        raise LedgerUnreadable(record.stream, record.seq) from None
    return StoredRecord(record=record, recorded_at=row["recorded_at"], position=row["position"], asked=asked)


def _actor_of(row: Row) -> Actor:
    return Actor(
        id=row["actor_id"],
        role=row["actor_role"],
        agency=row["actor_agency"],
        force=row["actor_force"],
        rank=row["actor_rank"],
        on_behalf_of=row["actor_for"],
    )
