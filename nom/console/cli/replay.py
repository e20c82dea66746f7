"""`nom replay`: replays the histories of a case's processes under the code as it is now. Exit code 1 if one fails."""

from typing import Annotated, Any

import typer

from nom.audit.replay import Replayed
from nom.console.access import Access
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.proof import replay_matter
from nom.contracts.ids import ProcessKind, parse_stream, stream_of
from nom.workers.local.folder import DataFolder


def replay_command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case such as gmp/26-7k3f9q, or a group of the NCA.")],
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Replay every process of a case, and of the group that it nominated, from the engine's histories.

    Shows that code and history agree, not that a history is authentic: `nom verify` looks at the ledgers. Ends with
    exit code 1 unless every history was replayed.
    """
    results = run(_replay(folder_at(data), _checked(case)))
    replayed = all(result.verdict == "replayed" for result in results)
    if as_json:
        print_json({"case": case, "replayed": replayed, "processes": [_plain(result) for result in results]})
    else:
        _print(results)
    if not replayed:
        raise typer.Exit(REFUSED)


async def _replay(folder: DataFolder, case: str) -> tuple[Replayed, ...]:
    async with Access(folder) as access:
        return await replay_matter(access, case)


def _checked(case: str) -> str:
    try:
        return parse_stream(stream_of(case, ProcessKind.CASE)).case
    except ValueError:
        raise CannotDo("case_malformed", "CASE: expected a force and a reference, such as gmp/26-7k3f9q") from None


def _print(results: tuple[Replayed, ...]) -> None:
    shown = table(None, "process", "events", "", "reason")
    for result in results:
        style = None if result.verdict == "replayed" else "bold red"
        words = result.verdict.replace("_", " ")
        shown.add_row(result.stream, str(result.events), words, result.reason or "", style=style)
    paper().print(shown)


def _plain(result: Replayed) -> dict[str, Any]:
    return result.model_dump(mode="json")
