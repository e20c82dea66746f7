"""`nom closed-cases`: loads a force's return of closed cases, and lists the reviews, rape first."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nom.console.access import Access
from nom.console.cli.endings import REFUSED, STACK_AWAY, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.closed_case_return import Row, read_return
from nom.console.closed_cases import BANDS, ClosedCaseLoader, Loaded, prepared, reviews
from nom.console.intake import TAKEN
from nom.console.people import actor
from nom.console.times import parse_time
from nom.contracts.actors import Actor
from nom.contracts.services import NCA
from nom.workers.local.folder import DataFolder
from nom.workflows.model.closed_case_review_record import ClosedCaseReviewState

SHOWN = 40
"""Rows that people are shown; `--json` gives them all."""
TOLD_EVERY = 100
"""After so many cases the progress is told."""

closed_cases_app = typer.Typer(
    name="closed-cases",
    help="Load a force's return of closed cases, and list the reviews.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)


@closed_cases_app.command("load")
def load_command(
    file: Annotated[Path, typer.Argument(help="The return, as CSV.", show_default=False)],
    person: Annotated[str, typer.Option("--as", help="Who refers the cases; see `nom people`.")] = "coordinator-1",
    received: Annotated[
        str | None, typer.Option("--received", help="When the return came in, such as 2026-03-02 09:20; none: now.")
    ] = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Load a force's return of cases that were closed with no further action.

    Each row opens one review at the National Crime Agency, rape first, then the oldest decision. A row that can't be
    taken is told by line and field, and the others are loaded all the same. Loading a file again changes nothing: a
    load that broke off is simply repeated. The format: docs/closed-case-return.md.
    """
    try:
        rows = list(read_return(file.read_bytes()))
    except OSError as error:
        raise CannotDo("file_not_readable", f"{file}: {error.strerror}") from None
    moment = parse_time(received) if received else datetime.now(UTC)
    loaded = run(_load(folder_at(data), rows, actor(person, NCA), moment))
    if as_json:
        print_json(as_plain(loaded))
    else:
        _print(paper(), loaded)
    not_taken = {row.outcome for row in loaded} - set(TAKEN)
    if not_taken:
        raise typer.Exit(REFUSED if "refused" in not_taken else STACK_AWAY)


async def _load(folder: DataFolder, rows: list[Row], coordinator: Actor, moment: datetime) -> list[Loaded]:
    ready, refused = prepared(rows, coordinator, moment)
    async with Access(folder) as access:
        loader = ClosedCaseLoader(access.client, await access.reader(NCA))
        return [*[row async for row in loader.load(ready, _tell)], *refused]


def _tell(done: int, of: int) -> None:
    if done % TOLD_EVERY == 0 or done == of:
        typer.echo(f"{done} of {of} cases", err=True)


def as_plain(loaded: list[Loaded]) -> dict[str, object]:
    """The result as plain data: counts, the reviews in their order, and what became of each line."""
    plain = [
        {**row.model_dump(mode="json"), "problems": [problem._asdict() for problem in row.problems]}
        for row in sorted(loaded, key=lambda row: row.line)
    ]
    bands = {band: sum(row.band == band for row in loaded) for band in BANDS}
    order = [row.review for row in loaded if row.outcome in TAKEN]
    return {**_counts(loaded), "bands": bands, "order": order, "lines": plain}


def _counts(loaded: list[Loaded]) -> dict[str, int]:
    outcomes = (*TAKEN, "refused", "unanswered")
    return {outcome: sum(row.outcome == outcome for row in loaded) for outcome in outcomes}


def _print(console: Console, loaded: list[Loaded]) -> None:
    taken = [row for row in loaded if row.outcome in TAKEN]
    if taken:
        shown = table(None, "line", "outcome", "band", "review", "warnings")
        for row in taken[:SHOWN]:
            shown.add_row(str(row.line), row.outcome, row.band or "", row.review or "", "; ".join(row.warnings))
        console.print(shown)
        if len(taken) > SHOWN:
            console.print(f"… and {len(taken) - SHOWN} more; --json lists all.")
    refused = sorted((row for row in loaded if row.outcome not in TAKEN), key=lambda row: row.line)
    if refused:
        shown = table("\nNot taken:" if taken else "Not taken:", "line", "field", "code", "why", "what to do")
        for row in refused:
            for problem in row.problems:
                shown.add_row(str(row.line), problem.field, problem.code, problem.reason, problem.do)
        console.print(shown)
    console.print("\n" + ", ".join(f"{count} {outcome}" for outcome, count in _counts(loaded).items()) + ".")


@closed_cases_app.command("list")
def list_command(
    force: Annotated[str | None, typer.Option("--force", help="Only the cases of this force.")] = None,
    waiting: Annotated[bool, typer.Option("--open", help="Only reviews that have not ended.")] = False,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List the reviews of closed cases in the order in which they are due: rape first, then the oldest decision."""
    found = [
        state
        for state in run(_list(folder_at(data)))
        if not (waiting and state.outcome) and (force is None or _plain_review(state)["force"] == force.upper())
    ]
    if as_json:
        print_json([_plain_review(state) for state in found])
        return
    shown = table(None, "review", "band", "force", "offence", "decided", "standing")
    for state in found[:SHOWN]:
        plain = _plain_review(state)
        names = ("review", "band", "force", "offence", "decided_on", "standing")
        shown.add_row(*(str(plain[name]) for name in names))
    paper().print(shown)
    paper().print(f"\n{len(found)} reviews." + (" --json lists all." if len(found) > SHOWN else ""))


async def _list(folder: DataFolder) -> list[ClosedCaseReviewState]:
    async with Access(folder) as access:
        return await reviews(await access.reader(NCA))


def _plain_review(state: ClosedCaseReviewState) -> dict[str, object]:
    closed = state.closed_case
    return {
        "review": state.case,
        "band": state.band,
        "force": closed.force if closed else None,
        "offence": closed.offence if closed else None,
        "decided_on": closed.decided_on.isoformat() if closed else None,
        "standing": state.standing(),
        "cases": [order.case for order in state.orders],
    }
