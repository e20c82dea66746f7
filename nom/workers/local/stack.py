"""The whole embedded stack: both servers, a database and a namespace for each force, and the workers in this process.

Everything here is real; nothing in a worker knows that its engine and its ledger are embedded.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import structlog
from pydantic import SecretStr, TypeAdapter

from nom.activities.attributes import SEARCH_ATTRIBUTES
from nom.contracts.note import Verifier
from nom.contracts.services import NCA
from nom.deploy.databases import prepare
from nom.deploy.roles import database_of, reader_of, worker_of
from nom.workers.engine_setup import ensure_endpoints
from nom.workers.local.cluster import SUPERUSER
from nom.workers.local.files import write_atomically
from nom.workers.local.folder import DataFolder
from nom.workers.local.postgres import PostgresServer
from nom.workers.local.servers import Servers
from nom.workers.local.temporal import DynamicValue
from nom.workers.plugin import connect
from nom.workers.settings import WorkerSettings
from nom.workers.worker import RunningWorker

NAMESPACES_FILE = "namespaces.json"
_NAMES = TypeAdapter(list[str])

log = structlog.get_logger()


class Stack:
    """The stack of one data folder, as an async context manager. `forces` are short names; the NCA is always there."""

    def __init__(
        self,
        folder: DataFolder,
        forces: Sequence[str],
        *,
        ui: bool = False,
        workers: bool = True,
        sandboxed: bool = False,
        dynamic_config: Mapping[str, DynamicValue] | None = None,
    ) -> None:
        self.folder = folder
        self.namespaces = (*dict.fromkeys(force.lower() for force in forces if force.lower() != NCA), NCA)
        self.servers = Servers(folder, self.namespaces, SEARCH_ATTRIBUTES, ui=ui, dynamic_config=dynamic_config)
        self._with_workers = workers
        self._sandboxed = sandboxed
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start what is not running, prepare what is missing, run the workers. Raises `StackAlreadyRunning`."""
        await self._stack.__aenter__()
        try:
            await self._stack.enter_async_context(self.servers)
            log.info("servers_ready")
            await self._prepare()
            log.info("ledgers_ready", ledgers=len(self.namespaces))
            if self._with_workers:
                for namespace in self.namespaces:
                    await self._stack.enter_async_context(RunningWorker(self.worker_settings(namespace)))
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers, then Temporal, then PostgreSQL."""
        await self._stack.aclose()

    @property
    def address(self) -> str:
        """Where the engine answers."""
        return self.servers.temporal.address

    def worker_settings(self, namespace: str) -> WorkerSettings:
        """What a worker of a namespace is told: its own credentials and no others."""
        return worker_settings(self.folder, self.address, namespace, sandboxed=self._sandboxed)

    async def _prepare(self) -> None:
        postgres = self.servers.postgres
        logins = [name for force in self.namespaces for name in (worker_of(force), reader_of(force))]
        passwords = {login: self.folder.password(login) for login in logins}

        def admin_dsn(database: str) -> str:
            return postgres.dsn(database, SUPERUSER, postgres.superuser_password)

        await prepare(admin_dsn, self.namespaces, passwords)
        await ensure_endpoints(await connect(self.address, NCA), self.namespaces)
        self._publish_keys()
        known = sorted({*served(self.folder), *self.namespaces})
        write_atomically(self.folder.path / NAMESPACES_FILE, _NAMES.dump_json(known).decode())

    def _publish_keys(self) -> None:
        """Write down the public keys that are not there yet. One that is there is never replaced."""
        self.folder.keys.mkdir(mode=0o755, exist_ok=True)
        for namespace in self.namespaces:
            file = self.folder.keys / f"{namespace}.vkey"
            signer = self.worker_settings(namespace).signer()
            if signer is not None and not file.exists():
                write_atomically(file, f"{signer.verifier}\n")


def worker_settings(folder: DataFolder, address: str, namespace: str, *, sandboxed: bool = False) -> WorkerSettings:
    """The settings of one namespace's worker on the embedded stack."""
    login = worker_of(namespace)
    dsn = PostgresServer(folder).dsn(database_of(namespace), login, folder.password(login))
    overlays = str(folder.policy) if folder.policy.is_dir() else None
    return WorkerSettings(
        namespace=namespace,
        engine_address=address,
        ledger_dsn=dsn,
        sandboxed=sandboxed,
        policy_overlays=overlays,
        signing_seed=SecretStr(folder.password(f"signing_{namespace}")),
    )


def verifiers(folder: DataFolder) -> dict[str, Verifier]:
    """The public key of each namespace's checkpoints, as written when the stack was prepared."""
    return {
        namespace: Verifier.parse((folder.keys / f"{namespace}.vkey").read_text(encoding="utf-8"))
        for namespace in served(folder)
        if (folder.keys / f"{namespace}.vkey").exists()
    }


def reader_dsn(folder: DataFolder, namespace: str) -> str:
    """The dsn with which one force's ledger is read on the embedded stack."""
    login = reader_of(namespace)
    return PostgresServer(folder).dsn(database_of(namespace), login, folder.password(login))


def served(folder: DataFolder) -> tuple[str, ...]:
    """The namespaces that the stack of a data folder has been prepared for, in alphabetical order."""
    file = folder.path / NAMESPACES_FILE
    return tuple(_NAMES.validate_json(file.read_bytes())) if file.exists() else ()
