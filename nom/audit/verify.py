"""Checks that a ledger still holds together: the chain of every stream, and the positions of the whole. Only reads.

What this finds: a record whose content, actor, times, reason or order was changed; one that was taken out of a stream
or put into it; a position that was taken away, or whose record was. What chains alone can NOT show, whoever did it:

- the tail of a stream cut off together with its positions, where those are the last of the ledger: what is left is a
  whole, shorter ledger;
- positions at the end taken away while their records stay: those records look as if they still waited for one;
- a stream (or its tail) written anew with every digest computed again, or left out from its first record on with the
  positions renumbered: such a ledger is consistent, it is only another one.

Signed checkpoints show these (`verify_signed`): those that the ledger keeps, as long as nobody took them away as well,
and those that were kept elsewhere, whatever was done here. They alone speak for the logs of readings and refusals,
whose rows have no chain.
"""

from collections.abc import Sequence

from nom.activities.reader import LedgerReader, Place
from nom.activities.seals import SealStore
from nom.activities.trees import TREES, TreeReader
from nom.audit.chains import FAULTS_AT_MOST, ChainsVerified, Progress, verify_chains
from nom.audit.faults import LOGS, Fault, FaultKind
from nom.audit.trees import OutsideCheckpoint, TreeVerified, verify_tree
from nom.contracts.base import Contract
from nom.contracts.note import Verifier


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
        """The streams that are named in a fault of their own: not those that a row of a log is about."""
        return frozenset(fault.stream for fault in self.faults if fault.stream and fault.tree not in LOGS)

    @property
    def first_fault(self) -> Fault | None:
        """The first fault, if there is one."""
        return self.faults[0] if self.faults else None


async def verify(ledger: str, reader: LedgerReader, progress: Progress | None = None) -> Verified:
    """Look at every record, stream by stream, and at every position. Memory does not grow with the ledger.

    A ledger that grows meanwhile is verified as far as it went when each part was read. Raises `LedgerUnavailable` or
    `LedgerNotReady` when the database does not answer.
    """
    return await verify_places(ledger, reader, await verify_chains(reader, progress=progress))


async def verify_places(ledger: str, reader: LedgerReader, chains: ChainsVerified) -> Verified:
    """The same, where the chains have been looked at already."""
    places = _Places()
    async for place in reader.places():
        places.take(place)
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
