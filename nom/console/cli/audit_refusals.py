"""`nom audit refusals`: what was asked of a case, or anywhere in a force, and refused. Showing it is a reading."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from nom.activities.reader import LedgerReader
from nom.audit.refused import RefusedCommand, refused_commands
from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.cli.endings import CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.cli.reading import IN_AN_AUDIT, DisclosedTo, ReadAs, Reader, ReadFor, log_shown, reader_named
from nom.console.proof import NoSuchCase
from nom.console.scenario.runner import require_served
from nom.console.times import local
from nom.contracts.ids import namespace_of
from nom.workers.local.folder import DataFolder

NONE_PROVES_NOTHING = "a worker that crashes loses its last notes: that none is noted proves nothing"


def refusals_command(
    case: Annotated[
        str | None, typer.Argument(metavar="CASE", help="A case such as gmp/26-7k3f9q, or a group.")
    ] = None,
    force: Annotated[str | None, typer.Option("--force", help="Everything that was refused in this force.")] = None,
    person: ReadAs = None,
    purpose: ReadFor = None,
    disclosed_to: DisclosedTo = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List the commands that the rules refused: who asked for what, when, for which reason, and every condition that
    was not met.

    A refusal changes nothing and leaves no record: workers note it beside. One that is noted happened; that none is
    noted proves nothing. What the console refuses by itself, such as a command to a process that was never opened,
    reaches no worker and is not noted.
    """
    if (case is None) == (force is None):
        raise CannotDo("refusals_of_what", "give a CASE, or --force FORCE")
    asked = case_named(case) if case else None
    namespace = namespace_of(asked) if asked else str(force).lower()
    reader = reader_named("audit-refusals", namespace, person, purpose, disclosed_to, otherwise=IN_AN_AUDIT)
    found = run(_refusals(folder_at(data), namespace, asked, reader))
    if as_json:
        print_json({"case": asked, "force": namespace.upper(), "refusals": [_plain(item) for item in found]})
    else:
        _print(asked or namespace.upper(), found)


async def _refusals(folder: DataFolder, namespace: str, case: str | None, who: Reader) -> tuple[RefusedCommand, ...]:
    async with Access(folder) as access:
        require_served(access, namespace)
        log = await access.refusals(namespace)
        found = await refused_commands(log.of_case(case) if case else log.all())
        shown = await _read(await access.reader(namespace), namespace, case, found)
        await log_shown(access, namespace, who, shown, partly=True)
        return found


async def _read(
    reader: LedgerReader, namespace: str, case: str | None, found: Sequence[RefusedCommand]
) -> dict[str, int]:
    """What counts as read: the processes that refused, or the whole ledger where one of them has no record to name.
    Raises `NoSuchCase`.
    """
    whole = {f"{namespace}/": 0} if found else {}
    if case is None:
        return whole
    last = {stored.record.stream: stored.record.seq async for stored in reader.case_records(case)}
    if not last and not found:
        raise NoSuchCase(f"there is nothing of {case} in the ledger of {namespace.upper()}")
    refusing = {item.stream for item in found}
    return {stream: last[stream] for stream in refusing} if refusing <= last.keys() else whole


def _print(of_what: str, found: Sequence[RefusedCommand]) -> None:
    if found:
        paper().print(_listed(found))
    count = f"{len(found)} refusals are noted" if len(found) != 1 else "1 refusal is noted"
    paper().print(f"{count} of {of_what}; {NONE_PROVES_NOTHING}")


def _listed(found: Sequence[RefusedCommand]) -> Table:
    shown = table(None, "number", "when", "by", "what was asked", "why it was refused")
    for item in found:
        shown.add_row(str(item.number), local(item.at), _who(item), _what(item), _why(item))
    return shown


def _who(item: RefusedCommand) -> str:
    actor = item.actor
    if actor is None:
        return "could not be read"
    return f"{actor.id}\n{actor.role.replace('_', ' ')}, {actor.force or actor.agency.replace('_', ' ')}"


def _what(item: RefusedCommand) -> str:
    lines = [item.command or f"{item.update}, which could not be read", item.stream]
    if item.reason_withheld:
        lines.append("reason: not shown, for it holds a term of the lexicon")
    elif item.reason:
        lines.append(f"reason: {item.reason}")
    return "\n".join(lines)


def _why(item: RefusedCommand) -> str:
    lines = [f"{item.code}: {item.words}" if item.words else item.code]
    lines += [f"- {unmet.words}" for unmet in item.unmet]
    if item.accepted:
        lines.append("(refused after it was accepted: the engine's history has it too)")
    return "\n".join(lines)


def _plain(item: RefusedCommand) -> dict[str, Any]:
    moments = {
        "at": item.at,
        "noted_at": item.noted_at,
        "occurred_at": item.occurred_at,
        "submitted_at": item.submitted_at,
    }
    return {
        **item._asdict(),
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
        "command_id": str(item.command_id) if item.command_id else None,
        "actor": item.actor.model_dump(mode="json") if item.actor else None,
        "unmet": [unmet.model_dump(mode="json") for unmet in item.unmet],
    }
