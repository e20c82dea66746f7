"""Notes of refusals when a worker is killed or the database is away: at most notes are lost, and nothing waits."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from nom.audit.refused import RefusedCommand, refused_commands
from nom.console.access import Access
from nom.contracts.envelope import CommandEnvelope
from nom.workers.local.folder import DataFolder
from nom.workers.local.process import ServerState
from nom.workers.local.stack import Stack
from tests.conftest_stack import short_folder
from tests.crash.processes import WorkerProcess
from tests.crash.undisturbed import PersistingAccess
from tests.matters import a_matter, ago, handed_on, note, on_referral, receive, refusal_of

pytestmark = [pytest.mark.engine, pytest.mark.crash]


class Place(NamedTuple):
    """A force whose worker is a process of its own."""

    stack: Stack
    access: Access
    worker: WorkerProcess


@pytest.fixture(scope="module")
async def place() -> AsyncIterator[Place]:
    with short_folder() as path:
        async with Stack(DataFolder(path), ["GMP"], workers=False) as stack:
            worker = WorkerProcess(path, "gmp")
            try:
                await worker.start()
                async with PersistingAccess(stack.folder) as access:
                    yield Place(stack, access, worker)
            finally:
                await worker.kill()


def route(case: str) -> CommandEnvelope[Any]:
    """Before it was acknowledged and a crime recorded, this is refused."""
    return on_referral(case, "duty-officer-1", {"type": "Route", "to": "triage"})


async def a_referral(place: Place) -> str:
    case = a_matter()
    await place.access.client.submit(receive(case, ago(hours=1), brought_in=True))
    # With an append of its own under way, the process takes a command first and refuses it when that is over.
    await handed_on(await place.access.reader("gmp"), case)
    return case


async def refused(place: Place, case: str, number: int) -> list[CommandEnvelope[Any]]:
    """So many commands, each refused."""
    given = [route(case) for _ in range(number)]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(refusal_of(place.access.client.submit(request)) for request in given))
    assert {answer.code for answer in answers} == {"referral_gate"}
    return given


async def noted(place: Place, case: str) -> tuple[RefusedCommand, ...]:
    return await refused_commands((await place.access.refusals("gmp")).of_case(case))


async def until_noted(place: Place, case: str, request: CommandEnvelope[Any]) -> tuple[RefusedCommand, ...]:
    async with asyncio.timeout(60):
        while True:
            found = await noted(place, case)
            if request.command_id in {item.command_id for item in found}:
                return found
            await asyncio.sleep(0.05)


async def test_a_worker_killed_right_after_refusals_loses_at_most_notes_and_the_process_goes_on(place: Place) -> None:
    case = await a_referral(place)
    given: list[CommandEnvelope[Any]] = []
    for number in range(3):
        given += await refused(place, case, 6)
        await place.worker.kill()
        await place.worker.start()
        receipt = await place.access.client.submit(note(case, f"after the worker died, {number}"))
        assert receipt.events == ("note_recorded.v1",)
    (last,) = await refused(place, case, 1)
    found = await until_noted(place, case, last)
    identities = [item.command_id for item in found]
    assert len(set(identities)) == len(identities), "one was noted twice"
    assert set(identities) <= {request.command_id for request in [*given, last]}
    everything = [row.number async for row in (await place.access.refusals("gmp")).all()]
    assert everything == list(range(len(everything)))


async def test_commands_go_on_being_refused_while_the_database_is_away_and_their_notes_arrive_later(
    place: Place,
) -> None:
    case = await a_referral(place)
    postgres = place.stack.servers.postgres
    pid = postgres.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    given = await refused(place, case, 4)
    # Until nobody answers for it: the killed server's children may live a moment longer than it.
    async with asyncio.timeout(60):
        while postgres.status().state is ServerState.RUNNING:  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.05)
    given += await refused(place, case, 4)
    await postgres.start()
    found = await until_noted(place, case, given[-1])
    assert {item.command_id for item in found} == {request.command_id for request in given}
    assert len(found) == len(given)
    assert (await place.access.client.submit(note(case, "when it was back"))).events == ("note_recorded.v1",)
