"""The demonstration: a stack of its own, every scenario side by side, and everything that it left behind proved.

Stops every server that it started, whatever happens in between.
"""

import asyncio
import logging
import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from nom.audit.replay import Replayed
from nom.audit.verify import Verified
from nom.console.access import Access
from nom.console.proof import replay_streams, side_by_side
from nom.console.scenario.compare import Outcome
from nom.console.scenario.model import Scenario
from nom.console.scenario.points import Point
from nom.console.scenario.runner import run_scenario
from nom.console.verifying import verify_ledgers
from nom.contracts.base import Contract
from nom.workers.local.folder import DataFolder, default_data_path
from nom.workers.local.stack import Stack
from nom.workers.logs import log_for_people

SHOWN = ("01-network", "04-late", "05-not-a-network")
"""The scenarios of the demonstration, by id."""


class Watcher(Protocol):
    """Is told how far the demonstration has come."""

    def step(self, words: str) -> None:
        """Something else is being done now."""
        ...

    def actions(self, scenario: Scenario, done: int, of: int) -> None:
        """So many of a scenario's actions have been given."""
        ...


class Demonstration(Contract):
    """What came of it. `events` counts the records of each ledger, those of earlier runs among them."""

    outcomes: tuple[Outcome, ...]
    events: dict[str, int]
    verified: tuple[Verified, ...]
    replayed: tuple[Replayed, ...]
    seconds: float

    @property
    def differences(self) -> tuple[tuple[str, Point], ...]:
        """Everything that is not as it should be, with the scenario or the part that it belongs to."""
        found = [(outcome.scenario, point) for outcome in self.outcomes for point in outcome.differences]
        found += [("chains", _fault_point(ledger)) for ledger in self.verified if not ledger.holds]
        found += [("replay", _replay_point(item)) for item in self.replayed if not item.agrees]
        return tuple(found)

    @property
    def agrees(self) -> bool:
        """Whether every scenario agrees, every chain holds and every history replays."""
        return not self.differences

    @property
    def chains_that_hold(self) -> int:
        """How many streams' chains hold, over all ledgers."""
        return sum(ledger.streams - len(ledger.broken_streams) for ledger in self.verified)

    @property
    def histories_replayed(self) -> int:
        """How many histories were replayed without a difference."""
        return sum(item.verdict == "replayed" for item in self.replayed)


def demo_folder() -> DataFolder:
    """Where the demonstration keeps its own stack, beside the user's."""
    return DataFolder(default_data_path() / "demo")


async def demonstrate(folder: DataFolder, scenarios: tuple[Scenario, ...], watcher: Watcher) -> Demonstration:
    """Start the stack, run the scenarios, prove what they left. Raises what stack, client or ledgers raise."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    forces = sorted({force for scenario in scenarios for force in scenario.forces})
    with _ended_by_signals():
        watcher.step("Starting engine, database and workers")
        async with Stack(folder, forces) as stack, Access(folder) as access:
            watcher.step("People work, side by side")
            outcomes = await side_by_side(_followed(scenario, access, watcher) for scenario in scenarios)
            watcher.step("Verifying chains, replaying histories")
            streams = [process.stream for outcome in outcomes for process in outcome.processes]
            replaying = asyncio.create_task(replay_streams(access, streams))
            try:
                verified = await verify_ledgers(access, stack.namespaces)
                replayed = await replaying
            finally:
                replaying.cancel()
            events = {namespace: await _count(access, namespace) for namespace in stack.namespaces}
            watcher.step("Stopping")
    return Demonstration(
        outcomes=outcomes, events=events, verified=verified, replayed=replayed, seconds=loop.time() - begun
    )


def log_quietly() -> None:
    """Only what somebody should see: warnings and errors, on stderr."""
    log_for_people()
    logging.getLogger().setLevel(logging.WARNING)


async def _count(access: Access, namespace: str) -> int:
    return (await (await access.reader(namespace)).counts()).records


async def _followed(scenario: Scenario, access: Access, watcher: Watcher) -> Outcome:
    def told(done: int, of: int) -> None:
        watcher.actions(scenario, done, of)

    told(0, len(scenario.actions))
    return await run_scenario(scenario, access, told)


@contextmanager
def _ended_by_signals() -> Generator[None]:
    """The first SIGINT or SIGTERM ends the work in order; later ones do not break off the stopping of the servers."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def heard() -> None:
        if task is not None and not task.cancelling():
            task.cancel()

    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, heard)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _fault_point(ledger: Verified) -> Point:
    first = ledger.first_fault
    got = f"{first.where}: {first.words}" if first else "whole"
    return Point(what=f"chains of {ledger.ledger.upper()}", expected="whole", got=got, agrees=ledger.holds)


def _replay_point(item: Replayed) -> Point:
    got = f"{item.verdict.replace('_', ' ')}: {item.reason}"
    return Point(what=f"history of {item.stream}", expected="replayed", got=got, agrees=False)
