"""A command that gets no receipt ends in words that say why, whatever the cause; and never as a defect of nom."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError, TerminatedError

from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.requests import AppendRequest
from nom.console import client
from nom.console.access import Access
from nom.console.cli.endings import STACK_AWAY, ending_of
from nom.console.client import NomClient
from nom.console.unanswered import CommandNotDecided, ProcessGone, ProcessStopped, failed_otherwise
from nom.contracts.envelope import CommandEnvelope, seal
from nom.contracts.every_process import NoteRecorded
from nom.workers.local.stack import Stack
from nom.workers.plugin import EngineUnavailable
from nom.workflows.model.referral import ReferralState
from tests.console.command_line import nom
from tests.matters import a_matter, an_open_referral, note, refusal_of

STREAM = "gmp/test-1/referral-1"
TWICE = 2


@pytest.fixture
async def pool(stack: Stack) -> AsyncIterator[Pool]:
    opened = await open_pool(stack.worker_settings("gmp").ledger_dsn)
    yield opened
    await opened.close()


async def forked(access: Access, pool: Pool, case: str) -> CommandEnvelope[Any]:
    """A command that the ledger holds already, with another account of what came of it."""
    request = note(case, "as the process decides it")
    view = await access.client.state(request.stream)
    state = ReferralState.model_validate_json(view.state)
    assert state.opening is not None
    otherwise = (NoteRecorded(text="as the ledger has it", basis="fact"),)
    forged = seal(request, otherwise, state.opening.policy, state.last_seq, view.head)
    asked = AppendRequest(stream=request.stream, expected_seq=state.last_seq, records=forged)
    await Ledger(pool).append(asked)
    return request


@pytest.mark.engine
async def test_a_process_that_the_engine_has_ended_is_told_as_gone_and_not_as_never_opened(
    access: Access, stack: Stack
) -> None:
    case = await an_open_referral(access)
    engine = await access.client.engine("gmp")
    await engine.get_workflow_handle(f"{case}/referral-1").terminate("by an operator")
    with pytest.raises(ProcessGone, match=r"no longer runs .*terminated.*what it recorded stands"):
        await access.client.submit(note(case, "too late"))
    words = ("act", case, "referral", "Acknowledge", "--as", "duty-officer-1", "--data", stack.folder.path)
    ended = await nom(*words)
    assert (ended.code, ended.out) == (STACK_AWAY, "")
    assert ended.err.startswith("nom: process_gone: the engine no longer runs")
    never = await refusal_of(access.client.submit(note(a_matter(), "never opened")))
    assert never.code == "process_not_open"


@pytest.mark.engine
async def test_a_process_that_its_ledger_contradicts_is_told_as_stopped_and_why(
    access: Access, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SECONDS_BETWEEN_LOOKS", 0.2)
    case = await an_open_referral(access)
    request = await forked(access, pool, case)
    engine = await access.client.engine("gmp")
    try:
        with pytest.raises(ProcessStopped, match="another account of what it decided") as stopped:
            await access.client.submit(request)
        assert str(request.command_id) in str(stopped.value)
    finally:
        await engine.get_workflow_handle(request.stream).terminate("the end of a test")


@pytest.mark.engine
async def test_a_process_that_is_ended_while_somebody_waits_for_it_is_told_as_gone(access: Access, pool: Pool) -> None:
    case = await an_open_referral(access)
    request = await forked(access, pool, case)
    engine = await access.client.engine("gmp")
    giving = asyncio.create_task(access.client.submit(request))
    handle = engine.get_workflow_handle(request.stream)
    async with asyncio.timeout(60):
        while (await handle.describe()).raw_description.pending_workflow_task.attempt < TWICE:  # noqa: ASYNC110 - in the engine
            await asyncio.sleep(0.05)
    await handle.terminate("by an operator")
    with pytest.raises(ProcessGone):
        await giving


async def test_where_nobody_answers_the_engine_is_told_as_away() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(EngineUnavailable, match=f"nobody answers for gmp at {address}"):
            await NomClient(address).submit(note("gmp/test-1", "said to nobody"))


async def test_a_worker_whose_engine_is_away_says_so_and_is_no_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("NOM_NAMESPACE", "gmp")
        monkeypatch.setenv("NOM_ENGINE_ADDRESS", address)
        monkeypatch.setenv("NOM_LEDGER_DSN", "postgresql://127.0.0.1:1/nom_gmp")
        ended = await nom("worker")
    assert ended.code == STACK_AWAY, ended.err
    assert f"nom: engine_unavailable: nobody answers for gmp at {address}" in ended.err


def test_a_process_that_ended_in_the_middle_may_have_recorded_the_command() -> None:
    cause = ApplicationError("words of the engine", type="AcceptedUpdateCompletedWorkflow")
    told = failed_otherwise(cause, STREAM)
    assert isinstance(told, ProcessGone)
    assert "may or may not be recorded" in str(told)


@pytest.mark.parametrize(
    ("cause", "name"),
    [
        (ApplicationError("words of a person", type="PolicyNotFound"), "PolicyNotFound"),
        (ApplicationError("words of a person", {"no": "refusal"}, type="Other"), "Other"),
        (TerminatedError("words of a person"), "TerminatedError"),
    ],
)
def test_code_that_fails_is_no_refusal_and_its_message_is_not_repeated(cause: BaseException, name: str) -> None:
    told = client.refusal_in(cause, STREAM)
    assert isinstance(told, CommandNotDecided)
    ending = ending_of(told)
    assert ending is not None
    assert (ending.code, ending.exit_code) == ("command_not_decided", STACK_AWAY)
    assert f"({name}), and nothing was recorded" in ending.words
    assert "words of a person" not in ending.words
