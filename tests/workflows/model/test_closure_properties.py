from collections.abc import Iterable
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.closure import ApproveClosure, Closed, NoFurtherActionApproved, ReviewDecided, ReviewerAssigned
from nom.contracts.errors import Refusal
from nom.contracts.every_process import ClockRanOut
from nom.contracts.inquiry import CloseLineOfInquiry, OpenLineOfInquiry
from nom.contracts.investigation import Conclude, HandOver
from nom.workflows.model.closure_state import ClosureState, closure_missing
from nom.workflows.model.conclusion import investigation_gate
from tests.workflows.model.closure_acts import (
    BEGUN,
    CASE,
    CLEARING,
    CLOSURE,
    INVESTIGATION,
    LINES_OPENED,
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
from tests.workflows.model.kit import Request, london, request
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


LINES = ("vehicle", "taxi office")
IN_AUGUST = st.integers(10, 29).map("2026-08-{:02d} 09:00".format)


@st.composite
def typed_in_any_order(draw: st.DrawFn) -> list[Request]:
    """What clears the gate, lines of inquiry that come and go, and approvals: each with a date, in any order."""
    asked = [act.model_copy(update={"occurred_at": london(draw(IN_AUGUST))}) for act in CLEARING]
    for line in draw(st.lists(st.sampled_from(LINES), max_size=4)):
        begun, ended = sorted((draw(IN_AUGUST), draw(IN_AUGUST)))
        asked.append(sio(OpenLineOfInquiry(lines=(line,)), begun))
        asked.append(sio(CloseLineOfInquiry(lines=(line,), result="nothing of relevance"), ended))
    asked += [hand_over(draw(IN_AUGUST), taker) for taker in draw(st.lists(st.sampled_from(OFFICERS), max_size=2))]
    order = draw(st.permutations(asked)) if draw(st.booleans()) else asked
    approvals = [approve(at, actor="officer-3") for at in draw(st.lists(IN_AUGUST, min_size=1, max_size=4))]
    for approval in approvals:
        order.insert(draw(st.integers(len(order) // 2, len(order))), approval)
    return [act.model_copy(update={"submitted_at": london("2026-08-31 09:00")}) for act in order]


def hand_over(at: str, taker: str) -> Request:
    """It changes who took part, and nothing of the gate: the closure is told again."""
    command = HandOver(from_officer="officer-1", to_officer=taker)
    return request(INVESTIGATION, "detective_superintendent", command, at, actor="officer-5", reason="leave")


@settings(deadline=None, max_examples=200)
@given(typed_in_any_order())
def test_no_approval_lies_in_a_time_in_which_something_was_left_to_do(asked_for: list[Request]) -> None:
    held = Matter().give_all(*BEGUN, propose())
    taken = [request for request in asked_for if not isinstance(held.ask(request), Refusal)]
    approval = next((place for place, act in enumerate(taken) if isinstance(act.command, ApproveClosure)), None)
    if approval is None:
        return
    at, known = taken[approval].occurred_at, (LINES_OPENED, *taken[:approval])
    assert [line for line, begun, ended in spans(known) if begun <= at and (ended is None or at < ended)] == []
    for act in CLEARING:
        assert min(other.occurred_at for other in known if other.command == act.command) <= at


def spans(acts: Iterable[Request]) -> list[tuple[str, datetime, datetime | None]]:
    """Each line of inquiry, from when to when it was open, by the acts alone."""
    found: list[tuple[str, datetime, datetime | None]] = []
    for act in acts:
        if isinstance(act.command, OpenLineOfInquiry):
            found += [(line, act.occurred_at, None) for line in act.command.lines]
        elif isinstance(act.command, CloseLineOfInquiry):
            ended = act.command.lines
            found = [(line, on, act.occurred_at if off is None and line in ended else off) for line, on, off in found]
    return found
