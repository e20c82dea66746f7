"""Delivering a hand-off to a process of one's own namespace: at least once, and idempotent by the command's id."""

from typing import Any

from temporalio import activity
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError

from nom.activities.attributes import at_start
from nom.activities.names import DELIVER
from nom.contracts.every_process import HandOff, HandOffAnswer
from nom.contracts.ids import parse_stream
from nom.contracts.run import COMMAND_UPDATE, TASK_QUEUE, ProcessStart, workflow_type


def start_of(stream: str) -> WithStartWorkflowOperation[Any, Any]:
    """How a process is started by its first command: once for its id, unless the last attempt failed to open it."""
    return WithStartWorkflowOperation(
        workflow_type(parse_stream(stream).kind.value),
        ProcessStart(stream=stream),
        id=stream,
        task_queue=TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        search_attributes=at_start(stream),
    )


async def deliver(client: Client, item: HandOff) -> HandOffAnswer:
    """Give the command to its process, starting that if the command opens it. A refusal is an answer. Raises the
    client's `RPCError` where the process can't be reached or does not exist yet: deliver again later.
    """
    try:
        if item.opens:
            await client.execute_update_with_start_workflow(
                COMMAND_UPDATE, item.envelope, start_workflow_operation=start_of(item.to), id=str(item.id)
            )
        else:
            handle = client.get_workflow_handle(item.to)
            await handle.execute_update(COMMAND_UPDATE, item.envelope, id=str(item.id))
    except WorkflowUpdateFailedError as failed:
        if not isinstance(failed.cause, ApplicationError):
            raise
        return HandOffAnswer(accepted=False, code=failed.cause.type, message=failed.cause.message)
    return HandOffAnswer(accepted=True)


class HandOffActivities:
    """The activity that a process asks to deliver what is in its outbox."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name=DELIVER)
    async def deliver(self, item: HandOff) -> HandOffAnswer:
        """Deliver a hand-off within the namespace. Retried by the engine until the receiver answers."""
        return await deliver(self._client, item)
