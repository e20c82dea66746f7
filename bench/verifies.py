"""(f) What it costs to verify a ledger, beside reading the same rows from the same database and hashing them bare.

The ledger is filled with synthetic cases over and over, each time as another case and sealed anew, so that every
chain, position, checkpoint and signature is one that holds. Then its database is read by both in turns.
"""

import hashlib
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any, Final, NamedTuple

import asyncpg

from bench.database import COLUMNS
from bench.matters import FORCE
from bench.results import Result, compared, rotated
from bench.whatifs import recorded
from nom.activities.checkpoints import CheckpointPublisher
from nom.activities.db import Pool, open_pool
from nom.activities.reader import PAGE, LedgerReader
from nom.activities.rows import STORED_COLUMNS, entry_of
from nom.activities.seals import SealStore
from nom.activities.sequencer import Sequencer
from nom.activities.trees import TreeReader
from nom.audit.verify import Verified, verify, verify_places, verify_signed
from nom.console.cores import process_pool
from nom.console.verifying import PROCESSES, RECORDS_AT_ONCE, verify_parts
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import event_id
from nom.contracts.note import Signer

MADE_UP_CASES: Final = 24
RECORDS_OF_A_CHECKPOINT: Final = 2_000
_COPIED: Final = (*COLUMNS.split(", "), "recorded_at", "asked")
_ROWS: Final = (
    f"SELECT {STORED_COLUMNS} FROM ledger.record r LEFT JOIN ledger.position p USING (event_id) "  # noqa: S608 - constants alone
    "WHERE (r.stream, r.seq) > ($1, $2) ORDER BY r.stream, r.seq LIMIT $3"
)
_HASHED: Final = (
    "payload",
    "asked",
    "reason",
    "command_digest",
    "policy_digest",
    "payload_digest",
    "previous",
    "digest",
)


class Effort(NamedTuple):
    """How many records there are, and how often they are verified."""

    records: int
    rounds: int


FULL = Effort(records=100_000, rounds=3)
QUICK = Effort(records=500, rounds=1)


class NotVerified(RuntimeError):
    """The ledger that was made does not hold: what was measured is not what was meant."""


class Dsns(NamedTuple):
    """The three logins that are needed: who may fill the table, the force's worker, and its reader."""

    admin: str
    worker: str
    reader: str


async def measure(dsns: Dsns, signer: Signer, effort: Effort) -> list[Result]:
    """`nom audit verify` of one ledger beside the bare reading. Raises `NotVerified`."""
    await _fill(dsns, signer, effort.records)
    jobs: dict[str, Callable[[Pool], Awaitable[int]]] = {
        "one": lambda pool: _verified(pool, signer),
        "several": lambda pool: _verified_by_several(pool, signer, dsns.reader),
        "read": _read_and_hashed,
    }
    taken: dict[str, list[float]] = {f"{job}{what}": [] for job in jobs for what in ("", " cpu")}
    async with await open_pool(dsns.reader, max_size=1) as pool:
        for number in range(effort.rounds):
            for job in rotated(tuple(jobs), number):
                begun, processor = time.perf_counter(), time.process_time()
                records = await jobs[job](pool)
                taken[job].append(records / (time.perf_counter() - begun))
                taken[f"{job} cpu"].append(1e6 * (time.process_time() - processor) / records)
    what = f"f verify ÷ reading and hashing, {effort.records:,} records"
    return [
        compared(f"{what}, in one process", "records/s", taken["one"], taken["read"]),
        compared(f"{what}, processor of one", "µs/record", taken["one cpu"], taken["read cpu"]),
        compared(f"{what}, in {PROCESSES} and this one", "records/s", taken["several"], taken["read"]),
    ]


async def _verified(pool: Pool, signer: Signer) -> int:
    return await _signed(await verify(FORCE, LedgerReader(pool)), pool, signer)


async def _verified_by_several(pool: Pool, signer: Signer, dsn: str) -> int:
    """As `nom audit verify` does it, the start of its processes included."""
    reader = LedgerReader(pool)
    parts = [part async for part in reader.parts(RECORDS_AT_ONCE)]
    with process_pool(PROCESSES) as executor:
        chains = await verify_parts(dsn, parts, executor, PROCESSES)
        return await _signed(await verify_places(FORCE, reader, chains), pool, signer)


async def _signed(found: Verified, pool: Pool, signer: Signer) -> int:
    found = await verify_signed(found, TreeReader(pool), SealStore(pool), signer.verifier)
    if not found.holds or not found.trees or found.trees[0].covered != found.records:
        raise NotVerified(NotVerified.__doc__)
    return found.records


async def _read_and_hashed(pool: Pool) -> int:
    """Every column of every row, in the same order and as many at a time; one SHA-256 of its bytes."""
    records, last = 0, ("", 0)
    while rows := await pool.fetch(_ROWS, *last, PAGE):
        for row in rows:
            hashlib.sha256(b"".join(row[name] or b"" for name in _HASHED)).digest()
        records += len(rows)
        last = (rows[-1]["stream"], rows[-1]["seq"])
    return records


async def _fill(dsns: Dsns, signer: Signer, records: int) -> None:
    """Copy records into the ledger, have them sequenced and signed on the way."""
    rows = islice(_rows(), records)
    async with AsyncExitStack() as exits:
        pool = await exits.enter_async_context(await open_pool(dsns.worker, max_size=2))
        admin = await asyncpg.connect(dsns.admin)
        exits.push_async_callback(admin.close)
        sequencer, publisher = Sequencer(pool), CheckpointPublisher(pool, signer, FORCE)
        for done in count(RECORDS_OF_A_CHECKPOINT, RECORDS_OF_A_CHECKPOINT):
            some = list(islice(rows, RECORDS_OF_A_CHECKPOINT))
            if not some:
                break
            await admin.copy_records_to_table("record", schema_name="ledger", columns=_COPIED, records=some)
            while await sequencer.run_once():
                pass
            await publisher.run_once()
            if done % 100_000 == 0:
                print(f"filled {done:,} records", file=sys.stderr, flush=True)
        for table in ("record", "position"):
            await admin.execute(f"VACUUM ANALYZE ledger.{table}")


def _rows() -> Iterator[tuple[Any, ...]]:
    """Rows of the ledger without end: the made-up cases of the force again and again, each time as other cases."""
    cases = {stream: stored for stream, stored in recorded(MADE_UP_CASES).items() if stream.startswith(f"{FORCE}/")}
    for copy in count():
        for stream, stored in cases.items():
            force, matter, process = stream.split("/")
            yield from _sealed_again(f"{force}/{matter}-{copy}/{process}", stored)


def _sealed_again(stream: str, stored: Sequence[StoredRecord]) -> Iterator[tuple[Any, ...]]:
    """The rows of a process as those of another. What was asked stays as it was: only its digest is looked at."""
    now, previous = datetime.now(UTC), None
    for item in stored:
        record = item.record.model_copy(
            update={"stream": stream, "event_id": event_id(stream, item.record.seq), "previous": previous}
        )
        record = record.model_copy(update={"digest": record.computed_digest()})
        previous = record.digest
        asked = None if item.asked is None else item.asked.encode("utf-8")
        yield (*entry_of(record), stream, now, asked)
