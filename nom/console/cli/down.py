"""`nom down`: stops what is ours on a data folder, whoever started it."""

from nom.console.cli.options import AsJson, DataPath, folder_at, print_json, run


def down_command(data: DataPath = None, as_json: AsJson = False) -> None:
    """Stop the stack of the data folder: a living `nom up` in order, and servers whose parent was killed."""
    from nom.workers.local.servers import stop_own

    folder = folder_at(data)
    stopped = run(stop_own(folder))
    if as_json:
        print_json({"data": str(folder.path), "stopped": [str(kind) for kind in stopped]})
    elif stopped:
        print(f"Stopped {' and '.join(stopped)} on {folder.path}.")
    else:
        print(f"Nothing of ours was running on {folder.path}.")
