"""`nom policy`, `nom clock` and `nom why`: what people type, without a stack and with one."""

from pathlib import Path
from uuid import uuid4

import pytest

from nom.console.access import Access
from nom.console.catalogue import commands_of
from nom.console.policy_checks import check_file, problems_of
from nom.console.scenario.runner import Ledgers
from nom.contracts.ids import ProcessKind
from nom.contracts.policy.loader import pack_of_version
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import RoleRule
from nom.workers.local.stack import Stack
from tests.console.command_line import nom
from tests.matters import a_matter, ago, on_referral, receive, records, types

ENGLAND = pack_of_version("eng-police-2026.1")
OVERLAY = "overlay: gmp-2026.1\nforce: GMP\npack: eng-police-2026.2\nbasis: Local standard\n"


def changed(role: RoleRule, *commands: str) -> PolicyPack:
    other = role.model_copy(update={"commands": commands})
    return ENGLAND.model_copy(update={"roles": tuple(other if rule is role else rule for rule in ENGLAND.roles)})


async def test_the_packs_are_listed_with_their_days_and_digests() -> None:
    ended = await nom("policy", "show", "--json")
    assert ended.code == 0
    listed = {row["version"]: (row["effective_from"], row["effective_to"]) for row in ended.json}
    assert listed["eng-police-2026.1"] == ("2022-10-28", "2026-04-28")
    assert listed["wal-police-2026.2"] == ("2026-04-29", None)


async def test_one_rule_is_shown_with_its_basis_and_what_a_force_may_vary() -> None:
    ended = await nom("policy", "show", "eng-police-2026.2", "--clock", "tr1", "--json")
    (rule,) = ended.json
    assert (rule["value"], rule["least"], rule["most"], rule["confidence"]) == (24, 4, 72, "ours")
    whole = await nom("policy", "show", "eng-police-2026.2")
    assert "How soon somebody must act on a THRIVE assessment" in whole.out
    unknown = await nom("policy", "show", "eng-police-1999.1")
    assert (unknown.code, "eng-police-2026.1" in unknown.err) == (2, True)


async def test_the_difference_between_two_packs_is_told_in_words() -> None:
    ended = await nom("policy", "diff", "eng-police-2026.1", "eng-police-2026.2")
    assert ended.code == 0
    assert "duties[IS1]: new (" in ended.out


async def test_an_overlay_is_checked_and_its_refusals_are_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(OVERLAY + "clocks: {TR1: {value: 12}}\n", encoding="utf-8")
    bad.write_text(OVERLAY + "clocks: {WT1: {value: 9}}\n", encoding="utf-8")
    ended = await nom("policy", "check", bad)
    assert ended.code == 1
    assert "clocks[WT1].value: a force may not vary it" in ended.out
    missing = await nom("policy", "check", tmp_path / "nowhere.yaml")
    assert (missing.code, missing.err.split(":")[1].strip()) == (2, "file_missing")
    found = check_file(good)
    assert (found.kind, found.version, found.problems) == ("overlay", "gmp-2026.1", tuple(problems_of(ENGLAND)))


def test_a_pack_that_is_not_whole_is_reported_with_its_gap(tmp_path: Path) -> None:
    file = tmp_path / "eng-police-2026.9.yaml"
    file.write_text(
        "version: eng-police-2026.9\nstatement: a test\njurisdictions: [ENG]\nagency: police\nbail_regime: standard\n"
        "effective_from: 2026-09-01\ncalendar: england-and-wales-1\nextends: base-2026.1\n"
        "without: {decision_tables: [thrive_response]}\n",
        encoding="utf-8",
    )
    found = check_file(file)
    assert found.version is None
    assert "the pack has no thrive_response" in found.problems[0]


def test_a_role_without_commands_a_command_without_a_role_and_an_unknown_command_are_found() -> None:
    before = set(problems_of(ENGLAND))
    registrar = ENGLAND.role("specialist_interviewer")
    assert "roles[specialist_interviewer]: may give no command" in problems_of(changed(registrar))
    strange = changed(registrar, "MakeTea")
    assert set(problems_of(strange)) - before == {
        "roles[specialist_interviewer].commands: no process has a command MakeTea"
    }
    only = next(name for name in commands_of(ProcessKind.STRATEGY_MEETING) if len(ENGLAND.roles_for(name)) == 1)
    (role,) = ENGLAND.roles_for(only)
    held = ENGLAND.role(role)
    separated = {pair.first_command for pair in ENGLAND.separations} | {p.then_command for p in ENGLAND.separations}
    assert only not in separated
    without = changed(held, *(name for name in held.commands if name != only))
    assert f"roles: nobody may give {only}" in problems_of(without)


