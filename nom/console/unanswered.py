"""Why a process gives no receipt although the engine answers: it is gone, it has stopped, or its code failed.

Tells it in words that say what to do. Repeats no message of a failure, which may hold what somebody wrote.
"""

from typing import Final
from uuid import UUID

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from nom.activities.errors import LedgerForked, LedgerGap, LedgerRejected, LedgerUnreadable

LAST_EVENTS: Final = 20
"""How far back the latest word of a worker is looked for."""
ENDED_EARLY: Final = "AcceptedUpdateCompletedWorkflow"
"""The engine's own name for an update whose process ended before it was answered."""
_LEDGER_SAYS: Final = {
    LedgerForked.code: "its ledger holds another account of what it decided",
    LedgerGap.code: "its ledger lacks records that it builds on",
    LedgerRejected.code: "its ledger does not take what it decided",
    LedgerUnreadable.code: "its ledger holds a record that this version can't read",
}
_TOLD_BY_WORKERS: Final = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)


class Unanswered(Exception):
    """A command got neither a receipt nor a refusal, and nobody is to wait for one."""

    code = "unanswered"


class ProcessGone(Unanswered):
    """The engine no longer runs the process: somebody ended it, or its time was up. What was recorded stands."""

    code = "process_gone"


class ProcessStopped(Unanswered):
    """The process can't go on before a person has mended what stopped it. It loses nothing meanwhile."""

    code = "process_stopped"


class CommandNotDecided(Unanswered):
    """The process's code failed before it could accept or refuse the command. Nothing was recorded."""

    code = "command_not_decided"


def failed_otherwise(cause: BaseException, stream: str) -> Unanswered:
    """What an update that failed without a refusal means. The model's code fails before anything is recorded; a process
    that ended in the middle may have recorded the command.
    """
    name = cause.type if isinstance(cause, ApplicationError) and cause.type else type(cause).__name__
    if name == ENDED_EARLY:
        return ProcessGone(
            f"{stream} was ended before it answered: the command may or may not be recorded, which `nom show` tells"
        )
    return CommandNotDecided(
        f"{stream} could neither accept nor refuse the command ({name}), and nothing was recorded: its worker may be "
        "of another version, or lack a policy pack; see `nom status`"
    )


async def gone(client: Client, stream: str) -> ProcessGone | None:
    """That there was the process and the engine has ended it; None where it runs, never was, or can't be asked about. A
    process that failed was never opened, and can still be.
    """
    try:
        status = (await client.get_workflow_handle(stream).describe()).status
    except RPCError:
        return None
    if status in (None, WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.FAILED):
        return None
    return ProcessGone(
        f"the engine no longer runs {stream} ({status.name.lower().replace('_', ' ')}), so it takes nothing; what it "
        "recorded stands. Whoever runs the engine has to start it again; `nom audit reconcile` shows what is open"
    )


class Watch:
    """Looks now and then whether a process that owes an answer to a command has stopped."""

    def __init__(self, client: Client, stream: str, command_id: UUID) -> None:
        self._client = client
        self._stream = stream
        self._command_id = command_id
        self._failed_at = 0

    async def look(self) -> None:
        """Raises `ProcessStopped` where the same failure is the latest word of a worker at two looks in a row: one
        alone may be over at once. Where the engine does not answer, nothing is said.
        """
        try:
            failed_at, why = await self._latest_failure()
        except RPCError:
            return
        if failed_at and failed_at == self._failed_at:
            words = f"{self._stream} has stopped for a person to look at: {why}; it holds command {self._command_id}"
            raise ProcessStopped(words)
        self._failed_at = failed_at

    async def _latest_failure(self) -> tuple[int, str]:
        """The number of the event and why, if a failure is the latest word of a worker; or 0."""
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=self._stream),
            maximum_page_size=LAST_EVENTS,
        )
        answer = await self._client.workflow_service.get_workflow_execution_history_reverse(request)
        latest = next((event for event in answer.history.events if event.event_type in _TOLD_BY_WORKERS), None)
        if latest is None or latest.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            return 0, ""
        return latest.event_id, _why(latest.workflow_task_failed_event_attributes.failure)


def _why(failure: Failure) -> str:
    """From the types of a failure and its causes; the ledger's own stands innermost."""
    types: list[str] = []
    while True:
        types.append(failure.application_failure_info.type)
        if not failure.HasField("cause"):
            break
        failure = failure.cause
    told = next((_LEDGER_SAYS[name] for name in types if name in _LEDGER_SAYS), None)
    names = " from ".join(name for name in types if name) or "no name was given"
    return f"{told or 'its code fails again and again'} ({names})"
