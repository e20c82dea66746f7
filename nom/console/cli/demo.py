"""`nom demo`: the demonstration with its progress and its closing report. Exit code 1 if anything differs."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from nom.console.cli.endings import REFUSED
from nom.console.cli.options import AsJson, paper, print_json, run, table
from nom.console.cli.scenario import point_plain
from nom.console.demo import SHOWN, Demonstration, demo_folder, demonstrate, log_quietly
from nom.console.scenario.compare import Outcome
from nom.console.scenario.findings import FoundProcess
from nom.console.scenario.loading import chosen
from nom.console.scenario.model import Scenario
from nom.console.times import local
from nom.contracts.clocks import due_in_words
from nom.workers.local.folder import DataFolder


def demo_command(
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The demonstration's data folder; by default one of its own.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run worked scenarios through a whole stack on this machine, then prove what they left behind.

    Starts engine, database and workers in a data folder of its own (kept: a later run is quicker), gives every action
    of the scenarios, compares, verifies every ledger, replays every history, and stops everything. Ends with exit
    code 1 if anything differs.
    """
    log_quietly()
    folder = demo_folder() if data is None else DataFolder(data)
    with Display() as display:
        try:
            shown = run(demonstrate(folder, chosen(SHOWN), display))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
    if as_json:
        print_json(_plain(shown))
    else:
        _print(shown)
    if not shown.agrees:
        raise typer.Exit(REFUSED)


class Display:
    """The progress on stderr: what is being done, and a bar for each scenario."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._now = self._progress.add_task("", total=None)
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Show it."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self._progress.stop()

    def step(self, words: str) -> None:
        """Something else is being done now."""
        self._progress.update(self._now, description=words)

    def actions(self, scenario: Scenario, done: int, of: int) -> None:
        """So many of a scenario's actions have been given."""
        if scenario.id not in self._bars:
            words = f"{', '.join(scenario.forces)}: {scenario.title}"
            self._bars[scenario.id] = self._progress.add_task(words, total=of)
        self._progress.update(self._bars[scenario.id], completed=done)


def _print(shown: Demonstration) -> None:
    out = paper()
    for outcome in shown.outcomes:
        out.print(_processes(outcome))
        out.print(f"{_conclusion(outcome)}\n")
    out.print(_breaches(shown))
    out.print()
    ledgers = table("Ledgers", "ledger", "events", "streams", "chains")
    for ledger in shown.verified:
        verdict = "hold" if ledger.holds else "BROKEN"
        ledgers.add_row(ledger.ledger.upper(), str(shown.events[ledger.ledger]), str(ledger.streams), verdict)
    out.print(ledgers)
    for part, point in shown.differences:
        out.print(f"DIFFERS  {part}: {point.what}; expected {point.expected}; got {point.got}", style="bold red")
    out.print(_closing(shown))


def _processes(outcome: Outcome) -> Table:
    shown = table(f"{outcome.scenario} as {outcome.case}", "force", "process", "state", "late", "next due", "events")
    for process in outcome.processes:
        late = str(process.late) if process.late else ""
        shown.add_row(process.force, process.process, _state(process), late, _next_due(process), str(process.records))
    return shown


def _state(process: FoundProcess) -> str:
    return "open" if process.outcome is None else f"ended: {process.outcome.replace('_', ' ')}"


def _next_due(process: FoundProcess) -> str:
    clock = process.next_due
    if clock is None:
        return ""
    return f"{clock.rule} {due_in_words(clock.due_at, clock.last_day) if clock.last_day else local(clock.due_at)}"


def _conclusion(outcome: Outcome) -> str:
    group = outcome.findings.group
    words = [f"{len(outcome.agreements)} points agree, {len(outcome.differences)} differ"]
    if group is not None:
        members = f"{group.members} member{'' if group.members == 1 else 's'}"
        tier = f", tier {group.tier}" if group.tier else ""
        words.append(f"group at the NCA: {group.status}, {members}{tier}")
    return "; ".join(words)


def _breaches(shown: Demonstration) -> Table:
    made = table("Deadlines missed", "force", "process", "rule", "why", "escalated to")
    for outcome in shown.outcomes:
        for breach in outcome.breaches:
            force = breach.stream.split("/", 1)[0].upper()
            made.add_row(force, breach.process, breach.rule, breach.why, breach.escalated_to.replace("_", " "))
    return made


def _closing(shown: Demonstration) -> str:
    verdict = "Everything agrees" if shown.agrees else f"{len(shown.differences)} DIFFER"
    return (
        f"\n{verdict}: {sum(len(outcome.points) for outcome in shown.outcomes)} points compared, "
        f"{shown.chains_that_hold} chains verified, {shown.histories_replayed} histories replayed, "
        f"in {shown.seconds:.1f} s"
    )


def _plain(shown: Demonstration) -> dict[str, Any]:
    return {
        "agrees": shown.agrees,
        "differences": [{"of": part, **point_plain(point)} for part, point in shown.differences],
        "scenarios": [_plain_outcome(outcome) for outcome in shown.outcomes],
        "processes": [
            {
                "scenario": outcome.scenario,
                "force": process.force,
                "process": process.stream,
                "state": "open" if process.outcome is None else "ended",
                "outcome": process.outcome,
                "late": process.late,
                "events": process.records,
            }
            for outcome in shown.outcomes
            for process in outcome.processes
        ],
        "breaches": [
            {"scenario": outcome.scenario, **breach.model_dump(mode="json")}
            for outcome in shown.outcomes
            for breach in outcome.breaches
        ],
        "events": shown.events,
        "verified": shown.chains_that_hold,
        "replayed": shown.histories_replayed,
        "seconds": round(shown.seconds, 1),
    }


def _plain_outcome(outcome: Outcome) -> dict[str, Any]:
    group = outcome.findings.group
    return {
        "scenario": outcome.scenario,
        "case": outcome.case,
        "agrees": outcome.agrees,
        "compared": len(outcome.points),
        "group": group.model_dump(mode="json") if group else None,
    }
