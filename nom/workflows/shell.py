"""The Temporal shell that every process shares: it takes turns, arms one timer, and sends what is in the outbox.

A process's own shell adds its workflow type and the type of its commands. No rule lives here.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, ApplicationError, NexusOperationError

with workflow.unsafe.imports_passed_through():
    from nom.activities.names import DELIVER, SEAL_SO_FAR
    from nom.contracts.actors import SYSTEM
    from nom.contracts.clocks import ClockStatus
    from nom.contracts.envelope import CommandEnvelope, Receipt
    from nom.contracts.events import CommandBase
    from nom.contracts.every_process import AcknowledgeHandOff, ClockRanOut, EscalateBreach, HandOff, HandOffAnswer
    from nom.contracts.ids import derived_command_id, namespace_of
    from nom.contracts.run import ProcessStart, StateView
    from nom.contracts.services import (
        GROUPS_ENDPOINT,
        NCA,
        CaseService,
        GroupService,
        TransferService,
        cases_endpoint,
        is_between_cases,
        transfers_endpoint,
    )
    from nom.workflows import attributes
    from nom.workflows.model.process import ProcessModel, ProcessState
    from nom.workflows.turn import Turn

StateT = TypeVar("StateT", bound=ProcessState)

NEVER_OPENED_AFTER = timedelta(minutes=2)
"""How long a process whose first command was refused waits for a better one. Then it fails, so that its id is free."""

EVENTS_BEFORE_CONTINUING = 2000
"""Length of a run's history after which the process continues as new, if the server has not suggested it before."""


class Alarm(NamedTuple):
    """When a clock must be looked at: because it is due, or because its breach goes to the next role."""

    at: datetime
    clock_id: str
    rule: str
    escalates: bool


