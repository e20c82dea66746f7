"""Which account the database runs as, and whether it can reach its data.

PostgreSQL refuses to run as root, so root lends the database to an unprivileged account with a passwd entry.
Never changes the permissions of a folder; only reads them.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from nom.workers.local.errors import FolderNotTraversable, NoAccountForDatabase

PREFERRED_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account of this system."""

    name: str
    uid: int
    gid: int


def database_account(data: Path) -> Account | None:
    """The account for the database, or None when this process may run it itself (it is not root).

    An existing data folder keeps the account that owns it, so that installing another package's `postgres`
    account later does not lock the database out of its own files.

    Raises NoAccountForDatabase when root finds none.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return _account(pwd.getpwuid(data.stat().st_uid))
    for name in PREFERRED_ACCOUNTS:
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise NoAccountForDatabase(PREFERRED_ACCOUNTS)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def require_traversable(path: Path, account: Account) -> None:
    """Raise FolderNotTraversable for the first existing folder down to `path` that the account cannot enter."""
    for folder in reversed((path, *path.parents)):
        if folder.is_dir() and not can_enter(folder, account):
            raise FolderNotTraversable(folder, account.name)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether the permission bits let the account pass through the folder (access lists are not read)."""
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)
