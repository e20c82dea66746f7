"""`nom audit refusals` as a person gives it, and what `nom audit show` says of refusals."""

import asyncio
from typing import Any

import pytest

from nom.console.access import Access
from nom.contracts.envelope import CommandEnvelope
from nom.workers.local.stack import Stack
from tests.console.command_line import Ended, nom
from tests.matters import a_matter, ago, note, on_referral, receive, refusal_of

pytestmark = pytest.mark.engine

BLAMES = "she is promiscuous and the school wants it off its desk"


def route(case: str, reason: str) -> CommandEnvelope[Any]:
    asked = on_referral(case, "duty-officer-1", {"type": "Route", "to": "triage"})
    return asked.model_copy(update={"reason": reason})


@pytest.fixture(scope="module")
async def case(access: Access) -> str:
    """A referral that somebody twice tried to route too early."""
    case = a_matter("WYP")
    await access.client.submit(receive(case, ago(hours=1), brought_in=True))
    await access.client.submit(note(case, "so that the opening's own work is over"))
    for reason in ("the school is waiting", BLAMES):
        refusal = await refusal_of(access.client.submit(route(case, reason)))
        assert refusal.code == "referral_gate"
    log = await access.refusals("wyp")
    async with asyncio.timeout(60):
        while len([row async for row in log.of_case(case)]) < 2:  # noqa: ASYNC110 - a worker writes it
            await asyncio.sleep(0.05)
    return case


async def on(stack: Stack, *words: str) -> Ended:
    return await nom(*words, "--data", stack.folder.path)


async def test_an_inspector_is_told_who_asked_for_what_and_every_condition_that_was_not_met(
    stack: Stack, case: str
) -> None:
    told = await on(stack, "audit", "refusals", case, "--as", "auditor-1")
    assert told.code == 0, told.err
    for expected in (
        "Route",
        "duty-officer-1",
        "WYP",
        "referral_gate",
        "reason: the",
        "is waiting",
        "- the",
        "lexicon",
    ):
        assert expected in told.out
    assert "2 refusals are noted" in told.out
    assert "proves nothing" in told.out
    assert "promiscuous" not in told.out, "nobody reviewed it"


async def test_programs_are_told_the_same_and_the_reading_is_logged(stack: Stack, case: str) -> None:
    told = await on(stack, "audit", "refusals", case, "--as", "auditor-1", "--purpose", "inspection", "--json")
    first, second = told.json["refusals"]
    assert (first["command"], first["code"], first["reason"]) == ("Route", "referral_gate", "the school is waiting")
    assert {item["code"] for item in first["unmet"]} == {"not_acknowledged", "crime_not_recorded"}
    assert (first["actor"]["id"], first["accepted"], first["reason_withheld"]) == ("duty-officer-1", False, False)
    assert (second["reason"], second["reason_withheld"]) == (None, True)
    log = await on(stack, "audit", "readings", case, "--json")
    rows = [row for row in log.json["readings"] if row["tool"] == "audit-refusals" and row["purpose"] == "inspection"]
    assert [(row["stream"], row["partly"]) for row in rows] == [(f"{case}/referral-1", True)]


async def test_a_whole_force_is_told_and_logged_as_a_reading_of_its_ledger(stack: Stack, case: str) -> None:
    told = await on(stack, "audit", "refusals", "--force", "wyp", "--as", "auditor-1", "--json")
    assert (told.json["case"], told.json["force"]) == (None, "WYP")
    assert {item["stream"] for item in told.json["refusals"]} >= {f"{case}/referral-1"}
    async with Access(stack.folder) as access:
        rows = [row async for row in (await access.readings("wyp")).all()]
    assert ("audit-refusals", "wyp/") in {(row.tool, row.stream) for row in rows}


async def test_the_account_of_a_case_counts_what_was_refused_by_then(stack: Stack, case: str) -> None:
    now = await on(stack, "audit", "show", case, "--as", "auditor-1")
    assert f"2 by then, as noted: `nom audit refusals {case}` lists them" in now.out
    then = await on(stack, "audit", "show", case, "--as", "auditor-1", "--at", ago(minutes=30).isoformat(), "--json")
    assert then.json["refused"] == 0


async def test_one_case_or_one_force_is_asked_about_and_it_must_be_there(stack: Stack) -> None:
    for words in ((), ("wyp/26-1", "--force", "wyp")):
        ended = await on(stack, "audit", "refusals", *words)
        assert (ended.code, ended.err.split(":")[1]) == (2, " refusals_of_what")
    ended = await on(stack, "audit", "refusals", "wyp/test-nothing")
    assert ended.code != 0
    assert ended.err.startswith("nom: no_such_case: ")


async def test_a_case_of_which_nothing_was_refused_says_that_this_proves_nothing(stack: Stack) -> None:
    case = a_matter("WYP")
    async with Access(stack.folder) as access:
        await access.client.submit(receive(case, ago(hours=1)))
    told = await on(stack, "audit", "refusals", case)
    assert told.out.startswith("0 refusals are noted")
    assert "none noted by then, which proves nothing" in (await on(stack, "audit", "show", case)).out
