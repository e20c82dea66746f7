import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest

from nom.console.access import Access
from nom.workers.local.stack import Stack
from tests.console.command_line import NOM, Ended, nom

pytestmark = pytest.mark.engine

AT = "2026-03-02 09:20"


def a_line(reference: str, **changes: object) -> dict[str, object]:
    return {
        "reference": reference,
        "received_at": AT,
        "source": "education",
        "reporter": "teacher-1",
        "children": [{"id": "child-1", "age": 14}],
        "suspects": ["suspect-1"],
        "allegations": [{"victim": "child-1", "offence": "SX03025"}],
        **changes,
    }


def written(folder: Path, *lines: dict[str, object]) -> Path:
    file = folder / "referrals.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines))
    return file


def a_reference() -> str:
    return f"t-{uuid4().hex[:12]}0"


async def refer(stack: Stack, file: Path, *words: str) -> Ended:
    return await nom("refer", file, "--force", "GMP", "--brought-in", "--json", "--data", stack.folder.path, *words)


async def act(stack: Stack, *words: str) -> Ended:
    return await nom("act", *words, "--json", "--data", stack.folder.path)


@pytest.fixture
async def case(stack: Stack, tmp_path: Path) -> str:
    """A case that was brought in by a referral."""
    loaded = (await refer(stack, written(tmp_path, a_line(a_reference())))).json
    return loaded["lines"][0]["case"]


async def test_lines_that_cannot_be_taken_are_told_and_the_others_loaded(stack: Stack, tmp_path: Path) -> None:
    good, other = a_reference(), a_reference()
    file = written(
        tmp_path,
        a_line(good),
        a_line(a_reference(), received_at="2999-03-02 09:20"),
        a_line(a_reference(), allegations=[{"victim": "child-1", "offence": "SX99999"}]),
        a_line(a_reference(), reporter="custody-officer-1"),
        a_line(a_reference(), reporter="nobody-1"),
        a_line(good, source="health"),
        a_line(other, allegations=[{"victim": "child-1", "offence": "SX03001"}]),
    )
    ended = await refer(stack, file)
    lines = ended.json["lines"]
    assert ended.code == 1
    assert [line["line"] for line in lines] == [1, 2, 3, 4, 5, 6, 7]
    assert [problem["code"] for line in lines for problem in line["problems"]] == [
        "occurred_in_future",
        "unknown_offence",
        "role",
        "nobody_of_that_name",
        "command_id_reused",
    ]
    assert [line["outcome"] for line in lines if not line["problems"]] == ["accepted", "accepted"]
    assert ended.json["accepted"] == 2


async def test_an_offence_for_another_age_is_a_warning(stack: Stack, tmp_path: Path) -> None:
    line = a_line(a_reference(), children=[{"id": "child-1", "age": 17}])
    line["allegations"] = [{"victim": "child-1", "offence": "SX03025"}]
    (loaded,) = (await refer(stack, written(tmp_path, line))).json["lines"]
    assert loaded["outcome"] == "accepted"
    assert "17" in loaded["warnings"][0]


async def test_loading_a_file_again_makes_nothing_twice(stack: Stack, tmp_path: Path) -> None:
    reference = a_reference()
    file = written(tmp_path, a_line(reference), a_line(a_reference()), a_line(reference))
    first, second = await refer(stack, file), await refer(stack, file)
    assert (first.code, second.code) == (0, 0)
    assert [line["outcome"] for line in second.json["lines"]] == ["again", "again", "again"]
    shown = (await nom("show", f"gmp/{reference}", "--json", "--data", stack.folder.path)).json
    assert [entry["command"] for entry in shown["entries"]].count("ReceiveReferral") == 1


async def test_a_load_that_is_killed_goes_on_where_it_broke_off(stack: Stack, tmp_path: Path) -> None:
    file = written(tmp_path, *(a_line(a_reference()) for _ in range(80)))
    words = ("refer", str(file), "--force", "GMP", "--brought-in", "--data", str(stack.folder.path))
    process = await asyncio.create_subprocess_exec(*NOM, *words, stdout=asyncio.subprocess.DEVNULL)
    await first_case(stack, json.loads(file.read_text().splitlines()[0])["reference"])
    process.kill()
    await process.wait()
    ended = await refer(stack, file)
    assert ended.code == 0
    assert ended.json["again"] >= 1
    assert ended.json["accepted"] >= 1
    assert ended.json["again"] + ended.json["accepted"] == 80


