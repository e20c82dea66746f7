"""Follows the chain of every stream of a ledger, or of a part of it, record by record. Only reads."""

from collections.abc import Callable, Sequence
from typing import Final

from nom.activities.errors import LedgerUnreadable
from nom.activities.reader import LedgerReader
from nom.audit.faults import Fault, FaultKind
from nom.contracts.base import Contract, sha256_hex
from nom.contracts.envelope import Record, StoredRecord
from nom.contracts.ids import event_id

FAULTS_AT_MOST: Final = 100
"""Faults that are listed; the first of each stream, so that one broken chain does not hide another."""
RECORDS_BETWEEN_REPORTS: Final = 500

Progress = Callable[[int], None]
"""Told now and then how many records have been looked at."""


class ChainsVerified(Contract):
    """What was found of the chains. `waiting` records have no position yet."""

    streams: int
    records: int
    waiting: int
    faults: tuple[Fault, ...]


async def verify_chains(
    reader: LedgerReader, after: str = "", until: str | None = None, progress: Progress | None = None
) -> ChainsVerified:
    """Look at every record of the streams after `after` up to and with `until`; of all, where nothing is given.

    Raises `LedgerUnavailable` or `LedgerNotReady` when the database does not answer.
    """
    chains = _Chains()
    async for stored in reader.all_records(after, until):
        chains.take(stored)
        if progress is not None and chains.records % RECORDS_BETWEEN_REPORTS == 0:
            progress(chains.records)
    if progress is not None:
        progress(chains.records)
    return ChainsVerified(
        streams=chains.streams, records=chains.records, waiting=chains.waiting, faults=tuple(chains.faults)
    )


def together(parts: Sequence[ChainsVerified]) -> ChainsVerified:
    """What was found of several parts of one ledger, in the order of their streams."""
    return ChainsVerified(
        streams=sum(part.streams for part in parts),
        records=sum(part.records for part in parts),
        waiting=sum(part.waiting for part in parts),
        faults=tuple(fault for part in parts for fault in part.faults)[:FAULTS_AT_MOST],
    )


class _Chains:
    """Follows one stream after another. Remembers the record before, and no more."""

    def __init__(self) -> None:
        self.streams = self.records = self.waiting = 0
        self.faults: list[Fault] = []
        self._stream: str | None = None
        self._seq = 0
        self._digest: str | None = None
        self._position: int | None = -1
        self._is_broken = False

    def take(self, stored: StoredRecord | LedgerUnreadable) -> None:
        """The next record, in the order of streams and numbers. Of a broken stream, only the first fault is told."""
        self.records += 1
        if isinstance(stored, LedgerUnreadable):
            self._enter(stored.stream)
            self._add(FaultKind.UNREADABLE, "it does not fit its contract", stored.seq)
            return
        record = stored.record
        self._enter(record.stream)
        self.waiting += stored.position is None
        if not self._is_broken:
            self._check_chain(record)
        if not self._is_broken and not _is_what_was_asked(stored):
            self._add(FaultKind.ASKED_DIFFERS, "what was asked is not what was sealed", record.seq)
        if not self._is_broken:
            self._check_order(record.seq, stored.position)
        self._seq, self._digest, self._position = record.seq, record.digest, stored.position

    def _enter(self, stream: str) -> None:
        if stream != self._stream:
            self.streams += 1
            self._stream, self._seq, self._digest, self._position = stream, 0, None, -1
            self._is_broken = False

    def _check_chain(self, record: Record) -> None:
        if record.seq != self._seq + 1:
            self._add(FaultKind.SEQUENCE_BROKEN, f"it is missing; {record.seq} comes next", self._seq + 1)
        elif record.event_id != event_id(record.stream, record.seq):
            self._add(FaultKind.WRONG_ID, "its id is not that of its place", record.seq)
        elif sha256_hex(record.payload.encode("utf-8")) != record.payload_digest:
            self._add(FaultKind.PAYLOAD_DIFFERS, "its content is not what was sealed", record.seq)
        elif record.computed_digest() != record.digest:
            self._add(FaultKind.DIGEST_DIFFERS, "who, when, why or what is not what was sealed", record.seq)
        elif record.previous != self._digest:
            self._add(FaultKind.PREVIOUS_DIFFERS, "it does not follow the record before it", record.seq)

    def _check_order(self, seq: int, position: int | None) -> None:
        if position is None:
            return
        if self._position is None:
            words = f"it has a position ({position}) and the record before it has none"
            self._add(FaultKind.POSITION_OUT_OF_ORDER, words, seq)
        elif position <= self._position:
            words = f"its position {position} does not follow {self._position}, that of the record before it"
            self._add(FaultKind.POSITION_OUT_OF_ORDER, words, seq)

    def _add(self, kind: FaultKind, words: str, seq: int) -> None:
        if not self._is_broken and len(self.faults) < FAULTS_AT_MOST:
            self.faults.append(Fault(kind=kind, words=words, stream=self._stream, seq=seq))
        self._is_broken = True


def _is_what_was_asked(stored: StoredRecord) -> bool:
    return stored.asked is None or sha256_hex(stored.asked.encode("utf-8")) == stored.record.command_digest
