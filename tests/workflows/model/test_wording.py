"""Invariant 18: a text that holds a word of the lexicon is held for review, and the act that it belongs to is not."""

from typing import Any
from uuid import UUID

from nom.contracts.envelope import Record, seal
from nom.contracts.events import CommandBase
from nom.contracts.every_process import RecordNote, StageEnded
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.inquiry import CloseLineOfInquiry, LineOfInquiryOpened, OpenLineOfInquiry
from nom.contracts.referral import ReceiveReferral
from nom.contracts.triage import ImmediateSafeguardingTaken, TakeImmediateSafeguarding
from nom.contracts.wording import (
    HeldId,
    ReleaseText,
    ReturnText,
    RewriteText,
    TextHeldForReview,
    TextReleased,
    TextReturned,
    TextRewritten,
    fingerprint_of,
    held_id,
    mark_of,
)
from nom.workflows.model import investigation, referral, triage
from nom.workflows.model.triage_record import TriageState
from tests.workflows.model import inquiry_acts, kit, triage_acts
from tests.workflows.model.kit import FACTS, OPENING, Request, london, request

STREAM = triage_acts.STREAM
LEXICON = FACTS.policy.lexicon
BLAMING = "the child is promiscuous"
HELD: HeldId = held_id(fingerprint_of(BLAMING))
MARK = mark_of(HELD)
URGENT = request(STREAM, "triage_sergeant", TakeImmediateSafeguarding(what=BLAMING), "2026-03-02 17:15")


def supervisor(command: CommandBase, at: str, actor: str = "supervisor-1") -> Request:
    return request(STREAM, "supervising_officer", command, at, actor=actor, reason="'promiscuous' is quoted")


def after(*requests: Request) -> TriageState:
    return kit.given(triage.MODEL, STREAM, triage_acts.opening(), *requests)


def events(state: TriageState, asked: Request) -> tuple[Any, ...]:
    return kit.events_of(triage.MODEL, state, asked)


def code(state: TriageState, asked: Request) -> str:
    return kit.refused(triage.MODEL, state, asked).code


RELEASED = supervisor(ReleaseText(held=HELD), "2026-03-03 09:00")
RETURNED = supervisor(ReturnText(held=HELD), "2026-03-03 09:00")
REWRITTEN = request(
    STREAM, "triage_sergeant", RewriteText(held=HELD, text="the child is being exploited"), "2026-03-03 10:00"
)


def test_an_urgent_act_is_recorded_at_once_with_a_mark_in_the_place_of_its_text() -> None:
    taken, held, clock = events(after(), URGENT)
    assert isinstance(taken, ImmediateSafeguardingTaken)
    assert taken.what == MARK == f"[{HELD} held for review]"
    assert isinstance(held, TextHeldForReview)
    assert (held.held, held.command, held.fields, held.terms) == (
        HELD,
        "TakeImmediateSafeguarding",
        ("what",),
        ("judged-conduct",),
    )
    assert (held.author, held.standing, held.written) == ("triage-sergeant-1", "awaits_review", BLAMING)
    assert "promiscuous" not in held.in_words()
    assert (clock.rule, clock.about, clock.due) == ("TX1", HELD, "end of 2026-03-03")
    assert [item.status for item in after(URGENT).held_texts] == ["held"]


def test_a_text_that_is_entered_beyond_the_calendar_is_refused_and_not_a_failure() -> None:
    assert code(after(), URGENT.model_copy(update={"submitted_at": london("2031-03-02 09:00")})) == "outside_calendar"


def test_a_supervisor_releases_it_with_a_reason_and_it_stands_as_it_was_written() -> None:
    state = after(URGENT)
    released, met = events(state, RELEASED)
    assert isinstance(released, TextReleased)
    assert (released.text, met.rule, met.late) == (BLAMING, "TX1", False)
    assert released.in_words().endswith(BLAMING)
    assert [item.status for item in after(URGENT, RELEASED).held_texts] == ["released"]
    without = RELEASED.model_copy(update={"reason": None})
    assert code(state, without) == "reason_missing"


def test_why_a_text_is_released_may_quote_the_word() -> None:
    assert not any(isinstance(event, TextHeldForReview) for event in events(after(URGENT), RELEASED))


