"""What every test of a process model speaks in: requests by actors at London times, and the events that follow."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar, get_args
from uuid import uuid5
from zoneinfo import ZoneInfo

from nom.contracts.actors import SYSTEM, SYSTEM_ROLE, Actor, Agency, Rank
from nom.contracts.clocks import DeadlineBreached
from nom.contracts.envelope import CommandEnvelope, seal
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import Jurisdiction, Opening
from nom.contracts.ids import NOM_NAMESPACE
from nom.contracts.policy.loader import calendar_of, pack_for, pack_of_version
from nom.contracts.policy.pack import PolicyPack
from nom.workflows.model.process import Facts, ProcessModel, ProcessState

StateT = TypeVar("StateT", bound=ProcessState)
Request = CommandEnvelope[Any]

LONDON = ZoneInfo("Europe/London")


def facts_of(policy: PolicyPack) -> Facts:
    """The facts under a pack."""
    return Facts(policy=policy, calendar=calendar_of(policy))


POLICY = pack_for("ENG", "police", date(2026, 3, 2))
FACTS = facts_of(POLICY)
FROM_DECEMBER = facts_of(pack_of_version("eng-police-2026.3"))
"""The facts under the pack by which police may chair a meeting and people of the court enter what it decided."""
OPENING = Opening(jurisdiction=Jurisdiction.ENGLAND, policy=POLICY.ref())


def london(words: str) -> datetime:
    """`2026-03-02 09:20`, in Europe/London."""
    return datetime.fromisoformat(words).replace(tzinfo=LONDON)


def agency_of(role: str) -> Agency:
    """The first of the agencies whose people may hold a role; the police where any may."""
    return next((agency for rule in POLICY.roles if rule.role == role for agency in rule.agencies), Agency.POLICE)


def request(  # noqa: PLR0913  # What surrounds a command is what the tests vary.
    stream: str,
    role: str,
    command: CommandBase,
    at: str,
    *,
    actor: str | None = None,
    agency: Agency | None = None,
    rank: Rank | None = None,
    reason: str | None = None,
    entered: str | None = None,
) -> Request:
    """A command by somebody in a role, at a London time; entered then too, if no other time is given. Where no agency
    is named, it is the first of those whose people may hold the role.
    """
    person = Actor(id=actor or f"{role.replace('_', '-')}-1", role=role, agency=agency or agency_of(role), rank=rank)
    identity = "/".join((stream, role, at, entered or "", command.canonical().decode()))
    return CommandEnvelope[Any](
        command_id=uuid5(NOM_NAMESPACE, identity),
        stream=stream,
        actor=SYSTEM if role == SYSTEM_ROLE else person,
        occurred_at=london(at),
        submitted_at=london(entered or at),
        reason=reason,
        command=command,
    )


def outcome_of(
    model: ProcessModel[StateT], state: StateT, asked: Request, facts: Facts = FACTS
) -> tuple[StateT, tuple[EventBase, ...]]:
    """The state and the events after one request. A refusal is a failure of the test."""
    decision = model.decide(state, asked, facts)
    assert not isinstance(decision, Refusal), decision
    records = seal(asked, decision, facts.policy.ref(), state.last_seq, None)
    for record in records:
        state = model.fold(state, record)
    return state, decision


def given(model: ProcessModel[StateT], stream: str, *requests: Request, facts: Facts = FACTS) -> StateT:
    """The state after requests that must all be accepted, folded from the records that they left."""
    state = model.blank(stream)
    for asked in requests:
        state, _ = outcome_of(model, state, asked, facts)
    return state


def events_of(
    model: ProcessModel[StateT], state: StateT, asked: Request, facts: Facts = FACTS
) -> tuple[EventBase, ...]:
    """The events of one request. A refusal is a failure of the test."""
    return outcome_of(model, state, asked, facts)[1]


def refused(model: ProcessModel[StateT], state: StateT, asked: Request, facts: Facts = FACTS) -> Refusal:
    """The refusal of one request. Acceptance is a failure of the test."""
    decision = model.decide(state, asked, facts)
    assert isinstance(decision, Refusal), decision
    return decision


class Step(NamedTuple, Generic[StateT]):
    """A request that was accepted: the events that followed and the state after them."""

    asked: Request
    events: tuple[EventBase, ...]
    state: StateT


def walk(
    model: ProcessModel[StateT], stream: str, requests: Iterable[Request], facts: Facts = FACTS
) -> Iterator[Step[StateT]]:
    """Put requests to a process one after another, whatever it says of each, and check what every process promises: a
    refusal leaves the state as it was, every event is read back from its record, and the state survives JSON.
    """
    state = model.blank(stream)
    for asked in requests:
        before = state.model_dump_json()
        decision = model.decide(state, asked, facts)
        assert state.model_dump_json() == before
        if isinstance(decision, Refusal):
            continue
        assert decision == model.decide(type(state).model_validate_json(before), asked, facts)
        for record, event in zip(
            seal(asked, decision, facts.policy.ref(), state.last_seq, None), decision, strict=True
        ):
            assert model.event_of(record) == event
            assert event.in_words()
            state = model.fold(state, record)
        assert survives_json(state)
        yield Step(asked, decision, state)


def labels(refusal: Refusal) -> list[str]:
    """The unmet conditions as `code` or `code:about`, in order."""
    return [item.label() for item in refusal.unmet]


def breaches(events: tuple[EventBase, ...]) -> list[str]:
    """The ids of the clocks whose breach is among the events."""
    return [event.clock_id for event in events if isinstance(event, DeadlineBreached)]


def survives_json(state: ProcessState) -> bool:
    """Whether the whole state is the same after a round trip through JSON."""
    return type(state).model_validate_json(state.model_dump_json()) == state


def type_names(union: object) -> list[str]:
    """The names under which the events of a union are published."""
    return [kind.model_fields["type"].default for kind in get_args(union)]
