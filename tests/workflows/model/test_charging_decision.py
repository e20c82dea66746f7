from datetime import date
from typing import get_args

import pytest

from nom.contracts.charge import ApplyThresholdTest, ChargeAuthorised, Finding, SuspectCharges, ThresholdCondition
from nom.contracts.events import EventBase
from nom.contracts.every_process import HandOffMade
from nom.workflows.model.charge import MODEL
from tests.workflows.model import kit
from tests.workflows.model.files import (
    ADULT,
    AUTHORISED,
    CHILD,
    SUBMITTED,
    TESTED,
    TWO,
    after,
    authorise,
    by_lawyer,
    by_police,
    charge,
    decline,
    due,
    full_code,
    given,
    own,
    refused,
    statuses,
    submit,
)

CONDITIONS: tuple[ThresholdCondition, ...] = get_args(ThresholdCondition)
ALL_MET = tuple(Finding(condition=condition, met=True) for condition in CONDITIONS)


def threshold(
    at: str, findings: tuple[Finding, ...] = ALL_MET, review: date = date(2026, 5, 20), suspects: tuple[str, ...] = ()
) -> kit.Request:
    return by_lawyer(ApplyThresholdTest(findings=findings, full_code_review=review, suspects=suspects), at)


def outcomes(events: tuple[EventBase, ...]) -> list[tuple[str, str]]:
    """Suspects and the outcomes of theirs that the case was told of."""
    told = [event.hand_off for event in events if isinstance(event, HandOffMade)]
    commands = [item.envelope["command"] for item in told if item.command == "RecordSuspectOutcome"]
    return [(str(item["suspect"]), str(item["outcome"])) for item in commands if isinstance(item, dict)]


def test_charging_is_authorised_for_all_whose_test_is_met() -> None:
    state, events = after(TESTED, authorise("2026-06-03 15:10"))
    assert own(events) == ["charge_authorised.v1"]
    assert [line.decision for line in state.lines] == ["authorised", "authorised"]
    assert statuses(state)["ch1"] == "met_late"


def test_a_target_that_was_missed_is_no_breach() -> None:
    _, events = after(TESTED, authorise("2026-06-03 15:10"))
    assert kit.breaches(events) == []


def test_charging_is_refused_for_each_suspect_and_charge_without_a_test() -> None:
    assert refused(TWO, authorise("2026-05-01 10:00")) == (
        "test_not_applied",
        [
            "test_not_applied:suspect-1:SX03025",
            "test_not_applied:suspect-2:SX03025",
            "test_not_applied:suspect-1:SX03238",
            "test_not_applied:suspect-2:SX03238",
        ],
    )
    half = (*TWO, full_code("2026-05-01 09:00", suspects=("suspect-1",)))
    asked = authorise("2026-05-01 10:00", suspects=("suspect-1", "suspect-2"), charges=("SX03025",))
    assert refused(half, asked)[1] == ["test_not_applied:suspect-2:SX03025"]


def test_without_names_only_what_was_tested_is_authorised() -> None:
    half = (*TWO, full_code("2026-05-01 09:00", suspects=("suspect-2",), charges=("SX03238",)))
    _, events = after(half, authorise("2026-05-01 10:00"))
    authorised = [event.charges for event in events if isinstance(event, ChargeAuthorised)]
    assert [str(item) for item in authorised[0]] == ["suspect-2:SX03238"]


