"""A process in its second run, its first sealed, and an engine that forgets runs, as retention has it do."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from nom.activities.seals import Seal, SealStore
from nom.audit.histories import engine_run
from nom.console.access import Access
from tests.matters import a_matter, ago, note, receive


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Wait for what the workers do by themselves."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in other programs
            await asyncio.sleep(0.3)


async def a_process_in_its_second_run(access: Access) -> tuple[str, str]:
    """A referral that has continued as new: its stream, and the run that ended."""
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=1), brought_in=True))
    stream = f"{case}/referral-1"
    handle = (await access.client.engine("gmp")).get_workflow_handle(stream)
    first = (await handle.describe()).run_id
    for number in range(80):
        await access.client.submit(note(case, f"filling {number}"))
        if (await handle.describe()).run_id != first:
            return stream, first
    pytest.fail("the process did not continue as new")


async def sealed_to_its_end(store: SealStore, stream: str, run: str) -> tuple[Seal, ...]:
    """The parts of a run, once the last is there."""

    async def is_there() -> bool:
        return run in await store.ended([run])

    await until(is_there)
    return tuple(seal for seal in await store.of_workflow(stream) if seal.statement.run_id == run)


async def forgotten(access: Access, stream: str, *runs: str) -> None:
    """Have the engine forget runs of a process, and wait until it has."""
    engine = await access.client.engine("gmp")
    for run in runs:
        execution = WorkflowExecution(workflow_id=stream, run_id=run)
        await engine.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(namespace="gmp", workflow_execution=execution)
        )

    async def are_forgotten() -> bool:
        return [await engine_run(engine, stream, run) for run in runs] == [None] * len(runs)

    await until(are_forgotten)
