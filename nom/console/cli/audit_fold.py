"""`nom audit fold`: the state that each process holds, folded again from its ledger, and each command decided again."""

from typing import Annotated, Any

import typer
from rich.progress import Progress

from nom.audit.folding import FoldedAgain
from nom.console.access import Access
from nom.console.cli.audit_replay import checked
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
    table,
)
from nom.console.folding import Progress as Folding
from nom.console.folding import fold_ledgers, fold_matter
from nom.workers.local.folder import DataFolder


def audit_fold_command(
    case: Annotated[
        str | None, typer.Argument(metavar="CASE", help="A case such as gmp/26-7k3f9q, or a group; by default all.")
    ] = None,
    forces: Forces = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Fold each process again from its ledger alone, and decide each recorded command again under its pinned policy.

    The state must be the very state that the running process holds, the events the very events that are recorded.
    Every difference is named by process and record. Ends with exit code 1 if anything differs.
    """
    if case is not None and forces:
        raise CannotDo("fold_of_what", "give a CASE or --force, not both")
    with spinner() as shown:
        found = run(_fold(folder_at(data), case, tuple(forces or ()), _follower(shown)))
    agrees = all(one.agrees for one in found)
    if as_json:
        print_json({"agrees": agrees, "summary": _summary(found), "processes": [_plain(one) for one in found]})
    else:
        _print(found, everything=case is None)
    if not agrees:
        raise typer.Exit(REFUSED)


async def _fold(
    folder: DataFolder, case: str | None, forces: tuple[str, ...], progress: Folding
) -> tuple[FoldedAgain, ...]:
    async with Access(folder) as access:
        if case is not None:
            return await fold_matter(access, checked(case), progress)
        return await fold_ledgers(access, namespaces_asked(access, forces), progress)


def _follower(shown: Progress) -> Folding:
    task = shown.add_task("Reading")

    def follow(done: int, of: int) -> None:
        shown.update(task, description=f"{done} of {of} processes folded again")

    return follow


def _print(found: tuple[FoldedAgain, ...], *, everything: bool) -> None:
    out = paper()
    listed = [one for one in found if not everything or not one.agrees or one.state == "gone"]
    if listed:
        shown = table(None, "process", "records", "up to", "state", "commands", "the same again", "not kept")
        for one in listed:
            upto = "" if one.compared_at is None else str(one.compared_at)
            counts = (str(one.commands), str(one.again), str(one.not_kept))
            style = None if one.agrees else "bold red"
            shown.add_row(one.stream, str(one.records), upto, one.state, *counts, style=style)
        out.print(shown)
    for item in (item for one in found for item in one.differences):
        place = item.stream if item.seq is None else f"record {item.seq} of {item.stream}"
        out.print(f"{place}: {item.words}")
    for line in _closing(_summary(found)):
        out.print(line)


def _closing(summary: dict[str, int]) -> list[str]:
    states = f"{summary['same']} hold the state that their records give, {summary['differs']} another"
    again = f"of {summary['commands']} commands {summary['again']} gave the same again"
    lines = [f"{summary['processes']} processes: {states}; {again}"]
    if summary["gone"]:
        lines.append(f"{summary['gone']} processes are no longer in the engine: there is no state to compare with")
    if summary["not_kept"]:
        lines.append(f"{summary['not_kept']} commands were recorded when what was asked was not kept")
    differ = summary["differences"]
    lines.append("Nothing differs." if not differ else f"{differ} DIFFERENCE{'S' if differ > 1 else ''}.")
    return lines


def _summary(found: tuple[FoldedAgain, ...]) -> dict[str, int]:
    states = [one.state for one in found]
    return {
        "processes": len(found),
        "records": sum(one.records for one in found),
        "same": states.count("same"),
        "differs": states.count("differs"),
        "gone": states.count("gone"),
        "commands": sum(one.commands for one in found),
        "again": sum(one.again for one in found),
        "not_kept": sum(one.not_kept for one in found),
        "differences": sum(len(one.differences) for one in found),
    }


def _plain(one: FoldedAgain) -> dict[str, Any]:
    return {**one.model_dump(mode="json"), "agrees": one.agrees}