@pytest.mark.parametrize(
    ("before", "asked", "unmet"),
    [
        (
            (*SUBMITTED, full_code("2026-06-03 15:00", "not_met", None)),
            authorise("2026-06-03 15:10"),
            ["test_not_met:suspect-1:SX03025", "test_not_met:suspect-1:SX03238"],
        ),
        (TESTED, authorise("2026-06-03 14:59", charges=("SX03025",)), ["before_test:suspect-1:SX03025"]),
        (TESTED, authorise("2026-06-03 15:10", suspects=("suspect-9",)), ["not_on_file:suspect-9"]),
        (TESTED, authorise("2026-06-03 15:10", charges=("SX03017",)), ["not_on_file:SX03017"]),
        (TESTED, authorise("2026-06-03 15:10", charges=("XX00001",)), ["unknown_offence:XX00001"]),
        (
            AUTHORISED,
            authorise("2026-06-03 15:20", charges=("SX03025",)),
            ["already_authorised:suspect-1:SX03025"],
        ),
        (
            AUTHORISED,
            full_code("2026-06-03 15:20", charges=("SX03025",)),
            ["already_authorised:suspect-1:SX03025"],
        ),
    ],
)
def test_a_decision_that_has_no_ground_is_refused(
    before: tuple[kit.Request, ...], asked: kit.Request, unmet: list[str]
) -> None:
    assert refused(before, asked)[1] == unmet


def test_suspects_and_charges_that_are_both_on_the_file_and_do_not_belong_together_are_named() -> None:
    alone = (SuspectCharges(suspect="suspect-2", offences=("SX03238",)),)
    first = SuspectCharges(suspect="suspect-1", offences=("SX03025",))
    before = (submit("2026-04-20 10:00", (first, *alone), TWO_SUSPECTS), full_code("2026-06-03 15:00"))
    assert refused(before, authorise("2026-06-03 15:10", ("suspect-1",), ("SX03238",)))[1] == [
        "not_on_file:suspect-1",
        "not_on_file:SX03238",
    ]
    both = authorise("2026-06-03 15:10", TWO_SUSPECTS, ("SX03025",))
    assert refused(before, both)[1] == ["not_on_file:suspect-2"]
    assert refused(before, authorise("2026-06-03 15:10", ("suspect-9",), ("SX03238",)))[1] == ["not_on_file:suspect-9"]
    state, _ = after(before, authorise("2026-06-03 15:10", TWO_SUSPECTS, ("SX03025", "SX03238")))
    assert [line.decision for line in state.lines] == ["authorised", "authorised"]


def test_a_test_typed_in_after_a_later_one_is_on_record_and_displaces_nothing() -> None:
    failed = tuple(Finding(condition=condition, met=False) for condition in CONDITIONS)
    state, events = after(TESTED, threshold("2026-04-21 10:00", failed))
    assert own(events) == ["threshold_test_applied.v1"]
    assert [(line.test, line.met, line.review_on) for line in state.lines] == [("full_code", True, None)] * 2
    assert own(kit.events_of(MODEL, state, authorise("2026-06-03 15:10"))) == ["charge_authorised.v1"]


def test_a_full_code_test_from_before_the_threshold_test_is_no_review_of_it() -> None:
    charged = (*SUBMITTED, threshold("2026-04-21 10:00"), authorise("2026-04-21 11:00"), charge("2026-04-21 12:00"))
    assert refused(charged, full_code("2026-04-20 12:00"))[1] == [
        "before_test:suspect-1:SX03025",
        "before_test:suspect-1:SX03238",
    ]


def test_the_police_cannot_authorise_and_the_prosecution_cannot_charge() -> None:
    by_officer = by_police(authorise("2026-06-03 14:00").command, "2026-06-03 14:00")
    assert refused(SUBMITTED, by_officer)[0] == "role"
    assert refused(AUTHORISED, by_lawyer(charge("2026-06-04 11:00").command, "2026-06-04 11:00"))[0] == "role"


def test_whoever_submitted_a_file_does_not_decide_on_it() -> None:
    asked = authorise("2026-06-03 15:10")
    submitter = SUBMITTED[0].actor.id
    same = asked.model_copy(update={"actor": asked.actor.model_copy(update={"id": submitter})})
    assert refused(TESTED, same)[0] == "separation"


