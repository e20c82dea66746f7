"""Runs scenarios on the real engine: every action through the public client, then what the ledgers say. Judges nothing.

Each run is a matter of its own, so a scenario can be run any number of times on the same ledgers.
"""

import asyncio
import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from nom.activities.reader import LedgerReader
from nom.activities.standing import common_event
from nom.console.access import Access
from nom.console.client import NomClient, Refused
from nom.console.drafts import opening_for
from nom.console.scenario.commands import OPENING_COMMANDS, command_of
from nom.console.scenario.compare import Answered, Outcome, compare
from nom.console.scenario.model import Action, Scenario, group_of
from nom.contracts.envelope import Record
from nom.contracts.errors import refuse
from nom.contracts.every_process import HandOffMade, Opening, PolicyVersionAdopted, ProcessOpened
from nom.contracts.ids import CaseId, ProcessKind, case_id, stream_of
from nom.contracts.services import NCA

SETTLING_SECONDS = 60.0
SECONDS_BETWEEN_LOOKS = 0.01
HAND_OFF: str = HandOffMade.model_fields["type"].default

Progress = Callable[[int, int], None]
"""Told how many of how many actions have been given."""


class NotSettled(TimeoutError):
    """Hand-offs between processes were still waiting after a minute: a worker or a whole force may be away."""

    code = "not_settled"
    exit_code = 3


class ForceNotServed(LookupError):
    """The stack does not run this force."""

    code = "force_not_served"


def fresh_matter(scenario: Scenario) -> str:
    """A reference that no run had before: the scenario's id, the time and chance. Says nothing about anybody."""
    stamp = int(datetime.now(UTC).timestamp()).to_bytes(5, "big") + secrets.token_bytes(5)
    return f"{scenario.id}-{base64.b32encode(stamp).decode('ascii').lower()}"


class Ran(NamedTuple):
    """What a run left behind, before anything is judged."""

    case: CaseId
    answers: tuple[Answered, ...]
    records: tuple[Record, ...]


async def run_scenario(scenario: Scenario, access: Access, progress: Progress | None = None) -> Outcome:
    """Give every action, wait for the processes to settle, and compare. Raises what `give_scenario` raises."""
    ran = await give_scenario(scenario, access, progress)
    return compare(scenario, ran.case, ran.answers, ran.records)


async def give_scenario(scenario: Scenario, access: Access, progress: Progress | None = None) -> Ran:
    """Give every action as a new matter, and read the ledgers when the processes have settled.

    Raises `ForceNotServed`, `NotSettled`, and what the client or the ledgers raise when they do not answer.
    """
    force = scenario.force.lower()
    require_served(access, force)
    ledgers = Ledgers(await access.reader(force), await access.reader(NCA))
    run = _Run(scenario, case_id(force, fresh_matter(scenario)), access.client, ledgers)
    answers = await run.give_all(progress)
    await ledgers.settled(run.case)
    return Ran(run.case, answers, await ledgers.records(run.case))


def require_served(access: Access, namespace: str) -> None:
    """Raises `ForceNotServed`, naming those that the stack runs."""
    if namespace not in access.namespaces():
        served = ", ".join(name.upper() for name in access.namespaces())
        force = namespace.upper()[:20]
        raise ForceNotServed(f"the stack runs {served}, not {force}; add it with `nom up --forces {force}`")


class Ledgers:
    """The ledgers that a matter may touch: its force's and the National Crime Agency's."""

    def __init__(self, force: LedgerReader, nca: LedgerReader) -> None:
        self._force = force
        self._nca = nca

    async def records(self, case: CaseId) -> tuple[Record, ...]:
        """Every record of a case and of the group that it nominated, if it did."""
        own = [stored.record async for stored in self._force.case_records(case)]
        group = [stored.record async for stored in self._nca.case_records(group_of(case))]
        return (*own, *group)

    async def opening(self, case: CaseId) -> tuple[Opening, bool]:
        """What the case was opened under, and whether it is still being brought in."""
        spine = stream_of(case, ProcessKind.CASE)
        records = [stored.record async for stored in self._force.stream(spine)]
        opened = common_event(records[0]) if records else None
        if not isinstance(opened, ProcessOpened):
            raise Refused(refuse("process_not_open", f"{spine} has not been opened"))
        up_to_date = any(record.type == "marked_up_to_date.v1" for record in records)
        adopted = [event.after for record in records if isinstance(event := common_event(record), PolicyVersionAdopted)]
        opening = opened.opening.model_copy(update={"policy": adopted[-1]}) if adopted else opened.opening
        return opening, opening.brought_in and not up_to_date

    async def settled(self, case: CaseId) -> None:
        """Wait until no hand-off of the case or its group waits for an answer. Raises `NotSettled`."""
        try:
            async with asyncio.timeout(SETTLING_SECONDS):
                while await self._waiting(case):  # noqa: ASYNC110 - what is waited for happens in other processes
                    await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        except TimeoutError:
            raise NotSettled(f"{NotSettled.__doc__} Matter: {case}") from None

    async def _waiting(self, case: CaseId) -> bool:
        # The force's ledger is asked again last: what the other had handed back meanwhile stands there by then.
        return bool(
            await self._force.hand_offs_waiting(case)
            or await self._nca.hand_offs_waiting(group_of(case))
            or await self._force.hand_offs_waiting(case)
        )


class _Run:
    """One run of one scenario."""

    def __init__(self, scenario: Scenario, case: CaseId, client: NomClient, ledgers: Ledgers) -> None:
        self.scenario = scenario
        self.case = case
        self._client = client
        self._ledgers = ledgers
        self._unsettled = False

    async def give_all(self, progress: Progress | None) -> tuple[Answered, ...]:
        """Every action in order. A refusal that nobody expected is an answer too, and the run goes on."""
        answers: list[Answered] = []
        for number, action in self.scenario.in_order():
            answers.append(await self._give(number, action))
            if progress is not None:
                progress(len(answers), len(self.scenario.actions))
        return tuple(answers)

    async def _give(self, number: int, action: Action) -> Answered:
        if self._unsettled:
            await self._ledgers.settled(self.case)
            self._unsettled = False
        try:
            opening = await self._opening(action)
            command = command_of(self.scenario, action, self.case, opening)
            receipt = await self._client.submit(command)
        except Refused as refused:
            return Answered(number=number, refusal=refused.refusal)
        self._unsettled = HAND_OFF in receipt.events
        return Answered(number=number, command_id=receipt.command_id)

    async def _opening(self, action: Action) -> Opening:
        first = opening_for(self.scenario.jurisdiction, action.at, brought_in=True)
        if action.do not in OPENING_COMMANDS or action.do == "ReceiveReferral":
            return first
        opening, brought_in = await self._ledgers.opening(self.case)
        return opening.model_copy(update={"brought_in": brought_in})
