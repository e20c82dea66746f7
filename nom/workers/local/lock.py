"""The lock that gives a data folder one owner at a time.

The operating system drops it when the owner dies, however it dies, so it is never stale.
Never removes the lock file: a waiting process could then hold a lock on a file nobody else can see.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from pydantic import ValidationError

from nom.workers.local.errors import StackAlreadyRunning
from nom.workers.local.ownership import ProcessKind, ProcessRecord, live_process, record_of


class FolderLock:
    """Exclusive ownership of a data folder, as a context manager. Raises StackAlreadyRunning when it is taken."""

    def __init__(self, lock_file: Path, data_folder: Path) -> None:
        self._lock_file = lock_file
        self._data_folder = data_folder
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock and write down who we are. Raises StackAlreadyRunning at once when another has it."""
        # Python opens files close-on-exec, so the servers we start do not inherit the lock.
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            os.close(descriptor)
            owner = self.recorded_owner()
            raise StackAlreadyRunning(self._data_folder, owner.pid if owner else None) from taken
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, self._own_record().model_dump_json().encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; doing so twice is harmless."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def recorded_owner(self) -> ProcessRecord | None:
        """Who wrote the lock file last; None when nobody did or the writing is not finished."""
        try:
            return ProcessRecord.model_validate_json(self._lock_file.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def live_owner(self) -> psutil.Process | None:
        """The recorded owner while it lives, checked by number, start time and command line."""
        record = self.recorded_owner()
        return live_process(record) if record and record.data_folder == self._data_folder else None

    def _own_record(self) -> ProcessRecord:
        process = psutil.Process()
        return record_of(process, ProcessKind.OWNER, tuple(process.cmdline()), self._data_folder)
