"""When a case closes: not while it is on hold, nor while a victim may ask for a review; and how it goes on later."""

import pytest

from nom.contracts.case import CaseReopened, OpenStage, Reopen
from nom.contracts.events import CommandBase
from nom.contracts.every_process import StageReopened
from nom.contracts.ids import ProcessKind
from nom.contracts.legal_hold import LiftLegalHold, PlaceLegalHold
from nom.contracts.stages import RecordStageOutcome, RecordSuspectOutcome
from nom.contracts.subjects import Subject
from nom.workflows.model.case_closing import case_missing
from nom.workflows.model.case_record import CaseState
from tests.workflows.model import closure_acts as acts
from tests.workflows.model.closure_acts import CASE, INVESTIGATION, PEOPLE, matter
from tests.workflows.model.kit import Request, request
from tests.workflows.model.matter import Matter

ONE_SUSPECT = (*PEOPLE[:2], Subject(id="suspect-2"))
WHY = "an inquiry asked for it"


def by(
    command: CommandBase, at: str, actor: str = "superintendent-1", reason: str | None = WHY, role: str | None = None
) -> Request:
    return request(CASE, role or "detective_superintendent", command, at, actor=actor, reason=reason)


def told(command: CommandBase, at: str) -> Request:
    return request(CASE, "system", command, at)


PLACED = by(PlaceLegalHold(), "2026-06-02 09:00")
ENDED = told(RecordStageOutcome(stage=INVESTIGATION, outcome="concluded"), "2026-06-20 09:00")
CHARGED = told(
    RecordSuspectOutcome(suspect="suspect-2", outcome="charged", stage="syp/26-7k3f9q/charge-1"), "2026-06-21 09:00"
)
CLOSED = (acts.opened(*ONE_SUSPECT), acts.routed(), ENDED, CHARGED)


def case_of(held: Matter) -> CaseState:
    state = held.state(CASE)
    assert isinstance(state, CaseState)
    return state


def keeps_open(held: Matter) -> list[str]:
    return [item.label() for item in case_missing(case_of(held))]


def lift(hold: int = 1, actor: str = "superintendent-2", at: str = "2026-07-01 09:00") -> Request:
    return by(LiftLegalHold(hold=hold), at, actor)


def test_a_case_on_hold_does_not_close_and_says_who_placed_the_hold_and_why() -> None:
    held = matter(acts.opened(*ONE_SUSPECT), acts.routed(), PLACED, ENDED, CHARGED)
    assert case_of(held).outcome is None
    assert keeps_open(held) == ["legal_hold:1"]
    (hold,) = case_missing(case_of(held))
    assert hold.words == f"legal hold 1, placed by superintendent-1: {WHY}"
    assert set(hold.supplied_by) == {"detective_superintendent", "nca_coordinator"}


def test_the_last_hold_that_is_lifted_closes_a_case_in_which_nothing_else_is_left() -> None:
    second = by(PlaceLegalHold(), "2026-06-03 09:00", reason="a court asked for it")
    held = matter(acts.opened(*ONE_SUSPECT), acts.routed(), PLACED, second, ENDED, CHARGED)
    assert keeps_open(held) == ["legal_hold:1", "legal_hold:2"]
    held.give(lift(2))
    assert keeps_open(held) == ["legal_hold:1"]
    held.give(lift(1))
    assert case_of(held).outcome == "every suspect has an outcome"


def test_a_hold_that_is_lifted_early_closes_nothing() -> None:
    held = matter(acts.opened(*ONE_SUSPECT), acts.routed(), PLACED, lift())
    assert case_of(held).outcome is None
    assert keeps_open(held) == ["stage_without_outcome:investigation-1", "suspect_undecided:suspect-2"]


def test_the_record_of_a_closed_case_may_be_put_on_hold_and_that_does_not_open_it() -> None:
    held = matter(*CLOSED, by(PlaceLegalHold(), "2026-07-01 09:00"))
    assert case_of(held).outcome == "every suspect has an outcome"
    assert [item.number for item in case_of(held).holds] == [1]
    held.give(lift(at="2026-07-02 09:00"))
    assert case_of(held).holds == ()
    assert held.give(by(PlaceLegalHold(), "2026-07-03 09:00"))
    assert [item.number for item in case_of(held).holds] == [2]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (by(PlaceLegalHold(), "2026-06-02 10:00", reason=None), "reason_missing"),
        (by(PlaceLegalHold(), "2026-06-02 10:00", role="senior_investigating_officer"), "role"),
        (lift(2), "no_such_hold"),
        (lift(at="2026-06-02 08:59"), "before_hold"),
        (lift(actor="superintendent-1"), "separation"),
        (by(LiftLegalHold(hold=1), "2026-07-01 09:00", "superintendent-2", None), "reason_missing"),
    ],
)
def test_a_hold_is_placed_and_lifted_only_with_a_reason_by_two_people_and_in_order(asked: Request, code: str) -> None:
    assert matter(acts.opened(), acts.routed(), PLACED).refusal(asked)[0] == code


