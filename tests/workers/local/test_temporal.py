import asyncio
import signal
import socket
from collections.abc import Callable
from datetime import timedelta
from urllib.request import urlopen

import psutil
import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from nom.workers.local import namespaces
from nom.workers.local.errors import NeverStarted, SearchAttributeConflict, UnknownAttributeType
from nom.workers.local.folder import DataFolder
from nom.workers.local.ports import LOOPBACK
from nom.workers.local.process import ServerState
from nom.workers.local.temporal import TemporalServer

pytestmark = pytest.mark.engine


def pid_of(server: TemporalServer) -> int:
    status = server.status()
    assert status.state is ServerState.RUNNING
    assert status.pid is not None
    return status.pid


async def retention(server: TemporalServer, namespace: str) -> timedelta:
    client = await Client.connect(server.address, namespace=namespace)
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def attributes(server: TemporalServer, namespace: str) -> dict[str, IndexedValueType.ValueType]:
    client = await Client.connect(server.address, namespace=namespace)
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    return dict(listed.custom_attributes)


def status_of_page(url: str) -> int:
    with urlopen(url, timeout=30) as page:  # our own page on loopback
        return int(page.status)


async def start_a_run(server: TemporalServer, namespace: str) -> None:
    """A run that nobody works on: it stays as it is."""
    client = await Client.connect(server.address, namespace=namespace)
    await client.start_workflow("Kept", id="kept", task_queue="nobody")


async def a_run_is_there(server: TemporalServer, namespace: str) -> bool:
    client = await Client.connect(server.address, namespace=namespace)
    return (await client.get_workflow_handle("kept").describe()).workflow_type == "Kept"


async def test_every_namespace_answers_and_keeps_closed_runs_for_ten_years(folder: DataFolder) -> None:
    server = TemporalServer(folder, ["gmp", "nwp"])
    with pytest.raises(NeverStarted):
        _ = server.address
    await server.start()
    for namespace in ("gmp", "nwp"):
        assert await retention(server, namespace) == namespaces.RETENTION == timedelta(days=3650)
    await start_a_run(server, "gmp")
    assert await server.stop()
    assert server.status().state is ServerState.STOPPED
    await server.start()
    assert await a_run_is_there(server, "gmp")
    await server.stop()


async def test_a_namespace_and_an_attribute_that_an_older_database_lacks_are_added(folder: DataFolder) -> None:
    old = TemporalServer(folder, ["gmp"], search_attributes={"NomForce": "Keyword"})
    await old.start()
    await start_a_run(old, "gmp")
    await old.stop()
    wanted = {"NomForce": "Keyword", "NomRoles": "KeywordList", "NomDue": "Datetime"}
    new = TemporalServer(folder, ["gmp", "nwp"], search_attributes=wanted)
    await new.start()
    for namespace in ("gmp", "nwp"):
        assert await attributes(new, namespace) == {
            name: namespaces.ATTRIBUTE_TYPES[kind] for name, kind in wanted.items()
        }
        assert await retention(new, namespace) == namespaces.RETENTION
    assert await a_run_is_there(new, "gmp")
    await new.stop()


async def test_an_attribute_cannot_quietly_keep_another_type_than_asked_for(folder: DataFolder) -> None:
    await TemporalServer(folder, ["gmp"], search_attributes={"NomForce": "Keyword"}).start()
    other = TemporalServer(folder, ["gmp"], search_attributes={"NomForce": "Int"})
    with pytest.raises(SearchAttributeConflict, match="NomForce"):
        await other.start()
    await other.stop()
    with pytest.raises(UnknownAttributeType, match="Date"):
        TemporalServer(folder, ["gmp"], search_attributes={"NomForce": "Date"})


@pytest.mark.crash
async def test_a_killed_engine_starts_again_with_every_run_that_was_acknowledged(folder: DataFolder) -> None:
    server = TemporalServer(folder, ["gmp"])
    await server.start()
    await start_a_run(server, "gmp")
    killed = pid_of(server)
    psutil.Process(killed).send_signal(signal.SIGKILL)
    await server.start()
    assert pid_of(server) != killed
    assert await a_run_is_there(server, "gmp")
    await server.stop()


async def test_a_running_engine_is_taken_over_unless_its_settings_differ(folder: DataFolder) -> None:
    server = TemporalServer(folder, ["gmp"])
    await server.start()
    first = pid_of(server)
    await TemporalServer(DataFolder(folder.path), ["gmp"]).start()
    assert pid_of(server) == first
    quick = {"limit.historyCount.suggestContinueAsNew": 60}
    await TemporalServer(DataFolder(folder.path), ["gmp"], dynamic_config=quick).start()
    assert pid_of(server) != first
    command = psutil.Process(pid_of(server)).cmdline()
    assert "limit.historyCount.suggestContinueAsNew=60" in command
    assert "history.maxInFlightUpdates=100" in command
    assert "history.enableUpdateCallbacks=true" in command
    await server.stop()


async def test_it_listens_on_loopback_only_with_its_pages_too(
    folder: DataFolder, listening_addresses: Callable[[int], set[str]]
) -> None:
    server = TemporalServer(folder, ["gmp"], ui=True)
    await server.start()
    assert listening_addresses(pid_of(server)) == {LOOPBACK}
    assert server.ui_url is not None
    assert await asyncio.to_thread(status_of_page, server.ui_url) == 200
    await server.stop()


async def test_without_pages_there_is_no_address_for_them(folder: DataFolder) -> None:
    assert TemporalServer(folder, ["gmp"]).ui_url is None


async def test_another_port_is_used_when_a_stranger_took_ours_while_we_were_down(folder: DataFolder) -> None:
    server = TemporalServer(folder, ["gmp"])
    await server.start()
    await server.stop()
    address = server.address
    with socket.create_server((LOOPBACK, int(address.rpartition(":")[2]))):
        await server.start()
        assert server.address != address
        assert await retention(server, "gmp") == namespaces.RETENTION
        await server.stop()