class ProcessShell(Generic[StateT]):
    """What a workflow of any process does between commands."""

    def __init__(self, model: ProcessModel[StateT], start: ProcessStart) -> None:
        self._turn = Turn(model, start.stream, start.carried)
        self._timer: asyncio.Task[None] | None = None
        self._armed: Alarm | None = None
        self._rang = self._sealed = False
        self._senders: dict[str, asyncio.Task[None]] = {}
        self._shown = attributes.shown_of(self._turn.state) if start.carried else attributes.Shown()

    async def live(self) -> str:
        """Run until the process is over: clocks, hand-offs, continue-as-new."""
        if not await self._wait_until_opened():
            msg = "no command ever opened this process"
            raise ApplicationError(msg, type="never_opened", non_retryable=True)
        while True:
            self._show()
            await workflow.wait_condition(self._has_work)
            if self._rang:
                await self._ring()
            self._arm()
            self._send()
            if self._should_continue():
                await self._continue()

    async def take(self, request: CommandEnvelope[Any]) -> Receipt:
        """Take one command."""
        return await self._turn.take(request)

    def check(self, request: CommandEnvelope[Any]) -> None:
        """Refuse a command before it is taken."""
        self._turn.check(request)

    def view(self) -> StateView:
        """The state as it stands."""
        turn = self._turn
        return StateView(
            stream=turn.stream,
            seq=turn.seq,
            head=turn.head,
            outbox=len(turn.state.outbox),
            state=turn.state.canonical().decode("utf-8"),
        )

    async def catch_up(self) -> int:
        """Fold in what the ledger holds and this process has not seen."""
        return await self._turn.catch_up()

    @property
    def _state(self) -> StateT:
        return self._turn.state

    async def _wait_until_opened(self) -> bool:
        if self._state.opening is not None:
            return True
        await self._turn.catch_up()
        try:
            await workflow.wait_condition(lambda: self._state.opening is not None, timeout=NEVER_OPENED_AFTER)
        except TimeoutError:
            return False
        return True

    def _has_work(self) -> bool:
        return (
            self._rang
            or self._next_clock() != self._armed
            or any(item.to not in self._senders for item in self._state.outbox)
            or self._shown != attributes.shown_of(self._state)
            or self._should_continue()
        )

    def _next_clock(self) -> Alarm | None:
        """The clock that must be looked at first: a running one when it is due, a missed one when the next role is
        told. A matter that is still being brought in has none.
        """
        if self._state.brought_in:
            return None
        running = [c for c in self._state.clocks if c.status is ClockStatus.RUNNING and self._state.rings(c)]
        due = [Alarm(clock.due_at, clock.id, clock.rule, escalates=False) for clock in running]
        missed = [
            Alarm(clock.escalates_at, clock.id, clock.rule, escalates=True)
            for clock in self._state.clocks
            if clock.status is ClockStatus.BREACHED and clock.escalates_at is not None
        ]
        return min((*due, *missed), default=None)

    def _arm(self) -> None:
        alarm = self._next_clock()
        if alarm == self._armed:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed = alarm
        self._timer = asyncio.create_task(self._ring_at(alarm)) if alarm is not None else None

    async def _ring_at(self, alarm: Alarm) -> None:
        wait = alarm.at - workflow.now()
        if wait > timedelta():
            await workflow.sleep(wait, summary=f"{alarm.rule} {alarm.clock_id}")
        self._rang = True

    async def _ring(self) -> None:
        """The armed clock's moment has come: the process tells itself so, at the due instant."""
        alarm, self._rang, self._timer = self._armed, False, None
        if alarm is None:
            return
        # If it is refused the clock stays armed: it must not ring again at once, for ever.
        if alarm.escalates:
            climb = EscalateBreach(clock_id=alarm.clock_id, escalates_at=alarm.at)
            await self._tell_itself(f"escalate/{alarm.clock_id}/{alarm.at.isoformat()}", climb, alarm.at)
        else:
            command = ClockRanOut(clock_id=alarm.clock_id, due_at=alarm.at)
            await self._tell_itself(f"clock/{alarm.clock_id}/{alarm.at.isoformat()}", command, alarm.at)

    def _send(self) -> None:
        for item in self._state.outbox:
            if item.to not in self._senders:
                self._senders[item.to] = asyncio.create_task(self._send_all_to(item.to))

    async def _send_all_to(self, to: str) -> None:
        """Deliver what is for one receiver, in order. If we crash between answer and acknowledgement, the hand-off is
        delivered again and the receiver gives its first answer again.
        """
        try:
            while item := next((item for item in self._state.outbox if item.to == to), None):
                answer = await self._deliver(item)
                command = AcknowledgeHandOff(hand_off_id=item.id, answer=answer)
                await self._tell_itself(f"acknowledged/{item.id}", command, _submitted_at(item))
        finally:
            del self._senders[to]

    async def _deliver(self, item: HandOff) -> HandOffAnswer:
        if namespace_of(item.to) == namespace_of(self._turn.stream):
            return await workflow.execute_activity(
                DELIVER,
                item,
                result_type=HandOffAnswer,
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=_A_MINUTE),
                summary=item.command,
            )
        while True:
            try:
                return await self._deliver_abroad(item)
            except NexusOperationError as error:
                workflow.logger.warning("hand_off_not_delivered", extra={"to": item.to, "cause": type(error).__name__})
                await workflow.sleep(_A_MINUTE, summary=f"deliver {item.command} again")

    async def _deliver_abroad(self, item: HandOff) -> HandOffAnswer:
        if is_between_cases(self._turn.stream, item.to):
            transfers = workflow.create_nexus_client(
                service=TransferService, endpoint=transfers_endpoint(namespace_of(item.to))
            )
            return await transfers.execute_operation(
                TransferService.deliver, item, schedule_to_close_timeout=_FIVE_MINUTES
            )
        force = namespace_of(item.to)
        if force == NCA:
            groups = workflow.create_nexus_client(service=GroupService, endpoint=GROUPS_ENDPOINT)
            return await groups.execute_operation(GroupService.deliver, item, schedule_to_close_timeout=_FIVE_MINUTES)
        cases = workflow.create_nexus_client(service=CaseService, endpoint=cases_endpoint(force))
        return await cases.execute_operation(CaseService.deliver, item, schedule_to_close_timeout=_FIVE_MINUTES)

    async def _tell_itself(self, purpose: str, command: CommandBase, submitted_at: datetime) -> None:
        """Give the process a command of its own. A refusal means that the matter has moved on: nothing to do."""
        request = CommandEnvelope[CommandBase](
            command_id=derived_command_id(self._turn.stream, purpose),
            stream=self._turn.stream,
            actor=SYSTEM,
            occurred_at=submitted_at,
            submitted_at=submitted_at,
            command=command,
        )
        try:
            await self._turn.take(request)
        except ApplicationError as refusal:
            workflow.logger.info("own_command_refused", extra={"command": command.type, "code": refusal.type})

    def _show(self) -> None:
        shown = attributes.shown_of(self._state)
        changes: list[SearchAttributeUpdate[Any]] = attributes.changes(self._shown, shown)
        if changes:
            workflow.upsert_search_attributes(changes)
        self._shown = shown

    def _should_continue(self) -> bool:
        if self._senders:
            return False
        length = workflow.info().get_current_history_length()
        return workflow.info().is_continue_as_new_suggested() or length > EVENTS_BEFORE_CONTINUING

    async def _continue(self) -> None:
        """Go on in a new run. Commands that are being taken are finished first; their answers are carried along."""
        await self._seal()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._state.outbox or self._rang:
            return
        workflow.continue_as_new(ProcessStart(stream=self._turn.stream, carried=self._turn.carry()))

    async def _seal(self) -> None:
        """Have this run sealed as far as it goes, once. If that does not succeed, the sealer does it from outside."""
        if self._sealed:
            return
        self._sealed = True
        try:
            await workflow.execute_activity(
                SEAL_SO_FAR, start_to_close_timeout=_A_MINUTE, schedule_to_close_timeout=_FIVE_MINUTES, summary="seal"
            )
        except ActivityError as error:
            workflow.logger.warning("not_sealed", extra={"cause": type(error).__name__})


_A_MINUTE = timedelta(minutes=1)
_FIVE_MINUTES = timedelta(minutes=5)


def _submitted_at(item: HandOff) -> datetime:
    return datetime.fromisoformat(str(item.envelope["submitted_at"]))
