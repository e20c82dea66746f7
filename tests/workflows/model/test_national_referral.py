"""What the National Referral Mechanism decides: measured and flagged, never a breach of the force."""

import pytest

from nom.contracts.national_referral import NrmDecisionRecorded, NrmGrounds, NrmOutcome, RecordNrmDecision
from nom.contracts.triage import ReferToNrm
from nom.workflows.model.triage import MODEL
from nom.workflows.model.triage_record import TriageState
from tests.workflows.model.kit import Request, breaches, events_of, outcome_of, refused, request
from tests.workflows.model.triage_acts import COMPLETE, DECIDED, STREAM, sergeant, triage

REFERRED = sergeant(ReferToNrm(subject="child-1"), "2026-03-02 17:30")


def decided(
    grounds: NrmGrounds,
    at: str,
    outcome: NrmOutcome = "positive",
    subject: str = "child-1",
    role: str = "social_worker",
) -> Request:
    return request(STREAM, role, RecordNrmDecision(subject=subject, grounds=grounds, outcome=outcome), at)


REASONABLE = decided("reasonable", "2026-03-09 10:00")
CONCLUSIVE = decided("conclusive", "2026-04-09 10:00")


def statuses(state: TriageState) -> dict[str, str]:
    return {clock.id: clock.status.value for clock in state.clocks if clock.rule.startswith("NR")}


def test_the_decisions_are_recorded_after_triage_was_decided_and_their_clocks_run_on() -> None:
    state = triage(*COMPLETE, DECIDED)
    assert (state.outcome is not None, statuses(state)) == (True, {"nr2-1": "running"})
    state, events = outcome_of(MODEL, state, REASONABLE)
    assert isinstance(events[0], NrmDecisionRecorded)
    assert events[0].in_words() == "National Referral Mechanism on child-1, reasonable grounds: positive"
    assert statuses(state) == {"nr2-1": "met", "nr3-1": "running"}
    assert [clock.last_day.isoformat() for clock in state.clocks if clock.rule == "NR3" and clock.last_day] == [
        "2026-04-08"
    ]
    state, events = outcome_of(MODEL, state, CONCLUSIVE)
    assert statuses(state) == {"nr2-1": "met", "nr3-1": "met"}
    assert [event.too_early for event in events if isinstance(event, NrmDecisionRecorded)] == [False]


def test_a_target_that_was_missed_is_measured_and_is_nobodys_breach() -> None:
    state, events = outcome_of(MODEL, triage(REFERRED), decided("reasonable", "2026-03-10 00:00"))
    assert statuses(state)["nr2-1"] == "met_late"
    assert [clock for clock in breaches(events) if clock.startswith("nr")] == []


@pytest.mark.parametrize(("at", "too_early"), [("2026-04-08 23:59", True), ("2026-04-09 00:00", False)])
def test_conclusive_grounds_before_thirty_days_are_recorded_with_a_flag(at: str, too_early: bool) -> None:
    state, events = outcome_of(MODEL, triage(REFERRED, REASONABLE), decided("conclusive", at, "negative"))
    assert isinstance(events[0], NrmDecisionRecorded)
    assert events[0].too_early is too_early
    assert events[0].in_words().endswith("before the days of recovery were over") is too_early
    assert statuses(state)["nr3-1"] == ("stopped" if too_early else "met")


def test_a_negative_decision_on_reasonable_grounds_begins_no_days_of_recovery() -> None:
    state = triage(REFERRED, decided("reasonable", "2026-03-09 10:00", "negative"))
    assert statuses(state) == {"nr2-1": "met"}
    assert refused(MODEL, state, CONCLUSIVE).code == "no_reasonable_grounds"


def test_what_contradicts_the_record_is_refused() -> None:
    assert refused(MODEL, triage(), REASONABLE).code == "not_referred"
    assert refused(MODEL, triage(REFERRED), CONCLUSIVE).code == "no_reasonable_grounds"
    assert refused(MODEL, triage(REFERRED), decided("reasonable", "2026-03-02 17:29")).code == "before_referral"
    held = triage(REFERRED, REASONABLE)
    assert refused(MODEL, held, REASONABLE).code == "already_recorded"
    assert refused(MODEL, held, decided("conclusive", "2026-03-09 09:59")).code == "before_reasonable_grounds"
    assert refused(MODEL, held, decided("conclusive", "2026-04-09 10:00", role="duty_officer")).code == "role"


def test_each_person_has_clocks_of_their_own() -> None:
    other = sergeant(ReferToNrm(subject="suspect-1"), "2026-03-02 17:31")
    state = triage(REFERRED, other, decided("reasonable", "2026-03-03 10:00", subject="suspect-1"))
    assert statuses(state) == {"nr2-1": "running", "nr2-2": "met", "nr3-1": "running"}
    assert events_of(MODEL, state, REASONABLE)[0].type == "nrm_decision_recorded.v1"
