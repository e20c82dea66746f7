"""The commands of the account and of the log, as a person gives them, on the running stack."""

import pytest

from nom.console.access import Access
from nom.workers.local.stack import Stack
from tests.console.command_line import Ended, nom
from tests.matters import a_matter, acknowledge, ago, note, receive

pytestmark = pytest.mark.engine
CORRECTED = ("CorrectRecord", "wrong_seq=1", "correction=it was the nurse")


async def on(stack: Stack, *words: str) -> Ended:
    return await nom(*words, "--data", stack.folder.path)


async def test_a_case_is_told_as_it_was_known_then_and_every_reader_is_logged(stack: Stack) -> None:
    case = a_matter()
    async with Access(stack.folder) as access:
        await access.client.submit(receive(case, ago(days=4)))
        await access.client.submit(note(case, "seen at school"))
        await access.client.submit(acknowledge(case, ago(days=4)))
    assert (await on(stack, "show", case, "--as", "duty-officer-1", "--purpose", "casework")).code == 0
    given = ("act", case, "referral", *CORRECTED, "--as", "duty-officer-1", "--reason", "misheard")
    assert (await on(stack, *given)).code == 0

    told = await on(stack, "audit", "show", case, "--as", "auditor-1", "--json")
    assert told.code == 0, told.err
    (decision,) = told.json["decisions"]
    (read,) = [item for item in decision["consulted"] if item["stream"] == f"{case}/referral-1"]
    assert (decision["command"], decision["reason"], decision["known"]) == ("CorrectRecord", "misheard", True)
    assert read["read"], "what the officer was shown before is told as read"
    assert read["not_read"] == []
    (correction,) = told.json["difference"]["corrections"]
    assert correction["correction"] == "it was the nurse"

    then = await on(stack, "audit", "show", case, "--at", ago(days=2).isoformat(), "--as", "auditor-1", "--json")
    referral = next(item for item in then.json["processes"] if item["stream"] == f"{case}/referral-1")
    assert referral["known"] is None, "two days ago nothing had been entered"
    assert referral["happened"]["status"] == "open"
    assert {act["command"] for act in then.json["difference"]["late_entries"]} >= {"ReceiveReferral", "Acknowledge"}
    assert {act["late"] for act in then.json["difference"]["late_entries"] if act["actor"]["role"] != "system"} == {
        "entered 4 d later"
    }
    assert decision["late"] is None, "it was given and recorded at once"
    words = await on(stack, "audit", "show", case, "--all")
    assert "(entered 4 d later)" in words.out
    assert "as known then" in words.out
    assert "why: misheard" in words.out

    listed = await on(stack, "audit", "readings", case, "--json")
    tools = [(row["tool"], row["reader_id"], row["named"]) for row in listed.json["readings"]]
    assert ("show", "duty-officer-1", True) in tools
    assert ("audit-show", "auditor-1", True) in tools
    assert (listed.code, listed.json["holds"]) == (1, False), "somebody asked without a name"
    assert {item["words"] for item in listed.json["unaccounted"]} == {"nobody said who read; auditor-1 was put in"}


async def test_nothing_is_shown_for_a_disclosure_to_nobody(stack: Stack) -> None:
    case = a_matter()
    async with Access(stack.folder) as access:
        await access.client.submit(receive(case, ago(hours=1)))
    refused = await on(stack, "show", case, "--purpose", "disclosure")
    assert (refused.code, refused.out) == (2, "")
    assert "recipient_missing" in refused.err
    assert (await on(stack, "show", case, "--as", "officer-1", "--disclosed-to", "cps")).code == 0
    (row,) = {
        (row["purpose"], row["disclosed_to"])
        for row in (await on(stack, "audit", "readings", case, "--json")).json["readings"]
    }
    assert row == ("disclosure", "cps")
    whole = await on(stack, "audit", "readings", "--force", "GMP", "--json")
    assert whole.json["rows"] > 0
    assert whole.json["readings"] == []
