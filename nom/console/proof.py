"""Proof over the running stack: the chains of every ledger, and the replay of a matter's processes.

Replays the code of this installation; a worker of another version would have to be asked for its own.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from nom.audit.histories import runs_of
from nom.audit.replay import PROCESSES, FetchedHistory, Progress, Replayed, fetched_from, history_of_run, replay_all
from nom.audit.trees import OutsideCheckpoint
from nom.audit.verify import Verified, verify, verify_signed
from nom.console.access import Access
from nom.console.scenario.model import group_of
from nom.console.scenario.runner import require_served
from nom.contracts.base import canonical_bytes
from nom.contracts.ids import CaseId, StreamId, namespace_of
from nom.contracts.note import Verifier
from nom.contracts.services import NCA, ForceStatus
from nom.workers.replayer import ENTRY

Result = TypeVar("Result")
LedgerProgress = Callable[[str, int], None]
"""Told which ledger, and how many of its records have been looked at."""

FETCHED_AT_ONCE = 8
REPLAYED_AT_ONCE = 200
"""Histories that are held in memory together."""


class NoSuchCase(LookupError):
    """The force's ledger holds nothing of that case."""

    code = "no_such_case"


async def verify_ledgers(
    access: Access,
    namespaces: Sequence[str],
    progress: LedgerProgress | None = None,
    outside: Sequence[OutsideCheckpoint] = (),
    keys: Mapping[str, Verifier] | None = None,
) -> tuple[Verified, ...]:
    """Verify the ledgers of these namespaces, side by side: chains, positions, trees and seals.

    Checkpoints are compared with those given, and with those that the National Crime Agency was told. `keys` are the
    ledgers' public keys, by default those that the stack wrote down. Raises `ForceNotServed` before anything is read.
    """
    require_served(access, *namespaces)
    known = access.verifiers() if keys is None else keys
    kept = (*outside, *await _kept_by_the_nca(access))

    async def one(namespace: str) -> Verified:
        def report(records: int) -> None:
            if progress is not None:
                progress(namespace, records)

        found = await verify(namespace, await access.reader(namespace), report)
        if namespace not in known:
            return found
        trees, seals = await access.trees(namespace), await access.seals(namespace)
        return await verify_signed(found, trees, seals, known[namespace], kept)

    return await side_by_side(one(namespace) for namespace in namespaces)


async def _kept_by_the_nca(access: Access) -> tuple[OutsideCheckpoint, ...]:
    """The checkpoints that forces reported to the national board."""
    if NCA not in access.namespaces():
        return ()
    reports = await (await access.board()).latest_board_reports()
    statuses = [ForceStatus.model_validate_json(canonical_bytes(report.report)) for report in reports]
    return tuple(OutsideCheckpoint(note=note, kept_by="the NCA") for status in statuses for note in status.checkpoints)


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
    neither has anything is `not_replayed`.
    """
    place = asyncio.Semaphore(FETCHED_AT_ONCE)

    async def one(stream: StreamId) -> tuple[FetchedHistory, ...]:
        async with place:
            namespace = namespace_of(stream)
            runs = await runs_of(await access.client.engine(namespace), await access.seals(namespace), stream)
            return tuple(fetched_from(run) for run in runs)

    fetched = await side_by_side(one(stream) for stream in streams)
    histories = [history for runs in fetched for history in runs]
    results = await replay_all(histories, ENTRY, overlays=access.folder.policy, processes=processes, progress=progress)
    gone = [_gone(stream) for stream, runs in zip(streams, fetched, strict=True) if not runs]
    return (*results, *gone)


async def replay_everything(
    access: Access, *, processes: int = PROCESSES, progress: Progress | None = None
) -> tuple[Replayed, ...]:
    """Replay every run that the engine still has, some hundreds at a time; also what records nothing, such as the
    status reporter. A process of a ledger that the engine does not know is `not_replayed`.
    """
    runs = await _every_run(access)
    results: list[Replayed] = []
    for first in range(0, len(runs), REPLAYED_AT_ONCE):
        fetched = await side_by_side(_run_of(access, *run) for run in runs[first : first + REPLAYED_AT_ONCE])

        def told(done: int, _of: int, before: int = first) -> None:
            if progress is not None:
                progress(before + done, len(runs))

        there = [one for one in fetched if one is not None]
        results += await replay_all(there, ENTRY, overlays=access.folder.policy, processes=processes, progress=told)
    known = {stream for stream, _ in runs}
    for namespace in access.namespaces():
        results += [_gone(stream) async for stream in (await access.reader(namespace)).streams() if stream not in known]
    return tuple(results)


async def _every_run(access: Access) -> tuple[tuple[str, str], ...]:
    """The process and the run of every execution that the engine lists."""
    found: list[tuple[str, str]] = []
    for namespace in access.namespaces():
        client = await access.client.engine(namespace)
        found += [(execution.id, execution.run_id) async for execution in client.list_workflows()]
    return tuple(found)


async def _run_of(access: Access, stream: str, run: str) -> FetchedHistory | None:
    return await history_of_run(await access.client.engine(namespace_of(stream)), stream, run)


async def side_by_side(work: Iterable[Coroutine[Any, Any, Result]]) -> tuple[Result, ...]:
    """All at once. When one fails, the others are ended before its error goes on."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _gone(stream: StreamId) -> Replayed:
    return Replayed(stream=stream, run="none", events=0, verdict="not_replayed", reason="no history of it is left")
