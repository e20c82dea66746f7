"""Verifies the ledgers of the running stack, a long one part by part in several processes at once. Only reads."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

from nom.activities.db import open_pool
from nom.activities.reader import LedgerReader
from nom.audit.chains import ChainsVerified, together, verify_chains
from nom.audit.trees import OutsideCheckpoint
from nom.audit.verify import Verified, verify, verify_places, verify_signed
from nom.console.access import Access
from nom.console.cores import in_order, process_pool
from nom.console.proof import side_by_side
from nom.console.scenario.runner import require_served
from nom.contracts.base import canonical_bytes
from nom.contracts.note import Verifier
from nom.contracts.services import NCA, ForceStatus
from nom.workers.local.stack import reader_dsn

RECORDS_AT_ONCE: Final = 20_000
"""Records of a part. A ledger that is no longer is looked at in this process: starting another would take longer."""
PROCESSES: Final = min(8, os.cpu_count() or 1)
"""By default as many as there are cores, and no more than leave the database some connections."""

LedgerProgress = Callable[[str, int], None]
"""Told which ledger, and how many of its records have been looked at."""


async def verify_ledgers(
    access: Access,
    namespaces: Sequence[str],
    progress: LedgerProgress | None = None,
    outside: Sequence[OutsideCheckpoint] = (),
    keys: Mapping[str, Verifier] | None = None,
    *,
    processes: int = PROCESSES,
) -> tuple[Verified, ...]:
    """Verify the ledgers of these namespaces, side by side: chains, positions, trees and seals.

    Checkpoints are compared with those given, and with those that the National Crime Agency was told. `keys` are the
    ledgers' public keys, by default those that the stack wrote down. Raises `ForceNotServed` before anything is read.
    """
    require_served(access, *namespaces)
    known = access.verifiers() if keys is None else keys
    kept = (*outside, *await _kept_by_the_nca(access))

    async def one(namespace: str, pool: Executor) -> Verified:
        def report(records: int) -> None:
            if progress is not None:
                progress(namespace, records)

        reader = await access.reader(namespace)
        parts = [part async for part in reader.parts(RECORDS_AT_ONCE)]
        if len(parts) > 1:
            dsn = reader_dsn(access.folder, namespace)
            found = await verify_places(namespace, reader, await verify_parts(dsn, parts, pool, processes, report))
        else:
            found = await verify(namespace, reader, report)
        if namespace not in known:
            return found
        trees, seals = await access.trees(namespace), await access.seals(namespace)
        return await verify_signed(found, trees, seals, known[namespace], kept)

    with process_pool(processes) as pool:
        return await side_by_side(one(namespace, pool) for namespace in namespaces)


async def verify_parts(
    dsn: str,
    parts: Sequence[tuple[str, str | None]],
    pool: Executor,
    processes: int,
    progress: Callable[[int], None] | None = None,
) -> ChainsVerified:
    """Follow the chains of a ledger part by part, several at a time. What is found is in the order of the ledger."""
    loop, done, records = asyncio.get_running_loop(), list[ChainsVerified](), 0

    async def asked() -> AsyncIterator[asyncio.Future[ChainsVerified]]:
        for part in parts:
            yield loop.run_in_executor(pool, _verify_part, dsn, *part)

    async for found in in_order(asked(), processes):
        done.append(found)
        records += found.records
        if progress is not None:
            progress(records)
    return together(done)


def _verify_part(dsn: str, after: str, until: str | None) -> ChainsVerified:
    return asyncio.run(_verified_part(dsn, after, until))


async def _verified_part(dsn: str, after: str, until: str | None) -> ChainsVerified:
    async with await open_pool(dsn, max_size=1, name="nom-verify") as pool:
        return await verify_chains(LedgerReader(pool), after, until)


async def _kept_by_the_nca(access: Access) -> tuple[OutsideCheckpoint, ...]:
    """The checkpoints that forces reported to the national board."""
    if NCA not in access.namespaces():
        return ()
    reports = await (await access.board()).latest_board_reports()
    statuses = [ForceStatus.model_validate_json(canonical_bytes(report.report)) for report in reports]
    return tuple(OutsideCheckpoint(note=note, kept_by="the NCA") for status in statuses for note in status.checkpoints)
