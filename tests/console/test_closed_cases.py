"""Closed cases on the real engine: a return that is loaded, loaded again and broken off, and a case that is ordered."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nom.activities.reader import LedgerReader
from nom.console.access import Access
from nom.console.client import Refused
from nom.console.closed_case_return import read_return
from nom.console.closed_cases import ClosedCaseLoader, Loaded, prepared, reviews
from nom.console.drafts import draft, opening_for
from nom.console.people import actor
from nom.contracts.envelope import Receipt
from nom.contracts.ids import ProcessKind, stream_of
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack
from tests.conftest_stack import short_folder
from tests.console.command_line import nom
from tests.console.test_closed_case_return import COORDINATOR, HEADER, SCENARIO

NOW = datetime.now(UTC) - timedelta(hours=1)
OUTCOMES = {"accepted": 11, "again": 0, "refused": 9}


@pytest.fixture(scope="module")
async def agency() -> AsyncIterator[Access]:
    """One force and the NCA."""
    with short_folder() as path:
        async with Stack(DataFolder(path), ["SYP"], sandboxed=True) as running, Access(running.folder) as access:
            yield access


async def load(access: Access, content: bytes, at: datetime = NOW) -> list[Loaded]:
    ready, refused = prepared(read_return(content), COORDINATOR, at)
    loader = ClosedCaseLoader(access.client, await access.reader("nca"))
    return [*[row async for row in loader.load(ready)], *refused]


def many(first: int, count: int, offence: str = "SX03025") -> bytes:
    lines = (f"SYP,M/{first + number},{offence},2015-05-05,police,15,14,1," for number in range(count))
    return "\n".join((HEADER, *lines)).encode()


async def in_ledger(reader: LedgerReader) -> int:
    return len(await reviews(reader))


async def give(access: Access, stream: str, command: dict[str, Any], person: str, minute: int) -> Receipt:
    request = draft(
        stream,
        command,
        actor(person, "NCA"),
        occurred_at=NOW + timedelta(minutes=minute),
        reason="as the panel discussed",
    )
    return await access.client.submit(request)


async def test_the_worked_return_loads_rape_first_and_tells_the_refused_lines(agency: Access, tmp_path: Path) -> None:
    file = tmp_path / "return.csv"
    file.write_bytes(SCENARIO.read_bytes())
    ended = await nom("closed-cases", "load", file, "--data", agency.folder.path, "--json")
    assert ended.code == 1, ended.err
    found = ended.json
    assert {name: found[name] for name in OUTCOMES} == OUTCOMES
    assert found["bands"] == {"rape": 5, "other": 6}
    refused = [line["line"] for line in found["lines"] if line["outcome"] == "refused"]
    assert refused == [10, 11, 14, 15, 16, 17, 18, 19, 20]
    listed = await nom("closed-cases", "list", "--data", agency.folder.path, "--json")
    assert listed.code == 0, listed.err
    assert [review["review"] for review in listed.json] == found["order"]
    again = await nom("closed-cases", "load", file, "--data", agency.folder.path, "--json")
    assert {name: again.json[name] for name in OUTCOMES} == {"accepted": 0, "again": 11, "refused": 9}
    assert again.json["order"] == found["order"]
    assert "she changed her story" not in json.dumps(found)


async def test_a_load_that_breaks_off_goes_on_without_a_duplicate(agency: Access) -> None:
    reader = await agency.reader("nca")
    before = await in_ledger(reader)
    content = many(1000, 60)
    ready, _ = prepared(read_return(content), COORDINATOR, NOW)
    broken_off = ClosedCaseLoader(agency.client, reader).load(ready)
    async for _row in broken_off:
        break
    await broken_off.aclose()
    later = await load(agency, content, NOW + timedelta(minutes=5))
    assert {row.outcome for row in later} == {"accepted", "again"}
    assert await in_ledger(reader) - before == 60
    assert {row.outcome for row in await load(agency, content)} == {"again"}


async def test_two_loads_at_once_make_no_duplicate(agency: Access) -> None:
    reader = await agency.reader("nca")
    before = await in_ledger(reader)
    content = many(2000, 20)
    both = await asyncio.gather(load(agency, content), load(agency, content, NOW + timedelta(minutes=1)))
    assert all(row.outcome in ("accepted", "again") for rows in both for row in rows)
    assert await in_ledger(reader) - before == 20


async def test_the_same_case_with_other_content_is_refused(agency: Access) -> None:
    content = many(3000, 1)
    assert (await load(agency, content))[0].outcome == "accepted"
    (changed,) = await load(agency, content.replace(b"police,15,14,1", b"police,15,13,1"))
    assert (changed.outcome, changed.problems[0].code) == ("refused", "referred_otherwise")


async def test_an_order_opens_a_case_in_the_force_which_acknowledges_it(agency: Access) -> None:
    (row,) = await load(agency, many(4000, 1, "SX03001"))
    assert row.review is not None
    stream = stream_of(row.review, ProcessKind.CLOSED_CASE_REVIEW)
    case = row.review.replace("nca/", "syp/")
    opening = opening_for("ENG", NOW, brought_in=False)
    order = {"type": "OrderReinvestigation", "opening": opening, "force": "SYP"}
    view = {"investigation_possible": True, "steps": ["take the account"], "safeguarding_concerns": False}
    with pytest.raises(Refused, match="investigation_gate"):
        await give(agency, stream, order, "review-panel-1", 1)
    await give(agency, stream, {"type": "ReviewAtPanel", **view}, "review-panel-1", 1)
    await give(agency, stream, {"type": "RecordVictimApproval", "victim": "victim-1"}, "coordinator-1", 2)
    await give(agency, stream, order, "review-panel-1", 3)
    force, nca = await agency.reader("syp"), await agency.reader("nca")
    await settled(force, nca, case, row.review)
    types = [stored.record.type async for stored in nca.stream(stream)]
    assert types[-1] == "hand_off_acknowledged.v1"
    assert await force.streams_of(case) == (f"{case}/case", f"{case}/investigation-1")
    opened = [stored.record.type async for stored in force.stream(f"{case}/case")]
    assert opened[:3] == ["process_opened.v1", "ordered_case_opened.v1", "stage_opened.v1"]


async def settled(force: LedgerReader, nca: LedgerReader, case: str, review: str) -> None:
    async with asyncio.timeout(60):
        while await nca.hand_offs_waiting(review) or await force.hand_offs_waiting(case):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
