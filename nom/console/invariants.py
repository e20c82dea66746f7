"""Asks the invariants of recorded matters over the running stack: of one case, or of every case of some ledgers.

Only reads, and reads ledgers alone: the engine is not asked. One matter is held at a time.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, NamedTuple

from nom.activities.errors import LedgerUnreadable
from nom.activities.reader import LedgerReader
from nom.audit.invariants import Asked, Found, MatterAsked, MatterRecords, Unreadable
from nom.console.access import Access
from nom.console.proof import NoSuchCase
from nom.console.scenario.runner import require_served
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import CaseId, StreamId, namespace_of, parse_stream

LOOKS_AT_MOST: Final = 3
"""A matter is worked on while its processes are read one after another: what is found is looked at again."""
LISTED_AT_MOST: Final = 1000
MATTERS_BETWEEN_REPORTS: Final = 20

Progress = Callable[[int, int], None]
"""Told how many matters have been asked about, and how many records they had."""


class Listed(NamedTuple):
    """One place where an invariant does not hold, among those of many matters."""

    number: int
    matter: str
    found: Found


class Tally:
    """What came of the invariants over many matters: counted, with the first thousand findings by name."""

    def __init__(self) -> None:
        self.matters = self.records = self.unlisted = 0
        self.holds, self.violated = Counter[int](), Counter[int]()
        self.in_part, self.without = Counter[int](), Counter[int]()
        self.found: list[Listed] = []
        self.unreadable: list[Unreadable] = []

    @property
    def is_clean(self) -> bool:
        """Whether no invariant is violated and every record could be read."""
        return not self.violated and not self.unreadable

    def take(self, asked: MatterAsked) -> None:
        """Count one matter."""
        self.matters += 1
        self.records += asked.records
        for item in asked.invariants:
            self._counter(item)[item.number] += 1
        for number, found in asked.found:
            if len(self.found) < LISTED_AT_MOST:
                self.found.append(Listed(number, asked.matter, found))
            else:
                self.unlisted += 1
        self.unreadable += asked.unreadable[: max(0, LISTED_AT_MOST - len(self.unreadable))]

    def _counter(self, item: Asked) -> Counter[int]:
        if item.found:
            return self.violated
        if not item.not_looked_at:
            return self.holds
        return self.in_part if item.processes else self.without


async def ask_case(access: Access, case: CaseId) -> tuple[MatterAsked, dict[str, int]]:
    """Ask all twenty-five of one case or group. Beside it, the last record that was read of each stream.

    Raises `NoSuchCase` and `ForceNotServed`.
    """
    require_served(access, namespace_of(case))
    asked, read = await _settled(access, case)
    if not read:
        raise NoSuchCase(f"there is nothing of {case[:80]!r} in the ledger of {namespace_of(case).upper()}")
    return asked, read


async def ask_ledgers(access: Access, namespaces: Sequence[str], progress: Progress | None = None) -> Tally:
    """Ask all twenty-five of every case and group of these ledgers. Raises `ForceNotServed`."""
    require_served(access, *namespaces)
    tally = Tally()
    for namespace in namespaces:
        async for case in _cases(await access.reader(namespace)):
            tally.take((await _settled(access, case))[0])
            if progress is not None and tally.matters % MATTERS_BETWEEN_REPORTS == 0:
                progress(tally.matters, tally.records)
    return tally


async def _cases(reader: LedgerReader) -> AsyncIterator[CaseId]:
    """Every case and group of a ledger. Its streams stand together in the order of streams."""
    last: CaseId | None = None
    async for stream in reader.streams():
        case = parse_stream(stream).case
        if case != last:
            yield case
        last = case


async def _settled(access: Access, case: CaseId) -> tuple[MatterAsked, dict[str, int]]:
    """What is found is reported when two looks find the same, or the last of a few finds it."""
    before: MatterAsked | None = None
    for _ in range(LOOKS_AT_MOST - 1):
        asked, read = await _look(access, case)
        if not asked.found or (before is not None and before.found == asked.found):
            return asked, read
        before = asked
    return await _look(access, case)


async def _look(access: Access, case: CaseId) -> tuple[MatterAsked, dict[str, int]]:
    matter, read = MatterRecords(case), dict[str, int]()
    reader = await access.reader(namespace_of(case))
    async for stored in reader.records_or_faults(case):
        _take(matter, read, stored)
    asked = matter.judged()
    while wanted := [stream for stream in asked.absent if not matter.knows(stream) and stream not in read]:
        for stream in wanted:
            read |= await _beside(access, matter, stream)
        asked = matter.judged()
    return asked, {stream: seq for stream, seq in read.items() if seq}


async def _beside(access: Access, matter: MatterRecords, stream: StreamId) -> dict[str, int]:
    """Read a stream that an invariant asked for, and say how far that went; 0 where there is nothing."""
    last = 0
    if namespace_of(stream) in access.namespaces():
        try:
            async for stored in (await access.reader(namespace_of(stream))).stream(stream):
                matter.take(stored.record)
                last = stored.record.seq
        except LedgerUnreadable as unreadable:
            matter.cannot_read(stream, unreadable.seq)
    return {stream: last}


def _take(matter: MatterRecords, read: dict[str, int], stored: StoredRecord | LedgerUnreadable) -> None:
    if isinstance(stored, LedgerUnreadable):
        matter.cannot_read(stored.stream, stored.seq)
        read[stored.stream] = stored.seq
        return
    matter.take(stored.record)
    read[stored.record.stream] = stored.record.seq
