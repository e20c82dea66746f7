"""Gives committed records their gap-free place in the whole ledger. Owns `ledger.position`; never touches a record.

Readers follow positions. Because a position is given only after the commit, by one sequencer at a time, a record whose
transaction commits late gets a later position and is never skipped.

A run costs what is new, not what the ledger holds: it looks only at records of transactions above a low-water mark
(below it, every transaction had ended when an earlier run looked), found by an index, and leaves out those that have
a position. A transaction that stays open holds the mark back and makes runs dearer, not wrong. The mark lives in this
object and counts only for the server process it was taken from, so the first run of a sequencer, and the first after
a restart, a restore or a fail-over, compares the whole ledger once.
"""

import asyncio
from typing import Final

import structlog

from nom.activities.db import Pool, ledger_errors
from nom.activities.errors import LedgerError

SHORTEST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 1.0
"""Seconds between looks at a ledger in which nothing happens."""
_SEQUENCE: Final = "SELECT sequenced, server, next_low_water FROM ledger.sequence_records($1, $2)"

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class Sequencer:
    """One of any number of sequencers of one force's ledger, of which one works at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._server: object = None
        self._low_water: object = None
        self._waits = False

    async def run_once(self) -> int:
        """Give every committed record without a position the next one, and say how many; 0 while another is at it.

        One transaction. If we crash before its commit no position is given, after it all are; the next run goes on
        from what stands. Raises `LedgerError`.
        """
        with ledger_errors():
            row = await self._pool.fetchrow(_SEQUENCE, self._server, self._low_water)
        if row is None or row["sequenced"] is None:
            return 0
        # Only after the answer: with the reply lost, the old mark makes the next run look at more, not at less.
        self._server, self._low_water = row["server"], row["next_low_water"]
        return int(row["sequenced"])

    async def run_forever(self, stop: asyncio.Event, wake: asyncio.Event | None = None) -> None:
        """Sequence until `stop` is set and once more then; at once when `wake` is set, else after a pause that grows
        while nothing happens.

        An outage is logged when it begins and when it ends, and waited out; this never raises `LedgerError`.
        """
        pause = SHORTEST_PAUSE
        while not stop.is_set():
            pause = SHORTEST_PAUSE if await self._sequenced_any() else min(pause * 2, LONGEST_PAUSE)
            await _first_of(stop, wake, pause)
        await self._sequenced_any()

    async def _sequenced_any(self) -> bool:
        try:
            sequenced = await self.run_once()
        except LedgerError as error:
            if not self._waits:
                log.warning("sequencer_waits", code=error.code, sqlstate=error.sqlstate)
            self._waits = True
            return False
        if self._waits:
            log.info("sequencer_goes_on")
        self._waits = False
        return sequenced > 0


async def _first_of(stop: asyncio.Event, wake: asyncio.Event | None, seconds: float) -> None:
    """Wait until either event is set or the seconds have passed; `wake` is cleared for the next time."""
    waits = [asyncio.ensure_future(event.wait()) for event in (stop, wake) if event is not None]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    if wake is not None:
        wake.clear()
