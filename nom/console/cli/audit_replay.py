"""`nom audit replay`: strict replay of a case, of everything, or of files. Exit code 1 unless all of it agrees."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from nom.audit.replay import PROCESSES, Replayed, replay_all
from nom.audit.replay import Progress as Told
from nom.audit.strict.stored import load, sidecar_of, stored_in
from nom.console.access import Access
from nom.console.cli.audit_replay_results import Results
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, run, spinning_bar, table
from nom.console.proof import replay_everything, replay_matter
from nom.contracts.ids import ProcessKind, parse_stream, stream_of
from nom.workers.local.folder import DataFolder
from nom.workers.replayer import ENTRY

DIFFERENCES_SHOWN = 20


def audit_replay_command(
    case: Annotated[
        str | None, typer.Argument(metavar="CASE", help="A case such as gmp/26-7k3f9q, or a group of the NCA.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every run of every process that the engine has or a seal keeps.")
    ] = False,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--file", help="A stored history, a folder of them, or JSON of the engine's tool. May be repeated."
        ),
    ] = None,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="Subprocesses at a time.")] = PROCESSES,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Run histories through the code as it is now and compare every field of every command with what was recorded.

    Shows that code and history agree, not that a history is authentic: a history whose cause and consequence were both
    edited to match agrees as well. Ledgers, chains and seals speak to that (`nom verify`). Ends with exit code 1 unless
    everything agrees.
    """
    if (case is not None) + everything + bool(files) != 1:
        raise CannotDo("replay_of_what", "give a CASE, or --all, or --file FILE")
    with Results(lists_agreeing=case is not None, keeps_json=as_json) as results:
        run(_replay(folder_at(data), case, tuple(files or ()), processes, results))
        if as_json:
            for piece in results.json():
                typer.echo(piece, nl=False)
        else:
            _print(results)
    if not results.agree:
        raise typer.Exit(REFUSED)


async def _replay(
    folder: DataFolder, case: str | None, files: tuple[Path, ...], processes: int, results: Results
) -> None:
    with spinning_bar() as shown:
        if files:
            results.take(await _replayed_from(files, folder, processes, _follower(shown), results))
            return
        async for batch in _replayed(folder, case, processes, _follower(shown)):
            results.take(batch)


async def _replayed_from(
    places: tuple[Path, ...], folder: DataFolder, processes: int, told: Told, results: Results
) -> tuple[Replayed, ...]:
    files = [file for place in places for file in stored_in(_there(place))]
    if not files:
        raise CannotDo("no_history", f"there is no stored history in {', '.join(map(str, places))}")
    results.without_sidecar = sum(sidecar_of(file) is None for file in files)
    found = [load(file) for file in files]
    return await replay_all(found, ENTRY, overlays=folder.policy, processes=processes, progress=told)


async def _replayed(
    folder: DataFolder, case: str | None, processes: int, told: Told
) -> AsyncIterator[tuple[Replayed, ...]]:
    async with Access(folder) as access:
        if case is not None:
            yield await replay_matter(access, checked(case), processes=processes, progress=told)
            return
        async for batch in replay_everything(access, processes=processes, progress=told):
            yield batch


def checked(case: str) -> str:
    """The id of a case. Raises `CannotDo`."""
    try:
        return parse_stream(stream_of(case, ProcessKind.CASE)).case
    except ValueError:
        raise CannotDo("case_malformed", "CASE: expected a force and a reference, such as gmp/26-7k3f9q") from None


def _there(place: Path) -> Path:
    if not place.exists():
        raise CannotDo("no_such_file", f"{place} is not there")
    return place


def _follower(shown: Progress) -> Told:
    task = shown.add_task("Fetching histories", total=None)

    def follow(done: int, of: int) -> None:
        shown.update(task, description="Replaying", completed=done, total=of)

    return follow


def _print(results: Results) -> None:
    if results.listed:
        shown = table(None, "process", "run", "events", "compared", "", "reason")
        for result in results.listed:
            style = None if result.agrees else "bold red"
            compared = str(result.compared.matched) if result.compared else ""
            words = (result.verdict.replace("_", " "), result.reason or "")
            shown.add_row(result.stream, result.run[:8], str(result.events), compared, *words, style=style)
        paper().print(shown)
    for result in results.listed:
        _print_differences(result)
    if results.unlisted:
        paper().print(f"\nand {results.unlisted} more runs; --json lists every one")
    paper().print(results.in_words())


def _print_differences(result: Replayed) -> None:
    found = result.compared.differences if result.compared else ()
    if len(found) > 1:
        paper().print(f"\n{result.stream}, run {result.run[:8]}:")
        for difference in found[:DIFFERENCES_SHOWN]:
            paper().print(f"  {difference.in_words()}")
        if len(found) > DIFFERENCES_SHOWN:
            paper().print(f"  and {len(found) - DIFFERENCES_SHOWN} more")
