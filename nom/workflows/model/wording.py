"""Which texts of a command are held for a supervisor's review, and how a held text is settled.

Looks at every text of every process in one way, whatever the command. The act goes on with a mark in the text's place;
only a reference or a code that holds a term of the lexicon is refused, for nothing can stand in its place.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, assert_never, cast

from pydantic import ValidationError

from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.base import Contract
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.events import EventBase
from nom.contracts.policy.lexicon import Lexicon
from nom.contracts.wording import (
    REASON,
    HeldText,
    ReleaseText,
    ReturnText,
    RewriteText,
    TextHeldForReview,
    TextReleased,
    TextReturned,
    TextRewritten,
    WordingCommand,
    fingerprint_of,
    held_id,
    mark_of,
)

REVIEW = "TX1"
"""The rule of the pack that says how soon a held text is settled."""


class Examined(NamedTuple):
    """A request as it is decided, with marks in the place of held texts, and the events that hold them."""

    request: CommandEnvelope[Any]
    held: tuple[TextHeldForReview, ...]


def examine(held_so_far: tuple[HeldText, ...], request: CommandEnvelope[Any], lexicon: Lexicon) -> Examined | Refusal:
    """Look at every text of a command and at its reason. What the process itself says was looked at where somebody
    wrote it; why a supervisor releases or returns a text speaks of words, and not of a child.
    """
    if request.actor.role == SYSTEM_ROLE:
        return Examined(request, ())
    fields: dict[str, list[str]] = {}
    for path, text in _texts_of(request):
        if lexicon.found_in(text):
            fields.setdefault(text, []).append(path)
    if not fields:
        return Examined(request, ())
    marks = {text: mark_of(held_id(fingerprint_of(text))) for text in fields}
    try:
        marked = _marked(request, marks)
    except ValidationError:
        return _refused(fields)
    released = {item.id for item in held_so_far if item.status == "released"}
    held = tuple(_held(request, text, tuple(paths), lexicon, released) for text, paths in fields.items())
    return Examined(marked, held)


def _held(
    request: CommandEnvelope[Any], text: str, fields: tuple[str, ...], lexicon: Lexicon, released: set[str]
) -> TextHeldForReview:
    digest = fingerprint_of(text)
    return TextHeldForReview(
        held=held_id(digest),
        command=request.command.type,
        fields=fields,
        terms=lexicon.found_in(text),
        lexicon=lexicon.version,
        author=request.actor.id,
        text_digest=digest,
        standing="released_before" if held_id(digest) in released else "awaits_review",
        written=text,
    )


def _texts_of(request: CommandEnvelope[Any]) -> Iterator[tuple[str, str]]:
    yield from _texts_in(request.command, "")
    if request.reason and not isinstance(request.command, (ReleaseText, ReturnText)):
        yield REASON, request.reason


def _texts_in(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every string of a value with its path, `factors.threat.reason`. A member of an enumeration is nobody's words."""
    if type(value) is str:
        yield path, value
    elif isinstance(value, Contract):
        for name in type(value).model_fields:
            yield from _texts_in(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for number, item in enumerate(cast("tuple[object, ...]", value), start=1):
            yield from _texts_in(item, f"{path}.{number}")


def _marked(request: CommandEnvelope[Any], marks: dict[str, str]) -> CommandEnvelope[Any]:
    """The request with marks in place of texts. Raises `ValidationError` where a field does not take free words."""
    command = cast("Contract", _in_place(request.command, marks))
    checked = type(command).model_validate_json(command.model_dump_json())
    reason = request.reason
    if reason is not None and not isinstance(checked, (ReleaseText, ReturnText)):
        reason = marks.get(reason, reason)
    return request.model_copy(update={"command": checked, "reason": reason})


def _in_place(value: object, marks: dict[str, str]) -> object:
    if type(value) is str:
        return marks.get(value, value)
    if isinstance(value, Contract):
        changed = {name: _in_place(getattr(value, name), marks) for name in type(value).model_fields}
        return value.model_copy(update=changed)
    if isinstance(value, tuple):
        return tuple(_in_place(item, marks) for item in cast("tuple[object, ...]", value))
    return value


def _refused(fields: dict[str, list[str]]) -> Refusal:
    where = [path for paths in fields.values() for path in paths]
    words = "a reference or a code can't hold a term of the lexicon: it would be read as what somebody is"
    return refuse("term_in_reference", words, *(unmet("term_in_reference", words, path) for path in where))


def settle(texts: tuple[HeldText, ...], request: CommandEnvelope[Any]) -> Refusal | tuple[EventBase, ...]:
    """Release a held text, return it, or write it again."""
    command = cast("WordingCommand", request.command)
    held = next((item for item in texts if item.id == command.held), None)
    if held is None:
        return refuse("no_such_text", f"this process holds no {command.held}")
    match command:
        case ReleaseText() | ReturnText():
            if held.status != "held":
                return refuse("text_settled", f"{held.id} was reviewed already: it is {held.status}")
            if request.actor.id in held.authors:
                words = "whoever wrote a text does not review it"
                return refuse("separation", words, unmet("separation", words, held.id))
            is_released = isinstance(command, ReleaseText)
            released, returned = TextReleased(held=held.id, text=held.written), TextReturned(held=held.id)
            return (released if is_released else returned,)
        case RewriteText():
            if not held.is_open:
                return refuse("text_settled", f"{held.id} awaits nothing: it is {held.status}")
            return (TextRewritten(held=held.id, text=command.text),)
        case _:
            assert_never(command)
