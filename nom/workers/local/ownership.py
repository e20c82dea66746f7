"""Which running processes are ours: a record of each one we started, checked before anything is done to it.

A process number alone proves nothing: numbers are used again. A process is ours only when its number, its start
time and its whole command line agree with the record, and the record was made for this very data folder (a copied
folder brings the records of the original's servers with it). Never signals anything itself.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import psutil
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from nom.workers.local.errors import FolderNotUsable
from nom.workers.local.files import write_atomically

# Where the kernel doesn't tell a mark: it counts from boot, and the clock may be corrected between two readings.
START_TIME_TOLERANCE = timedelta(seconds=2)
_START_TIME = 19
"""Where the ticks stand among the fields of a process's `stat` that follow its command (proc(5), field 22)."""


class ProcessKind(StrEnum):
    """What a recorded process is."""

    OWNER = "owner"
    POSTGRES = "postgres"
    TEMPORAL = "temporal"


class ProcessRecord(BaseModel):
    """One process that we started. `started_at` is UTC, as the operating system tells it: a clock that is set meanwhile
    moves it. `start_mark` stays as it is; None where the system tells none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ProcessKind
    pid: int
    started_at: AwareDatetime
    start_mark: str | None = None
    command: tuple[str, ...]
    data_folder: Path


_RECORDS = TypeAdapter(dict[ProcessKind, ProcessRecord])


def record_of(process: psutil.Process, kind: ProcessKind, command: tuple[str, ...], data_folder: Path) -> ProcessRecord:
    """The record of a live process, which runs (or is about to become) `command`."""
    return ProcessRecord(
        kind=kind,
        pid=process.pid,
        started_at=start_time(process),
        start_mark=start_mark(process.pid),
        command=command,
        data_folder=data_folder,
    )


def start_time(process: psutil.Process) -> datetime:
    """When the process started, in UTC."""
    return datetime.fromtimestamp(process.create_time(), tz=UTC)


def start_mark(pid: int) -> str | None:
    """Which boot of the kernel started the process, and how many ticks after it; None where that can't be read."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # The command stands in parentheses, and may hold spaces and parentheses itself.
        after_command = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        return f"{boot}/{after_command.split()[_START_TIME]}"
    except (OSError, IndexError):
        return None


def live_process(record: ProcessRecord) -> psutil.Process | None:
    """The recorded process while it lives; None when it ended or its number now belongs to something else."""
    try:
        process = psutil.Process(record.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        same_start = _is_same_start(process, record)
        same_command = tuple(process.cmdline()) == record.command
    except psutil.Error:
        return None
    return process if same_start and same_command else None


def _is_same_start(process: psutil.Process, record: ProcessRecord) -> bool:
    mark = start_mark(process.pid)
    if mark is not None and record.start_mark is not None:
        return mark == record.start_mark
    return abs(start_time(process) - record.started_at) <= START_TIME_TOLERANCE


class ProcessRecords:
    """The records of one data folder, in one state file. Written only by the owner of the folder's lock."""

    def __init__(self, state_file: Path, data_folder: Path) -> None:
        self._state_file = state_file
        self._data_folder = data_folder

    def read(self, kind: ProcessKind) -> ProcessRecord | None:
        """The record of that kind, dead or alive. Raises FolderNotUsable when the state file is damaged."""
        return self._read_all().get(kind)

    def find_own(self, kind: ProcessKind) -> psutil.Process | None:
        """The live process of that kind which we started on this data folder."""
        record = self.read(kind)
        if record is None or record.data_folder != self._data_folder:
            return None
        return live_process(record)

    def remember(self, record: ProcessRecord) -> None:
        """Keep the record; durable when this returns."""
        self._write_all({**self._read_all(), record.kind: record})

    def forget(self, kind: ProcessKind) -> None:
        """Drop the record of a process that has ended."""
        records = self._read_all()
        if records.pop(kind, None) is not None:
            self._write_all(records)

    def _read_all(self) -> dict[ProcessKind, ProcessRecord]:
        try:
            return _RECORDS.validate_json(self._state_file.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError as damage:
            # Guessing "nothing runs" here could put a second server on the same data.
            raise FolderNotUsable(
                self._state_file, "it is damaged; make sure no server runs, then remove it"
            ) from damage

    def _write_all(self, records: dict[ProcessKind, ProcessRecord]) -> None:
        write_atomically(self._state_file, _RECORDS.dump_json(records, indent=2).decode())
