"""(d) How fast histories are replayed strictly, beside the SDK's own replayer on the same histories; and how much
faster two subprocesses are than one.

The histories are those of worked scenarios, made on the way; each is replayed several times, so that starting up does
not count for much. The two replayers take turns in one subprocess; the first round warms up and does not count.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

from bench.results import Result, compared, rotated
from nom.audit.replay import SHARD_FILE, FetchedHistory, ReplayTask, Shard, histories_of, replay_all
from nom.console.access import Access
from nom.console.scenario.loading import chosen
from nom.console.scenario.runner import give_scenario
from nom.workers.local.stack import Stack
from nom.workers.replayer import ENTRY

SCENARIOS: Final = ("01-network",)
TIMES_FILE: Final = "times.json"


class Effort(NamedTuple):
    """How many rounds, and how many events are replayed in each at least; the same for one subprocess beside two, of
    which each first has to start.
    """

    rounds: int
    events: int
    process_rounds: int
    process_events: int


FULL = Effort(rounds=7, events=12_000, process_rounds=3, process_events=60_000)
QUICK = Effort(rounds=1, events=200, process_rounds=1, process_events=200)


class NothingToReplay(RuntimeError):
    """The scenarios left no history behind."""


def forces() -> list[str]:
    """The forces that the scenarios need."""
    return sorted({force for scenario in chosen(SCENARIOS) for force in scenario.forces})


async def made_histories(stack: Stack) -> list[FetchedHistory]:
    """Give the scenarios on a running stack and fetch what their force's processes left."""
    made: list[FetchedHistory] = []
    async with Access(stack.folder) as access:
        for scenario in chosen(SCENARIOS):
            await give_scenario(scenario, access)
            client = await access.client.engine(forces()[0].lower())
            streams = sorted({execution.id async for execution in client.list_workflows()})
            made += [run for stream in streams for run in await histories_of(client, stream)]
    return [run for run in made if len(run.history.events) > 1]


async def measure(histories: list[FetchedHistory], effort: Effort, folder: Path) -> list[Result]:
    """Strict beside the SDK's replayer; two subprocesses beside one. Raises `NothingToReplay`."""
    events = sum(len(one.history.events) for one in histories)
    if not events:
        raise NothingToReplay(NothingToReplay.__doc__)
    many, count = _repeated(histories, effort.events)
    times = await _in_one_process(many, effort.rounds, folder)
    strict, sdk = ([count / seconds for seconds in times[name]] for name in ("strict", "sdk"))
    cpu = [[1e6 * seconds / count for seconds in times[name]] for name in ("strict cpu", "sdk cpu")]
    results = [
        compared("d strict replay ÷ the SDK's replayer", "events/s", strict, sdk),
        compared("d processor: strict replay ÷ the SDK's replayer", "µs/event", *cpu),
    ]
    many, count = _repeated(histories, effort.process_events)
    one: list[float] = []
    two: list[float] = []
    for number in range(effort.process_rounds):
        for processes in rotated(("one", "two"), number):
            begun = time.perf_counter()
            await replay_all(many, ENTRY, processes=1 if processes == "one" else 2)
            (one if processes == "one" else two).append(count / (time.perf_counter() - begun))
    return [*results, compared(f"d two subprocesses ÷ one, {count:,} events, start-up included", "events/s", two, one)]


def _repeated(histories: list[FetchedHistory], events: int) -> tuple[list[FetchedHistory], int]:
    """The histories as often as it takes to have so many events, and how many those are."""
    once = sum(len(one.history.events) for one in histories)
    times = -(-events // once)
    return histories * times, once * times


async def _in_one_process(many: list[FetchedHistory], rounds: int, folder: Path) -> dict[str, list[float]]:
    _prepare(folder, many)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.replaying", str(folder), str(rounds))
    try:
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code:
        msg = f"the replaying subprocess ended with code {code}"
        raise RuntimeError(msg)
    return json.loads((folder / TIMES_FILE).read_text(encoding="utf-8"))


def _prepare(folder: Path, many: list[FetchedHistory]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tasks = tuple(_written(folder, number, one) for number, one in enumerate(many))
    (folder / SHARD_FILE).write_bytes(Shard(tasks=tasks).canonical())


def _written(folder: Path, number: int, one: FetchedHistory) -> ReplayTask:
    file = f"{number}.history"
    (folder / file).write_bytes(one.history.SerializeToString())
    return ReplayTask(stream=one.stream, run=one.run, events=len(one.history.events), file=file)
