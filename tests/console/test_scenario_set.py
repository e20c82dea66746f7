"""Every scenario that comes with nom, on one real stack, as a person runs them; and a force that is away meanwhile."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable

import pytest

from nom.console.access import Access
from nom.console.scenario.cast import Cast
from nom.console.scenario.commands import command_of
from nom.console.scenario.ledgers import Ledgers, all_settled
from nom.console.scenario.loading import bundled, chosen
from nom.console.scenario.model import Expectations, Scenario
from nom.console.scenario.runner import give_scenario
from nom.contracts.ids import namespace_of
from nom.contracts.services import ForceStatus
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack
from nom.workers.worker import RunningWorker
from tests.conftest_stack import short_folder
from tests.console.command_line import NOM, nom

pytestmark = pytest.mark.engine
FORCES = tuple(dict.fromkeys(force for scenario in bundled() for force in scenario.forces))


@pytest.fixture(scope="module")
async def whole() -> AsyncIterator[Stack]:
    """Every force that a scenario needs, and the NCA."""
    with short_folder() as path:
        async with Stack(DataFolder(path), FORCES) as running:
            yield running


async def test_every_scenario_agrees_on_one_stack(whole: Stack) -> None:
    ended = await nom("scenario", "run", "--all", "--data", whole.folder.path, "--json", seconds=600)
    assert [(item["name"], item["differences"]) for item in ended.json if not item["agrees"]] == []
    assert ended.code == 0, ended.err
    assert [item["name"] for item in ended.json] == [scenario.id for scenario in bundled()]
    assert all(item["checked"] > 20 for item in ended.json)
    assert all(f"{scenario.id}: " in ended.err for scenario in bundled())


async def test_a_run_that_is_broken_off_prints_nothing_that_could_be_taken_for_a_result(whole: Stack) -> None:
    process = await asyncio.create_subprocess_exec(
        *NOM,
        *("scenario", "run", "--all", "--data", str(whole.folder.path), "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    assert await process.stderr.readline() != b""
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(30):
        printed, said = await process.communicate()
    assert process.returncode == 130
    assert printed == b""
    assert "Traceback" not in said.decode()


def up_to_the_link() -> tuple[Scenario, int]:
    """Scenario 03 as far as it goes before the link, and which action that is. Expects nothing."""
    (scenario,) = chosen(("03",))
    place = next(place for place, (_, action) in enumerate(scenario.in_order()) if action.do == "LinkCase")
    before = tuple(action for _, action in scenario.in_order()[:place])
    return scenario.model_copy(update={"actions": before, "expect": Expectations()}), place


async def test_a_force_that_is_away_is_waited_for_and_the_board_shows_it() -> None:
    before, place = up_to_the_link()
    (scenario,) = chosen(("03",))
    _, link = scenario.in_order()[place]
    with short_folder() as path:
        async with Stack(DataFolder(path), scenario.forces, workers=False) as stack, Access(stack.folder) as access:
            merseyside = RunningWorker(stack.worker_settings("mer"))
            async with RunningWorker(stack.worker_settings("nca")), RunningWorker(stack.worker_settings("nwp")):
                async with merseyside:
                    ran = await give_scenario(before, access)
                await access.client.submit(command_of(scenario, ran.cast, link, None))
                assert (await reported(access, lambda status: status.hand_offs_waiting > 0)).force == "NCA"
                async with RunningWorker(stack.worker_settings("mer")):
                    await settled(access, ran.cast)
                    assert (await reported(access, lambda status: not status.hand_offs_waiting)).hand_offs_refused == 0


async def reported(access: Access, wanted: Callable[[ForceStatus], bool]) -> ForceStatus:
    """What the National Crime Agency reports to the board, once that is so."""
    store = await access.board()
    async with asyncio.timeout(60):
        while True:
            for report in await store.latest_board_reports():
                status = ForceStatus.model_validate_json(json.dumps(report.report))
                if status.force == "NCA" and wanted(status):
                    return status
            await asyncio.sleep(0.05)


async def settled(access: Access, cast: Cast) -> None:
    nca = await access.reader("nca")
    ledgers = [(case, Ledgers(await access.reader(namespace_of(case)), nca)) for case in cast.cases.values()]
    await all_settled(ledgers)
