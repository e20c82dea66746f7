"""Workflows that do everything that a history can keep, and that can be told to do one thing otherwise on replay.

`changed` names the one change; the empty name is the code as it was when the histories were recorded.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

import nexusrpc
import nexusrpc.handler
from temporalio import activity, nexus, workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import (
    Priority,
    RetryPolicy,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.converter import PayloadCodec
from temporalio.exceptions import ApplicationError
from temporalio.workflow import ActivityCancellationType, ChildWorkflowCancellationType, ParentClosePolicy

QUEUE = "specimens"
QUEUE_WITH_ARGUMENTS = "specimens-with-arguments"
"""Where the worker puts the arguments of local activities into their markers."""
ENDPOINT = "nom-specimens"
STAGE = SearchAttributeKey.for_keyword("nomStage")
BREACHED = SearchAttributeKey.for_int("nomBreached")

Value = TypeVar("Value")
Order = dict[str, Any]
NOTHING: Order = {}

changed = ""


def either(change: str, was: Value, now: Value) -> Value:
    """What was given when the history was recorded, or what the changed code gives."""
    return now if changed == change else was


def an_order(change: str) -> Order:
    """An argument of every type of JSON, with one of its values changed."""
    order: Order = {
        "name": either(f"{change}: a value", "child-1", "child-2"),
        "at": either(f"{change}: a microsecond", "2026-03-02T09:20:00.000001Z", "2026-03-02T09:20:00.000002Z"),
        "count": either(f"{change}: true for one", 1, bool(1)),
        "weight": either(f"{change}: one point nought for one", 1, 1.0),
        "parts": either(f"{change}: an order of parts", ["a", "b"], ["b", "a"]),
    }
    if changed == f"{change}: an extra null key":
        order["extra"] = None
    if changed == f"{change}: another order of keys":
        order = dict(reversed(order.items()))
    return order


def seconds(change: str, was: float, now: float) -> timedelta:
    """A duration, or the changed one."""
    return timedelta(seconds=either(change, was, now))


@activity.defn(name="specimen.echo")
async def echo(order: Order) -> Order:
    """Give back what was given."""
    return order


@activity.defn(name="specimen.other")
async def other(order: Order) -> Order:
    """As `echo`, by another name."""
    return order


@activity.defn(name="specimen.linger")
async def linger(order: Order) -> Order:
    """Wait until it is cancelled."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.05)


@workflow.defn(name="specimen.acting")
class Acting:
    """Activities of both kinds, attributes, memo, patches, a result."""

    @workflow.run
    async def run(self, _order: Order) -> Order:
        """Act."""
        if changed == "a new patched branch" and workflow.patched("a later change"):
            await workflow.sleep(1)
        if changed != "a patch that was not deprecated is gone" and workflow.patched(
            either("the id of a patch", "a change", "another change")
        ):
            await workflow.sleep(0.01)
        if changed != "a deprecated patch is gone":
            workflow.deprecate_patch("an old change")
        answer = await self._act()
        if changed != "a local activity is gone":
            await workflow.execute_local_activity(
                either("the type of a local activity", "specimen.echo", "specimen.other"),
                an_order("argument of a local activity"),
                start_to_close_timeout=timedelta(seconds=5),
            )
        workflow.upsert_memo({"note": either("a memo", "as it was", "as it is now"), "gone": None})
        changes: list[Any] = [STAGE.value_set(either("a search attribute", "open", "closed"))]
        if changed != "a dropped search attribute":
            changes.append(BREACHED.value_set(2))
        workflow.upsert_search_attributes(changes)
        workflow.upsert_search_attributes([BREACHED.value_unset()])
        result = either("a result", answer, {**answer, "name": "suspect-1"})
        return dict(reversed(result.items())) if changed == "a result: another order of keys" else result

    async def _act(self) -> Order:
        """An activity with everything set, and one with next to nothing."""
        if changed == "a refactoring":
            order = _the_same_order_written_otherwise()
        else:
            order = an_order("argument of an activity")
        answer: Order = await workflow.execute_activity(
            "specimen.echo",
            order,
            activity_id=either("the id of an activity", "act-1", "act-2"),
            task_queue=either("the queue of an activity", QUEUE, "elsewhere"),
            schedule_to_close_timeout=seconds("the whole time of an activity", 60, 61),
            schedule_to_start_timeout=seconds("the waiting time of an activity", 30, 31),
            start_to_close_timeout=seconds("the working time of an activity", 20, 21),
            heartbeat_timeout=seconds("the heartbeat of an activity", 10, 11),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=2),
                maximum_attempts=either("the attempts of an activity", 5, 6),
                maximum_interval=seconds("the longest interval of an activity", 20, 25),
                backoff_coefficient=either("the coefficient of an activity", 1.5, 1.6),
                non_retryable_error_types=[either("the fatal errors of an activity", "fatal", "lethal")],
            ),
            priority=Priority(priority_key=either("the priority of an activity", 2, 3), fairness_key="gmp"),
            summary=either("the summary of an activity", "an act", "a deed"),
        )
        await workflow.execute_activity("specimen.echo", answer, schedule_to_close_timeout=timedelta(seconds=30))
        if changed == "an extra activity":
            await workflow.execute_activity("specimen.echo", answer, schedule_to_close_timeout=timedelta(seconds=30))
        return answer


