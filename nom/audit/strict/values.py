"""Compares single values of a history with what the code gives now: payloads, durations, maps, failures.

Payloads are compared by bytes and metadata first, then as JSON whose types count: `true` is not `1`, `1` is not `1.0`.
Never shows a person's own words: a text is told by its length and digest.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload

GAPS_AT_MOST: Final = 5
"""So many differences inside one payload are named; more say nothing new."""
SHOWN_AT_MOST: Final = 80
NOTHING: Final = "nothing"
JSON_ENCODINGS: Final = frozenset({b"json/plain", b"json/protobuf"})
_ENCODING: Final = "encoding"


class Gap(NamedTuple):
    """One value that is not the same: where, what stands in the history, what the code gives now."""

    field: str
    recorded: str
    emitted: str


class Unreadable(ValueError):
    """A payload is not what its metadata says. Says why, and nothing of the content."""


def json_of(data: bytes) -> object:
    """The JSON value, decimals exact. Raises `Unreadable`, also for a key that stands there twice."""
    try:
        return json.loads(data, parse_float=Decimal, parse_constant=_refused, object_pairs_hook=_unique)
    except Unreadable:
        raise
    except (ValueError, RecursionError) as broken:
        raise Unreadable(f"is not JSON ({type(broken).__name__})") from None


def unreadable(payload: Payload) -> str | None:
    """Why a payload can't be read as what it says it is; None where it can, or where it says something else."""
    if payload.metadata.get(_ENCODING) not in JSON_ENCODINGS:
        return None
    try:
        json_of(payload.data)
    except Unreadable as broken:
        return str(broken)
    return None


def payload_gaps(
    field: str, recorded: Payload | None, emitted: Payload | None, *, loose_type: bool = False
) -> Iterator[Gap]:
    """Where two payloads differ. `loose_type`: the engine may have added the type of a search attribute."""
    if recorded is None or emitted is None:
        if recorded is not emitted:
            yield Gap(field, payload_in_words(recorded), payload_in_words(emitted))
        return
    if recorded == emitted:
        return
    before, after = dict(recorded.metadata), dict(emitted.metadata)
    if loose_type and "type" not in after:
        before.pop("type", None)
    if before != after:
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                yield Gap(f"{field} metadata {key}", _bytes_in_words(before.get(key)), _bytes_in_words(after.get(key)))
    if recorded.data != emitted.data:
        yield from _data_gaps(field, recorded, emitted)


def payloads_gaps(field: str, recorded: Sequence[Payload], emitted: Sequence[Payload]) -> Iterator[Gap]:
    """Where two lists of payloads differ: their number, then each in turn."""
    if len(recorded) != len(emitted):
        yield Gap(f"{field} count", str(len(recorded)), str(len(emitted)))
    for number, (before, after) in enumerate(zip(recorded, emitted, strict=False)):
        yield from payload_gaps(field if len(recorded) == 1 else f"{field}[{number}]", before, after)


def payload_map_gaps(
    field: str, recorded: Mapping[str, Payload], emitted: Mapping[str, Payload], *, loose_type: bool = False
) -> Iterator[Gap]:
    """Where two maps of payloads differ, key by key."""
    for key in _keys(recorded, emitted):
        yield from payload_gaps(f"{field}.{key}", recorded.get(key), emitted.get(key), loose_type=loose_type)


def text_map_gaps(field: str, recorded: Mapping[str, str], emitted: Mapping[str, str]) -> Iterator[Gap]:
    """Where two maps of texts differ, key by key."""
    for key in _keys(recorded, emitted):
        yield from plain_gaps(f"{field}.{key}", recorded.get(key), emitted.get(key))


def plain_gaps(field: str, recorded: object, emitted: object) -> Iterator[Gap]:
    """Where two plain values differ, in value or in type."""
    if recorded != emitted or type(recorded) is not type(emitted):
        yield Gap(field, in_words(recorded), in_words(emitted))


def message_gaps(field: str, recorded: Message, emitted: Message, leave_out: frozenset[str]) -> Iterator[Gap]:
    """Where two messages of one kind differ, field by field and into payloads, without the fields left out."""
    if recorded == emitted:
        return
    if isinstance(recorded, Payload) and isinstance(emitted, Payload):
        yield from payload_gaps(field, recorded, emitted)
        return
    for descriptor in recorded.DESCRIPTOR.fields:
        if descriptor.name in leave_out:
            continue
        name = f"{field}.{descriptor.name}"
        before, after = getattr(recorded, descriptor.name), getattr(emitted, descriptor.name)
        if descriptor.message_type is None:
            yield from plain_gaps(name, _plain(before), _plain(after))
        elif isinstance(before, Message):
            if descriptor.has_presence and recorded.HasField(descriptor.name) != emitted.HasField(descriptor.name):
                yield Gap(name, *(_presence(each, descriptor.name) for each in (recorded, emitted)))
            else:
                yield from message_gaps(name, before, after, leave_out)
        else:
            yield from _many_gaps(name, before, after, leave_out)


