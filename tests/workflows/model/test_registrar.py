"""The registrar's second look at a crime, and that neither of its answers passes a closure by."""

from nom.contracts.closure import Closed
from nom.contracts.crime import CancelCrime, CrimeCancelled, CrimeReclassified, ReclassifyCrime, RecordCrime
from nom.contracts.events import CommandBase
from nom.contracts.every_process import ClockRanOut
from nom.contracts.inquiry import RecordAccountDeclined
from nom.contracts.standing import CrimeOf
from nom.contracts.subjects import Subject
from tests.workflows.model import closure_acts as closing
from tests.workflows.model.inquiry_acts import (
    CANCELLED,
    COMPLETE,
    CRIME_CANCELLED,
    RECORDED,
    STREAM,
    concluded,
    events_of,
    inquiry,
    opening,
    refusal_of,
    sio,
)
from tests.workflows.model.kit import Request, request
from tests.workflows.model.matter import Matter

ALLEGED, OTHER, RAPE = "SX03025", "SX03238", "SX03001"
CHILD, SECOND_CHILD = Subject(id="child-1", age=14), Subject(id="child-2", age=13)


def registrar(command: CommandBase, at: str = "2026-03-06 10:00", stream: str = STREAM) -> Request:
    return request(stream, "force_crime_registrar", command, at, actor="fcr-9", reason="as the account shows")


def to_rape(victim: str = "child-1", at: str = "2026-03-06 10:00", stream: str = STREAM) -> Request:
    return registrar(ReclassifyCrime(victim=victim, offence=ALLEGED, to=RAPE), at, stream)


def cancel(
    victim: str = "child-1", offence: str = ALLEGED, at: str = "2026-03-06 10:00", stream: str = STREAM
) -> Request:
    return registrar(CancelCrime(victim=victim, offence=offence), at, stream)


def test_a_crime_becomes_another_offence_and_the_old_one_no_longer_stands() -> None:
    (event,) = events_of(inquiry(), to_rape())
    assert isinstance(event, CrimeReclassified)
    assert event.in_words() == "Crime against child-1 reclassified from SX03025 to SX03001"
    state = inquiry(to_rape())
    assert state.crimes() == (("child-1", RAPE),)
    assert refusal_of(state, to_rape()) == ("unknown_crime", ["unknown_crime:child-1:SX03025"])


def test_a_crime_that_is_classified_back_stands_again() -> None:
    back = registrar(ReclassifyCrime(victim="child-1", offence=RAPE, to=ALLEGED), "2026-03-07 10:00")
    assert inquiry(to_rape(), back).crimes() == (("child-1", ALLEGED),)


def test_what_does_not_fit_the_age_is_a_warning() -> None:
    (event,) = events_of(inquiry(), registrar(ReclassifyCrime(victim="child-1", offence=ALLEGED, to="SX03013")))
    assert isinstance(event, CrimeReclassified)
    assert event.warnings == ("SX03013 is for a victim of up to 12; the victim recorded is 14",)


def test_a_crime_is_reclassified_as_a_known_offence_that_is_not_recorded_yet() -> None:
    unknown = registrar(ReclassifyCrime(victim="child-1", offence=ALLEGED, to="SX99999"))
    assert refusal_of(inquiry(), unknown) == ("unknown_code", ["unknown_offence:SX99999"])
    same = registrar(ReclassifyCrime(victim="child-1", offence=ALLEGED, to=ALLEGED))
    assert refusal_of(inquiry(), same)[0] == "already_recorded"
    other = registrar(ReclassifyCrime(victim="child-1", offence=ALLEGED, to=OTHER))
    assert refusal_of(inquiry(RECORDED), other)[0] == "already_recorded"


def test_a_crime_is_cancelled_with_a_reason_and_may_be_recorded_again() -> None:
    (event,) = events_of(inquiry(RECORDED), CANCELLED)
    assert isinstance(event, CrimeCancelled)
    assert event.in_words() == "Crime cancelled: SX03238 against child-1"
    state = inquiry(RECORDED, CANCELLED)
    assert state.crimes() == (("child-1", ALLEGED),)
    assert refusal_of(state, CANCELLED)[0] == "unknown_crime"
    assert refusal_of(inquiry(RECORDED), CANCELLED.model_copy(update={"reason": None}))[0] == "reason_missing"
    again = registrar(RecordCrime(victim="child-1", offence=OTHER), "2026-03-09 10:00")
    assert ("child-1", OTHER) in inquiry(RECORDED, CANCELLED, again).crimes()
    assert refusal_of(inquiry(RECORDED), again)[0] == "already_recorded"


