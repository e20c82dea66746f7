"""What a crash test compares: a ledger without what belongs to one run alone; and a client that persists."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from nom.activities.errors import LedgerError
from nom.activities.reader import LedgerReader
from nom.console.access import Access
from nom.console.client import NomClient
from nom.contracts.envelope import CommandEnvelope, Receipt, Record, StoredRecord
from nom.contracts.run import StateView
from nom.workers.plugin import EngineUnavailable

SECONDS_TO_PERSIST = 90.0
Answer = TypeVar("Answer")

_OWN_TO_A_RUN = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"group-[0-9a-f]{12}"), "GROUP"),
    (re.compile(r'"submitted_at":"[^"]*"'), '"submitted_at":"WHEN"'),
)


def story(records: tuple[Record, ...], matter: str) -> dict[str, list[tuple[Any, ...]]]:
    """Stream by stream, event by event: what happened, without the run's own reference, ids and times of entry."""
    told: dict[str, list[tuple[Any, ...]]] = {}
    for record in sorted(records, key=lambda item: (item.stream, item.seq)):
        line = (record.type, record.command, record.actor.id, record.occurred_at, record.reason)
        told.setdefault(_plain(record.stream, matter), []).append((*line, _plain(record.payload, matter)))
    # A clock or an acknowledgement of the process's own says "now" where the engine was; paperwork has no place in
    # the story but its own, so only where it stands among the others may differ.
    return {stream: _acknowledgements_last(lines) for stream, lines in told.items()}


def _acknowledgements_last(lines: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    own = [line[:3] + line[4:] for line in lines if line[1] == "AcknowledgeHandOff"]
    return [line for line in lines if line[1] != "AcknowledgeHandOff"] + sorted(own, key=str)


def _plain(text: str, matter: str) -> str:
    text = text.replace(matter, "MATTER")
    for pattern, name in _OWN_TO_A_RUN:
        text = pattern.sub(name, text)
    return text


async def persisting(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask again, for as long as a server is away."""
    deadline = asyncio.get_running_loop().time() + SECONDS_TO_PERSIST
    while True:
        try:
            return await attempt()
        except (EngineUnavailable, LedgerError):
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.3)


class PersistingClient(NomClient):
    """Gives a command again, same id, until it has an answer: what a careful caller does."""

    async def submit(self, request: CommandEnvelope[Any]) -> Receipt:
        return await persisting(lambda: super(PersistingClient, self).submit(request))

    async def state(self, stream: str) -> StateView:
        return await persisting(lambda: super(PersistingClient, self).state(stream))


class PersistingReader(LedgerReader):
    """Reads again until the database answers."""

    async def _fetch(self, query: str, *values: object) -> tuple[StoredRecord, ...]:
        return await persisting(lambda: super(PersistingReader, self)._fetch(query, *values))

    async def hand_offs_waiting(self, matter: str) -> int:
        return await persisting(lambda: super(PersistingReader, self).hand_offs_waiting(matter))


class PersistingAccess(Access):
    """The stack as a careful caller reaches it."""

    @property
    def client(self) -> NomClient:
        if self._persisting is None:
            self._persisting = PersistingClient(super().client.address)
        return self._persisting

    _persisting: PersistingClient | None = None

    async def reader(self, namespace: str) -> LedgerReader:
        return PersistingReader(await self._pool(namespace))
