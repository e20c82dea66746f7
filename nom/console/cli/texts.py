"""`nom texts`: the texts of a case that are held for review, with what was written and what to write instead."""

from typing import Annotated

import typer
from rich.console import Console

from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.cli.endings import CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run
from nom.console.cli.reading import DisclosedTo, ReadAs, Reader, ReadFor, log_reading, reader_named
from nom.console.cli.story import stage
from nom.console.held_texts import TextOnReview, held_texts_of
from nom.console.times import local
from nom.contracts.ids import namespace_of
from nom.workers.local.folder import DataFolder


def texts_command(
    case: Annotated[
        str, typer.Argument(help="The case, such as gmp/26-7k3f9q, or a group at the NCA.", show_default=False)
    ],
    everything: Annotated[bool, typer.Option("--all", help="Also those that were released or written again.")] = False,
    person: ReadAs = None,
    purpose: ReadFor = None,
    disclosed_to: DisclosedTo = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List the texts of a case that are held because they hold a term of the lexicon.

    Each with what was written. `nom act` gives `ReleaseText` or `ReturnText`, as a supervisor and with a reason, or
    `RewriteText`.
    """
    asked = case_named(case)
    reader = reader_named("texts", namespace_of(asked), person, purpose, disclosed_to)
    texts = run(_texts(folder_at(data), asked, reader, everything=everything))
    if as_json:
        print_json([_plain(text) for text in texts])
        return
    for text in texts:
        _print(paper(), text)
    if not texts:
        paper().print(f"{asked} has no text that waits for somebody")


async def _texts(folder: DataFolder, case: str, who: Reader, *, everything: bool) -> tuple[TextOnReview, ...]:
    async with Access(folder) as access:
        force = namespace_of(case)
        if force not in access.namespaces():
            there = ", ".join(name.upper() for name in access.namespaces())
            raise CannotDo("force_not_served", f"this stack does not serve {force.upper()}; it serves {there}")
        reader = await access.reader(force)
        records = [stored async for stored in reader.case_records(case)]
        texts = held_texts_of(records)
        shown = tuple(text for text in texts if everything or text.status in ("held", "returned"))
        told = {text.stream for text in shown}
        there = (stored for stored in records if stored.record.stream in told)
        await log_reading(access, force, who, there, partly=True)
        return shown


def _print(console: Console, text: TextOnReview) -> None:
    console.print(f"{text.held}  {stage(text.stream)}: {text.command} ({', '.join(text.fields)})", markup=False)
    console.print(f"  {text.status}; written by {', '.join(text.authors)}, {local(text.held_at)}; due {text.due}")
    console.print(f"  written   {text.written}", markup=False)
    for term in text.terms:
        console.print(f"  {term.code}: {term.why} Instead: {term.instead}", markup=False)
    if text.reviewed_by:
        console.print(f"  reviewed  by {text.reviewed_by}: {text.reason or ''}", markup=False)
    if text.instead:
        console.print(f"  instead   {text.instead}", markup=False)


def _plain(text: TextOnReview) -> dict[str, object]:
    terms = [term._asdict() for term in text.terms]
    return {**text._asdict(), "held_at": text.held_at.isoformat(), "terms": terms}
