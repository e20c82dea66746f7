"""Reconciles one namespace for as long as its worker runs: each process whose ledger grew, once it has been quiet.

What it finds is logged as an error by stream and number; nothing is mended here. Hand-offs to other namespaces need
both ledgers and are reconciled by whoever may read them (`nom audit reconcile`).
"""

import asyncio
from typing import Final

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from nom.activities.errors import LedgerError
from nom.activities.pauses import pause
from nom.activities.reader import LedgerReader
from nom.activities.seals import SealStore
from nom.audit.histories import SealBroken
from nom.audit.reconcile import StreamReconciled, reconcile_process

PAUSE: Final = 30.0
"""Seconds between looks."""
AT_MOST: Final = 50
"""Processes in one look: under load the reconciler falls behind, and the processes don't wait for it."""

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class Reconciler:
    """One namespace's reconciler. Begins with what is recorded from now on; the past is `nom audit reconcile`'s."""

    def __init__(self, client: Client, seals: SealStore, reader: LedgerReader) -> None:
        self._client = client
        self._seals = seals
        self._reader = reader
        self._position: int | None = None
        self._changed: dict[str, None] = {}

    async def run_once(self) -> tuple[StreamReconciled, ...]:
        """Reconcile what has grown since the last look, oldest first. Raises `LedgerError` and `RPCError`."""
        if self._position is None:
            self._position = await self._reader.head_position()
        async for stored in self._reader.all_by_position(self._position):
            self._changed[stored.record.stream] = None
            self._position = stored.position if stored.position is not None else self._position
        found: list[StreamReconciled] = []
        for stream in tuple(self._changed)[:AT_MOST]:
            result = await reconcile_process(self._client, self._seals, self._reader, stream)
            if not result.in_flight:
                del self._changed[stream]
            self._tell(result)
            found.append(result)
        return tuple(found)

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Reconcile until `stop` is set. An outage is waited out: engine and ledger log it themselves."""
        while not stop.is_set():
            try:
                await self.run_once()
            except (LedgerError, RPCError, SealBroken) as error:
                log.info("reconciler_waits", cause=type(error).__name__)
            await pause(stop, PAUSE)

    @staticmethod
    def _tell(result: StreamReconciled) -> None:
        for item in result.disagreements:
            log.error("not_reconciled", stream=item.stream, seq=item.seq, words=item.words)
