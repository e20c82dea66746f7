"""Invariants 18, 24 and 25: how things are written down. Whether a record was altered in a database is not seen here:
the ledger's own verification reads that.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

from nom.contracts.base import sha256_hex
from nom.contracts.every_process import RecordCorrected
from nom.contracts.ids import event_id
from nom.contracts.meeting_session import InformationShared, SharingRefused
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter

_OF_THE_REVIEW = ("text_held_for_review", "text_released", "hand_off_", "stage_continued", "case_taken_over")
"""How the event types begin that carry a text as it was written: held or released, or said elsewhere before. What a
process goes on from in another force holds the texts that were held there.
"""
_ON_WORDS = frozenset({"ReleaseText", "ReturnText"})
"""Commands whose reason speaks of words and of nobody."""


def no_banned_term(matter: Matter) -> Iterator[Finding]:
    """18: no text holds a term of the lexicon; one that does is held, reviewed by another person, and in its time."""
    for history in matter.histories:
        for entry in history.entries:
            lexicon = matter.pack(entry).lexicon
            for text in _texts(entry):
                found = lexicon.found_in(text)
                if found:
                    yield _at(history, entry, f"holds {', '.join(found)}, and no supervisor was asked")
                    break
            if entry.record.type.startswith("text_released") and entry.actor in _authors(history, entry):
                yield _at(history, entry, f"{entry.actor} released a text of their own")
        for clock in history.silently_overdue(history.clocks_of("TX1")):
            yield Finding(history.stream, None, f"{clock.about} awaits review past its time and no breach is recorded")


def _texts(entry: Entry) -> Iterator[str]:
    if entry.record.reason and entry.record.command not in _ON_WORDS:
        yield entry.record.reason
    if not entry.record.type.startswith(_OF_THE_REVIEW):
        yield from _strings(entry.event.model_dump(mode="json"))


def _authors(history: History, entry: Entry) -> set[str]:
    held = getattr(entry.event, "held", None)
    before = history.before(entry.record.seq).entries
    return {each.actor for each in before if getattr(each.event, "held", None) == held and _holds(each)}


def _holds(entry: Entry) -> bool:
    return entry.record.type.startswith("text_held_for_review")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(list(cast("dict[str, Any]", value).values()))
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _strings(item)


def shared_and_refused_with_reason(matter: Matter) -> Iterator[Finding]:
    """24: what was shared names whom with, what was refused says why."""
    for history in matter.histories:
        for entry, shared in history.of(InformationShared):
            if not shared.to or not shared.item.strip():
                yield _at(history, entry, "something was shared, and not with whom")
        for entry, _ in history.of(SharingRefused):
            if not entry.record.reason:
                yield _at(history, entry, "sharing was refused without a reason")


def history_is_gapless(matter: Matter) -> Iterator[Finding]:
    """25: numbers without a gap, a chain that verifies, nothing that happens after it is recorded, a pinned policy."""
    for history in matter.histories:
        previous: Entry | None = None
        for place, entry in enumerate(history.entries, 1):
            yield from (_at(history, entry, words) for words in _links(history, place, previous, entry))
            yield from (_at(history, entry, words) for words in _sense(matter, entry))
            previous = entry


def _links(history: History, place: int, previous: Entry | None, entry: Entry) -> Iterator[str]:
    record = entry.record
    if record.seq != place or record.stream != history.stream:
        yield f"stands at place {place} and says {record.seq}"
    if record.previous != (previous.record.digest if previous else None):
        yield "does not follow the record before it"
    if record.digest != record.computed_digest() or record.event_id != event_id(record.stream, record.seq):
        yield "is not the record that its digest names"
    if record.payload_digest != sha256_hex(record.payload.encode("utf-8")):
        yield "holds another event than its digest names"


def _sense(matter: Matter, entry: Entry) -> Iterator[str]:
    try:
        pack = matter.pack(entry)
    except LookupError:
        yield f"was decided under {entry.record.policy.version}, which nobody holds"
        return
    tolerance = timedelta(seconds=pack.thresholds.command_tolerance_seconds)
    if entry.record.occurred_at > entry.record.submitted_at + tolerance:
        yield "happened after it was recorded"
    if isinstance(entry.event, RecordCorrected) and not 0 < entry.event.wrong_seq < entry.record.seq:
        yield f"corrects record {entry.event.wrong_seq}, which does not come before it"


def _at(history: History, entry: Entry, words: str) -> Finding:
    return Finding(history.stream, entry.record.seq, words)
