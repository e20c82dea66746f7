"""The public client: gives commands to the engine and reads how processes stand. Decides nothing by itself."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from pydantic import ValidationError
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from nom.activities.hand_offs import start_of
from nom.console.unanswered import Watch, failed_otherwise, gone
from nom.contracts.envelope import CommandEnvelope, Receipt
from nom.contracts.errors import Refusal, refuse
from nom.contracts.ids import namespace_of, parse_stream
from nom.contracts.run import COMMAND_UPDATE, STATE_QUERY, StateView
from nom.workers.plugin import EngineUnavailable, connect
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_under, opening_of

AT_ONCE = 8
"""Commands in flight on one process; more than ten can collapse on a long history."""

SECONDS_BETWEEN_LOOKS = 10.0
"""How long an answer is awaited before the process is looked at, and between two looks."""


class Refused(Exception):
    """A rule said no. Nothing was recorded, and the process goes on."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.code}: {refusal.message}")
        self.refusal = refusal


class NomClient:
    """Commands and states over one engine, any namespace. Safe for many tasks at once."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._clients: dict[str, Client] = {}
        self._places: dict[str, asyncio.Semaphore] = {}
        self._connecting = asyncio.Lock()

    async def engine(self, namespace: str) -> Client:
        """The engine's own client for a namespace. Raises `EngineUnavailable`."""
        async with self._connecting:
            if namespace not in self._clients:
                self._clients[namespace] = await connect(self.address, namespace)
        return self._clients[namespace]

    async def submit(self, request: CommandEnvelope[Any]) -> Receipt:
        """Give a command and wait for its receipt. Giving it again with the same id gives the first receipt.

        Waits for as long as the ledger is away. Raises `Refused` with every unmet condition, `EngineUnavailable`,
        `ProcessGone`, `ProcessStopped` or `CommandNotDecided`.
        """
        _refuse_a_hopeless_opening(request)
        place = self._places.setdefault(request.stream, asyncio.Semaphore(AT_ONCE))
        async with place:
            receipt = await self._taken(request)
        if receipt.command_digest != request.content_digest():
            raise Refused(refuse("command_id_reused", "this command id was used for another request before"))
        return receipt

    async def state(self, stream: str) -> StateView:
        """How a process stands now. Raises `Refused` if it does not exist, and `EngineUnavailable`."""
        client = await self.engine(namespace_of(stream))
        try:
            return await client.get_workflow_handle(stream).query(STATE_QUERY, result_type=StateView)
        except RPCError as error:
            raise _translated(error, stream) from error

    async def _taken(self, request: CommandEnvelope[Any]) -> Receipt:
        client, stream = await self.engine(namespace_of(request.stream)), request.stream
        try:
            return await _watched(_asked(client, request), Watch(client, stream, request.command_id))
        except WorkflowUpdateFailedError as failed:
            raise refusal_in(failed.cause, stream) from None
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise EngineUnavailable(f"the engine did not answer in time (command {request.command_id})") from error
        except WorkflowAlreadyStartedError as error:
            raise await gone(client, stream) or EngineUnavailable(f"{stream} was ended just now") from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and (ended := await gone(client, stream)):
                raise ended from error
            raise _translated(error, stream, request) from error


async def _asked(client: Client, request: CommandEnvelope[Any]) -> Receipt:
    identity = str(request.command_id)
    if request.command.opens:
        return await client.execute_update_with_start_workflow(
            COMMAND_UPDATE,
            request,
            start_workflow_operation=start_of(request.stream),
            id=identity,
            result_type=Receipt,
        )
    handle = client.get_workflow_handle(request.stream)
    return await handle.execute_update(COMMAND_UPDATE, request, id=identity, result_type=Receipt)


async def _watched(asking: Coroutine[Any, Any, Receipt], watch: Watch) -> Receipt:
    """The answer, or the reason why none will come. In a task of its own: the SDK turns a cancellation of the one that
    asks into a timeout, and ours must stay a cancellation.
    """
    task = asyncio.create_task(asking)
    try:
        while not (await asyncio.wait((task,), timeout=SECONDS_BETWEEN_LOOKS))[0]:
            await watch.look()
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _refuse_a_hopeless_opening(request: CommandEnvelope[Any]) -> None:
    """A first command that can't be taken is refused here, so that no empty process is started for it."""
    opening = opening_of(request)
    if opening is None:
        return
    model = MODELS[parse_stream(request.stream).kind]
    decision = model.decide(model.blank(request.stream), request, facts_under(opening.policy))
    if isinstance(decision, Refusal):
        raise Refused(decision)


def refusal_in(cause: BaseException, stream: str) -> Exception:
    """The refusal that an update failed with, as `Refused`, or what else its failure means."""
    if isinstance(cause, ApplicationError) and cause.details:
        try:
            return Refused(Refusal.model_validate(cause.details[0]))
        except ValidationError:
            # Details of somebody else's error: no refusal of ours.
            return failed_otherwise(cause, stream)
    return failed_otherwise(cause, stream)


def _translated(error: RPCError, stream: str, request: CommandEnvelope[Any] | None = None) -> Exception:
    if error.status is RPCStatusCode.NOT_FOUND:
        return Refused(refuse("process_not_open", f"{stream} has not been opened yet"))
    command = f" (command {request.command_id})" if request else ""
    return EngineUnavailable(f"the engine says {error.status.name}{command}")
