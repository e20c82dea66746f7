"""A worker: everything that one force (or the NCA) runs on one namespace and one ledger, started and stopped whole."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from nom.activities.checkpoints import CheckpointPublisher
from nom.activities.db import Pool, open_pool
from nom.activities.derived import DerivedStore
from nom.activities.hand_offs import HandOffActivities
from nom.activities.ledger import Ledger, LedgerActivities
from nom.activities.nexus import CaseServiceHandler, GroupServiceHandler, StatusServiceHandler, TransferServiceHandler
from nom.activities.reader import LedgerReader
from nom.activities.refusals import RefusalLog
from nom.activities.sealer import Sealer
from nom.activities.seals import SealActivities, SealStore
from nom.activities.sequencer import Sequencer
from nom.activities.status import StatusActivities
from nom.activities.trees import TreeReader
from nom.audit.reconciler import Reconciler
from nom.contracts.policy.loader import all_packs, use_overlays
from nom.contracts.run import TASK_QUEUE
from nom.contracts.services import NCA
from nom.workers.noting import NotingRunner
from nom.workers.plugin import connect
from nom.workers.refusal_notes import RefusalNotes
from nom.workers.settings import WorkerSettings
from nom.workflows.operating_model import workflows_of
from nom.workflows.status import StatusReporter, StatusStart

log = structlog.get_logger()

PASSED_THROUGH = ("nom.contracts", "nom.workflows.model", "pydantic", "pydantic_core", "rfc8785", "yaml", "nexusrpc")


class RunningWorker:
    """One worker as an async context manager: pool, sequencer, engine worker and status reporter."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self._stack = AsyncExitStack()
        self._refusals = RefusalNotes()

    async def __aenter__(self) -> Self:
        """Start everything. Raises what the engine or the database says when it can't be reached."""
        all_packs()
        if self.settings.policy_overlays is not None:
            use_overlays(Path(self.settings.policy_overlays))
        await self._stack.__aenter__()
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish what is under way, then let go of the engine and the database, in that order."""
        await self._stack.aclose()

    async def _start(self) -> None:
        pool = await open_pool(self.settings.ledger_dsn)
        self._stack.push_async_callback(pool.close)
        client = await connect(self.settings.engine_address, self.settings.namespace)
        # Ends in the reverse order: the last seals and positions are there when the last checkpoint is signed.
        signer = self.settings.signer()
        if signer is not None:
            self._keep_running(CheckpointPublisher(pool, signer, self.settings.namespace).run_forever)
        self._keep_running(partial(self._refusals.write_forever, RefusalLog(pool)))
        self._keep_running(Sequencer(pool).run_forever)
        self._keep_running(Sealer(client, SealStore(pool)).run_forever)
        self._keep_running(Reconciler(client, SealStore(pool), LedgerReader(pool)).run_forever)
        status = StatusActivities(self.settings.namespace, LedgerReader(pool), TreeReader(pool), DerivedStore(pool))
        worker = Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=self.workflows(),
            activities=[*self.activities(client, pool), status.take],
            nexus_service_handlers=self._services(client, pool),
            workflow_runner=self.runner(),
        )
        await self._stack.enter_async_context(worker)
        self._stack.callback(status.stop)
        await start_reporter(client)
        log.info("worker_ready", namespace=self.settings.namespace)

    def _keep_running(self, forever: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        """Run something beside the engine's worker until this worker ends."""
        stop = asyncio.Event()
        self._stack.push_async_callback(_finish, asyncio.create_task(forever(stop)), stop)

    def ledger(self, pool: Pool) -> LedgerActivities:
        """The way into the ledger. Crash tests put faults here."""
        return LedgerActivities(Ledger(pool))

    def runner(self) -> WorkflowRunner:
        """How workflows are run: their refusals are noted. Whoever records histories listens here as well."""
        return NotingRunner(runner(sandboxed=self.settings.sandboxed), self._refusals.take)

    def workflows(self) -> tuple[type, ...]:
        """The workflow types that are served. Benchmarks add their yardsticks here and to the activities."""
        return workflows_of(self.settings.namespace)

    def activities(self, client: Client, pool: Pool) -> list[Callable[..., Any]]:
        """The activities that are served beside the status's."""
        ledger = self.ledger(pool)
        seals = SealActivities(client, SealStore(pool))
        return [ledger.append, ledger.read_since, HandOffActivities(client).deliver, seals.seal_so_far]

    def _services(self, client: Client, pool: Pool) -> list[Any]:
        if self.settings.namespace == NCA:
            board = StatusServiceHandler(DerivedStore(pool))
            return [GroupServiceHandler(client), TransferServiceHandler(client), board]
        return [CaseServiceHandler(client), TransferServiceHandler(client)]


def runner(*, sandboxed: bool) -> WorkflowRunner:
    """How workflows are run. Contracts and the pure model are shared with the sandbox: they are import-safe."""
    if not sandboxed:
        return UnsandboxedWorkflowRunner()
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)


async def start_reporter(client: Client) -> None:
    """See that the namespace's one status reporter runs."""
    await client.start_workflow(
        StatusReporter.run,
        StatusStart(),
        id=f"{client.namespace}/status",
        task_queue=TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )


async def _finish(task: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    stop.set()
    await asyncio.wait([task])
