"""`nom policy`: shows, checks and compares policy packs, and moves a case to another. Changes no pack."""

from pathlib import Path
from typing import Annotated, Any

import typer

from nom.console.acting import case_named
from nom.console.adopting import Adoption, adopt_in_case
from nom.console.cli.endings import REFUSED, CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.policy_checks import Checked, check_file
from nom.contracts.base import Contract
from nom.contracts.errors import Refusal
from nom.contracts.policy.differences import differences
from nom.contracts.policy.loader import all_packs, pack_of_version, use_overlays
from nom.contracts.policy.overlay import variable
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import ClockRule

policy_app = typer.Typer(
    help="Policy packs: dated rules with their basis, how sure we are of each, and what a force may vary.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@policy_app.command("show")
def show_command(
    version: Annotated[str | None, typer.Argument(help="A pack, such as eng-police-2026.2; none: list them.")] = None,
    clock: Annotated[str | None, typer.Option("--clock", help="Only this rule, such as WT1.")] = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List the packs, or show one: every clock with its basis, how sure we are, and whether a force may vary it."""
    use_overlays(folder_at(data).policy)
    packs = (pack_of_version(version),) if version else all_packs()
    if clock is not None:
        _show_clock(packs, clock, as_json=as_json)
    elif version is None:
        _list(packs, as_json=as_json)
    elif as_json:
        pack = packs[0]
        print_json({**pack.model_dump(mode="json"), "digest": pack.ref().digest})
    else:
        _show(packs[0])


@policy_app.command("check")
def check_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Packs or overlays, as YAML.")],
    as_json: AsJson = False,
) -> None:
    """Check packs and overlays: schema, gaps and overlaps in tables, roles, commands, ladders. Exit code 1 if wrong."""
    checked = [check_file(path) for path in files]
    if as_json:
        print_json([item._asdict() for item in checked])
    else:
        for item in checked:
            typer.echo(_verdict(item))
            for problem in item.problems:
                typer.echo(f"  - {problem}")
    if any(item.problems for item in checked):
        raise typer.Exit(REFUSED)


@policy_app.command("diff")
def diff_command(
    before: Annotated[str, typer.Argument(help="A pack's version.", show_default=False)],
    after: Annotated[str, typer.Argument(help="Another pack's version.", show_default=False)],
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Say in words what differs between two packs."""
    use_overlays(folder_at(data).policy)
    found = differences(pack_of_version(before), pack_of_version(after))
    if as_json:
        print_json(list(found))
    else:
        typer.echo("\n".join(found) or "no difference")


@policy_app.command("adopt")
def adopt_command(
    case: Annotated[str, typer.Argument(help="The case, or a group at the NCA.", show_default=False)],
    to: Annotated[str, typer.Option("--to", help="The pack's version.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; give no command.")] = False,
    person: Annotated[str | None, typer.Option("--as", help="Who adopts it; `nom people` lists everybody.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Move every open process of a case to another pack. Open clocks are computed anew and say from what to what.

    With --dry-run nothing is given: the rules are asked what would follow. Exit code 1 if a process refuses.
    """
    folder = folder_at(data)
    use_overlays(folder.policy)
    pack = pack_of_version(to)
    if person is None:
        raise CannotDo("person_missing", "say who adopts it: --as PERSON; `nom people` lists everybody")
    if reason is None and not dry_run:
        raise CannotDo("reason_missing", "say why: --reason WORDS")
    why = reason or "a dry run"
    adoptions = run(adopt_in_case(folder, case_named(case), pack, person, why, dry_run=dry_run))
    if as_json:
        print_json([_plain(item) for item in adoptions])
    else:
        _print(adoptions, dry_run=dry_run)
    if any(isinstance(item.answer, Refusal) for item in adoptions):
        raise typer.Exit(REFUSED)


def _list(packs: tuple[PolicyPack, ...], *, as_json: bool) -> None:
    rows = [
        {
            "version": pack.version,
            "agency": pack.agency,
            "jurisdictions": [law.value for law in pack.jurisdictions],
            "force": pack.force,
            "effective_from": pack.effective_from.isoformat(),
            "effective_to": pack.effective_to.isoformat() if pack.effective_to else None,
            "calendar": pack.calendar.version,
            "digest": pack.ref().digest,
        }
        for pack in packs
    ]
    if as_json:
        print_json(rows)
        return
    shown = table(None, "version", "agency", "law", "force", "from", "to", "calendar", "digest")
    for row in rows:
        law = ", ".join(row["jurisdictions"] or ())
        ends, force = str(row["effective_to"] or ""), str(row["force"] or "")
        fixed = (str(row["version"]), str(row["agency"]), law, force, str(row["effective_from"]), ends)
        shown.add_row(*fixed, str(row["calendar"]), str(row["digest"])[:12])
    paper().print(shown)


def _show(pack: PolicyPack) -> None:
    console = paper()
    until = f" to {pack.effective_to}" if pack.effective_to else ""
    console.print(f"{pack.version}: {pack.agency}, in force from {pack.effective_from}{until}")
    console.print(pack.statement)
    shown = table("\nClocks", "rule", "title", "value", "may vary", "pause", "extend", "ladder", "sure", "basis")
    for rule in pack.clocks:
        shown.add_row(*_clock_cells(rule))
    console.print(shown)
    numbers = table("\nNumbers", "name", "title", "value", "may vary", "sure", "basis")
    for rule in pack.threshold_rules:
        numbers.add_row(rule.name, rule.title, str(rule.value), variable(rule), rule.confidence, rule.basis)
    console.print(numbers)
    for decision in pack.decision_tables:
        names = (column.title for column in decision.inputs)
        about = f"{decision.title} ({decision.name} {decision.version}; {decision.basis})"
        rows = table(f"\n{about}", *names, "then", "row")
        for row in decision.rows:
            rows.add_row(*row.when, row.then, row.id)
        console.print(rows)
    quorums = table("\nWho must be present", "law", "meeting", "agencies", "referrer", "chair", "may vary", "basis")
    for rule in pack.quorums:
        adds, chair = "yes" if rule.adds_referrer else "no", rule.chair_rank or ""
        agencies = ", ".join(rule.agencies)
        quorums.add_row(rule.jurisdiction, rule.kind, agencies, adds, chair, variable(rule), rule.basis)
    console.print(quorums)


def _clock_cells(rule: ClockRule) -> tuple[str, ...]:
    value = "given" if rule.value == 0 else f"{rule.value} {rule.unit.value.replace('_', ' ')}"
    value += " (indicator)" if rule.indicator else ""
    pause, extend = (", ".join(who.roles) if who else "no" for who in (rule.may_pause, rule.may_extend))
    ladder = " > ".join(rule.escalation)
    return rule.id, rule.title, value, variable(rule), pause, extend, ladder, rule.confidence, rule.basis


def _show_clock(packs: tuple[PolicyPack, ...], clock: str, *, as_json: bool) -> None:
    found = [(pack, rule) for pack in packs for rule in pack.clocks if rule.id.lower() == clock.lower()]
    if not found:
        raise CannotDo("unknown_rule", f"no pack has a clock rule {clock[:40]!r}; `nom policy show VERSION` lists them")
    if as_json:
        print_json([{"policy": pack.version, **rule.model_dump(mode="json")} for pack, rule in found])
        return
    shown = table(None, "policy", "rule", "title", "value", "may vary", "pause", "extend", "ladder", "sure", "basis")
    for pack, rule in found:
        shown.add_row(pack.version, *_clock_cells(rule))
    paper().print(shown)


def _verdict(item: Checked) -> str:
    made = f" {item.version} {item.digest[:12]}" if item.digest else ""
    return f"{item.file}: {item.kind}{made}: {'good' if not item.problems else f'{len(item.problems)} wrong'}"


def _plain(item: Adoption) -> dict[str, Any]:
    if isinstance(item.answer, Refusal):
        return {"stream": item.stream, "accepted": False, "refusal": item.answer.model_dump(mode="json")}
    events: list[Contract] = list(item.answer)
    return {"stream": item.stream, "accepted": True, "events": [event.model_dump(mode="json") for event in events]}


def _print(adoptions: tuple[Adoption, ...], *, dry_run: bool) -> None:
    typer.echo("Nothing was given; this is what would follow:" if dry_run else "Adopted:")
    for item in adoptions:
        if isinstance(item.answer, Refusal):
            typer.echo(f"  {item.stream}: refused: {item.answer.message} [{item.answer.code}]")
            continue
        typer.echo(f"  {item.stream}:")
        for event in item.answer:
            typer.echo(f"    - {event.in_words()}")
