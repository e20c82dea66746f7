"""The log of refusals on a real database: what is added, by whom, and what never."""

import asyncio
import base64

import pytest

import nom.activities.refusals
from nom.activities.db import Pool, open_pool
from nom.activities.errors import LedgerNotReady, LedgerRejected
from nom.activities.refusals import LoggedRefusal, RefusalLog
from nom.contracts.refusals import NotedRefusal
from tests.conftest_postgres import ForceDatabase

CASE, RUN = "gmp/26-aaa", "0192f5aa-0000-7000-8000-000000000001"
SPINE, TRIAGE, OTHER = f"{CASE}/case", f"{CASE}/triage-1", "gmp/26-aaab/case"


def noted(at: int = 1, request: bytes = b"asked", **changes: object) -> NotedRefusal:
    fields: dict[str, object] = {
        "history_length": 9,
        "place": 0,
        "at": str(at),
        "update": "command",
        "code": "gate_not_met",
        "request": base64.b64encode(request).decode(),
        "failure": base64.b64encode(b"said\x00").decode(),
        **changes,
    }
    return NotedRefusal.model_validate(fields)


async def rows(log: RefusalLog) -> list[LoggedRefusal]:
    return [row async for row in log.all()]


@pytest.fixture
def log(own_pool: Pool) -> RefusalLog:
    return RefusalLog(own_pool)


async def test_a_note_is_kept_as_it_was_given(log: RefusalLog) -> None:
    first, second = noted(at=1_795_544_608_008_537_247), noted(place=2, accepted=True)
    assert await log.add([(SPINE, RUN, first), (TRIAGE, "another", second)]) == 2
    kept = await rows(log)
    assert [(row.number, row.workflow_id, row.run_id, row.refusal) for row in kept] == [
        (0, SPINE, RUN, first),
        (1, TRIAGE, "another", second),
    ]
    assert all(row.login.endswith("_worker") for row in kept)
    assert kept[0].noted_at == kept[1].noted_at


async def test_the_same_note_is_kept_once_however_often_it_is_brought(log: RefusalLog) -> None:
    one, other = (SPINE, RUN, noted()), (SPINE, RUN, noted(at=2))
    assert await log.add([one, other, one]) == 2
    assert await log.add([one]) == 0
    assert await log.add([other, (SPINE, RUN, noted(at=3))]) == 1
    assert [(row.number, row.refusal.at) for row in await rows(log)] == [(0, "1"), (1, "2"), (2, "3")]


@pytest.mark.parametrize("other", [noted(history_length=10), noted(place=1), noted(at=2), noted(request=b"more")])
async def test_a_note_that_differs_in_when_or_in_what_was_asked_is_another(
    other: NotedRefusal, log: RefusalLog
) -> None:
    assert await log.add([(SPINE, RUN, noted()), (SPINE, RUN, other)]) == 2


async def test_nothing_is_no_note(log: RefusalLog) -> None:
    assert await log.add([]) == 0


async def test_many_that_add_at_once_leave_no_gap(log: RefusalLog) -> None:
    batches = [[(SPINE, RUN, noted(at=at)) for at in range(first, first + 10)] for first in range(0, 50, 5)]
    added = await asyncio.gather(*(log.add(batch) for batch in batches))
    kept = await rows(log)
    assert sum(added) == len(kept) == 55
    assert [row.number for row in kept] == list(range(55))


async def test_a_case_has_its_own_refusals_and_a_process_too(log: RefusalLog) -> None:
    await log.add([(process, RUN, noted()) for process in (SPINE, OTHER, TRIAGE)])
    assert [row.workflow_id async for row in log.of_case(CASE)] == [SPINE, TRIAGE]
    assert [row.number for row in await log.of_workflow(TRIAGE)] == [2]
    assert await log.of_workflow("gmp/26-aaa/cas") == ()


async def test_a_log_is_read_whole_in_pages_of_few_rows_or_of_few_bytes(
    log: RefusalLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = nom.activities.refusals.PAGE_BYTES // 4
    await log.add([(SPINE, RUN, noted(at=at, request=bytes(large if at < 6 else 0))) for at in range(30)])
    assert [row.number for row in await rows(log)] == list(range(30))
    monkeypatch.setattr(nom.activities.refusals, "PAGE", 7)
    assert [row.number for row in await log.of_workflow(SPINE)] == list(range(30))


async def test_a_name_with_a_zero_keeps_nothing_else_out(log: RefusalLog) -> None:
    assert await log.add([(SPINE, RUN, noted(update="a\0b", code="c\0")), (SPINE, RUN, noted(at=2))]) == 2
    assert (await rows(log))[0].refusal.update == "a\N{REPLACEMENT CHARACTER}b"


async def test_a_request_that_no_engine_carries_is_not_taken_and_nothing_with_it(log: RefusalLog) -> None:
    most = 4 * 1024 * 1024
    with pytest.raises(LedgerRejected):
        await log.add([(SPINE, RUN, noted()), (SPINE, RUN, noted(at=2, request=bytes(most + 1)))])
    assert await rows(log) == []
    assert await log.add([(SPINE, RUN, noted(request=bytes(most)))]) == 1


async def test_a_reader_notes_no_refusal(own_database: ForceDatabase) -> None:
    async with await open_pool(own_database.reader) as pool:
        with pytest.raises(LedgerNotReady):
            await RefusalLog(pool).add([(SPINE, RUN, noted())])
        assert await rows(RefusalLog(pool)) == []
