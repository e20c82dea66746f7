"""What a command is measured against: a bare update that does nothing but one plain insert. No lock; a validator,
because nom has one.

The same client, converter, runner, task queue and settings of the engine as a nom process; registered beside nom's own.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from bench.database import INSERT_BODY
    from nom.activities.db import Pool
    from nom.contracts.base import Contract
    from nom.contracts.run import COMMAND_UPDATE

INSERT: Final = "bench.insert"
TIMEOUT: Final = timedelta(seconds=20)


class BareRequest(Contract):
    """A row to be inserted."""

    id: UUID
    stream: str
    body: str


class BareReceipt(Contract):
    """The row stands."""

    id: UUID
    stream: str


class BareActivities:
    """The insert."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @activity.defn(name=INSERT)
    async def insert(self, request: BareRequest) -> BareReceipt:
        """One row, one commit."""
        await self._pool.fetch(INSERT_BODY, request.id, request.stream, request.body.encode("utf-8"))
        return BareReceipt(id=request.id, stream=request.stream)


def _refuse_an_empty_row(request: BareRequest) -> None:
    if not request.body:
        raise ApplicationError("there is nothing to insert", type="empty", non_retryable=True)


@workflow.defn(name="bench.regular")
class BareRegular:
    """The update that a tutorial would write: its activity goes through the engine."""

    @workflow.run
    async def run(self) -> None:
        """Wait for updates for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update(name=COMMAND_UPDATE)
    async def command(self, request: BareRequest) -> BareReceipt:
        """Insert by a regular activity."""
        return await workflow.execute_activity(INSERT, request, result_type=BareReceipt, start_to_close_timeout=TIMEOUT)

    @command.validator
    def check_command(self, request: BareRequest) -> None:
        """Refuse an empty row."""
        _refuse_an_empty_row(request)


@workflow.defn(name="bench.local")
class BareLocal:
    """The same by a local activity, as nom's turn has it."""

    @workflow.run
    async def run(self) -> None:
        """Wait for updates for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update(name=COMMAND_UPDATE)
    async def command(self, request: BareRequest) -> BareReceipt:
        """Insert by a local activity."""
        return await workflow.execute_local_activity(
            INSERT, request, result_type=BareReceipt, start_to_close_timeout=TIMEOUT
        )

    @command.validator
    def check_command(self, request: BareRequest) -> None:
        """Refuse an empty row."""
        _refuse_an_empty_row(request)
