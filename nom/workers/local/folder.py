"""The data folder of the embedded stack: where everything lives, its passwords, its ports and its one owner.

Folders are 0700 and files with secrets 0600; for root, the data folder lets the database's group pass (0710).
Never widens the permissions of a folder that it did not create, and never replaces a password once written.
"""

import os
import secrets
import sys
from pathlib import Path
from typing import TypeVar

import platformdirs
from pydantic import TypeAdapter, ValidationError

from nom.workers.local.account import Account, database_account, require_traversable
from nom.workers.local.errors import FolderNotUsable
from nom.workers.local.files import write_atomically
from nom.workers.local.lock import FolderLock
from nom.workers.local.ownership import ProcessRecords
from nom.workers.local.ports import choose_port, comes_free

APPLICATION = "nom"
PASSWORD_BYTES = 32

Value = TypeVar("Value")

_PASSWORDS = TypeAdapter(dict[str, str])
_PORTS = TypeAdapter(dict[str, int])


def default_data_path() -> Path:
    """The user's data folder for nom; for root a place that the database's account can reach."""
    if os.geteuid() != 0:
        return platformdirs.user_data_path(APPLICATION, appauthor=False)
    if sys.platform == "darwin":
        return platformdirs.site_data_path(APPLICATION, appauthor=False)
    return Path("/var/lib") / APPLICATION


class DataFolder:
    """One data folder. Making the object touches nothing; `prepare` creates what is missing."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = (path or default_data_path()).expanduser().resolve()
        self.postgres = self.path / "postgres"
        self.temporal = self.path / "temporal"
        self.logs = self.path / "logs"
        self.programs = self.path / "programs"
        self.policy = self.path / "policy"
        self.keys = self.path / "keys"
        self.secrets_file = self.path / "secrets.json"
        self.ports_file = self.path / "ports.json"
        self.records = ProcessRecords(self.path / "processes.json", self.path)
        self.lock = FolderLock(self.path / "lock", self.path)

    @property
    def account(self) -> Account | None:
        """The account that the database runs as, or None for our own. Raises NoAccountForDatabase."""
        return database_account(self.postgres)

    def prepare(self) -> None:
        """Create the folder and its parts where they are missing.

        Raises FolderNotTraversable when the database's account could not get there, before anything is created,
        and FolderNotUsable when the folder is not ours to write in.
        """
        account = self.account
        if account is not None:
            require_traversable(self.path, account)
        try:
            self._create(account)
        except PermissionError as refusal:
            raise FolderNotUsable(self.path, f"permission denied for {refusal.filename}") from refusal
        if account is not None:
            require_traversable(self.path, account)

    def password(self, name: str) -> str:
        """The password kept under `name`; generated and durably written the first time it is asked for."""
        known = self._passwords()
        if name not in known:
            known[name] = secrets.token_urlsafe(PASSWORD_BYTES)
            write_atomically(self.secrets_file, _PASSWORDS.dump_json(known, indent=2).decode())
        return known[name]

    def has_password(self, name: str) -> bool:
        """Whether a password was already generated under `name`."""
        return name in self._passwords()

    def port(self, name: str) -> int | None:
        """The port remembered under `name`, or None when none was chosen yet."""
        return self._ports().get(name)

    def claim_port(self, name: str) -> int:
        """A port for a server that is about to start: the remembered one, or a new one when another took it.

        Only for a server that is down; a running one occupies its own port.
        """
        known = self._ports()
        remembered = known.get(name)
        if remembered is not None and comes_free(remembered):
            return remembered
        known[name] = choose_port(avoid=known.values())
        write_atomically(self.ports_file, _PORTS.dump_json(known, indent=2).decode())
        return known[name]

    def _create(self, account: Account | None) -> None:
        if not self.path.exists():
            self.path.mkdir(mode=0o700, parents=True)
            if account is not None:
                os.chown(self.path, -1, account.gid)
                self.path.chmod(0o710)
        for part in (self.postgres, self.temporal, self.logs):
            part.mkdir(mode=0o700, exist_ok=True)
        if account is not None and self.postgres.stat().st_uid != account.uid:
            os.chown(self.postgres, account.uid, account.gid)

    def _passwords(self) -> dict[str, str]:
        return _read(self.secrets_file, _PASSWORDS)

    def _ports(self) -> dict[str, int]:
        return _read(self.ports_file, _PORTS)


def _read(path: Path, kind: TypeAdapter[dict[str, Value]]) -> dict[str, Value]:
    try:
        return kind.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError:
        # The cause is dropped on purpose: it would quote the file, and with it a password.
        raise FolderNotUsable(path, "it is damaged; put back the copy that belongs to this data folder") from None
