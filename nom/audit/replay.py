"""Replays histories strictly under the code as it is now, in subprocesses with a watchdog. Changes nothing.

Replay shows that code and history agree, not that a history is authentic: the ledger and its chains speak to that.
A process that has run the SDK's replayer must not go on as a client (it can crash), so every shard of histories is
replayed in a process of its own, which ends by itself or is ended when it has said nothing for too long.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from temporalio.api.history.v1 import History
from temporalio.client import Client

from nom.activities.refusals import LoggedRefusal
from nom.audit.histories import Run, engine_runs
from nom.audit.strict.report import Compared
from nom.contracts.base import Contract
from nom.contracts.ids import namespace_of
from nom.contracts.refusals import NotedRefusal

SECONDS_FOR_A_HISTORY: Final = 120.0
"""How long a subprocess may go on without a result."""
SECONDS_BETWEEN_LOOKS: Final = 0.05
PROCESSES: Final = 2
STARTS_WITHOUT_A_RESULT: Final = 2
"""After so many in a row that ended by themselves the subprocess is at fault, and not a history."""
SHARD_FILE: Final = "shard.json"
RESULTS_FILE: Final = "results.jsonl"

Verdict = Literal["replayed", "differs", "failed", "torn", "not_begun", "not_replayed"]
Progress = Callable[[int, int], None]
"""Told how many of how many histories have been looked at."""


class Replayed(Contract):
    """What became of one run of one process.

    `differs`: code and history part, see `compared`. `failed`: the SDK's replayer could not go on, or a payload can't
    be read. `torn`: the history is not whole. `not_begun`: there is nothing to compare yet. `not_replayed`: there was
    no history, or seals that don't give it, or its subprocess ended early.
    """

    stream: str
    run: str
    events: int
    verdict: Verdict
    reason: str | None = None
    compared: Compared | None = None

    @property
    def agrees(self) -> bool:
        """Whether nothing speaks against it."""
        return self.verdict in {"replayed", "not_begun"}


class ReplayTask(Contract):
    """One history that a subprocess is to replay: `file` is in its folder, in protobuf."""

    stream: str
    run: str
    events: int
    file: str
    refusals: tuple[NotedRefusal, ...] = ()


class Shard(Contract):
    """What one subprocess is to do, in this order. `overlays` is the folder of forces' own policy overlays."""

    tasks: tuple[ReplayTask, ...]
    overlays: str | None = None


class FetchedHistory(NamedTuple):
    """One run's history as the engine or a file gives it, and the refusals that were noted beside it."""

    stream: str
    run: str
    history: History
    refusals: tuple[NotedRefusal, ...] = ()


async def histories_of(client: Client, stream: str) -> tuple[FetchedHistory, ...]:
    """Every run of a process, newest first: runs that continued as new are followed back to the first. None where the
    engine has no such process (any more). Raises the client's `RPCError` when the engine does not answer.
    """
    return tuple(fetched_from(run) for run in await engine_runs(client, stream))


def fetched_from(run: Run, logged: Iterable[LoggedRefusal] = ()) -> FetchedHistory:
    """A run as it is replayed, whether the engine gave it or a seal. `logged` are the refusals of its process that were
    noted in the ledger, read before the history was: so that none is of a moment that the history does not reach.
    """
    return FetchedHistory(run.stream, run.run_id, History(events=run.events), _noted_in(run, logged))


def _noted_in(run: Run, logged: Iterable[LoggedRefusal]) -> tuple[NotedRefusal, ...]:
    """The refusals of a run. One that an operator reset goes on under another id from where the earlier was cut off."""
    current, cut_off = run.run_id, dict[str, int]()
    for event in run.events:
        reset = event.workflow_task_failed_event_attributes
        if reset.new_run_id:
            current, cut_off[reset.base_run_id] = reset.new_run_id, event.event_id
    return tuple(
        one.refusal
        for one in logged
        if one.run_id == current or one.refusal.history_length < cut_off.get(one.run_id, 0)
    )


async def replay_all(
    histories: Sequence[FetchedHistory],
    entry: str,
    *,
    overlays: Path | None = None,
    processes: int = PROCESSES,
    progress: Progress | None = None,
) -> tuple[Replayed, ...]:
    """Replay histories under this code, in at most so many subprocesses at a time. `entry` is the module that a
    subprocess runs; it is given the folder of its shard, and writes its results there. In the order given.
    """
    looked_at = [0] * processes

    def told(number: int, done: int) -> None:
        looked_at[number] = done
        if progress is not None:
            progress(sum(looked_at), len(histories))

    shards = _shards(histories, processes)
    done = await asyncio.gather(
        *(
            _replay_shard([histories[place] for place in shard], entry, overlays, _Teller(number, told))
            for number, shard in enumerate(shards)
        )
    )
    by_place = {
        place: result
        for shard, results in zip(shards, done, strict=True)
        for place, result in zip(shard, results, strict=True)
    }
    return tuple(by_place[place] for place in range(len(histories)))


