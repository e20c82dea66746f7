import asyncio
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from nom.workers.local.cluster import cluster_path
from nom.workers.local.errors import ServerNotReady, StackAlreadyRunning
from nom.workers.local.folder import DataFolder
from nom.workers.local.ownership import ProcessKind
from nom.workers.local.process import ServerState
from nom.workers.local.servers import Servers, StackStatus, status_of, stop_own

pytestmark = pytest.mark.engine

StartOwner = Callable[[Path], "subprocess.Popen[str]"]


def pids(status: StackStatus) -> tuple[int, int]:
    assert status.postgres.state is ServerState.RUNNING
    assert status.temporal.state is ServerState.RUNNING
    assert status.postgres.pid is not None
    assert status.temporal.pid is not None
    return status.postgres.pid, status.temporal.pid


def next_word(owner: "subprocess.Popen[str]") -> str:
    assert owner.stdout is not None
    return owner.stdout.readline().strip()


def is_live(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def test_both_servers_run_inside_the_block_and_neither_after_it(folder: DataFolder) -> None:
    assert status_of(folder).postgres.state is ServerState.STOPPED
    assert not folder.path.exists()
    async with Servers(folder, ["gmp"]) as servers:
        status = status_of(folder)
        both = pids(status)
        assert status.owner == os.getpid()
        assert status.postgres.port == servers.postgres.port
        assert servers.temporal.address == f"127.0.0.1:{status.temporal.port}"
        assert status.postgres.since is not None
        assert status.postgres.since.tzinfo is not None
    assert not any(is_live(pid) for pid in both)
    after = status_of(folder)
    assert after.owner is None
    assert (after.postgres.state, after.temporal.state) == (ServerState.STOPPED, ServerState.STOPPED)


async def test_the_servers_are_stopped_and_the_folder_given_back_when_the_block_fails(folder: DataFolder) -> None:
    seen: list[int] = []

    async def fail_inside() -> None:
        async with Servers(folder, ["gmp"]):
            seen.extend(pids(status_of(folder)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_inside()
    assert len(seen) == 2
    assert not any(is_live(pid) for pid in seen)
    with folder.lock:
        pass


async def test_an_interrupted_start_leaves_neither_server(folder: DataFolder) -> None:
    starting = asyncio.create_task(Servers(folder, ["gmp"]).__aenter__())
    while not folder.path.exists() or status_of(folder).temporal.state is not ServerState.RUNNING:  # noqa: ASYNC110  # the servers have no event for us
        await asyncio.sleep(0.001)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    status = status_of(folder)
    assert status.owner is None
    assert (status.postgres.state, status.temporal.state) == (ServerState.STOPPED, ServerState.STOPPED)
    async with Servers(folder, ["gmp"]):
        pids(status_of(folder))


async def test_when_one_server_cannot_start_the_other_is_stopped_too(folder: DataFolder) -> None:
    async with Servers(folder, ["gmp"]):
        pass
    (cluster_path(folder) / "global" / "pg_control").unlink()
    with pytest.raises(ServerNotReady, match="postgres"):
        async with Servers(folder, ["gmp"]):
            pytest.fail("the block must not be entered")
    status = status_of(folder)
    assert status.owner is None
    assert status.temporal.state is ServerState.STOPPED


@pytest.mark.crash
async def test_a_second_owner_is_refused_with_the_first_ones_number(
    folder: DataFolder, start_owner: StartOwner
) -> None:
    owner = start_owner(folder.path)
    assert next_word(owner) == "ready"
    both = pids(status_of(folder))
    with pytest.raises(StackAlreadyRunning, match=f"process {owner.pid}"):
        async with Servers(DataFolder(folder.path), ["gmp"]):
            pytest.fail("the block must not be entered")
    assert pids(status_of(folder)) == both


@pytest.mark.crash
async def test_the_servers_of_a_killed_parent_are_taken_over(folder: DataFolder, start_owner: StartOwner) -> None:
    owner = start_owner(folder.path)
    assert next_word(owner) == "ready"
    both = pids(status_of(folder))
    owner.kill()
    owner.wait(timeout=30)
    left = status_of(folder)
    assert left.owner is None
    assert pids(left) == both
    async with Servers(folder, ["gmp"]):
        assert pids(status_of(folder)) == both
    assert not any(is_live(pid) for pid in both)


@pytest.mark.crash
async def test_the_servers_of_a_killed_parent_can_be_stopped(folder: DataFolder, start_owner: StartOwner) -> None:
    owner = start_owner(folder.path)
    assert next_word(owner) == "ready"
    both = pids(status_of(folder))
    owner.kill()
    owner.wait(timeout=30)
    assert await stop_own(folder) == (ProcessKind.TEMPORAL, ProcessKind.POSTGRES)
    assert not any(is_live(pid) for pid in both)
    assert await stop_own(folder) == ()


@pytest.mark.crash
async def test_a_living_parent_is_asked_to_end_in_order(folder: DataFolder, start_owner: StartOwner) -> None:
    owner = start_owner(folder.path)
    assert next_word(owner) == "ready"
    both = pids(status_of(folder))
    assert await stop_own(folder) == (ProcessKind.TEMPORAL, ProcessKind.POSTGRES)
    assert next_word(owner) == "ended"
    assert owner.wait(timeout=30) == 0
    assert not any(is_live(pid) for pid in both)


@pytest.mark.crash
async def test_an_interrupt_from_the_terminal_reaches_the_parent_and_not_the_servers(
    folder: DataFolder, start_owner: StartOwner
) -> None:
    owner = start_owner(folder.path)
    assert next_word(owner) == "ready"
    both = pids(status_of(folder))
    os.killpg(owner.pid, signal.SIGINT)
    assert next_word(owner) == "interrupted"
    for pid in both:
        assert os.getpgid(pid) == pid
        assert is_live(pid)
    assert pids(status_of(folder)) == both


@pytest.mark.crash
async def test_dead_servers_are_reported_as_stale_and_looking_changes_nothing(folder: DataFolder) -> None:
    async with Servers(folder, ["gmp"]):
        for pid in pids(status_of(folder)):
            psutil.Process(pid).kill()
            while is_live(pid):
                pass
        for _ in range(2):
            status = status_of(folder)
            assert (status.postgres.state, status.temporal.state) == (ServerState.STALE, ServerState.STALE)


async def test_this_process_does_not_ask_itself_to_end(folder: DataFolder) -> None:
    folder.prepare()
    with folder.lock, pytest.raises(StackAlreadyRunning):
        await stop_own(DataFolder(folder.path))
