"""Asks of whole ledgers what another policy pack would have decided, in several processes of its own. Only reads."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from nom.activities.db import open_pool
from nom.activities.errors import LedgerUnreadable
from nom.activities.reader import LedgerReader
from nom.audit.whatif import Judged, Question, WhatIf, together
from nom.console.access import Access
from nom.console.cores import in_order, process_pool
from nom.console.scenario.runner import require_served
from nom.contracts.ids import StreamId
from nom.contracts.policy.loader import calendar_of, overlaid, pack_of_version, read_pack, use_overlays
from nom.contracts.policy.overlay import read_overlay
from nom.contracts.policy.pack import PolicyPack
from nom.workers.local.stack import reader_dsn
from nom.workflows.model.process import Facts

STREAMS_AT_ONCE: Final = 64
"""Processes of a ledger that one batch holds; one of them is in memory at a time."""

Progress = Callable[[int, int], None]
"""Told how many of how many processes of the ledgers have been judged."""


class TwoPacks(ValueError):
    """Two of the packs are for the same law, so that it is not clear which is meant."""

    code = "two_packs"


class PackFileMissing(ValueError):
    """There is no such file."""

    code = "file_missing"


def pack_named(name: str) -> PolicyPack:
    """A pack by its version, or out of a file that ends in `.yaml`: one that is not published yet, or an overlay.

    Raises `PolicyNotFound`, `PolicyMalformed`, `OverlayRefused` and `PackFileMissing`.
    """
    if not name.endswith(".yaml"):
        return pack_of_version(name)
    file = Path(name)
    if not file.is_file():
        raise PackFileMissing(f"there is no file {file.name}")
    lines = file.read_text(encoding="utf-8").splitlines()
    if any(line.startswith("overlay:") for line in lines):
        return overlaid(read_overlay(file))
    return read_pack(file)


def packs_with_calendars(packs: Sequence[PolicyPack]) -> tuple[Facts, ...]:
    """The packs of a question. Raises `TwoPacks`, and `PolicyNotFound` for a calendar that is not published."""
    for one, other in combinations(packs, 2):
        if _same_law(one, other):
            raise TwoPacks(f"{one.version} and {other.version} are for the same law; give one of them")
    return tuple(Facts(pack, calendar_of(pack)) for pack in packs)


def _same_law(one: PolicyPack, other: PolicyPack) -> bool:
    shared = set(one.jurisdictions) & set(other.jurisdictions)
    return one.agency == other.agency and one.force == other.force and bool(shared)


async def what_if(
    access: Access, namespaces: Sequence[str], question: Question, *, processes: int, progress: Progress | None = None
) -> Judged:
    """Ask about every process of these namespaces, in at most so many processes of this machine. In the order of the
    ledgers. Raises `ForceNotServed` before anything is read, and what the ledgers raise when they are away.
    """
    require_served(access, *namespaces)
    total = sum([(await (await access.reader(name)).counts()).streams for name in namespaces])
    loop, parts, done = asyncio.get_running_loop(), list[Judged](), 0

    with process_pool(processes, _prepare, question, access.folder.policy) as pool:

        async def asked() -> AsyncIterator[asyncio.Future[Judged]]:
            async for namespace, streams in _batches(access, namespaces):
                yield loop.run_in_executor(pool, _judge, reader_dsn(access.folder, namespace), streams)

        async for part in in_order(asked(), processes):
            parts.append(part)
            done += part.processes
            if progress is not None:
                progress(done, max(total, done))
    return together(parts)


async def _batches(access: Access, namespaces: Sequence[str]) -> AsyncIterator[tuple[str, tuple[StreamId, ...]]]:
    for namespace in namespaces:
        waiting: list[StreamId] = []
        async for stream in (await access.reader(namespace)).streams():
            waiting.append(stream)
            if len(waiting) == STREAMS_AT_ONCE:
                yield namespace, tuple(waiting)
                waiting.clear()
        if waiting:
            yield namespace, tuple(waiting)


_asked: list[WhatIf] = []
"""What a process of the pool is asked, for as long as it lives: exactly one."""


def _prepare(question: Question, overlays: Path) -> None:
    """Make a process of the pool ready: the forces' overlays may be what a process is pinned to."""
    use_overlays(overlays)
    _asked[:] = [WhatIf(question)]


def _judge(dsn: str, streams: tuple[StreamId, ...]) -> Judged:
    return asyncio.run(_judged(dsn, streams))


async def _judged(dsn: str, streams: tuple[StreamId, ...]) -> Judged:
    async with await open_pool(dsn, max_size=1, name="nom-whatif") as pool:
        reader = LedgerReader(pool)
        return together([await _of_one(reader, stream) for stream in streams])


async def _of_one(reader: LedgerReader, stream: StreamId) -> Judged:
    (whatif,) = _asked
    try:
        stored = [item async for item in reader.stream(stream)]
    except LedgerUnreadable:
        return Judged(processes=1, unread=(stream,))
    return whatif.judge(stream, stored)
