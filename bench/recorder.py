"""The `eventsourcing` library's PostgreSQL recorder as its applications use it. Only this module imports the library.

It gives every event its place in the whole table while it inserts, under a lock of the table; nom's sequencer does that
after the commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore


class LibraryRecorder:
    """The recorder over a number of connections, a thread for each. A context manager, which closes them."""

    def __init__(self, database: Mapping[str, str], connections: int, body_bytes: int) -> None:
        self._datastore = PostgresDatastore(
            dbname=database["dbname"],
            host=database["host"],
            port=database["port"],
            user=database["user"],
            password=database["password"],
            pool_size=connections,
        )
        self._recorder = PostgresApplicationRecorder(self._datastore)
        self._connections = connections
        self._body = b"x" * body_bytes

    def __enter__(self) -> Self:
        """Connect and make the table."""
        self._recorder.create_table()
        self._threads = ThreadPoolExecutor(self._connections)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the threads and the connections go."""
        self._threads.shutdown()
        self._datastore.close()

    def prepared(self, rows: int) -> Callable[[], Awaitable[None]]:
        """Events of one new aggregate for each connection, one event to a call."""
        batches = [_events(rows, self._body) for _ in range(self._connections)]

        async def job() -> None:
            loop = asyncio.get_running_loop()
            await asyncio.gather(*(loop.run_in_executor(self._threads, self._insert, batch) for batch in batches))

        return job

    def _insert(self, batch: list[StoredEvent]) -> None:
        for event in batch:
            self._recorder.insert_events([event])


def _events(rows: int, body: bytes) -> list[StoredEvent]:
    aggregate = uuid4()
    return [
        StoredEvent(originator_id=aggregate, originator_version=number, topic="bench:NoteRecorded", state=body)
        for number in range(1, rows + 1)
    ]