def test_nobody_reviews_their_own_text() -> None:
    refusal = kit.refused(
        triage.MODEL, after(URGENT), supervisor(ReleaseText(held=HELD), "2026-03-03 09:00", "triage-sergeant-1")
    )
    assert (refusal.code, kit.labels(refusal)) == ("separation", [f"separation:{HELD}"])
    again = URGENT.model_copy(update={"actor": RELEASED.actor.model_copy(update={"role": "triage_sergeant"})})
    both = after(URGENT, again.model_copy(update={"command_id": UUID(int=7)}))
    assert both.held_texts[0].authors == ("triage-sergeant-1", "supervisor-1")
    assert code(both, RELEASED) == code(both, RETURNED) == "separation"


def test_only_a_role_that_supervises_may_review() -> None:
    assert code(after(URGENT), request(STREAM, "triage_sergeant", ReleaseText(held=HELD), "2026-03-03 09:00")) == "role"


def test_it_is_returned_and_written_again() -> None:
    returned, met = events(after(URGENT), RETURNED)
    assert isinstance(returned, TextReturned)
    assert met.rule == "TX1"
    state = after(URGENT, RETURNED)
    assert [item.status for item in state.held_texts] == ["returned"]
    assert code(state, RELEASED) == code(state, RETURNED) == "text_settled"
    (rewritten,) = events(state, REWRITTEN)
    assert isinstance(rewritten, TextRewritten)
    assert rewritten.in_words() == f"{HELD} written again: the child is being exploited"
    settled = after(URGENT, RETURNED, REWRITTEN)
    assert code(settled, REWRITTEN) == code(settled, RELEASED) == "text_settled"


def test_an_author_may_write_it_again_before_anybody_reviews_it() -> None:
    rewritten, met = events(after(URGENT), REWRITTEN)
    assert (type(rewritten), met.rule) == (TextRewritten, "TX1")


def test_what_is_written_again_is_looked_at_too() -> None:
    worse = request(STREAM, "triage_sergeant", RewriteText(held=HELD, text="she is streetwise"), "2026-03-03 10:00")
    rewritten, _, held, clock = events(after(URGENT), worse)
    assert isinstance(rewritten, TextRewritten)
    assert isinstance(held, TextHeldForReview)
    assert (rewritten.text, held.terms, clock.rule) == (mark_of(held.held), ("worldly-wise",), "TX1")


def test_a_text_that_nobody_holds_is_not_settled() -> None:
    assert code(after(), RELEASED) == code(after(), REWRITTEN) == "no_such_text"


def test_a_review_that_does_not_come_is_a_breach_that_climbs_and_blocks_nothing() -> None:
    late = supervisor(ReleaseText(held=HELD), "2026-03-05 09:00")
    assert kit.breaches(events(after(URGENT), late)) == ["tx1-1"]
    noted = request(STREAM, "triage_sergeant", TakeImmediateSafeguarding(what="moved again"), "2026-03-05 09:00")
    assert kit.breaches(events(after(URGENT), noted))[-1:] == ["tx1-1"]


def test_the_same_text_again_waits_for_the_same_review_and_is_not_reviewed_twice() -> None:
    again = request(STREAM, "triage_sergeant", TakeImmediateSafeguarding(what=BLAMING), "2026-03-02 18:00")
    taken, held = events(after(URGENT), again)
    assert (taken.what, held.standing) == (MARK, "awaits_review")
    later = request(STREAM, "triage_sergeant", TakeImmediateSafeguarding(what=BLAMING), "2026-03-03 11:00")
    taken, held = [event for event in events(after(URGENT, RELEASED), later) if event.type != "deadline_breached.v1"][
        :2
    ]
    assert (taken.what, held.standing) == (MARK, "released_before")
    assert [item.status for item in after(URGENT, RELEASED, later).held_texts] == ["released"]
    turned_down = after(URGENT, RETURNED, REWRITTEN, later)
    assert [item.status for item in turned_down.held_texts] == ["held"]
    assert turned_down.clock("tx1-2") is not None


