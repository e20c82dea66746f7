"""Sealing on the real stack: what the engine may forget stands in the ledger, under checkpoints that the NCA keeps."""

import pytest
from temporalio.api.history.v1 import History

from nom.activities.sealer import Sealer
from nom.audit.histories import runs_of
from nom.audit.reconcile import reconcile_process
from nom.audit.verify import Verified
from nom.console.access import Access
from nom.console.proof import replay_streams
from nom.console.verifying import verify_ledgers
from tests.audit.sealed import a_process_in_its_second_run, forgotten, sealed_to_its_end, until

pytestmark = pytest.mark.engine


async def test_a_run_is_sealed_before_it_continues_as_new_and_its_last_events_after(access: Access) -> None:
    stream, run = await a_process_in_its_second_run(access)
    parts = await sealed_to_its_end(await access.seals("gmp"), stream, run)
    assert [part.statement.status for part in parts] == ["running", "continued_as_new"]
    assert parts[1].statement.first_event == parts[0].statement.last_event + 1
    engine = await access.client.engine("gmp")
    kept = await engine.get_workflow_handle(stream, run_id=run).fetch_history()
    sealed = [event for part in parts for event in History.FromString(part.unpacked()).events]
    assert History(events=sealed) == History(events=kept.events)
    assert all(part.fault() is None for part in parts)
    missing = await Sealer(engine, await access.seals("gmp")).unsealed()
    assert run not in {ended.run_id for ended in missing}


async def test_the_ledgers_hold_and_the_nca_keeps_checkpoints_that_agree(access: Access) -> None:
    stream, run = await a_process_in_its_second_run(access)
    await sealed_to_its_end(await access.seals("gmp"), stream, run)

    async def verified() -> Verified:
        return (await verify_ledgers(access, ("gmp",)))[0]

    async def is_covered() -> bool:
        found = await verified()
        assert found.faults == ()
        records, seals = (tree for tree in found.trees if tree.tree in ("records", "seals"))
        return min(records.covered, records.elsewhere, seals.covered, seals.elsewhere) > 0

    await until(is_covered)
    found = await verified()
    assert found.seals >= 2
    assert found.trees[0].covered <= found.positions


async def test_a_run_that_the_engine_has_forgotten_is_replayed_and_reconciled_from_its_seal(access: Access) -> None:
    stream, run = await a_process_in_its_second_run(access)
    store = await access.seals("gmp")
    await sealed_to_its_end(store, stream, run)
    engine = await access.client.engine("gmp")
    await forgotten(access, stream, run)
    sources = {one.run_id: one.source for one in await runs_of(engine, store, stream)}
    assert sources[run] == "seals"
    assert set(sources.values()) == {"engine", "seals"}
    replayed = await replay_streams(access, (stream,))
    assert {one.run for one in replayed} == set(sources)
    assert all(one.agrees for one in replayed)
    reconciled = await reconcile_process(engine, store, await access.reader("gmp"), stream)
    assert (reconciled.disagreements, reconciled.unknown) == ((), 0)
