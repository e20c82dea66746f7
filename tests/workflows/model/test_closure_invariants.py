"""The invariants of the operating model that closure keeps, each by its number: 3 to 8, and 17 at the gate."""

import pytest

from nom.contracts.actors import Rank
from nom.contracts.inquiry import OpenLineOfInquiry
from tests.workflows.model.closure_acts import (
    APPROVED,
    ASKED,
    BEGUN,
    CLEARED,
    CLEARING,
    CLOSURE,
    PROPOSED,
    REVIEWED,
    TOLD,
    approve,
    assign,
    closure_of,
    decide,
    due,
    matter,
    notify,
    offer,
    propose,
    sio,
    status,
)
from tests.workflows.model.kit import Request

UNMET = {
    4: ["line_open:telephones", "line_open:hotel register"],
    5: ["account_not_sought:child-2"],
    6: ["suspect_not_interviewed:suspect-2"],
    17: ["ethnicity_without_reason:suspect-2"],
}
ALL = [label for labels in UNMET.values() for label in labels]


def test_invariant_3_no_closure_without_reason_outcome_code_and_a_second_person_of_rank() -> None:
    assert matter(*BEGUN).refusal(propose().model_copy(update={"reason": None})) == ("reason_missing", [])
    assert matter(*BEGUN).refusal(propose(outcome="1"))[0] == "not_no_further_action"
    assert matter(*BEGUN).refusal(propose(outcome="99"))[0] == "not_no_further_action"
    ready = matter(*CLEARED)
    assert ready.refusal(approve(reason=None))[0] == "reason_missing"
    by_proposer = sio(approve().command, "2026-08-27 15:00", CLOSURE)
    assert ready.refusal(by_proposer) == ("separation", ["separation:ProposeClosure"])
    assert ready.refusal(approve(rank=Rank.SERGEANT)) == ("rank", ["rank:ApproveClosure"])
    assert ready.refusal(approve(rank=None)) == ("rank", ["rank:ApproveClosure"])
    ready.give(approve(rank=Rank.INSPECTOR))
    assert closure_of(ready).approver == "officer-2"
    assert closure_of(ready).proposer == "officer-1"


NOT_INTERVIEWED_AGAIN = sio(CLEARING[3].command, "2026-08-24 11:00")


def without(*left_out: Request) -> tuple[Request, ...]:
    return (*PROPOSED, *(act for act in CLEARING if act not in left_out))


@pytest.mark.parametrize(
    ("invariant", "left_out"), [(4, CLEARING[:2]), (5, CLEARING[2:3]), (6, CLEARING[3:4]), (17, CLEARING[4:])]
)
def test_invariants_4_5_6_and_17_each_alone_keeps_a_closure_from_approval(
    invariant: int, left_out: tuple[Request, ...]
) -> None:
    held = matter(*without(*left_out))
    assert held.refusal(approve()) == ("closure_gate", UNMET[invariant])
    held.give_all(*left_out, approve())


def test_invariant_4_a_line_of_inquiry_opened_while_a_closure_is_proposed_stands_in_its_way() -> None:
    held = matter(*CLEARED, sio(OpenLineOfInquiry(lines=("vehicle",)), "2026-08-25 10:00"))
    assert held.refusal(approve()) == ("closure_gate", ["line_open:vehicle"])


def test_invariants_3_to_6_the_refusal_names_every_unmet_condition_and_separation_at_once() -> None:
    by_proposer = sio(approve().command, "2026-08-10 10:05", CLOSURE)
    assert matter(*PROPOSED).refusal(by_proposer) == ("closure_gate", [*ALL, "separation:ProposeClosure"])


def test_invariant_7_each_victim_is_told_and_offered_a_review_within_a_day_or_five() -> None:
    held = matter(*APPROVED)
    for clock in ("vc3-1", "vc3-2", "vc3-offer-1", "vc3-offer-2"):
        assert due(closure_of(held), clock) == "2026-08-28"
    held.give_all(notify("2026-08-28 10:00", "child-1"), offer("2026-08-28 10:05"))
    held.give_all(notify("2026-09-01 10:00"), offer("2026-09-01 10:05"))
    state = closure_of(held)
    assert [status(state, clock) for clock in ("vc3-1", "vc3-offer-1")] == ["met", "met"]
    assert [status(state, clock) for clock in ("vc3-2", "vc3-offer-2")] == ["met_late", "met_late"]
    assert (state.scheme, state.authority) == ("VRR", "police")


@pytest.mark.parametrize("officer", ["officer-1", "officer-2"])
def test_invariant_8_who_proposed_or_approved_is_not_named_to_review(officer: str) -> None:
    assert matter(*ASKED).refusal(assign(officer)) == ("took_part", [f"took_part:{officer}"])


def test_invariant_8_who_led_or_decided_anything_in_the_investigation_is_not_named_to_review() -> None:
    somebody_else = NOT_INTERVIEWED_AGAIN.actor.model_copy(update={"id": "officer-7"})
    from_another = NOT_INTERVIEWED_AGAIN.model_copy(update={"actor": somebody_else})
    held = matter(*PROPOSED, *CLEARING, from_another, approve(), notify(), offer(), *ASKED[len(TOLD) :])
    assert held.refusal(assign("officer-7"))[0] == "took_part"
    held.give(assign("officer-9"))


def test_invariant_8_who_was_not_named_does_not_decide_and_who_approved_is_refused_by_separation_too() -> None:
    held = matter(*REVIEWED)
    assert held.refusal(decide("upheld", actor="officer-8")) == ("not_the_reviewer", ["not_the_reviewer:officer-9"])
    assert held.refusal(decide("upheld", actor="officer-2"))[1] == [
        "not_the_reviewer:officer-9",
        "separation:ApproveClosure",
    ]
