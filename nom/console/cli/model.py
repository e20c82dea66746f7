"""`nom model`: the operating model as pages to read. Needs no stack, and changes nothing but the pages."""

from pathlib import Path
from typing import Annotated

import typer

from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, print_json
from nom.console.model_book.book import FOLDER, BookStale, check, write

model_app = typer.Typer(
    help="The operating model as it stands in code and policy packs.", no_args_is_help=True, rich_markup_mode="markdown"
)


@model_app.callback()
def root() -> None:
    """The operating model as it stands in code and policy packs."""


@model_app.command("book")
def book_command(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the pages stand.")] = FOLDER,
    only_check: Annotated[bool, typer.Option("--check", help="Write nothing: exit code 1 if a page is stale.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the model book: a page for each process, with states, roles, clocks, gates, events and refusals."""
    if not out.exists() and not out.parent.is_dir():
        msg = f"{out.parent} is no folder: run it in a checkout, or name a folder with --out"
        raise CannotDo("no_such_folder", msg)
    if only_check:
        try:
            count = check(out)
        except BookStale as stale:
            raise CannotDo(stale.code, str(stale), REFUSED) from None
        if as_json:
            print_json({"pages": count, "stale": []})
        else:
            typer.echo(f"{count} pages in {out} are as the code and the packs have them")
        return
    changed = [str(path) for path in write(out)]
    if as_json:
        print_json({"changed": changed})
    else:
        typer.echo("\n".join(f"written: {path}" for path in changed) or "no page changed")
