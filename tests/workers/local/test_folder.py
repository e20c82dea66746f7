import os
import socket
import stat
from pathlib import Path

import pytest

from nom.workers.local import account as accounts
from nom.workers.local.account import Account, require_traversable
from nom.workers.local.errors import FolderNotTraversable, FolderNotUsable, StackAlreadyRunning
from nom.workers.local.files import write_atomically
from nom.workers.local.folder import DataFolder, default_data_path
from nom.workers.local.ports import LOOPBACK, is_free


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_password_is_generated_once_and_kept_in_a_file_for_the_owner_alone(folder: DataFolder) -> None:
    folder.prepare()
    first, second = folder.password("ledger"), folder.password("console")
    assert first != second
    assert len(first) >= 40
    assert DataFolder(folder.path).password("ledger") == first
    assert mode(folder.secrets_file) == 0o600


def test_a_damaged_file_of_passwords_is_refused_and_neither_quoted_nor_replaced(folder: DataFolder) -> None:
    folder.prepare()
    folder.secrets_file.write_text('{"ledger": "s3cret-word"')
    with pytest.raises(FolderNotUsable) as refused:
        folder.password("ledger")
    assert "s3cret-word" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert folder.secrets_file.read_text() == '{"ledger": "s3cret-word"'


def test_a_crash_before_the_rename_leaves_the_old_file_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = place / "state.json"
    write_atomically(file, "old")

    def crash(_: Path, __: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            write_atomically(file, "new")
    assert file.read_text() == "old"
    write_atomically(file, "newer")
    assert file.read_text() == "newer"


def test_the_folders_inside_are_for_the_owner_alone(folder: DataFolder) -> None:
    folder.prepare()
    assert [mode(part) for part in (folder.postgres, folder.temporal, folder.logs)] == [0o700] * 3
    assert mode(folder.path) == (0o710 if os.geteuid() == 0 else 0o700)


def test_a_port_is_remembered_while_it_is_free(folder: DataFolder) -> None:
    folder.prepare()
    port = folder.claim_port("postgres")
    assert is_free(port)
    assert DataFolder(folder.path).claim_port("postgres") == port
    assert folder.claim_port("temporal") != port


def test_another_port_is_chosen_when_a_stranger_took_ours(folder: DataFolder) -> None:
    folder.prepare()
    port = folder.claim_port("postgres")
    with socket.create_server((LOOPBACK, port)):
        moved = folder.claim_port("postgres")
    assert moved != port
    assert folder.port("postgres") == moved


def test_a_folder_has_one_owner_at_a_time(folder: DataFolder) -> None:
    folder.prepare()
    other = DataFolder(folder.path)
    with folder.lock:
        with pytest.raises(StackAlreadyRunning, match=f"process {os.getpid()}") as refused:
            other.lock.acquire()
        assert refused.value.pid == os.getpid()
    with other.lock:
        owner = folder.lock.live_owner()
        assert owner is not None
        assert owner.pid == os.getpid()


def test_a_folder_that_the_account_cannot_enter_is_named(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(FolderNotTraversable, match="chmod") as refused:
        require_traversable(closed / "data", Account(name="stranger", uid=54_321, gid=54_321))
    assert refused.value.obstacle == closed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the database to another account")
def test_root_is_refused_a_data_folder_that_the_database_cannot_reach_and_nothing_is_widened(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(FolderNotTraversable) as refused:
        DataFolder(closed / "data").prepare()
    assert refused.value.obstacle == closed
    assert mode(closed) == 0o700
    assert list(closed.iterdir()) == []


def test_root_keeps_its_data_where_the_database_can_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("sys.platform", "linux")
    assert default_data_path() == Path("/var/lib/nom")


def test_an_ordinary_user_keeps_its_data_at_home(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    path = default_data_path()
    assert path.name == "nom"
    assert path.is_relative_to(place)


def test_the_database_stays_with_the_account_that_owns_its_files(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    entries = {"postgres": 0, "nobody": 0}
    monkeypatch.setattr(accounts, "PREFERRED_ACCOUNTS", tuple(entries))
    chosen = accounts.database_account(place / "missing")
    assert chosen is not None
    assert chosen.uid != 0
