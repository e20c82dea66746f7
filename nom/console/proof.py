"""Replays over the running stack: a matter's processes, or every one.

Replays the code of this installation; a worker of another version would have to be asked for its own.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from nom.audit.histories import Lost, runs_or_lost
from nom.audit.replay import PROCESSES, FetchedHistory, Progress, Replayed, fetched_from, replay_all
from nom.console.access import Access
from nom.console.scenario.model import group_of
from nom.console.scenario.runner import require_served
from nom.contracts.ids import CaseId, StreamId, namespace_of
from nom.contracts.services import NCA
from nom.workers.replayer import ENTRY

Result = TypeVar("Result")

FETCHED_AT_ONCE = 8
REPLAYED_AT_ONCE = 200
"""Histories that are held in memory together."""


class Process(NamedTuple):
    """A process whose runs are to be replayed, and those that the engine has listed of it (none: not listed)."""

    stream: StreamId
    listed: tuple[str, ...] = ()


class NoSuchCase(LookupError):
    """The force's ledger holds nothing of that case."""

    code = "no_such_case"


async def streams_of_matter(access: Access, matter: str) -> tuple[StreamId, ...]:
    """The processes of a case and its group, or of a group. Raises `NoSuchCase` and `ForceNotServed`."""
    namespace = namespace_of(matter)
    require_served(access, namespace)
    own = await (await access.reader(namespace)).streams_of(matter)
    if not own:
        raise NoSuchCase(f"there is nothing of {matter[:80]!r} in the ledger of {namespace.upper()}")
    if namespace == NCA:
        return own
    return (*own, *await (await access.reader(NCA)).streams_of(group_of(matter)))


async def replay_matter(
    access: Access, matter: CaseId, *, processes: int = PROCESSES, progress: Progress | None = None
) -> tuple[Replayed, ...]:
    """Replay every process of a matter. Raises `NoSuchCase` and `ForceNotServed`."""
    streams = await streams_of_matter(access, matter)
    return await replay_streams(access, streams, processes=processes, progress=progress)


async def replay_streams(
    access: Access, streams: Sequence[StreamId], *, processes: int = PROCESSES, progress: Progress | None = None
) -> tuple[Replayed, ...]:
    """Fetch every run of these processes, from the engine or else from its seal, and replay it. A process of which
    neither has anything is `not_replayed`, and so is a run whose seals don't give it.
    """
    return await _replay(access, [Process(stream) for stream in streams], processes, progress)


async def replay_everything(
    access: Access, *, processes: int = PROCESSES, progress: Progress | None = None
) -> AsyncIterator[tuple[Replayed, ...]]:
    """Replay every run that the engine has or a seal keeps, and give what came of them some hundreds at a time; also
    of what records nothing, such as the status reporter. A process that is in a ledger alone is `not_replayed`.

    `progress` is told of as many as the engine has, and of more where there are more.
    """
    listed, done = await _listed(access), 0
    async for batch in _in_batches(_every_process(access)):

        def told(looked_at: int, of: int, before: int = done) -> None:
            if progress is not None:
                progress(before + looked_at, max(listed, before + of))

        results = await _replay(access, batch, processes, told)
        done += len(results)
        yield results


async def _replay(
    access: Access, wanted: Iterable[Process], processes: int, progress: Progress | None
) -> tuple[Replayed, ...]:
    place = asyncio.Semaphore(FETCHED_AT_ONCE)

    async def one(process: Process) -> tuple[FetchedHistory | Replayed, ...]:
        async with place:
            namespace = namespace_of(process.stream)
            client, seals = await access.client.engine(namespace), await access.seals(namespace)
            # Before the histories: a refusal of a moment that a history does not reach could not be asked for again.
            noted = await (await access.refusals(namespace)).of_workflow(process.stream)
            runs = await runs_or_lost(client, seals, process.stream, process.listed)
            found = [_lost(run) if isinstance(run, Lost) else fetched_from(run, noted) for run in runs]
            return tuple(found) or (_not_replayed(process.stream, "none", "no history of it is left"),)

    found = [one for runs in await side_by_side(one(process) for process in wanted) for one in runs]
    histories = [one for one in found if isinstance(one, FetchedHistory)]
    results = await replay_all(histories, ENTRY, overlays=access.folder.policy, processes=processes, progress=progress)
    return (*results, *(one for one in found if isinstance(one, Replayed)))


async def _listed(access: Access) -> int:
    """How many runs the engine has."""
    clients = [await access.client.engine(namespace) for namespace in access.namespaces()]
    return sum([(await client.count_workflows()).count for client in clients])


async def _every_process(access: Access) -> AsyncIterator[Process]:
    """Every process that the engine lists, a seal is of, or a ledger holds. In memory are the ids of one namespace's
    runs at a time.
    """
    for namespace in access.namespaces():
        listed: dict[StreamId, dict[str, None]] = {}
        async for execution in (await access.client.engine(namespace)).list_workflows():
            listed.setdefault(execution.id, {})[execution.run_id] = None
        async for stream in (await access.seals(namespace)).processes():
            listed.setdefault(stream, {})
        async for stream in (await access.reader(namespace)).streams():
            listed.setdefault(stream, {})
        while listed:
            stream, runs = listed.popitem()
            yield Process(stream, tuple(runs))


async def _in_batches(processes: AsyncIterator[Process]) -> AsyncIterator[tuple[Process, ...]]:
    batch: list[Process] = []
    runs = 0
    async for process in processes:
        batch.append(process)
        runs += max(len(process.listed), 1)
        if runs >= REPLAYED_AT_ONCE:
            yield tuple(batch)
            batch, runs = [], 0
    if batch:
        yield tuple(batch)


async def side_by_side(work: Iterable[Coroutine[Any, Any, Result]]) -> tuple[Result, ...]:
    """All at once. When one fails, the others are ended before its error goes on."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _lost(run: Lost) -> Replayed:
    return _not_replayed(run.stream, run.run_id, run.words)


def _not_replayed(stream: StreamId, run: str, reason: str) -> Replayed:
    return Replayed(stream=stream, run=run, events=0, verdict="not_replayed", reason=reason)