def test_a_line_of_inquiry_is_closed_by_the_words_under_which_it_was_opened() -> None:
    name = "prostitution adverts"
    opened = inquiry_acts.sio(OpenLineOfInquiry(lines=(name,)), "2026-03-03 11:00")
    state = inquiry_acts.inquiry(inquiry_acts.APPOINTED, opened)
    mark = mark_of(held_id(fingerprint_of(name)))
    (line,) = (
        event
        for event in inquiry_acts.events_of(inquiry_acts.inquiry(), opened)
        if isinstance(event, LineOfInquiryOpened)
    )
    assert line.line == mark
    assert state.open_lines() == (mark,)
    for written in (name, mark):
        closed = inquiry_acts.sio(CloseLineOfInquiry(lines=(written,), result="taken down"), "2026-03-04 11:00")
        done = kit.given(
            investigation.MODEL, inquiry_acts.STREAM, inquiry_acts.opening(), inquiry_acts.APPOINTED, opened, closed
        )
        assert done.open_lines() == ()


def sealed(asked: Request, events: tuple[Any, ...]) -> tuple[Record, ...]:
    return seal(asked, events, FACTS.policy.ref(), 0, None)


def test_a_reason_is_looked_at_and_stands_on_the_record_as_its_mark() -> None:
    decided = triage_acts.DECIDED.model_copy(update={"reason": "the child made her own choices"})
    state = kit.given(triage.MODEL, STREAM, triage_acts.opening(), *triage_acts.COMPLETE)
    recorded = kit.events_of(triage.MODEL, state, decided)
    (held,) = (event for event in recorded if isinstance(event, TextHeldForReview))
    assert held.fields == ("reason",)
    for record, event in zip(sealed(decided, recorded), recorded, strict=True):
        assert record.reason == mark_of(held.held)
        assert record.command_digest == decided.content_digest()
        assert ("own choice" in record.payload) == isinstance(event, TextHeldForReview)
    assert any(isinstance(event, StageEnded) for event in recorded)


def test_a_text_of_the_act_that_ends_a_process_is_reviewed_all_the_same() -> None:
    decided = triage_acts.DECIDED.model_copy(update={"reason": "the child made her own choices"})
    state = kit.given(triage.MODEL, STREAM, triage_acts.opening(), *triage_acts.COMPLETE, decided)
    running = [clock.rule for clock in state.clocks if clock.is_open]
    assert (state.outcome is not None, running) == (True, ["NR2", "TX1"])
    held = state.held_texts[0].id
    assert events(state, supervisor(ReturnText(held=held), "2026-03-03 09:00"))[0] == TextReturned(held=held)


def test_an_act_that_opens_a_process_is_taken_and_its_text_held() -> None:
    stream = stream_of("gmp/26-7k3f9q", ProcessKind.REFERRAL)
    fields = {
        "source": "education",
        "subjects": [{"id": "child-1", "age": 14}],
        "allegations": [{"victim": "child-1", "offence": "SX03025", "words": "consenting"}],
        "opening": OPENING.model_dump(mode="json"),
    }
    asked = request(stream, "education_safeguarding_lead", ReceiveReferral.model_validate(fields), "2026-03-02 09:20")
    first, *rest = kit.events_of(referral.MODEL, referral.MODEL.blank(stream), asked)
    assert first.type == "process_opened.v1"
    (held,) = (event for event in rest if isinstance(event, TextHeldForReview))
    assert held.fields == ("allegations.1.words",)
    assert all("consenting" not in event.canonical().decode() for event in rest if event != held)


def test_a_reference_can_not_hold_a_term_for_nothing_can_stand_in_its_place() -> None:
    command = RecordNote.model_construct(text="x", basis="promiscuous")
    asked = request(STREAM, "triage_sergeant", command, "2026-03-02 18:00")
    refusal = kit.refused(triage.MODEL, after(), asked)
    assert (refusal.code, kit.labels(refusal)) == ("term_in_reference", ["term_in_reference:basis"])


def test_the_same_request_is_decided_alike_and_asked_about_the_same_digest() -> None:
    first, again = events(after(), URGENT), events(after(), URGENT)
    assert first == again
    assert {record.command_digest for record in sealed(URGENT, first)} == {URGENT.content_digest()}


def test_times_are_those_of_the_act_and_the_review_counts_from_its_receipt() -> None:
    late = request(
        STREAM,
        "triage_sergeant",
        TakeImmediateSafeguarding(what=BLAMING),
        "2026-03-02 17:15",
        entered="2026-03-10 09:00",
    )
    taken, held, clock = (event for event in events(after(), late) if event.type != "deadline_breached.v1")
    assert (taken.type, held.type) == ("immediate_safeguarding_taken.v1", "text_held_for_review.v1")
    assert (clock.started_at, clock.due) == (london("2026-03-10 09:00"), "end of 2026-03-11")