def _the_same_order_written_otherwise() -> Order:
    return dict(sorted(an_order("").items(), reverse=True))


@workflow.defn(name="specimen.waiting")
class Waiting:
    """Timers: slept through, waited for, cancelled at once and later; activities cancelled and abandoned."""

    @workflow.run
    async def run(self) -> str:
        """Wait."""
        await asyncio.gather(
            workflow.sleep(
                seconds("the duration of a timer", 0.02, 0.020001),
                summary=either("the summary of a timer", "a nap", "a rest"),
            ),
            self._deadline(),
        )
        at_once = asyncio.create_task(workflow.sleep(50))
        later = asyncio.create_task(workflow.sleep(60, summary="later"))
        lingering = [
            workflow.start_activity(
                "specimen.linger", {}, start_to_close_timeout=timedelta(seconds=30),
                heartbeat_timeout=timedelta(seconds=5), cancellation_type=kind,
            )
            for kind in (ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, ActivityCancellationType.ABANDON)
        ]  # fmt: skip
        await asyncio.sleep(0)
        at_once.cancel()
        await workflow.sleep(0.3)
        if changed != "a cancellation that is gone":
            later.cancel()
        for each in lingering:
            each.cancel()
        await asyncio.gather(at_once, later, *lingering, return_exceptions=True)
        return "waited"

    async def _deadline(self) -> None:
        try:
            await workflow.wait_condition(lambda: False, timeout=seconds("the deadline of a wait", 0.03, 0.04))
        except TimeoutError:
            return


@workflow.defn(name="specimen.sitting")
class Sitting:
    """Waits to be told something, for ever if need be."""

    def __init__(self) -> None:
        self._told: list[Order] = []

    @workflow.run
    async def run(self, _order: Order) -> Order:
        """Sit."""
        await workflow.wait_condition(lambda: bool(self._told))
        return self._told[0]

    @workflow.signal(name="told")
    def told(self, order: Order) -> None:
        """Hear."""
        self._told.append(order)

    @workflow.query(name="how-many")
    def how_many(self) -> str:
        """How many times it was told."""
        return either("a query handler", str(len(self._told)), "many")


