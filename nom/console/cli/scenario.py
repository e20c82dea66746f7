"""`nom scenario`: lists the worked scenarios and runs them on the running stack. Exit code 1 if anything differs."""

from typing import Annotated, Any

import typer
from rich.table import Table

from nom.console.access import Access
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.proof import side_by_side
from nom.console.scenario.compare import Outcome
from nom.console.scenario.loading import bundled, chosen
from nom.console.scenario.model import Scenario
from nom.console.scenario.points import Point
from nom.console.scenario.runner import require_served, run_scenario
from nom.workers.local.folder import DataFolder

scenario_app = typer.Typer(
    help="Worked scenarios: what people did, and what the engine must then say.", no_args_is_help=True
)


@scenario_app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the scenarios that come with nom."""
    scenarios = bundled()
    if as_json:
        print_json([_listed(scenario) for scenario in scenarios])
        return
    shown = table(None, "id", "title", "forces", "cases", "actions")
    for scenario in scenarios:
        numbers = (str(len(scenario.cases)), str(len(scenario.actions)))
        shown.add_row(scenario.id, scenario.title, ", ".join(scenario.forces), *numbers)
    paper().print(shown)


@scenario_app.command("run")
def run_command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="FILE|ID...", help="Files, ids, or the numbers that ids begin with.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Run every scenario that comes with nom.")] = False,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Run scenarios on the running stack, each as new matters, and compare what the ledgers say with what they expect.

    All of them run side by side; the progress is told on stderr. Ends with exit code 1 if anything differs. Start the
    stack with `nom up` first; `nom demo` brings its own.
    """
    if bool(names) == everything:
        raise CannotDo("scenario_not_named", "name scenarios (`nom scenario list` shows them), or give --all alone")
    scenarios = bundled() if everything else chosen(tuple(names or ()))
    outcomes = run(_run_all(folder_at(data), scenarios))
    if as_json:
        print_json([plain_outcome(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            paper().print(outcome_table(outcome))
            paper().print(summary(outcome))
    if not all(outcome.agrees for outcome in outcomes):
        raise typer.Exit(REFUSED)


async def _run_all(folder: DataFolder, scenarios: tuple[Scenario, ...]) -> tuple[Outcome, ...]:
    """All side by side: they share no matter. Broken off, the others end before the connections are closed."""
    async with Access(folder) as access:
        require_served(access, *(force.lower() for scenario in scenarios for force in scenario.forces))
        actions = sum(len(scenario.actions) for scenario in scenarios)
        typer.echo(f"{len(scenarios)} scenarios, {actions} actions, side by side", err=True)
        return await side_by_side(_told(scenario, access) for scenario in scenarios)


async def _told(scenario: Scenario, access: Access) -> Outcome:
    outcome = await run_scenario(scenario, access)
    typer.echo(summary(outcome), err=True)
    return outcome


def outcome_table(outcome: Outcome) -> Table:
    """Every point of an outcome, the differences first."""
    shown = table(f"{outcome.scenario} as {outcome.case}", "", "compared", "expected", "got")
    for point in (*outcome.differences, *outcome.agreements):
        mark, style = ("agrees", None) if point.agrees else ("DIFFERS", "bold red")
        got = "the same" if point.agrees else point.got
        shown.add_row(mark, point.what, point.expected, got, style=style)
    return shown


def summary(outcome: Outcome) -> str:
    """One line."""
    differences = len(outcome.differences)
    word = "difference" if differences == 1 else "differences"
    return f"{outcome.scenario}: {len(outcome.agreements)} agree, {differences} {word}"


def point_plain(point: Point) -> dict[str, str]:
    """A point for programs."""
    return {"what": point.what, "expected": point.expected, "got": point.got}


def plain_outcome(outcome: Outcome) -> dict[str, Any]:
    """An outcome for programs."""
    return {
        "name": outcome.scenario,
        "agrees": outcome.agrees,
        "checked": len(outcome.points),
        "differences": [point_plain(point) for point in outcome.differences],
        "matters": dict(outcome.cast.matters),
    }


def _listed(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "title": scenario.title,
        "forces": scenario.forces,
        "cases": {
            label: {"force": facts.force, "jurisdiction": facts.jurisdiction} for label, facts in scenario.cases.items()
        },
        "actions": len(scenario.actions),
    }
