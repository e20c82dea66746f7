"""One record as an event of an object-centric event log (OCEL 2.0), with the objects that it speaks of.

Takes references, types, times, roles and codes; never a text that a person wrote, and never who acted.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from nom.audit.conformance.objects import Objects
from nom.audit.conformance.references import Reference, references_in
from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.clocks import CLOCK_EVENTS
from nom.contracts.envelope import StoredRecord
from nom.contracts.events import EventBase
from nom.contracts.every_process import StageEnded, StageReopened
from nom.contracts.ids import ProcessKind, StreamName, is_stream, parse_stream
from nom.contracts.services import NCA

EVENT_ATTRIBUTES: Final = {
    "command": "string",
    "role": "string",
    "agency": "string",
    "by_system": "boolean",
    "seq": "integer",
    "recorded_at": "time",
    "policy": "string",
    "rule": "string",
    "due_at": "time",
    "late": "boolean",
    "outcome": "string",
}
OBJECT_TYPES: Final[dict[str, dict[str, str]]] = {
    "case": {"force": "string"},
    "group": {"force": "string"},
    "process": {"kind": "string", "outcome": "string"},
    "child": {},
    "victim": {},
    "suspect": {},
    "person": {},
    "meeting": {},
    "charge file": {},
}
OPEN: Final = "open"
"""The outcome of a process that had one and goes on all the same."""
_PROCESSES_NAMED: Final = ("stage", "referral", "review", "continues", "group", "to")
_CASE: Final = re.compile(r"^[a-z]{3}/[a-z0-9][a-z0-9-]{0,59}$")
_KINDS_OF_PEOPLE: Final = {"child": "child", "victim": "victim", "suspect": "suspect"}

Related = tuple[str, str]
"""An object's id and how the event stands to it."""


def event_types() -> list[dict[str, Any]]:
    """Every type of event that this nom knows, in the form of the log."""
    attributes = [{"name": name, "type": form} for name, form in EVENT_ATTRIBUTES.items()]
    return [{"name": name, "attributes": attributes} for name in sorted(_types(EventBase))]


def object_types() -> list[dict[str, Any]]:
    """Every type of object, in the form of the log."""
    return [
        {"name": name, "attributes": [{"name": each, "type": form} for each, form in attributes.items()]}
        for name, attributes in OBJECT_TYPES.items()
    ]


def activity(record_type: str) -> str:
    """The type of an event without its version: `lro_appointed.v2` → `lro_appointed`."""
    return record_type.partition(".")[0]


@cache
def _types(base: type[EventBase]) -> frozenset[str]:
    own = {activity(base.model_fields["type"].default)} if isinstance(_type_of(base), str) else set[str]()
    return frozenset(own.union(*(_types(each) for each in base.__subclasses__())))


def _type_of(base: type[EventBase]) -> object:
    return base.model_fields["type"].default if "type" in base.model_fields else None


def event_of(stored: StoredRecord, event: EventBase, objects: Objects) -> dict[str, Any]:
    """The event in the form of the log. Its objects are added to the store."""
    record, name = stored.record, parse_stream(stored.record.stream)
    time = record.occurred_at.isoformat()
    own, meeting = _own(name, record.stream, objects, time), _meeting(event, record.stream, objects)
    related = dict.fromkeys((*own, *meeting, *_named(event, objects), *_people(event, name, objects)))
    if isinstance(event, StageEnded):
        objects.describe(record.stream, "outcome", event.outcome, time)
    elif isinstance(event, StageReopened):
        objects.describe(record.stream, "outcome", OPEN, time)
    return {
        "id": str(record.event_id),
        "type": activity(record.type),
        "time": time,
        "attributes": [{"name": key, "value": value} for key, value in _attributes(stored, event)],
        "relationships": [{"objectId": target, "qualifier": words} for target, words in related],
    }


def _attributes(stored: StoredRecord, event: EventBase) -> Iterator[tuple[str, str]]:
    record = stored.record
    yield "command", record.command
    yield "role", record.actor.role
    yield "agency", record.actor.agency.value
    yield "by_system", _flag(record.actor.role == SYSTEM_ROLE)
    yield "seq", str(record.seq)
    yield "recorded_at", stored.recorded_at.isoformat()
    yield "policy", record.policy.version
    if isinstance(event, CLOCK_EVENTS):
        yield "rule", str(getattr(event, "rule", ""))
        due, late = getattr(event, "due_at", None), getattr(event, "late", None)
        if due is not None:
            yield "due_at", due.isoformat()
        if late is not None:
            yield "late", _flag(bool(late))
    if isinstance(event, StageEnded):
        yield "outcome", event.outcome


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _own(name: StreamName, stream: str, objects: Objects, time: str) -> Iterator[Related]:
    """The process and the case or group of a record, and the file where it is about a charge."""
    objects.describe_once(stream, "kind", name.kind.value, time)
    yield from _process(stream, "in", objects)
    yield _matter(name.case, objects), "of"
    objects.describe_once(name.case, "force", name.force.upper(), time)
    if name.kind is ProcessKind.CHARGE:
        file = f"{stream}#file"
        objects.add(file, "charge file")
        objects.relate(file, stream, "decided in")
        yield file, "about"


def _meeting(event: EventBase, stream: str, objects: Objects) -> Iterator[Related]:
    """The session of a strategy meeting that the event is about."""
    meeting = getattr(event, "meeting", None)
    if isinstance(meeting, str):
        identity = f"{stream}#{meeting}"
        objects.add(identity, "meeting")
        objects.relate(identity, stream, "session of")
        yield identity, "meeting"


def _process(stream: str, words: str, objects: Objects) -> Iterator[Related]:
    objects.add(stream, "process")
    objects.relate(stream, _matter(parse_stream(stream).case, objects), "part of")
    yield stream, words


def _matter(case: str, objects: Objects) -> str:
    objects.add(case, "group" if case.startswith(f"{NCA}/group-") else "case")
    return case


def _named(event: EventBase, objects: Objects) -> Iterator[Related]:
    """Processes, cases and groups that the event names."""
    for field in _PROCESSES_NAMED:
        value = getattr(event, field, None)
        if isinstance(value, str) and is_stream(value):
            yield from _process(value, field, objects)
        elif isinstance(value, str) and _CASE.match(value):
            yield _matter(value, objects), field
    case = getattr(event, "case", None)
    if isinstance(case, str) and _CASE.match(case):
        yield _matter(case, objects), "names"


def _people(event: EventBase, name: StreamName, objects: Objects) -> Iterator[Related]:
    for found in references_in(event):
        yield _person(found, name.case, objects), found.role


def _person(found: Reference, case: str, objects: Objects) -> str:
    """`child-1` of one case is not `child-1` of another: the id carries the case."""
    own = found.case or case
    identity = f"{own}#{found.subject}"
    objects.add(identity, _KINDS_OF_PEOPLE.get(found.subject.partition("-")[0], "person"))
    objects.relate(identity, _matter(own, objects), "of")
    return identity
