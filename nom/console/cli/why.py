"""`nom why`: why a deadline of a case is when it is, from the force's own ledger. Changes nothing."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.cli.clock import print_explanation
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run
from nom.console.cli.reading import DisclosedTo, ReadAs, Reader, ReadFor, log_reading, reader_named
from nom.console.reasons import Reason, reasons_for
from nom.console.timeline import STATUS_IN_WORDS
from nom.console.times import local
from nom.contracts.ids import namespace_of
from nom.contracts.policy.loader import use_overlays
from nom.workers.local.folder import DataFolder


def why_command(
    case: Annotated[str, typer.Argument(help="The case, such as gmp/26-7k3f9q.", show_default=False)],
    clock: Annotated[str, typer.Argument(help="The clock (wt1, sr1-2) or its rule (WT1).", show_default=False)],
    process: Annotated[str | None, typer.Option("--process", help="Only in this process, such as custody-2.")] = None,
    person: ReadAs = None,
    purpose: ReadFor = None,
    disclosed_to: DisclosedTo = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Explain a deadline: rule, basis, start, calendar, each day that counts or does not, pauses, extensions, changes.

    The deadline is computed once more from the pinned rule and calendar; a difference from the record is named.
    """
    folder, asked = folder_at(data), case_named(case)
    use_overlays(folder.policy)
    reader = reader_named("why", namespace_of(asked), person, purpose, disclosed_to)
    found = run(_reasons(folder, asked, reader, clock, process))
    if not found:
        words = f"{asked} has no clock {clock[:40]!r}; `nom show {asked}` lists them"
        raise CannotDo("unknown_clock", words, exit_code=REFUSED)
    if as_json:
        print_json([_plain(reason) for reason in found])
        return
    for reason in found:
        _print(reason)


async def _reasons(folder: DataFolder, case: str, who: Reader, clock: str, process: str | None) -> tuple[Reason, ...]:
    async with Access(folder) as access:
        reader = await access.reader(namespace_of(case))
        records = [stored async for stored in reader.case_records(case)]
        found = reasons_for(records, clock, process, datetime.now(UTC))
        told = {reason.stream for reason in found}
        there = (stored for stored in records if stored.record.stream in told)
        await log_reading(access, namespace_of(case), who, there, partly=True)
        return found


def _print(reason: Reason) -> None:
    console = paper()
    console.print(f"{reason.stream} {reason.clock.id}, {STATUS_IN_WORDS[reason.clock.status]}")
    print_explanation(console, reason.explanation, reason.course)
    if not reason.agrees:
        console.print("  ! what is recorded differs from what the rule gives today")
    for change in reason.history:
        console.print(f"  {local(change.at)}  {change.says}" + (f"  ({change.reason})" if change.reason else ""))
    console.print("")


def _plain(reason: Reason) -> dict[str, Any]:
    return {
        "stream": reason.stream,
        "clock": reason.clock.model_dump(mode="json"),
        "explanation": reason.explanation.model_dump(mode="json"),
        "agrees": reason.agrees,
        "history": [{**change._asdict(), "at": change.at.isoformat()} for change in reason.history],
    }
