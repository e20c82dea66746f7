"""The activity that waits until a force's ledger has grown and says where its processes stand then."""

import asyncio
from datetime import UTC, datetime

from temporalio import activity

from nom.activities.derived import DerivedStore
from nom.activities.names import TAKE_STATUS, StatusAsked
from nom.activities.reader import LedgerReader
from nom.activities.standing import Standing, StandingFold
from nom.activities.trees import TreeReader
from nom.contracts.base import canonical_bytes
from nom.contracts.services import ForceStatus

SNAPSHOT = "standing.v1"
RECORDS_BETWEEN_SNAPSHOTS = 2000
LOOKS_IN_ONE_WAIT = 240
SECONDS_BETWEEN_LOOKS = 0.5


class StatusActivities:
    """Follows one ledger by position. Keeps the fold in memory and, now and then, a snapshot in the ledger."""

    def __init__(self, namespace: str, reader: LedgerReader, trees: TreeReader, store: DerivedStore) -> None:
        self._force = namespace.upper()
        self._reader = reader
        self._trees = trees
        self._given: tuple[str, ...] = ()
        self._store = store
        self._fold: StandingFold | None = None
        self._kept = -1
        self._lock = asyncio.Lock()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let a waiting activity answer at once, because its worker ends."""
        self._stopping.set()

    @activity.defn(name=TAKE_STATUS)
    async def take(self, asked: StatusAsked) -> ForceStatus:
        """The status, as soon as the ledger is past the position asked about, or a checkpoint is newer than the last
        that was given; after two minutes, as it is.
        """
        notes: tuple[str, ...] = ()
        for _ in range(LOOKS_IN_ONE_WAIT):
            activity.heartbeat()
            position, notes = await self._catch_up(), await self._trees.latest_notes()
            if position > asked.after_position or notes != self._given or self._stopping.is_set():
                break
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        fold = self._fold or StandingFold()
        self._given = notes
        return fold.status(self._force, datetime.now(UTC)).model_copy(update={"checkpoints": notes})

    async def _catch_up(self) -> int:
        async with self._lock:
            if self._fold is None:
                self._fold = StandingFold(await self._last_snapshot())
                self._kept = self._fold.position
            fold = self._fold
            async for stored in self._reader.all_by_position(after=fold.position):
                fold.take(stored)
            if fold.position - self._kept >= RECORDS_BETWEEN_SNAPSHOTS:
                await self._keep(fold.standing())
            return fold.position

    async def _last_snapshot(self) -> Standing | None:
        snapshot = await self._store.latest_snapshot(SNAPSHOT)
        return Standing.model_validate_json(canonical_bytes(snapshot.state)) if snapshot else None

    async def _keep(self, standing: Standing) -> None:
        await self._store.add_snapshot(SNAPSHOT, standing.position, standing.model_dump(mode="json"))
        self._kept = standing.position
