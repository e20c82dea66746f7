"""The embedded Temporal server: started on its own file, found again after a crash, stopped in order.

Owns the server, its namespaces, how long they keep closed runs, and their search attributes; workers belong to
others. It has no authorization of any kind, so it never listens beyond 127.0.0.1.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from signal import SIGKILL, SIGTERM

from temporalio.service import ConnectConfig, RPCError, ServiceClient

from nom.workers.local import namespaces as namespace_rules
from nom.workers.local.errors import NeverStarted, UnknownAttributeType
from nom.workers.local.folder import DataFolder
from nom.workers.local.ownership import ProcessKind
from nom.workers.local.ports import LOOPBACK
from nom.workers.local.process import POLL_SECONDS, ServerProcess, ServerStatus, StopStep
from nom.workers.local.programs import temporal_program
from nom.workers.runtime import engine_runtime

PORT_NAME = "temporal"
UI_PORT_NAME = "temporal-ui"
READY_SECONDS = 60.0
# Nothing acknowledged is lost by SIGKILL (every write is synced), so it may follow when SIGTERM is not heard.
STOP_STEPS = (StopStep(SIGTERM, 30.0), StopStep(SIGKILL, 10.0))

DynamicValue = bool | int | float | str

# Ours, measured: the single shard's default of 20 polls a second delays every dispatch, and the partitions of a
# task queue only help queues far larger than a force's.
DYNAMIC_CONFIG: Mapping[str, DynamicValue] = {
    "history.transferProcessorMaxPollRPS": 1000,
    "history.timerProcessorMaxPollRPS": 1000,
    "history.visibilityProcessorMaxPollRPS": 1000,
    "history.outboundProcessorMaxPollRPS": 1000,
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    "history.enableUpdateCallbacks": True,
    "history.maxInFlightUpdates": 100,
}


class TemporalServer:
    """The engine of one data folder.

    `search_attributes` maps names to Temporal's types (Keyword, KeywordList, Int, Double, Bool, Datetime, Text) and
    holds in every namespace. `dynamic_config` adds to DYNAMIC_CONFIG or overrides it.
    """

    def __init__(
        self,
        folder: DataFolder,
        namespaces: Sequence[str],
        ui: bool = False,
        search_attributes: Mapping[str, str] | None = None,
        dynamic_config: Mapping[str, DynamicValue] | None = None,
    ) -> None:
        self._folder = folder
        self._namespaces = tuple(namespaces)
        self._ui = ui
        self._attributes = dict(search_attributes or {})
        self._dynamic_config = {**DYNAMIC_CONFIG, **(dynamic_config or {})}
        self._process = ServerProcess(folder, ProcessKind.TEMPORAL)
        unknown = set(self._attributes.values()) - set(namespace_rules.ATTRIBUTE_TYPES)
        if unknown:
            raise UnknownAttributeType(tuple(sorted(unknown)))

    @property
    def address(self) -> str:
        """Host and port for clients. Raises NeverStarted before the first start."""
        return f"{LOOPBACK}:{self._port(PORT_NAME)}"

    @property
    def ui_url(self) -> str | None:
        """The address of Temporal's own pages, or None when they were not asked for."""
        return f"http://{LOOPBACK}:{self._port(UI_PORT_NAME)}" if self._ui else None

    async def start(self) -> None:
        """Start, or take over our own server that is still running, until every namespace answers.

        A running server with other settings or other namespaces is stopped and started anew. Raises ServerNotReady
        (with the log's tail), SearchAttributeConflict, FolderNotUsable or ProgramMissing.
        """
        self._folder.prepare()
        if self._process.find_own() is not None and not self._is_current():
            await self.stop()
        launched = self._process.find_own() is None
        if launched:
            self._launch()
        service = await self._wait_until_ready(launched=launched)
        if await namespace_rules.settle(service, self._namespaces, self._attributes):
            # The engine caches namespaces: a run closed before it looks again would still be dropped after a day.
            # Only a start makes sure that it has read what was written; it happens once per new namespace.
            await self.stop()
            self._launch()
            await self._wait_until_ready(launched=True)

    async def stop(self) -> bool:
        """Stop our server in order; False when it was not running. Raises ServerDidNotStop."""
        return await self._process.stop(STOP_STEPS)

    def status(self) -> ServerStatus:
        """What is known of the server now."""
        return self._process.status(self._folder.port(PORT_NAME))

    def _port(self, name: str) -> int:
        port = self._folder.port(name)
        if port is None:
            raise NeverStarted(ProcessKind.TEMPORAL)
        return port

    def _is_current(self) -> bool:
        """Whether the running server was started with the command that a start today would use."""
        port, ui_port = self._folder.port(PORT_NAME), self._folder.port(UI_PORT_NAME)
        if port is None or (self._ui and ui_port is None):
            return False
        return self._process.runs(self._command(port, ui_port))

    def _launch(self) -> None:
        port = self._folder.claim_port(PORT_NAME)
        ui_port = self._folder.claim_port(UI_PORT_NAME) if self._ui else None
        self._process.launch(self._command(port, ui_port))

    def _command(self, port: int, ui_port: int | None) -> list[str]:
        command = [str(temporal_program()), "server", "start-dev", "--disable-config-file", "--disable-config-env"]
        command += ["--ip", LOOPBACK, "--port", str(port)]
        command += ["--db-filename", str(self._folder.temporal / "temporal.db"), "--sqlite-pragma", "journal_mode=wal"]
        command += ["--ui-port", str(ui_port), "--ui-disable-news-fetch"] if self._ui else ["--headless"]
        for namespace in self._namespaces:
            command += ["--namespace", namespace]
        for name, kind in self._attributes.items():
            command += ["--search-attribute", f"{name}={kind}"]
        for key, value in self._dynamic_config.items():
            command += ["--dynamic-config-value", f"{key}={json.dumps(value)}"]
        return command

    async def _wait_until_ready(self, *, launched: bool) -> ServiceClient:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_SECONDS
        while True:
            service = await self._connect()
            answers = service is not None and await namespace_rules.all_answer(service, self._namespaces)
            # Asked after the answer: what answers must be our live server, not another program on its port.
            if self._process.has_ended() and launched:
                raise self._process.ended_early()
            if self._process.has_ended():
                # What we were about to take over was dying.
                self._launch()
                launched = True
            elif service is not None and answers:
                return service
            if loop.time() >= deadline:
                raise self._process.silent(READY_SECONDS)
            await asyncio.sleep(POLL_SECONDS)

    async def _connect(self) -> ServiceClient | None:
        try:
            return await ServiceClient.connect(ConnectConfig(target_host=self.address, runtime=engine_runtime()))
        except (RPCError, RuntimeError):
            return None
