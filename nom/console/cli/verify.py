"""`nom verify`: checks ledgers, and what was signed and sealed of them. Exit code 1 if anything is wrong."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from nom.audit.trees import OutsideCheckpoint
from nom.audit.verify import Verified
from nom.console.access import Access
from nom.console.cli.endings import REFUSED
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
from nom.console.kept import kept_checkpoints, kept_keys
from nom.console.verifying import PROCESSES, LedgerProgress, verify_ledgers
from nom.contracts.note import Verifier
from nom.workers.local.folder import DataFolder


def verify_command(
    forces: Forces = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A file of signed checkpoints that you kept; may be given again."),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="A ledger's public key that you kept, in place of the one in the data folder."),
    ] = None,
    without_signatures: Annotated[
        bool,
        typer.Option("--without-signatures", help="Accept chains and positions alone where there is no public key."),
    ] = False,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, help="How many cores work on it.")
    ] = PROCESSES,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Verify ledgers: every record's digest, every stream's chain, every position, every signed checkpoint and seal.

    Checkpoints are compared that the ledger keeps, that the NCA was told, and that you kept (--checkpoint); they cover
    the logs of readings and refusals as well. Names the first bad record of each stream and the first bad row of each
    log. Where there is no public key of a ledger, nothing signed or sealed of it is looked at, and that is no good end.
    Ends with exit code 1 if anything is wrong or was not looked at.
    """
    with spinner() as progress:
        outside, keys = kept_checkpoints(checkpoint or ()), kept_keys(key or ())
        ledgers = run(_verify(folder_at(data), tuple(forces or ()), _follower(progress), outside, keys, processes))
    verified = all(ledger.holds and (without_signatures or _with_signatures(ledger)) for ledger in ledgers)
    if as_json:
        print_json({"verified": verified, "ledgers": [_plain(one) for one in ledgers]})
    else:
        _print(ledgers)
    if not verified:
        raise typer.Exit(REFUSED)


async def _verify(
    folder: DataFolder,
    forces: tuple[str, ...],
    progress: LedgerProgress,
    outside: tuple[OutsideCheckpoint, ...],
    keys: dict[str, Verifier],
    processes: int,
) -> tuple[Verified, ...]:
    async with Access(folder) as access:
        namespaces = namespaces_asked(access, forces)
        known = {**access.verifiers(), **keys}
        return await verify_ledgers(access, namespaces, progress, outside, known, processes=processes)


def _follower(progress: Progress) -> LedgerProgress:
    task = progress.add_task("Reading")
    looked_at: dict[str, int] = {}

    def follow(ledger: str, records: int) -> None:
        looked_at[ledger] = records
        progress.update(task, description=f"{sum(looked_at.values())} records in {len(looked_at)} ledgers")

    return follow


def _print(ledgers: tuple[Verified, ...]) -> None:
    shown = table(None, "ledger", "streams", "records", "positions", "waiting", "signed", "elsewhere", "seals", "")
    for ledger in ledgers:
        verdict, style = _verdict(ledger)
        counts = (ledger.streams, ledger.records, ledger.positions, ledger.waiting, *_signed(ledger), ledger.seals)
        shown.add_row(ledger.ledger.upper(), *(str(count) for count in counts), verdict, style=style)
    paper().print(shown)
    for ledger in ledgers:
        for fault in ledger.faults:
            paper().print(f"{ledger.ledger.upper()}, {fault.where}: {fault.words} ({fault.kind})")
    without = ", ".join(ledger.ledger.upper() for ledger in ledgers if not _with_signatures(ledger))
    if without:
        paper().print(
            f"No public key of {without}: nothing signed or sealed was looked at, so that a tail cut off or a ledger "
            "written anew would not be seen. Give the key with --key, or accept that with --without-signatures."
        )


def _with_signatures(ledger: Verified) -> bool:
    return bool(ledger.trees)


def _verdict(ledger: Verified) -> tuple[str, str | None]:
    if not ledger.holds:
        return "BROKEN", "bold red"
    return ("holds", None) if _with_signatures(ledger) else ("chains only", "bold yellow")


def _signed(ledger: Verified) -> tuple[str, str]:
    """How many records stand under a signed checkpoint, and how many checkpoints kept elsewhere agree."""
    if not _with_signatures(ledger):
        return "no key", "no key"
    return str(ledger.trees[0].covered), str(sum(tree.elsewhere for tree in ledger.trees))


def _plain(ledger: Verified) -> dict[str, Any]:
    return {**ledger.model_dump(mode="json"), "holds": ledger.holds, "signatures_looked_at": _with_signatures(ledger)}
