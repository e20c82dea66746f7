"""`nom refer`: loads referrals from a file and says what became of each line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nom.console.access import Access
from nom.console.cli.endings import REFUSED, STACK_AWAY, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.forces import checked_force
from nom.console.intake import TAKEN, Line, read_csv, read_json_lines
from nom.console.loading import Intake, Loaded
from nom.console.people import actor
from nom.workers.local.folder import DataFolder

SHOWN = 40
"""Lines that people are shown; `--json` gives them all."""


def refer_command(
    file: Annotated[Path, typer.Argument(help="JSON lines (.jsonl, .ndjson) or CSV (.csv).", show_default=False)],
    force: Annotated[str, typer.Option("--force", help="The force that received them, such as GMP.")],
    reporter: Annotated[
        str | None, typer.Option("--as", help="Who refers where a line names nobody; see `nom people`.")
    ] = None,
    brought_in: Annotated[
        bool, typer.Option("--brought-in", help="Matters that are under way: no clock fires until marked up to date.")
    ] = False,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Load referrals from a file of JSON lines or CSV.

    Each line opens a case of its own, named after the caller's reference. A line that can't be taken is told by number
    and field, and the others are loaded all the same. Loading a file again changes nothing: lines that stand there
    already are counted as `again`, so a load that broke off is simply repeated. The format: docs/referral-intake.md.
    """
    short = checked_force(force)
    if reporter is not None:
        actor(reporter, short)
    lines = _lines_of(file)
    loaded = run(_load(folder_at(data), lines, short, reporter, brought_in=brought_in))
    if as_json:
        print_json(_plain(loaded))
    else:
        _print(paper(), loaded)
    not_taken = {line.outcome for line in loaded} - set(TAKEN)
    if not_taken:
        raise typer.Exit(REFUSED if "refused" in not_taken else STACK_AWAY)


def _lines_of(file: Path) -> Iterator[Line]:
    """The lines of the file. Raises `CannotDo` where it can't be read, `IntakeUnreadable` where it has no columns."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CannotDo("file_not_readable", f"{file}: {error.strerror}") from None
    if file.suffix.lower() == ".csv":
        return read_csv(content)
    if file.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        return read_json_lines(content)
    raise CannotDo("unknown_format", f"{file.name}: intake reads .jsonl, .ndjson and .csv; rename the file")


async def _load(
    folder: DataFolder, lines: Iterator[Line], force: str, reporter: str | None, *, brought_in: bool
) -> list[Loaded]:
    async with Access(folder) as access:
        _require_served(access, force)
        reader = await access.reader(force.lower())
        intake = Intake(access.client, reader, force, default_reporter=reporter, brought_in=brought_in)
        return [line async for line in intake.load(lines)]


def _require_served(access: Access, force: str) -> None:
    served = access.namespaces()
    if force.lower() not in served:
        there = ", ".join(name.upper() for name in served)
        raise CannotDo("force_not_served", f"this stack does not serve {force}; it serves {there}")


def _counts(loaded: list[Loaded]) -> dict[str, int]:
    outcomes = (*TAKEN, "refused", "unanswered")
    return {outcome: sum(line.outcome == outcome for line in loaded) for outcome in outcomes}


def _plain(loaded: list[Loaded]) -> dict[str, object]:
    lines = [
        {**line.model_dump(mode="json"), "problems": [problem._asdict() for problem in line.problems]}
        for line in loaded
    ]
    return {**_counts(loaded), "lines": lines}


def _print(console: Console, loaded: list[Loaded]) -> None:
    taken = [line for line in loaded if line.outcome in TAKEN]
    if taken:
        shown = table(None, "line", "outcome", "case", "warnings")
        for line in taken[:SHOWN]:
            shown.add_row(str(line.line), line.outcome, line.case or "", "; ".join(line.warnings))
        console.print(shown)
        if len(taken) > SHOWN:
            console.print(f"… and {len(taken) - SHOWN} more; --json lists all.")
    refused = [(line, problem) for line in loaded for problem in line.problems]
    if refused:
        shown = table("\nNot taken:" if taken else "Not taken:", "line", "field", "code", "why", "what to do")
        for line, problem in refused:
            shown.add_row(str(line.line), problem.field, problem.code, problem.reason, problem.do)
        console.print(shown)
    console.print("\n" + ", ".join(f"{count} {outcome}" for outcome, count in _counts(loaded).items()) + ".")
