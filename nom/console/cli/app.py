"""The entry point of `nom`: which commands there are and how every one of them ends. Holds no command itself.

Modules of commands are imported when one is run, not before: `nom --help` must answer at once.
"""

import os
import sys
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Annotated

import typer

from nom.console.cli import act, board, commands, down, people, refer, show, status, up, worker
from nom.console.cli.endings import FAILED, Ending, ending_of, say, say_unforeseen

app = typer.Typer(
    name="nom",
    help=(
        "The operating model for group-based child sexual exploitation as durable, replayable processes.\n\n"
        "Start with `nom up`, or `nom demo` for one case through the whole stack. A reference interpretation: "
        "no official text of the model is published."
    ),
    epilog=(
        "Exit codes: 0 done, 1 refused or different, 2 input that can't be read, 3 the stack is not there. "
        "Every error is one line on stderr, with a code that stays."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)

RUNNING, WORK, SEEING, PROVING = "The stack", "Work on a case", "See what happened", "Prove it"


def main() -> None:
    """Run what was asked and end the process with its exit code."""
    code = _run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            # Whoever read the output has gone; there is nobody left to tell.
            code = code or 1
    # An ordinary exit of the interpreter can crash in the engine's client while its threads are still there.
    os._exit(code)


def _run() -> int:
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        say(Ending("interrupted", "stopped before it was done; give the command again to go on", exit_code=1))
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:
        ending = ending_of(error)
        if ending is None:
            say_unforeseen(error)
            return FAILED
        say(ending)
        return ending.exit_code
    return 0


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"nom {version('nom-engine')}")
        raise typer.Exit


@app.callback()
def root(
    shown: Annotated[  # noqa: ARG001 - the callback has shown it already
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """What holds for every command."""


app.command("up", rich_help_panel=RUNNING)(up.up_command)
app.command("down", rich_help_panel=RUNNING)(down.down_command)
app.command("status", rich_help_panel=RUNNING)(status.status_command)
app.command("worker", rich_help_panel=RUNNING)(worker.worker_command)
app.command("refer", rich_help_panel=WORK)(refer.refer_command)
app.command("act", rich_help_panel=WORK)(act.act_command)
app.command("commands", rich_help_panel=WORK)(commands.commands_command)
app.command("people", rich_help_panel=WORK)(people.people_command)
app.command("show", rich_help_panel=SEEING)(show.show_command)
app.command("board", rich_help_panel=SEEING)(board.board_command)


def _mount(module: str, name: str) -> None:
    place = f"nom.console.cli.{module}"
    if find_spec(place) is None:
        return
    found = import_module(place)
    if hasattr(found, f"{module}_app"):
        app.add_typer(getattr(found, f"{module}_app"), name=name, rich_help_panel=PROVING)
    else:
        app.command(name, rich_help_panel=PROVING)(getattr(found, f"{module}_command"))


for _name in ("demo", "scenario", "verify", "replay"):
    _mount(_name, _name)
