"""Recorded histories for tests: made by the rules alone, and then spoiled as no rule would ever leave them."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from nom.console.scenario.loading import bundled
from nom.contracts.envelope import Record, seal
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.contracts.ids import parse_stream
from nom.contracts.policy.loader import pack_by_ref
from nom.workflows.model.invariants.matter import Entry, History, Matter, matter_of
from nom.workflows.model.process import Facts
from nom.workflows.operating_model import MODELS
from tests.console.office import Office
from tests.workflows.model.kit import FACTS, Request

Spoiler = Callable[[Matter], Matter]


def recorded(*requests: Request, facts: Facts = FACTS) -> Matter:
    """What the requests leave, each of which must be taken. Nothing is handed on."""
    records: dict[str, list[Record]] = {}
    for asked in requests:
        model, written = MODELS[parse_stream(asked.stream).kind], records.setdefault(asked.stream, [])
        state = model.blank(asked.stream)
        for record in written:
            state = model.fold(state, record)
        decision = model.decide(state, asked, facts)
        assert not isinstance(decision, Refusal), decision
        head = written[-1].digest if written else None
        written.extend(seal(asked, decision, facts.policy.ref(), state.last_seq, head))
    return judged(record for stream in records.values() for record in stream)


@cache
def worked(scenario_id: str) -> Matter:
    """What a worked scenario leaves, its group and everything that is handed on among it."""
    scenario = next(item for item in bundled() if item.id.startswith(scenario_id))
    office = Office(scenario)
    office.run()
    return judged(office.all_records())


def judged(records: Iterable[Record]) -> Matter:
    """Records as the invariants look at them."""
    return matter_of(records, lambda record: MODELS[parse_stream(record.stream).kind].event_of(record), pack_by_ref)


def without(*kinds: type[EventBase]) -> Spoiler:
    """Takes every event of those kinds away."""
    return _each(lambda entry: None if isinstance(entry.event, kinds) else entry)


def saying(kind: type[EventBase], **fields: Any) -> Spoiler:  # noqa: ANN401 - whatever a field holds
    """Has every event of a kind say something else."""
    return _each(
        lambda entry: (
            entry._replace(event=entry.event.model_copy(update=fields)) if isinstance(entry.event, kind) else entry
        )
    )


def recording(kind: type[EventBase], **fields: Any) -> Spoiler:  # noqa: ANN401 - whatever a field holds
    """Has the record of every event of a kind say something else."""
    return _each(
        lambda entry: (
            entry._replace(record=entry.record.model_copy(update=fields)) if isinstance(entry.event, kind) else entry
        )
    )


def instead(kinds: tuple[type[EventBase], ...], other: EventBase, reason: str | None = None) -> Spoiler:
    """Has another event stand in the place of every event of those kinds, with that reason."""
    return _each(
        lambda entry: (
            Entry(entry.record.model_copy(update={"type": other.type, "reason": reason}), other)
            if isinstance(entry.event, kinds)
            else entry
        )
    )


def given_by(person: str, *kinds: type[EventBase], **actor: Any) -> Spoiler:  # noqa: ANN401 - whatever an actor has
    """Has somebody else have given what led to every event of those kinds."""

    def by(entry: Entry) -> Entry | None:
        if not isinstance(entry.event, kinds):
            return entry
        other = entry.record.actor.model_copy(update={"id": person, **actor})
        return entry._replace(record=entry.record.model_copy(update={"actor": other}))

    return _each(by)


def _each(change: Callable[[Entry], Entry | None]) -> Spoiler:
    def spoiled(matter: Matter) -> Matter:
        histories = (
            History(each.stream, tuple(entry for old in each.entries if (entry := change(old)) is not None))
            for each in matter.histories
        )
        return Matter(tuple(histories), matter.pack_of)

    return spoiled


def then(*spoilers: Spoiler) -> Spoiler:
    """One after another."""

    def spoiled(matter: Matter) -> Matter:
        for spoiler in spoilers:
            matter = spoiler(matter)
        return matter

    return spoiled


def actor_of(matter: Matter, kind: type[EventBase]) -> str:
    """Who gave the first event of a kind."""
    return next(entry.actor for history in matter.histories for entry, _ in history.of(kind))
