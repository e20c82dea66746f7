"""The reporter: tells the National Crime Agency's board where a force's processes stand, whenever that has changed."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import NexusOperationError

with workflow.unsafe.imports_passed_through():
    from nom.activities.names import TAKE_STATUS, StatusAsked
    from nom.contracts.base import Contract
    from nom.contracts.services import STATUS_ENDPOINT, ForceStatus, StatusService

ROUNDS_IN_A_RUN = 200


class StatusStart(Contract):
    """The last position that was reported; -1 for none."""

    after_position: int = -1


@workflow.defn(name="nom.status")
class StatusReporter:
    """One for each force. A report that does not arrive is replaced by a later one: the board shows its age."""

    @workflow.run
    async def run(self, start: StatusStart) -> None:
        """Report for ever."""
        position = start.after_position
        board = workflow.create_nexus_client(service=StatusService, endpoint=STATUS_ENDPOINT)
        for _ in range(ROUNDS_IN_A_RUN):
            status = await workflow.execute_activity(
                TAKE_STATUS,
                StatusAsked(after_position=position),
                result_type=ForceStatus,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=30),
                retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
            )
            if status.as_of_position == position:
                continue
            try:
                await board.execute_operation(
                    StatusService.report, status, schedule_to_close_timeout=timedelta(minutes=5)
                )
                position = status.as_of_position
            except NexusOperationError:
                workflow.logger.warning("status_not_reported", extra={"position": status.as_of_position})
        workflow.continue_as_new(StatusStart(after_position=position))
