"""`nom show`: the story of a case, its clocks and how its processes stand, from the force's own ledger."""

from typing import Annotated, Any

import typer

from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.catalogue import process_named
from nom.console.cli.endings import CannotDo
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run
from nom.console.cli.reading import DisclosedTo, ReadAs, Reader, ReadFor, log_reading, reader_named
from nom.console.cli.story import print_story, stage
from nom.console.timeline import Entry, Timeline, only, timeline_of
from nom.contracts.ids import namespace_of, parse_stream
from nom.workers.local.folder import DataFolder


def show_command(
    case: Annotated[
        str, typer.Argument(help="The case, such as gmp/26-7k3f9q, or a group at the NCA.", show_default=False)
    ],
    process: Annotated[
        list[str] | None, typer.Option("--process", help="Only this process (triage, custody-2); may be repeated.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also how processes opened and told each other.")] = False,
    person: ReadAs = None,
    purpose: ReadFor = None,
    disclosed_to: DisclosedTo = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Tell what happened in a case, in plain words, with its clocks.

    The order is that of the world, not of the typing; an entry typed in long after it happened is marked. What the NCA
    decided about a group is shown as far as this case was told; `nom show nca/group-…` shows the group itself.

    Where a text is held for review, its mark stands in its place; below, who releases it and how.

    Who reads, and what for, is logged before anything is shown.
    """
    asked = case_named(case)
    reader = reader_named("show", namespace_of(asked), person, purpose, disclosed_to)
    timeline = run(_timeline(folder_at(data), asked, reader, process))
    if as_json:
        print_json(_plain(asked, timeline))
    else:
        print_story(paper(), asked, timeline, everything=everything)


async def _timeline(folder: DataFolder, case: str, who: Reader, process: list[str] | None) -> Timeline:
    async with Access(folder) as access:
        force = namespace_of(case)
        if force not in access.namespaces():
            there = ", ".join(name.upper() for name in access.namespaces())
            raise CannotDo("force_not_served", f"this stack does not serve {force.upper()}; it serves {there}")
        reader = await access.reader(force)
        records = [stored async for stored in reader.case_records(case)]
        if not records:
            raise CannotDo("unknown_case", f"the ledger of {force.upper()} has nothing about {case}", exit_code=1)
        timeline = timeline_of(records)
        if process:
            timeline = only(timeline, _streams_named(timeline, process))
        told = {item.stream for item in timeline.processes}
        await log_reading(access, force, who, (stored for stored in records if stored.record.stream in told))
        return timeline


def _streams_named(timeline: Timeline, names: list[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        kind, mark = process_named(name)
        streams = {item.stream for item in timeline.processes if parse_stream(item.stream).kind is kind}
        found |= {stream for stream in streams if mark is None or parse_stream(stream).mark == mark}
    if not found:
        there = ", ".join(stage(item.stream) for item in timeline.processes)
        raise CannotDo("unknown_process", f"the case has no such process; it has {there}", exit_code=1)
    return frozenset(found)


def _plain(case: str, timeline: Timeline) -> dict[str, Any]:
    return {
        "case": case,
        "entries": [_plain_entry(entry) for entry in timeline.entries],
        "clocks": [
            {
                "stream": item.stream,
                **item.clock.model_dump(mode="json"),
                "title": item.title,
                "done_at": item.done_at.isoformat() if item.done_at else None,
            }
            for item in timeline.clocks
        ],
        "processes": [
            {
                **item._asdict(),
                "missing": [unmet.model_dump(mode="json") for unmet in item.missing],
                "texts": [text._asdict() for text in item.texts],
            }
            for item in timeline.processes
        ],
    }


def _plain_entry(entry: Entry) -> dict[str, Any]:
    return {
        "occurred_at": entry.occurred_at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "stream": entry.stream,
        "actor": entry.actor.model_dump(mode="json"),
        "command": entry.command,
        "reason": entry.reason,
        "policy": entry.policy,
        "late": entry.late,
        "events": [told._asdict() for told in entry.told],
    }