class _Teller(NamedTuple):
    number: int
    told: Callable[[int, int], None]

    def __call__(self, done: int) -> None:
        self.told(self.number, done)


def _shards(histories: Sequence[FetchedHistory], number: int) -> list[list[int]]:
    """The places of the histories, in shards about equally long; each namespace's together within a shard."""
    shards: list[list[int]] = [[] for _ in range(number)]
    lengths = [0] * number
    for place in sorted(range(len(histories)), key=lambda place: -len(histories[place].history.events)):
        shortest = lengths.index(min(lengths))
        shards[shortest].append(place)
        lengths[shortest] += len(histories[place].history.events)
    for shard in shards:
        shard.sort(key=lambda place: namespace_of(histories[place].stream))
    return [shard for shard in shards if shard]


async def _replay_shard(
    shard: Sequence[FetchedHistory], entry: str, overlays: Path | None, told: _Teller
) -> tuple[Replayed, ...]:
    """Replay a shard, if need be in several subprocesses: one that ended early is blamed on the history that it was
    busy with, and another goes on behind that.
    """
    done: list[Replayed] = []
    barren = 0
    with tempfile.TemporaryDirectory(prefix="nom-replay-") as place:
        tasks = _written(shard, Path(place))
        while tasks:
            results, ended = await _run_once(entry, Path(place), tasks, overlays, _Offset(len(done), told))
            done += results
            tasks = tasks[len(results) :]
            barren = 0 if results or ended.was_silent else barren + 1
            given_up = tasks if barren >= STARTS_WITHOUT_A_RESULT else tasks[:1]
            done += [_not_replayed(task, ended.words) for task in given_up]
            tasks = tasks[len(given_up) :]
            told(len(done))
    return tuple(done)


class _Offset(NamedTuple):
    before: int
    told: _Teller

    def __call__(self, done: int) -> None:
        self.told(self.before + done)


async def _run_once(
    entry: str, place: Path, tasks: Sequence[ReplayTask], overlays: Path | None, told: Callable[[int], None]
) -> tuple[tuple[Replayed, ...], "_Ended"]:
    """One subprocess on these tasks: its results, and how it ended."""
    shard = Shard(tasks=tuple(tasks), overlays=None if overlays is None else str(overlays))
    (place / SHARD_FILE).write_bytes(shard.canonical())
    results = place / RESULTS_FILE
    results.unlink(missing_ok=True)
    ended = await _run_to_end(entry, place, results, told)
    return _results_in(results)[: len(tasks)], ended


def _results_in(file: Path) -> tuple[Replayed, ...]:
    """What was written whole: a subprocess that was ended may have left half a line."""
    return tuple(Replayed.model_validate_json(line) for line in _lines_in(file))


def _lines_in(file: Path) -> list[bytes]:
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return [line for line in lines if line.endswith(b"\n")]


def _not_replayed(task: ReplayTask, ended: str) -> Replayed:
    return Replayed(stream=task.stream, run=task.run, events=task.events, verdict="not_replayed", reason=ended)


def _written(shard: Iterable[FetchedHistory], place: Path) -> tuple[ReplayTask, ...]:
    tasks: list[ReplayTask] = []
    for number, item in enumerate(shard):
        file = f"{number}.history"
        (place / file).write_bytes(item.history.SerializeToString())
        tasks.append(
            ReplayTask(
                stream=item.stream, run=item.run, events=len(item.history.events), file=file, refusals=item.refusals
            )
        )
    return tuple(tasks)


def _size_of(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


class _Ended(NamedTuple):
    """How a subprocess ended: what is said of the history that it was busy with, and whether it had fallen silent."""

    words: str
    was_silent: bool


async def _run_to_end(entry: str, place: Path, results: Path, told: Callable[[int], None]) -> _Ended:
    """Run a subprocess to its end, or end it when it has been silent for too long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", entry, str(place), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    ending = asyncio.create_task(process.wait())
    try:
        if not await _heard(ending, results, told):
            words = f"its subprocess was ended after {SECONDS_FOR_A_HISTORY:g} seconds without a result"
            return _Ended(words, was_silent=True)
    finally:
        if process.returncode is None:
            process.kill()
        await ending
    return _Ended(f"its subprocess ended with code {process.returncode}", was_silent=False)


async def _heard(ending: "asyncio.Task[int]", results: Path, told: Callable[[int], None]) -> bool:
    """Whether a subprocess came to its end by itself, telling how far it is on the way."""
    loop = asyncio.get_running_loop()
    size, heard_at = 0, loop.time()
    while not (await asyncio.wait([ending], timeout=SECONDS_BETWEEN_LOOKS))[0]:
        grown = _size_of(results)
        if grown != size:
            size, heard_at = grown, loop.time()
            told(len(_lines_in(results)))
        elif loop.time() - heard_at > SECONDS_FOR_A_HISTORY:
            return False
    return True
