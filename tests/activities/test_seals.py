"""Seals in a real ledger: a run in parts, each event once, whoever seals it and however often."""

import asyncio

import asyncpg
import pytest
import zstandard
from temporalio.api.history.v1 import History, HistoryEvent

from nom.activities.db import Pool
from nom.activities.seals import SealStore
from nom.activities.trees import TreeReader
from nom.audit.histories import SealBroken, sealed_runs
from tests.conftest_postgres import ForceDatabase

PROCESS, RUN = "gmp/26-aaa/case", "0192f5aa-0000-7000-8000-000000000001"


def events(count: int) -> list[HistoryEvent]:
    return [HistoryEvent(event_id=number) for number in range(1, count + 1)]


@pytest.fixture
def store(own_pool: Pool) -> SealStore:
    return SealStore(own_pool)


async def test_a_run_is_sealed_in_parts_that_follow_each_other(store: SealStore) -> None:
    assert await store.add(PROCESS, RUN, events(5), "running") == 5
    assert await store.add(PROCESS, RUN, events(8), "continued_as_new") == 3
    first, second = await store.of_workflow(PROCESS)
    assert (first.number, first.statement.first_event, first.statement.last_event) == (0, 1, 5)
    assert (second.number, second.statement.first_event, second.statement.last_event) == (1, 6, 8)
    assert [event.event_id for event in History.FromString(second.unpacked()).events] == [6, 7, 8]
    assert (first.fault(), second.fault()) == (None, None)
    assert await store.ended([RUN, "another"]) == {RUN}


async def test_what_is_sealed_already_is_not_sealed_again(store: SealStore) -> None:
    assert await store.add(PROCESS, RUN, events(5), "running") == 5
    assert await store.add(PROCESS, RUN, events(5), "running") == 0
    assert await store.add(PROCESS, RUN, events(6), "completed") == 1
    assert await store.add(PROCESS, RUN, events(9), "completed") == 0
    assert len(await store.of_workflow(PROCESS)) == 2


async def test_many_that_seal_at_once_seal_every_event_once_and_leave_no_gap(store: SealStore) -> None:
    runs = [f"run-{number}" for number in range(4)]
    await asyncio.gather(*(store.add(PROCESS, run, events(7), "completed") for run in runs for _ in range(5)))
    seals = [seal async for seal in store.all()]
    assert [seal.number for seal in seals] == [0, 1, 2, 3]
    assert {seal.statement.run_id for seal in seals} == set(runs)


async def test_every_process_of_which_something_is_sealed_is_named_once(store: SealStore) -> None:
    for process in ("gmp/26-bbb/case", PROCESS):
        await store.add(process, RUN, events(5), "running")
        await store.add(process, f"{RUN}-again", events(5), "completed")
    assert [process async for process in store.processes()] == [PROCESS, "gmp/26-bbb/case"]


async def test_each_seal_is_a_leaf_of_the_tree_of_seals(store: SealStore, own_pool: Pool) -> None:
    await store.add(PROCESS, RUN, events(5), "completed")
    (leaf,) = [item async for item in TreeReader(own_pool).material("seals")]
    (seal,) = await store.of_workflow(PROCESS)
    assert leaf.digest is not None
    assert leaf.digest.hex() == seal.digest == seal.statement.fingerprint()
    assert (leaf.number, leaf.of, leaf.part) == (0, PROCESS, 5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("status = 'failed'", "statement"),
        ("last_event = 6", "statement"),
        ("run_id = 'another'", "statement"),
        ("history_digest = sha256('x')", "statement"),
        ("digest = sha256('x')", "statement"),
        ("history = '\\x00'", "unpacked"),
    ],
)
async def test_a_seal_that_was_changed_says_so(
    change: str, says: str, store: SealStore, own_database: ForceDatabase
) -> None:
    await store.add(PROCESS, RUN, events(5), "completed")
    await _as_superuser(own_database, f"UPDATE ledger.seal SET {change}")
    (seal,) = [seal async for seal in store.all()]
    assert says in (seal.fault() or "")


async def test_a_history_that_was_replaced_by_another_says_so(store: SealStore, own_database: ForceDatabase) -> None:
    await store.add(PROCESS, RUN, events(5), "completed")
    other = zstandard.ZstdCompressor().compress(History(events=events(4)).SerializeToString()).hex()
    await _as_superuser(own_database, f"UPDATE ledger.seal SET history = '\\x{other}'")
    (seal,) = [seal async for seal in store.all()]
    assert seal.fault() == "its events are not what was sealed"
    with pytest.raises(SealBroken, match=RUN):
        sealed_runs(PROCESS, [seal])


async def test_the_parts_of_a_run_are_its_history_again(store: SealStore) -> None:
    await store.add(PROCESS, RUN, events(5), "running")
    await store.add(PROCESS, RUN, events(8), "completed")
    (run,) = sealed_runs(PROCESS, await store.of_workflow(PROCESS))
    assert list(run.events) == events(8)
    assert (run.run_id, run.is_whole, run.source) == (RUN, True, "seals")


async def _as_superuser(database: ForceDatabase, statement: str) -> None:
    connection = await asyncpg.connect(database.admin)
    try:
        await connection.execute("ALTER TABLE ledger.seal DISABLE TRIGGER ALL")
        assert await connection.execute(statement) != "UPDATE 0"
    finally:
        await connection.close()
