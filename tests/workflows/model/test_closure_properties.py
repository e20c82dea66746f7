from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.closure import Closed, NoFurtherActionApproved, ReviewDecided, ReviewerAssigned
from nom.contracts.errors import Refusal
from nom.contracts.every_process import ClockRanOut
from nom.contracts.inquiry import OpenLineOfInquiry
from nom.contracts.investigation import Conclude
from nom.workflows.model.closure_state import ClosureState, closure_missing
from nom.workflows.model.conclusion import investigation_gate
from tests.workflows.model.closure_acts import (
    BEGUN,
    CASE,
    CLEARING,
    CLOSURE,
    INVESTIGATION,
    approve,
    ask_review,
    assign,
    decide,
    notify,
    offer,
    propose,
    reject,
    sio,
)
from tests.workflows.model.kit import Request
from tests.workflows.model.matter import Matter, told_itself

SECOND = "syp/26-7k3f9q/closure-2"
OFFICERS = ("officer-1", "officer-2", "officer-9")
WHOLE = (*CLEARING, approve(), notify(), offer(), ask_review(), assign(), decide("upheld"))
OTHERS = (
    propose(),
    propose("2026-08-12 10:00", Closed(suspect="suspect-1"), stream=SECOND),
    reject(),
    reject("2026-08-11 10:00"),
    approve("2026-08-30 10:00", stream=SECOND),
    notify("2026-08-28 12:00", "child-1"),
    offer("2026-08-28 12:00", "child-1"),
    ask_review("2026-09-20 10:00", "child-2"),
    ask_review("2026-12-20 10:00", "child-2"),
    sio(OpenLineOfInquiry(lines=("vehicle",)), "2026-08-25 10:00"),
    sio(CLEARING[0].command.model_copy(update={"lines": ("vehicle",)}), "2026-08-26 10:00"),
    sio(Conclude(suspect="suspect-2", how="propose_closure"), "2026-08-26 10:00"),
    decide("overturned"),
    *(assign(officer) for officer in OFFICERS),
    *(approve(actor=officer) for officer in OFFICERS),
    *(decide(answer, actor=officer) for officer in OFFICERS for answer in ("upheld", "overturned")),
)


@st.composite
def acts(draw: st.DrawFn) -> list[Request | None]:
    """A run that would go well, with something left out or out of turn; None lets the hand-offs arrive."""
    base: list[Request | None] = [propose()]
    base += [asked for asked in WHOLE for _ in range(draw(st.sampled_from([1, 1, 1, 1, 1, 1, 0, 2])))]
    for asked in draw(st.lists(st.one_of(st.sampled_from(OTHERS), st.none()), max_size=12)):
        base.insert(draw(st.integers(0, len(base))), asked)
    return base


@settings(deadline=None, max_examples=120)
@given(acts(), st.booleans())
def test_whatever_is_asked_and_whenever_it_arrives_a_closure_keeps_its_invariants(
    asked_for: list[Request | None], held_back: bool
) -> None:
    held = Matter().give_all(*BEGUN)
    held.held_back = held_back
    for asked in asked_for:
        before = {stream: state.model_dump_json() for stream, state in held.states.items()}
        if asked is None:
            held.settle()
        elif isinstance(held.ask(asked), Refusal) and held_back:
            assert before == {stream: state.model_dump_json() for stream, state in held.states.items()}
    held.settle()
    let_windows_run_out(held)
    held.settle()
    for before, asked, events in held.steps:
        for event in events:
            judge(before, asked, event)
    settled(held)


def let_windows_run_out(held: Matter) -> None:
    """The timers that the process arms ring, one after another."""
    for stream in (CLOSURE, SECOND):
        state = held.state(stream)
        for clock in sorted(state.clocks, key=lambda clock: clock.due_at):
            if state.rings(clock):
                ring = ClockRanOut(clock_id=clock.id, due_at=clock.due_at)
                held.ask(told_itself(stream, ring, f"{clock.due_at:%Y-%m-%d %H:%M}"))


def judge(before: Any, asked: Request, event: object) -> None:  # noqa: ANN401 - each process has a state of its own
    """What must be true when an event of a closure is recorded, by the state before it."""
    if not isinstance(before, ClosureState):
        return
    if isinstance(event, NoFurtherActionApproved):
        # Invariants 3 to 6 and 17, by what the closure had been told.
        assert before.standing is not None
        assert before.standing.unmet == ()
        assert asked.actor.id != before.proposer
        assert asked.actor.rank is not None
        assert asked.reason
    if isinstance(event, ReviewerAssigned):
        assert event.officer not in before.took_part()
    if isinstance(event, ReviewDecided):
        assert asked.actor.id == before.reviewer
        assert asked.actor.id not in (before.proposer, before.approver)


def settled(held: Matter) -> None:
    """What must be true when no hand-off waits any more."""
    spine, inquiry = held.state(CASE), held.state(INVESTIGATION)
    assert held.refused_hand_offs == []
    for stream in (CLOSURE, SECOND):
        state = held.state(stream)
        if state.opening is None:
            continue
        outcome = spine.stage(stream).outcome
        assert outcome == state.outcome
        assert (inquiry.question_of(stream) is None) == (state.outcome is not None)
        if state.is_open:
            # Whatever the investigation lacks, the closure has been told.
            assert set(investigation_gate(inquiry, state.what.suspect)) <= set(state.standing.unmet)
        if state.outcome == "closed":
            # Invariant 7: nobody is left untold, and nobody who asked is left unanswered.
            assert closure_missing(state) == ()
            assert spine.outcome_of(state.what.suspect).outcome == "closed"
        if state.outcome == "overturned":
            assert spine.outcome_of(state.what.suspect) is None
        assert not [clock for clock in state.clocks if clock.is_open] or state.is_open
