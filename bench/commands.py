"""(a) A nom command beside a bare update on the same engine: how many a second, how long each takes, what it burns.

Each instance gets twenty commands a round, one after another; all instances at once. Contestants take turns in every
round, on the same instances throughout.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from temporalio.client import Client, WorkflowHandle

from bench.matters import FORCE, Request, note, receive, stream_named
from bench.processors import Processors, Share
from bench.results import Result, compared, percentile, rotated
from bench.yardsticks import BareReceipt, BareRequest
from nom.activities.reader import LedgerReader
from nom.console.client import NomClient
from nom.contracts.base import Contract
from nom.contracts.envelope import Receipt
from nom.contracts.run import COMMAND_UPDATE, TASK_QUEUE

OWN, REGULAR, LOCAL = "nom", "regular", "local"
YARDSTICKS = {REGULAR: "bare update with a regular activity", LOCAL: "bare update with a local activity"}
SETTLE_SECONDS = 1.5


class Effort(NamedTuple):
    """How many commands each instance takes in a round, how many instances take them at once, and how often."""

    rounds: int
    commands: int
    instances: int


FULL = Effort(rounds=7, commands=20, instances=16)
QUICK = Effort(rounds=2, commands=5, instances=4)


@dataclass(frozen=True, slots=True)
class Contestant:
    """Instances of one workflow, and how a command for one of them is made."""

    handles: Sequence[WorkflowHandle[Any, Any]]
    made: Callable[[str, int], tuple[UUID, Contract]]
    receipt: type[Contract]

    async def commanded(self, instances: int, commands: int) -> "Burst":
        """Give commands to the first instances at once and wait for every receipt."""
        handles = self.handles[:instances]
        batches = [[self.made(handle.id, number) for number in range(commands)] for handle in handles]
        begun = time.perf_counter()
        waits = await asyncio.gather(*(self._given(*pair) for pair in zip(handles, batches, strict=True)))
        seconds = time.perf_counter() - begun
        return Burst(instances * commands / seconds, [wait * 1000 for some in waits for wait in some])

    async def _given(self, handle: WorkflowHandle[Any, Any], batch: list[tuple[UUID, Contract]]) -> list[float]:
        waits: list[float] = []
        for identity, request in batch:
            begun = time.perf_counter()
            await handle.execute_update(COMMAND_UPDATE, request, id=str(identity), result_type=self.receipt)
            waits.append(time.perf_counter() - begun)
        return waits


class Burst(NamedTuple):
    """What one contestant did in one round: commands a second, and how many milliseconds each took."""

    rate: float
    waits: list[float]


class Round(NamedTuple):
    """One contestant's round: alone, on all instances at once, and the processor milliseconds of the latter."""

    alone: Burst
    crowd: Burst
    used: Share


async def measure(
    address: str, reader: LedgerReader, processors: Processors, body_bytes: int, effort: Effort
) -> list[Result]:
    """Commands on nom's processes beside both yardsticks."""
    contestants = await _contestants(address, reader, body_bytes, effort.instances)
    for contestant in contestants.values():
        await contestant.commanded(effort.instances, effort.commands)
    rounds: dict[str, list[Round]] = {name: [] for name in contestants}
    for number in range(effort.rounds):
        for name in rotated(tuple(contestants), number):
            rounds[name].append(await _round(contestants[name], processors, effort))
    return [result for name in YARDSTICKS for result in _results(name, rounds[OWN], rounds[name], effort.instances)]


async def _round(contestant: Contestant, processors: Processors, effort: Effort) -> Round:
    alone = await contestant.commanded(1, effort.commands)
    before = processors.read()
    crowd = await contestant.commanded(effort.instances, effort.commands)
    used = processors.read().since(before).each(effort.instances * effort.commands)
    return Round(alone, crowd, used)


def _results(name: str, own: list[Round], yardstick: list[Round], instances: int) -> list[Result]:
    figures: list[tuple[str, str, Callable[[Round], float]]] = [
        ("1 instance", "commands/s", lambda r: r.alone.rate),
        (f"{instances} instances", "commands/s", lambda r: r.crowd.rate),
        ("1 instance, p50", "ms", lambda r: percentile(r.alone.waits, 50)),
        ("1 instance, slowest", "ms", lambda r: max(r.alone.waits)),
        (f"{instances} instances, p50", "ms", lambda r: percentile(r.crowd.waits, 50)),
        (f"{instances} instances, p99", "ms", lambda r: percentile(r.crowd.waits, 99)),
        ("processor of the worker", "ms", lambda r: r.used.worker),
        ("processor of the engine", "ms", lambda r: r.used.engine),
        ("processor of the database", "ms", lambda r: r.used.database),
        ("processor, all three", "ms", lambda r: sum(r.used)),
    ]
    return [
        compared(f"a command ÷ {YARDSTICKS[name]}, {label}", unit, [of(r) for r in own], [of(r) for r in yardstick])
        for label, unit, of in figures
    ]


async def _contestants(address: str, reader: LedgerReader, body_bytes: int, instances: int) -> dict[str, Contestant]:
    nom = NomClient(address)
    client = await nom.engine(FORCE)
    body = "x" * body_bytes

    def bare(stream: str, _number: int) -> tuple[UUID, Contract]:
        request = BareRequest(id=uuid4(), stream=stream, body=body)
        return request.id, request

    return {
        OWN: Contestant(await _opened(nom, client, reader, instances), _noted, Receipt),
        REGULAR: Contestant(await _started(client, "bench.regular", instances), bare, BareReceipt),
        LOCAL: Contestant(await _started(client, "bench.local", instances), bare, BareReceipt),
    }


def _noted(stream: str, number: int) -> tuple[UUID, Contract]:
    request: Request = note(stream, number)
    return request.command_id, request


async def _opened(
    nom: NomClient, client: Client, reader: LedgerReader, instances: int
) -> list[WorkflowHandle[Any, Any]]:
    """Live referrals whose opening is over: their clocks run and their hand-offs have been answered."""
    matters = [f"bench-{uuid4().hex[:12]}" for _ in range(instances)]
    for matter in matters:
        await nom.submit(receive(stream_named(matter)))
    for matter in matters:
        while await reader.hand_offs_waiting(f"{FORCE}/{matter}"):  # noqa: ASYNC110 - the ledger is asked, not told
            await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE_SECONDS)
    return [client.get_workflow_handle(stream_named(matter)) for matter in matters]


async def _started(client: Client, kind: str, instances: int) -> list[WorkflowHandle[Any, Any]]:
    return [
        await client.start_workflow(kind, id=f"{FORCE}/{kind}/{uuid4().hex[:12]}", task_queue=TASK_QUEUE)
        for _ in range(instances)
    ]
