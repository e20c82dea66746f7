"""The one plugin: client, worker and replayer read and write contracts in the same way."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.plugin import SimplePlugin

from nom.workers.runtime import engine_runtime


def nom_plugin() -> SimplePlugin:
    """What makes a client (and the workers made from it) or a replayer speak nom. Give it to the client only: a worker
    inherits it.
    """
    return SimplePlugin("nom", data_converter=pydantic_data_converter)


class EngineUnavailable(Exception):
    """The engine did not answer in time. A command may or may not have been taken: give it again, same id."""

    code = "engine_unavailable"


async def connect(address: str, namespace: str) -> Client:
    """A client for one namespace. Raises `EngineUnavailable` where nobody answers."""
    try:
        return await Client.connect(address, namespace=namespace, plugins=[nom_plugin()], runtime=engine_runtime())
    except RuntimeError as error:
        raise EngineUnavailable(f"nobody answers for {namespace} at {address}") from error
