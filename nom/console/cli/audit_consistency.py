"""`nom audit consistency`: does a later signed checkpoint continue an earlier one? Exit code 1 unless all do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from nom.activities.trees import TREES
from nom.audit.consistency import Compared, Pair, Proof, paired, proofs_in, prove, written
from nom.console.access import Access
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, spinner, table
from nom.console.kept import kept_checkpoints, kept_keys, kept_text
from nom.console.scenario.runner import require_served
from nom.contracts.note import Verifier
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import verifiers


def consistency_command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Signed checkpoints that you kept.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Later ones of the same ledgers.", show_default=False)],
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="Public keys that you kept, one a line, in place of those in the data folder."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write the proofs to.")] = None,
    proof: Annotated[
        Path | None, typer.Option("--proof", help="Proofs that somebody made with --out: no ledger is asked.")
    ] = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Show that the checkpoints in NEW continue those in OLD, tree by tree: both signed, nothing before OLD changed.

    The files are what `nom audit checkpoints --out` writes. The proof (RFC 9162) is made from the ledger, or brought
    with --proof: then nothing but the three files and the key is needed. Says nothing of what the ledger holds today;
    `nom audit verify` does. Ends with exit code 1 unless every tree in OLD is shown to go on in NEW.
    """
    if out is not None and proof is not None:
        raise CannotDo("proof_of_what", "--out makes proofs and --proof checks them: give one of the two")
    folder = folder_at(data)
    old_notes, new_notes = ([kept.note for kept in kept_checkpoints([file])] for file in (old, new))
    pairs, said = paired(old_notes, new_notes, _keys(folder, key or ()))
    found = [*said, *(_checked(pairs, proof) if proof is not None else _proven(folder, pairs))]
    if out is not None:
        _write(out, pairs, found)
    consistent = all(item.verdict == "continues" for item in found)
    if as_json:
        print_json({"consistent": consistent, "trees": [item.model_dump(mode="json") for item in found]})
    else:
        _print(found, consistent=consistent)
    if not consistent:
        raise typer.Exit(REFUSED)


def _keys(folder: DataFolder, files: Sequence[Path]) -> Mapping[str, Verifier]:
    """The ledgers' keys by the name under which they sign: those that were brought, else what the stack wrote down."""
    known = {**verifiers(folder), **kept_keys(files)}
    return {verifier.name: verifier for verifier in known.values()}


def _checked(pairs: Sequence[Pair], file: Path) -> list[Compared]:
    proofs: dict[tuple[str, int, int], Proof] = proofs_in(kept_text(file))
    return [_checked_one(pair, proofs) for pair in pairs]


def _checked_one(pair: Pair, proofs: Mapping[tuple[str, int, int], Proof]) -> Compared:
    found = proofs.get((pair.origin, pair.old.size, pair.new.size))
    if found is None:
        return pair.result("not_proven", "the file of proofs has none from the one to the other")
    return pair.checked(found)


def _proven(folder: DataFolder, pairs: Sequence[Pair]) -> list[Compared]:
    if not pairs:
        return []
    with spinner() as shown:
        shown.add_task("Making proofs")
        return run(_prove(folder, pairs))


async def _prove(folder: DataFolder, pairs: Sequence[Pair]) -> list[Compared]:
    async with Access(folder) as access:
        require_served(access, *(_ledger_of(pair) for pair in pairs))
        return [await _prove_one(access, pair) for pair in pairs]


async def _prove_one(access: Access, pair: Pair) -> Compared:
    name = pair.origin.rpartition("/")[2]
    for tree in TREES:
        if tree == name:
            return await prove(await access.trees(_ledger_of(pair)), tree, pair)
    return pair.result("not_in_ledger", f"a ledger has no tree of that name; it has {', '.join(TREES)}")


def _ledger_of(pair: Pair) -> str:
    return pair.origin.removeprefix("nom/").rpartition("/")[0]


def _write(out: Path, pairs: Sequence[Pair], found: Sequence[Compared]) -> None:
    made = {(item.tree, item.before, item.after): item for item in found if item.verdict == "continues"}
    shown = [(pair, made.get((pair.origin, pair.old.size, pair.new.size))) for pair in pairs]
    out.write_text("\n".join(written(pair, item.proof) for pair, item in shown if item), encoding="utf-8")
    typer.echo(f"written: {out}", err=True)


def _print(found: Sequence[Compared], *, consistent: bool) -> None:
    shown = table(None, "tree", "OLD", "NEW", "proof", "", "")
    for item in found:
        sizes = ("" if size is None else str(size) for size in (item.before, item.after))
        style = None if item.verdict == "continues" else "bold red"
        hashes = f"{len(item.proof)} hashes" if item.proof else ""
        shown.add_row(item.tree, *sizes, hashes, item.verdict.replace("_", " "), item.words, style=style)
    paper().print(shown)
    paper().print("NEW continues OLD." if consistent else "IT IS NOT SHOWN that NEW continues OLD.")
