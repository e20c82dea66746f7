"""The objects of an event log while it is written: on disk, each once, however often they are named.

Owns a temporary file, so that memory does not grow with the ledger; knows nothing of what the objects are.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_TABLES = """
CREATE TABLE object (id TEXT PRIMARY KEY, type TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE attribute (id TEXT, name TEXT, time TEXT, value TEXT, PRIMARY KEY (id, name, time)) WITHOUT ROWID;
CREATE TABLE relation (id TEXT, target TEXT, qualifier TEXT, PRIMARY KEY (id, target, qualifier)) WITHOUT ROWID;
"""


class Objects:
    """A store of objects, as a context manager. What is said twice stands once."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="nom-objects-")
        self._base = sqlite3.connect(Path(self._folder.name) / "objects", isolation_level=None)
        # Nothing here outlives the export: no crash needs it again.
        self._base.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; {_TABLES}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._base.close()
        self._folder.cleanup()

    def add(self, identity: str, kind: str) -> None:
        """There is an object of that type."""
        self._base.execute("INSERT OR IGNORE INTO object VALUES (?, ?)", (identity, kind))

    def describe(self, identity: str, name: str, value: str, time: str) -> None:
        """An attribute of an object from a time on."""
        self._base.execute("INSERT OR REPLACE INTO attribute VALUES (?, ?, ?, ?)", (identity, name, time, value))

    def describe_once(self, identity: str, name: str, value: str, time: str) -> None:
        """An attribute that never changes, from the earliest time at which it is said."""
        kept = "UPDATE attribute SET time = min(time, ?) WHERE id = ? AND name = ?"
        if not self._base.execute(kept, (time, identity, name)).rowcount:
            self.describe(identity, name, value, time)

    def relate(self, identity: str, target: str, qualifier: str) -> None:
        """An object stands in a relation to another. Both must be added, before or after."""
        self._base.execute("INSERT OR IGNORE INTO relation VALUES (?, ?, ?)", (identity, target, qualifier))

    def __len__(self) -> int:
        return int(self._base.execute("SELECT count(*) FROM object").fetchone()[0])

    def all(self) -> Iterator[dict[str, Any]]:
        """Every object in the form of the log, in the order of their ids."""
        reading = self._base.cursor()
        for identity, kind in self._base.execute("SELECT id, type FROM object ORDER BY id"):
            described = reading.execute(
                "SELECT name, value, time FROM attribute WHERE id = ? ORDER BY name, time", (identity,)
            ).fetchall()
            related = reading.execute(
                "SELECT target, qualifier FROM relation WHERE id = ? ORDER BY target, qualifier", (identity,)
            ).fetchall()
            yield {
                "id": identity,
                "type": kind,
                "attributes": [{"name": name, "value": value, "time": time} for name, value, time in described],
                "relationships": [{"objectId": target, "qualifier": words} for target, words in related],
            }
