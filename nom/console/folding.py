"""Folds processes again from their ledgers and compares them with the running ones, side by side. Only reads."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from nom.activities.errors import LedgerUnreadable
from nom.audit.folding import FoldedAgain, fold_again, not_folded
from nom.console.access import Access
from nom.console.client import Refused
from nom.console.proof import side_by_side, streams_of_matter
from nom.console.scenario.runner import require_served
from nom.contracts.ids import CaseId, StreamId, namespace_of
from nom.contracts.run import StateView

AT_ONCE: Final = 8

Progress = Callable[[int, int], None]
"""Told how many of how many processes have been folded."""


async def fold_ledgers(
    access: Access, namespaces: Sequence[str], progress: Progress | None = None
) -> tuple[FoldedAgain, ...]:
    """Every process of these namespaces. Raises `ForceNotServed`, and what engine and ledgers raise when away."""
    require_served(access, *namespaces)
    streams: list[StreamId] = []
    for namespace in namespaces:
        streams += [stream async for stream in (await access.reader(namespace)).streams()]
    return await _fold(access, streams, progress)


async def fold_matter(access: Access, matter: CaseId, progress: Progress | None = None) -> tuple[FoldedAgain, ...]:
    """The processes of a case and of its group. Raises `NoSuchCase` and `ForceNotServed`."""
    return await _fold(access, await streams_of_matter(access, matter), progress)


async def _fold(access: Access, streams: Sequence[StreamId], progress: Progress | None) -> tuple[FoldedAgain, ...]:
    place, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(stream: StreamId) -> FoldedAgain:
        nonlocal done
        async with place:
            folded = await _folded(access, stream)
        done += 1
        if progress is not None:
            progress(done, len(streams))
        return folded

    return await side_by_side(one(stream) for stream in streams)


async def _folded(access: Access, stream: StreamId) -> FoldedAgain:
    # The process first: what it holds then, the ledger must hold afterwards.
    view = await _view(access, stream)
    reader = await access.reader(namespace_of(stream))
    try:
        stored = [item async for item in reader.stream(stream)]
    except LedgerUnreadable as unreadable:
        return not_folded(stream, unreadable.seq)
    return fold_again(stream, view, stored)


async def _view(access: Access, stream: StreamId) -> StateView | None:
    """What the process holds; None where the engine does not have it (any more)."""
    try:
        return await access.client.state(stream)
    except Refused:
        return None
