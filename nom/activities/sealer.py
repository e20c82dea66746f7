"""Seals runs that have ended, from outside: a workflow can't see its own last events.

Looks at what the engine lists as closed and keeps nothing: what is sealed stands in the ledger. The status reporter's
runs are left out; they hold counts that the ledger can give again.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import structlog
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from nom.activities.errors import LedgerError
from nom.activities.pauses import pause
from nom.activities.seals import SealStore
from nom.contracts.base import Contract
from nom.contracts.seals import RunStatus

PAUSE: Final = 10.0
"""Seconds between looks."""
OVERLAP: Final = timedelta(minutes=10)
"""How far each look goes back behind the one before: the engine lists a closed run a little later than it closed."""
AT_ONCE: Final = 100
STATUS_REPORTER: Final = "nom.status"

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class EndedRun(Contract):
    """A run that has ended, as the engine lists it."""

    workflow_id: str
    run_id: str
    status: RunStatus
    closed_at: datetime


class Sealer:
    """One namespace's sealer. Any number may run at once: a run is sealed once."""

    def __init__(self, client: Client, store: SealStore) -> None:
        self._client = client
        self._store = store
        self._looked: datetime | None = None

    async def run_once(self) -> int:
        """Seal every ended run that is not sealed, and say how many that were. The first look goes over all that the
        engine still has. Raises `LedgerError` and the client's `RPCError`.
        """
        now, sealed = datetime.now(UTC), 0
        async for batch in self._batches():
            for run in await self._missing(batch):
                sealed += await self._seal(run)
        self._looked = now - OVERLAP
        return sealed

    async def unsealed(self) -> tuple[EndedRun, ...]:
        """Every ended run that is not sealed to its end."""
        self._looked = None
        return tuple([run async for batch in self._batches() for run in await self._missing(batch)])

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Seal until `stop` is set. Outages are waited out and told once."""
        told = False
        while not stop.is_set():
            try:
                await self.run_once()
                told = False
            except (LedgerError, RPCError) as error:
                if not told:
                    log.warning("sealer_waits", cause=type(error).__name__)
                told = True
            await pause(stop, PAUSE)

    async def _batches(self) -> AsyncIterator[tuple[EndedRun, ...]]:
        since = f" AND CloseTime >= '{self._looked.isoformat()}'" if self._looked else ""
        query = f"ExecutionStatus != 'Running' AND WorkflowType != '{STATUS_REPORTER}'{since}"
        batch: list[EndedRun] = []
        async for execution in self._client.list_workflows(query, page_size=AT_ONCE):
            run = _ended(execution)
            if run is not None:
                batch.append(run)
            if len(batch) == AT_ONCE:
                yield tuple(batch)
                batch = []
        if batch:
            yield tuple(batch)

    async def _missing(self, batch: tuple[EndedRun, ...]) -> tuple[EndedRun, ...]:
        ended = await self._store.ended([run.run_id for run in batch])
        return tuple(run for run in batch if run.run_id not in ended)

    async def _seal(self, run: EndedRun) -> int:
        handle = self._client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
        try:
            history = await handle.fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                log.warning("history_gone", stream=run.workflow_id, run=run.run_id)
                return 0
            raise
        return min(1, await self._store.add(run.workflow_id, run.run_id, history.events, run.status))


_STATUSES: Final = {
    WorkflowExecutionStatus.COMPLETED: "completed",
    WorkflowExecutionStatus.FAILED: "failed",
    WorkflowExecutionStatus.CANCELED: "canceled",
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.TIMED_OUT: "timed_out",
    WorkflowExecutionStatus.CONTINUED_AS_NEW: "continued_as_new",
}


def _ended(execution: WorkflowExecution) -> EndedRun | None:
    status = _STATUSES.get(execution.status) if execution.status is not None else None
    if status is None or execution.close_time is None:
        return None
    return EndedRun(
        workflow_id=execution.id,
        run_id=execution.run_id,
        status=cast("RunStatus", status),
        closed_at=execution.close_time,
    )
