"""`nom audit pack`: writes the evidence pack of a case. Exit code 1 where the pack says that something is wrong."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from nom.audit.trees import OutsideCheckpoint
from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.cli.endings import REFUSED
from nom.console.cli.options import AsJson, DataPath, folder_at, print_json, run
from nom.console.cli.reading import IN_AN_AUDIT, DisclosedTo, ReadAs, Reader, ReadFor, log_reading, reader_named
from nom.console.kept import kept_checkpoints, kept_keys
from nom.console.packing import Packed, pack_case
from nom.contracts.base import sha256_hex
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import CaseId, namespace_of
from nom.contracts.note import Verifier
from nom.workers.local.folder import DataFolder


class Order(NamedTuple):
    """What is asked for, by whom."""

    case: CaseId
    who: Reader
    with_group: bool
    kept: tuple[OutsideCheckpoint, ...]
    keys: dict[str, Verifier]


def pack_command(
    case: Annotated[str, typer.Argument(help="The case, such as gmp/26-7k3f9q, or a group at the NCA.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The file; by default evidence-FORCE-CASE.zip here.")
    ] = None,
    with_group: Annotated[
        bool, typer.Option("--with-group", help="Also the case's group at the NCA, which may name other forces' cases.")
    ] = False,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="Older signed checkpoints: the pack will show that it continues them."),
    ] = None,
    key: Annotated[
        list[Path] | None, typer.Option("--key", help="A ledger's public key, in place of the one in the data folder.")
    ] = None,
    person: ReadAs = None,
    purpose: ReadFor = None,
    disclosed_to: DisclosedTo = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Write one file that proves what was recorded about a case to somebody who trusts nobody.

    It holds the records with their proofs, signed checkpoints, sealed histories, the rules that were in force, an index
    in plain words (HTML and PDF), and verify.py, which checks all of it with Python and the public key alone. Who
    makes a pack is logged as a reading of all its records, before it is made.
    """
    asked = case_named(case)
    who = reader_named("audit-pack", namespace_of(asked), person, purpose, disclosed_to, otherwise=IN_AN_AUDIT)
    order = Order(asked, who, with_group, kept_checkpoints(checkpoint or ()), kept_keys(key or ()))
    packed = run(_pack(folder_at(data), order))
    place = out or Path(f"evidence-{asked.replace('/', '-')}.zip")
    place.write_bytes(packed.content)
    if as_json:
        print_json({"file": str(place), "sha256": sha256_hex(packed.content), **packed.verdict})
    else:
        _say(place, packed)
    if packed.verdict["verdict"] == "broken":
        raise typer.Exit(REFUSED)


async def _pack(folder: DataFolder, order: Order) -> Packed:
    async def logged(access: Access, namespace: str, records: Sequence[StoredRecord]) -> None:
        await log_reading(access, namespace, order.who, records)

    async with Access(folder) as access:
        keys = {**access.verifiers(), **order.keys}
        return await pack_case(access, order.case, logged, with_group=order.with_group, kept=order.kept, keys=keys)


def _say(place: Path, packed: Packed) -> None:
    found: dict[str, Any] = packed.verdict
    typer.echo(f"{place}: {len(packed.content)} bytes, SHA-256 {sha256_hex(packed.content)}")
    typer.echo(f"{found['records']} records ({found['proven']} signed), {found['seals']} sealed histories")
    for fault in found["faults"]:
        typer.echo(f"WRONG: {fault['where']}: {fault['words']} ({fault['kind']})")
    for note in found["notes"]:
        typer.echo(f"NOT PROVEN: {note}")
    if found["verdict"] == "holds":
        typer.echo("It holds. Give the public key (`nom audit keys`) by another way than the pack.")
