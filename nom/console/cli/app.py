"""The entry point of `nom`: which commands there are and how every one of them ends. Holds no command itself.

The module of a command is imported when the command is run, not before: `nom --help` must answer at once.
"""

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup

from nom.console.cli.endings import FAILED, INTERRUPTED, Ending, ending_of, say, say_unforeseen

READ_ONLY = "nothing is half done: this changes no case"
GIVEN = "nothing is half done: what was given is recorded whole or not at all, which `nom show` tells"
LOADED = "nothing is half done: each line is recorded whole or not at all; give the same again to go on"
STARTED = "nothing that was recorded is lost; `nom status` shows what runs still, and `nom down` stops it"
WRITTEN = "what was recorded before stands; a file that was being written is not whole: write it again"
RUNNING, WORK, SEEING, PROVING = "The stack", "Work on a case", "See what happened", "Show and prove"


class Command(NamedTuple):
    """Where a command lives. `made_by` is a function, or a Typer application with commands of its own; `broken_off` is
    what is true of what the command leaves when it is interrupted.
    """

    name: str
    made_by: str
    panel: str
    summary: str
    broken_off: str = READ_ONLY


COMMANDS = (
    Command(
        "up", "up_command", RUNNING, "Run the whole stack in the foreground: engine, database and workers.", STARTED
    ),
    Command("down", "down_command", RUNNING, "Stop the stack of the data folder, whoever started it.", STARTED),
    Command("status", "status_command", RUNNING, "Show the servers of the data folder and the forces served."),
    Command("worker", "worker_command", RUNNING, "Run one worker in the foreground until SIGINT or SIGTERM.", STARTED),
    Command("refer", "refer_command", WORK, "Load referrals from a file of JSON lines or CSV.", LOADED),
    Command(
        "closed-cases", "closed_cases_app", WORK, "Load a force's return of closed cases, and list the reviews.", LOADED
    ),
    Command("act", "act_command", WORK, "Give one command to one process, as a person.", GIVEN),
    Command(
        "commands", "commands_command", WORK, "List the commands of a process, their fields and who may give them."
    ),
    Command("people", "people_command", WORK, "List the people who can act, with their roles."),
    Command("show", "show_command", SEEING, "Tell what happened in a case, in plain words, with its clocks."),
    Command("texts", "texts_command", SEEING, "List the texts of a case that are held for a supervisor's review."),
    Command("why", "why_command", SEEING, "Explain a deadline of a case, day by day."),
    Command("clock", "clock_command", SEEING, "Work a rule's deadline out from a start, with no case at all."),
    Command("policy", "policy_app", SEEING, "Show, check and compare policy packs; move a case to another.", WRITTEN),
    Command("model", "model_app", SEEING, "Write the model book: the operating model as pages to read.", WRITTEN),
    Command("board", "board_command", SEEING, "Show which process in which force is where, and what is late."),
    Command("demo", "demo_command", PROVING, "Run three worked cases through the whole stack, and report.", STARTED),
    Command(
        "scenario", "scenario_app", PROVING, "Run worked scenarios and check what the engine must then say.", GIVEN
    ),
    Command("synth", "synth_app", PROVING, "Make synthetic cases from a seed, into a file or a running stack.", LOADED),
    Command(
        "audit", "audit_app", PROVING, "Replay, verify and explain what was recorded, as an auditor does.", WRITTEN
    ),
    Command("verify", "verify_command", PROVING, "Check every chain of digests and every position of the ledgers."),
    Command("replay", "replay_command", PROVING, "Replay the histories of a case by this code."),
)


class Commands(TyperGroup):
    """The commands, each imported when it is its turn. Until then only its summary is known."""

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 - click's own signature
        args: list[str],
    ) -> tuple[str | None, Any, list[str]]:
        """The command that the first word names, loaded."""
        name, stub, rest = cast("tuple[str | None, Any, list[str]]", super().resolve_command(ctx, args))
        place = next((command for command in COMMANDS if command.name == name), None)
        return name, stub if place is None else loaded(place), rest


app = typer.Typer(
    cls=Commands,
    name="nom",
    epilog=(
        "Exit codes: 0 done, 1 refused or different, 2 input that can't be read, 3 the stack is not there or can't "
        "answer, 130 interrupted. "
        "An error is one line on stderr that begins with a code."
    ),
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def loaded(command: Command) -> TyperCommand | TyperGroup:
    """The command itself. Raises `ModuleNotFoundError` where this installation does not have it."""
    made_by = getattr(import_module(f"nom.console.cli.{command.name.replace('-', '_')}"), command.made_by)
    if not isinstance(made_by, typer.Typer):
        application = typer.Typer(add_completion=False, rich_markup_mode="markdown")
        application.command(command.name)(made_by)
        made_by = application
    return cast("TyperCommand | TyperGroup", typer.main.get_command(made_by))


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"nom {version('nom-engine')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    shown: Annotated[  # noqa: ARG001 - its callback has shown it already
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """The operating model for group-based child sexual exploitation as durable, replayable processes.

    Begin with `nom demo`, or with `nom up` and `nom refer`. A reference interpretation: no official text of the
    model is published, so every rule names its basis.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _stub() -> None:
    """Stands in the list of commands until the command itself is loaded."""


for _command in COMMANDS:
    app.command(_command.name, help=_command.summary, rich_help_panel=_command.panel)(_stub)


def main() -> None:
    """Run what was asked and end the process with its exit code."""
    code = run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            # Whoever read the output has gone; there is nobody left to tell.
            code = code or 1
    # An ordinary exit of the interpreter can crash in the engine's client while its threads are still there.
    os._exit(code)


def run() -> int:
    """Run what was asked, say how it ended where it did not go well, and give the exit code."""
    try:
        ended = app(prog_name="nom", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        return 1
    except Exception as error:  # noqa: BLE001 - the last place where an error can be put into words
        ending = ending_of(error)
        if ending is None:
            say_unforeseen(error)
            return FAILED
        say(ending)
        return ending.exit_code
    if ended == INTERRUPTED:
        # Typer has caught the interrupt and says nothing of it.
        return _interrupted()
    return ended if isinstance(ended, int) else 0


def _interrupted() -> int:
    named = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    words = next((command.broken_off for command in COMMANDS if command.name == named), READ_ONLY)
    say(Ending("interrupted", words, INTERRUPTED))
    return INTERRUPTED


if __name__ == "__main__":
    main()
