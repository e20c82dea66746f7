"""The engine's histories of a process, every run of it: from the engine while it has them, else from the seals.

Only reads. What a history says is judged elsewhere.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from nom.activities.seals import Seal, SealStore
from nom.contracts.ids import StreamId


class SealBroken(Exception):
    """A sealed history is not what was sealed: nothing is concluded from it. `nom audit verify` says more."""

    code: Final = "seal_broken"


class Run(NamedTuple):
    """One run's events, from the first on. `is_whole` tells that its end is among them, `source` whence they come."""

    stream: StreamId
    run_id: str
    events: Sequence[HistoryEvent]
    is_whole: bool
    source: Literal["engine", "seals"]


async def runs_of(client: Client, seals: SealStore, stream: StreamId) -> tuple[Run, ...]:
    """Every run of a process that can be had, the newest first; none where neither engine nor seals know of it.

    Raises the client's `RPCError` and `LedgerError` when engine or ledger does not answer, `SealBroken` for a seal that
    is not what was sealed.
    """
    running = await engine_runs(client, stream)
    known = {run.run_id for run in running}
    sealed = sealed_runs(stream, await seals.of_workflow(stream))
    return (*running, *(run for run in reversed(sealed) if run.run_id not in known))


async def engine_runs(client: Client, stream: StreamId) -> tuple[Run, ...]:
    """Every run that the engine has of a process, the newest first: runs that continued as new are followed back to the
    first. Raises the client's `RPCError` when the engine does not answer.
    """
    found: list[Run] = []
    run: str | None = None
    while True:
        try:
            fetched = await client.get_workflow_handle(stream, run_id=run).fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return tuple(found)
            raise
        started = fetched.events[0].workflow_execution_started_event_attributes
        identity = started.original_execution_run_id
        found.append(Run(stream, identity, fetched.events, _has_ended(fetched.events[-1]), "engine"))
        run = started.continued_execution_run_id
        if not run:
            return tuple(found)


def sealed_runs(stream: StreamId, seals: Sequence[Seal]) -> tuple[Run, ...]:
    """The runs that a process's seals hold, the oldest first. Raises `SealBroken`."""
    parts: dict[str, list[Seal]] = {}
    for seal in seals:
        parts.setdefault(seal.statement.run_id, []).append(seal)
    return tuple(_joined(stream, run_id, run) for run_id, run in parts.items())


def _joined(stream: StreamId, run_id: str, parts: Sequence[Seal]) -> Run:
    for part in parts:
        fault = part.fault()
        if fault is not None:
            raise SealBroken(f"the seal of {stream}, run {run_id}: {fault}")
    events = [event for part in parts for event in History.FromString(part.unpacked()).events]
    return Run(stream, run_id, events, parts[-1].statement.status != "running", "seals")


_ENDINGS = (
    "workflow_execution_completed_event_attributes",
    "workflow_execution_failed_event_attributes",
    "workflow_execution_canceled_event_attributes",
    "workflow_execution_terminated_event_attributes",
    "workflow_execution_timed_out_event_attributes",
    "workflow_execution_continued_as_new_event_attributes",
)


def _has_ended(last: HistoryEvent) -> bool:
    return any(last.HasField(ending) for ending in _ENDINGS)
