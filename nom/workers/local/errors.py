"""What can go wrong with the embedded servers, in words for the person at the terminal.

Never carries a password, a connection string or anything about a case.
"""

from pathlib import Path
from typing import ClassVar


class LocalStackError(Exception):
    """The embedded servers could not do what was asked."""

    code: ClassVar[str] = "local_stack_error"


class StackAlreadyRunning(LocalStackError):
    """Another process owns this data folder; `pid` is that process, or None when it has not written its number yet."""

    code = "stack_already_running"

    def __init__(self, folder: Path, pid: int | None) -> None:
        owner = "another process" if pid is None else f"process {pid}"
        super().__init__(
            f"The data folder {folder} is already in use by {owner}; stop that one or choose another folder."
        )
        self.folder = folder
        self.pid = pid


class FolderNotTraversable(LocalStackError):
    """The database cannot run as root, and the account it runs as may not enter a folder on the way to its data."""

    code = "folder_not_traversable"

    def __init__(self, obstacle: Path, account: str) -> None:
        super().__init__(
            f"The database does not run as root but as {account!r}, which cannot enter {obstacle}. "
            f"Choose a data folder elsewhere (for root the default is /var/lib/nom), "
            f"or allow it yourself with: chmod o+x {obstacle}"
        )
        self.obstacle = obstacle
        self.account = account


class FolderNotUsable(LocalStackError):
    """The data folder belongs to someone else, or a file of ours in it cannot be read."""

    code = "folder_not_usable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be used: {reason}")
        self.path = path


class NoAccountForDatabase(LocalStackError):
    """Started as root, and this system has no unprivileged account for the database."""

    code = "no_account_for_database"

    def __init__(self, tried: tuple[str, ...]) -> None:
        super().__init__(f"PostgreSQL cannot run as root, and this system has none of the accounts {', '.join(tried)}.")
        self.tried = tried


class ProgramMissing(LocalStackError):
    """A server's program is not installed."""

    code = "program_missing"

    def __init__(self, program: str) -> None:
        super().__init__(
            f"The program {program!r} is not installed; install nom with its extra: pip install 'nom[local]'"
        )
        self.program = program


class PasswordRefused(LocalStackError):
    """The database refused the password kept in secrets.json, or that password is gone."""

    code = "password_refused"

    def __init__(self, secrets_file: Path) -> None:
        super().__init__(
            f"{secrets_file} does not hold the password of the database in this folder; put its copy back."
        )
        self.secrets_file = secrets_file


class SearchAttributeConflict(LocalStackError):
    """A search attribute exists with another type; Temporal would say yes to a change and not make it."""

    code = "search_attribute_conflict"

    def __init__(self, namespace: str, attribute: str, wanted: str) -> None:
        super().__init__(f"Search attribute {attribute} of {namespace} exists with another type than {wanted}.")
        self.namespace = namespace
        self.attribute = attribute


class UnknownAttributeType(LocalStackError):
    """A search attribute was asked for with a type that Temporal does not have."""

    code = "unknown_attribute_type"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"Temporal has no search attribute type {', '.join(names)}.")
        self.names = names


class NeverStarted(LocalStackError):
    """A port was asked for before the first start chose one."""

    code = "never_started"

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind} was never started in this data folder.")
        self.kind = kind


class UnrecordedServer(LocalStackError):
    """A live server uses this folder's data, but our records do not show that we started it."""

    code = "unrecorded_server"

    def __init__(self, kind: str, pid: int) -> None:
        super().__init__(
            f"Process {pid} runs {kind} on this data folder without a record that we started it; end it first."
        )
        self.kind = kind
        self.pid = pid


class ServerNotReady(LocalStackError):
    """A server ended or stayed silent; the end of its log is in the message.

    `still_working` is True when the server is alive (a long crash recovery): it is left running, and the
    next start takes it over instead of beginning the recovery again.
    """

    code = "server_not_ready"

    def __init__(self, kind: str, reason: str, log_tail: str, *, still_working: bool = False) -> None:
        super().__init__(f"{kind} {reason}. The end of its log:\n{log_tail}")
        self.kind = kind
        self.still_working = still_working


class ServerDidNotStop(LocalStackError):
    """A server outlived every signal we may send it."""

    code = "server_did_not_stop"

    def __init__(self, kind: str, pid: int) -> None:
        super().__init__(f"{kind} (process {pid}) did not stop.")
        self.kind = kind
        self.pid = pid


class NoFreePort(LocalStackError):
    """Every port that was tried is taken."""

    code = "no_free_port"

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"No free port was found on 127.0.0.1 between {first} and {last}.")
