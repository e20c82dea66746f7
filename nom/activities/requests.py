"""What a process asks of its ledger, and the names it asks under. Imports no driver: a workflow may import this."""

from typing import Final, Self

from pydantic import Field, model_validator

from nom.contracts.base import Contract, sha256_hex
from nom.contracts.envelope import Record
from nom.contracts.ids import StreamId, event_id

APPEND: Final = "nom.ledger.append"
READ_SINCE: Final = "nom.ledger.read_since"
PAGE: Final = 200
"""At most this many records in one `AppendOutcome.moved_on`."""


class AppendRequest(Contract):
    """The records of one command, to follow the record number `expected_seq` (0 for none) of the stream, and what was
    asked: the content whose digest the records hold.

    Raises `ValueError` (pydantic's) when the records do not follow each other, are of different commands, or carry an
    id that is not their place's.
    """

    stream: StreamId
    expected_seq: int = Field(ge=0)
    records: tuple[Record, ...] = Field(min_length=1)
    asked: str | None = None

    @model_validator(mode="after")
    def _follow_each_other(self) -> Self:
        first = self.records[0]
        previous = first.previous
        if (previous is None) != (self.expected_seq == 0):
            msg = "the first record of a stream, and no other, has no previous one"
            raise ValueError(msg)
        for seq, record in enumerate(self.records, start=self.expected_seq + 1):
            if (record.stream, record.seq, record.previous) != (self.stream, seq, previous):
                msg = f"record {record.seq} of {record.stream} does not follow record {seq - 1} of {self.stream}"
                raise ValueError(msg)
            if record.event_id != event_id(self.stream, seq):
                msg = f"record {seq} of {self.stream} does not carry the id of its place"
                raise ValueError(msg)
            if (record.command_id, record.submitted_at) != (first.command_id, first.submitted_at):
                msg = f"record {seq} of {self.stream} belongs to another command"
                raise ValueError(msg)
            previous = record.digest
        if self.asked is not None and sha256_hex(self.asked.encode("utf-8")) != first.command_digest:
            msg = f"what was asked of {self.stream} is not what its records say"
            raise ValueError(msg)
        return self


class ReadSince(Contract):
    """The records of a stream after the number `after`, a page of them."""

    stream: StreamId
    after: int = Field(ge=0)
