"""The settings of the embedded PostgreSQL, as one file that is written anew at every start.

Durability is never traded for speed here: what was acknowledged survives a power cut. The log names no data:
no statements and no details of a failing row.
"""

from pathlib import Path

from nom.workers.local.ports import LOOPBACK

MAX_CONNECTIONS = 400
# sockaddr_un holds 104 bytes on macOS and 108 on Linux; PostgreSQL appends "/.s.PGSQL.<port>" to the folder.
MAX_SOCKET_FOLDER_BYTES = 80
LOG_FILES_KEPT = 5


def settings_text(*, port: int, data: Path, logs: Path) -> str:
    """The content of postgresql.conf for a server on that port."""
    settings: dict[str, str | int] = {
        "listen_addresses": LOOPBACK,
        "port": port,
        "unix_socket_directories": _socket_folder(data),
        "unix_socket_permissions": "0700",
        "max_connections": MAX_CONNECTIONS,
        "password_encryption": "scram-sha-256",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": str(logs),
        "log_filename": "postgres-%Y%m%d-%H%M%S.log",
        "log_rotation_age": 0,
        "log_rotation_size": "10MB",
        "log_file_mode": "0600",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def prune_logs(logs: Path) -> None:
    """Keep the newest log files of the collector, at most 10 MB each."""
    for old in log_files(logs)[:-LOG_FILES_KEPT]:
        old.unlink(missing_ok=True)


def log_files(logs: Path) -> list[Path]:
    """The collector's files, oldest first."""
    return sorted(logs.glob("postgres-*.log"))


def _socket_folder(data: Path) -> str:
    """The data folder, or no socket at all when its path is too long for one; everyone may use the port."""
    folder = str(data)
    if len(folder.encode()) > MAX_SOCKET_FOLDER_BYTES:
        return ""
    return f'"{folder}"'


def _quoted(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
