"""A text that holds a word of the lexicon: it is kept apart for a supervisor's review, and its place shows a mark.

The act that the text belongs to is recorded at once. What was written stands in the event that holds it, is never among
that event's words, and is shown once a supervisor has released it. Decides nothing.
"""

from typing import Annotated, ClassVar, Literal, assert_never, get_args

from pydantic import StringConstraints

from nom.contracts.base import Contract, Digest, Slug, Text, sha256_hex
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import PersonId

HeldId = Annotated[str, StringConstraints(pattern=r"^text-[0-9a-f]{12}$")]
"""A text that was held, by its fingerprint: the same text has the same id in every process that it is handed to."""

TextStatus = Literal["held", "released", "returned", "rewritten"]
REASON = "reason"
"""The name of the one text that is beside a command and not in it."""


def fingerprint_of(text: str) -> str:
    """SHA-256 of a text as it was written."""
    return sha256_hex(text.encode("utf-8"))


def held_id(fingerprint: str) -> str:
    """The id of a held text with that fingerprint."""
    return f"text-{fingerprint[:12]}"


def mark_of(held: str) -> str:
    """What stands in the place of a held text. Short enough for every field that takes free words."""
    return f"[{held} held for review]"


class HeldText(Contract):
    """A text that was held. `authors` wrote it, and none of them reviews it. `written` is kept until it is settled."""

    id: HeldId
    status: TextStatus
    authors: tuple[PersonId, ...]
    written: str

    @property
    def is_open(self) -> bool:
        """Whether somebody must still do something about it."""
        return self.status in ("held", "returned")


class ReleaseText(CommandBase):
    """Let a held text stand as it was written: the word is not said of a child, or is quoted. Not by its author."""

    decides: ClassVar[bool] = True
    type: Literal["ReleaseText"] = "ReleaseText"
    held: HeldId


class ReturnText(CommandBase):
    """Send a held text back, to be written again. Not by its author."""

    decides: ClassVar[bool] = True
    type: Literal["ReturnText"] = "ReturnText"
    held: HeldId


class RewriteText(CommandBase):
    """Write a held text again in other words."""

    type: Literal["RewriteText"] = "RewriteText"
    held: HeldId
    text: Text


class TextHeldForReview(EventBase):
    """A command was taken, and one of its texts holds words of the lexicon. `fields` are where the mark stands in place
    of the text. `standing` says whether the same text was reviewed in this process before, and then it is not again.
    """

    says: ClassVar[str] = "A text of {command} ({fields}) stands as {held}, for {terms}: {standing}"
    type: Literal["text_held_for_review.v1"] = "text_held_for_review.v1"
    held: HeldId
    command: str
    fields: tuple[str, ...]
    terms: tuple[Slug, ...]
    lexicon: Slug
    author: PersonId
    text_digest: Digest
    standing: Literal["awaits_review", "released_before"]
    written: str


class TextReleased(EventBase):
    """A supervisor lets a held text stand as it was written."""

    says: ClassVar[str] = "{held} released as it was written: {text}"
    type: Literal["text_released.v1"] = "text_released.v1"
    held: HeldId
    text: str


class TextReturned(EventBase):
    """A supervisor sent a held text back."""

    says: ClassVar[str] = "{held} returned, to be written again"
    type: Literal["text_returned.v1"] = "text_returned.v1"
    held: HeldId


class TextRewritten(EventBase):
    """A held text was written again. What was written first stays where it was held."""

    says: ClassVar[str] = "{held} written again: {text}"
    type: Literal["text_rewritten.v1"] = "text_rewritten.v1"
    held: HeldId
    text: Text


WordingCommand = ReleaseText | ReturnText | RewriteText
WordingEvent = TextHeldForReview | TextReleased | TextReturned | TextRewritten
WORDING_COMMANDS: tuple[type[CommandBase], ...] = get_args(WordingCommand)
WORDING_EVENTS: tuple[type[EventBase], ...] = get_args(WordingEvent)


def fold_wording(texts: tuple[HeldText, ...], event: WordingEvent) -> tuple[HeldText, ...]:
    """The held texts after one event of theirs."""
    match event:
        case TextHeldForReview():
            earlier = next((item for item in texts if item.id == event.held), None)
            authors = tuple(dict.fromkeys((*(earlier.authors if earlier else ()), event.author)))
            status: TextStatus = "released" if event.standing == "released_before" else "held"
            held = HeldText(id=event.held, status=status, authors=authors, written=event.written)
            return (*(item for item in texts if item.id != event.held), held)
        case TextReleased():
            return _with_status(texts, event.held, "released")
        case TextReturned():
            return _with_status(texts, event.held, "returned")
        case TextRewritten():
            return _with_status(texts, event.held, "rewritten")
        case _:
            assert_never(event)


def _with_status(texts: tuple[HeldText, ...], held: str, status: TextStatus) -> tuple[HeldText, ...]:
    return tuple(item.model_copy(update={"status": status}) if item.id == held else item for item in texts)


def reason_on_record(reason: str | None, events: tuple[EventBase, ...]) -> str | None:
    """The reason as the records of a command carry it: the mark, where one of its events holds it for review."""
    held = (event for event in events if isinstance(event, TextHeldForReview) and REASON in event.fields)
    return next((mark_of(event.held) for event in held), reason)