def _many_gaps(name: str, before: Iterable[Any], after: Iterable[Any], leave_out: frozenset[str]) -> Iterator[Gap]:
    first, second = list(before), list(after)
    if len(first) != len(second):
        yield Gap(f"{name} count", str(len(first)), str(len(second)))
    for number, (one, other) in enumerate(zip(first, second, strict=False)):
        if isinstance(one, Message):
            yield from message_gaps(f"{name}[{number}]", one, other, leave_out)
        else:
            yield from plain_gaps(f"{name}[{number}]", one, other)


def in_words(value: object) -> str:
    """A value for a report. A text of several words, or a long one, is told by its length and digest."""
    match value:
        case None:
            return NOTHING
        case str() if len(value) > SHOWN_AT_MOST or any(letter.isspace() for letter in value):
            digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
            return f"a text of {len(value)} characters, SHA-256 {digest[:12]}…"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return str(value).lower()
        case dict():
            return f"an object of {len(cast('dict[str, object]', value))} keys"
        case list() | tuple():
            return f"a list of {len(cast('Sequence[object]', value))}"
        case _:
            return str(value)[:SHOWN_AT_MOST]


def payload_in_words(payload: Payload | None) -> str:
    """A payload for a report."""
    if payload is None:
        return NOTHING
    if payload.metadata.get(_ENCODING) == b"binary/null":
        return "null"
    try:
        return _json_words(json_of(payload.data))
    except Unreadable:
        return _bytes_in_words(payload.data)


def _data_gaps(field: str, recorded: Payload, emitted: Payload) -> Iterator[Gap]:
    encodings = {recorded.metadata.get(_ENCODING), emitted.metadata.get(_ENCODING)}
    if not encodings <= JSON_ENCODINGS:
        yield Gap(field, _bytes_in_words(recorded.data), _bytes_in_words(emitted.data))
        return
    try:
        before = json_of(recorded.data)
    except Unreadable as broken:
        yield Gap(field, f"a payload that {broken}", payload_in_words(emitted))
        return
    try:
        after = json_of(emitted.data)
    except Unreadable as broken:
        yield Gap(field, payload_in_words(recorded), f"a payload that {broken}")
        return
    found = list(_json_gaps(field, before, after))
    yield from found[:GAPS_AT_MOST]


def _json_gaps(field: str, before: object, after: object) -> Iterator[Gap]:
    pair: tuple[object, object] = (before, after)
    if isinstance(before, dict) and isinstance(after, dict):
        one, other = cast("dict[str, object]", before), cast("dict[str, object]", after)
        for key in _keys(one, other):
            if key in one and key in other:
                yield from _json_gaps(f"{field}.{key}", one[key], other[key])
            else:
                yield Gap(f"{field}.{key}", *(_held(key, each) for each in (one, other)))
    elif isinstance(before, list) and isinstance(after, list):
        first, second = cast("list[object]", before), cast("list[object]", after)
        if len(first) != len(second):
            yield Gap(field, in_words(first), in_words(second))
        for number, (member, other_member) in enumerate(zip(first, second, strict=False)):
            yield from _json_gaps(f"{field}[{number}]", member, other_member)
    elif _unlike(*pair):
        yield Gap(field, *map(_json_words, pair))


def _unlike(before: object, after: object) -> bool:
    return type(before) is not type(after) or before != after


def _keys(one: Mapping[str, object], other: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _held(key: str, value: Mapping[str, object]) -> str:
    """A key that is there with null is not a key that is missing."""
    return _json_words(value[key]) if key in value else NOTHING


def _json_words(value: object) -> str:
    return "null" if value is None else in_words(value)


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | bytes) else list(cast("Iterable[object]", value))


def _presence(message: Message, name: str) -> str:
    return "there" if message.HasField(name) else NOTHING


def _bytes_in_words(data: bytes | None) -> str:
    if data is None:
        return NOTHING
    return f"{len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()[:12]}…"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Unreadable("has a key twice")
    return made


def _refused(constant: str) -> object:
    raise Unreadable(f"holds {constant}")
