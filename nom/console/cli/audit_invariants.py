"""`nom audit invariants`: the twenty-five invariants, asked of what was recorded. Exit code 1 where one is violated."""

from typing import Annotated, Any

import typer
from rich.progress import Progress

from nom.activities.readings import Purpose
from nom.audit.invariants import Asked, MatterAsked, Unreadable
from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import (
    AsJson,
    DataPath,
    folder_at,
    forces_named,
    paper,
    print_json,
    run,
    spinner,
    table,
)
from nom.console.cli.reading import IN_AN_AUDIT, DisclosedTo, ReadAs, Reader, ReadFor, log_shown, reader_named
from nom.console.invariants import Progress as Asking
from nom.console.invariants import Tally, ask_case, ask_ledgers
from nom.contracts.ids import namespace_of, parse_stream
from nom.workers.local.folder import DataFolder
from nom.workflows.model.invariants.registry import INVARIANTS, invariant

TOOL = "audit-invariants"
Asker = tuple[str | None, Purpose | None, str | None]
"""Who asks, what for, and to whom it is disclosed, as was typed."""


def audit_invariants_command(
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help="A case such as gmp/26-7k3f9q, or a group.")
    ] = None,
    forces: Annotated[
        list[str] | None, typer.Option("--force", help="Every case of this force's ledger; may be given again.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every case and group of every ledger.")] = False,
    person: ReadAs = None,
    purpose: ReadFor = None,
    disclosed_to: DisclosedTo = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Ask the operating model's 25 invariants of what was recorded, from the ledger alone.

    Of each: it holds, it is violated (by which record, and how), or it was not looked at, and why. Who was shown a case
    is judged by `nom audit readings`, the ledger's wholeness by `nom audit verify`. Whoever is shown a finding is
    logged. Ends with exit code 1 where an invariant is violated or a record can't be read.
    """
    if (case is not None) + bool(forces) + everything != 1:
        raise CannotDo("invariants_of_what", "give a CASE, or --force FORCE, or --all")
    asker = (person, purpose, disclosed_to)
    folder = folder_at(data)
    if case is not None:
        is_clean = _of_case(folder, case_named(case), asker, as_json=as_json)
    else:
        reader_named(TOOL, "nca", *asker, otherwise=IN_AN_AUDIT)
        is_clean = _of_ledgers(folder, forces_named(forces), asker, as_json=as_json)
    if not is_clean:
        raise typer.Exit(REFUSED)


def _of_case(folder: DataFolder, case: str, asker: Asker, *, as_json: bool) -> bool:
    asked = run(_ask_case(folder, case, asker))
    if as_json:
        print_json(_plain_case(asked))
    else:
        _print_case(asked)
    return not asked.found and not asked.unreadable


async def _ask_case(folder: DataFolder, case: str, asker: Asker) -> MatterAsked:
    _reader(namespace_of(case), asker)
    async with Access(folder) as access:
        asked, read = await ask_case(access, case)
        await _log(access, read, asker)
        return asked


def _of_ledgers(folder: DataFolder, forces: tuple[str, ...], asker: Asker, *, as_json: bool) -> bool:
    with spinner() as shown:
        tally = run(_ask_ledgers(folder, forces, asker, _follower(shown)))
    if as_json:
        print_json(_plain_tally(tally))
    else:
        _print_tally(tally)
    return tally.is_clean


async def _ask_ledgers(folder: DataFolder, forces: tuple[str, ...], asker: Asker, progress: Asking) -> Tally:
    async with Access(folder) as access:
        tally = await ask_ledgers(access, forces or access.namespaces(), progress)
        shown: dict[str, int] = {}
        for item in (each.found for each in tally.found):
            shown[item.stream] = max(item.seq or 0, shown.get(item.stream, 0))
        await _log(access, shown, asker)
        return tally


async def _log(access: Access, shown: dict[str, int], asker: Asker) -> None:
    """Log what is shown in the ledger that it is of. Counts alone show no case."""
    for namespace in dict.fromkeys(namespace_of(stream) for stream in shown):
        of_ledger = {stream: seq for stream, seq in shown.items() if namespace_of(stream) == namespace}
        await log_shown(access, namespace, _reader(namespace, asker), of_ledger, partly=True)


def _reader(namespace: str, asker: Asker) -> Reader:
    return reader_named(TOOL, namespace, *asker, otherwise=IN_AN_AUDIT)


def _follower(shown: Progress) -> Asking:
    task = shown.add_task("Reading")

    def follow(matters: int, records: int) -> None:
        shown.update(task, description=f"{matters} cases and groups, {records} records")

    return follow


def _print_case(asked: MatterAsked) -> None:
    out = paper()
    out.print(f"{asked.matter}: {asked.records} records")
    shown = table(None, "", "invariant", "", "processes", "what is looked at, or why it was not")
    for item in asked.invariants:
        known = invariant(item.number)
        style = {"holds": None, "violated": "bold red", "not_looked_at": "dim"}[item.verdict]
        words = "; ".join(item.not_looked_at) or known.judged
        verdict = _verdict(item)
        said = "holds" if verdict == "hold" else verdict
        shown.add_row(str(item.number), known.sentence, said, str(item.processes), words, style=style)
    out.print(shown)
    for number, found in asked.found:
        out.print(f"{number}: {_place(found.stream, found.seq)}: {found.words}")
    _print_unreadable(asked.unreadable)
    for other in dict.fromkeys(parse_stream(stream).case for stream in asked.beside):
        out.print(f"{other} was looked up for it; its own invariants: nom audit invariants {other}")
    counts = {verdict: sum(_verdict(item) == verdict for item in asked.invariants) for verdict in _VERDICTS}
    out.print(", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count))


_VERDICTS = ("hold", "VIOLATED", "looked at in part", "not looked at")


def _verdict(item: Asked) -> str:
    if item.verdict == "violated":
        return "VIOLATED"
    if item.verdict == "holds":
        return "hold"
    return "looked at in part" if item.processes else "not looked at"


def _print_tally(tally: Tally) -> None:
    out = paper()
    out.print(f"{tally.matters} cases and groups, {tally.records} records")
    shown = table(None, "", "invariant", "holds in", "violated in", "looked at in part", "no such process")
    for item in INVARIANTS:
        counts = (each[item.number] for each in (tally.holds, tally.violated, tally.in_part, tally.without))
        style = "bold red" if tally.violated[item.number] else None
        shown.add_row(str(item.number), item.sentence, *map(str, counts), style=style)
    out.print(shown)
    for number, _, found in tally.found:
        out.print(f"{number}: {_place(found.stream, found.seq)}: {found.words}")
    if tally.unlisted:
        out.print(f"and {tally.unlisted} more places; ask case by case")
    _print_unreadable(tally.unreadable)


def _print_unreadable(unreadable: "tuple[Unreadable, ...] | list[Unreadable]") -> None:
    for item in unreadable:
        paper().print(f"{_place(item.stream, item.seq)} can't be read: nothing of that process was looked at")


def _place(stream: str, seq: int | None) -> str:
    return stream if seq is None else f"record {seq} of {stream}"


def _plain_case(asked: MatterAsked) -> dict[str, Any]:
    return {
        "matter": asked.matter,
        "violated": bool(asked.found),
        "records": asked.records,
        "invariants": [
            {**_known(item.number), "verdict": item.verdict, **item.model_dump(mode="json", exclude={"number"})}
            for item in asked.invariants
        ],
        "unreadable": [item.model_dump(mode="json") for item in asked.unreadable],
        "beside": list(asked.beside),
    }


def _plain_tally(tally: Tally) -> dict[str, Any]:
    return {
        "violated": bool(tally.violated),
        "matters": tally.matters,
        "records": tally.records,
        "invariants": [
            {
                **_known(item.number),
                "holds_in": tally.holds[item.number],
                "violated_in": tally.violated[item.number],
                "in_part_in": tally.in_part[item.number],
                "no_such_process_in": tally.without[item.number],
            }
            for item in INVARIANTS
        ],
        "violations": [
            {"number": number, "matter": matter, **found.model_dump(mode="json")}
            for number, matter, found in tally.found
        ],
        "violations_not_listed": tally.unlisted,
        "unreadable": [item.model_dump(mode="json") for item in tally.unreadable],
    }


def _known(number: int) -> dict[str, Any]:
    item = invariant(number)
    words = {"sentence": item.sentence, "basis": item.basis, "looked_at": item.judged}
    return {"number": item.number, "name": item.name, **words}
