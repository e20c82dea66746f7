from datetime import date
from typing import Any

import pytest

from nom.contracts.charge import ApplyThresholdTest
from nom.contracts.every_process import HandOffMade
from nom.contracts.notices import VictimNotified
from nom.workflows.model.charge import MODEL
from nom.workflows.model.charge_state import ChargeState, charge_gate
from tests.workflows.model import files, kit
from tests.workflows.model.files import (
    ADULT,
    AUTHORISED,
    CHARGED,
    CHILD,
    SUBMITTED,
    TESTED,
    authorise,
    by_lawyer,
    by_police,
    charge,
    complete,
    decline,
    due,
    full_code,
    notify,
    plan,
    resubmit,
    statuses,
    submit,
)
from tests.workflows.model.test_charging_decision import ALL_MET


def gate(state: ChargeState) -> list[str]:
    return [item.label() for item in charge_gate(state)]


def test_a_file_runs_from_submission_to_a_charge_of_which_the_victim_is_told_in_time() -> None:
    plans = plan("2026-04-29 10:00", "2026-05-13", "2026-05-20")
    state = files.given(*SUBMITTED, plans, complete("2026-05-12 10:00", 1))
    refusal = kit.refused(MODEL, state, resubmit("2026-05-12 10:05"))
    assert (refusal.code, [item.about for item in refusal.unmet]) == ("action_items_open", ["2"])
    for asked in (complete("2026-05-19 10:00", 2), resubmit("2026-05-19 10:05")):
        state, _ = kit.outcome_of(MODEL, state, asked)
    by_officer = by_police(authorise("2026-06-03 14:00").command, "2026-06-03 14:00")
    assert kit.refused(MODEL, state, by_officer).code == "role"
    for asked in (
        full_code("2026-06-03 15:00"),
        authorise("2026-06-03 15:10"),
        charge("2026-06-04 11:00", charges=("SX03025", "SX03238")),
    ):
        state, _ = kit.outcome_of(MODEL, state, asked)
    assert due(state, "vc1-charge-1") == "2026-06-05"
    state, events = kit.outcome_of(MODEL, state, notify("2026-06-05 10:00"))
    assert events[0] == VictimNotified(of="charge", victims=("child-1",), told_at=kit.london("2026-06-05 10:00"))
    assert state.outcome == "charged"
    assert statuses(state) == {"ch1": "met_late", "ch2-1": "met", "ch2-2": "met", "vc1-charge-1": "met"}
    told: list[Any] = [event.hand_off.envelope["command"] for event in events if isinstance(event, HandOffMade)]
    assert [(item["type"], item["outcome"]) for item in told] == [("RecordStageOutcome", "charged")]


def test_the_gate_names_each_charge_undecided_and_not_charged_and_each_victim_not_told() -> None:
    assert gate(files.given(*SUBMITTED)) == [
        "charge_undecided:suspect-1:SX03025",
        "charge_undecided:suspect-1:SX03238",
    ]
    half = (*TESTED, authorise("2026-06-03 15:10", charges=("SX03025",)))
    assert gate(files.given(*half)) == ["suspect_not_charged:suspect-1:SX03025", "charge_undecided:suspect-1:SX03238"]
    assert gate(files.given(*CHARGED)) == ["victim_not_told:child-1"]


def test_a_declined_file_ends_when_the_victim_was_told() -> None:
    before = (*SUBMITTED, full_code("2026-06-03 15:00", "not_met", None), decline("2026-06-03 15:10"))
    state, _ = files.after(before, notify("2026-06-04 10:00", "no_prosecution"))
    assert state.outcome == "declined"


def test_a_charge_on_the_threshold_test_keeps_the_file_open_until_its_review() -> None:
    threshold = by_lawyer(ApplyThresholdTest(findings=ALL_MET, full_code_review=date(2026, 5, 20)), "2026-04-21 10:00")
    before = (
        *SUBMITTED,
        threshold,
        authorise("2026-04-21 11:00"),
        charge("2026-04-21 12:00"),
        notify("2026-04-22 10:00"),
    )
    state = files.given(*before)
    assert gate(state) == [
        "threshold_charge_not_reviewed:suspect-1:SX03025",
        "threshold_charge_not_reviewed:suspect-1:SX03238",
    ]
    assert state.is_open
    state, _ = kit.outcome_of(MODEL, state, full_code("2026-05-20 10:00"))
    assert state.outcome == "charged"


def test_a_victim_told_late_is_a_breach_and_still_told() -> None:
    state, events = files.after(CHARGED, notify("2026-06-06 00:00"))
    assert kit.breaches(events) == ["vc1-charge-1"]
    assert state.outcome == "charged"


def test_victims_may_be_told_one_by_one() -> None:
    before = (submit("2026-04-20 10:00", victims=(CHILD, ADULT)), *CHARGED[1:])
    state, _ = files.after(before, notify("2026-06-05 10:00", victims=("child-1",)))
    assert gate(state) == ["victim_not_told:victim-2"]
    state, _ = kit.outcome_of(MODEL, state, notify("2026-06-08 10:00"))
    assert state.outcome == "charged"


@pytest.mark.parametrize(
    ("before", "asked", "refusal"),
    [
        (AUTHORISED, notify("2026-06-05 10:00"), "nothing_to_tell"),
        (CHARGED, notify("2026-06-05 10:00", "no_prosecution"), "nothing_to_tell"),
        (CHARGED, notify("2026-06-04 10:59"), "nothing_to_tell nothing_to_tell:child-1"),
        (
            CHARGED,
            notify("2026-06-05 10:00", victims=("child-1", "child-2")),
            "nothing_to_tell nothing_to_tell:child-2",
        ),
        (CHARGED, notify("2026-06-05 10:00", "bail"), "not_told_here"),
    ],
)
def test_a_victim_is_told_only_of_what_happened(
    before: tuple[kit.Request, ...], asked: kit.Request, refusal: str
) -> None:
    code, unmet = files.refused(before, asked)
    assert " ".join((code, *unmet)) == refusal


def test_a_file_that_is_done_with_takes_no_more_decisions() -> None:
    before = (*CHARGED, notify("2026-06-05 10:00"))
    assert files.refused(before, full_code("2026-06-06 10:00"))[0] == "process_ended"
