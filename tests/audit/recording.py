"""Records the specimens on the real engine: one history for each of the things that a history can keep."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import History
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from nom.audit.replay import FetchedHistory
from nom.contracts.refusals import NotedRefusal
from nom.workers.noting import NotingRunner
from tests.audit.specimens import ACTIVITIES, ENDPOINT, NOTHING, QUEUE, QUEUE_WITH_ARGUMENTS, SPECIMENS, SpecimenHandler

Recorded = dict[str, FetchedHistory]
Handle = WorkflowHandle[Any, Any]


class Recorder:
    """Runs specimens and fetches what they left, under names that tests use."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.refusals: dict[tuple[str, str], list[NotedRefusal]] = {}
        self.recorded: Recorded = {}

    @asynccontextmanager
    async def worker(self) -> AsyncGenerator[None]:
        """A worker that serves the specimens and notes refusals."""
        await _ensure_endpoint(self.client)
        async with self._serving(QUEUE, with_arguments=False), self._serving(QUEUE_WITH_ARGUMENTS, with_arguments=True):
            yield

    def _serving(self, queue: str, *, with_arguments: bool) -> Worker:
        return Worker(
            self.client,
            task_queue=queue,
            workflows=list(SPECIMENS),
            activities=list(ACTIVITIES),
            nexus_service_handlers=[SpecimenHandler()],
            workflow_runner=NotingRunner(UnsandboxedWorkflowRunner(), self._note, with_arguments=with_arguments),
        )

    def _note(self, workflow: str, run: str, refusal: NotedRefusal) -> None:
        self.refusals.setdefault((workflow, run), []).append(refusal)

    async def start(
        self, kind: str, *arguments: object, run_timeout: timedelta | None = None, queue: str = QUEUE
    ) -> Handle:
        """Start a specimen."""
        name = f"gmp/specimen-{uuid4().hex[:12]}/{kind}"
        return await self.client.start_workflow(
            f"specimen.{kind}", args=arguments, id=name, task_queue=queue, memo={"note": "from the start"},
            run_timeout=run_timeout,
        )  # fmt: skip

    async def keep(self, name: str, handle: Handle, run: str | None = None) -> None:
        """Fetch a run's history under a name."""
        place = self.client.get_workflow_handle(handle.id, run_id=run or handle.first_execution_run_id)
        fetched = await place.fetch_history()
        identity = run or handle.first_execution_run_id or fetched.run_id
        noted = tuple(self.refusals.get((handle.id, identity), ()))
        self.recorded[name] = FetchedHistory(handle.id, identity, History(events=fetched.events), noted)


async def record(client: Client) -> Recorded:
    """Every specimen's history by its name; `reset` is the one that an operator reset."""
    recorder = Recorder(client)
    async with recorder.worker():
        await asyncio.gather(
            _plain(recorder), _reaching(recorder), _answering(recorder), _ending(recorder), _continuing(recorder)
        )
    return recorder.recorded


async def _plain(recorder: Recorder) -> None:
    for name, arguments in (("acting", (NOTHING,)), ("waiting", ()), ("calling", ())):
        handle = await recorder.start(name, *arguments)
        await handle.result()
        await recorder.keep(name, handle)
    timed = await recorder.start("acting", NOTHING, run_timeout=timedelta(seconds=25))
    await timed.result()
    await recorder.keep("acting under a run timeout", timed)
    told = await recorder.start("acting", NOTHING, queue=QUEUE_WITH_ARGUMENTS)
    await told.result()
    await recorder.keep("acting, with arguments", told)
    sitting = await recorder.start("sitting", {"a": 1})
    await sitting.query("how-many")
    await recorder.keep("running", sitting)
    await sitting.signal("told", {"name": "child-1"})
    await sitting.result()
    await recorder.keep("sitting", sitting)


async def _reaching(recorder: Recorder) -> None:
    elsewhere = await recorder.start("sitting", NOTHING)
    handle = await recorder.start("reaching", elsewhere.id)
    await handle.result()
    await recorder.keep("reaching", handle)


async def _answering(recorder: Recorder) -> None:
    handle = await recorder.start("answering")
    for number in (1, 2, 2, 13, 4, 1):
        try:
            await handle.execute_update("take", {"number": number})
        except WorkflowUpdateFailedError:
            continue
    await recorder.keep("answering, running", handle)
    await handle.signal("over", {})
    await handle.result()
    await recorder.keep("answering", handle)
    await _reset(recorder, handle)


async def _reset(recorder: Recorder, handle: Handle) -> None:
    """As an operator resets a process to its first task: what was accepted since is given to it again."""
    reset = await recorder.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=recorder.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id, run_id=handle.first_execution_run_id or ""),
            reason="a test",
            workflow_task_finish_event_id=4,
            request_id=uuid4().hex,
        )
    )
    await recorder.client.get_workflow_handle(handle.id, run_id=reset.run_id).result()
    await recorder.keep("reset", handle, reset.run_id)


async def _ending(recorder: Recorder) -> None:
    failing = await recorder.start("failing")
    cancelled = await recorder.start("cancelled")
    await asyncio.sleep(0.2)
    await cancelled.cancel()
    for name, handle in (("failing", failing), ("cancelled", cancelled)):
        try:
            await handle.result()
        except WorkflowFailureError:
            await recorder.keep(name, handle)


async def _continuing(recorder: Recorder) -> None:
    handle = await recorder.start("continuing", {"turn": 0})
    await handle.result()
    await recorder.keep("continuing", handle)
    attributes = recorder.recorded["continuing"].history.events[-1].workflow_execution_continued_as_new_event_attributes
    await recorder.keep("continuing with nothing set", handle, attributes.new_execution_run_id)


async def _ensure_endpoint(client: Client) -> None:
    target = EndpointTarget(worker=EndpointTarget.Worker(namespace=client.namespace, task_queue=QUEUE))
    request = CreateNexusEndpointRequest(spec=EndpointSpec(name=ENDPOINT, target=target))
    try:
        await client.operator_service.create_nexus_endpoint(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