def test_the_public_interest_is_asked_once_the_evidence_suffices_and_not_before() -> None:
    assert refused(SUBMITTED, full_code("2026-06-03 15:00", "met", None))[1] == ["public_interest_not_considered"]
    assert refused(SUBMITTED, full_code("2026-06-03 15:00", "not_met", "met"))[1] == ["evidential_stage_not_met"]
    state = given(*SUBMITTED, full_code("2026-06-03 15:00", "met", "not_met"))
    assert [line.met for line in state.lines] == [False, False]


def test_the_threshold_test_needs_all_five_findings_and_a_review_to_come() -> None:
    asked = threshold("2026-04-21 10:00", (*ALL_MET[:2], ALL_MET[0]), date(2026, 4, 20))
    assert refused(SUBMITTED, asked) == (
        "finding_missing",
        [
            "finding_missing:reasonable_suspicion",
            "finding_missing:seriousness",
            "finding_missing:objection_to_bail",
            "finding_missing:public_interest",
            "review_in_past",
        ],
    )


@pytest.mark.parametrize("failing", CONDITIONS)
def test_one_finding_that_is_not_met_fails_the_threshold_test(failing: ThresholdCondition) -> None:
    findings = tuple(Finding(condition=condition, met=condition != failing) for condition in CONDITIONS)
    before = (*SUBMITTED, threshold("2026-04-21 10:00", findings))
    assert refused(before, authorise("2026-04-21 11:00"))[0] == "test_not_met"


def test_a_charge_may_be_authorised_on_the_threshold_test() -> None:
    state = given(*SUBMITTED, threshold("2026-04-21 10:00"), authorise("2026-04-21 11:00"))
    assert [(line.test, line.decision) for line in state.lines] == [("threshold", "authorised")] * 2


def test_a_review_that_fails_before_the_charge_stops_it_and_allows_the_prosecution_to_be_declined() -> None:
    reviewed = (
        *SUBMITTED,
        threshold("2026-04-21 10:00"),
        authorise("2026-04-21 11:00"),
        full_code("2026-04-22 10:00", "not_met", None),
    )
    assert refused(reviewed, charge("2026-04-22 11:00", charges=("SX03025",)))[1] == ["test_not_met:suspect-1:SX03025"]
    state, _ = after(reviewed, decline("2026-04-22 12:00"))
    assert [line.decision for line in state.lines] == ["declined", "declined"]


def test_prosecution_is_declined_for_a_reason_and_the_case_learns_it_per_suspect() -> None:
    failed = (*TWO, full_code("2026-06-03 15:00", "not_met", None))
    assert refused(failed, decline("2026-06-03 15:10", reason=None))[0] == "reason_missing"
    state, events = after(failed, decline("2026-06-03 15:10", charges=("SX03025",)))
    assert outcomes(events) == []
    _, events = after((*failed, decline("2026-06-03 15:10", charges=("SX03025",))), decline("2026-06-03 15:20"))
    assert outcomes(events) == [("suspect-1", "declined"), ("suspect-2", "declined")]
    assert statuses(state)["vc3-1"] == "running"


def test_what_the_test_was_met_for_or_what_was_not_tested_is_not_declined() -> None:
    assert refused(TESTED, decline("2026-06-03 15:10", charges=("SX03025",)))[1] == ["test_met:suspect-1:SX03025"]
    assert refused(SUBMITTED, decline("2026-06-03 15:10"))[0] == "test_not_applied"


def test_a_suspect_is_charged_under_a_number_of_the_force_and_the_case_learns_it() -> None:
    state, events = after(AUTHORISED, charge("2026-06-04 11:00", charges=("SX03025", "SX03238")))
    assert own(events) == ["suspect_charged.v1"]
    assert outcomes(events) == [("suspect-1", "charged")]
    assert [line.decision for line in state.lines] == ["charged", "charged"]
    assert due(state, "vc1-charge-1") == "2026-06-05"


