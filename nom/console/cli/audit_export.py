"""`nom audit export` and `nom audit conformance`: what process mining reads of the ledgers, and a first look at it."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console

from nom.activities.errors import LedgerUnreadable
from nom.activities.reader import LedgerReader
from nom.activities.readings import Purpose
from nom.audit.conformance.ocel import TOLD_EVERY, Written, read, write_log
from nom.audit.conformance.tally import Conformance, Durations, Tally
from nom.console.access import Access
from nom.console.acting import case_named
from nom.console.cli.endings import CannotDo
from nom.console.cli.options import (
    AsJson,
    DataPath,
    Forces,
    folder_at,
    forces_named,
    namespaces_asked,
    paper,
    print_json,
    run,
    spinner,
    table,
)
from nom.console.cli.reading import IN_AN_AUDIT, DisclosedTo, ReadAs, ReadFor, log_shown, reader_named
from nom.console.proof import NoSuchCase
from nom.console.scenario.runner import require_served
from nom.console.times import parse_time, span
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import namespace_of
from nom.workers.local.folder import DataFolder

TOOL = "audit-export"


class Selection(NamedTuple):
    """Which records: of cases or of forces (none of either: of everything), from a moment on and before another."""

    cases: tuple[str, ...]
    forces: tuple[str, ...]
    begin: datetime | None
    end: datetime | None

    def holds(self, stored: StoredRecord) -> bool:
        """Whether a record happened within the moments."""
        at = stored.record.occurred_at
        return (self.begin is None or at >= self.begin) and (self.end is None or at < self.end)


def export_command(
    cases: Annotated[list[str] | None, typer.Argument(metavar="[CASE]...", help="Of these cases or groups.")] = None,
    ocel: Annotated[Path | None, typer.Option("--ocel", help="The file to write, OCEL 2.0 as JSON.")] = None,
    forces: Forces = None,
    begin: Annotated[str | None, typer.Option("--from", help='What happened from then on: "2026-03-02 09:20".')] = None,
    end: Annotated[str | None, typer.Option("--to", help="What happened before then.")] = None,
    person: ReadAs = None,
    purpose: ReadFor = None,
    disclosed_to: DisclosedTo = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Write an object-centric event log of cases, of a force or of everything, for process mining.

    References, types, times, roles and codes; no text that a person wrote, and not who acted. References to people are
    still data about them in law. What is exported is logged before it is written.
    """
    if ocel is None:
        raise CannotDo("export_where", "say which file to write: --ocel FILE")
    if cases and forces:
        raise CannotDo("export_of_what", "give cases, or --force, and not both")
    chosen = Selection(
        tuple(dict.fromkeys(case_named(case) for case in cases or ())),
        forces_named(forces),
        parse_time(begin) if begin else None,
        parse_time(end) if end else None,
    )
    reader_named(TOOL, "nca", person, purpose, disclosed_to, otherwise=IN_AN_AUDIT)
    written = run(_export(folder_at(data), ocel, chosen, (person, purpose, disclosed_to)))
    if as_json:
        print_json({"file": str(ocel), **written._asdict()})
    else:
        paper().print(f"{ocel}: {written.events} events, {written.objects} objects")


async def _export(
    folder: DataFolder, file: Path, chosen: Selection, who: tuple[str | None, Purpose | None, str | None]
) -> Written:
    async with Access(folder) as access:
        forces = _forces(access, chosen)
        for force in forces:
            reader = reader_named(TOOL, force, *who, otherwise=IN_AN_AUDIT)
            await log_shown(access, force, reader, await _shown(access, force, chosen), partly=True)
        with spinner() as shown:
            task = shown.add_task("Writing events", total=None)

            def told(events: int) -> None:
                shown.update(task, description=f"Writing events: {events}")

            return await write_log(file, _records(access, forces, chosen), told)


def _forces(access: Access, chosen: Selection) -> tuple[str, ...]:
    forces = tuple(dict.fromkeys(map(namespace_of, chosen.cases))) or namespaces_asked(access, chosen.forces)
    require_served(access, *forces)
    return forces


async def _shown(access: Access, force: str, chosen: Selection) -> dict[str, int]:
    """What the log of readings says is shown: the streams of the cases, or the whole ledger."""
    if not chosen.cases:
        return {f"{force}/": 0}
    reader, last = await access.reader(force), dict[str, int]()
    for case in (each for each in chosen.cases if namespace_of(each) == force):
        before = len(last)
        async for stored in reader.case_records(case):
            last[stored.record.stream] = stored.record.seq
        if len(last) == before:
            raise NoSuchCase(f"there is nothing of {case} in the ledger of {force.upper()}")
    return last


