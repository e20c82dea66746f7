"""The texts of a case that were held for review, as a supervisor must see them: what was written, why it is held, and
what became of it; and, for a reader who only met their marks, what to do. Releases and returns nothing.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter

from nom.contracts.clocks import ClockStarted, due_in_words
from nom.contracts.envelope import PolicyRef, StoredRecord
from nom.contracts.policy.loader import PolicyNotFound, pack_by_ref
from nom.contracts.wording import (
    WORDING_EVENTS,
    HeldText,
    ReleaseText,
    ReturnText,
    RewriteText,
    TextHeldForReview,
    TextReleased,
    TextReturned,
    TextRewritten,
    TextStatus,
    WordingEvent,
    fold_wording,
    mark_of,
)
from nom.workflows.model.process import ProcessState

_EVENTS: TypeAdapter[WordingEvent] = TypeAdapter(WordingEvent)
_TYPES = frozenset(event.model_fields["type"].default for event in WORDING_EVENTS)
_STARTED: str = ClockStarted.model_fields["type"].default


_MARK = re.compile(re.escape(mark_of("\0")).replace("\0", "(text-[0-9a-f]{12})"))
RELEASE, RETURN, REWRITE = (command.model_fields["type"].default for command in (ReleaseText, ReturnText, RewriteText))


class TextStanding(NamedTuple):
    """A text whose mark stands in a process, without its words: what became of it, who wrote it, and, where somebody
    must still do something, which commands do it and which roles may give them under the pack of the process.
    """

    held: str
    status: TextStatus
    authors: tuple[str, ...]
    commands: tuple[str, ...]
    roles: tuple[str, ...]


def standing_texts(state: ProcessState) -> tuple[TextStanding, ...]:
    """The texts that a process held, in the order in which they were last held. No roles where this installation lacks
    the pack.
    """
    return tuple(_standing(text, state) for text in state.held_texts)


def _standing(text: HeldText, state: ProcessState) -> TextStanding:
    commands: dict[TextStatus, tuple[str, ...]] = {"held": (RELEASE, RETURN), "returned": (REWRITE,)}
    open_to = commands.get(text.status, ())
    roles: tuple[str, ...] = ()
    if open_to and state.opening is not None:
        try:
            roles = pack_by_ref(state.opening.policy).roles_for(open_to[0])
        except PolicyNotFound:
            roles = ()
    return TextStanding(text.id, text.status, text.authors, open_to, roles)


def marks_in(words: str) -> tuple[str, ...]:
    """The held texts whose marks stand in words, in order."""
    return tuple(_MARK.findall(words))


class TermFound(NamedTuple):
    """A term of the lexicon that a text holds: why it is one, and what to write instead."""

    code: str
    why: str
    instead: str


class TextOnReview(NamedTuple):
    """One held text of one process. `instead` is what was written in its place, if it was."""

    stream: str
    held: str
    status: TextStatus
    command: str
    fields: tuple[str, ...]
    authors: tuple[str, ...]
    held_at: datetime
    due: str
    written: str
    terms: tuple[TermFound, ...]
    reviewed_by: str | None = None
    reason: str | None = None
    instead: str | None = None


def held_texts_of(records: Iterable[StoredRecord]) -> tuple[TextOnReview, ...]:
    """The held texts of a case's records, in the order in which they were first held; each as it stands now."""
    found: dict[tuple[str, str], TextOnReview] = {}
    known: dict[tuple[str, str], tuple[HeldText, ...]] = {}
    for stored in records:
        record = stored.record
        if record.type == _STARTED:
            clock = ClockStarted.model_validate_json(record.payload)
            place = (record.stream, clock.about or "")
            if place in found:
                found[place] = found[place]._replace(due=due_in_words(clock.due_at, clock.last_day))
        if record.type not in _TYPES:
            continue
        event = _EVENTS.validate_json(record.payload)
        place = (record.stream, event.held)
        known[place] = fold_wording(known.get(place, ()), event)
        line = found.get(place)
        if isinstance(event, TextHeldForReview):
            line = line or _first_seen(stored, event)
        if line is not None:
            (text,) = known[place]
            found[place] = _settled(line._replace(status=text.status, authors=text.authors), stored, event)
    return tuple(found.values())


def _first_seen(stored: StoredRecord, event: TextHeldForReview) -> TextOnReview:
    return TextOnReview(
        stream=stored.record.stream,
        held=event.held,
        status="held",
        command=event.command,
        fields=event.fields,
        authors=(event.author,),
        held_at=stored.record.occurred_at,
        due="",
        written=event.written,
        terms=_terms(event, stored.record.policy),
    )


def _terms(event: TextHeldForReview, policy: PolicyRef) -> tuple[TermFound, ...]:
    try:
        lexicon = pack_by_ref(policy).lexicon
    except PolicyNotFound:
        return tuple(TermFound(code, "", "") for code in event.terms)
    terms = ((code, lexicon.term(code)) for code in event.terms)
    return tuple(TermFound(code, term.why, term.instead) if term else TermFound(code, "", "") for code, term in terms)


def _settled(line: TextOnReview, stored: StoredRecord, event: WordingEvent) -> TextOnReview:
    if isinstance(event, TextReleased | TextReturned):
        return line._replace(reviewed_by=stored.record.actor.id, reason=stored.record.reason)
    if isinstance(event, TextRewritten):
        return line._replace(instead=event.text)
    return line