@workflow.defn(name="specimen.reaching")
class Reaching:
    """Children, signals and cancellations."""

    @workflow.run
    async def run(self, elsewhere: str) -> Order:
        """Reach out."""
        child = await workflow.start_child_workflow(
            "specimen.sitting",
            an_order("input of a child"),
            id=workflow.info().workflow_id + either("the id of a child", "/child", "/kid"),
            task_queue=QUEUE,
            execution_timeout=seconds("the whole time of a child", 300, 301),
            run_timeout=seconds("the run time of a child", 200, 201),
            task_timeout=seconds("the task time of a child", 12, 13),
            id_reuse_policy=either(
                "the reuse of a child's id",
                WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                WorkflowIDReusePolicy.REJECT_DUPLICATE,
            ),
            parent_close_policy=either(
                "what becomes of a child", ParentClosePolicy.ABANDON, ParentClosePolicy.REQUEST_CANCEL
            ),
            retry_policy=RetryPolicy(maximum_attempts=either("the attempts of a child", 2, 3)),
            memo={"note": either("the memo of a child", "small", "tall")},
            search_attributes=TypedSearchAttributes(
                [SearchAttributePair(STAGE, either("the attributes of a child", "young", "old"))]
            ),
            static_summary=either("the summary of a child", "a child", "an infant"),
            priority=Priority(priority_key=either("the priority of a child", 4, 5)),
        )
        await child.signal(either("the name of a signal", "told", "shown"), an_order("argument of a signal"))
        answer: Order = await child
        other_child = await workflow.start_child_workflow(
            "specimen.sitting", {}, task_queue=QUEUE, id=f"{workflow.info().workflow_id}/other",
            cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_REQUESTED,
        )  # fmt: skip
        other_child.cancel()
        await asyncio.wait([other_child])
        far = workflow.get_external_workflow_handle(elsewhere)
        await far.signal("told", an_order("argument of a signal elsewhere"))
        await workflow.get_external_workflow_handle(elsewhere + either("whom to cancel", "", "-not")).cancel()
        return answer


@nexusrpc.service(name="specimen-service")
class SpecimenService:
    """Two operations: one answers at once, the other never."""

    greet: nexusrpc.Operation[Order, Order]
    sit: nexusrpc.Operation[Order, Order]


@nexusrpc.handler.service_handler(service=SpecimenService)
class SpecimenHandler:
    """Answers them."""

    @nexusrpc.handler.sync_operation
    async def greet(self, _context: nexusrpc.handler.StartOperationContext, order: Order) -> Order:
        """Give back what was given."""
        return order

    @nexus.workflow_run_operation
    async def sit(self, context: nexus.WorkflowRunOperationContext, order: Order) -> nexus.WorkflowHandle[Order]:
        """Start a workflow that waits."""
        return await context.start_workflow(Sitting.run, order, id=f"gmp/specimen-nexus/{context.request_id}")


@workflow.defn(name="specimen.calling")
class Calling:
    """Nexus operations: one that is answered, one that is cancelled."""

    @workflow.run
    async def run(self) -> Order:
        """Call."""
        client = workflow.create_nexus_client(service=SpecimenService, endpoint=ENDPOINT)
        answer: Order = await client.execute_operation(
            SpecimenService.greet,
            an_order("input of an operation"),
            schedule_to_close_timeout=seconds("the time of an operation", 60, 61),
            headers={"Nom-Purpose": either("a header of an operation", "greeting", "parting")},
            summary=either("the summary of an operation", "a call", "a cry"),
        )
        sitting = await client.start_operation(SpecimenService.sit, NOTHING)
        sitting.cancel()
        await asyncio.gather(sitting, return_exceptions=True)
        return answer


