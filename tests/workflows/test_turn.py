"""The turn on the real engine: once, in order, whole, and refused for free."""

import asyncio
import itertools
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from nom.console.access import Access
from nom.contracts.ids import ProcessKind, namespace_of
from nom.contracts.policy.loader import all_packs
from nom.workflows.operating_model import MODELS
from tests.matters import (
    a_matter,
    acknowledge,
    ago,
    note,
    on_referral,
    receive,
    record_crime,
    records,
    refusal_of,
    types,
)

pytestmark = pytest.mark.engine


async def handle_of(access: Access, stream: str) -> WorkflowHandle[object, object]:
    client = await access.client.engine(namespace_of(stream))
    return client.get_workflow_handle(stream)


async def an_open_referral(access: Access, *, brought_in: bool = True) -> str:
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=1), brought_in=brought_in))
    return case


async def test_a_command_is_recorded_with_its_actor_reason_policy_and_cause(access: Access) -> None:
    case = await an_open_referral(access)
    request = acknowledge(case, ago(minutes=30))
    receipt = await access.client.submit(request)
    reader = await access.reader("gmp")
    record = (await records(reader, f"{case}/referral-1"))[receipt.first_seq - 1].record
    assert record.type == "referral_acknowledged.v1"
    assert record.actor == request.actor
    assert (record.command, record.command_id) == ("Acknowledge", request.command_id)
    assert record.occurred_at == request.occurred_at
    assert record.policy.version in {pack.version for pack in all_packs()}
    assert record.computed_digest() == record.digest == receipt.digest


async def test_a_command_given_again_gets_the_first_receipt_and_leaves_one_record(access: Access) -> None:
    case = await an_open_referral(access)
    request = note(case, "seen")
    first = await access.client.submit(request)
    assert await access.client.submit(request) == first
    again = request.model_copy(update={"submitted_at": ago(seconds=-1)})
    assert await access.client.submit(again) == first
    reader = await access.reader("gmp")
    assert types(await records(reader, f"{case}/referral-1")).count("note_recorded") == 1


async def test_a_command_id_used_for_another_request_is_refused(access: Access) -> None:
    case = await an_open_referral(access)
    identity = uuid4()
    await access.client.submit(note(case, "first", identity))
    refusal = await refusal_of(access.client.submit(note(case, "second", identity)))
    assert refusal.code == "command_id_reused"


async def test_a_refusal_leaves_no_event_in_the_ledger_and_none_in_the_history(access: Access) -> None:
    case = await an_open_referral(access)
    stream = f"{case}/referral-1"
    reader = await access.reader("gmp")
    await access.client.submit(note(case, "so that the opening's own work is over"))
    await asyncio.sleep(0.5)
    before = await records(reader, stream)
    route = on_referral(case, "duty-officer-1", {"type": "Route", "to": "triage"})
    refusal = await refusal_of(access.client.submit(route))
    assert refusal.code == "referral_gate"
    assert {item.code for item in refusal.unmet} == {"not_acknowledged", "crime_not_recorded"}
    assert await records(reader, stream) == before
    history = await (await handle_of(access, stream)).fetch_history()
    accepted = [e for e in history.events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED]
    identities = {e.workflow_execution_update_accepted_event_attributes.protocol_instance_id for e in accepted}
    assert str(route.command_id) not in identities
    await access.client.submit(acknowledge(case))


async def test_commands_given_at_once_are_each_recorded_once_and_the_chain_holds(access: Access) -> None:
    case = await an_open_referral(access)
    requests = [note(case, f"note {number}") for number in range(24)]
    receipts = await asyncio.gather(*(access.client.submit(request) for request in requests))
    assert len({receipt.first_seq for receipt in receipts}) == len(requests)
    stored = [item.record for item in await records(await access.reader("gmp"), f"{case}/referral-1")]
    assert [record.seq for record in stored] == list(range(1, len(stored) + 1))
    for earlier, later in itertools.pairwise(stored):
        assert later.previous == earlier.digest
    assert types(await records(await access.reader("gmp"), f"{case}/referral-1")).count("note_recorded") == len(
        requests
    )


