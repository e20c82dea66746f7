"""Replays histories of processes under the code as it is now, in subprocesses with a time limit. Changes nothing.

Replay shows that code and history agree, not that a history is authentic: the ledger and its chains speak to that.
A process that has run the SDK's replayer must not go on as a client (it can crash), so every shard of histories is
replayed in a process of its own, which ends by itself or is ended when its time is up.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from temporalio.api.history.v1 import History
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from nom.contracts.base import Contract
from nom.contracts.ids import StreamId, namespace_of

SECONDS_FOR_A_SHARD: Final = 120.0
SHARDS_AT_ONCE: Final = 2
SHARD_FILE: Final = "shard.json"
RESULTS_FILE: Final = "results.jsonl"

Verdict = Literal["replayed", "failed", "not_replayed"]


class Replayed(Contract):
    """What became of one run of one process. `not_replayed`: there was no history, or its subprocess ended early."""

    stream: StreamId
    run: str
    events: int
    verdict: Verdict
    reason: str | None = None


class ReplayTask(Contract):
    """One history that a subprocess is to replay: `file` is in its folder, in protobuf."""

    stream: StreamId
    run: str
    events: int
    file: str


class Shard(Contract):
    """What one subprocess is to do."""

    tasks: tuple[ReplayTask, ...]


class FetchedHistory(NamedTuple):
    """One run's history as the engine gives it."""

    stream: str
    run: str
    history: History


async def histories_of(client: Client, stream: str) -> tuple[FetchedHistory, ...]:
    """Every run of a process, newest first: runs that continued as new are followed back to the first. None where the
    engine has no such process (any more). Raises the client's `RPCError` when the engine does not answer.
    """
    found: list[FetchedHistory] = []
    run: str | None = None
    while True:
        try:
            fetched = await client.get_workflow_handle(stream, run_id=run).fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return tuple(found)
            raise
        started = fetched.events[0].workflow_execution_started_event_attributes
        identity = started.original_execution_run_id
        found.append(FetchedHistory(stream, identity, History(events=fetched.events)))
        run = started.continued_execution_run_id
        if not run:
            return tuple(found)


async def replay_all(histories: Sequence[FetchedHistory], entry: str) -> tuple[Replayed, ...]:
    """Replay histories under this code, at most `SHARDS_AT_ONCE` subprocesses at a time. `entry` is the module that a
    subprocess runs; it is given the folder of its shard, and writes its results there. In the order given.
    """
    shards = [shard for shard in _shards(histories, SHARDS_AT_ONCE) if shard]
    done = await asyncio.gather(*(_replay_shard(shard, entry) for shard in shards))
    by_run = {(item.stream, item.run): item for results in done for item in results}
    return tuple(by_run[item.stream, item.run] for item in histories)


def _shards(histories: Iterable[FetchedHistory], number: int) -> list[list[FetchedHistory]]:
    """About equally long, and each namespace's together as far as that goes."""
    shards: list[list[FetchedHistory]] = [[] for _ in range(number)]
    lengths = [0] * number
    for item in sorted(histories, key=lambda item: (-len(item.history.events), namespace_of(item.stream))):
        shortest = lengths.index(min(lengths))
        shards[shortest].append(item)
        lengths[shortest] += len(item.history.events)
    return shards


async def _replay_shard(shard: Sequence[FetchedHistory], entry: str) -> tuple[Replayed, ...]:
    with tempfile.TemporaryDirectory(prefix="nom-replay-") as place:
        tasks = _written(shard, Path(place))
        ended = await _run_to_end(entry, place)
        there = {(result.stream, result.run): result for result in _results_in(Path(place, RESULTS_FILE))}
    return tuple(there.get((task.stream, task.run)) or _not_replayed(task, ended) for task in tasks)


def _results_in(file: Path) -> tuple[Replayed, ...]:
    """What was written whole: a subprocess that was ended may have left half a line."""
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return tuple(Replayed.model_validate_json(line) for line in lines if line.endswith(b"\n"))


def _not_replayed(task: ReplayTask, ended: str) -> Replayed:
    return Replayed(stream=task.stream, run=task.run, events=task.events, verdict="not_replayed", reason=ended)


def _written(shard: Sequence[FetchedHistory], place: Path) -> tuple[ReplayTask, ...]:
    tasks: list[ReplayTask] = []
    for number, item in enumerate(shard):
        file = f"{number}.history"
        Path(place, file).write_bytes(item.history.SerializeToString())
        tasks.append(ReplayTask(stream=item.stream, run=item.run, events=len(item.history.events), file=file))
    Path(place, SHARD_FILE).write_bytes(Shard(tasks=tuple(tasks)).canonical())
    return tuple(tasks)


async def _run_to_end(entry: str, place: str) -> str:
    """Run a subprocess to its end, or end it when its time is up. What is said of those that it did not replay."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", entry, place, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(SECONDS_FOR_A_SHARD):
            code = await process.wait()
    except TimeoutError:
        return f"its subprocess was ended after {SECONDS_FOR_A_SHARD:g} seconds"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return f"its subprocess ended with code {code}"
