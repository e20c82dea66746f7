import asyncio
import errno
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator

import asyncpg
import psutil
import pytest

from nom.workers.local.cluster import cluster_path
from nom.workers.local.errors import NeverStarted, PasswordRefused, ServerNotReady, UnrecordedServer
from nom.workers.local.folder import DataFolder
from nom.workers.local.ownership import ProcessRecord
from nom.workers.local.ports import LOOPBACK
from nom.workers.local.postgres import PostgresServer
from nom.workers.local.process import ServerState

pytestmark = pytest.mark.engine

Stranger = subprocess.Popen[bytes]


@pytest.fixture
def stranger(folder: DataFolder) -> Iterator[Stranger]:
    """A live process of the database's own account: of another's PostgreSQL would know that it is no server."""
    folder.prepare()
    account = folder.account
    with subprocess.Popen(["sleep", "600"], user=account.uid if account else None) as process:
        yield process
        process.kill()


def put_in_lock_files(folder: DataFolder, pid: int) -> None:
    """Let both files that a killed server leaves behind name another process, as when its number is given anew."""
    cluster = cluster_path(folder)
    (socket,) = cluster.glob(".s.PGSQL.*.lock")
    for file in (cluster / "postmaster.pid", socket):
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join((f"{pid}\n", *lines[1:])))


def pid_of(server: PostgresServer) -> int:
    status = server.status()
    assert status.state is ServerState.RUNNING
    assert status.pid is not None
    return status.pid


def superuser_dsn(server: PostgresServer) -> str:
    return server.dsn("postgres", server.superuser, server.superuser_password)