def test_a_kind_of_meeting_without_a_quorum_and_a_ladder_with_a_role_twice_are_found() -> None:
    quorums = tuple(rule for rule in ENGLAND.quorums if (rule.jurisdiction, rule.kind) != ("ENG", "meeting"))
    gap = ENGLAND.model_copy(update={"quorums": quorums})
    assert "quorums[ENG meeting]: gap: no row says who must be present" in problems_of(gap)
    clock = ENGLAND.clock("WT1")
    twice = clock.model_copy(update={"escalation": ("triage_sergeant", "triage_sergeant")})
    clocks = tuple(twice if rule is clock else rule for rule in ENGLAND.clocks)
    ladder = ENGLAND.model_copy(update={"clocks": clocks})
    assert "clocks[WT1].escalation: a role stands there twice" in problems_of(ladder)


async def test_a_deadline_is_worked_out_with_no_case_at_all() -> None:
    ended = await nom("clock", "WT1", "--from", "2026-04-02 15:00", "--nation", "ENG", "--json")
    assert ended.code == 0
    assert ended.json["last_day"] == "2026-04-07"
    assert [day["why"] for day in ended.json["days"]][1] == "Good Friday"
    words = await nom("clock", "pb1", "--from", "2026-01-10 12:00")
    assert "due       end of 2026-04-10" in words.out
    unknown = await nom("clock", "XX1", "--from", "2026-01-10 12:00")
    assert (unknown.code, "unknown_rule" in unknown.err) == (2, True)
    undated = await nom("clock", "CH2", "--from", "2026-01-10 12:00")
    assert (undated.code, "needs a date" in undated.err) == (2, True)


@pytest.mark.engine
async def test_a_case_moves_to_another_pack_after_a_dry_run_and_explains_its_deadlines(
    access: Access, stack: Stack
) -> None:
    case, data = a_matter(), stack.folder.path
    received = ago(minutes=5)
    await access.client.submit(receive(case, received, brought_in=True))
    reader = await access.reader("gmp")
    await Ledgers(reader, await access.reader("nca")).settled(case)
    before = len(await records(reader, f"{case}/referral-1"))
    asked = ("policy", "adopt", case, "--to", "eng-police-2026.1", "--as", "superintendent-detective-1", "--data", data)
    dry = await nom(*asked, "--dry-run", "--json")
    assert dry.code == 0, dry.err
    assert {item["events"][0]["type"] for item in dry.json} == {"policy_version_adopted.v1"}
    assert len(await records(reader, f"{case}/referral-1")) == before
    without = await nom(*asked)
    assert (without.code, "reason_missing" in without.err) == (2, True)
    done = await nom(*asked, "--reason", "judged under the rules of the time", "--json")
    assert done.code == 0, done.err
    assert [(item["stream"], item["events"]) for item in done.json] == [
        (item["stream"], [{**event, "because": "judged under the rules of the time"} for event in item["events"]])
        for item in dry.json
    ]
    await access.client.submit(on_referral(case, "duty-officer-1", {"type": "Acknowledge"}, received))
    stored = await records(reader, f"{case}/referral-1")
    assert stored[-1].record.policy == ENGLAND.ref()
    again = await nom(*asked, "--reason", "again")
    assert (again.code, "already_adopted" in again.out) == (1, True)
    why = await nom("why", case, "WT1", "--data", data, "--json")
    assert why.code == 0, why.err
    (reason,) = why.json
    assert reason["agrees"] is True
    assert (reason["explanation"]["policy"], reason["explanation"]["rule"]) == ("eng-police-2026.1", "WT1")
    assert reason["history"][0]["says"].startswith("Clock WT1 started")


@pytest.mark.engine
async def test_a_matter_older_than_every_pack_is_received_with_a_warning(access: Access) -> None:
    receipt = await access.client.submit(receive(a_matter(), ago(days=365 * 10), brought_in=True))
    assert any("no older pack is published" in warning for warning in receipt.warnings)


@pytest.mark.engine
async def test_a_missed_deadline_of_a_live_matter_climbs_the_ladder_by_itself(access: Access) -> None:
    case = a_matter()
    # CR1 was due an hour ago and the ladder's next role is told an hour after that: now.
    await access.client.submit(receive(case, ago(hours=25, seconds=1)))
    reader = await access.reader("gmp")
    seen: tuple[str, ...] = ()
    for _ in range(100):
        seen = types(await records(reader, f"{case}/referral-1"))
        if "breach_escalated" in seen:
            break
        await access.client.submit(
            on_referral(case, "duty-officer-1", {"type": "RecordNote", "text": "x", "basis": "fact"}, None, uuid4())
        )
    assert seen.index("deadline_breached") < seen.index("breach_escalated")