@workflow.defn(name="specimen.answering")
class Answering:
    """Updates: accepted, refused, failed after they were accepted; signals; a validator."""

    def __init__(self) -> None:
        self._limit = 3
        self._taken: list[int] = []
        self._over = False

    @workflow.run
    async def run(self) -> list[int]:
        """Answer until it is over."""
        await workflow.wait_condition(lambda: self._over)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._taken

    @workflow.update(name="take")
    async def take(self, order: Order) -> Order:
        """Take a number. Fails on thirteen, after it was accepted."""
        number = int(order["number"])
        await workflow.execute_local_activity("specimen.echo", order, start_to_close_timeout=timedelta(seconds=5))
        if number == 13:
            raise ApplicationError(
                either("how an update fails: message", "thirteen", "a dozen and one"),
                {"number": either("how an update fails: details", 13, 12)},
                type=either("how an update fails: type", "unlucky", "hapless"),
                non_retryable=True,
            )
        self._taken.append(number)
        return {"sum": sum(self._taken) + either("the result of an update", 0, 1)}

    @take.validator
    def check(self, order: Order) -> None:
        """Refuse what was taken, and what is too many."""
        number = int(order["number"])
        if changed == "a stricter validator" and number == 2:
            raise ApplicationError("two is too few", type="too_few", non_retryable=True)
        if number in self._taken and changed != "a looser validator":
            raise ApplicationError(
                "taken",
                {"number": number},
                type=either("another code of a refusal", "taken", "gone"),
                non_retryable=True,
            )

    @workflow.signal(name="over")
    def over(self, _order: Order) -> None:
        """Come to an end."""
        self._over = True


@workflow.defn(name="specimen.failing")
class Failing:
    """Fails, with details and a cause."""

    @workflow.run
    async def run(self) -> None:
        """Fail."""
        cause = ApplicationError(either("the cause of a failure", "the root", "the stem"), type="root")
        raise ApplicationError(
            either("the message of a failure", "it failed", "it went wrong"),
            {"step": either("the details of a failure", 4, 5)},
            type=either("the type of a failure", "failed", "broken"),
            non_retryable=changed != "whether a failure is final",
        ) from cause


@workflow.defn(name="specimen.cancelled")
class Cancelled:
    """Ends when it is cancelled."""

    @workflow.run
    async def run(self) -> None:
        """Wait to be cancelled."""
        try:
            await workflow.wait_condition(lambda: False)
        except asyncio.CancelledError:
            if changed != "a cancelled workflow that completes":
                raise


@workflow.defn(name="specimen.continuing")
class Continuing:
    """Continues as new once, with everything set; the second time with nothing set."""

    @workflow.run
    async def run(self, order: Order) -> str:
        """Go on."""
        turn = int(order["turn"])
        workflow.upsert_search_attributes([STAGE.value_set("continuing"), BREACHED.value_set(turn)])
        if turn == 2:
            return "over"
        carried: dict[str, Any] = {"turn": turn + either("what is taken along", 1, 2)}
        if turn == 0:
            workflow.continue_as_new(
                carried,
                memo={"note": either("the memo that is taken along", "first", "worst")},
                run_timeout=seconds("the run time of the next run", 100, 101),
                task_timeout=seconds("the task time of the next run", 9, 8),
                search_attributes=TypedSearchAttributes(
                    [SearchAttributePair(STAGE, either("the attributes that are taken along", "second", "third"))]
                ),
            )
        return workflow.continue_as_new(carried, task_queue=either("the queue of the next run", QUEUE, "elsewhere"))


SPECIMENS: tuple[type, ...] = (
    Acting, Waiting, Sitting, Reaching, Calling, Answering, Failing, Cancelled, Continuing,
)  # fmt: skip
ACTIVITIES = (echo, other, linger)


class Backwards(PayloadCodec):
    """A codec for tests: every payload is written backwards. What it did not write itself it can't read."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Write them backwards."""
        return [
            Payload(metadata={"encoding": b"binary/backwards"}, data=payload.SerializeToString()[::-1])
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Read them. Raises `ValueError`."""
        if any(payload.metadata.get("encoding") != b"binary/backwards" for payload in payloads):
            msg = "not written backwards"
            raise ValueError(msg)
        return [Payload.FromString(payload.data[::-1]) for payload in payloads]
