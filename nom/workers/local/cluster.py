"""The files of a PostgreSQL cluster while its server is down: made once, whole, and freed of a stranger's number.

Never touches the files of a running server, and never deletes what PostgreSQL uses to recognise its own leftovers.
"""

import asyncio
import os
import secrets
import shutil
from pathlib import Path

import psutil

from nom.workers.local.account import Account
from nom.workers.local.errors import PasswordRefused, ServerNotReady, UnrecordedServer
from nom.workers.local.files import flush_folder
from nom.workers.local.folder import DataFolder
from nom.workers.local.ownership import ProcessKind
from nom.workers.local.process import server_environment
from nom.workers.local.programs import POSTGRES_PROGRAM

SUPERUSER = "nom_admin"
_UNFINISHED = "unfinished-"


def cluster_path(folder: DataFolder) -> Path:
    """Where the cluster's files are."""
    return folder.postgres / "data"


async def create_cluster(folder: DataFolder, programs: Path, account: Account | None) -> None:
    """Make the cluster unless it exists. Raises ServerNotReady when initdb fails.

    Raises PasswordRefused when the cluster exists and its password does not: a new one would not fit.
    """
    if cluster_path(folder).exists():
        if not folder.has_password(SUPERUSER):
            raise PasswordRefused(folder.secrets_file)
        return
    for leftover in folder.postgres.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # A crash during initdb leaves an unfinished folder under another name; `data` is always a whole cluster.
    unfinished = folder.postgres / f"{_UNFINISHED}{secrets.token_hex(8)}"
    password_file = _write_password_file(folder, account)
    try:
        await _initdb(folder, programs, account, unfinished, password_file)
    finally:
        password_file.unlink(missing_ok=True)
    unfinished.rename(cluster_path(folder))
    flush_folder(folder.postgres)


def _write_password_file(folder: DataFolder, account: Account | None) -> Path:
    path = folder.postgres / ".initial-password"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(folder.password(SUPERUSER))
        if account is not None:
            os.fchown(descriptor, account.uid, account.gid)
    return path


async def _initdb(
    folder: DataFolder, programs: Path, account: Account | None, target: Path, password_file: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        str(programs / "initdb"),
        f"--pgdata={target}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        cwd="/",
        env=server_environment(folder.path),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode != 0:
        raise ServerNotReady(ProcessKind.POSTGRES, "could not create its files", output.decode(errors="replace"))


def release_stale_lock_files(folder: DataFolder, programs: Path) -> None:
    """Keep lock files that name a stranger's live process, or one that nobody has collected yet, from blocking the
    start. Nothing is signalled.

    PostgreSQL itself sees through the number of a dead process, and then checks whether orphans of the old server
    still use the shared memory named in postmaster.pid. The files are part of that evidence, so they stay and only
    the number is replaced: by our own, which PostgreSQL knows cannot be another server since it is its parent's.

    Raises UnrecordedServer when the live process is a server on these very files.
    """
    cluster = cluster_path(folder)
    # The lock of the socket names the same process and is looked at after the other.
    for path in (cluster / "postmaster.pid", *cluster.glob(".s.PGSQL.*.lock")):
        _release(path, cluster, programs)


def _release(path: Path, cluster: Path, programs: Path) -> None:
    try:
        number, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
        pid = int(number)
    except (FileNotFoundError, ValueError):
        return
    if not psutil.pid_exists(pid):
        return
    if _serves(pid, cluster, programs):
        raise UnrecordedServer(ProcessKind.POSTGRES, pid)
    # Written in place: the file keeps its owner, and a link put there is not followed.
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_TRUNC)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("".join((f"{os.getpid()}\n", *rest)))


def _serves(pid: int, cluster: Path, programs: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.cmdline()[:3] == server_command(programs, cluster)
    except psutil.Error:
        return False


def server_command(programs: Path, cluster: Path) -> list[str]:
    """How a server on that cluster is started, without its settings."""
    return [str(programs / POSTGRES_PROGRAM), "-D", str(cluster)]