@pytest.mark.parametrize(
    ("before", "asked", "unmet"),
    [
        (AUTHORISED, charge("2026-06-04 11:00", urn="13CA0012326"), ["urn"]),
        (AUTHORISED, charge("2026-06-04 11:00", urn="06/CA/12326"), ["urn"]),
        (AUTHORISED, charge("2026-06-04 11:00", charges=("XX00001",)), ["unknown_offence:XX00001"]),
        (AUTHORISED, charge("2026-06-04 11:00", charges=("SX03017",)), ["not_on_file:SX03017"]),
        (AUTHORISED, charge("2026-06-03 15:09", charges=("SX03025",)), ["before_authorisation:suspect-1:SX03025"]),
        (
            TESTED,
            charge("2026-06-04 11:00", urn="13CA0012326", charges=("SX03025", "XX00001")),
            ["urn", "unknown_offence:XX00001", "not_authorised:suspect-1:SX03025"],
        ),
        (
            (*AUTHORISED, charge("2026-06-04 11:00")),
            charge("2026-06-04 12:00", charges=("SX03025",)),
            ["already_charged:suspect-1:SX03025"],
        ),
    ],
)
def test_a_charge_that_cannot_stand_is_refused_with_everything_that_is_wrong(
    before: tuple[kit.Request, ...], asked: kit.Request, unmet: list[str]
) -> None:
    assert refused(before, asked)[1] == unmet


def test_a_charge_without_suspects_named_concerns_those_authorised() -> None:
    one = (*TWO, full_code("2026-06-03 15:00"), authorise("2026-06-03 15:10", suspects=("suspect-2",)))
    state, events = after(one, charge("2026-06-04 11:00", charges=("SX03025",)))
    assert outcomes(events) == [("suspect-2", "charged")]
    assert [line.decision for line in state.lines_of("suspect-1")] == [None, None]


def test_a_suspect_charged_a_second_time_is_told_to_the_case_once() -> None:
    first = (*AUTHORISED, charge("2026-06-04 11:00", charges=("SX03025",)))
    state, events = after(first, charge("2026-06-05 11:00"))
    assert outcomes(events) == []
    assert due(state, "vc1-charge-2") == "2026-06-08"


@pytest.mark.parametrize(
    ("decided", "clocks"),
    [
        ((full_code("2026-06-03 15:00"), authorise("2026-06-03 15:10"), charge("2026-06-04 11:00")), "vc1-charge"),
        ((full_code("2026-06-03 15:00", "not_met", None), decline("2026-06-04 11:00")), "vc3"),
    ],
    ids=["charged", "declined"],
)
def test_a_child_is_to_be_told_in_a_day_and_an_adult_in_five(decided: tuple[kit.Request, ...], clocks: str) -> None:
    state = given(submit("2026-04-20 10:00", victims=(CHILD, ADULT)), *decided)
    assert [due(state, f"{clocks}-1"), due(state, f"{clocks}-2")] == ["2026-06-05", "2026-06-11"]
    told = [clock.about for clock in state.clocks if clock.id.startswith(clocks)]
    assert told == ["child-1", "victim-2"]


def test_one_suspect_may_be_charged_and_another_declined() -> None:
    alone = SuspectCharges(suspect="suspect-2", offences=("SX03238",))
    before = (
        submit("2026-04-20 10:00", (SuspectCharges(suspect="suspect-1", offences=("SX03025",)), alone), TWO_SUSPECTS),
        full_code("2026-06-03 15:00", suspects=("suspect-1",)),
        full_code("2026-06-03 15:05", "not_met", None, suspects=("suspect-2",)),
        authorise("2026-06-03 15:10"),
    )
    assert statuses(given(*before))["ch1"] == "running"
    state, events = after(before, decline("2026-06-03 15:20"))
    assert outcomes(events) == [("suspect-2", "declined")]
    assert statuses(state)["ch1"] == "met_late"


TWO_SUSPECTS = ("suspect-1", "suspect-2")
