"""What a worker refuses stands in the ledger, is asked for again on replay, and is told to who asks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from nom.activities.refusals import LoggedRefusal
from nom.audit.refused import RefusedCommand, refused_commands
from nom.audit.replay import Replayed
from nom.console import proof
from nom.console.access import Access
from nom.console.client import Refused
from nom.console.proof import replay_matter, replay_streams
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.ids import namespace_of
from tests.audit import looser_replayer
from tests.audit.sealed import forgotten, sealed_to_its_end
from tests.matters import a_matter, acknowledge, ago, note, on_referral, receive, record_crime, refusal_of

pytestmark = pytest.mark.engine


def route(case: str, reason: str | None = None) -> CommandEnvelope[Any]:
    """Before it was acknowledged and a crime recorded, this is refused."""
    asked = on_referral(case, "duty-officer-1", {"type": "Route", "to": "triage"})
    return asked.model_copy(update={"reason": reason})


async def a_referral(access: Access) -> str:
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=1), brought_in=True))
    await access.client.submit(note(case, "so that the opening's own work is over"))
    return case


async def logged(access: Access, case: str, at_least: int) -> list[LoggedRefusal]:
    """The refusals of a case, once so many are there."""
    log = await access.refusals(namespace_of(case))
    async with asyncio.timeout(60):
        while len(rows := [row async for row in log.of_case(case)]) < at_least:  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.05)
    return rows


async def read(rows: list[LoggedRefusal]) -> tuple[RefusedCommand, ...]:
    async def given() -> AsyncIterator[LoggedRefusal]:
        for row in rows:
            yield row

    return await refused_commands(given())


async def test_a_command_that_the_validator_refuses_is_noted_once_with_all_that_was_said(access: Access) -> None:
    case = await a_referral(access)
    request = route(case, "the school is waiting")
    refusal = await refusal_of(access.client.submit(request))
    later = await refusal_of(access.client.submit(route(case)))
    assert refusal.code == later.code == "referral_gate"
    rows = await logged(access, case, 2)
    first, second = await read(rows)
    assert (first.stream, first.command, first.command_id) == (f"{case}/referral-1", "Route", request.command_id)
    assert (first.actor, first.submitted_at) == (request.actor, request.submitted_at)
    assert (first.reason, second.reason) == ("the school is waiting", None)
    assert (first.code, first.words, first.unmet) == (refusal.code, refusal.message, refusal.unmet)
    assert not first.accepted
    assert ago(minutes=5) < first.at <= second.at < ago(minutes=-5)
    assert {row.login for row in rows} == {"nom_gmp_worker"}


async def test_a_command_that_is_refused_after_it_was_accepted_is_noted_once_as_such(access: Access) -> None:
    """While one is being taken, those that come with it are let through, and the turn itself refuses them."""
    async with asyncio.timeout(60):
        while not any(item.accepted for item in await all_but_one_refused(access)):
            continue


async def all_but_one_refused(access: Access) -> tuple[RefusedCommand, ...]:
    """What is noted of as many acknowledgements at once as the engine takes: one is recorded."""
    case = await a_referral(access)
    requests = [acknowledge(case, ago(minutes=5)) for _ in range(6)]
    busy = [note(case, f"to keep it busy: {number}") for number in range(2)]
    answers = await asyncio.gather(*map(access.client.submit, [*busy, *requests]), return_exceptions=True)
    refused = {
        request.command_id
        for request, answer in zip(requests, answers[len(busy) :], strict=True)
        if isinstance(answer, Refused)
    }
    assert len(refused) == len(requests) - 1
    found = await read(await logged(access, case, len(refused)))
    assert sorted(map(str, refused)) == sorted(str(item.command_id) for item in found), "each is noted once"
    engine = await access.client.engine(namespace_of(case))
    history = await engine.get_workflow_handle(f"{case}/referral-1").fetch_history()
    accepted = {
        event.workflow_execution_update_accepted_event_attributes.protocol_instance_id
        for event in history.events
        if event.HasField("workflow_execution_update_accepted_event_attributes")
    }
    assert [item.accepted for item in found] == [str(item.command_id) in accepted for item in found]
    return found


async def test_a_request_that_does_not_fit_is_noted_as_one_that_could_not_be_read(access: Access) -> None:
    case = await a_referral(access)
    engine = await access.client.engine(namespace_of(case))
    with pytest.raises(Exception, match="update failed"):
        await engine.get_workflow_handle(f"{case}/referral-1").execute_update("command", {"no": "command"})
    (item,) = await read(await logged(access, case, 1))
    assert (item.update, item.command, item.actor, item.words) == ("command", None, None, None)


async def test_noted_refusals_are_asked_for_again_and_a_rule_made_looser_is_found(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await a_referral(access)
    await refusal_of(access.client.submit(route(case)))
    await access.client.submit(acknowledge(case, ago(minutes=5)))
    await refusal_of(access.client.submit(route(case)))
    await access.client.submit(record_crime(case, ago(minutes=4)))
    await logged(access, case, 2)
    same = of_the_referral(await replay_matter(access, case))
    assert (same.verdict, same.compared and same.compared.refusals) == ("replayed", 2)
    monkeypatch.setattr(proof, "ENTRY", looser_replayer.ENTRY)
    looser = of_the_referral(await replay_matter(access, case))
    assert looser.verdict == "differs"
    assert looser.reason is not None
    assert looser.reason.endswith("an update was refused (referral_gate), and now: accepted")


async def test_everything_is_replayed_with_the_refusals_that_were_noted(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await a_referral(access)
    await refusal_of(access.client.submit(route(case)))
    await logged(access, case, 1)
    monkeypatch.setattr(proof, "ENTRY", looser_replayer.ENTRY)
    found = [one async for batch in proof.replay_everything(access) for one in batch]
    assert of_the_referral([one for one in found if one.stream.startswith(case)]).verdict == "differs"


async def test_a_run_that_only_its_seal_keeps_is_asked_for_its_refusals_too(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await a_referral(access)
    stream = f"{case}/referral-1"
    await refusal_of(access.client.submit(route(case)))
    handle = (await access.client.engine(namespace_of(case))).get_workflow_handle(stream)
    first = (await handle.describe()).run_id
    async with asyncio.timeout(60):
        while (await handle.describe()).run_id == first:
            await access.client.submit(note(case, "filling"))
    await logged(access, case, 1)
    await sealed_to_its_end(await access.seals(namespace_of(case)), stream, first)
    await forgotten(access, stream, first)
    found = {one.run: one for one in await replay_streams(access, [stream])}
    assert {one.verdict for one in found.values()} == {"replayed"}
    assert {run: one.compared and one.compared.refusals for run, one in found.items()}.pop(first) == 1
    monkeypatch.setattr(proof, "ENTRY", looser_replayer.ENTRY)
    looser = {one.run: one.verdict for one in await replay_streams(access, [stream])}
    assert looser.pop(first) == "differs"
    assert set(looser.values()) == {"replayed"}


async def test_a_process_that_was_reset_is_asked_what_belongs_to_the_history_that_it_has_now(access: Access) -> None:
    """For what was refused behind the point that it was reset to, the history no longer has the state."""
    case = await a_referral(access)
    stream = f"{case}/referral-1"
    await refusal_of(access.client.submit(route(case)))
    await access.client.submit(note(case, "so that a task is completed behind the refusal"))
    engine = await access.client.engine(namespace_of(case))
    history = await engine.get_workflow_handle(stream).fetch_history()
    tasks = [event for event in history.events if event.HasField("workflow_task_completed_event_attributes")]
    await access.client.submit(acknowledge(case, ago(minutes=5)))
    behind = await refusal_of(access.client.submit(acknowledge(case, ago(minutes=5))))
    await engine.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=namespace_of(case),
            workflow_execution=WorkflowExecution(workflow_id=stream, run_id=history.run_id),
            reason="a test",
            workflow_task_finish_event_id=tasks[-1].event_id,
            request_id=f"reset-{stream}",
        )
    )
    await access.client.submit(note(case, "so that what was done before the reset is done again"))
    again = [await refusal_of(access.client.submit(acknowledge(case, ago(minutes=4)))) for _ in range(2)]
    assert {refusal.code for refusal in (behind, *again)} == {"already_acknowledged"}
    rows = await logged(access, case, 4)
    assert len({row.run_id for row in rows}) == 2
    (replayed,) = await replay_streams(access, [stream])
    assert (replayed.verdict, replayed.compared and replayed.compared.refusals) == ("replayed", 3)


def of_the_referral(results: tuple[Replayed, ...] | list[Replayed]) -> Replayed:
    (found,) = [one for one in results if one.stream.endswith("/referral-1")]
    return found
