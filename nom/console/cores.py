"""Work that is shared among processes of this machine, and its answers in the order in which they were asked for."""

import asyncio
import multiprocessing
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

AHEAD: Final = 2
"""Answers for each process that are asked for before the first has come: memory stays bounded."""

Answer = TypeVar("Answer")


@contextmanager
def process_pool(
    processes: int, prepare: Callable[..., None] | None = None, *given: object
) -> Generator[ProcessPoolExecutor]:
    """Processes that wait for work, each made ready with `prepare`. None is started before the first work; what nobody
    has begun by the end is dropped, and each process ends with the pool.
    """
    # Spawned, not forked: this process has threads, which a fork would leave behind in the middle of something.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(prepare, given))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


async def in_order(asked: AsyncIterator["asyncio.Future[Answer]"], processes: int) -> AsyncIterator[Answer]:
    """The answers, with a few asked for ahead of the one that is awaited."""
    ahead: deque[asyncio.Future[Answer]] = deque()
    async for answer in asked:
        ahead.append(answer)
        if len(ahead) > AHEAD * processes:
            yield await ahead.popleft()
    while ahead:
        yield await ahead.popleft()


def _begin(prepare: Callable[..., None] | None, given: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Whoever started it ends it.
    if prepare is not None:
        prepare(*given)
