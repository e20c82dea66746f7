"""Reconciles ledgers with the engine and with each other, over the running stack. Only reads."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from nom.audit.reconcile import HandOffLook, HandOffsReconciled, StreamReconciled, reconcile_process
from nom.console.access import Access
from nom.console.proof import streams_of_matter
from nom.console.scenario.runner import require_served
from nom.contracts.ids import StreamId, namespace_of

AT_ONCE: Final = 8
SETTLING_LOOKS: Final = 5
SECONDS_BETWEEN_LOOKS: Final = 0.5

Progress = Callable[[int, int], None]
"""Told how many of how many processes have been reconciled."""


class Reconciled(NamedTuple):
    """Every process that was looked at, and the hand-offs between them."""

    streams: tuple[StreamReconciled, ...]
    hand_offs: HandOffsReconciled

    @property
    def agrees(self) -> bool:
        """Whether no account differs from another."""
        return not self.hand_offs.disagreements and not any(one.disagreements for one in self.streams)


async def reconcile_all(access: Access, namespaces: Sequence[str], progress: Progress | None = None) -> Reconciled:
    """Every process of these namespaces. Raises `ForceNotServed`, and what engine and ledgers raise when away."""
    require_served(access, *namespaces)
    streams: list[StreamId] = []
    for namespace in namespaces:
        streams += [stream async for stream in (await access.reader(namespace)).streams()]
    every = set(namespaces) == set(access.namespaces())
    return await _reconcile(access, streams, progress, every_ledger=every)


async def reconcile_matter(access: Access, matter: str, progress: Progress | None = None) -> Reconciled:
    """The processes of a case and of its group. Raises `NoSuchCase` and `ForceNotServed`."""
    streams = await streams_of_matter(access, matter)
    return await _reconcile(access, streams, progress, every_ledger=False)


async def _reconcile(
    access: Access, streams: Sequence[StreamId], progress: Progress | None, *, every_ledger: bool
) -> Reconciled:
    place, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(stream: StreamId) -> StreamReconciled:
        nonlocal done
        async with place:
            result = await _settled(access, stream)
        done += 1
        if progress is not None:
            progress(done, len(streams))
        return result

    results = await asyncio.gather(*(one(stream) for stream in streams))
    look = HandOffLook()
    for stream in streams:
        async for stored in (await access.reader(namespace_of(stream))).stream(stream):
            look.take(stored.record)
    return Reconciled(tuple(results), look.result(every_ledger=every_ledger))


async def _settled(access: Access, stream: StreamId) -> StreamReconciled:
    """A process as soon as its history has caught up with its ledger, or as it is after a few looks."""
    namespace = namespace_of(stream)
    client, seals = await access.client.engine(namespace), await access.seals(namespace)
    reader = await access.reader(namespace)
    result = await reconcile_process(client, seals, reader, stream)
    for _ in range(SETTLING_LOOKS):
        if not result.in_flight:
            break
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        result = await reconcile_process(client, seals, reader, stream)
    return result
