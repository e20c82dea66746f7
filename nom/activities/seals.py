"""Sealed histories: the engine's events of a run, kept in the ledger so that they outlive the engine's retention.

Owns writing and reading seals. A run is sealed in parts that follow each other; the last says how the run ended.
Nothing here judges a history: that is replay's.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import structlog
import zstandard
from temporalio import activity
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import Client

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LedgerError
from nom.activities.names import SEAL_SO_FAR
from nom.activities.rows import Row
from nom.contracts.base import Contract, Instant, sha256_hex
from nom.contracts.seals import RunStatus, SealStatement

_TASK_DONE: Final = "workflow_task_completed_event_attributes"
LARGEST_PART: Final = 512 * 1024 * 1024
"""Bytes that a part may have when it is unpacked. A larger one is not what was sealed by us."""

_ADD: Final = "SELECT added FROM ledger.add_seal($1, $2, $3, $4, $5, $6, $7, $8)"
_SEALED: Final = """
SELECT coalesce(max(last_event), 0) AS last_event, bool_or(status <> 'running') IS TRUE AS ended
  FROM ledger.seal WHERE workflow_id = $1 AND run_id = $2
"""
_ENDED: Final = "SELECT run_id FROM ledger.seal WHERE run_id = ANY($1) AND status <> 'running'"
_COLUMNS: Final = (
    "number, workflow_id, run_id, first_event, last_event, status, history_digest, digest, sealed_at, history"
)
_ALL: Final = f"SELECT {_COLUMNS} FROM ledger.seal WHERE number > $1 ORDER BY number LIMIT 20"  # noqa: S608 - constants alone
_OF_WORKFLOW: Final = f"SELECT {_COLUMNS} FROM ledger.seal WHERE workflow_id = $1 ORDER BY number"  # noqa: S608 - as above
_PROCESSES: Final = """
SELECT DISTINCT workflow_id FROM ledger.seal WHERE workflow_id > $1 ORDER BY workflow_id LIMIT 1000
"""

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class Seal(Contract):
    """A seal as the ledger gives it back. `packed` is Zstandard; `digest` is what the tree's leaf holds."""

    number: int
    statement: SealStatement
    digest: str
    sealed_at: Instant
    packed: bytes

    def unpacked(self) -> bytes:
        """The serialised events. Raises `zstandard.ZstdError` when they can't be unpacked."""
        return zstandard.ZstdDecompressor().decompress(self.packed, max_output_size=LARGEST_PART)

    def fault(self) -> str | None:
        """What is wrong with the seal as it stands, None where nothing is."""
        if self.statement.fingerprint() != self.digest:
            return "its statement is not what was sealed"
        try:
            history = self.unpacked()
        except zstandard.ZstdError:
            return "its events can't be unpacked"
        return None if sha256_hex(history) == self.statement.history_digest else "its events are not what was sealed"


class SealStore:
    """One ledger's seals. Raises `LedgerUnavailable` or `LedgerNotReady` when the database does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, workflow_id: str, run_id: str, events: Sequence[HistoryEvent], status: RunStatus) -> int:
        """Seal what is not sealed yet of a run's events, which begin with the first, and say how many that was.

        If we crash before the commit nothing is sealed, after it the next call finds it done.
        """
        sealed, ended = await self._sealed(workflow_id, run_id)
        rest = events[sealed:]
        if ended or not rest:
            return 0
        history = History(events=rest).SerializeToString(deterministic=True)
        statement = SealStatement(
            workflow_id=workflow_id,
            run_id=run_id,
            first_event=sealed + 1,
            last_event=sealed + len(rest),
            status=status,
            history_digest=sha256_hex(history),
        )
        packed = zstandard.ZstdCompressor(level=9, write_checksum=True).compress(history)
        with ledger_errors():
            added = await self._pool.fetchval(_ADD, *_row(statement), packed)
        return len(rest) if added else 0

    async def ended(self, run_ids: Sequence[str]) -> frozenset[str]:
        """Those of the runs that are sealed to their end."""
        with ledger_errors():
            rows = await self._pool.fetch(_ENDED, list(run_ids))
        return frozenset(row["run_id"] for row in rows)

    async def of_workflow(self, workflow_id: str) -> tuple[Seal, ...]:
        """The seals of every run of a process, in the order in which they were made."""
        with ledger_errors():
            rows = await self._pool.fetch(_OF_WORKFLOW, workflow_id)
        return tuple(_seal_of(row) for row in rows)

    async def processes(self) -> AsyncIterator[str]:
        """Every process of which something is sealed, in alphabetical order."""
        last = ""
        while True:
            with ledger_errors():
                rows = await self._pool.fetch(_PROCESSES, last)
            if not rows:
                return
            for row in rows:
                last = row["workflow_id"]
                yield last

    async def all(self) -> AsyncIterator[Seal]:
        """Every seal, by number."""
        after = -1
        while True:
            with ledger_errors():
                rows = await self._pool.fetch(_ALL, after)
            if not rows:
                return
            for row in rows:
                yield _seal_of(row)
            after = rows[-1]["number"]

    async def _sealed(self, workflow_id: str, run_id: str) -> tuple[int, bool]:
        with ledger_errors():
            row = await self._pool.fetchrow(_SEALED, workflow_id, run_id)
        return (int(row["last_event"]), bool(row["ended"])) if row else (0, False)


class SealActivities:
    """What a process asks for before it goes on in a new run."""

    def __init__(self, client: Client, store: SealStore) -> None:
        self._client = client
        self._store = store

    @activity.defn(name=SEAL_SO_FAR)
    async def seal_so_far(self) -> None:
        """Seal the asking run's history as far as it goes. The sealer adds its last events once the run has ended."""
        info = activity.info()
        if info.workflow_id is None or info.workflow_run_id is None:
            return
        handle = self._client.get_workflow_handle(info.workflow_id, run_id=info.workflow_run_id)
        history = await handle.fetch_history()
        try:
            await self._store.add(info.workflow_id, info.workflow_run_id, _settled(history.events), "running")
        except LedgerError as error:
            # Raised without its cause, which the engine would write into the history.
            log.warning("not_sealed", stream=info.workflow_id, code=error.code)
            raise type(error)(sqlstate=error.sqlstate) from None


def _settled(events: Sequence[HistoryEvent]) -> Sequence[HistoryEvent]:
    """The events up to the last completed workflow task: those of a task under way may still be written otherwise."""
    done = [place for place, event in enumerate(events) if event.HasField(_TASK_DONE)]
    return events[: done[-1] + 1] if done else ()


def _seal_of(row: Row) -> Seal:
    statement = SealStatement(
        workflow_id=row["workflow_id"],
        run_id=row["run_id"],
        first_event=row["first_event"],
        last_event=row["last_event"],
        status=row["status"],
        history_digest=row["history_digest"].hex(),
    )
    return Seal(
        number=row["number"],
        statement=statement,
        digest=row["digest"].hex(),
        sealed_at=row["sealed_at"],
        packed=row["history"],
    )


def _row(statement: SealStatement) -> tuple[object, ...]:
    return (
        statement.workflow_id,
        statement.run_id,
        statement.first_event,
        statement.last_event,
        statement.status,
        bytes.fromhex(statement.history_digest),
        bytes.fromhex(statement.fingerprint()),
    )
