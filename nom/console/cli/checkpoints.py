"""`nom audit checkpoints` and `nom audit keys`: what an auditor takes along and keeps, to hold a ledger to it later."""

from pathlib import Path
from typing import Annotated

import typer

from nom.console.access import Access
from nom.console.cli.options import AsJson, DataPath, Forces, folder_at, namespaces_asked, print_json, run
from nom.console.scenario.runner import require_served
from nom.workers.local.folder import DataFolder

Out = Annotated[Path | None, typer.Option("--out", help="The file to write; by default they are printed.")]


def checkpoints_command(forces: Forces = None, out: Out = None, data: DataPath = None, as_json: AsJson = False) -> None:
    """Print the newest signed checkpoints of ledgers (C2SP tlog-checkpoint).

    Keep them outside: `nom audit verify --checkpoint FILE` then shows whether a ledger is still the one that it was.
    """
    notes = run(_notes(folder_at(data), tuple(forces or ())))
    if as_json:
        print_json(list(notes))
    else:
        _give("\n".join(notes), out)


def keys_command(forces: Forces = None, out: Out = None, data: DataPath = None) -> None:
    """Print the public keys of ledgers, one a line. Get them from somebody you trust, not from whom you audit."""
    keys = run(_keys(folder_at(data), tuple(forces or ())))
    _give("".join(f"{key}\n" for key in keys), out)


def _give(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    typer.echo(f"written: {out}", err=True)


async def _notes(folder: DataFolder, forces: tuple[str, ...]) -> tuple[str, ...]:
    async with Access(folder) as access:
        return tuple(
            [note for name in _asked(access, forces) for note in await (await access.trees(name)).latest_notes()]
        )


async def _keys(folder: DataFolder, forces: tuple[str, ...]) -> tuple[str, ...]:
    async with Access(folder) as access:
        known = access.verifiers()
        return tuple(str(known[name]) for name in _asked(access, forces) if name in known)


def _asked(access: Access, forces: tuple[str, ...]) -> tuple[str, ...]:
    names = namespaces_asked(access, forces)
    require_served(access, *names)
    return names
