import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from nom.workers.local.folder import DataFolder
from nom.workers.local.process import ServerState
from nom.workers.local.servers import status_of, stop_own
from tests.conftest_stack import short_folder
from tests.console.command_line import NOM, nom

pytestmark = pytest.mark.engine

SECONDS = 120
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def folder() -> AsyncIterator[DataFolder]:
    """A data folder whose servers are stopped at the end, whoever started them."""
    with short_folder() as path:
        yield DataFolder(path)
        await stop_own(DataFolder(path))


@pytest.fixture
async def start(folder: DataFolder) -> AsyncIterator[Start]:
    """Starts a command that stays in the foreground, on the folder; killed at the end if it still lives."""
    started: list[asyncio.subprocess.Process] = []

    async def start_one(*words: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *NOM, *words, "--data", str(folder.path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def says(process: asyncio.subprocess.Process, words: str) -> str:
    """Read until a line has these words; the lines so far."""
    assert process.stdout is not None
    lines = ""
    async with asyncio.timeout(SECONDS):
        while words not in lines:
            line = (await process.stdout.readline()).decode()
            assert line, f"ended without saying {words!r}: {lines}"
            lines += line
    return lines


def states(folder: DataFolder) -> set[ServerState]:
    status = status_of(folder)
    return {status.postgres.state, status.temporal.state}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_stack_serves_until_it_is_told_to_stop(
    folder: DataFolder, start: Start, number: signal.Signals
) -> None:
    up = await start("up", "--forces", "GMP")
    lines = await says(up, "forces  ")
    assert f"process {up.pid}" in lines
    assert str(folder.path) in lines
    second = await nom("up", "--data", folder.path)
    assert second.code == 3
    assert second.err.splitlines()[-1].startswith("nom: stack_already_running: ")
    assert str(up.pid) in second.err
    status = (await nom("status", "--json", "--data", folder.path)).json
    assert (status["running"], status["owner"], status["forces"]) == (True, up.pid, ["GMP", "NCA"])
    up.send_signal(number)
    await says(up, "stopped")
    assert await up.wait() == 0
    assert states(folder) == {ServerState.STOPPED}


async def test_down_stops_what_a_killed_parent_left_and_up_goes_on_with_the_same_forces(
    folder: DataFolder, start: Start
) -> None:
    up = await start("up", "--forces", "NFK")
    await says(up, "forces  ")
    up.kill()
    await up.wait()
    assert states(folder) == {ServerState.RUNNING}
    down = (await nom("down", "--json", "--data", folder.path)).json
    assert sorted(down["stopped"]) == ["postgres", "temporal"]
    assert states(folder) == {ServerState.STOPPED}
    again = await start("up")
    assert "NFK, NCA" in await says(again, "forces  ")
    assert (await nom("down", "--data", folder.path)).code == 0
    assert await again.wait() == 0


async def test_a_signal_before_everything_is_ready_stops_what_was_started(folder: DataFolder, start: Start) -> None:
    up = await start("up", "--forces", "GMP,WYP,NFK")
    await says(up, "starting")
    while states(folder) == {ServerState.STOPPED}:  # noqa: ASYNC110 - another process changes it
        await asyncio.sleep(0.01)
    up.send_signal(signal.SIGTERM)
    async with asyncio.timeout(SECONDS):
        assert await up.wait() == 130
    assert states(folder) == {ServerState.STOPPED}


async def test_a_worker_runs_alone_on_the_stack_of_a_folder(folder: DataFolder, start: Start) -> None:
    up = await start("up", "--forces", "GMP")
    await says(up, "forces  ")
    stranger = await nom("worker", "--force", "MPS", "--data", folder.path)
    assert stranger.code == 2
    assert stranger.err.splitlines()[-1].startswith("nom: unknown_force: ")
    worker = await start("worker", "--force", "GMP")
    await says(worker, "worker_ready")
    worker.terminate()
    await says(worker, "worker_stopped")
    assert await worker.wait() == 0
    assert states(folder) == {ServerState.RUNNING}


def servers_of(folder: DataFolder) -> list[int]:
    status = status_of(folder)
    return [server.pid for server in (status.postgres, status.temporal) if server.pid is not None]


async def refer_one(folder: DataFolder) -> str:
    """Load one referral and give its case."""
    line = {
        "reference": "sch-26-041",
        "received_at": "2026-03-02 09:20",
        "source": "education",
        "reporter": "teacher-1",
        "children": ["child-1"],
    }
    file = folder.path.parent / "referrals.jsonl"
    file.write_text(json.dumps(line))
    ended = await nom("refer", file, "--force", "GMP", "--brought-in", "--json", "--data", folder.path)
    assert ended.code == 0, ended
    return ended.json["lines"][0]["case"]


async def test_nothing_that_was_recorded_is_lost_when_everything_is_killed_at_once(
    folder: DataFolder, start: Start
) -> None:
    up = await start("up", "--forces", "GMP")
    await says(up, "forces  ")
    case = await refer_one(folder)
    before = (await nom("show", case, "--json", "--data", folder.path)).json
    for pid in (up.pid, *servers_of(folder)):
        os.kill(pid, signal.SIGKILL)
    await up.wait()
    again = await start("up")
    await says(again, "forces  ")
    shown = (await nom("show", case, "--json", "--data", folder.path)).json
    assert [entry for entry in before["entries"] if entry not in shown["entries"]] == []
    assert (await nom("verify", "--data", folder.path)).code == 0
    acted = await nom("act", case, "referral", "Acknowledge", "--as", "duty-officer-1", "--data", folder.path)
    assert acted.code == 0, acted


async def test_the_log_tells_of_servers_that_ended_and_not_of_every_append(folder: DataFolder, start: Start) -> None:
    up = await start("up", "--forces", "GMP")
    log = await says(up, "forces  ")
    await refer_one(folder)
    for pid in servers_of(folder):
        os.kill(pid, signal.SIGKILL)
    log += await says(up, "server_back            server=temporal")
    assert "server_ended           server=postgres" in log
    case = await nom(
        "refer", folder.path.parent / "referrals.jsonl", "--force", "GMP", "--brought-in", "--data", folder.path
    )
    assert "1 again" in case.out
    up.terminate()
    log += await says(up, "stopped")
    assert "ledger_appended" not in log


async def test_a_verbose_log_has_a_line_for_every_append(folder: DataFolder, start: Start) -> None:
    up = await start("up", "--forces", "GMP", "--verbose")
    await says(up, "forces  ")
    await refer_one(folder)
    assert "stream=gmp/sch-26-041/referral-1" in await says(up, "ledger_appended")


async def test_a_worker_tells_of_an_outage_of_the_engine_in_two_lines(folder: DataFolder, start: Start) -> None:
    up = await start("up", "--forces", "GMP")
    await says(up, "forces  ")
    worker = await start("worker", "--force", "GMP")
    await says(worker, "worker_ready")
    up.kill()
    await up.wait()
    os.kill(servers_of(folder)[1], signal.SIGKILL)
    log = await says(worker, "engine_away")
    # Long enough for the engine's library to repeat its calls more than five times, which it would tell.
    await asyncio.sleep(8)
    again = await start("up")
    await says(again, "forces  ")
    log += await says(worker, "engine_back")
    assert (log.count("engine_away"), log.count("engine_back")) == (1, 1)
    assert "retried" not in log
