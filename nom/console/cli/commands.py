"""`nom commands`: what can be asked of each process, from the contracts and the policy pack in force."""

from typing import Annotated

import typer

from nom.console.catalogue import Listed, everything, process_named
from nom.console.cli.options import AsJson, paper, print_json, table


def commands_command(
    process: Annotated[
        str | None, typer.Argument(help="A process, such as triage; none: all of them.", show_default=False)
    ] = None,
    jurisdiction: Annotated[str, typer.Option("--jurisdiction", help="ENG or WAL: whose policy pack.")] = "ENG",
    system: Annotated[bool, typer.Option("--system", help="Also those that only the system gives.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the commands of a process, their fields and who may give them.

    Fields with a question mark may be left out. A command marked `reason` decides something: give --reason.
    """
    kind = process_named(process)[0] if process else None
    found = [item for item in everything(kind, jurisdiction.upper()) if system or not item.only_system]
    if as_json:
        print_json([plain(item) for item in found])
        return
    for name in dict.fromkeys(item.process for item in found):
        shown = table(f"\n{name}", "command", "says", "fields")
        shown.add_column("who may give it", no_wrap=True)
        for item in found:
            if item.process is name:
                shown.add_row(*_cells(item))
        paper().print(shown)


def plain(item: Listed) -> dict[str, object]:
    """One command as plain data."""
    fields = [{"name": field.name, "form": field.form, "required": field.required} for field in item.fields]
    return {**item._asdict(), "process": item.process.value, "fields": fields}


def _cells(item: Listed) -> tuple[str, str, str, str]:
    fields = "\n".join(f"{field.name}{'' if field.required else '?'}: {field.form}" for field in item.fields)
    name = f"{item.name} (reason)" if item.needs_reason else item.name
    return name, item.says, fields or "none", "\n".join(item.roles)
