"""`nom act`: one command to one process, given by a person, and what came of it."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from nom.activities.reader import LedgerReader
from nom.console.access import Access
from nom.console.acting import Asked, asked, request_for, stream_named
from nom.console.cli.endings import REFUSED, CannotDo, Ending, say
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run
from nom.console.client import Refused
from nom.console.scenario.runner import HAND_OFF, Ledgers, NotSettled
from nom.console.times import local, parse_time
from nom.contracts.envelope import Receipt, StoredRecord
from nom.contracts.errors import Refusal, Unmet
from nom.contracts.ids import namespace_of, parse_stream
from nom.contracts.services import NCA
from nom.workers.local.folder import DataFolder
from nom.workflows.operating_model import MODELS

Given = tuple[Receipt, tuple[StoredRecord, ...]] | Refusal


def act_command(
    case: Annotated[str, typer.Argument(help="The case, such as gmp/26-7k3f9q.", show_default=False)],
    process: Annotated[str, typer.Argument(help="The process, such as triage or custody-2.", show_default=False)],
    command: Annotated[str, typer.Argument(help="The command; `nom commands PROCESS` lists them.", show_default=False)],
    fields: Annotated[list[str] | None, typer.Argument(help="Fields as name=value.", show_default=False)] = None,
    with_: Annotated[list[str] | None, typer.Option("--with", help="A field as name=value, or a JSON object.")] = None,
    person: Annotated[str | None, typer.Option("--as", help="Who gives it; `nom people` lists everybody.")] = None,
    at: Annotated[str | None, typer.Option("--at", help='When it happened: "2026-03-02 09:20", or ISO; now.')] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; what decides something needs it.")] = None,
    identity: Annotated[UUID | None, typer.Option("--id", help="The command's id: the same id is taken once.")] = None,
    number: Annotated[str | None, typer.Option("--number", help="Which process of its kind; else the first.")] = None,
    jurisdiction: Annotated[str | None, typer.Option("--jurisdiction", help="ENG or WAL, for a force of both.")] = None,
    brought_in: Annotated[bool, typer.Option("--brought-in", help="With ReceiveReferral: under way already.")] = False,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Give one command to one process, as a person.

    Prints what was recorded, or the refusal with every condition that is not met and who can supply it; a refusal
    records nothing and ends with exit code 1. Waits until what follows in other processes has been settled.

    Example: nom act gmp/26-7k3f9q referral Route to=triage --as duty-officer-1 --at "2026-03-02 16:00"
    """
    stream = stream_named(case, process, number)
    moment = parse_time(at) if at else None
    if person is None:
        raise CannotDo("person_missing", "say who gives the command: --as PERSON; `nom people` lists everybody")
    typed = (*(with_ or ()), *(fields or ()))
    request = asked(stream, command, typed, person, at=moment, reason=reason, identity=identity)
    given = run(_give(folder_at(data), request, jurisdiction=jurisdiction, brought_in=brought_in))
    if as_json:
        print_json(_plain(given))
    else:
        _print(paper(), given)
    if isinstance(given, Refusal):
        raise typer.Exit(REFUSED)


async def _give(folder: DataFolder, request: Asked, *, jurisdiction: str | None, brought_in: bool) -> Given:
    async with Access(folder) as access:
        reader = await _reader(access, namespace_of(request.stream))
        ledgers = Ledgers(reader, await access.reader(NCA))
        try:
            command = await request_for(request, ledgers, jurisdiction=jurisdiction, brought_in=brought_in)
            receipt = await access.client.submit(command)
        except Refused as refused:
            return refused.refusal
        if HAND_OFF in receipt.events:
            await _until_settled(ledgers, parse_stream(request.stream).case)
        return receipt, await _recorded(reader, receipt)


async def _until_settled(ledgers: Ledgers, case: str) -> None:
    """The command is recorded whatever happens here: that others have not answered yet is a remark, not a failure."""
    try:
        await ledgers.settled(case)
    except NotSettled as waiting:
        say(Ending(waiting.code, "recorded; but other processes have not answered yet, see `nom show`", exit_code=0))


async def _reader(access: Access, namespace: str) -> LedgerReader:
    served = access.namespaces()
    if namespace not in served:
        there = ", ".join(name.upper() for name in served)
        raise CannotDo("force_not_served", f"this stack does not serve {namespace.upper()}; it serves {there}")
    return await access.reader(namespace)


async def _recorded(reader: LedgerReader, receipt: Receipt) -> tuple[StoredRecord, ...]:
    records = [stored async for stored in reader.stream(receipt.stream, receipt.first_seq - 1)]
    return tuple(stored for stored in records if stored.record.seq <= receipt.last_seq)


def _plain(given: Given) -> dict[str, Any]:
    if isinstance(given, Refusal):
        return {"accepted": False, "refusal": given.model_dump(mode="json")}
    receipt, records = given
    model = MODELS[parse_stream(receipt.stream).kind]
    words = [{"seq": item.record.seq, "says": model.event_of(item.record).in_words()} for item in records]
    return {"accepted": True, "receipt": receipt.model_dump(mode="json"), "recorded": words}


def _print(console: Console, given: Given) -> None:
    if isinstance(given, Refusal):
        console.print(f"Refused: {given.message} ({given.code}). Nothing was recorded.")
        for unmet in given.unmet:
            console.print(f"  - {_unmet_in_words(unmet)}")
        return
    receipt, records = given
    model = MODELS[parse_stream(receipt.stream).kind]
    moment = local(records[0].record.occurred_at) if records else ""
    span = f"{receipt.first_seq}" + (f"-{receipt.last_seq}" if receipt.last_seq > receipt.first_seq else "")
    console.print(f"Recorded in {receipt.stream} as {span}, for {moment} (command {receipt.command_id}):")
    for stored in records:
        console.print(f"  - {model.event_of(stored.record).in_words()}")
    for warning in receipt.warnings:
        console.print(f"  ! {warning}")


def _unmet_in_words(unmet: Unmet) -> str:
    who = f"; can be supplied by {', '.join(unmet.supplied_by)}" if unmet.supplied_by else ""
    about = f" (about {unmet.about})" if unmet.about and unmet.about not in unmet.words else ""
    return f"{unmet.words}{about} [{unmet.code}]{who}"
