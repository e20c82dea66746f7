"""`nom audit show` and `nom audit readings`: a case as it stood at a moment, and who was shown what of a ledger."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from nom.activities.readings import LoggedReading
from nom.audit.known.account import Account, account_of
from nom.audit.known.reading_check import LogCheck
from nom.audit.refused import refused_at
from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.cli.audit_show_paper import plain, print_account
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.cli.reading import IN_AN_AUDIT, DisclosedTo, ReadAs, Reader, ReadFor, log_reading, reader_named
from nom.console.proof import NoSuchCase
from nom.console.scenario.runner import require_served
from nom.console.times import local, parse_time
from nom.contracts.ids import namespace_of
from nom.workers.local.folder import DataFolder

Case = Annotated[str, typer.Argument(help="The case, such as gmp/26-7k3f9q, or a group.", show_default=False)]


def show_command(
    case: Case,
    at: Annotated[str | None, typer.Option("--at", help='The moment: "2026-03-02 09:20", or ISO; now.')] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also every act, and each span that was not read.")] = False,
    person: ReadAs = None,
    purpose: ReadFor = None,
    disclosed_to: DisclosedTo = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Tell a case as it stood at a moment: what was known then beside what had happened by then, and what lies between.

    For each decision: why, by whom, which second person acted on it, and what the log shows that the decider had been
    shown before. Who asks here is logged as well, before anything is shown.
    """
    asked = case_named(case)
    moment = parse_time(at) if at else datetime.now(UTC)
    reader = reader_named("audit-show", namespace_of(asked), person, purpose, disclosed_to, otherwise=IN_AN_AUDIT)
    account, refused = run(_account(folder_at(data), asked, moment, reader, partly=at is not None))
    if as_json:
        print_json({**plain(account), "refused": refused})
    else:
        print_account(paper(), account, everything=everything)
        _print_refused(asked, refused)


async def _account(folder: DataFolder, case: str, at: datetime, who: Reader, *, partly: bool) -> tuple[Account, int]:
    """The account, and how many commands were refused by then."""
    async with Access(folder) as access:
        force = namespace_of(case)
        require_served(access, force)
        records = [stored async for stored in (await access.reader(force)).case_records(case)]
        if not records:
            raise NoSuchCase(f"there is nothing of {case} in the ledger of {force.upper()}")
        log = [row async for row in (await access.readings(force)).of_case(case)]
        refused = sum([refused_at(row) <= at async for row in (await access.refusals(force)).of_case(case)])
        account = account_of(case, records, log, at)
        await log_reading(access, force, who, records, partly=partly)
        return account, refused


def _print_refused(case: str, refused: int) -> None:
    paper().print("\nRefused", style="bold")
    if refused:
        paper().print(f"  {refused} by then, as noted: `nom audit refusals {case}` lists them")
    else:
        paper().print("  none noted by then, which proves nothing")


def readings_command(
    case: Annotated[str | None, typer.Argument(metavar="CASE", help="Of this case or group, each row.")] = None,
    force: Annotated[str | None, typer.Option("--force", help="Check the whole log of this ledger.")] = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List who was shown what of a case, when and what for; or check a whole log against invariant 24.

    Ends with exit code 1 if a row does not say what it should, or, with --force, if one is gone.
    """
    if (case is None) == (force is None):
        raise CannotDo("readings_of_what", "give a CASE, or --force FORCE")
    asked = case_named(case) if case else None
    namespace = namespace_of(asked) if asked else str(force).lower()
    rows, check = run(_readings(folder_at(data), namespace, asked))
    if as_json:
        listed = [row.model_dump(mode="json") for row in rows]
        found = [item._asdict() for item in check.found]
        print_json({"holds": not found, "rows": check.rows, "readings": listed, "unaccounted": found})
    else:
        _print_readings(rows, check)
    if check.found:
        raise typer.Exit(REFUSED)


async def _readings(folder: DataFolder, namespace: str, case: str | None) -> tuple[list[LoggedReading], LogCheck]:
    """The rows of a case, and the check. A whole log is checked row by row and not kept."""
    async with Access(folder) as access:
        require_served(access, namespace)
        log = await access.readings(namespace)
        check, kept = LogCheck(whole=case is None), list[LoggedReading]()
        async for row in log.of_case(case) if case else log.all():
            check.take(row)
            if case:
                kept.append(row)
        return kept, check


def _print_readings(rows: list[LoggedReading], check: LogCheck) -> None:
    if rows:
        paper().print(_listed(rows))
    for item in check.found:
        paper().print(f"! {item.number}: {item.words}")
    paper().print(f"{check.rows} rows; invariant 24 {'does not hold' if check.found else 'holds'} over them")


def _listed(rows: list[LoggedReading]) -> Table:
    shown = table(None, "number", "when", "who", "what for", "with", "what", "up to", "disclosed to")
    for row in rows:
        who = f"{row.reader_id}, {row.reader_role.replace('_', ' ')}" + ("" if row.named else " (nobody said)")
        upto = f"{row.up_to}{' in part' if row.partly else ''}"
        words = (row.purpose.replace("_", " "), row.tool, row.stream, upto, row.disclosed_to or "")
        shown.add_row(str(row.number), local(row.read_at), who, *words)
    return shown