def test_only_the_registrar_and_not_the_one_who_recorded_a_crime_cancels_it() -> None:
    assert refusal_of(inquiry(), sio(cancel().command, "2026-03-06 10:00"))[0] == "role"
    assert refusal_of(inquiry(), sio(to_rape().command, "2026-03-06 10:00"))[0] == "role"
    own = CANCELLED.model_copy(update={"actor": RECORDED.actor})
    assert refusal_of(inquiry(RECORDED), own) == ("separation", ["separation:RecordCrime"])
    assert CRIME_CANCELLED[1:] == (RECORDED, CANCELLED)


def test_where_somebody_is_suspected_a_cancelled_crime_leaves_the_gate_as_it_was() -> None:
    state = inquiry(cancel())
    assert (state.crimes(), state.outcome) == ((), None)
    assert refusal_of(state, concluded("suspect-1", "2026-04-03 10:00"))[0] == "investigation_gate"
    done = inquiry(*COMPLETE, concluded("suspect-1", "2026-04-03 10:00"), concluded("suspect-2", "2026-04-03 11:00"))
    assert done.outcome == "concluded"
    assert refusal_of(done, cancel(at="2026-04-04 10:00"))[0] == "process_ended"


def test_the_last_crime_of_a_matter_without_a_suspect_is_closed_and_not_cancelled() -> None:
    state = inquiry(opened=opening(CHILD))
    assert refusal_of(state, cancel())[0] == "last_crime"
    assert inquiry(RECORDED, cancel(at="2026-03-07 10:00"), opened=opening(CHILD)).crimes() == (("child-1", OTHER),)


def unsolved(*requests: Request) -> Matter:
    """A matter about two children and nobody who is suspected, of which an account was declined by each."""
    declined = (
        closing.sio(RecordAccountDeclined(victim=victim.id), "2026-06-02 10:00") for victim in (CHILD, SECOND_CHILD)
    )
    return closing.matter(closing.opened(CHILD, SECOND_CHILD), closing.routed(), *declined, *requests)


def propose(victim: str, offence: str = ALLEGED) -> Request:
    return closing.propose(what=Closed(crime=CrimeOf(victim=victim, offence=offence)), outcome="18")


def test_a_crime_that_is_another_one_now_is_closed_as_that() -> None:
    held = unsolved(propose("child-1"), to_rape(at="2026-08-11 10:00", stream=closing.INVESTIGATION))
    assert held.refusal(closing.approve()) == ("closure_gate", ["crime_reclassified:child-1:SX03025"])
    held.give_all(closing.reject())
    as_it_is = propose("child-1", RAPE).model_copy(update={"stream": "syp/26-7k3f9q/closure-2"})
    held.give_all(as_it_is, closing.approve(stream="syp/26-7k3f9q/closure-2"))
    assert held.refused_hand_offs == []


def test_a_cancelled_crime_is_not_closed() -> None:
    held = unsolved(propose("child-1"), cancel(at="2026-08-11 10:00", stream=closing.INVESTIGATION))
    assert held.refusal(closing.approve()) == ("closure_gate", ["crime_cancelled:child-1:SX03025"])


def closed_for_the_first() -> Matter:
    held = unsolved(propose("child-1"), closing.approve(), closing.notify(), closing.offer())
    clock = closing.closure_of(held).clock("vr1-1")
    assert clock is not None
    due = ClockRanOut(clock_id="vr1-1", due_at=clock.due_at)
    return held.give_all(request(closing.CLOSURE, "system", due, "2026-11-29 00:00"))


def test_a_cancellation_that_leaves_only_closed_crimes_ends_the_investigation_if_its_gate_allows() -> None:
    held = closed_for_the_first()
    assert held.state(closing.INVESTIGATION).outcome is None
    lines = closing.sio(closing.LINES_OPENED.command, "2026-11-30 09:00")
    last = cancel("child-2", at="2026-11-30 10:00", stream=closing.INVESTIGATION)
    held.give(lines)
    assert held.refusal(last) == ("investigation_gate", ["line_open:telephones", "line_open:hotel register"])
    for done in (closing.TELEPHONES, closing.REGISTER):
        held.give(closing.sio(done.command, "2026-11-30 09:30"))
    held.give(last)
    assert held.state(closing.INVESTIGATION).outcome == "concluded"
    assert held.state(closing.CASE).outcome is not None
