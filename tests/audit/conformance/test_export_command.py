"""The export and the counts on the running stack, as a person asks for them."""

import json
from pathlib import Path

import pytest

from nom.console.access import Access
from nom.workers.local.stack import Stack
from tests.audit.conformance.rules_of_schema import faults
from tests.console.command_line import nom
from tests.matters import a_matter, acknowledge, ago, note, receive

pytestmark = pytest.mark.engine


async def test_a_case_is_exported_and_counted_and_the_export_is_logged(stack: Stack, tmp_path: Path) -> None:
    case, other, file = a_matter(), a_matter(), tmp_path / "log.json"
    async with Access(stack.folder) as access:
        for each in (case, other):
            await access.client.submit(receive(each, ago(hours=5)))
            await access.client.submit(acknowledge(each, ago(hours=4)))
        await access.client.submit(note(case, "words of a person"))
    there = ("--ocel", file, "--json", "--data", stack.folder.path)
    ended = await nom("audit", "export", case, "--as", "auditor-1", *there)
    assert ended.code == 0, ended.err
    text = file.read_text()
    log = json.loads(text)
    assert list(faults(log)) == []
    assert ended.json["events"] == len(log["events"]) > 0
    assert case in text
    assert other not in text
    assert "words of a person" not in text

    part = ("--from", ago(hours=4, minutes=30).isoformat(), "--to", ago(hours=3).isoformat())
    ended = await nom("audit", "export", "--force", "GMP", *part, *there)
    within = json.loads(file.read_text())
    kinds = {event["type"] for event in within["events"]}
    assert "referral_acknowledged" in kinds
    assert "referral_received" not in {event["type"] for event in within["events"] if case in json.dumps(event)}

    async with Access(stack.folder) as access:
        rows = [row async for row in (await access.readings("gmp")).all() if row.tool == "audit-export"]
    assert {row.stream for row in rows} >= {f"{case}/referral-1", "gmp/"}
    assert all(row.partly for row in rows)

    counted = await nom("audit", "conformance", "--force", "GMP", "--json", "--data", stack.folder.path)
    lengths = {(item["process"], item["step"]): item for item in counted.json["GMP"]["durations"]}
    assert lengths["referral", "received to acknowledged"]["count"] >= 2
    assert sum(item["matters"] for item in counted.json["GMP"]["variants"]) == counted.json["GMP"]["matters"]
    shown = await nom("audit", "conformance", "--force", "GMP", "--data", stack.folder.path)
    assert "received to acknowledged" in shown.out
    recorded = counted.json["GMP"]["recorded_late"]
    assert 0 <= recorded["late"] <= recorded["by_people"]
    assert recorded["by_people"] > 0
    assert recorded["not_judged"] == 0
    assert f"{recorded['late']} of {recorded['by_people']} events by people were recorded late" in shown.out


async def test_an_export_says_where_and_of_what(stack: Stack) -> None:
    assert (await nom("audit", "export", "--data", stack.folder.path)).code == 2
    both = ("gmp/a-case", "--force", "GMP", "--ocel", "log.json")
    assert "export_of_what" in (await nom("audit", "export", *both, "--data", stack.folder.path)).err
    gone = ("gmp/no-such-case", "--ocel", "log.json")
    ended = await nom("audit", "export", *gone, "--data", stack.folder.path)
    assert (ended.code, "no_such_case" in ended.err) == (2, True)
