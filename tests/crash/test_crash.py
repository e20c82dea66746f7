"""Whatever is killed in a scenario's middle, the ledger ends as if nothing had been and every state is its fold."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from nom.audit.verify import verify
from nom.console.reconciling import reconcile_matter
from nom.console.scenario.compare import Outcome
from nom.console.scenario.loading import chosen
from nom.console.scenario.runner import Ledgers, run_scenario
from nom.contracts.ids import namespace_of, parse_stream
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack
from nom.workflows.operating_model import MODELS
from tests.conftest_stack import short_folder
from tests.crash.processes import WorkerProcess
from tests.crash.undisturbed import PersistingAccess, story
from tests.matters import a_matter, acknowledge, ago, note, receive, record_crime, records, types

pytestmark = [pytest.mark.engine, pytest.mark.crash]

SCENARIO = "01-network"
FAULT_AFTER_ACTIONS = 20
PAST_THE_TASKS_TIMEOUT = 12.0
Story = dict[str, list[tuple[object, ...]]]
Fault = Callable[[], Awaitable[None]]


class Place:
    """The stack with its workers in processes of their own."""

    def __init__(self, stack: Stack, access: PersistingAccess, force: WorkerProcess, nca: WorkerProcess) -> None:
        self.stack = stack
        self.access = access
        self.force = force
        self.nca = nca

    async def kill_the_worker(self) -> None:
        await self.force.kill()
        await self.force.start()

    async def kill_both_workers(self) -> None:
        await asyncio.gather(self.force.kill(), self.nca.kill())
        await asyncio.gather(self.force.start(), self.nca.start())

    async def kill_postgres(self) -> None:
        self._kill(self.stack.servers.postgres.status().pid)
        await self.stack.servers.postgres.start()

    async def kill_temporal(self) -> None:
        self._kill(self.stack.servers.temporal.status().pid)
        await self.stack.servers.temporal.start()

    async def kill_everything(self) -> None:
        await asyncio.gather(self.force.kill(), self.nca.kill())
        self._kill(self.stack.servers.temporal.status().pid)
        self._kill(self.stack.servers.postgres.status().pid)
        await asyncio.gather(self.stack.servers.postgres.start(), self.stack.servers.temporal.start())
        await asyncio.gather(self.force.start(), self.nca.start())

    async def stop_the_worker_past_its_tasks_timeout(self) -> None:
        self.force.signal(signal.SIGSTOP)
        await asyncio.sleep(PAST_THE_TASKS_TIMEOUT)
        self.force.signal(signal.SIGCONT)

    def _kill(self, pid: int | None) -> None:
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
async def place() -> AsyncIterator[Place]:
    with short_folder() as path:
        async with Stack(DataFolder(path), ["GMP"], workers=False) as stack:
            force, nca = WorkerProcess(path, "gmp"), WorkerProcess(path, "nca")
            try:
                await asyncio.gather(force.start(), nca.start())
                async with PersistingAccess(stack.folder) as access:
                    yield Place(stack, access, force, nca)
            finally:
                await asyncio.gather(force.kill(), nca.kill())


@pytest.fixture(scope="module")
async def undisturbed(place: Place) -> Story:
    return await told(place, await run_scenario(chosen((SCENARIO,))[0], place.access))


async def told(place: Place, outcome: Outcome) -> Story:
    """The story of a run, which must agree with the scenario, be chained, be what each state folds to, and be told
    alike by the engine's histories and by both ends of every hand-off.
    """
    assert outcome.agrees, outcome.differences
    ledgers = Ledgers(await place.access.reader("gmp"), await place.access.reader("nca"))
    stored = await ledgers.records(outcome.case)
    for stream in {record.stream for record in stored}:
        await assert_the_state_is_the_fold(place, stream)
    for namespace in ("gmp", "nca"):
        verdict = await verify(namespace, await place.access.reader(namespace))
        assert verdict.holds, verdict.first_fault
    reconciled = await reconcile_matter(place.access, outcome.case)
    assert reconciled.agrees, (reconciled.hand_offs.disagreements, reconciled.streams)
    return story(stored, outcome.case.split("/")[1])


async def assert_the_state_is_the_fold(place: Place, stream: str) -> None:
    view = await place.access.client.state(stream)
    model = MODELS[parse_stream(stream).kind]
    state = model.blank(stream)
    for item in await records(await place.access.reader(namespace_of(stream)), stream):
        # What was recorded after the state was asked for is not in it yet.
        if item.record.seq <= view.seq:
            state = model.fold(state, item.record)
    assert (view.seq, view.state) == (state.last_seq, state.canonical().decode())


async def run_with(place: Place, fault: Fault) -> Story:
    """Run the scenario and let the fault strike in its middle, while commands go on being given."""
    striking: list[asyncio.Task[None]] = []

    def progress(done: int, _of: int) -> None:
        if done == FAULT_AFTER_ACTIONS:
            striking.append(asyncio.ensure_future(fault()))

    outcome = await run_scenario(chosen((SCENARIO,))[0], place.access, progress)
    await asyncio.gather(*striking)
    assert striking
    return await told(place, outcome)


@pytest.mark.parametrize(
    "fault",
    [
        Place.kill_the_worker,
        Place.kill_both_workers,
        Place.kill_postgres,
        Place.kill_temporal,
        Place.kill_everything,
        Place.stop_the_worker_past_its_tasks_timeout,
    ],
    ids=lambda fault: fault.__name__,
)
async def test_a_scenario_ends_as_if_undisturbed_when(
    place: Place, undisturbed: Story, fault: Callable[[Place], Awaitable[None]]
) -> None:
    assert await run_with(place, lambda: fault(place)) == undisturbed


@pytest.mark.parametrize("command", ["DecideTriage", "RecordStageOutcome"])
async def test_a_worker_that_dies_between_the_append_and_the_end_of_its_task_records_nothing_twice(
    place: Place, undisturbed: Story, command: str
) -> None:
    place.force.die_after_the_append_of(command)

    async def revive() -> None:
        await place.force.died()
        await place.force.start()

    reviving = asyncio.ensure_future(revive())
    outcome = await run_scenario(chosen((SCENARIO,))[0], place.access)
    await reviving
    assert await told(place, outcome) == undisturbed


async def test_the_national_worker_may_die_in_the_same_place(place: Place, undisturbed: Story) -> None:
    place.nca.die_after_the_append_of("Nominate")

    async def revive() -> None:
        await place.nca.died()
        await place.nca.start()

    reviving = asyncio.ensure_future(revive())
    outcome = await run_scenario(chosen((SCENARIO,))[0], place.access)
    await reviving
    assert await told(place, outcome) == undisturbed


@pytest.mark.parametrize("engine_dies_too", [False, True])
async def test_another_command_arriving_first_after_such_a_death_is_decided_on_the_truth(
    place: Place, engine_dies_too: bool
) -> None:
    case = a_matter()
    stream = f"{case}/referral-1"
    await place.access.client.submit(receive(case, ago(hours=2), brought_in=True))
    await place.access.client.submit(note(case, "so that the opening is over"))
    first, second = acknowledge(case, ago(hours=1)), record_crime(case, ago(hours=1))
    place.force.die_after_the_append_of("Acknowledge")
    lost = asyncio.ensure_future(place.access.client.submit(first))
    await place.force.died()
    lost.cancel()
    with suppress(asyncio.CancelledError):
        await lost
    if engine_dies_too:
        await place.kill_temporal()
    later = asyncio.ensure_future(place.access.client.submit(second))
    await asyncio.sleep(0.5)
    await place.force.start()
    await later
    receipt = await place.access.client.submit(first.model_copy(update={"submitted_at": ago(seconds=0)}))
    seen = await records(await place.access.reader("gmp"), stream)
    assert types(seen).count("referral_acknowledged") == types(seen).count("crime_recorded") == 1
    assert types(seen).index("referral_acknowledged") < types(seen).index("crime_recorded")
    assert seen[receipt.first_seq - 1].record.command_id == first.command_id
    await assert_the_state_is_the_fold(place, stream)


async def test_an_operators_reset_is_healed_by_the_ledger(place: Place) -> None:
    case = a_matter()
    stream = f"{case}/referral-1"
    await place.access.client.submit(receive(case, ago(hours=2), brought_in=True))
    requests = [acknowledge(case, ago(hours=1)), note(case, "one"), note(case, "two")]
    receipts = [await place.access.client.submit(request) for request in requests]
    before = await records(await place.access.reader("gmp"), stream)
    await reset_to_its_beginning(place, stream)
    await place.access.client.submit(record_crime(case, ago(hours=1)))
    after = await records(await place.access.reader("gmp"), stream)
    assert [item.record for item in after[: len(before)]] == [item.record for item in before]
    assert types(after[len(before) :]).count("crime_recorded") == 1
    assert types(after).count("referral_acknowledged") == 1
    assert [await place.access.client.submit(request) for request in requests] == receipts
    await assert_the_state_is_the_fold(place, stream)


async def test_an_operator_can_let_a_reset_process_catch_up_without_a_command(place: Place) -> None:
    case = a_matter()
    stream = f"{case}/referral-1"
    await place.access.client.submit(receive(case, ago(hours=2), brought_in=True))
    await place.access.client.submit(note(case, "one"))
    await reset_to_its_beginning(place, stream)
    engine = await place.access.client.engine("gmp")
    await engine.get_workflow_handle(stream).execute_update("catch_up")
    await assert_the_state_is_the_fold(place, stream)


async def reset_to_its_beginning(place: Place, stream: str) -> None:
    """What an operator does with `temporal workflow reset`: back to the first completed task."""
    engine = await place.access.client.engine(namespace_of(stream))
    history = await engine.get_workflow_handle(stream).fetch_history()
    first = next(e for e in history.events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    await engine.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=namespace_of(stream),
            workflow_execution=WorkflowExecution(workflow_id=stream, run_id=history.run_id),
            reason="a test of healing",
            workflow_task_finish_event_id=first.event_id,
            request_id=f"reset-{stream}",
        )
    )
