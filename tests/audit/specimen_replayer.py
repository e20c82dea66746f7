"""The entry point of a subprocess that replays specimens, each under one change of their code: by the SDK's replayer
alone, and strictly. Takes a folder.
"""

import asyncio
import logging
import os
import sys
import traceback
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.plugin import SimplePlugin
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from nom.audit.replay import Replayed, ReplayTask
from nom.audit.replaying import judged, same_refusal
from nom.audit.strict.replayer import Replay, StrictReplayer
from nom.contracts.base import Contract
from nom.workers.plugin import nom_plugin
from tests.audit import specimens

TRIALS = "trials.json"
OUTCOMES = "outcomes.jsonl"


class Trial(Contract):
    """One history under one change."""

    change: str
    task: ReplayTask
    coded: bool = False


class Trials(Contract):
    """Everything that is tried in one process."""

    trials: tuple[Trial, ...]


class Outcome(Contract):
    """What the SDK's replayer says, if it says anything, and what the strict one found."""

    change: str
    sdk: str | None
    strict: Replayed


def _history(place: Path, trial: Trial) -> History:
    specimens.changed = trial.change
    return History.FromString(Path(place, trial.task.file).read_bytes())


async def _by_the_sdk(place: Path, trials: Sequence[Trial]) -> list[str | None]:
    replayer = Replayer(
        workflows=list(specimens.SPECIMENS), workflow_runner=UnsandboxedWorkflowRunner(), namespace="gmp",
        build_id="specimens", plugins=[nom_plugin()], debug_mode=True,
    )  # fmt: skip

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for trial in trials:
            yield WorkflowHistory(workflow_id=trial.task.stream, events=list(_history(place, trial).events))

    async with replayer.workflow_replay_iterator(histories()) as results:
        return [None if one.replay_failure is None else str(one.replay_failure)[:200] async for one in results]


async def _strictly(place: Path, trials: Sequence[Trial]) -> list[Replayed]:
    def replays() -> Iterator[Replay]:
        for trial in trials:
            yield Replay(trial.task.stream, list(_history(place, trial).events), trial.task.refusals)

    coded = SimplePlugin("coded", data_converter=replace(pydantic_data_converter, payload_codec=specimens.Backwards()))
    plugin = coded if trials and trials[0].coded else nom_plugin()
    replayer = StrictReplayer("gmp", specimens.SPECIMENS, plugin, same_refusal)
    waiting = iter(trials)
    return [judged(next(waiting).task, found) async for found in replayer.replay(replays())]


async def _all(place: Path) -> None:
    everything = Trials.model_validate_json((place / TRIALS).read_bytes()).trials
    trials = tuple(trial for trial in everything if not trial.coded)
    strict = await _strictly(place, trials)
    # What is torn would keep the SDK's replayer waiting, and what is coded it is not told to decode.
    whole = [trial for trial, found in zip(trials, strict, strict=True) if found.verdict not in {"torn", "not_begun"}]
    by_sdk = dict(zip(map(id, whole), await _by_the_sdk(place, whole), strict=True))
    said = [by_sdk.get(id(trial)) for trial in trials]
    coded = tuple(trial for trial in everything if trial.coded)
    strict += await _strictly(place, coded)
    trials, said = (*trials, *coded), [*said, *(None for _ in coded)]
    with (place / OUTCOMES).open("wb") as out:
        for trial, sdk, found in zip(trials, said, strict, strict=True):
            out.write(Outcome(change=trial.change, sdk=sdk, strict=found).canonical() + b"\n")


def main() -> None:
    """Try everything and end."""
    # Quiet, but not disabled: strict replay listens for the signals that the SDK drops.
    logging.basicConfig(handlers=[logging.NullHandler()])
    code = 1
    try:
        asyncio.run(_all(Path(sys.argv[1])))
        code = 0
    except Exception:  # noqa: BLE001 - the process ends here, and the test must be able to read why
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
