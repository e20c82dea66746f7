"""`nom audit reconcile`: the engine's histories beside the ledgers, and both ends of hand-offs. 1 where they differ."""

from typing import Annotated

import typer
from rich.progress import Progress

from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import (
    AsJson,
    DataPath,
    Forces,
    folder_at,
    namespaces_asked,
    paper,
    print_json,
    run,
    spinner,
)
from nom.console.reconciling import Progress as Reconciling
from nom.console.reconciling import Reconciled, reconcile_all, reconcile_matter
from nom.workers.local.folder import DataFolder


def reconcile_command(
    matter: Annotated[str | None, typer.Argument(help="A case or a group; by default everything.")] = None,
    forces: Forces = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Compare every append in the engine's histories with the records of the ledger, and back.

    Also both ends of every hand-off: sent, received, answered once. Ends with exit code 1 where two accounts differ.
    """
    if matter is not None and forces:
        raise CannotDo("reconcile_of_what", "give a CASE or --force, not both")
    asked = None if matter is None else case_named(matter)
    with spinner() as shown:
        found = run(_reconcile(folder_at(data), asked, tuple(forces or ()), _follower(shown)))
    if as_json:
        print_json(_plain(found))
    else:
        _print(found)
    if not found.agrees:
        raise typer.Exit(REFUSED)


async def _reconcile(
    folder: DataFolder, matter: str | None, forces: tuple[str, ...], progress: Reconciling
) -> Reconciled:
    async with Access(folder) as access:
        if matter is not None:
            return await reconcile_matter(access, matter, progress)
        return await reconcile_all(access, namespaces_asked(access, forces), progress)


def _follower(shown: Progress) -> Reconciling:
    task = shown.add_task("Reading")

    def follow(done: int, of: int) -> None:
        shown.update(task, description=f"{done} of {of} processes")

    return follow


def _print(found: Reconciled) -> None:
    out = paper()
    appends, records = sum(one.appends for one in found.streams), sum(one.records for one in found.streams)
    out.print(f"{len(found.streams)} processes: {appends} appends in histories, {records} records in ledgers")
    in_flight, unknown = sum(one.in_flight for one in found.streams), sum(one.unknown for one in found.streams)
    if in_flight:
        out.print(f"{in_flight} records are newer than the histories of their running processes")
    if unknown:
        out.print(f"{unknown} records have no history any more, in the engine or sealed")
    offs = found.hand_offs
    out.print(f"{offs.made} hand-offs: {offs.accepted} taken, {offs.refused} refused, {offs.waiting} waiting")
    for item in (*(one for each in found.streams for one in each.disagreements), *offs.disagreements):
        place = item.stream if item.seq is None else f"record {item.seq} of {item.stream}"
        out.print(f"{place}: {item.words}")
    out.print("The accounts agree." if found.agrees else "THE ACCOUNTS DIFFER.")


def _plain(found: Reconciled) -> dict[str, object]:
    return {
        "agrees": found.agrees,
        "streams": [one.model_dump(mode="json") for one in found.streams],
        "hand_offs": found.hand_offs.model_dump(mode="json"),
    }
