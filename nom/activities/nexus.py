"""What a namespace answers to the others, through Nexus. Takes only what its service is for, and only for itself."""

import nexusrpc
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from temporalio.client import Client
from temporalio.service import RPCError

from nom.activities.derived import DerivedStore
from nom.activities.errors import ReportDiffers
from nom.activities.hand_offs import deliver
from nom.contracts.every_process import HandOff, HandOffAnswer
from nom.contracts.ids import namespace_of
from nom.contracts.services import (
    CaseService,
    ForceStatus,
    GroupService,
    ReportAnswer,
    StatusService,
    TransferService,
)

TAKEN_BY_GROUPS = frozenset(
    {"Nominate", "LinkCase", "TellNetworkRetest", "MarkUpToDate", "RecordReinvestigationProgress"}
)
"""What a force may ask of a group, or tell a review that ordered a case."""

TAKEN_BY_CASES = frozenset({"TellNetworkOutcome", "TellNetworkLink", "RecordNetworkRetest", "OpenOrderedCase"})
"""What the National Crime Agency may tell a case."""


TAKEN_OF_TRANSFERS = frozenset(
    {
        "OfferTransfer",
        "AcceptTransfer",
        "RefuseTransfer",
        "TakeOverCase",
        "ContinueStage",
        "PassOn",
        "TellNetworkLink",
        "RecordNetworkRetest",
    }
)
"""What the sender and the receiver of a case may tell each other."""


async def _take(client: Client, item: HandOff, allowed: frozenset[str]) -> HandOffAnswer:
    command = item.envelope.get("command")
    if item.command not in allowed or not isinstance(command, dict) or command.get("type") != item.command:
        return HandOffAnswer(accepted=False, code="not_taken_here", message=f"{item.command} is not taken here")
    if namespace_of(item.to) != client.namespace:
        return HandOffAnswer(accepted=False, code="wrong_namespace", message=f"{item.to} does not live here")
    try:
        return await deliver(client, item)
    except RPCError as error:
        msg = f"{item.to} can't be reached now"
        raise nexusrpc.HandlerError(msg, type=nexusrpc.HandlerErrorType.UNAVAILABLE) from error


@service_handler(service=GroupService)
class GroupServiceHandler:
    """The National Crime Agency's groups, for the forces."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @sync_operation
    async def deliver(self, _context: StartOperationContext, item: HandOff) -> HandOffAnswer:
        """Take a command for a group."""
        return await _take(self._client, item, TAKEN_BY_GROUPS)


@service_handler(service=CaseService)
class CaseServiceHandler:
    """A force's cases, for the National Crime Agency."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @sync_operation
    async def deliver(self, _context: StartOperationContext, item: HandOff) -> HandOffAnswer:
        """Take what a case is told."""
        return await _take(self._client, item, TAKEN_BY_CASES)


@service_handler(service=TransferService)
class TransferServiceHandler:
    """Cases that move between this force and another, or the National Crime Agency."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @sync_operation
    async def deliver(self, _context: StartOperationContext, item: HandOff) -> HandOffAnswer:
        """Take what the other side says of a case that moves."""
        return await _take(self._client, item, TAKEN_OF_TRANSFERS)


@service_handler(service=StatusService)
class StatusServiceHandler:
    """The National Crime Agency's board, for the forces."""

    def __init__(self, store: DerivedStore) -> None:
        self._store = store

    @sync_operation
    async def report(self, _context: StartOperationContext, status: ForceStatus) -> ReportAnswer:
        """Keep a force's report. What came first stays, where two differ that claim the same moment."""
        try:
            await self._store.add_board_report(
                status.force, status.as_of_position, status.as_of, status.model_dump(mode="json")
            )
        except ReportDiffers:
            return ReportAnswer(kept=False)
        return ReportAnswer(kept=True)
