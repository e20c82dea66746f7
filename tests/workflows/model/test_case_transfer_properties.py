"""Whatever two forces do with a case, in any order and however late each hears of the other, one of them has it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.case import LinkSubject, OpenStage, Reopen
from nom.contracts.errors import Refusal
from nom.contracts.every_process import StageEnded
from nom.contracts.ids import ProcessKind
from nom.contracts.investigation import HandOver
from nom.contracts.legal_hold import LiftLegalHold, PlaceLegalHold
from nom.contracts.stages import RecordStageOutcome, RecordSuspectOutcome
from nom.contracts.subjects import Subject
from nom.contracts.transfer import CaseTakenOver, TransferAccepted
from nom.workflows.model.case_closing import case_missing
from nom.workflows.model.case_record import CaseState, evolve
from nom.workflows.model.process import ProcessState, state_after
from tests.workflows.model.kit import Request
from tests.workflows.model.two_forces import (
    APPOINTED,
    BAILED,
    CASE,
    INVESTIGATION,
    STREAM,
    TwoForces,
    accepts,
    asks,
    by,
    declines,
    goes_on,
    opened,
    routed,
    spine,
    there,
    told,
)

CASES = (CASE, there(), there(number=2), there("GMP"), there("GMP", 2), there("GMP", case=there()))
CHARGE = f"{CASE}/charge-1"


def _in(case: str) -> tuple[Request, ...]:
    stream, day = spine(case), "2026-07-29 09:00"
    return (
        by("detective_superintendent", PlaceLegalHold(), day, stream, actor="superintendent-8"),
        by("detective_superintendent", LiftLegalHold(hold=1), "2026-07-30 09:00", stream, actor="superintendent-9"),
        by("duty_officer", LinkSubject(subject=Subject(id="suspect-3")), day, stream),
        by("duty_officer", OpenStage(stage=ProcessKind.TRIAGE), day, stream),
        by("detective_superintendent", Reopen(suspects=("suspect-2",)), "2026-08-02 09:00", stream),
        told(RecordSuspectOutcome(suspect="suspect-2", outcome="charged", stage=CHARGE), day, stream),
        told(RecordStageOutcome(stage=f"{case}/investigation-1", outcome="concluded"), day, stream),
        asks("GMP", "2026-07-31 09:00", stream=stream),
    )


POOL: tuple[Request, ...] = (
    *_in(CASE),
    *_in(there()),
    asks(),
    asks("MER", "2026-07-29 09:00"),
    asks("GMP"),
    *(answer(force, case=case) for case in CASES[1:] for force in ("MER",) for answer in (accepts, declines)),
    accepts(actor="officer-sio-1"),
    by("senior_investigating_officer", HandOver(from_officer="officer-sio-1", to_officer="officer-2"),
       "2026-07-27 11:00", INVESTIGATION),
    by("senior_investigating_officer", HandOver(from_officer="officer-sio-1", to_officer="officer-2"),
       "2026-07-29 11:00", goes_on(INVESTIGATION)),
)  # fmt: skip

Step = Request | int
"""Something that somebody does, or a number that says whose hand-off is delivered next."""

ONWARD = accepts("GMP", "2026-08-01 09:00", case=there("GMP", case=there()))
A_MOVE: tuple[Step, ...] = (
    asks(),
    0,
    accepts(),
    0,
    1,
    2,
    asks("GMP", "2026-07-31 09:00", stream=spine(there())),
    3,
    ONWARD,
)
"""What would go well: to Merseyside, and from there to Greater Manchester."""
ANYTHING: st.SearchStrategy[Step] = st.one_of(st.sampled_from(POOL), st.integers(0, 50))


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """A move of which something may be missing, with other things in between."""
    drawn = [step for step in A_MOVE for _ in range(draw(st.sampled_from([1, 1, 1, 1, 1, 1, 1, 2, 0])))]
    for step in draw(st.lists(ANYTHING, max_size=12)):
        drawn.insert(draw(st.integers(0, len(drawn))), step)
    return drawn


def deliver_one(held: TwoForces, choice: int) -> None:
    """Deliver the oldest hand-off of one of the senders: which of them is heard first, nobody knows."""
    senders = [state for _, state in sorted(held.states.items()) if state.outbox]
    if senders:
        held.deliver_first_of(senders[choice % len(senders)])


def has_it(case: CaseState) -> bool:
    return case.received_at is not None and case.transferred_to is None


@settings(max_examples=150, deadline=None)
@given(steps())
def test_one_force_has_the_case_and_nothing_of_it_is_lost(drawn: list[Step]) -> None:
    held = TwoForces()
    held.give_all(opened(), routed(), APPOINTED, *BAILED)
    held.held_back = True
    for step in drawn:
        if isinstance(step, int):
            deliver_one(held, step)
        else:
            held.ask(step)
        assert sum(has_it(held.case(case)) for case in CASES) <= 1
    held.settle()
    cases = [held.case(case) for case in CASES]
    (owner,) = [case for case in cases if has_it(case)]
    assert {subject.id for case in cases for subject in case.subjects} == {subject.id for subject in owner.subjects}
    assert owner.awaited == ()
    assert all(held.state(stage.stream).opening is not None for stage in owner.own_stages() if _runs(stage.kind))
    assert sum(map(_is_open, (held.state(stream) for stream in held.states if stream.endswith("custody-1")))) <= 1
    assert {code for _, code in held.refused_hand_offs} <= {"transferred", "process_ended"}
    check_every_step(held)


def _runs(kind: ProcessKind) -> bool:
    """The referral of these matters is only told of."""
    return kind is not ProcessKind.REFERRAL


def _is_open(state: ProcessState) -> bool:
    return state.is_open


def check_every_step(held: TwoForces) -> None:
    """What closed had nothing left to do, on hold least of all; nothing is taken over unasked or handed over twice."""
    for before, _, events in held.steps:
        if not isinstance(before, CaseState):
            continue
        if StageEnded(outcome="every suspect has an outcome") in events:
            assert case_missing(state_after(before, events, evolve)) == ()
        if any(isinstance(event, CaseTakenOver) for event in events):
            assert before.accepted_at is not None
            assert not before.taken_over
        if before.transferred_to is not None:
            assert not any(isinstance(event, TransferAccepted) for event in events)


@given(st.permutations(range(8)))
def test_the_order_in_which_a_transfer_is_heard_of_changes_nothing(order: list[int]) -> None:
    whole = TwoForces()
    whole.give_all(opened(), routed(), APPOINTED, *BAILED, asks(), accepts())
    held = TwoForces()
    held.give_all(opened(), routed(), APPOINTED, *BAILED, asks())
    held.held_back = True
    held.give(accepts())
    for choice in order * 4:
        deliver_one(held, choice)
    held.settle()
    assert held.refused_hand_offs == []
    for stream, state in whole.states.items():
        there_too = held.state(stream)
        assert {stage.stream: stage.outcome for stage in getattr(state, "stages", ())} == {
            stage.stream: stage.outcome for stage in getattr(there_too, "stages", ())
        }
        assert (state.outcome, state.transferred_to, state.clocks) == (
            there_too.outcome,
            there_too.transferred_to,
            there_too.clocks,
        )


def test_a_closed_case_has_nothing_left_to_do() -> None:
    held = TwoForces()
    held.give_all(opened(), routed())
    held.give(told(RecordStageOutcome(stage=INVESTIGATION, outcome="concluded"), "2026-07-20 09:00"))
    decision = held.ask(
        told(RecordSuspectOutcome(suspect="suspect-2", outcome="charged", stage=CHARGE), "2026-07-21 09:00")
    )
    assert not isinstance(decision, Refusal)
    assert case_missing(held.state(STREAM)) == ()
