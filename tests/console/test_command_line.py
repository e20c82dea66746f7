import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from nom.console.cli.app import COMMANDS
from tests.console.command_line import nom


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
async def test_every_command_has_help(command: tuple[str, ...]) -> None:
    ended = await nom(command[0], "--help")
    assert ended.code == 0
    assert "Usage" in ended.out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_list_of_commands_names_what_is_there(command: tuple[str, str]) -> None:
    assert hasattr(import_module(f"nom.console.cli.{command[0].replace('-', '_')}"), command[1])


def test_the_list_of_commands_is_shown_without_loading_the_engine() -> None:
    program = (
        "import sys; from nom.console.cli import app; print([m for m in sys.modules if m.startswith('temporalio')])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("statsu",), 2, "nom: usage: No such command 'statsu'. Did you mean 'status'?"),
        (("status", "--dat"), 2, "nom: usage: No such option: --dat"),
        (("up", "--forces", "GPM"), 2, "nom: unknown_force: "),
        (("commands", "refferal"), 2, "nom: unknown_process: "),
        (
            ("worker",),
            2,
            "nom: setting_missing: missing or malformed: NOM_ENGINE_ADDRESS, NOM_LEDGER_DSN, NOM_NAMESPACE",
        ),
        (("act", "gmp", "referral", "Route", "--as", "duty-officer-1"), 2, "nom: case_malformed: "),
        (("act", "gmp/26-1", "referral", "Route"), 2, "nom: person_missing: "),
        (("act", "gmp/26-1", "referral", "Rout", "--as", "duty-officer-1"), 2, "nom: unknown_command: "),
        (("act", "gmp/26-1", "referral", "Route", "--as", "x", "--at", "noon"), 2, "nom: time_malformed: "),
        (("act", "gmp/26-1", "referral", "Route", "too=triage", "--as", "x"), 2, "nom: field_malformed: "),
    ],
)
async def test_what_cannot_be_read_is_one_line_with_a_code(words: tuple[str, ...], code: int, said: str) -> None:
    ended = await nom(*words)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith(said)
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("board",),
        ("show", "gmp/26-1"),
        ("act", "gmp/26-1", "referral", "Acknowledge", "--as", "duty-officer-1"),
        ("worker", "--force", "GMP"),
    ],
)
async def test_without_a_stack_every_command_says_so_and_ends_with_three(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    ended = await nom(*words, "--data", tmp_path / "none")
    assert ended.code == 3
    assert ended.err.startswith("nom: stack_not_running: ")
    assert not (tmp_path / "none").exists()


async def test_nothing_runs_where_nothing_was_started(tmp_path: Path) -> None:
    status = await nom("status", "--json", "--data", tmp_path / "none")
    assert status.code == 3
    assert status.json["running"] is False
    down = await nom("down", "--json", "--data", tmp_path / "none")
    assert (down.code, down.json["stopped"]) == (0, [])


async def test_people_are_references_with_roles() -> None:
    people = (await nom("people", "--json")).json
    assert {"id", "role", "agency"} <= people[0].keys()
    assert "duty-officer-1" in {person["id"] for person in people}


async def test_commands_lists_fields_and_who_may_give_them() -> None:
    listed = {item["name"]: item for item in (await nom("commands", "referral", "--json")).json}
    fields = listed["Route"]["fields"]
    assert fields[0] == {"name": "to", "form": "triage | signpost | transfer", "required": True}
    assert {field["name"]: field["required"] for field in fields[1:]} == {"force": False}
    assert "duty_officer" in listed["Route"]["roles"]
    assert "ClockRanOut" not in listed