async def first_case(stack: Stack, reference: str) -> None:
    """Wait until the ledger has the first record of a case."""
    async with Access(stack.folder) as access:
        reader = await access.reader("gmp")
        while not [stored async for stored in reader.case_records(f"gmp/{reference}")]:  # noqa: ASYNC110 - polls a ledger
            await asyncio.sleep(0.01)


async def test_a_case_is_worked_from_the_command_line(stack: Stack, case: str) -> None:
    refused = await act(stack, case, "referral", "Route", "to=triage", "--as", "duty-officer-1", "--at", AT)
    assert refused.code == 1
    assert refused.json["refusal"]["code"] == "referral_gate"
    assert [unmet["code"] for unmet in refused.json["refusal"]["unmet"]] == ["not_acknowledged", "crime_not_recorded"]
    assert refused.json["refusal"]["unmet"][0]["supplied_by"] == ["duty_officer"]
    for words in (
        ("Acknowledge", "--as", "duty-officer-1"),
        ("RecordCrime", "victim=child-1", "--with", "offence=SX03025", "--as", "registrar-1"),
        ("Route", "--with", '{"to": "triage"}', "--as", "duty-officer-1"),
    ):
        accepted = await act(stack, case, "referral", *words, "--at", "2026-03-02 16:00")
        assert (accepted.code, accepted.json["accepted"]) == (0, True), accepted
    # What followed in other processes has been settled: triage is open at once.
    score = ("tool=screen", "tool_version=3", "score=41", "band=significant")
    scored = await act(stack, case, "triage", "ScoreExploitationRisk", *score, "--as", "sergeant-triage-1")
    assert scored.code == 0, scored
    shown = await nom("show", case, "--data", stack.folder.path)
    assert shown.code == 0
    assert "Referral acknowledged" in shown.out
    assert "ended: triage" in shown.out


async def test_an_urgent_arrest_is_stamped_with_the_opening_of_its_case(stack: Stack, case: str) -> None:
    words = ("Arrest", "suspect=suspect-1", "offence=SX03025", "--at", "2026-03-17 06:30")
    arrested = await act(stack, case, "custody", *words, "--as", "officer-arrest-1")
    assert arrested.code == 0, arrested
    shown = (await nom("show", case, "--json", "--data", stack.folder.path)).json
    custody = next(item for item in shown["processes"] if item["stream"].endswith("/custody-1"))
    assert custody["brought_in"] is True


async def test_the_same_id_is_taken_once(stack: Stack, case: str) -> None:
    words = (case, "referral", "Acknowledge", "--as", "duty-officer-1", "--at", AT, "--id", str(uuid4()))
    first, second = await act(stack, *words), await act(stack, *words)
    assert first.json["receipt"] == second.json["receipt"]


async def test_a_command_out_of_order_or_in_the_wrong_role_is_refused_in_words(stack: Stack, case: str) -> None:
    early = await act(stack, case, "triage", "RecordNetworkTest", "--as", "sergeant-triage-1")
    assert (early.code, early.json["refusal"]["code"]) == (1, "process_not_open")
    role = await act(stack, case, "referral", "Acknowledge", "--as", "lawyer-1")
    assert (role.code, role.json["refusal"]["code"]) == (1, "role")
    nobody = await nom("act", case, "referral", "Acknowledge", "--as", "nobody-1", "--data", stack.folder.path)
    assert nobody.code == 2
    assert nobody.err.startswith("nom: nobody_of_that_name: ")
    malformed = await nom(
        "act", case, "referral", "Route", "to=moon", "--as", "duty-officer-1", "--data", stack.folder.path
    )
    assert malformed.code == 2
    assert malformed.err.startswith("nom: command_malformed: to: ")


async def test_a_case_that_is_not_there_is_named(stack: Stack) -> None:
    shown = await nom("show", "gmp/no-such-case", "--data", stack.folder.path)
    assert (shown.code, shown.out) == (1, "")
    assert shown.err.startswith("nom: unknown_case: ")
    elsewhere = await nom("show", "mps/26-1", "--data", stack.folder.path)
    assert elsewhere.err.startswith("nom: force_not_served: ")


async def test_the_board_shows_what_the_forces_report(stack: Stack, case: str) -> None:
    async with asyncio.timeout(60):
        while True:
            board = (await nom("board", "--json", "--data", stack.folder.path)).json
            if any(row["force"] == "GMP" and row["process"] == "referral" for row in board["processes"]):
                break
    assert {row["force"] for row in board["forces"]} >= {"GMP", "WYP", "NFK"}
