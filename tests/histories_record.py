"""Adds to the corpus of histories: `python -m tests.histories_record [--out FOLDER]`.

Runs the bundled scenarios on a real stack of its own, keeps the history of every run of every process, replays them all
strictly and, only if every one agrees, writes them into a new folder. What was kept earlier is never touched: a later
version of the code must still be able to replay it.
"""

import argparse
import asyncio
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from temporalio.client import Client
from temporalio.worker import WorkflowRunner

from nom.audit.replay import FetchedHistory, Replayed, histories_of, replay_all
from nom.audit.strict.expectation import NotBegun, expectation_of
from nom.audit.strict.stored import HistorySidecar, store
from nom.console.access import Access
from nom.console.scenario.loading import bundled
from nom.console.scenario.runner import give_scenario
from nom.contracts.envelope import PolicyRef
from nom.contracts.ids import namespace_of
from nom.contracts.refusals import NotedRefusal
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack
from nom.workers.logs import log_for_people
from nom.workers.noting import NotingRunner
from nom.workers.replayer import ENTRY
from nom.workers.settings import WorkerSettings
from nom.workers.worker import RunningWorker
from tests.conftest_stack import short_folder

HISTORIES: Final = Path(__file__).parent / "histories"
EVENTS_OF_A_RUN: Final = 60
"""When the engine suggests to continue as new: early, so that the corpus has runs that did."""

Noted = dict[tuple[str, str], list[NotedRefusal]]


class Run(NamedTuple):
    """One run to keep: which of how many, and under which policy its process was opened."""

    fetched: FetchedHistory
    number: int
    runs: int
    policy: PolicyRef | None


class RecordingWorker(RunningWorker):
    """A worker whose refusals are noted here as well as in its ledger, so that none is lost on the way."""

    def __init__(self, settings: WorkerSettings, noted: Noted) -> None:
        super().__init__(settings)
        self._noted = noted

    def runner(self) -> WorkflowRunner:
        """As the worker's own, listened to."""
        return NotingRunner(super().runner(), self._note)

    def _note(self, stream: str, run: str, refusal: NotedRefusal) -> None:
        if not refusal.accepted:
            self._noted.setdefault((stream, run), []).append(refusal)


async def recorded() -> list[Run]:
    """Give every bundled scenario on a stack of its own and fetch what it left in the engine."""
    scenarios = bundled()
    forces = sorted({force for scenario in scenarios for force in scenario.forces})
    noted: Noted = {}
    dynamic = {"limit.historyCount.suggestContinueAsNew": EVENTS_OF_A_RUN}
    with short_folder() as path:
        async with AsyncExitStack() as exits:
            stack = Stack(DataFolder(path), forces, workers=False, dynamic_config=dynamic)
            await exits.enter_async_context(stack)
            for namespace in stack.namespaces:
                await exits.enter_async_context(RecordingWorker(stack.worker_settings(namespace), noted))
            access = await exits.enter_async_context(Access(stack.folder))
            for scenario in scenarios:
                await give_scenario(scenario, access)
            runs = [run for namespace in stack.namespaces for run in await _runs_in(namespace, access)]
    return [_with_refusals(run, noted) for run in runs]


async def _runs_in(namespace: str, access: Access) -> list[Run]:
    client: Client = await access.client.engine(namespace)
    streams = sorted({execution.id async for execution in client.list_workflows()})
    runs: list[Run] = []
    for stream in streams:
        fetched = tuple(reversed(await histories_of(client, stream)))
        begun = [one for one in fetched if _has_begun(one)]
        policy = await _policy_of(access, stream)
        runs += [Run(one, number, len(begun), policy) for number, one in enumerate(begun, start=1)]
    return runs


def _has_begun(fetched: FetchedHistory) -> bool:
    try:
        expectation_of(fetched.history.events)
    except NotBegun:
        return False
    return True


async def _policy_of(access: Access, stream: str) -> PolicyRef | None:
    async for stored in (await access.reader(namespace_of(stream))).stream(stream):
        return stored.record.policy
    return None


def _with_refusals(run: Run, noted: Noted) -> Run:
    refusals = tuple(noted.get((run.fetched.stream, run.fetched.run), ()))
    return run._replace(fetched=run.fetched._replace(refusals=refusals))


def keep(folder: Path, runs: Sequence[Run], at: datetime) -> None:
    """Write the runs into a new folder. Raises `FileExistsError` where there is one of that name."""
    folder.mkdir(parents=True)
    for run in runs:
        laid = expectation_of(run.fetched.history.events)
        name = f"{run.fetched.stream.replace('/', '.')}.run-{run.number}"
        sidecar = HistorySidecar(
            stream=run.fetched.stream,
            workflow_type=laid.started.workflow_type.name,
            run=run.fetched.run,
            number=run.number,
            runs=run.runs,
            events=laid.events,
            closed=laid.closed,
            recorded_at=at,
            code=version("nom-engine"),
            sdk=version("temporalio"),
            policy=run.policy,
            sha256="0" * 64,
            refusals=run.fetched.refusals,
        )
        store(folder, name, run.fetched.history, sidecar)


def main() -> None:
    """Record, replay, keep; 1 if one of them does not replay."""
    parser = argparse.ArgumentParser(prog="python -m tests.histories_record", description=__doc__)
    parser.add_argument("--out", type=Path, default=HISTORIES, help="where the new folder is made")
    out: Path = parser.parse_args().out
    log_for_people()
    code = 1
    try:
        code = asyncio.run(_record(out))
    except Exception:  # noqa: BLE001 - the process ends here, and whoever started it must be able to read why
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    # An ordinary exit of the interpreter can crash in the engine's client.
    os._exit(code)


async def _record(out: Path) -> int:
    at = datetime.now(UTC)
    runs = await recorded()
    results: tuple[Replayed, ...] = await replay_all([run.fetched for run in runs], ENTRY)
    parted = [result for result in results if not result.agrees]
    for result in parted:
        sys.stderr.write(f"{result.stream}: {result.verdict}: {result.reason}\n")
    if parted:
        sys.stderr.write(f"{len(parted)} of {len(runs)} histories do not replay: nothing was kept\n")
        return 1
    folder = out / f"{version('nom-engine')}-{at:%Y%m%dT%H%M%SZ}"
    keep(folder, runs, at)
    refusals = sum(len(run.fetched.refusals) for run in runs)
    events = sum(len(run.fetched.history.events) for run in runs)
    sys.stdout.write(f"{len(runs)} histories, {events} events and {refusals} refusals kept in {folder}\n")
    return 0


if __name__ == "__main__":
    main()
