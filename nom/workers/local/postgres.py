"""The embedded PostgreSQL server: created, started, found again after a crash, stopped in order.

Owns the server and its superuser; databases, roles and migrations belong to others. Listens on 127.0.0.1 only and
asks everyone for a password (SCRAM). Never runs as root.
"""

import asyncio
from pathlib import Path
from signal import SIGINT, SIGQUIT
from urllib.parse import quote

import asyncpg

from nom.workers.local.cluster import (
    SUPERUSER,
    cluster_path,
    create_cluster,
    release_stale_lock_files,
    server_command,
)
from nom.workers.local.errors import NeverStarted, PasswordRefused
from nom.workers.local.files import tail_of, write_atomically
from nom.workers.local.folder import DataFolder
from nom.workers.local.ownership import ProcessKind
from nom.workers.local.ports import LOOPBACK
from nom.workers.local.postgres_settings import log_files, prune_logs, settings_text
from nom.workers.local.process import POLL_SECONDS, ServerProcess, ServerStatus, StopStep
from nom.workers.local.programs import postgres_programs

PORT_NAME = "postgres"
READY_SECONDS = 120.0
# SIGINT is PostgreSQL's fast shutdown; SIGQUIT leaves without a checkpoint and lets the next start recover.
STOP_STEPS = (StopStep(SIGINT, 60.0), StopStep(SIGQUIT, 10.0))
ORPHAN_SECONDS = 0.2
_ORPHANS_REMAIN = "is still in use"


class PostgresServer:
    """The database server of one data folder."""

    host = LOOPBACK
    superuser = SUPERUSER

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._process = ServerProcess(folder, ProcessKind.POSTGRES)
        self._settings = folder.path / "postgresql.conf"

    @property
    def port(self) -> int:
        """The port. Raises NeverStarted before the first start."""
        port = self._folder.port(PORT_NAME)
        if port is None:
            raise NeverStarted(ProcessKind.POSTGRES)
        return port

    @property
    def superuser_password(self) -> str:
        """The superuser's password, from secrets.json."""
        return self._folder.password(SUPERUSER)

    def dsn(self, database: str, user: str, password: str) -> str:
        """A connection string for asyncpg or any libpq client; the embedded build has no TLS and needs none."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{login}@{self.host}:{self.port}/{quote(database, safe='')}?sslmode=disable"

    async def start(self) -> None:
        """Start, or take over our own server that is still running, and wait until it answers.

        Raises ServerNotReady (after at most 120 s of crash recovery, with the log's tail), PasswordRefused,
        UnrecordedServer, FolderNotTraversable, FolderNotUsable, ProgramMissing or NoAccountForDatabase.
        """
        self._folder.prepare()
        account = self._folder.account
        programs = postgres_programs(account, self._folder.programs)
        await create_cluster(self._folder, programs, account)
        if self._process.find_own() is not None and not self._is_current(programs):
            await self.stop()
        launched = self._process.find_own() is None
        if launched:
            self._launch(programs)
        await self._wait_until_ready(programs, launched=launched)

    async def stop(self) -> bool:
        """Stop our server in order: fast, without waiting for clients; False when it was not running.

        Raises ServerDidNotStop.
        """
        return await self._process.stop(STOP_STEPS)

    def status(self) -> ServerStatus:
        """What is known of the server now."""
        return self._process.status(self._folder.port(PORT_NAME))

    def _is_current(self, programs: Path) -> bool:
        """Whether the running server has the programs and settings that a start today would give it."""
        port = self._folder.port(PORT_NAME)
        if port is None or not self._process.runs(self._command(programs)) or not self._settings.exists():
            return False
        return self._settings.read_text(encoding="utf-8") == self._settings_text(port)

    def _launch(self, programs: Path) -> None:
        release_stale_lock_files(self._folder, programs)
        prune_logs(self._collected_logs)
        text = self._settings_text(self._folder.claim_port(PORT_NAME))
        write_atomically(self._settings, text, mode=0o644)
        self._process.log.write_bytes(b"")
        self._process.launch(self._command(programs), account=self._folder.account)

    def _command(self, programs: Path) -> list[str]:
        return [*server_command(programs, cluster_path(self._folder)), "-c", f"config_file={self._settings}"]

    def _settings_text(self, port: int) -> str:
        return settings_text(port=port, data=cluster_path(self._folder), logs=self._collected_logs)

    @property
    def _collected_logs(self) -> Path:
        return self._folder.postgres / "log"

    async def _wait_until_ready(self, programs: Path, *, launched: bool) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_SECONDS
        while not await self._answers():
            ended = self._process.has_ended()
            log = self._log_tail()
            if loop.time() >= deadline:
                raise self._process.silent(READY_SECONDS, more_log=log)
            if ended and _ORPHANS_REMAIN in tail_of(self._process.log):
                # Orphans of a killed server leave by themselves as soon as they notice; then the files are free.
                await asyncio.sleep(ORPHAN_SECONDS)
                self._launch(programs)
            elif ended and not launched:
                # What we were about to take over was dying.
                self._launch(programs)
                launched = True
            elif ended:
                raise self._process.ended_early(more_log=log)
            await asyncio.sleep(POLL_SECONDS)

    async def _answers(self) -> bool:
        """Whether the server takes our password. Raises PasswordRefused when it does not."""
        try:
            connection = await asyncpg.connect(
                host=self.host,
                port=self.port,
                user=SUPERUSER,
                password=self.superuser_password,
                database="postgres",
                ssl=False,
                timeout=5,
            )
            await connection.close()
        except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as refusal:
            raise PasswordRefused(self._folder.secrets_file) from refusal
        except (asyncpg.PostgresError, asyncpg.InternalClientError, asyncpg.InterfaceError, OSError, TimeoutError):
            return False
        return True

    def _log_tail(self) -> str:
        files = log_files(self._collected_logs)
        return tail_of(files[-1]) if files else ""
