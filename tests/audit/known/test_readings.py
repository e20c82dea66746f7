"""The log of readings on a real database: what may be added, by whom, and what never."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from nom.activities.db import Pool, open_pool
from nom.activities.errors import LedgerNotReady, LedgerRejected
from nom.activities.ledger import Ledger
from nom.activities.readings import LoggedReading, Purpose, Reading, ReadingLog, Shown
from nom.activities.sequencer import Sequencer
from nom.audit.known.reading_check import unaccounted
from tests.activities.records import SERGEANT, append_of, asked, new_stream
from tests.conftest_postgres import ForceDatabase

SECRET = "what nobody may find in the log"


@pytest.fixture
async def log(own_database: ForceDatabase) -> AsyncIterator[ReadingLog]:
    """The log of a database of its own, as its reader."""
    async with await open_pool(own_database.reader) as pool:
        yield ReadingLog(pool)


async def a_stream(pool: Pool) -> str:
    """A stream of three records, positioned."""
    stream = new_stream()
    await Ledger(pool).append(append_of(asked(stream), "first", "second", SECRET))
    await Sequencer(pool).run_once()
    return stream


def reading(*shown: tuple[str, int], **changes: Any) -> Reading:  # noqa: ANN401 - fields of every kind
    fields: dict[str, Any] = {
        "id": uuid4(),
        "reader": SERGEANT,
        "named": True,
        "purpose": Purpose.CASEWORK,
        "tool": "show",
        "shown": tuple(Shown(stream=stream, up_to=up_to) for stream, up_to in shown),
        **changes,
    }
    return Reading(**fields)


async def rows(log: ReadingLog) -> list[LoggedReading]:
    return [row async for row in log.all()]


async def test_a_reading_says_who_when_what_for_and_up_to_where(own_pool: Pool, log: ReadingLog) -> None:
    stream, other = await a_stream(own_pool), await a_stream(own_pool)
    added = await log.add(reading((stream, 2), (other, 3)))
    first, second = await rows(log)
    assert (first.stream, first.up_to, first.read_at) == (stream, 2, added)
    assert (first.reader_id, first.reader_role, first.purpose, first.tool) == (
        SERGEANT.id,
        SERGEANT.role,
        "casework",
        "show",
    )
    assert first.login.endswith("_reader")
    assert first.position is not None
    assert (first.number, second.number, first.reading) == (0, 1, second.reading)
    case = other.rsplit("/", 1)[0]
    assert [row.stream async for row in log.of_case(case)] == [other]
    assert unaccounted(await rows(log), whole=True) == ()


async def test_the_same_act_of_reading_is_logged_once(own_pool: Pool, log: ReadingLog) -> None:
    act = reading((await a_stream(own_pool), 1))
    assert await log.add(act) == await log.add(act)
    assert len(await rows(log)) == 1


async def test_nobody_is_said_to_have_read_what_is_not_there(own_pool: Pool, log: ReadingLog) -> None:
    stream = await a_stream(own_pool)
    for shown in ((stream, 4), (new_stream(), 1), (stream, 0)):
        with pytest.raises(LedgerRejected):
            await log.add(reading(shown))
    assert await rows(log) == []


async def test_a_whole_ledger_is_read_up_to_its_head(own_pool: Pool, log: ReadingLog) -> None:
    await a_stream(own_pool)
    await log.add(reading(("gmp/", 0), partly=True))
    (row,) = await rows(log)
    assert (row.stream, row.up_to, row.position) == ("gmp/", 0, 2)


async def test_the_log_holds_nothing_of_what_was_read(own_pool: Pool, log: ReadingLog) -> None:
    await log.add(reading((await a_stream(own_pool), 3)))
    (text,) = [row["row"] for row in await own_pool.fetch("SELECT r::text AS row FROM ledger.reading r")]
    assert SECRET not in text


async def test_a_worker_logs_no_reading(own_pool: Pool) -> None:
    with pytest.raises(LedgerNotReady):
        await ReadingLog(own_pool).add(reading((await a_stream(own_pool), 1)))


def test_a_disclosure_names_to_whom_by_reference() -> None:
    with pytest.raises(ValidationError, match="to whom"):
        reading(("gmp/a/case", 1), purpose=Purpose.DISCLOSURE)
    with pytest.raises(ValidationError):
        reading(("gmp/a/case", 1), purpose=Purpose.DISCLOSURE, disclosed_to="Jane Doe of the council")
    assert reading(("gmp/a/case", 1), purpose=Purpose.DISCLOSURE, disclosed_to="cps").disclosed_to == "cps"