def test_a_case_stays_open_until_every_victim_s_time_to_ask_for_a_review_is_over() -> None:
    # One suspect: the closure is all that is left. Told on 28 August, each victim has three months.
    begun = (acts.opened(*ONE_SUSPECT), acts.routed(), acts.APPOINTED, acts.LINES_OPENED, acts.ACCOUNT)
    ready = (*begun, acts.NATIONALITY, acts.propose(), *acts.CLEARING, acts.approve())
    held = matter(*ready, acts.notify(), acts.offer())
    assert "stage_without_outcome:closure-1" in keeps_open(held)
    # The last day shows that the time is not over; the day after shows that it is.
    held.give(acts.notify("2026-11-28 22:00", "child-1"))
    assert case_of(held).outcome is None
    held.give(acts.notify("2026-11-29 09:00", "child-1"))
    assert case_of(held).outcome == "every suspect has an outcome"


def test_a_review_that_was_asked_for_keeps_the_case_open_until_it_is_decided() -> None:
    begun = (acts.opened(*ONE_SUSPECT), acts.routed(), acts.APPOINTED, acts.LINES_OPENED, acts.ACCOUNT)
    ready = (*begun, acts.NATIONALITY, acts.propose(), *acts.CLEARING, acts.approve())
    held = matter(*ready, acts.notify(), acts.offer(), acts.ask_review(), acts.assign())
    held.give(acts.notify("2026-12-05 09:00", "child-2"))
    assert case_of(held).outcome is None
    held.give(acts.decide("upheld", "2026-12-06 09:00"))
    assert case_of(held).outcome == "every suspect has an outcome"


def reopen(*suspects: str, stage: ProcessKind = ProcessKind.INVESTIGATION, at: str = "2026-08-01 09:00") -> Request:
    command = Reopen.model_validate({"suspects": suspects, "stage": stage})
    return by(command, at, reason="a new witness came forward")


def test_a_closed_case_goes_on_for_the_suspect_whose_outcome_is_undone_in_the_investigation_that_it_had() -> None:
    held = matter(*CLOSED)
    events = held.give(reopen("suspect-2"))
    assert [type(event) for event in events[:2]] == [StageReopened, CaseReopened]
    assert case_of(held).outcome is None
    assert case_of(held).outcomes == ()
    assert keeps_open(held) == ["stage_without_outcome:investigation-1", "suspect_undecided:suspect-2"]
    investigation = held.state(INVESTIGATION)
    assert investigation.outcome is None
    assert "a new witness came forward" in investigation.open_lines()
    assert held.refused_hand_offs == []


def test_another_stage_is_opened_anew_and_what_is_over_stays_over() -> None:
    held = matter(*CLOSED, reopen(stage=ProcessKind.TRIAGE))
    assert keeps_open(held) == ["stage_without_outcome:triage-1"]
    assert held.state("syp/26-7k3f9q/triage-1").opening is not None
    assert case_of(held).outcome_of("suspect-2") is not None
    held.give(told(RecordStageOutcome(stage="syp/26-7k3f9q/triage-1", outcome="no further stage"), "2026-08-02 09:00"))
    assert case_of(held).outcome == "every suspect has an outcome"


def test_a_reopened_case_closes_again_when_what_was_reopened_is_over() -> None:
    held = matter(*CLOSED, reopen("suspect-2"))
    held.give(told(RecordStageOutcome(stage=INVESTIGATION, outcome="concluded"), "2026-08-10 09:00"))
    assert case_of(held).outcome is None
    held.give(told(CHARGED.command, "2026-08-11 09:00"))
    assert case_of(held).outcome == "every suspect has an outcome"


def test_an_investigation_is_opened_where_the_case_never_had_one() -> None:
    signposted = told(RecordStageOutcome(stage=acts.REFERRAL, outcome="signpost"), "2026-06-02 09:00")
    held = matter(acts.opened(*ONE_SUSPECT), signposted, CHARGED, reopen("suspect-2"))
    assert keeps_open(held) == ["stage_without_outcome:investigation-1", "suspect_undecided:suspect-2"]
    assert held.state(INVESTIGATION).opening is not None


@pytest.mark.parametrize(
    ("asked", "code", "unmet"),
    [
        (reopen("suspect-2", "suspect-9"), "no_outcome", ["no_outcome:suspect-9"]),
        (reopen(), "suspect_not_named", ["suspect_not_named"]),
        (by(Reopen(suspects=("suspect-2",)), "2026-08-01 09:00", reason=None), "reason_missing", []),
        (by(Reopen(suspects=("suspect-2",)), "2026-08-01 09:00", role="supervising_officer"), "role", None),
        (by(OpenStage(stage=ProcessKind.TRIAGE), "2026-08-01 09:00"), "process_ended", []),
    ],
)
def test_a_closed_case_goes_on_only_for_somebody_and_with_a_reason(
    asked: Request, code: str, unmet: list[str] | None
) -> None:
    refused = matter(*CLOSED).refusal(asked)
    assert refused[0] == code
    assert unmet is None or refused[1] == unmet


def test_a_case_that_is_open_has_nothing_to_reopen() -> None:
    assert matter(acts.opened(), acts.routed()).refusal(reopen("suspect-2"))[0] == "not_closed"
