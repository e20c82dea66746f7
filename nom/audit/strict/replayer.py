"""Replays histories one after another through the SDK's replayer and compares every command on the way.

Only in a process that ends afterwards: nothing else may run where a replayer has run.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final, NamedTuple, Self

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import PayloadCodec
from temporalio.plugin import SimplePlugin
from temporalio.worker import Replayer

from nom.audit.strict.comparison import Comparison
from nom.audit.strict.decoding import decoded, undecodable
from nom.audit.strict.expectation import Expectation, NotBegun, Torn, expectation_of
from nom.audit.strict.observing import Observed, StrictRunner
from nom.audit.strict.refusals import Probes, SameRefusal, same_code
from nom.audit.strict.report import Compared
from nom.contracts.refusals import NotedRefusal

BUILD_ID: Final = "nom-replay"
_SDK_LOG: Final = "temporalio.worker._workflow_instance"
_DROPPED: Final = "Failed deserializing signal input"


class Replay(NamedTuple):
    """One history to replay: its workflow's id, its events, and the refusals that were noted beside it."""

    workflow: str
    events: Sequence[HistoryEvent]
    refusals: Sequence[NotedRefusal] = ()


class Found(NamedTuple):
    """What came of one history: the comparison, and what the SDK's replayer says if it could not go on."""

    compared: Compared
    failure: BaseException | None


class StrictReplayer:
    """Replays the histories of one namespace. `same` judges whether a refusal is still the one that was noted."""

    def __init__(
        self, namespace: str, workflows: Sequence[type], plugin: SimplePlugin, same: SameRefusal = same_code
    ) -> None:
        self._namespace = namespace
        self._same = same
        self._runner = StrictRunner()
        self._replayer = Replayer(
            workflows=list(workflows),
            workflow_runner=self._runner,
            unsandboxed_workflow_runner=self._runner,
            namespace=namespace,
            build_id=BUILD_ID,
            plugins=[plugin],
            # Without it, a slow machine makes the detector of deadlocks speak up.
            debug_mode=True,
        )
        converter = self._replayer.config(active_config=True).get("data_converter")
        self._codec: PayloadCodec | None = converter.payload_codec if converter is not None else None

    async def replay(self, histories: Iterable[Replay]) -> AsyncIterator[Found]:
        """What comes of each history, in order. One that is torn or not begun never reaches the SDK."""
        waiting = iter(histories)
        prepared: list[tuple[Replay, Observed, tuple[str, ...]]] = []
        kept_back: list[Compared] = []

        async def given() -> AsyncIterator[WorkflowHistory]:
            for history in waiting:
                try:
                    observed, faults = await self._prepared(history)
                except Torn as problem:
                    kept_back.append(Compared(torn=str(problem)))
                    return
                except NotBegun:
                    kept_back.append(Compared(begun=False))
                    return
                prepared.append((history, observed, faults))
                self._runner.observed = observed
                yield WorkflowHistory(workflow_id=history.workflow, events=history.events)

        with _Dropped() as dropped:
            while True:
                async with self._replayer.workflow_replay_iterator(given()) as results:
                    async for result in results:
                        yield _found(*prepared.pop(), result.replay_failure, dropped.taken())
                if not kept_back:
                    return
                yield Found(kept_back.pop(), None)

    async def _prepared(self, history: Replay) -> tuple[Observed, tuple[str, ...]]:
        events, faults = history.events, ()
        if self._codec is not None:
            events, faults = await decoded(events, self._codec)
        expected = expectation_of(events)
        if expected.stream not in {"", history.workflow}:
            raise Torn("event 1 is the start of another process")
        comparison = Comparison(expected, self._namespace)
        noted = [_in_the_task_that_counted(one, comparison.expected) for one in history.refusals]
        return Observed(comparison, Probes(noted, self._same), copies=self._codec is not None), faults


def _in_the_task_that_counted(noted: NotedRefusal, expected: Expectation) -> NotedRefusal:
    """A refusal of a task that failed or timed out, moved to the task that took its place: what came with it comes
    there again.
    """
    if noted.history_length not in expected.lost_tasks:
        return noted
    later = [started for started in expected.slots if started > noted.history_length]
    return noted.model_copy(update={"history_length": min(later)}) if later else noted


class _Dropped(logging.Handler):
    """Counts the signals that the SDK drops because it can't read them: it says so in its log and nowhere else."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._count = 0
        self._log = logging.getLogger(_SDK_LOG)

    def emit(self, record: logging.LogRecord) -> None:
        self._count += str(record.msg).startswith(_DROPPED)

    def taken(self) -> int:
        """How many since it was asked last."""
        count, self._count = self._count, 0
        return count

    def __enter__(self) -> Self:
        self._log.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._log.removeHandler(self)


def _found(
    history: Replay, observed: Observed, faults: tuple[str, ...], failure: BaseException | None, dropped: int
) -> Found:
    compared = observed.comparison.result(replayed=failure is None)
    if not faults and (failure is not None or compared.differences or dropped):
        # Only where something is wrong: reading every payload of every history would cost more than the comparison.
        faults = undecodable(history.events)
    if not faults and dropped:
        faults = (f"{dropped} signals can't be read by the code, which went on without them",)
    return Found(compared.model_copy(update={"undecodable": faults, "dropped_signals": dropped}), failure)
