"""`nom audit invariants` as a person gives it, on the running stack."""

import pytest

from nom.workers.local.stack import Stack
from tests.console.command_line import Ended, nom

pytestmark = pytest.mark.engine


async def on(stack: Stack, *words: str) -> Ended:
    return await nom("audit", "invariants", *words, "--data", stack.folder.path)


async def test_a_case_is_asked_and_whoever_asked_is_logged(matter: str, stack: Stack) -> None:
    ended = await on(stack, matter, "--as", "auditor-1", "--json")
    assert ended.code == 0, ended.err
    verdicts = {item["number"]: item["verdict"] for item in ended.json["invariants"]}
    assert (len(verdicts), ended.json["violated"]) == (25, False)
    assert (verdicts[1], verdicts[25], verdicts[19]) == ("holds", "holds", "not_looked_at")
    custody = ended.json["invariants"][18]
    assert custody["not_looked_at"] == ["there is no custody"]
    told = await on(stack, matter)
    assert "not looked at" in told.out
    assert "there is no custody" in told.out
    listed = await nom("audit", "readings", matter, "--json", "--data", stack.folder.path)
    rows = [row for row in listed.json["readings"] if row["tool"] == "audit-invariants"]
    assert {row["stream"] for row in rows} == {f"{matter}/case", f"{matter}/referral-1"}
    assert {row["named"] for row in rows} == {True, False}


async def test_a_force_and_everything_are_asked_case_by_case(matter: str, stack: Stack) -> None:
    of_force = await on(stack, "--force", "GMP", "--json")
    of_all = await on(stack, "--all", "--json")
    for ended in (of_force, of_all):
        assert ended.code == 0, (ended.json["violations"], ended.json["unreadable"])
        counts = ended.json["invariants"][24]
        assert counts["holds_in"] == ended.json["matters"] > 0
        assert ended.json["invariants"][18]["no_such_process_in"] > 0
    assert of_all.json["matters"] >= of_force.json["matters"]
    told = await on(stack, "--force", "GMP")
    assert "no such process" in told.out
    assert matter not in told.out


@pytest.mark.parametrize("words", [(), ("gmp/26-1", "--all"), ("--all", "--force", "GMP")])
async def test_exactly_one_thing_is_asked_about(words: tuple[str, ...]) -> None:
    ended = await nom("audit", "invariants", *words)
    assert (ended.code, ended.err.split(":")[1]) == (2, " invariants_of_what")


async def test_a_case_that_is_not_there_is_said(stack: Stack) -> None:
    ended = await on(stack, "gmp/no-such-case")
    assert ended.err.startswith("nom: no_such_case: ")