async def execute(server: PostgresServer, statement: str) -> None:
    connection = await asyncpg.connect(superuser_dsn(server))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def ask(server: PostgresServer, question: str) -> object:
    connection = await asyncpg.connect(superuser_dsn(server))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def is_live(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def kill(pid: int) -> None:
    """Kill without the courtesy of a wait: whoever starts next must cope with what is left."""
    psutil.Process(pid).send_signal(signal.SIGKILL)
    await asyncio.sleep(0)


async def test_what_was_written_is_there_after_a_stop_and_a_warm_start(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    with pytest.raises(NeverStarted):
        _ = server.port
    await server.start()
    await execute(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    port = server.port
    assert await server.stop()
    assert server.status().state is ServerState.STOPPED
    assert not await server.stop()
    again = PostgresServer(DataFolder(folder.path))
    await again.start()
    assert again.port == port
    assert await ask(again, "SELECT answer FROM kept") == 42


async def test_a_wrong_password_is_refused_and_passwords_are_kept_as_scram(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn("postgres", server.superuser, "wrong"))
    stored = await ask(server, "SELECT rolpassword FROM pg_authid WHERE rolname = 'nom_admin'")
    assert str(stored).startswith("SCRAM-SHA-256$")
    assert await ask(server, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'") == 0
    await server.stop()


async def test_nothing_that_was_acknowledged_may_be_lost(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await ask(server, f"SHOW {setting}") == "on"
    assert await ask(server, "SHOW max_connections") == "400"
    assert await ask(server, "SHOW server_encoding") == "UTF8"
    assert await ask(server, "SELECT datlocale FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
    await server.stop()


@pytest.mark.crash
async def test_a_killed_server_starts_again_with_everything_that_was_committed(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    await execute(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    killed = pid_of(server)
    await kill(killed)
    await server.start()
    assert pid_of(server) != killed
    assert await ask(server, "SELECT count(*) FROM kept") == 1000
    await server.stop()


@pytest.mark.crash
async def test_a_strangers_process_number_in_the_lock_files_neither_blocks_the_start_nor_is_signalled(
    folder: DataFolder, stranger: Stranger
) -> None:
    server = PostgresServer(folder)
    await server.start()
    await kill(pid_of(server))
    put_in_lock_files(folder, stranger.pid)
    await server.start()
    await server.stop()
    assert stranger.poll() is None


@pytest.mark.crash
@pytest.mark.parametrize("number_is_taken", [False, True], ids=["dead number", "stranger's number"])
async def test_no_second_server_starts_while_an_orphan_of_a_killed_one_still_works_on_the_files(
    folder: DataFolder, stranger: Stranger, number_is_taken: bool
) -> None:
    server = PostgresServer(folder)
    await server.start()
    connection = await asyncpg.connect(superuser_dsn(server))
    orphan = connection.get_server_pid()
    # Busy in a loop that does not look up until it is done, so it outlives the server that started it.
    working = asyncio.create_task(connection.execute("SELECT count(*) FROM generate_series(1, 20000000)"))
    await asyncio.sleep(0.5)
    await kill(pid_of(server))
    if number_is_taken:
        put_in_lock_files(folder, stranger.pid)
    assert is_live(orphan)
    await server.start()
    assert not is_live(orphan)
    await server.stop()
    assert stranger.poll() is None
    connection.terminate()
    await asyncio.gather(working, return_exceptions=True)


@pytest.mark.crash
async def test_a_server_whose_record_cannot_be_written_never_starts(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = PostgresServer(folder)
    await server.start()
    await server.stop()

    others = set(psutil.Process().children())

    def disk_full(_: ProcessRecord) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    with monkeypatch.context() as patched:
        patched.setattr(folder.records, "remember", disk_full)
        with pytest.raises(OSError, match="disk full"):
            await server.start()
    _, alive = psutil.wait_procs(set(psutil.Process().children()) - others, timeout=30)
    assert alive == []
    assert not (cluster_path(folder) / "postmaster.pid").exists()
    await server.start()
    assert await ask(server, "SELECT 1") == 1
    await server.stop()


@pytest.mark.crash
async def test_a_live_server_without_a_record_is_left_alone(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    pid = pid_of(server)
    records = (folder.path / "processes.json").read_text()
    (folder.path / "processes.json").unlink()
    with pytest.raises(UnrecordedServer, match=str(pid)):
        await PostgresServer(DataFolder(folder.path)).start()
    assert psutil.pid_exists(pid)
    (folder.path / "processes.json").write_text(records)
    await server.stop()


async def test_another_port_is_used_when_a_stranger_took_ours_while_we_were_down(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    await server.stop()
    port = server.port
    with socket.create_server((LOOPBACK, port)):
        await server.start()
        assert server.port != port
        assert await ask(server, "SELECT 1") == 1
        await server.stop()


async def test_it_listens_on_loopback_only_and_not_as_root(
    folder: DataFolder, listening_addresses: Callable[[int], set[str]]
) -> None:
    server = PostgresServer(folder)
    await server.start()
    assert listening_addresses(pid_of(server)) == {LOOPBACK}
    assert psutil.Process(pid_of(server)).uids().effective != 0
    assert os.getsid(pid_of(server)) == pid_of(server)
    await server.stop()


async def test_a_database_whose_password_is_gone_is_not_given_a_new_one(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    await server.stop()
    folder.secrets_file.unlink()
    with pytest.raises(PasswordRefused, match="secrets"):
        await server.start()
    assert not folder.secrets_file.exists()


async def test_a_password_that_does_not_fit_is_told_apart_from_a_slow_start(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    await server.stop()
    folder.secrets_file.unlink()
    folder.password(server.superuser)
    with pytest.raises(PasswordRefused, match="secrets"):
        await server.start()
    await server.stop()


async def test_a_server_that_cannot_start_is_reported_with_the_end_of_its_log(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    await server.stop()
    (cluster_path(folder) / "global" / "pg_control").unlink()
    with pytest.raises(ServerNotReady, match="pg_control") as refused:
        await server.start()
    assert not refused.value.still_working


async def test_an_unfinished_cluster_of_a_crashed_start_is_thrown_away(folder: DataFolder) -> None:
    folder.prepare()
    leftover = folder.postgres / "unfinished-0123"
    leftover.mkdir()
    (leftover / "PG_VERSION").write_text("18\n")
    server = PostgresServer(folder)
    await server.start()
    assert not leftover.exists()
    assert await ask(server, "SELECT 1") == 1
    await server.stop()


async def test_the_log_names_neither_the_statement_nor_the_row_that_failed(folder: DataFolder) -> None:
    server = PostgresServer(folder)
    await server.start()
    await execute(server, "CREATE TABLE people (name text PRIMARY KEY); INSERT INTO people VALUES ('Somebody')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await execute(server, "INSERT INTO people VALUES ('Somebody')")
    await server.stop()
    log = "".join(file.read_text() for file in (folder.postgres / "log").iterdir())
    assert "duplicate key" in log
    assert "Somebody" not in log
