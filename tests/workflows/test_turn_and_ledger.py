"""The turn when the ledger knows more than the process, and when it knows otherwise."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType

from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.requests import AppendRequest
from nom.console.access import Access
from nom.contracts.envelope import PolicyRef, seal
from nom.contracts.errors import Refusal
from nom.contracts.every_process import NoteRecorded
from nom.workers.local.stack import Stack
from nom.workflows.model.referral import MODEL, ReferralState
from nom.workflows.turn import facts_under
from tests.matters import acknowledge, ago, an_open_referral, note, records

pytestmark = pytest.mark.engine


@pytest.fixture
async def pool(stack: Stack) -> AsyncIterator[Pool]:
    opened = await open_pool(stack.worker_settings("gmp").ledger_dsn)
    yield opened
    await opened.close()


async def as_held(access: Access, stream: str) -> tuple[ReferralState, str, PolicyRef]:
    view = await access.client.state(stream)
    state = ReferralState.model_validate_json(view.state)
    assert view.head is not None
    assert state.opening is not None
    return state, view.head, state.opening.policy


async def test_records_that_the_process_has_not_seen_are_folded_in_before_it_decides(
    access: Access, pool: Pool
) -> None:
    case = await an_open_referral(access)
    stream = f"{case}/referral-1"
    state, head, policy = await as_held(access, stream)
    unseen = acknowledge(case, ago(minutes=40))
    decision = MODEL.decide(state, unseen, facts_under(policy))
    assert not isinstance(decision, Refusal)
    sealed = seal(unseen, decision, policy, state.last_seq, head)
    await Ledger(pool).append(AppendRequest(stream=stream, expected_seq=state.last_seq, records=sealed))
    receipt = await access.client.submit(note(case, "given by somebody who knows nothing of it"))
    assert receipt.first_seq == sealed[-1].seq + 1
    assert (await access.client.submit(unseen)).first_seq == sealed[0].seq
    held, _, _ = await as_held(access, stream)
    assert held.acknowledged_at == unseen.occurred_at


async def test_a_ledger_that_holds_another_account_of_a_command_stops_the_process_and_is_never_a_refusal(
    access: Access, pool: Pool
) -> None:
    case = await an_open_referral(access)
    stream = f"{case}/referral-1"
    state, head, policy = await as_held(access, stream)
    request = note(case, "as the process decides it")
    otherwise = (NoteRecorded(text="as the ledger has it", basis="fact"),)
    forged = seal(request, otherwise, policy, state.last_seq, head)
    await Ledger(pool).append(AppendRequest(stream=stream, expected_seq=state.last_seq, records=forged))
    giving = asyncio.ensure_future(access.client.submit(request))
    engine = await access.client.engine("gmp")
    handle = engine.get_workflow_handle(stream)
    try:
        failures = await _task_failures(access, stream)
        assert any("LedgerDisagrees" in failure for failure in failures), failures
        assert not giving.done()
        stored = await records(await access.reader("gmp"), stream)
        assert json.loads(stored[-1].record.payload)["text"] == "as the ledger has it"
    finally:
        giving.cancel()
        await handle.terminate("the end of a test")


async def _task_failures(access: Access, stream: str) -> list[str]:
    engine = await access.client.engine("gmp")
    for _ in range(100):
        history = await engine.get_workflow_handle(stream).fetch_history()
        failed = [e for e in history.events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED]
        if failed:
            return [str(event.workflow_task_failed_event_attributes.failure) for event in failed]
        await asyncio.sleep(0.1)
    return []
