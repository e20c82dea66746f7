"""`nom audit whatif`: which recorded decisions another policy pack would have decided otherwise. Writes nothing."""

import os
from datetime import date
from typing import Annotated, Any, Final

import typer
from rich.progress import Progress

from nom.audit.whatif import Judged, Otherwise, Question, by_rule
from nom.console.access import Access
from nom.console.cli.endings import CannotDo
from nom.console.cli.options import (
    AsJson,
    DataPath,
    Forces,
    bar,
    folder_at,
    namespaces_asked,
    paper,
    print_json,
    run,
)
from nom.console.whatif import Progress as Asking
from nom.console.whatif import pack_named, packs_with_calendars, what_if
from nom.contracts.policy.loader import use_overlays
from nom.workers.local.folder import DataFolder
from nom.workflows.model.deadlines import london_day

NOT_SHOWN: Final = (
    "What was refused at the time left no record: what another pack would have allowed can't be shown.",
    "Each decision is judged on the record as it stood: what an earlier one would have changed is not carried on.",
    "A clock that was running keeps the deadline that it was given.",
)


def audit_whatif_command(
    policy: Annotated[
        list[str],
        typer.Option("--policy", help="A pack's version, or a .yaml file; may be given again for another law."),
    ],
    first: Annotated[str | None, typer.Option("--from", help="The first day, such as 2026-03-02.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day, itself included.")] = None,
    forces: Forces = None,
    every_command: Annotated[
        bool, typer.Option("--every-command", help="Every command of a person, and not decisions alone.")
    ] = False,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, help="How many cores work on it.")
    ] = os.cpu_count() or 1,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Decide every recorded decision again under another pack; list those that would differ, by the rule that did it.

    Decisions are the commands of people that need a reason and those that ended a stage. Nothing is written. Which days
    are meant is when a decision was taken. Differences are an answer and no failure: the exit code is 0.
    """
    folder = folder_at(data)
    use_overlays(folder.policy)
    packs = packs_with_calendars([pack_named(name) for name in dict.fromkeys(policy)])
    question = Question(packs, _day("--from", first), _day("--to", last), every_command=every_command)
    with bar() as shown:
        found = run(_asked(folder, question, tuple(forces or ()), processes, _follower(shown)))
    if as_json:
        print_json(_plain(question, found))
    else:
        _print(question, found)


async def _asked(
    folder: DataFolder, question: Question, forces: tuple[str, ...], processes: int, progress: Asking
) -> Judged:
    async with Access(folder) as access:
        names = namespaces_asked(access, forces)
        return await what_if(access, names, question, processes=processes, progress=progress)


def _day(option: str, typed: str | None) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise CannotDo(
            "day_malformed", f"{option}: {str(typed)[:40]!r} is no day; give one such as 2026-03-02"
        ) from None


def _follower(shown: Progress) -> Asking:
    task = shown.add_task("deciding again", total=None)
    return lambda done, of: shown.update(task, completed=done, total=of)


def _print(question: Question, found: Judged) -> None:
    out = paper()
    for rule, items in by_rule(found.otherwise).items():
        out.print(f"{rule}: {len(items)} decision{'' if len(items) == 1 else 's'}", style="bold")
        for item in items:
            out.print(f"  {_line(item)}", soft_wrap=True)
    for line in (*_closing(question, found), *NOT_SHOWN):
        out.print(line, soft_wrap=True)


def _line(item: Otherwise) -> str:
    place = f"{london_day(item.occurred_at)}  record {item.seq} of {item.stream}  {item.command}"
    return f"{place}: {'; '.join(difference.words for difference in item.differences)}"


def _closing(question: Question, found: Judged) -> list[str]:
    what = "commands" if question.every_command else "decisions"
    under = " and ".join(facts.policy.version for facts in question.packs)
    asked = f"{found.decided_again} {what} in {found.processes} processes decided again under {under}"
    lines = [f"{asked}: {len(found.otherwise)} would be otherwise"]
    said = {
        f"{found.under_it} {what} were decided under it": found.under_it,
        f"{found.other_law} processes are of another law and were not judged": found.other_law,
        f"{found.not_kept} commands were recorded when what was asked was not kept": found.not_kept,
        f"{found.unreadable} commands are not known to this code": found.unreadable,
        f"{found.policy_missing} commands were decided under a pack that is not held here": found.policy_missing,
        f"{found.code_differs} are decided otherwise by today's code under their own pack, too: see `nom audit fold`": (
            found.code_differs
        ),
        f"processes with an event that this code can't read: {', '.join(found.unread)}": len(found.unread),
    }
    return lines + [words for words, number in said.items() if number]


def _plain(question: Question, found: Judged) -> dict[str, Any]:
    return {
        "policies": [facts.policy.version for facts in question.packs],
        "from": question.first.isoformat() if question.first else None,
        "to": question.last.isoformat() if question.last else None,
        "every_command": question.every_command,
        "counts": found.model_dump(mode="json", exclude={"otherwise"}),
        "rules": {rule: len(items) for rule, items in by_rule(found.otherwise).items()},
        "otherwise": [item.model_dump(mode="json") for item in found.otherwise],
        "not_shown": NOT_SHOWN,
    }
