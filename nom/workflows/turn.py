"""The turn: the one way in which a command becomes events. Lock, decide, append, evolve; nothing else.

Three properties make a local activity safe for the append. `decide` depends on state, command and pinned policy alone,
so a turn taken again after a lost workflow task gives the same bytes. `append` is idempotent and answers with the
truth: the first receipt, or the records that this process has not seen, which the turn folds in before it decides
again. And the turn compares the receipt's digests with its own, so that a replay under code that decides otherwise
fails by itself.
"""

import asyncio
from datetime import timedelta
from functools import cache
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from nom.activities.requests import APPEND, READ_SINCE, AppendRequest, ReadSince
    from nom.contracts.envelope import AppendOutcome, CommandEnvelope, PolicyRef, Receipt, Record, seal
    from nom.contracts.errors import Refusal, refuse
    from nom.contracts.events import EventBase
    from nom.contracts.every_process import AdoptPolicy, Opening
    from nom.contracts.policy.loader import PolicyNotFound, calendar_of, pack_by_ref
    from nom.contracts.run import Carried
    from nom.workflows.model.process import Decision, Facts, ProcessModel, ProcessState

StateT = TypeVar("StateT", bound=ProcessState)

SUBMITTED_TOLERANCE = timedelta(minutes=5)
"""How far the edge's clock may be ahead of the engine's before a command is refused (ours)."""

_UNTIL_THE_DATABASE_ANSWERS = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=10)
)


class LedgerDisagrees(Exception):
    """What this code decides is not what the ledger holds. Fails the workflow task, for a person to look at."""


