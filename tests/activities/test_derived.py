from datetime import UTC, datetime, timedelta

import pytest

from nom.activities.db import Pool
from nom.activities.derived import DerivedStore
from nom.activities.errors import LedgerRejected, ReportDiffers

REPORTED = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(own_pool: Pool) -> DerivedStore:
    return DerivedStore(own_pool)


async def test_the_newest_snapshot_at_or_before_a_position_is_found(store: DerivedStore) -> None:
    for position in (0, 20, 10):
        assert await store.add_snapshot("board.v1", position, {"at": position, "words": "Ångström – 漢字"})
    await store.add_snapshot("other.v1", 15, {})
    newest = await store.latest_snapshot("board.v1")
    assert newest is not None
    assert (newest.position, newest.state) == (20, {"at": 20, "words": "Ångström – 漢字"})
    earlier = await store.latest_snapshot("board.v1", up_to=19)
    assert earlier is not None
    assert earlier.position == 10
    assert await store.latest_snapshot("none.v1") is None


async def test_a_snapshot_that_is_taken_twice_is_kept_once(store: DerivedStore) -> None:
    assert await store.add_snapshot("board.v1", 1, {"a": 1, "b": 2})
    assert not await store.add_snapshot("board.v1", 1, {"b": 2, "a": 1})


async def test_a_snapshot_that_says_something_else_is_refused_and_the_first_stays(store: DerivedStore) -> None:
    await store.add_snapshot("board.v1", 1, {"a": 1})
    with pytest.raises(ReportDiffers):
        await store.add_snapshot("board.v1", 1, {"a": 2})
    kept = await store.latest_snapshot("board.v1")
    assert kept is not None
    assert kept.state == {"a": 1}


async def test_the_newest_report_of_each_force_is_found(store: DerivedStore) -> None:
    await store.add_board_report("WYP", 5, REPORTED, {"late": 5})
    await store.add_board_report("GMP", 9, REPORTED, {"late": 9})
    await store.add_board_report("GMP", 9, REPORTED + timedelta(hours=1), {"late": 10})
    await store.add_board_report("GMP", 3, REPORTED + timedelta(hours=2), {"late": 3})
    reports = await store.latest_board_reports()
    assert [(report.force, report.as_of_position, report.report) for report in reports] == [
        ("GMP", 9, {"late": 10}),
        ("WYP", 5, {"late": 5}),
    ]
    assert reports[0].reported_at == REPORTED + timedelta(hours=1)


async def test_a_report_that_comes_twice_is_kept_once_and_another_is_refused(store: DerivedStore) -> None:
    assert await store.add_board_report("GMP", 5, REPORTED, {"late": 5})
    assert not await store.add_board_report("GMP", 5, REPORTED, {"late": 5})
    with pytest.raises(ReportDiffers):
        await store.add_board_report("GMP", 5, REPORTED, {"late": 6})
    assert [report.report for report in await store.latest_board_reports()] == [{"late": 5}]


async def test_a_character_that_the_database_cannot_hold_is_rejected(store: DerivedStore) -> None:
    with pytest.raises(LedgerRejected):
        await store.add_snapshot("board.v1", 1, {"words": "\x00"})
