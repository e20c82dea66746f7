"""What a replaying subprocess does: reads its shard, replays it strictly, writes what came of each history.

The process ends with it (`replay_and_exit`): nothing else may run after a replayer.
"""

import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from pydantic import ValidationError
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import History
from temporalio.plugin import SimplePlugin

from nom.audit.replay import RESULTS_FILE, SHARD_FILE, Replayed, ReplayTask, Shard
from nom.audit.strict.refusals import same_code
from nom.audit.strict.replayer import Found, Replay, StrictReplayer
from nom.contracts.errors import Refusal
from nom.contracts.ids import namespace_of
from nom.contracts.policy.loader import use_overlays
from nom.workflows.operating_model import workflows_of

MESSAGE_AT_MOST = 500

Workflows = Callable[[str], Sequence[type]]
"""The workflow types of a namespace."""


def replay_and_exit(place: Path, plugin: Callable[[], SimplePlugin], workflows: Workflows = workflows_of) -> None:
    """Replay the shard in a folder and end this process: 0 when every history was tried, 1 when that broke off. Each
    result is written as soon as it is there, so that what comes after a history that hangs is all that is lost.
    """
    code = 1
    try:
        shard = Shard.model_validate_json(Path(place, SHARD_FILE).read_bytes())
        if shard.overlays is not None:
            use_overlays(Path(shard.overlays))
        asyncio.run(_replay(place, shard, plugin, workflows))
        code = 0
    except Exception:  # noqa: BLE001 - the process ends here, and whoever started it must be able to read why
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        # An ordinary exit of the interpreter can crash in the engine's library.
        os._exit(code)


def same_refusal(recorded: Failure, given: Failure) -> bool:
    """Whether a refusal is still the same: its code, and which conditions were not met. Its words may be improved."""
    if not same_code(recorded, given):
        return False
    before, after = _unmet(recorded), _unmet(given)
    return before == after


def judged(task: ReplayTask, found: Found) -> Replayed:
    """The verdict on one history, and its reason in words."""
    compared, failure = found
    reason = None if failure is None else f"{type(failure).__name__}: {failure}"[:MESSAGE_AT_MOST]
    verdict = "replayed" if reason is None else "failed"
    if compared.undecodable:
        verdict, reason = "failed", "; ".join(compared.undecodable)[:MESSAGE_AT_MOST]
    if compared.differences:
        verdict, reason = "differs", compared.differences[0].in_words()
    if compared.torn is not None:
        verdict, reason = "torn", compared.torn
    if not compared.begun:
        verdict, reason = "not_begun", "no workflow task was scheduled yet"
    return Replayed(
        stream=task.stream, run=task.run, events=task.events, verdict=verdict, reason=reason, compared=compared
    )


async def _replay(place: Path, shard: Shard, plugin: Callable[[], SimplePlugin], workflows: Workflows) -> None:
    with Path(place, RESULTS_FILE).open("ab") as results:  # noqa: ASYNC230 - nothing else runs in this loop
        for namespace, group in groupby(shard.tasks, key=lambda task: namespace_of(task.stream)):
            tasks = tuple(group)
            replayer = StrictReplayer(namespace, workflows(namespace), plugin(), same_refusal)
            waiting = iter(tasks)
            async for found in replayer.replay(_histories(place, tasks)):
                results.write(judged(next(waiting), found).canonical() + b"\n")
                results.flush()


def _histories(place: Path, tasks: Sequence[ReplayTask]) -> Iterator[Replay]:
    for task in tasks:
        history = History.FromString(Path(place, task.file).read_bytes())
        yield Replay(task.stream, list(history.events), task.refusals)


def _unmet(failure: Failure) -> frozenset[str] | None:
    details = failure.application_failure_info.details.payloads
    try:
        refusal = Refusal.model_validate_json(details[0].data) if details else None
    except ValidationError:
        return None
    return None if refusal is None else frozenset(unmet.label() for unmet in refusal.unmet)
