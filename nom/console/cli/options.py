"""What all commands share on the command line: the data folder, `--json`, output for people and for programs."""

import asyncio
import json
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from nom.workers.local.folder import DataFolder

Result = TypeVar("Result")

DataPath = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder of the stack; by default the user's own.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]

WIDTH_WITHOUT_TERMINAL = 160


def folder_at(path: Path | None) -> DataFolder:
    """The data folder that was asked for, or the default."""
    return DataFolder(path)


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
