"""The embedded stack for tests that touch the engine: real servers, started once, workflows in the sandbox."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nom.console.access import Access
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack

FORCES = ("GMP", "WYP", "NFK")


@contextmanager
def short_folder() -> Generator[Path]:
    """A folder with a short path (a socket's must be), which the database's account may pass through."""
    path = Path(tempfile.mkdtemp(prefix="nom-", dir="/tmp")).resolve()
    path.chmod(0o711)
    try:
        yield path / "data"
    finally:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """Three forces and the NCA, with their workers in this process. The engine suggests continuing as new early."""
    with short_folder() as path:
        dynamic = {"limit.historyCount.suggestContinueAsNew": 400}
        async with Stack(DataFolder(path), FORCES, sandboxed=True, dynamic_config=dynamic) as running:
            yield running


@pytest.fixture(scope="session")
async def access(stack: Stack) -> AsyncIterator[Access]:
    """The running stack as the console reaches it."""
    async with Access(stack.folder) as reached:
        yield reached
