"""Somebody who is found while the matter is under way is asked about, referred and told like everybody else."""

import pytest

from nom.contracts.case import LinkSubject
from nom.contracts.inquiry import RecordAccountDeclined
from nom.contracts.subjects import Subject
from nom.contracts.triage import ReferToNrm
from nom.workflows.model import investigation, triage
from tests.workflows.model import inquiry_acts, meeting_acts, triage_acts
from tests.workflows.model.closure_acts import (
    CASE,
    CLEARED,
    INVESTIGATION,
    PROPOSED,
    approve,
    closure_of,
    matter,
)
from tests.workflows.model.kit import Request, labels, outcome_of, refused, request

FOUND = Subject(id="victim-3", age=16, trafficking_suspected=True)


def linked(subject: Subject = FOUND, at: str = "2026-08-25 10:00") -> Request:
    return request(CASE, "duty_officer", LinkSubject(subject=subject), at, reason="named by child-2")


def told(stream: str, at: str, subject: Subject = FOUND) -> Request:
    return request(stream, "system", LinkSubject(subject=subject), at, reason="named by child-2")


def test_a_victim_found_after_the_investigation_opened_stands_in_the_way_of_no_further_action() -> None:
    held = matter(*CLEARED, linked())
    assert held.refusal(approve()) == ("closure_gate", ["account_not_sought:victim-3"])
    declined = request(
        INVESTIGATION, "specialist_interviewer", RecordAccountDeclined(victim="victim-3"), "2026-08-26 10:00"
    )
    held.give_all(declined, approve())
    state = closure_of(held)
    assert [victim.id for victim in state.victims()] == ["child-1", "child-2", "victim-3"]
    assert state.clock("vc3-3") is not None


def test_a_victim_found_after_the_approval_is_told_and_offered_a_review_too() -> None:
    held = matter(*CLEARED, approve(), linked(at="2026-08-28 10:00"))
    waiting = [clock.about for clock in closure_of(held).clocks if clock.id.startswith("vc3-") and clock.is_open]
    assert waiting.count("victim-3") == 2


def test_a_victim_found_after_the_investigation_ended_can_still_be_asked_for_an_account() -> None:
    over = (
        *inquiry_acts.COMPLETE,
        inquiry_acts.concluded("suspect-1", "2026-04-03 10:00"),
        inquiry_acts.concluded("suspect-2", "2026-04-03 11:00"),
        told(inquiry_acts.STREAM, "2026-04-10 10:00"),
    )
    state = inquiry_acts.inquiry(*over)
    assert state.outcome == "concluded"
    declined = RecordAccountDeclined(victim="victim-3")
    asked = request(inquiry_acts.STREAM, "specialist_interviewer", declined, "2026-04-11 10:00")
    state, _ = outcome_of(investigation.MODEL, state, asked)
    assert state.accounts == ("child-1", "victim-3")


def test_a_child_found_after_triage_is_known_there_and_is_referred_to_the_national_referral_mechanism() -> None:
    state = triage_acts.triage(*triage_acts.COMPLETE, triage_acts.DECIDED, told(triage_acts.STREAM, "2026-03-09 10:00"))
    assert (state.decided, state.awaiting_nrm()) == (True, ("victim-3",))
    referral = request(triage_acts.STREAM, "social_worker", ReferToNrm(subject="victim-3"), "2026-03-09 11:00")
    state, _ = outcome_of(triage.MODEL, state, referral)
    assert state.awaiting_nrm() == ()


def test_triage_is_not_decided_while_a_child_found_meanwhile_has_not_been_referred() -> None:
    state = triage_acts.triage(*triage_acts.COMPLETE, told(triage_acts.STREAM, "2026-03-02 17:35"))
    assert labels(refused(triage.MODEL, state, triage_acts.DECIDED)) == ["nrm_not_referred:victim-3"]


def test_a_meeting_under_way_hears_of_a_child() -> None:
    state = meeting_acts.meeting(meeting_acts.CONVENED, told(meeting_acts.STREAM, "2026-03-03 12:00"))
    assert "victim-3" in state.children()


@pytest.mark.parametrize("subject", [Subject(id="person-1"), Subject(id="reporter-1")])
def test_the_stages_are_told_of_victims_and_suspects_alone(subject: Subject) -> None:
    held = matter(*PROPOSED, linked(subject))
    assert subject.id not in held.state(INVESTIGATION).known_people()


def test_who_is_known_is_not_linked_again_and_a_person_links_to_the_case() -> None:
    child = told(inquiry_acts.STREAM, "2026-03-05 10:00", inquiry_acts.CHILD)
    assert inquiry_acts.refusal_of(inquiry_acts.inquiry(), child)[0] == "already_linked"
    by_hand = inquiry_acts.sio(LinkSubject(subject=FOUND), "2026-03-05 10:00", "named since")
    code, missing = inquiry_acts.refusal_of(inquiry_acts.inquiry(), by_hand)
    assert (code, missing) == ("not_told_by_case", ["not_told_by_case:victim-3"])