async def _records(access: Access, forces: tuple[str, ...], chosen: Selection) -> AsyncIterator[StoredRecord]:
    """The records chosen, matter by matter."""
    for force in forces:
        reader = await access.reader(force)
        cases = tuple(case for case in chosen.cases if namespace_of(case) == force)
        async for stored in _of_cases(reader, cases) if chosen.cases else _of_ledger(reader):
            if chosen.holds(stored):
                yield stored


async def _of_cases(reader: LedgerReader, cases: tuple[str, ...]) -> AsyncIterator[StoredRecord]:
    for case in cases:
        async for stored in reader.case_records(case):
            yield stored


async def _of_ledger(reader: LedgerReader) -> AsyncIterator[StoredRecord]:
    async for stored in reader.all_records():
        if isinstance(stored, LedgerUnreadable):
            raise stored
        yield stored


def conformance_command(forces: Forces = None, data: DataPath = None, as_json: AsJson = False) -> None:
    """Count how long each stage takes, how cases run, which deadlines are late and what was recorded late, per force.

    Counts alone: no case is named. A median of few is not much; the number beside it says of how many.
    """
    found = run(_conformance(folder_at(data), forces_named(forces)))
    if as_json:
        print_json({force: _plain(tally) for force, tally in sorted(found.forces.items())})
        return
    for force, tally in sorted(found.forces.items()):
        _print(paper(), force, tally)


async def _conformance(folder: DataFolder, chosen: tuple[str, ...]) -> Conformance:
    everything = Selection((), chosen, None, None)
    found, count = Conformance(), 0
    async with Access(folder) as access:
        with spinner() as shown:
            task = shown.add_task("Reading", total=None)
            async for stored in _records(access, _forces(access, everything), everything):
                found.take(stored, read(stored.record))
                count += 1
                if count % TOLD_EVERY == 0:
                    shown.update(task, description=f"Reading: {count} records")
    found.end()
    return found


def _print(console: Console, force: str, tally: Tally) -> None:
    console.print(f"{force}: {tally.matters} matters, {tally.events} events", style="bold")
    console.print(f"{tally.recording.late} of {tally.recording.by_people} events by people were recorded late")
    if tally.recording.not_judged:
        console.print(f"{tally.recording.not_judged} can't be judged: this installation lacks the packs that they pin")
    shown = table("Durations", "process", "step", "of", "median", "90 %", "backwards")
    for (kind, step), lengths in sorted(tally.durations.items()):
        words = (kind.value, step.name, str(len(lengths)), _span(lengths, 0.5), _span(lengths, 0.9))
        shown.add_row(*words, str(lengths.backwards or ""))
    console.print(shown)
    shown = table("\nOutcomes", "process", "outcome", "processes")
    for kind, outcomes in sorted(tally.outcomes.items()):
        for outcome, count in outcomes.most_common():
            shown.add_row(kind.value, outcome.replace("_", " "), str(count))
    console.print(shown)
    shown = table("\nVariants", "matters", "stages and their outcomes")
    for variant, count in tally.variants.most_common():
        shown.add_row(str(count), " > ".join(variant) or "none")
    console.print(shown)
    shown = table("\nDeadlines", "rule", "started", "late", "open")
    for rule, clocks in tally.clocks().items():
        name = f"{rule} (indicator)" if clocks.indicator else rule
        shown.add_row(name, str(clocks.started), str(clocks.late), str(clocks.open))
    console.print(shown)


def _span(lengths: Durations, share: float) -> str:
    length = lengths.at(share)
    return span(length) if length is not None else ""


def _plain(tally: Tally) -> dict[str, Any]:
    return {
        "matters": tally.matters,
        "events": tally.events,
        "recorded_late": vars(tally.recording),
        "durations": [
            {
                "process": kind.value,
                "step": step.name,
                "count": len(lengths),
                "median_minutes": _minutes(lengths, 0.5),
                "ninety_percent_minutes": _minutes(lengths, 0.9),
                "backwards": lengths.backwards,
            }
            for (kind, step), lengths in sorted(tally.durations.items())
        ],
        "outcomes": {kind.value: dict(outcomes) for kind, outcomes in sorted(tally.outcomes.items())},
        "variants": [{"stages": list(stages), "matters": count} for stages, count in tally.variants.most_common()],
        "clocks": {rule: clocks._asdict() for rule, clocks in tally.clocks().items()},
    }


def _minutes(lengths: Durations, share: float) -> int | None:
    length = lengths.at(share)
    return None if length is None else int(length.total_seconds()) // 60
