"""The ledgers that a matter may touch, as a run reads them: what was opened, what still waits, what was recorded."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from nom.activities.reader import LedgerReader
from nom.activities.standing import common_event
from nom.console.client import Refused
from nom.console.scenario.model import group_of
from nom.contracts.envelope import Record
from nom.contracts.errors import refuse
from nom.contracts.every_process import Opening, PolicyVersionAdopted, ProcessOpened
from nom.contracts.ids import CaseId, ProcessKind, namespace_of, stream_of
from nom.contracts.services import NCA

SETTLING_SECONDS = 60.0
FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.08
"""Seconds between looks: few where answers come at once, longer where many wait for the same machine."""


class NotSettled(TimeoutError):
    """Hand-offs between processes were still waiting after a minute: a worker or a whole force may be away."""

    code = "not_settled"
    exit_code = 3


class Ledgers:
    """The ledgers that a matter may touch: its force's and the National Crime Agency's."""

    def __init__(self, force: LedgerReader, nca: LedgerReader) -> None:
        self._force = force
        self._nca = nca

    async def records(self, case: CaseId) -> tuple[Record, ...]:
        """Every record of a case and of the group that it nominated, if it did."""
        own = [stored.record async for stored in self._of(case).case_records(case)]
        group = [stored.record async for stored in self._nca.case_records(group_of(case))]
        return (*own, *group)

    async def opening(self, case: CaseId) -> tuple[Opening, bool]:
        """What the case was opened under, and whether it is still being brought in."""
        spine = stream_of(case, ProcessKind.CASE)
        records = [stored.record async for stored in self._force.stream(spine)]
        opened = common_event(records[0]) if records else None
        if not isinstance(opened, ProcessOpened):
            raise Refused(refuse("process_not_open", f"{spine} has not been opened"))
        up_to_date = any(record.type == "marked_up_to_date.v1" for record in records)
        adopted = [event.after for record in records if isinstance(event := common_event(record), PolicyVersionAdopted)]
        opening = opened.opening.model_copy(update={"policy": adopted[-1]}) if adopted else opened.opening
        return opening, opening.brought_in and not up_to_date

    async def settled(self, case: CaseId) -> None:
        """Wait until no hand-off of the case or its group waits for an answer. Raises `NotSettled`."""
        await all_settled([(case, self)])

    async def waiting(self, case: CaseId) -> int:
        """How many hand-offs of a case (or review) and its group wait for an answer now."""
        own = await self._of(case).hand_offs_waiting(case)
        return own + await self._nca.hand_offs_waiting(group_of(case))

    def _of(self, matter: CaseId) -> LedgerReader:
        return self._nca if namespace_of(matter) == NCA else self._force


async def all_settled(matters: Sequence[tuple[CaseId, Ledgers]]) -> None:
    """Wait until no hand-off of these cases (and reviews) or their groups waits for an answer. Raises `NotSettled`."""
    names = ", ".join(matter for matter, _ in matters)
    await until_settled(lambda: _any_waiting(matters), names)


async def until_settled(is_waiting: Callable[[], Awaitable[bool]], names: str) -> None:
    """Look until nothing waits. Raises `NotSettled` with these names of matters after a minute."""
    try:
        async with asyncio.timeout(SETTLING_SECONDS):
            pause = FIRST_PAUSE
            while await is_waiting():
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
    except TimeoutError:
        raise NotSettled(f"{NotSettled.__doc__} Matter: {names}") from None


async def _any_waiting(matters: Sequence[tuple[CaseId, Ledgers]]) -> bool:
    # Asked forth and back: what one had handed on meanwhile to another that was asked before stands there by then.
    for matter, ledgers in (*matters, *reversed(matters)):
        if await ledgers.waiting(matter):
            return True
    return False
