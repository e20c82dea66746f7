"""How the console reaches the embedded stack: the engine, and each ledger as its reader. Starts nothing."""

from types import TracebackType
from typing import Self

from nom.activities.db import Pool, open_pool
from nom.activities.derived import DerivedStore
from nom.activities.reader import LedgerReader
from nom.activities.readings import ReadingLog
from nom.activities.refusals import RefusalLog
from nom.activities.seals import SealStore
from nom.activities.trees import TreeReader
from nom.console.client import NomClient
from nom.contracts.note import Verifier
from nom.contracts.policy.loader import use_overlays
from nom.workers.local.folder import DataFolder
from nom.workers.local.process import ServerState
from nom.workers.local.servers import status_of
from nom.workers.local.stack import reader_dsn, served, verifiers
from nom.workers.local.temporal import TemporalServer


class StackNotRunning(Exception):
    """The stack is not running on this data folder. Start it with `nom up`."""

    code = "stack_not_running"


class Access:
    """The running stack of a data folder, as an async context manager."""

    def __init__(self, folder: DataFolder) -> None:
        self.folder = folder
        self._client: NomClient | None = None
        self._pools: dict[str, Pool] = {}

    async def __aenter__(self) -> Self:
        """Raises `StackNotRunning`."""
        status = status_of(self.folder)
        if {status.postgres.state, status.temporal.state} != {ServerState.RUNNING}:
            raise StackNotRunning(StackNotRunning.__doc__)
        use_overlays(self.folder.policy)
        self._client = NomClient(TemporalServer(self.folder, ()).address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection to a ledger."""
        for pool in self._pools.values():
            await pool.close()

    @property
    def client(self) -> NomClient:
        """The public client of the engine."""
        if self._client is None:
            raise StackNotRunning(StackNotRunning.__doc__)
        return self._client

    def namespaces(self) -> tuple[str, ...]:
        """The namespaces that the stack serves."""
        return served(self.folder)

    async def reader(self, namespace: str) -> LedgerReader:
        """One force's ledger, as its reader."""
        return LedgerReader(await self._pool(namespace))

    async def readings(self, namespace: str) -> ReadingLog:
        """Who read what of one force's ledger."""
        return ReadingLog(await self._pool(namespace))

    async def refusals(self, namespace: str) -> RefusalLog:
        """What was refused in one namespace, as its workers noted it."""
        return RefusalLog(await self._pool(namespace))

    async def trees(self, namespace: str) -> TreeReader:
        """The trees over one ledger."""
        return TreeReader(await self._pool(namespace))

    async def seals(self, namespace: str) -> SealStore:
        """The sealed histories of one namespace."""
        return SealStore(await self._pool(namespace))

    def verifiers(self) -> dict[str, Verifier]:
        """The public keys of the ledgers, as the stack wrote them down."""
        return verifiers(self.folder)

    async def board(self) -> DerivedStore:
        """The national board's reports."""
        return DerivedStore(await self._pool("nca"))

    async def _pool(self, namespace: str) -> Pool:
        if namespace not in self._pools:
            self._pools[namespace] = await open_pool(reader_dsn(self.folder, namespace), name="nom-console")
        return self._pools[namespace]
