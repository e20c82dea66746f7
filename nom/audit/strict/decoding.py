"""Reads the payloads of a history: decoded by a codec where there is one, each event by itself, so that an event that
can't be read is named and the others are compared all the same.

Never touches search attributes: no codec ever does.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.api.history.v1 import HistoryEvent, MarkerRecordedEventAttributes
from temporalio.converter import PayloadCodec

from nom.audit.strict.expectation import CORE_DATA, LOCAL_ACTIVITY_MARKER, PATCH_MARKER
from nom.audit.strict.values import unreadable

_CORE_MARKERS: Final = frozenset({LOCAL_ACTIVITY_MARKER, PATCH_MARKER})


def payloads_within(message: Message) -> Iterator[Payload]:
    """Every payload in a message but those of search attributes."""
    if isinstance(message, Payload):
        yield message
        return
    if isinstance(message, SearchAttributes):
        return
    if isinstance(message, MarkerRecordedEventAttributes) and message.marker_name in _CORE_MARKERS:
        yield from _payloads_of_a_core_marker(message)
        return
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        for part in _messages_in(value, is_map=descriptor.message_type.GetOptions().map_entry):
            yield from payloads_within(part)


def _messages_in(value: object, *, is_map: bool) -> Iterator[Message]:
    """The messages that a field holds: itself, those of a list, or the values of a map."""
    if isinstance(value, Message):
        yield value
    elif is_map:
        held = cast("Mapping[str, object]", value)
        yield from (part for key in held if isinstance(part := held[key], Message))
    else:
        yield from cast("Sequence[Message]", value)


def _payloads_of_a_core_marker(marker: MarkerRecordedEventAttributes) -> Iterator[Payload]:
    for key, value in marker.details.items():
        if key not in CORE_DATA:
            yield from value.payloads
    yield from payloads_within(marker.failure)


async def decoded(events: Sequence[HistoryEvent], codec: PayloadCodec) -> tuple[list[HistoryEvent], tuple[str, ...]]:
    """A private copy of the events, decoded, and a line for each event that could not be."""
    copies: list[HistoryEvent] = []
    faults: list[str] = []
    for event in events:
        copy = HistoryEvent()
        copy.CopyFrom(event)
        copies.append(copy)
        payloads = list(payloads_within(copy))
        if not payloads:
            continue
        try:
            plain = [(await codec.decode([payload]))[0] for payload in payloads]
        except Exception as error:  # noqa: BLE001 - a codec may raise anything; what matters is which event it was
            faults.append(f"event {event.event_id}: the codec can't decode it ({type(error).__name__})")
            copies[-1] = event
            continue
        for payload, one in zip(payloads, plain, strict=True):
            payload.CopyFrom(one)
    return copies, tuple(faults)


def undecodable(events: Sequence[HistoryEvent]) -> tuple[str, ...]:
    """A line for each payload that is not what it says it is."""
    return tuple(
        f"event {event.event_id}: a payload {problem}"
        for event in events
        for payload in payloads_within(event)
        if (problem := unreadable(payload)) is not None
    )
