"""Runs scenarios on the real engine: every action through the public client, then what the ledgers say. Judges nothing.

Each run is a matter of its own, so a scenario can be run any number of times on the same ledgers.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from nom.console.access import Access
from nom.console.client import Refused
from nom.console.closed_cases import ClosedCaseLoader, Loaded, prepared
from nom.console.people import actor
from nom.console.scenario.cast import Cast, cast_of, fresh_reference, rows_of
from nom.console.scenario.commands import command_of, first_opening, takes_opening_of_case
from nom.console.scenario.compare import Answered, Outcome, Read, Seen, compare
from nom.console.scenario.ledgers import Ledgers, NotSettled, all_settled
from nom.console.scenario.model import Action, Scenario
from nom.console.scenario.readings import tried
from nom.contracts.envelope import Record
from nom.contracts.every_process import HandOffMade, Opening
from nom.contracts.ids import namespace_of
from nom.contracts.services import NCA

__all__ = [
    "HAND_OFF",
    "ForceNotServed",
    "Ledgers",
    "NotSettled",
    "Ran",
    "give_scenario",
    "require_served",
    "run_scenario",
]

HAND_OFF: str = HandOffMade.model_fields["type"].default

Progress = Callable[[int, int], None]
"""Told how many of how many actions have been given."""


class ForceNotServed(LookupError):
    """The stack does not run this force."""

    code = "force_not_served"


class Ran(NamedTuple):
    """What a run left behind, before anything is judged."""

    cast: Cast
    answers: tuple[Answered, ...]
    records: tuple[Record, ...]
    seen: Seen


async def run_scenario(scenario: Scenario, access: Access, progress: Progress | None = None) -> Outcome:
    """Give every action, wait for the processes to settle, and compare. Raises what `give_scenario` raises."""
    ran = await give_scenario(scenario, access, progress)
    return compare(scenario, ran.cast, ran.answers, ran.records, ran.seen)


async def give_scenario(scenario: Scenario, access: Access, progress: Progress | None = None) -> Ran:
    """Give every action as a new matter, and read the ledgers when the processes have settled.

    Raises `ForceNotServed`, `NotSettled`, and what the client or the ledgers raise when they do not answer.
    """
    require_served(access, *(force.lower() for force in scenario.forces))
    cast = cast_of(scenario, fresh_reference(scenario))
    nca = await access.reader(NCA)
    ledgers = {
        label: Ledgers(nca if namespace_of(matter) == NCA else await access.reader(namespace_of(matter)), nca)
        for label, matter in cast.matters.items()
    }
    return await _Run(scenario, cast, access, ledgers).whole(progress)


def require_served(access: Access, *namespaces: str) -> None:
    """Raises `ForceNotServed`, naming those that the stack runs."""
    missing = [name.upper()[:20] for name in dict.fromkeys(namespaces) if name not in access.namespaces()]
    if missing:
        served = ", ".join(name.upper() for name in access.namespaces())
        add = f"`nom up --forces {','.join(missing)}`"
        raise ForceNotServed(f"the stack runs {served}, not {', '.join(missing)}; add with {add}")


class _Run:
    """One run of one scenario."""

    def __init__(self, scenario: Scenario, cast: Cast, access: Access, ledgers: dict[str, Ledgers]) -> None:
        self._scenario = scenario
        self._cast = cast
        self._access = access
        self._ledgers = ledgers
        self._unsettled = False

    async def whole(self, progress: Progress | None) -> Ran:
        """Everything, from the return to the last reading."""
        loaded = await self._load()
        answers, readings = await self._give_all(progress)
        await self._settle()
        records: dict[tuple[str, int], Record] = {}
        for label, ledgers in self._ledgers.items():
            records |= {(record.stream, record.seq): record for record in await ledgers.records(self._matter(label))}
        return Ran(self._cast, answers, tuple(records.values()), Seen(loaded=loaded, readings=readings))

    async def _load(self) -> tuple[Loaded, ...]:
        asked = self._scenario.returned
        if asked is None:
            return ()
        rows = rows_of(self._scenario, self._cast.reference)
        ready, refused = prepared(rows, actor(asked.by, NCA), asked.at)
        loader = ClosedCaseLoader(self._access.client, await self._access.reader(NCA))
        return (*[row async for row in loader.load(ready)], *refused)

    async def _give_all(self, progress: Progress | None) -> tuple[tuple[Answered, ...], tuple[Read, ...]]:
        """Every action in order, and every reading at its moment. A refusal that nobody expected is an answer too, and
        the run goes on.
        """
        answers, readings = list[Answered](), list[Read]()
        for number, action in self._scenario.in_order():
            readings += await self._read(len(readings), action.typed_in_at)
            answers.append(await self._give(number, action))
            if progress is not None:
                progress(len(answers), len(self._scenario.actions))
        readings += await self._read(len(readings), None)
        return tuple(answers), tuple(readings)

    async def _read(self, done: int, before: datetime | None) -> list[Read]:
        """The readings that are due before this moment, or all that are left."""
        waiting = self._scenario.expect.in_order()[done:]
        due = [item for item in waiting if before is None or (item.at is not None and item.at < before)]
        if due:
            await self._settle()
        return [await tried(item, self._cast, self._access) for item in due]

    async def _give(self, number: int, action: Action) -> Answered:
        if self._unsettled:
            await self._settle()
        try:
            opening = await self._opening(action)
            command = command_of(self._scenario, self._cast, action, opening)
            receipt = await self._access.client.submit(command)
        except Refused as refused:
            return Answered(number=number, refusal=refused.refusal)
        self._unsettled = HAND_OFF in receipt.events
        return Answered(number=number, command_id=receipt.command_id)

    async def _settle(self) -> None:
        await all_settled([(self._matter(label), ledgers) for label, ledgers in self._ledgers.items()])
        self._unsettled = False

    async def _opening(self, action: Action) -> Opening | None:
        label = self._scenario.case_of(action)
        if label is None or not takes_opening_of_case(action):
            return first_opening(self._scenario, action)
        opening, brought_in = await self._ledgers[label].opening(self._cast.cases[label])
        return opening.model_copy(update={"brought_in": brought_in})

    def _matter(self, label: str) -> str:
        return self._cast.matters[label]
