"""Gives synthetic cases to a running stack, several threads at once, and compares every answer with what is expected.

Can be broken off anywhere and given again: what the ledgers hold is not given twice, and a refused command is not tried
again once something after it was recorded, since by then the model might allow it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from nom.console.access import Access
from nom.console.client import Refused
from nom.console.scenario.ledgers import until_settled
from nom.console.scenario.runner import HAND_OFF, require_served
from nom.console.synth.lines import Expected, Line
from nom.console.synth.plan import round_of
from nom.contracts.ids import ProcessKind, group_matter, namespace_of, parse_stream, stream_of
from nom.contracts.services import NCA

AT_ONCE = 8
"""Threads that are given at the same time, unless somebody asks for another number."""

Progress = Callable[[int], None]
"""Told how many further cases are done."""


class Difference(NamedTuple):
    """Where the stack said something else. What follows in its thread was not given."""

    line: Line
    got: Expected

    def words(self) -> str:
        """The place, what was expected and what came, without any content."""
        command = self.line.request["command"]
        name = command["type"] if isinstance(command, dict) else "?"
        return (
            f"case {self.line.number}, step {self.line.step}: {name}: "
            f"expected {_said(self.line.expect)}; got {_said(self.got)}"
        )


class Run(NamedTuple):
    """What came of it. `again` counts commands that had been given before."""

    cases: int = 0
    given: int = 0
    again: int = 0
    differences: tuple[Difference, ...] = ()

    def with_thread(self, thread: "Run") -> "Run":
        """These counts and a thread's."""
        return Run(
            self.cases + thread.cases,
            self.given + thread.given,
            self.again + thread.again,
            (*self.differences, *thread.differences),
        )


def _said(expected: Expected) -> str:
    if expected.refused is not None:
        return f"refused {expected.refused}" + (f" ({', '.join(expected.unmet)})" if expected.unmet else "")
    return ", ".join(event.split(".", 1)[0] for event in expected.events)


def threads_of(lines: Iterable[Line]) -> tuple[tuple[Line, ...], ...]:
    """The lines of some rounds by thread, each in order."""
    threads: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        threads[line.thread].append(line)
    return tuple(tuple(thread) for thread in threads.values())


async def give(
    rounds: Iterator[tuple[Line, ...]], access: Access, *, at_once: int = AT_ONCE, progress: Progress | None = None
) -> Run:
    """Give the lines of some rounds, `at_once` threads at a time.

    Raises `ForceNotServed`, `NotSettled`, `EngineUnavailable` or what the ledgers raise: give the same again to
    go on.
    """
    total = Run()
    waiting: set[asyncio.Task[Run]] = set()
    try:
        while (lines := await asyncio.to_thread(next, rounds, None)) is not None:
            for thread in threads_of(lines):
                while len(waiting) >= at_once:
                    total, waiting = await _collected(total, waiting, progress)
                waiting.add(asyncio.create_task(_Thread(thread, access).give()))
        while waiting:
            total, waiting = await _collected(total, waiting, progress)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    return total


async def _collected(
    total: Run, waiting: set[asyncio.Task[Run]], progress: Progress | None
) -> tuple[Run, set[asyncio.Task[Run]]]:
    done, still = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        ran = task.result()
        total = total.with_thread(ran)
        if progress is not None:
            progress(ran.cases)
    return total, still


class _Thread:
    """Cases that meet in one group, one after another."""

    def __init__(self, lines: tuple[Line, ...], access: Access) -> None:
        self._lines = lines
        self._access = access
        self._matters = _matters(lines)

    async def give(self) -> Run:
        """Give what was not given before, waiting for hand-offs wherever one was made."""
        require_served(self._access, *map(namespace_of, self._matters))
        cases = len({line.number for line in self._lines})
        begun = await self._given_before()
        unsettled = begun > 0
        for place, line in enumerate(self._lines[begun:], begun + 1):
            if unsettled:
                await self._settled()
            got, unsettled = await self._answer(line)
            if got != line.expect:
                return Run(cases, place - begun, begun, (Difference(line, got),))
        if unsettled:
            await self._settled()
        return Run(cases, len(self._lines) - begun, begun)

    async def _answer(self, line: Line) -> tuple[Expected, bool]:
        try:
            receipt = await self._access.client.submit(line.envelope())
        except Refused as refused:
            return Expected.of(refused.refusal), False
        return Expected.of(receipt.events), HAND_OFF in receipt.events

    async def _given_before(self) -> int:
        """How many lines need not be given: all up to the last whose events stand in a ledger."""
        recorded = {identity for matter in self._matters for identity in await self._recorded(matter)}
        places = [place for place, line in enumerate(self._lines, 1) if line.identity in recorded]
        return max(places, default=0)

    async def _recorded(self, matter: str) -> set[str]:
        reader = await self._access.reader(namespace_of(matter))
        return {str(stored.record.command_id) async for stored in reader.case_records(matter)}

    async def _settled(self) -> None:
        await until_settled(self._is_waiting, self._matters[0])

    async def _is_waiting(self) -> bool:
        # Forth and back, as a hand-off may pass meanwhile to a ledger that was asked before.
        for matter in (*self._matters, *reversed(self._matters)):
            reader = await self._access.reader(namespace_of(matter))
            if await reader.hand_offs_waiting(matter):
                return True
        return False


def _matters(lines: tuple[Line, ...]) -> tuple[str, ...]:
    """The cases of a thread, and the groups and reviews at the National Crime Agency that they may reach."""
    named = [line.case for line in lines]
    named += [parse_stream(str(line.request["stream"])).case for line in lines]
    groups = [f"{NCA}/{group_matter(stream_of(line.case, ProcessKind.CASE))}" for line in lines]
    return tuple(dict.fromkeys((*named, *groups)))


def rounds_of(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    """The lines of a file, round by round: those of one round stand together."""
    waiting: list[Line] = []
    for line in lines:
        if waiting and round_of(line.number) != round_of(waiting[-1].number):
            yield tuple(waiting)
            waiting.clear()
        waiting.append(line)
    if waiting:
        yield tuple(waiting)
