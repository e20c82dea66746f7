"""Texts written, written again, released and returned in any order by anybody: none is lost, and none slips through."""

from hypothesis import given
from hypothesis import strategies as st

from nom.contracts.envelope import seal
from nom.contracts.events import CommandBase
from nom.contracts.every_process import RecordNote
from nom.contracts.triage import TakeImmediateSafeguarding
from nom.contracts.wording import (
    ReleaseText,
    ReturnText,
    RewriteText,
    TextHeldForReview,
    TextReleased,
    TextReturned,
    TextRewritten,
    fingerprint_of,
    held_id,
)
from nom.workflows.model import triage
from tests.workflows.model import triage_acts
from tests.workflows.model.chance import run
from tests.workflows.model.kit import FACTS, Request, request

TEXTS = ("the child is promiscuous", "streetwise, and asking for it", "the child is exploited", "placement moved")
LEXICON = FACTS.policy.lexicon
BLAMING = [text for text in TEXTS if LEXICON.found_in(text)]
HELD = [held_id(fingerprint_of(text)) for text in BLAMING]
ROLES = ("triage_sergeant", "supervising_officer", "detective_superintendent", "duty_officer")
PEOPLE = ("officer-1", "officer-2", "officer-3")


def commands() -> st.SearchStrategy[CommandBase]:
    texts, held = st.sampled_from(TEXTS), st.sampled_from(HELD)
    return st.one_of(
        texts.map(lambda text: TakeImmediateSafeguarding(what=text)),
        texts.map(lambda text: RecordNote(text=text, basis="opinion")),
        held.map(lambda one: ReleaseText(held=one)),
        held.map(lambda one: ReturnText(held=one)),
        st.builds(RewriteText, held=held, text=texts),
    )


def asked(command: CommandBase, role: str, person: str, reason: str, hours: int) -> Request:
    day, hour = divmod(hours, 24)
    at = f"2026-03-{day + 3:02} {hour:02}:00"
    return request(triage_acts.STREAM, role, command, at, actor=person, reason=reason, entered="2026-04-01 09:00")


def requests() -> st.SearchStrategy[list[Request]]:
    one = st.builds(
        asked, commands(), st.sampled_from(ROLES), st.sampled_from(PEOPLE), st.sampled_from(TEXTS), st.integers(0, 480)
    )
    return st.lists(one, min_size=5, max_size=40)


@given(requests())
def test_no_text_is_lost_and_none_slips_through(asked_for: list[Request]) -> None:
    state, steps = run(triage.MODEL, triage_acts.STREAM, [triage_acts.opening(), *asked_for], FACTS)
    standing: dict[str, str] = {}
    authors: dict[str, set[str]] = {}
    for before, asked_now, events in steps:
        records = seal(asked_now, events, FACTS.policy.ref(), before.last_seq, None)
        for event, record in zip(events, records, strict=True):
            is_review = record.command in ("ReleaseText", "ReturnText")
            assert is_review or not LEXICON.found_in(record.reason or "")
            if not isinstance(event, TextHeldForReview | TextReleased):
                assert not any(text in record.payload for text in BLAMING)
            learn(standing, authors, event, asked_now.actor.id)
    assert {item.id: item.status for item in state.held_texts} == standing
    waiting = sorted(clock.about or "" for clock in state.clocks if clock.rule == "TX1" and clock.is_open)
    assert waiting == sorted(held for held, status in standing.items() if status == "held")
    for item in state.held_texts:
        assert (item.id, set(item.authors)) == (held_id(fingerprint_of(item.written)), authors[item.id])


def learn(standing: dict[str, str], authors: dict[str, set[str]], event: object, person: str) -> None:
    """What an event says of a held text, kept apart from the model's own state."""
    if isinstance(event, TextHeldForReview):
        assert event.written in BLAMING
        assert (event.standing == "released_before") == (standing.get(event.held) == "released")
        standing[event.held] = "released" if event.standing == "released_before" else "held"
        authors.setdefault(event.held, set()).add(person)
    if isinstance(event, TextReleased | TextReturned):
        assert standing[event.held] == "held"
        assert person not in authors[event.held]
        standing[event.held] = "released" if isinstance(event, TextReleased) else "returned"
    if isinstance(event, TextRewritten):
        assert standing[event.held] in ("held", "returned")
        standing[event.held] = "rewritten"
