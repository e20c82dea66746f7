import asyncio
import errno
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from nom.console.cli import app
from nom.console.cli.app import COMMANDS
from tests.console.command_line import NOM, nom


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


async def opened_for_writing(pipe: Path) -> int:
    """The writing end of a pipe, once somebody reads it."""
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as nobody:
            if nobody.errno != errno.ENXIO:
                raise
        await asyncio.sleep(0.02)


async def test_ctrl_c_ends_with_one_line_that_says_what_is_left(tmp_path: Path) -> None:
    pipe = tmp_path / "key"
    os.mkfifo(pipe)
    process = await asyncio.create_subprocess_exec(
        *NOM, "verify", "--key", str(pipe), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        # From then on the command is in the middle of its work: it waits for what nobody writes.
        writing = await opened_for_writing(pipe)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    os.close(writing)
    assert (process.returncode, out) == (130, b"")
    assert err.decode().splitlines()[-1] == "nom: interrupted: nothing is half done: this changes no case"


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("people", "nothing is half done: this changes no case"),
        ("act", "nothing is half done: what was given is recorded whole or not at all"),
        ("refer", "give the same again to go on"),
        ("up", "`nom down` stops it"),
    ],
)
def test_what_an_interrupted_command_leaves_is_said_as_far_as_it_is_true(
    command: str, left: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "app", interrupted)
    monkeypatch.setattr(sys, "argv", ["nom", command])
    assert app.run() == 130
    assert left in capsys.readouterr().err
