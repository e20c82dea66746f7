"""What all commands share: the data folder, `--force`, `--json`, output for people and for programs, progress."""

import asyncio
import json
import os
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from nom.console.access import Access
from nom.workers.local.folder import DataFolder

Result = TypeVar("Result")

DataPath = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder of the stack; by default the user's own.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]
Forces = Annotated[
    list[str] | None, typer.Option("--force", help="A force's short name; may be given again. By default all.")
]

WIDTH_WITHOUT_TERMINAL = 160


def folder_at(path: Path | None) -> DataFolder:
    """The data folder that was asked for, or the default."""
    return DataFolder(path)


def forces_named(typed: Iterable[str] | None) -> tuple[str, ...]:
    """The namespaces of the forces that were typed, each once; whether they are served is not looked at."""
    return tuple(dict.fromkeys(force.lower() for force in typed or ()))


def namespaces_asked(access: Access, forces: Iterable[str] | None) -> tuple[str, ...]:
    """The namespaces of the forces that were typed, or else all that the stack serves."""
    return forces_named(forces) or access.namespaces()


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end, cancelling and awaiting whatever is left. Raises `KeyboardInterrupt` where it was cancelled."""
    try:
        return asyncio.run(work)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def print_json(value: object) -> None:
    """One JSON value on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def paper() -> Console:
    """Where people read: stdout, as wide as the terminal or COLUMNS says, or wide enough where nothing does."""
    console = Console(highlight=False, emoji=False, markup=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = max(console.width, WIDTH_WITHOUT_TERMINAL)
    return console


def table(title: str | None, *columns: str) -> Table:
    """A plain table with a heading for each column."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def spinner() -> Progress:
    """Progress whose end nobody knows, on stderr and gone afterwards."""
    return _progress(SpinnerColumn(), TextColumn("{task.description}"))


def spinning_bar() -> Progress:
    """Progress that is only counted after a while, on stderr and gone afterwards."""
    return _progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())


def bar() -> Progress:
    """Progress with the time that is left, on stderr and gone afterwards."""
    return _progress(
        TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeRemainingColumn()
    )


def _progress(*columns: ProgressColumn) -> Progress:
    return Progress(*columns, console=Console(stderr=True), transient=True)
