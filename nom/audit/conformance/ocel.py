"""Writes an object-centric event log (OCEL 2.0, JSON) of records, event by event. Memory does not grow with them."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from pydantic import ValidationError

from nom.activities.errors import LedgerUnreadable
from nom.audit.conformance.events import event_of, event_types, object_types
from nom.audit.conformance.objects import Objects
from nom.contracts.envelope import Record, StoredRecord
from nom.contracts.events import EventBase
from nom.contracts.ids import parse_stream
from nom.workflows.operating_model import MODELS

TOLD_EVERY = 500
Progress = Callable[[int], None]
"""Told how many events have been written."""


class Written(NamedTuple):
    """How much was written."""

    events: int
    objects: int


async def write_log(file: Path, records: AsyncIterator[StoredRecord], progress: Progress | None = None) -> Written:
    """Write the log. The file is there when it is whole, and not before. Raises `LedgerUnreadable` and `OSError`."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        with Objects() as objects, unfinished.open("w", encoding="utf-8") as out:
            out.write('{\n"objectTypes": ' + json.dumps(object_types()))
            out.write(',\n"eventTypes": ' + json.dumps(event_types()))
            events = await _events(out, records, objects, progress)
            _array(out, "objects", objects)
            out.write("\n}\n")
            written = Written(events, len(objects))
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


async def _events(
    out: TextIO, records: AsyncIterator[StoredRecord], objects: Objects, progress: Progress | None
) -> int:
    count = 0
    out.write(',\n"events": [')
    async for stored in records:
        _item(out, count, event_of(stored, read(stored.record), objects))
        count += 1
        if progress is not None and count % TOLD_EVERY == 0:
            progress(count)
    out.write("\n]")
    return count


def _array(out: TextIO, name: str, objects: Objects) -> None:
    out.write(f',\n"{name}": [')
    for count, item in enumerate(objects.all()):
        _item(out, count, item)
    out.write("\n]")


def _item(out: TextIO, before: int, item: dict[str, Any]) -> None:
    out.write(("," if before else "") + "\n" + json.dumps(item, ensure_ascii=False))


def read(record: Record) -> EventBase:
    """The event in a record. Raises `LedgerUnreadable`."""
    try:
        return MODELS[parse_stream(record.stream).kind].event_of(record)
    except ValidationError:
        # The cause is dropped on purpose: it would quote the payload.
        raise LedgerUnreadable(record.stream, record.seq) from None