class Turn(Generic[StateT]):
    """One process's state and its place in the ledger. Lives inside the workflow; one command at a time."""

    def __init__(self, model: ProcessModel[StateT], stream: str, carried: Carried | None) -> None:
        self.model = model
        self.stream = stream
        self.state: StateT = model.blank(stream)
        self.seq = 0
        self.head: str | None = None
        self.done: dict[str, Receipt] = {}
        self._lock = asyncio.Lock()
        self._checked: tuple[StateT, CommandEnvelope[Any], Decision] | None = None
        """What the last check came to, and of what: its command is usually taken next, from the same state."""
        if carried is not None:
            self.state = model.state.model_validate_json(carried.state)
            self.seq, self.head = carried.seq, carried.head
            self.done = {str(receipt.command_id): receipt for receipt in carried.done}

    def carry(self) -> Carried:
        """What the next run needs to go on from here."""
        return Carried(state=self.state.model_dump_json(), seq=self.seq, head=self.head, done=tuple(self.done.values()))

    def check(self, request: CommandEnvelope[Any]) -> None:
        """Refuse a command before it costs anything. Raises the refusal as `ApplicationError`.

        While another command is being taken the state is about to change: then the turn itself decides.
        """
        if request.stream != self.stream:
            raise refused(refuse("wrong_process", f"this is {self.stream}, not {request.stream}"))
        if request.submitted_at > workflow.now() + SUBMITTED_TOLERANCE:
            raise refused(refuse("submitted_in_future", "submitted_at is ahead of the engine's clock"))
        if self._lock.locked() or self._answer(request) is not None:
            return
        decision = self._decide(request)
        if isinstance(decision, Refusal):
            raise refused(decision)
        self._checked = (self.state, request, decision)

    async def take(self, request: CommandEnvelope[Any]) -> Receipt:
        """Take one command from request to recorded events. Raises the refusal as `ApplicationError`."""
        async with self._lock:
            while (receipt := self._answer(request)) is None:
                decision = self._checked_before(request) or self._decide(request)
                if isinstance(decision, Refusal):
                    raise refused(decision)
                records = seal(request, decision, self._policy(request), self.seq, self.head)
                if await self._append(request, records, decision):
                    return self.done[str(request.command_id)]
            return receipt

    async def catch_up(self) -> int:
        """Fold in what the ledger holds and this process has not seen, as after an operator's reset."""
        async with self._lock:
            before = self.seq
            while self._fold_all(await self._call(READ_SINCE, ReadSince(stream=self.stream, after=self.seq))):
                pass
            return self.seq - before

    def _answer(self, request: CommandEnvelope[Any]) -> Receipt | None:
        receipt = self.done.get(str(request.command_id))
        if receipt is not None and receipt.command_digest != request.content_digest():
            raise refused(refuse("command_id_reused", "this command id was used for another request before"))
        return receipt

    def _checked_before(self, request: CommandEnvelope[Any]) -> Decision | None:
        """What the check decided, where it was of this command and the state is still the same: deciding is pure. On a
        replay nothing was checked, and the command is decided here.
        """
        checked, self._checked = self._checked, None
        if checked is None or checked[0] is not self.state or checked[1] != request:
            return None
        return checked[2]

    def _decide(self, request: CommandEnvelope[Any]) -> Decision:
        opening = self.state.opening or opening_of(request)
        if opening is None:
            return refuse("process_not_open", f"{self.stream} has not been opened yet")
        return self.model.decide(self.state, request, facts_for(request, opening.policy))

    def _policy(self, request: CommandEnvelope[Any]) -> PolicyRef:
        """The pack under which a decision was just taken."""
        opening = self.state.opening or opening_of(request)
        if opening is None:
            msg = f"{self.stream}: something was decided under no policy"
            raise LedgerDisagrees(msg)
        return opening.policy

    async def _append(
        self, request: CommandEnvelope[Any], records: tuple[Record, ...], events: tuple[EventBase, ...]
    ) -> bool:
        """Whether the records stand. If not, what this process had not seen is folded in now."""
        content = request.content().decode("utf-8")
        asked = AppendRequest(stream=self.stream, expected_seq=self.seq, records=records, asked=content)
        outcome = await self._call(APPEND, asked)
        if outcome.appended is None:
            self._fold_all(outcome)
            return False
        if outcome.appended.digests != tuple(record.digest for record in records):
            msg = f"{self.stream} after record {self.seq}: decided otherwise than recorded"
            raise LedgerDisagrees(msg)
        for record, event in zip(records, events, strict=True):
            self.state = self.model.fold_event(self.state, record, event)
        self._note(records, events)
        return True

    def _fold_all(self, outcome: AppendOutcome) -> int:
        """Fold in records from the ledger, each command's whole."""
        records = tuple(record for record in outcome.moved_on if record.seq > self.seq)
        events = tuple(self.model.event_of(record) for record in records)
        for record, event in zip(records, events, strict=True):
            self.state = self.model.fold_event(self.state, record, event)
        self._note(records, events)
        return len(records)

    def _note(self, records: tuple[Record, ...], events: tuple[EventBase, ...]) -> None:
        for record, event in zip(records, events, strict=True):
            self.seq, self.head = record.seq, record.digest
            key = str(record.command_id)
            earlier = self.done.get(key)
            warnings: tuple[str, ...] = getattr(event, "warnings", ())
            self.done[key] = Receipt(
                command_id=record.command_id,
                command_digest=record.command_digest,
                stream=record.stream,
                first_seq=earlier.first_seq if earlier else record.seq,
                last_seq=record.seq,
                digest=record.digest,
                events=(*(earlier.events if earlier else ()), record.type),
                warnings=(*(earlier.warnings if earlier else ()), *warnings),
            )

    async def _call(self, name: str, argument: AppendRequest | ReadSince) -> AppendOutcome:
        """Ask the ledger; wait for as long as it is away. What it can never take fails the workflow task."""
        try:
            return await workflow.execute_local_activity(
                name,
                argument,
                result_type=AppendOutcome,
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=_UNTIL_THE_DATABASE_ANSWERS,
            )
        except FailureError as error:
            # A local activity fails with its own cause, without the wrapper of a regular one.
            msg = f"the ledger can't take {self.stream} after record {self.seq}"
            raise LedgerDisagrees(msg) from error


def opening_of(request: CommandEnvelope[Any]) -> Opening | None:
    """What an opening command says about law and policy; None for any other command."""
    command = request.command
    opening = getattr(command, "opening", None) or getattr(getattr(command, "brief", None), "opening", None)
    return opening if command.opens else None


def facts_under(ref: PolicyRef) -> Facts:
    """The pinned policy and calendar. Raises `PolicyNotFound` if this code does not hold the pack."""
    return _facts_under(ref.version, ref.digest)


def facts_for(request: CommandEnvelope[Any], ref: PolicyRef) -> Facts:
    """The pinned policy and calendar, and those that the command asks the process to adopt, if this code holds them."""
    facts = facts_under(ref)
    if not isinstance(request.command, AdoptPolicy):
        return facts
    try:
        return facts._replace(offered=facts_under(request.command.to))
    except PolicyNotFound:
        return facts


@cache
def _facts_under(version: str, digest: str) -> Facts:
    policy = pack_by_ref(PolicyRef(version=version, digest=digest))
    return Facts(policy=policy, calendar=calendar_of(policy))


def refused(refusal: Refusal) -> ApplicationError:
    """A refusal as the engine carries it: type = code, details = the whole refusal."""
    return ApplicationError(refusal.message, refusal, type=refusal.code, non_retryable=True)
