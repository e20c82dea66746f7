"""Sealing on the real stack: what the engine may forget stands in the ledger, under checkpoints that the NCA keeps."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import History
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from nom.activities.sealer import Sealer
from nom.activities.seals import Seal, SealStore
from nom.audit.histories import engine_runs, runs_of
from nom.audit.reconcile import reconcile_process
from nom.audit.verify import Verified
from nom.console.access import Access
from nom.console.proof import replay_streams, verify_ledgers
from tests.matters import a_matter, ago, note, receive

pytestmark = pytest.mark.engine


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


async def test_a_run_is_sealed_before_it_continues_as_new_and_its_last_events_after(access: Access) -> None:
    stream, run = await a_process_in_its_second_run(access)
    parts = await sealed_to_its_end(await access.seals("gmp"), stream, run)
    assert [part.statement.status for part in parts] == ["running", "continued_as_new"]
    assert parts[1].statement.first_event == parts[0].statement.last_event + 1
    engine = await access.client.engine("gmp")
    kept = await engine.get_workflow_handle(stream, run_id=run).fetch_history()
    sealed = [event for part in parts for event in History.FromString(part.unpacked()).events]
    assert History(events=sealed) == History(events=kept.events)
    assert all(part.fault() is None for part in parts)
    missing = await Sealer(engine, await access.seals("gmp")).unsealed()
    assert run not in {ended.run_id for ended in missing}


async def test_the_ledgers_hold_and_the_nca_keeps_checkpoints_that_agree(access: Access) -> None:
    stream, run = await a_process_in_its_second_run(access)
    await sealed_to_its_end(await access.seals("gmp"), stream, run)

    async def verified() -> Verified:
        return (await verify_ledgers(access, ("gmp",)))[0]

    async def is_covered() -> bool:
        found = await verified()
        assert found.faults == ()
        records, seals = found.trees
        return min(records.covered, records.elsewhere, seals.covered, seals.elsewhere) > 0

    await until(is_covered)
    found = await verified()
    assert found.seals >= 2
    assert found.trees[0].covered <= found.positions


async def test_a_run_that_the_engine_has_forgotten_is_replayed_and_reconciled_from_its_seal(access: Access) -> None:
    stream, run = await a_process_in_its_second_run(access)
    store = await access.seals("gmp")
    await sealed_to_its_end(store, stream, run)
    engine = await access.client.engine("gmp")
    execution = WorkflowExecution(workflow_id=stream, run_id=run)
    await engine.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(namespace="gmp", workflow_execution=execution)
    )

    async def is_forgotten() -> bool:
        return run not in {one.run_id for one in await engine_runs(engine, stream)}

    await until(is_forgotten)
    sources = {one.run_id: one.source for one in await runs_of(engine, store, stream)}
    assert sources[run] == "seals"
    assert set(sources.values()) == {"engine", "seals"}
    replayed = await replay_streams(access, (stream,))
    assert {one.run for one in replayed} == set(sources)
    assert all(one.agrees for one in replayed)
    reconciled = await reconcile_process(engine, store, await access.reader("gmp"), stream)
    assert (reconciled.disagreements, reconciled.unknown) == ((), 0)
