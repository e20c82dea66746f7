"""Tries histories under changes of their code, all in one subprocess, and alters histories as a forger would."""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent

from nom.audit.replay import FetchedHistory, ReplayTask
from tests.audit.specimen_replayer import OUTCOMES, TRIALS, Outcome, Trial, Trials

SECONDS = 240
A_TASK = ("workflow_task_scheduled", "workflow_task_started", "workflow_task_completed")
"""The events of a workflow task that was completed."""


class Wanted(NamedTuple):
    """A history to try under a change; the empty one is none."""

    history: FetchedHistory
    change: str = ""
    coded: bool = False


async def tried(wanted: Sequence[Wanted]) -> tuple[Outcome, ...]:
    """What comes of each, in order of uncoded and then coded ones."""
    with tempfile.TemporaryDirectory(prefix="nom-trials-") as folder:
        place = Path(folder)
        trials = [_written(place, number, one) for number, one in enumerate(wanted)]
        (place / TRIALS).write_bytes(Trials(trials=tuple(trials)).canonical())
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.audit.specimen_replayer", folder, stderr=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(SECONDS):
                _, said = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode == 0, said.decode()[-2000:]
        return tuple(Outcome.model_validate_json(line) for line in (place / OUTCOMES).read_bytes().splitlines())


def a_history(*attributes: str) -> list[HistoryEvent]:
    """Events of these kinds, behind the start of a workflow."""
    events = [HistoryEvent(event_id=number) for number in range(1, len(attributes) + 2)]
    started = events[0].workflow_execution_started_event_attributes
    started.workflow_id, started.workflow_type.name, started.task_queue.name = "gmp/a", "nom.case", "nom"
    events[0].event_type = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
    completed = 0
    for event, name in zip(events[1:], attributes, strict=True):
        held = getattr(event, f"{name}_event_attributes")
        held.SetInParent()
        event.event_type = EventType.Value(f"EVENT_TYPE_{name.upper()}")
        if name == "workflow_task_completed":
            held.started_event_id, completed = event.event_id - 1, event.event_id
        elif hasattr(held, "workflow_task_completed_event_id"):
            held.workflow_task_completed_event_id = completed
    return events


def altered(fetched: FetchedHistory, alter: Callable[[History], object]) -> FetchedHistory:
    """A copy with something else in it."""
    history = History()
    history.CopyFrom(fetched.history)
    alter(history)
    return fetched._replace(history=history)


def cut(fetched: FetchedHistory, events: int) -> FetchedHistory:
    """The first so many events."""
    return fetched._replace(history=History(events=fetched.history.events[:events]))


def number_of(fetched: FetchedHistory, attributes: str, nth: int = 0) -> int:
    """The number of the n-th event of a kind."""
    return [event.event_id for event in fetched.history.events if event.WhichOneof("attributes") == _field(attributes)][
        nth
    ]


def event_of(history: History, attributes: str, nth: int = 0) -> HistoryEvent:
    """The n-th event of a kind."""
    return [event for event in history.events if event.WhichOneof("attributes") == _field(attributes)][nth]


def _field(attributes: str) -> str:
    return f"{attributes}_event_attributes"


def _written(place: Path, number: int, one: Wanted) -> Trial:
    file = f"{number}.history"
    (place / file).write_bytes(one.history.history.SerializeToString())
    task = ReplayTask(
        stream=one.history.stream, run=one.history.run, events=len(one.history.history.events), file=file,
        refusals=one.history.refusals,
    )  # fmt: skip
    return Trial(change=one.change, task=task, coded=one.coded)