async def test_receipts_outlive_continue_as_new(access: Access) -> None:
    case = await an_open_referral(access)
    stream = f"{case}/referral-1"
    handle = await handle_of(access, stream)
    first_run = (await handle.describe()).run_id
    early = note(case, "before the process continues as new")
    receipt = await access.client.submit(early)
    for number in range(80):
        await access.client.submit(note(case, f"filling {number}"))
        if (await handle.describe()).run_id != first_run:
            break
    assert (await handle.describe()).run_id != first_run
    assert await access.client.submit(early) == receipt
    model = MODELS[ProcessKind.REFERRAL]
    state = model.blank(stream)
    for item in await records(await access.reader("gmp"), stream):
        state = model.fold(state, item.record)
    view = await access.client.state(stream)
    assert view.state == state.canonical().decode()
    assert types(await records(await access.reader("gmp"), stream)).count("note_recorded") == view.seq - 7


async def test_a_clock_of_a_live_matter_fires_by_wall_time_and_a_late_entry_withdraws_the_breach(
    access: Access,
) -> None:
    case = a_matter()
    received = ago(hours=23, minutes=59, seconds=57)
    await access.client.submit(receive(case, received))
    reader = await access.reader("gmp")
    stream = f"{case}/referral-1"
    for _ in range(200):
        if "deadline_breached" in types(await records(reader, stream)):
            break
        await asyncio.sleep(0.1)
    breach = next(r.record for r in await records(reader, stream) if r.record.type == "deadline_breached.v1")
    assert breach.actor.role == "system"
    assert '"clock_id":"cr1"' in breach.payload
    await access.client.submit(record_crime(case, ago(hours=2)))
    assert types(await records(reader, stream))[-3:] == ("crime_recorded", "breach_withdrawn", "clock_met")


async def test_a_later_command_moves_the_timer_so_that_a_met_clock_never_fires(access: Access) -> None:
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=23, minutes=59, seconds=57)))
    await access.client.submit(record_crime(case))
    await asyncio.sleep(4)
    assert "deadline_breached" not in types(await records(await access.reader("gmp"), f"{case}/referral-1"))


async def test_no_clock_of_a_matter_brought_in_fires_until_it_is_marked_up_to_date(access: Access) -> None:
    case = a_matter()
    stream = f"{case}/referral-1"
    await access.client.submit(receive(case, ago(days=30), brought_in=True))
    await asyncio.sleep(1)
    reader = await access.reader("gmp")
    assert "deadline_breached" not in types(await records(reader, stream))
    await access.client.submit(on_referral(case, "administrator-1", {"type": "MarkUpToDate"}))
    assert types(await records(reader, stream)).count("deadline_breached") == 3


@pytest.mark.parametrize(
    ("person", "command", "code"),
    [
        ("duty-officer-1", {"type": "RecordCrime", "victim": "child-1", "offence": "SX03025"}, "role"),
        ("registrar-1", {"type": "RecordCrime", "victim": "child-1", "offence": "SX99999"}, "unknown_code"),
        ("registrar-1", {"type": "RecordCrime", "victim": "child-9", "offence": "SX03025"}, "unknown_subject"),
    ],
)
async def test_bad_input_is_refused_with_a_stable_code(
    access: Access, person: str, command: dict[str, str], code: str
) -> None:
    case = await an_open_referral(access)
    refusal = await refusal_of(access.client.submit(on_referral(case, person, command)))
    assert refusal.code == code


async def test_a_command_from_the_future_is_refused(access: Access) -> None:
    case = await an_open_referral(access)
    refusal = await refusal_of(access.client.submit(acknowledge(case, ago(hours=-2))))
    assert refusal.code == "occurred_in_future"


async def test_a_command_to_a_process_that_was_never_opened_is_refused(access: Access) -> None:
    refusal = await refusal_of(access.client.submit(acknowledge(a_matter())))
    assert refusal.code == "process_not_open"
