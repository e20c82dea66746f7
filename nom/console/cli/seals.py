"""`nom audit seals`: which histories are sealed, and which runs have ended without a seal. Exit code 1 if any has."""

from typing import NamedTuple

import typer

from nom.activities.sealer import EndedRun, Sealer
from nom.console.access import Access
from nom.console.cli.endings import REFUSED
from nom.console.cli.options import (
    AsJson,
    DataPath,
    Forces,
    folder_at,
    namespaces_asked,
    paper,
    print_json,
    run,
    table,
)
from nom.console.scenario.runner import require_served
from nom.workers.local.folder import DataFolder


class Sealed(NamedTuple):
    """What one namespace has sealed: parts, runs sealed to their end, events, faults, and what is missing."""

    namespace: str
    parts: int
    ended: int
    events: int
    faults: tuple[str, ...]
    missing: tuple[EndedRun, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every ended run is sealed, and every seal holds."""
        return not self.faults and not self.missing


def seals_command(forces: Forces = None, data: DataPath = None, as_json: AsJson = False) -> None:
    """Show the sealed histories of each namespace and name every run that has ended without a seal.

    The workers seal a run before it continues as new and after it has ended. What is named here is younger than their
    last look, or their sealer does not work.
    """
    found = run(_look(folder_at(data), tuple(forces or ())))
    if as_json:
        print_json([_plain(one) for one in found])
    else:
        _print(found)
    if not all(one.is_whole for one in found):
        raise typer.Exit(REFUSED)


async def _look(folder: DataFolder, forces: tuple[str, ...]) -> tuple[Sealed, ...]:
    async with Access(folder) as access:
        names = namespaces_asked(access, forces)
        require_served(access, *names)
        return tuple([await _of(access, name) for name in names])


async def _of(access: Access, namespace: str) -> Sealed:
    store = await access.seals(namespace)
    parts = ended = events = 0
    faults: list[str] = []
    async for seal in store.all():
        parts += 1
        ended += seal.statement.status != "running"
        events += seal.statement.last_event - seal.statement.first_event + 1
        fault = seal.fault()
        if fault is not None:
            faults.append(f"{seal.statement.workflow_id}, run {seal.statement.run_id}: {fault}")
    missing = await Sealer(await access.client.engine(namespace), store).unsealed()
    return Sealed(namespace, parts, ended, events, tuple(faults), missing)


def _print(found: tuple[Sealed, ...]) -> None:
    shown = table(None, "namespace", "seals", "runs ended", "events", "missing", "")
    for one in found:
        verdict, style = ("whole", None) if one.is_whole else ("NOT WHOLE", "bold red")
        counts = (one.parts, one.ended, one.events, len(one.missing))
        shown.add_row(one.namespace.upper(), *(str(count) for count in counts), verdict, style=style)
    paper().print(shown)
    for one in found:
        for fault in one.faults:
            paper().print(fault)
        for run_ in one.missing:
            paper().print(f"{run_.workflow_id}, run {run_.run_id} ({run_.status}): ended without a seal")


def _plain(one: Sealed) -> dict[str, object]:
    missing = [run_.model_dump(mode="json") for run_ in one.missing]
    return {**one._asdict(), "faults": list(one.faults), "missing": missing, "whole": one.is_whole}
