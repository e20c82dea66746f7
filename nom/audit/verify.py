"""Checks that a ledger still holds together: the chain of every stream, and the positions of the whole. Only reads.

What this finds: a record whose content, actor, times, reason or order was changed; one that was taken out of a stream or
put into it; a position that was taken away, or whose record was. What chains alone can NOT show, whoever did it:

- the tail of a stream cut off together with its positions, where those are the last of the ledger: what is left is a
  whole, shorter ledger;
- a stream (or its tail) written anew with every digest computed again, or left out from its first record on with the
  positions renumbered: such a ledger is consistent, it is only another one.

Both need something outside the ledger to compare with, such as a signed checkpoint of what it once held. Until there is
one, compare `Verified.records`, and the digests at the heads, with what was noted elsewhere.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from nom.activities.errors import LedgerUnreadable
from nom.activities.reader import LedgerReader, Place
from nom.contracts.base import Contract, sha256_hex
from nom.contracts.envelope import Record, StoredRecord
from nom.contracts.ids import event_id

FAULTS_AT_MOST: Final = 100
"""Faults that are listed; the first of each stream, so that one broken chain does not hide another."""
RECORDS_BETWEEN_REPORTS: Final = 500

Progress = Callable[[int], None]
"""Told now and then how many records and positions have been looked at."""


class FaultKind(StrEnum):
    """What is wrong with a record or a position."""

    UNREADABLE = "unreadable"
    SEQUENCE_BROKEN = "sequence_broken"
    WRONG_ID = "wrong_id"
    PREVIOUS_DIFFERS = "previous_differs"
    PAYLOAD_DIFFERS = "payload_differs"
    DIGEST_DIFFERS = "digest_differs"
    POSITION_OUT_OF_ORDER = "position_out_of_order"
    POSITION_MISSING = "position_missing"
    POSITION_WITHOUT_RECORD = "position_without_record"


class Fault(Contract):
    """The first thing that is wrong in a stream (named with the record's number), or in the positions."""

    kind: FaultKind
    words: str
    stream: str | None = None
    seq: int | None = None
    position: int | None = None

    @property
    def where(self) -> str:
        """The place in words."""
        return f"record {self.seq} of {self.stream}" if self.stream else f"position {self.position}"


class Verified(Contract):
    """What was looked at in one ledger and what was found. `waiting` records have no position yet."""

    ledger: str
    streams: int
    records: int
    positions: int
    waiting: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def first_fault(self) -> Fault | None:
        """The first fault, if there is one."""
        return self.faults[0] if self.faults else None


async def verify(ledger: str, reader: LedgerReader, progress: Progress | None = None) -> Verified:
    """Look at every record, stream by stream, and at every position. Streams: memory does not grow with the ledger.

    A ledger that grows meanwhile is verified as far as it went when each part was read. Raises `LedgerUnavailable` or
    `LedgerNotReady` when the database does not answer.
    """
    checked = _Checked(progress)
    try:
        async for stored in reader.all_records():
            checked.take(stored)
    except LedgerUnreadable as unreadable:
        # What follows it can't be fetched in order: the fault names where reading ended.
        checked.fault(FaultKind.UNREADABLE, str(unreadable), unreadable.stream, unreadable.seq)
    async for place in reader.places():
        checked.take_place(place)
    return checked.verified(ledger)


class _Checked:
    """The running check. Remembers the record before, and no more."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._before: Record | None = None
        self._position_before: int | None = -1
        self._broken: str | None = None
        self._next_position = 0
        self._streams = self._records = self._positions = self._waiting = 0
        self._faults: list[Fault] = []

    def take(self, stored: StoredRecord) -> None:
        """The next record, in the order of streams and numbers."""
        record = stored.record
        if self._before is None or self._before.stream != record.stream:
            self._before, self._position_before = None, -1
            self._streams += 1
        self._records += 1
        self._waiting += stored.position is None
        if self._broken != record.stream:
            self._check(record)
            self._check_order(stored)
        self._before, self._position_before = record, stored.position
        self._report()

    def _check(self, record: Record) -> None:
        before = self._before
        expected = before.seq + 1 if before else 1
        if record.seq != expected:
            words = f"record {expected} is missing"
            self.fault(FaultKind.SEQUENCE_BROKEN, words, record.stream, expected)
        elif record.event_id != event_id(record.stream, record.seq):
            self.fault(FaultKind.WRONG_ID, "its id is not that of its place", record.stream, record.seq)
        elif sha256_hex(record.payload.encode("utf-8")) != record.payload_digest:
            self.fault(FaultKind.PAYLOAD_DIFFERS, "its content was changed", record.stream, record.seq)
        elif record.computed_digest() != record.digest:
            words = "its envelope (who, when, why, what) is not what was sealed"
            self.fault(FaultKind.DIGEST_DIFFERS, words, record.stream, record.seq)
        elif record.previous != (before.digest if before else None):
            words = "it does not follow the record before it"
            self.fault(FaultKind.PREVIOUS_DIFFERS, words, record.stream, record.seq)

    def _check_order(self, stored: StoredRecord) -> None:
        before, record = self._position_before, stored.record
        if stored.position is None or self._broken == record.stream:
            return
        if before is None:
            words = f"it has a position ({stored.position}) and the record before it has none"
        elif stored.position <= before:
            words = f"its position {stored.position} lies before {before}, that of the record before it"
        else:
            return
        self.fault(FaultKind.POSITION_OUT_OF_ORDER, words, record.stream, record.seq)

    def take_place(self, place: Place) -> None:
        """The next position, in order. After the first that is missing, nothing more is said of positions."""
        self._positions += 1
        if self._next_position == place.position and place.stream is None:
            words = "it belongs to a record that is not there"
            self._fault_at(FaultKind.POSITION_WITHOUT_RECORD, words, place.position)
        elif self._next_position not in (place.position, _FAULTY):
            words = f"it is missing; position {place.position} comes next"
            self._fault_at(FaultKind.POSITION_MISSING, words, self._next_position)
        if self._next_position != _FAULTY:
            self._next_position = place.position + 1
        self._report()

    def fault(self, kind: FaultKind, words: str, stream: str, seq: int) -> None:
        """Something is wrong with a record: nothing more is said of its stream."""
        self._broken = stream
        self._add(Fault(kind=kind, words=words, stream=stream, seq=seq))

    def _fault_at(self, kind: FaultKind, words: str, position: int) -> None:
        self._next_position = _FAULTY
        self._add(Fault(kind=kind, words=words, position=position))

    def _add(self, fault: Fault) -> None:
        if len(self._faults) < FAULTS_AT_MOST:
            self._faults.append(fault)

    def _report(self) -> None:
        looked_at = self._records + self._positions
        if self._progress is not None and looked_at % RECORDS_BETWEEN_REPORTS == 0:
            self._progress(looked_at)

    def verified(self, ledger: str) -> Verified:
        """The result."""
        if self._progress is not None:
            self._progress(self._records + self._positions)
        return Verified(
            ledger=ledger,
            streams=self._streams,
            records=self._records,
            positions=self._positions,
            waiting=self._waiting,
            faults=tuple(self._faults),
        )


_FAULTY: Final = -1
