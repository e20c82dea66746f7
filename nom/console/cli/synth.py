"""`nom synth`: makes synthetic cases from a seed, into a file or a running stack, and gives a file to a stack."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from nom.console.access import Access
from nom.console.cli.demo import log_quietly
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, DataPath, bar, folder_at, print_json, run
from nom.console.forces import checked_force
from nom.console.synth.lines import Line, read_lines, write_lines
from nom.console.synth.making import rounds, written
from nom.console.synth.plan import FORCES, UNTIL, Order
from nom.console.synth.running import AT_ONCE, Run, give, rounds_of
from nom.console.synth.tally import Tally, tally_of
from nom.workers.local.folder import DataFolder

SHOWN = 20
"""Differences that people are shown; `--json` gives them all."""


class _NumberFirst(TyperGroup):
    """`nom synth 100` is `nom synth make 100`."""

    def parse_args(
        self,
        ctx: Any,  # noqa: ANN401 - click's own signature
        args: list[str],
    ) -> list[str]:
        """As click's own, with `make` in front where no command is named."""
        asked_for_help = args and args[0] in ctx.help_option_names
        named = args and args[0] in self.commands
        return super().parse_args(ctx, args if not args or asked_for_help or named else ["make", *args])


synth_app = typer.Typer(
    name="synth",
    cls=_NumberFirst,
    help="Make synthetic cases that the model itself allows, and give them to a stack.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@synth_app.command("make")
def make_command(
    count: Annotated[int, typer.Argument(metavar="N", min=1, max=1_000_000, help="How many cases.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same cases.")] = 1,
    forces: Annotated[str, typer.Option(help="The forces, by short name.")] = ",".join(FORCES),
    until: Annotated[str, typer.Option(help="The day up to which the cases are told.")] = UNTIL.isoformat(),
    out: Annotated[Path | None, typer.Option("--out", help="The file to write.", show_default=False)] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into-stack", help="The data folder of the running stack to give them to.", show_default=False),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many cores make them.")] = os.cpu_count() or 1,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="How many threads a stack is given at once.")] = AT_ONCE,
    as_json: AsJson = False,
) -> None:
    """Make N synthetic cases: commands, each with the answer that the model gives. Nobody in them exists.

    The same seed, forces and day give the same bytes on any machine, and a case does not depend on how many are made.
    Without --out and --into-stack the lines go to stdout. The format: docs/synthetic-cases.md.
    """
    if out is not None and into is not None:
        raise CannotDo("two_places", "give --out or --into-stack, not both")
    if out is None and into is None and as_json:
        raise CannotDo("no_place", "with --json, give --out or --into-stack: the lines themselves are JSON already")
    order = Order(seed, _forces(forces), _day(until))
    if into is not None:
        if order.end > datetime.now(UTC):
            raise CannotDo("day_to_come", "--until: a stack takes nothing that lies in the future; give an earlier day")
        _finish(run(_give(folder_at(into), rounds(order, count, processes), count, at_once)), as_json=as_json)
        return
    tally = Tally()
    lines = _texts(order, count, processes, tally)
    if out is None:
        for line in lines:
            sys.stdout.write(f"{line}\n")
        return
    _write(out, lines)
    if as_json:
        print_json(tally.plain())
    else:
        typer.echo(f"{out}: {count} cases, {tally.commands.total()} commands, {tally.refusals.total()} of them refused")


@synth_app.command("run")
def run_command(
    file: Annotated[Path, typer.Argument(help="A file that `nom synth` wrote.", show_default=False)],
    at_once: Annotated[int, typer.Option(min=1, max=64, help="How many threads are given at once.")] = AT_ONCE,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Give the cases of a file to the running stack, and compare every answer with the file's.

    Given again, it adds nothing; broken off, it goes on where it was. Ends with exit code 1 if an answer differs.
    """
    tally = _counted(file)
    _finish(run(_give(folder_at(data), rounds_of(read_lines(file)), tally.forces.total(), at_once)), as_json=as_json)


@synth_app.command("count")
def count_command(
    file: Annotated[Path, typer.Argument(help="A file that `nom synth` wrote.", show_default=False)],
) -> None:
    """Count what is in a file, as JSON: cases, forces, commands, refusals."""
    print_json(_counted(file).plain())


def _counted(file: Path) -> Tally:
    """What is in a file. Every line is read before the first is given, so that a file that ends in a malformed line
    is refused as a whole.
    """
    tally = Tally()
    try:
        for lines in rounds_of(read_lines(file)):
            tally.add(tally_of(lines))
    except OSError as error:
        raise CannotDo("file_not_readable", f"{file}: {error.strerror}") from None
    return tally


def _forces(typed: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(checked_force(name) for name in typed.split(",") if name.strip()))
    found = tuple(name for name in named if name != "NCA")
    if not found:
        raise CannotDo("unknown_force", "--forces names no force; give short names such as GMP,WYP")
    return found


def _day(typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise CannotDo("day_malformed", f"--until: {typed[:40]!r} is no day; give one such as 2026-06-30") from None
    if not date(2020, 1, 1) <= day <= date(2027, 12, 31):
        raise CannotDo("day_malformed", "--until: give a day from 2020 to 2027, where the calendars know holidays")
    return day


def _texts(order: Order, count: int, processes: int, tally: Tally) -> Iterator[str]:
    with bar() as shown:
        task = shown.add_task("making cases", total=count)
        for part in written(order, count, processes):
            tally.add(part.tally)
            shown.advance(task, part.tally.forces.total())
            yield from part.texts


def _write(out: Path, lines: Iterator[str]) -> None:
    try:
        write_lines(out, lines)
    except OSError as error:
        raise CannotDo("file_not_writable", f"{out}: {error.strerror}") from None


async def _give(folder: DataFolder, cases: Iterator[tuple[Line, ...]], count: int, at_once: int) -> Run:
    log_quietly()
    async with Access(folder) as access:
        with bar() as shown:
            task = shown.add_task("giving cases", total=count)
            return await give(cases, access, at_once=at_once, progress=lambda done: shown.advance(task, done))


def _finish(ran: Run, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "cases": ran.cases,
                "given": ran.given,
                "again": ran.again,
                "differences": [difference.words() for difference in ran.differences],
            }
        )
    else:
        for difference in ran.differences[:SHOWN]:
            typer.echo(f"DIFFERS  {difference.words()}")
        words = f"{ran.cases} cases: {ran.given} commands given, {ran.again} had been given before"
        typer.echo(f"{words}, {len(ran.differences)} answers differ")
    if ran.differences:
        raise typer.Exit(REFUSED)
