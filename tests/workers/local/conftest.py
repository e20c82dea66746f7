import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from nom.workers.local.folder import DataFolder
from nom.workers.local.servers import stop_own

PROJECT = Path(__file__).parents[3]
OWNER = Path(__file__).with_name("owner_process.py")

StartOwner = Callable[[Path], "subprocess.Popen[str]"]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a short path (a socket's must be), which the database's account may pass through."""
    path = Path(tempfile.mkdtemp(prefix="nom-", dir="/tmp")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def folder(place: Path) -> AsyncIterator[DataFolder]:
    """A data folder whose servers are stopped at the end, whoever started them."""
    data = DataFolder(place / "data")
    yield data
    await stop_own(DataFolder(data.path))


@pytest.fixture
def start_owner(folder: DataFolder) -> Iterator[StartOwner]:
    """Starts another process that owns a folder; it is killed at the end if it still lives."""
    started: list[subprocess.Popen[str]] = []

    def start(path: Path) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, str(OWNER), str(path)],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=30)


@pytest.fixture
def listening_addresses() -> Callable[[int], set[str]]:
    """Gives the addresses on which a process or one of its children listens."""

    def addresses(pid: int) -> set[str]:
        parent = psutil.Process(pid)
        found = _listening(parent)
        for child in parent.children(recursive=True):
            # A server's children come and go; one that is gone listens on nothing.
            with contextlib.suppress(psutil.NoSuchProcess):
                found |= _listening(child)
        return found

    return addresses


def _listening(process: psutil.Process) -> set[str]:
    connections = process.net_connections(kind="inet")
    return {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN}
