"""The reporter: tells the National Crime Agency's board where a force's processes stand, when that has changed and,
where nothing has, often enough to show that the force is there.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import NexusOperationError

with workflow.unsafe.imports_passed_through():
    from nom.activities.names import TAKE_STATUS, StatusAsked
    from nom.contracts.base import Contract
    from nom.contracts.services import STATUS_ENDPOINT, ForceStatus, StatusService

ROUNDS_IN_A_RUN = 200
NOTHING_REPORTED = -2
"""Before every position, also before that of an empty ledger: a new force reports at once that it has nothing."""
QUIET_ROUNDS = 7
"""After so many waits of two minutes without news the status is reported as it was (ours)."""


class StatusStart(Contract):
    """The last position that was reported, and the checkpoints with it."""

    after_position: int = NOTHING_REPORTED
    checkpoints: tuple[str, ...] = ()


@workflow.defn(name="nom.status")
class StatusReporter:
    """One for each force. A report that does not arrive is replaced by a later one: the board shows its age."""

    @workflow.run
    async def run(self, start: StatusStart) -> None:
        """Report for ever."""
        position, checkpoints, quiet = start.after_position, start.checkpoints, 0
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
            news = status.as_of_position != position or status.checkpoints != checkpoints
            quiet = 0 if news else quiet + 1
            if 0 < quiet < QUIET_ROUNDS:
                continue
            try:
                await board.execute_operation(
                    StatusService.report, status, schedule_to_close_timeout=timedelta(minutes=5)
                )
                position, checkpoints, quiet = status.as_of_position, status.checkpoints, 0
            except NexusOperationError:
                workflow.logger.warning("status_not_reported", extra={"position": status.as_of_position})
        workflow.continue_as_new(StatusStart(after_position=position, checkpoints=checkpoints))
