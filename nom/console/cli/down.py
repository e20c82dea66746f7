"""`nom down`: stops what is ours on a data folder, whoever started it."""

import typer

from nom.console.cli.options import AsJson, DataPath, folder_at, print_json, run
from nom.workers.local.servers import stop_own


def down_command(data: DataPath = None, as_json: AsJson = False) -> None:
    """Stop the stack of the data folder, whoever started it.

    A living `nom up` is asked to end in order; servers whose parent was killed are found by their records and stopped.
    """
    folder = folder_at(data)
    stopped = run(stop_own(folder))
    if as_json:
        print_json({"data": str(folder.path), "stopped": [str(kind) for kind in stopped]})
    elif stopped:
        typer.echo(f"Stopped {' and '.join(stopped)} on {folder.path}.")
    else:
        typer.echo(f"Nothing of ours was running on {folder.path}.")
