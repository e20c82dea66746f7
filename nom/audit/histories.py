"""The engine's histories of a process, every run of it: from the engine while it has them, else from the seals.

Only reads. What a history says is judged elsewhere.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from nom.activities.sealer import STATUS_REPORTER
from nom.activities.seals import Seal, SealStore
from nom.contracts.ids import StreamId

_HAS_IT_NOT: Final = (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT)
"""The second for an id that no engine gives, such as an altered seal may hold."""


class SealBroken(Exception):
    """A sealed history is not what was sealed: nothing is concluded from it. `nom audit verify` says more."""

    code: Final = "seal_broken"


class Lost(NamedTuple):
    """A run that the engine has forgotten and no seal gives, and why."""

    stream: StreamId
    run_id: str
    words: str


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


async def runs_or_lost(
    client: Client, seals: SealStore, stream: StreamId, listed: Sequence[str] = ()
) -> tuple[Run | Lost, ...]:
    """As `runs_of`, with what can't be had named in its place: nothing raises `SealBroken`. `listed` are the runs that
    the engine has listed; without them, the newest is followed back.

    A run that another names as the one before or after it, and that nobody has, is among what is lost.
    """
    asked = [(run_id, await engine_run(client, stream, run_id)) for run_id in listed]
    running = [run for _, run in asked if run] if listed else list(await engine_runs(client, stream))
    parts = _by_run(await seals.of_workflow(stream))
    known = {run.run_id for run in running}
    sealed = [_joined_or_lost(stream, run_id, parts[run_id]) for run_id in reversed(parts) if run_id not in known]
    # Not lost if the engine has it: one that was begun since, or a reset, which the engine knows under two ids.
    kept = [run for run in sealed if isinstance(run, Run) or await engine_run(client, stream, run.run_id) is None]
    found: list[Run | Lost] = [*running, *kept]
    for run_id in (*(run_id for run_id, _ in asked), *_linked(found)):
        if run_id not in {run.run_id for run in found}:
            lost = Lost(stream, run_id, "the engine has forgotten it, and it was not sealed")
            found.append(await engine_run(client, stream, run_id) or lost)
    return tuple(found)


def _linked(found: Sequence[Run | Lost]) -> tuple[str, ...]:
    """The runs that these name as those before and after them, but for a status reporter, whose runs are not sealed."""
    linked: dict[str, None] = {}
    for run in (run for run in found if isinstance(run, Run)):
        began = run.events[0].workflow_execution_started_event_attributes
        if began.workflow_type.name != STATUS_REPORTER:
            after = run.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
            linked |= dict.fromkeys(run_id for run_id in (began.continued_execution_run_id, after) if run_id)
    return tuple(linked)


async def engine_run(client: Client, stream: StreamId, run_id: str) -> Run | None:
    """One run as the engine has it; None where it has it no more. Raises the client's `RPCError`."""
    try:
        fetched = await client.get_workflow_handle(stream, run_id=run_id).fetch_history()
    except RPCError as error:
        if error.status in _HAS_IT_NOT:
            return None
        raise
    return Run(stream, run_id, fetched.events, _has_ended(fetched.events[-1]), "engine")


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
    return tuple(_joined(stream, run_id, parts) for run_id, parts in _by_run(seals).items())


def _by_run(seals: Sequence[Seal]) -> dict[str, list[Seal]]:
    parts: dict[str, list[Seal]] = {}
    for seal in seals:
        parts.setdefault(seal.statement.run_id, []).append(seal)
    return parts


def _joined_or_lost(stream: StreamId, run_id: str, parts: Sequence[Seal]) -> Run | Lost:
    try:
        run = _joined(stream, run_id, parts)
    except SealBroken as broken:
        return Lost(stream, run_id, str(broken))
    if run.is_whole:
        return run
    last = parts[-1].statement.last_event
    return Lost(stream, run_id, f"the engine has forgotten it, and its seals break off after event {last}")


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
