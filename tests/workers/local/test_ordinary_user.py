import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import psutil
import pytest

from nom.workers.local.account import Account, can_enter
from nom.workers.local.errors import FolderNotTraversable
from nom.workers.local.folder import DataFolder
from nom.workers.local.postgres import PostgresServer
from nom.workers.local.programs import postgres_programs

PROJECT = Path(__file__).parents[3]
OWNER = Path(__file__).with_name("owner_process.py")

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: only root can act as another user; the rest ran as one"),
]


def ordinary_account() -> Account:
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def python_for(account: Account) -> str:
    """An interpreter of our own version that the account can reach; ours may be under root's home."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(name, path="/usr/local/bin:/usr/bin")):
        if candidate and all(can_enter(parent, account) for parent in Path(candidate).resolve().parents):
            return candidate
    pytest.skip(f"NOT RUN: no {name} that {account.name} can reach")


def test_an_ordinary_user_starts_and_stops_both_servers(place: Path) -> None:
    account = ordinary_account()
    home = place / "home"
    home.mkdir(mode=0o700)
    os.chown(home, account.uid, account.gid)
    packages = sysconfig.get_path("purelib")
    with subprocess.Popen(
        [python_for(account), str(OWNER), str(home / "data")],
        stdout=subprocess.PIPE,
        text=True,
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        env={"HOME": str(home), "PATH": os.defpath, "PYTHONPATH": f"{PROJECT}:{packages}"},
    ) as owner:
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline() == "ready\n"
            servers = psutil.Process(owner.pid).children()
            assert len(servers) == 2
            assert {server.uids().effective for server in servers} == {account.uid}
            owner.terminate()
            assert owner.stdout.readline() == "ended\n"
            assert owner.wait(timeout=30) == 0
            assert not any(server.is_running() for server in servers)
        finally:
            owner.kill()


def refuse(path: Path, account: Account) -> None:
    """As if a virtual environment were under root's own folder."""
    raise FolderNotTraversable(path, account.name)


async def test_programs_that_root_keeps_to_itself_are_copied_to_where_the_database_can_read_them(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.prepare()
    account = folder.account
    assert account is not None
    monkeypatch.setattr("nom.workers.local.programs.require_traversable", refuse)
    server = PostgresServer(folder)
    await server.start()
    programs = postgres_programs(account, folder.programs)
    assert programs.is_relative_to(folder.programs)
    running = server.status().pid
    assert running is not None
    assert psutil.Process(running).exe() == str(programs / "postgres")
    await server.stop()
