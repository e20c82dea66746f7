"""`nom verify`: checks the chains and positions of ledgers of the running stack. Exit code 1 if anything is wrong."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from nom.audit.verify import Verified
from nom.console.access import Access
from nom.console.cli.endings import REFUSED
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.proof import LedgerProgress, verify_ledgers
from nom.workers.local.folder import DataFolder


def verify_command(
    forces: Annotated[
        list[str] | None,
        typer.Option("--force", help="A force's short name; may be given again. By default all."),
    ] = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Verify ledgers: every record's digest, every stream's chain, every position.

    Names the first bad record of each stream. What chains alone can't show: a tail cut off together with the last
    positions of its ledger, or a stream written anew with every digest. Ends with exit code 1 if anything is wrong.
    """
    progress = Progress(SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
    with progress:
        ledgers = run(_verify(folder_at(data), tuple(forces or ()), _follower(progress)))
    if as_json:
        print_json({"verified": all(ledger.holds for ledger in ledgers), "ledgers": [_plain(one) for one in ledgers]})
    else:
        _print(ledgers)
    if not all(ledger.holds for ledger in ledgers):
        raise typer.Exit(REFUSED)


async def _verify(folder: DataFolder, forces: tuple[str, ...], progress: LedgerProgress) -> tuple[Verified, ...]:
    async with Access(folder) as access:
        namespaces = tuple(dict.fromkeys(force.lower() for force in forces)) or access.namespaces()
        return await verify_ledgers(access, namespaces, progress)


def _follower(progress: Progress) -> LedgerProgress:
    task = progress.add_task("Reading")
    looked_at: dict[str, int] = {}

    def follow(ledger: str, records: int) -> None:
        looked_at[ledger] = records
        progress.update(task, description=f"{sum(looked_at.values())} records in {len(looked_at)} ledgers")

    return follow


def _print(ledgers: tuple[Verified, ...]) -> None:
    shown = table(None, "ledger", "streams", "records", "positions", "waiting", "")
    for ledger in ledgers:
        verdict, style = ("holds", None) if ledger.holds else ("BROKEN", "bold red")
        counts = (ledger.streams, ledger.records, ledger.positions, ledger.waiting)
        shown.add_row(ledger.ledger.upper(), *(str(count) for count in counts), verdict, style=style)
    paper().print(shown)
    for ledger in ledgers:
        for fault in ledger.faults:
            paper().print(f"{ledger.ledger.upper()}, {fault.where}: {fault.words} ({fault.kind})")


def _plain(ledger: Verified) -> dict[str, Any]:
    return {**ledger.model_dump(mode="json"), "holds": ledger.holds}
