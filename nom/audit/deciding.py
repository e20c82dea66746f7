"""Decides recorded commands again, from the ledger alone: fold what was recorded, put what was asked to the rules.

Under the pinned policy the same bytes must come out; under another policy it shows what that would have changed. Reads
what it is given and writes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, Literal, NamedTuple

import pydantic_core
from pydantic import ValidationError

from nom.contracts.base import Contract
from nom.contracts.envelope import CommandEnvelope, PolicyRef, Record, StoredRecord, seal
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.contracts.ids import StreamId, parse_stream
from nom.contracts.policy.loader import PolicyNotFound
from nom.contracts.upcast import UPCASTERS, upcast
from nom.workflows.model.process import Facts, ProcessModel, ProcessState
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_for

Verdict = Literal["same", "differs", "not_kept", "unreadable", "policy_missing"]
"""`not_kept`: an older version of the ledger did not keep what was asked."""

FactsFor = Callable[[CommandEnvelope[Any], PolicyRef], Facts]
"""Under which policy a command is decided: the request, and the pack that its records name."""


class Recorded(NamedTuple):
    """One command of a stream as the ledger holds it: its records in order, and what was asked where that was kept."""

    records: tuple[Record, ...]
    asked: str | None

    @property
    def first(self) -> Record:
        """The first of its records."""
        return self.records[0]


class Redecided(Contract):
    """What became of a command that was decided again. `words` says what differs."""

    stream: StreamId
    seq: int
    command: str
    verdict: Verdict
    words: str | None = None


class Retaken(NamedTuple):
    """One command put to the rules again: the state before it, what was asked, and what the rules say now."""

    recorded: Recorded
    before: ProcessState
    request: CommandEnvelope[Any]
    decision: tuple[EventBase, ...] | Refusal


def commands_of(stored: Iterable[StoredRecord]) -> Iterator[Recorded]:
    """The commands of one stream, in order, from its records in order. A retry's records stand by themselves."""
    for _, group in groupby(stored, key=lambda item: (item.record.command_id, item.record.submitted_at)):
        items = tuple(group)
        yield Recorded(tuple(item.record for item in items), items[0].asked)


def _every(_recorded: Recorded) -> bool:
    return True


def request_of(recorded: Recorded, model: ProcessModel[Any]) -> CommandEnvelope[Any] | None:
    """The command as it was given; None where what was asked was not kept. Raises `ValidationError` where this code
    does not know it (any more).
    """
    if recorded.asked is None:
        return None
    content = pydantic_core.from_json(recorded.asked)
    submitted = recorded.first.model_dump(mode="json", include={"submitted_at"})
    return model.commands.validate_python({**content, **submitted}, strict=False)


def decide_again(stream: StreamId, stored: Iterable[StoredRecord]) -> Iterator[Redecided]:
    """Every command of a stream, decided again under the policy that its records name. The state goes on by what was
    recorded, so that one difference does not make the rest differ.
    """
    for item in retake(stream, stored, facts_for):
        if isinstance(item, Redecided):
            yield item
            continue
        yield _judged(stream, item)


def retake(
    stream: StreamId, stored: Iterable[StoredRecord], facts: FactsFor, wanted: Callable[[Recorded], bool] = _every
) -> Iterator[Retaken | Redecided]:
    """Put every command of a stream that is wanted to the rules again under facts of choice, the others being folded
    alone. What can't be put is `Redecided` at once.

    Raises `ValidationError` where this code can't read an event that was recorded.
    """
    model = MODELS[parse_stream(stream).kind]
    state: ProcessState = model.blank(stream)
    for recorded in commands_of(stored):
        if wanted(recorded):
            yield _retaken(stream, model, state, recorded, facts)
        for record in recorded.records:
            state = model.fold(state, record)


def _retaken(
    stream: StreamId, model: ProcessModel[Any], state: ProcessState, recorded: Recorded, facts: FactsFor
) -> Retaken | Redecided:
    first = recorded.first

    def not_put(verdict: Verdict, words: str) -> Redecided:
        return Redecided(stream=stream, seq=first.seq, command=first.command, verdict=verdict, words=words)

    try:
        request = request_of(recorded, model)
    except (ValidationError, ValueError, TypeError):
        return not_put("unreadable", "this code does not know the command as it was given")
    if request is None:
        return not_put("not_kept", "what was asked was not kept in the ledger when this was recorded")
    try:
        decided_under = facts(request, _pinned(state, recorded))
    except PolicyNotFound as error:
        return not_put("policy_missing", str(error))
    return Retaken(recorded, state, request, model.decide(state, request, decided_under))


def _pinned(state: ProcessState, recorded: Recorded) -> PolicyRef:
    """The pack that held when the command was decided: the process's own, or that of its opening."""
    return state.opening.policy if state.opening is not None else recorded.first.policy


def _judged(stream: StreamId, retaken: Retaken) -> Redecided:
    first = retaken.recorded.first
    words = _difference(retaken)
    return Redecided(
        stream=stream,
        seq=first.seq,
        command=first.command,
        verdict="differs" if words else "same",
        words=words,
    )


def _difference(retaken: Retaken) -> str | None:
    recorded, decision = retaken.recorded, retaken.decision
    if isinstance(decision, Refusal):
        return f"it is refused now ({decision.code})"
    first = recorded.first
    made = seal(retaken.request, decision, first.policy, first.seq - 1, first.previous)
    if [record.digest for record in made] == [record.digest for record in recorded.records]:
        return None
    read = [upcast(record.type, record.payload, record.occurred_at) for record in recorded.records]
    now, then = [record.type for record in made], [str(pydantic_core.from_json(payload)["type"]) for payload in read]
    if now != then:
        return f"it makes {', '.join(now)} now; recorded are {', '.join(then)}"
    for again, payload in zip(made, read, strict=True):
        if payload != again.payload:
            return f"the content of {again.type} is another now"
    superseded = any(record.type in UPCASTERS for record in recorded.records)
    if superseded and [_envelope(record) for record in made] == [_envelope(record) for record in recorded.records]:
        # Recorded in a version that is superseded: read as today's it says the same, and its digest is another's.
        return None
    return "the events are the same, who gave them or when is not"


def _envelope(record: Record) -> dict[str, Any]:
    """What a record says beside its event, whose version is part of every digest."""
    return record.model_dump(exclude={"type", "payload", "payload_digest", "previous", "digest"})
