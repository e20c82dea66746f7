"""Checks that a ledger still holds together: the chain of every stream, and the positions of the whole. Only reads.

What this finds: a record whose content, actor, times, reason or order was changed; one that was taken out of a stream
or put into it; a position that was taken away, or whose record was. What chains alone can NOT show, whoever did it:

- the tail of a stream cut off together with its positions, where those are the last of the ledger: what is left is a
  whole, shorter ledger;
- positions at the end taken away while their records stay: those records look as if they still waited for one;
- a stream (or its tail) written anew with every digest computed again, or left out from its first record on with the
  positions renumbered: such a ledger is consistent, it is only another one.

Signed checkpoints show these (`verify_signed`): those that the ledger keeps, as long as nobody took them away as well,
and those that were kept elsewhere, whatever was done here.
"""

from collections.abc import Callable, Sequence
from typing import Final

from nom.activities.errors import LedgerUnreadable
from nom.activities.reader import LedgerReader, Place
from nom.activities.seals import SealStore
from nom.activities.trees import TREES, TreeReader
from nom.audit.faults import Fault, FaultKind
from nom.audit.trees import OutsideCheckpoint, TreeVerified, verify_tree
from nom.contracts.base import Contract, sha256_hex
from nom.contracts.envelope import Record, StoredRecord
from nom.contracts.ids import event_id
from nom.contracts.note import Verifier

FAULTS_AT_MOST: Final = 100
"""Faults that are listed; the first of each stream, so that one broken chain does not hide another."""
RECORDS_BETWEEN_REPORTS: Final = 500

Progress = Callable[[int], None]
"""Told now and then how many records have been looked at."""


class Verified(Contract):
    """What was looked at in one ledger and what was found. `waiting` records have no position yet. Without `trees`, it
    was not compared with any checkpoint.
    """

    ledger: str
    streams: int
    records: int
    positions: int
    waiting: int
    faults: tuple[Fault, ...]
    trees: tuple[TreeVerified, ...] = ()
    seals: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def broken_streams(self) -> frozenset[str]:
        """The streams that are named in a fault."""
        return frozenset(fault.stream for fault in self.faults if fault.stream)

    @property
    def first_fault(self) -> Fault | None:
        """The first fault, if there is one."""
        return self.faults[0] if self.faults else None


async def verify(ledger: str, reader: LedgerReader, progress: Progress | None = None) -> Verified:
    """Look at every record, stream by stream, and at every position. Memory does not grow with the ledger.

    A ledger that grows meanwhile is verified as far as it went when each part was read. Raises `LedgerUnavailable` or
    `LedgerNotReady` when the database does not answer.
    """
    chains, places = _Chains(), _Places()
    async for stored in reader.all_records():
        chains.take(stored)
        if progress is not None and chains.records % RECORDS_BETWEEN_REPORTS == 0:
            progress(chains.records)
    async for place in reader.places():
        places.take(place)
    if progress is not None:
        progress(chains.records)
    return Verified(
        ledger=ledger,
        streams=chains.streams,
        records=chains.records,
        positions=places.positions,
        waiting=chains.waiting,
        faults=(*chains.faults, *places.faults)[:FAULTS_AT_MOST],
    )


async def verify_signed(
    found: Verified,
    trees: TreeReader,
    seals: SealStore,
    verifier: Verifier,
    outside: Sequence[OutsideCheckpoint] = (),
) -> Verified:
    """The same, with the ledger's trees compared with every checkpoint, and each sealed history with its seal.

    Raises `LedgerUnavailable` or `LedgerNotReady`.
    """
    looked = tuple([await verify_tree(tree, trees, found.ledger, verifier, outside) for tree in TREES])
    sealed, broken = 0, list[Fault]()
    async for seal in seals.all():
        sealed += 1
        fault = seal.fault()
        if fault is not None:
            where = seal.statement
            broken.append(
                Fault(
                    kind=FaultKind.SEAL_DIFFERS,
                    words=f"run {where.run_id}: {fault}",
                    stream=where.workflow_id,
                    seq=where.last_event,
                    tree="seals",
                )
            )
    faults = (*found.faults, *(fault for tree in looked for fault in tree.faults), *broken)
    return found.model_copy(update={"trees": looked, "seals": sealed, "faults": faults[:FAULTS_AT_MOST]})


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


class _Places:
    """Follows the positions. After the first that is wrong, nothing more is told of them."""

    def __init__(self) -> None:
        self.positions = 0
        self.faults: list[Fault] = []
        self._expected = 0

    def take(self, place: Place) -> None:
        """The next position, in order."""
        self.positions += 1
        if self.faults:
            return
        if place.position != self._expected:
            words = f"it is missing; {place.position} comes next"
            self.faults.append(Fault(kind=FaultKind.POSITION_MISSING, words=words, position=self._expected))
        elif place.stream is None:
            words = "its record is not there"
            self.faults.append(Fault(kind=FaultKind.POSITION_WITHOUT_RECORD, words=words, position=place.position))
        self._expected = place.position + 1
