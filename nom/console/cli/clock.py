"""`nom clock`: a rule's deadline from a start, worked out day by day. Needs no stack and no case."""

from typing import Annotated

import typer
from rich.console import Console

from nom.console.cli.endings import CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, table
from nom.console.times import local, parse_time
from nom.contracts.clocks import due_in_words
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.loader import (
    PolicyNotFound,
    all_calendars,
    calendar_of,
    pack_for_matter,
    pack_of_version,
    use_overlays,
)
from nom.contracts.policy.pack import PolicyPack
from nom.workflows.model.deadlines import Course, london_day
from nom.workflows.model.explaining import Explanation, course_in_words, explain


def clock_command(
    rule: Annotated[str, typer.Argument(help="The rule, such as WT1 or PB2-inspector.", show_default=False)],
    start: Annotated[str, typer.Option("--from", help='When it starts: "2026-03-02 09:20", or ISO.')],
    nation: Annotated[str, typer.Option("--nation", help="ENG or WAL.")] = "ENG",
    agency: Annotated[str, typer.Option("--agency", help="police or nca.")] = "police",
    version: Annotated[str | None, typer.Option("--policy", help="A pack; else the one in force that day.")] = None,
    calendar: Annotated[str | None, typer.Option("--calendar", help="A calendar; else the pack's.")] = None,
    given: Annotated[str | None, typer.Option("--given", help="The date, for a rule whose date is given.")] = None,
    extended_by: Annotated[int, typer.Option("--extended-by", min=0, help="So many more of the rule's units.")] = 0,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Explain a deadline: rule, basis, how sure we are, calendar, and each day that counts or does not, and why."""
    use_overlays(folder_at(data).policy)
    begun = parse_time(start)
    pack = pack_of_version(version) if version else pack_for_matter(nation.upper(), agency.lower(), london_day(begun))
    names = {known.id.lower(): known.id for known in pack.clocks}
    if rule.lower() not in names:
        there = f"`nom policy show {pack.version}` lists them"
        raise CannotDo("unknown_rule", f"{pack.version} has no clock rule {rule[:40]!r}; {there}")
    course = Course((), extended_by)
    moment = parse_time(given) if given else None
    try:
        told = explain(pack, names[rule.lower()], _calendar(pack, calendar), begun, moment, course)
    except ValueError as wrong:
        raise CannotDo("clock_malformed", str(wrong)) from None
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        print_explanation(paper(), told, course_in_words(course, pack.clock(told.rule)))


def _calendar(pack: PolicyPack, version: str | None) -> Calendar:
    if version is None:
        return calendar_of(pack)
    found = next((calendar for calendar in all_calendars() if calendar.version == version), None)
    if found is None:
        msg = f"no calendar {version[:60]!r}; there are {', '.join(item.version for item in all_calendars())}"
        raise PolicyNotFound(msg)
    return found


def print_explanation(console: Console, told: Explanation, course: tuple[str, ...]) -> None:
    """A deadline and what it rests on, for people."""
    kind = " (an indicator: measured, never missed)" if told.indicator else ""
    kind += " (not before that)" if told.not_before else ""
    console.print(f"{told.rule}: {told.title}{kind}")
    console.print(f"  due       {due_in_words(told.due_at, told.last_day)}")
    console.print(f"  starts    {told.starts}: {local(told.started_at)}")
    console.print(f"  counts    {told.counts}")
    for words in course:
        console.print(f"            {words}")
    console.print(f"  basis     {told.basis} [{told.confidence}]; a force may vary it: {told.a_force_may_vary}")
    console.print(f"  policy    {told.policy}" + (f"; calendar {told.calendar}" if told.calendar else ""))
    if told.days:
        shown = table("\nDay by day (Europe/London)", "day", "weekday", "counts", "why")
        for day in told.days:
            shown.add_row(day.day.isoformat(), f"{day.day:%A}", str(day.number or "-"), day.why)
        console.print(shown)
