"""The refusals that a worker's processes gave, on their way into the ledger. Judges none, and logs no content."""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

import structlog

from nom.activities.errors import LedgerError, LedgerRejected
from nom.activities.pauses import pause
from nom.activities.refusals import RefusalLog
from nom.contracts.refusals import NotedRefusal

NOTES_AT_MOST: Final = 10_000
CHARACTERS_AT_MOST: Final = 64 * 1024 * 1024
"""What may wait while the ledger is away, so that a long outage does not fill the worker's memory."""
BATCH: Final = 200
BATCH_CHARACTERS: Final = 4 * 1024 * 1024
PAUSE: Final = 0.2
"""Seconds between looks."""
LONGEST_PAUSE: Final = 5.0
"""Seconds between tries while the ledger is away."""

Waiting = tuple[str, str, NotedRefusal]
"""The workflow's id, the run, and the refusal."""

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class RefusalNotes:
    """What waits to be written into one ledger's log of refusals.

    A note is taken in memory, and written a moment later: no command waits for it. So a worker that crashes loses the
    notes of its last moment, and one that stops while the ledger is away loses those that wait; of an outage so long
    that they don't fit, the later ones are not kept. What is lost is counted where the worker lives to count it. A
    refusal that is noted happened; that none is noted proves nothing.
    """

    def __init__(self, *, notes_at_most: int = NOTES_AT_MOST, characters_at_most: int = CHARACTERS_AT_MOST) -> None:
        self._notes_at_most = notes_at_most
        self._characters_at_most = characters_at_most
        self._waiting: deque[Waiting] = deque()
        self._characters = 0
        self._unfit = 0
        self._lock = threading.Lock()
        self._away = False

    def take(self, workflow_id: str, run_id: str, noted: NotedRefusal) -> None:
        """Take a note, from any thread, without waiting and without raising. What does not fit is only counted."""
        size = _size(noted)
        with self._lock:
            if len(self._waiting) >= self._notes_at_most or self._characters + size > self._characters_at_most:
                self._unfit += 1
                return
            self._waiting.append((workflow_id, run_id, noted))
            self._characters += size

    async def write_forever(self, into: RefusalLog, stop: asyncio.Event) -> None:
        """Write what was taken until `stop` is set, and then what is left, as far as the ledger answers. An outage is
        logged when it begins and when it ends, and waited out; this never raises `LedgerError`.
        """
        seconds = PAUSE
        while not stop.is_set():
            seconds = PAUSE if await self._written(into) else min(seconds * 2, LONGEST_PAUSE)
            await pause(stop, seconds)
        if not await self._written(into):
            log.warning("refusals_lost", count=len(self._waiting))

    async def _written(self, into: RefusalLog) -> bool:
        """Write all that waits, oldest first; False where the ledger is away and notes go on waiting."""
        self._tell_of_unfit()
        while batch := self._next_batch():
            try:
                await self._write(into, batch)
            except LedgerError as error:
                if not self._away:
                    log.warning("refusals_wait", code=error.code, sqlstate=error.sqlstate)
                self._away = True
                return False
            # Only after the answer: with the reply lost they are brought again, and the ledger adds them once.
            self._let_go(batch)
            if self._away:
                log.info("refusals_go_on")
            self._away = False
        return True

    @staticmethod
    async def _write(into: RefusalLog, batch: Sequence[Waiting]) -> None:
        try:
            await into.add(batch)
        except LedgerRejected:
            # One that the ledger can never take must not keep the others from it.
            for one in batch:
                try:
                    await into.add([one])
                except LedgerRejected as error:
                    log.error("refusal_not_taken", stream=one[0], code=error.code, sqlstate=error.sqlstate)  # noqa: TRY400 - the driver's words may repeat content

    def _next_batch(self) -> tuple[Waiting, ...]:
        with self._lock:
            waiting = tuple(islice(self._waiting, BATCH))
        characters = 0
        for number, (_, _, noted) in enumerate(waiting):
            characters += _size(noted)
            if number and characters > BATCH_CHARACTERS:
                return waiting[:number]
        return waiting

    def _let_go(self, batch: Sequence[Waiting]) -> None:
        with self._lock:
            for _, _, noted in batch:
                self._waiting.popleft()
                self._characters -= _size(noted)

    def _tell_of_unfit(self) -> None:
        with self._lock:
            unfit, self._unfit = self._unfit, 0
        if unfit:
            log.warning("refusals_not_kept", count=unfit)


def _size(noted: NotedRefusal) -> int:
    return len(noted.request) + len(noted.failure)
