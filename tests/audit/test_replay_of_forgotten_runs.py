"""Runs that the engine has forgotten: replayed from their seals among everything, named where no seal gives them."""

from collections import Counter

import asyncpg
import pytest
from temporalio.api.history.v1 import HistoryEvent

from nom.activities.db import Pool
from nom.activities.seals import SealStore
from nom.audit.histories import Lost, Run, runs_or_lost
from nom.audit.replay import Replayed
from nom.audit.strict.report import Compared
from nom.console import proof
from nom.console.access import Access
from nom.console.cli.audit_replay_results import SHOWN, Results
from nom.console.proof import replay_everything, replay_streams
from nom.workers.local.stack import Stack
from tests.audit.sealed import a_process_in_its_second_run, forgotten, sealed_to_its_end
from tests.conftest_postgres import ForceDatabase
from tests.console.command_line import nom

pytestmark = pytest.mark.engine

PROCESS, FIRST, SECOND, THIRD = "gmp/26-aaa/referral-1", "run-1", "run-2", "run-3"


def a_run(count: int, before: str = "", after: str = "", kind: str = "nom.referral") -> list[HistoryEvent]:
    """The events of a run, which names the one before it and, where it continued as new, the one after it."""
    events = [HistoryEvent(event_id=number) for number in range(1, count + 1)]
    started = events[0].workflow_execution_started_event_attributes
    started.workflow_type.name, started.continued_execution_run_id = kind, before
    if after:
        events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id = after
    return events


async def lost_and_found(access: Access, pool: Pool) -> tuple[dict[str, str], list[str]]:
    """What is lost of the process, and why; and the runs that are not. The engine has never known it."""
    runs = await runs_or_lost(await access.client.engine("gmp"), SealStore(pool), PROCESS)
    lost = {run.run_id: run.words for run in runs if isinstance(run, Lost)}
    return lost, [run.run_id for run in runs if isinstance(run, Run)]


async def test_everything_includes_a_run_that_only_a_seal_has_and_nothing_twice(
    access: Access, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, run = await a_process_in_its_second_run(access)
    await sealed_to_its_end(await access.seals("gmp"), stream, run)
    await forgotten(access, stream, run)
    listed = sum([(await (await access.client.engine(name)).count_workflows()).count for name in access.namespaces()])
    monkeypatch.setattr(proof, "REPLAYED_AT_ONCE", listed // 3)
    told: list[tuple[int, int]] = []

    def progress(done: int, of: int) -> None:
        told.append((done, of))

    batches = [batch async for batch in replay_everything(access, progress=progress)]
    assert len(batches) in {3, 4}
    results = {(one.stream, one.run): one.verdict for batch in batches for one in batch}
    assert len(results) == sum(map(len, batches))
    assert results[stream, run] == "replayed"
    assert Counter(of for of, _ in results)[stream] == 2
    assert all(done <= of for done, of in told)
    ended = await nom("audit", "replay", "--all", "--data", stack.folder.path, "--json")
    assert {one["run"]: one["verdict"] for one in ended.json["runs"]}[run] == "replayed"
    assert ended.json["summary"]["histories"] == len(ended.json["runs"])


async def test_a_run_whose_seals_break_off_is_lost(access: Access, own_pool: Pool) -> None:
    await SealStore(own_pool).add(PROCESS, FIRST, a_run(5), "running")
    lost, found = await lost_and_found(access, own_pool)
    assert lost == {FIRST: "the engine has forgotten it, and its seals break off after event 5"}
    assert found == []


async def test_a_run_whose_seal_was_altered_is_lost_and_the_others_are_not(
    access: Access, own_pool: Pool, own_database: ForceDatabase
) -> None:
    store = SealStore(own_pool)
    await store.add(PROCESS, FIRST, a_run(5, after=SECOND), "continued_as_new")
    await store.add(PROCESS, SECOND, a_run(4, before=FIRST), "completed")
    connection = await asyncpg.connect(own_database.admin)
    await connection.execute("ALTER TABLE ledger.seal DISABLE TRIGGER ALL")
    await connection.execute(f"UPDATE ledger.seal SET last_event = 6 WHERE run_id = '{FIRST}'")
    await connection.close()
    lost, found = await lost_and_found(access, own_pool)
    assert lost == {FIRST: f"the seal of {PROCESS}, run {FIRST}: its statement is not what was sealed"}
    assert found == [SECOND]


async def test_runs_that_another_names_and_nobody_has_are_lost(access: Access, own_pool: Pool) -> None:
    await SealStore(own_pool).add(PROCESS, SECOND, a_run(5, before=FIRST, after=THIRD), "continued_as_new")
    lost, found = await lost_and_found(access, own_pool)
    assert set(lost) == {FIRST, THIRD}
    assert set(lost.values()) == {"the engine has forgotten it, and it was not sealed"}
    assert found == [SECOND]


async def test_a_status_reporter_is_not_missed(access: Access, own_pool: Pool) -> None:
    await SealStore(own_pool).add(PROCESS, SECOND, a_run(5, before=FIRST, kind="nom.status"), "completed")
    assert await lost_and_found(access, own_pool) == ({}, [SECOND])


async def test_a_listed_run_that_is_forgotten_meanwhile_is_lost(access: Access) -> None:
    client, seals = await access.client.engine("gmp"), await access.seals("gmp")
    (run,) = await runs_or_lost(client, seals, PROCESS, (FIRST,))
    assert run == Lost(PROCESS, FIRST, "the engine has forgotten it, and it was not sealed")


async def test_what_is_lost_is_not_replayed_and_says_why(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(*_: object) -> tuple[Lost, ...]:
        return (Lost(PROCESS, FIRST, "its seals break off"),)

    monkeypatch.setattr(proof, "runs_or_lost", lost)
    (result,) = await replay_streams(access, [PROCESS])
    assert (result.run, result.verdict, result.reason) == (FIRST, "not_replayed", "its seals break off")


def test_of_many_results_memory_holds_only_what_is_shown() -> None:
    fine = Replayed(stream=PROCESS, run=FIRST, events=3, verdict="replayed", compared=Compared(matched=2))
    torn = Replayed(stream=PROCESS, run=SECOND, events=1, verdict="torn", reason="event 2 is not there")
    with Results(lists_agreeing=False, keeps_json=False) as results:
        results.take([fine, torn] * (SHOWN + 1))
        assert (len(results.listed), results.unlisted, results.agree) == (SHOWN, 1, False)
        assert "1002 histories, 2004 events: 501 replayed, 501 torn" in results.in_words()
