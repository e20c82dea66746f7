import pytest

from nom.contracts.charge import FileSubmitted, SeekEarlyAdvice, SuspectCharges
from nom.contracts.every_process import HandOffMade
from nom.contracts.subjects import Subject
from tests.workflows.model import kit
from tests.workflows.model.files import (
    CHARGE,
    PLANNED,
    SUBMITTED,
    after,
    by_police,
    complete,
    due,
    full_code,
    given,
    own,
    plan,
    refused,
    resubmit,
    statuses,
    submit,
)

ADVICE = by_police(SeekEarlyAdvice(opening=kit.OPENING, suspects=("suspect-1",)), "2026-04-10 10:00")


def test_a_file_opens_its_process_and_tells_the_case_whom_it_is_about() -> None:
    state, events = after((), submit("2026-04-20 10:00", suspects=("suspect-1", "suspect-2")))
    assert own(events) == ["file_submitted.v1"]
    opened = next(event.hand_off for event in events if isinstance(event, HandOffMade))
    assert opened.command == "RecordStageOpened"
    assert opened.envelope["command"] == {
        "type": "RecordStageOpened",
        "stage": CHARGE,
        "about": ["suspect-1", "suspect-2"],
        "continues": None,
    }
    assert [str(line.charge) for line in state.lines] == [
        "suspect-1:SX03025",
        "suspect-2:SX03025",
        "suspect-1:SX03238",
        "suspect-2:SX03238",
    ]
    assert due(state, "ch1") == "2026-05-18"


def test_charges_may_be_proposed_against_one_suspect_alone() -> None:
    alone = SuspectCharges(suspect="suspect-2", offences=("SX03238",))
    state = given(submit("2026-04-20 10:00", ("SX03025", alone), ("suspect-1", "suspect-2")))
    assert [str(line.charge) for line in state.lines_of("suspect-1")] == ["suspect-1:SX03025"]
    assert [str(line.charge) for line in state.lines_of("suspect-2")] == ["suspect-2:SX03025", "suspect-2:SX03238"]


def test_a_file_names_everything_that_is_wrong_with_it() -> None:
    alone = SuspectCharges(suspect="suspect-3", offences=("XX00001",))
    asked = submit("2026-04-20 10:00", (alone,), ("suspect-1", "person-2"), (Subject(id="reporter-1"),))
    assert refused((), asked) == (
        "not_a_suspect",
        [
            "not_a_suspect:person-2",
            "not_a_victim:reporter-1",
            "unknown_offence:XX00001",
            "unknown_suspect:suspect-3",
            "no_charge_proposed:suspect-1",
            "no_charge_proposed:person-2",
        ],
    )


def test_an_offence_that_fits_no_victims_age_is_a_warning_and_no_refusal() -> None:
    _, events = after((), submit("2026-04-20 10:00", ("SX03017", "SX03025")))
    warnings = [event.warnings for event in events if isinstance(event, FileSubmitted)]
    assert len(warnings[0]) == 1
    assert warnings[0][0].startswith("SX03017")


def test_early_advice_opens_the_process_and_the_file_follows_it() -> None:
    state = given(ADVICE)
    assert state.is_open
    state, events = after((ADVICE,), submit("2026-04-20 10:00"))
    assert own(events) == ["file_submitted.v1"]
    assert [event.type for event in events if event.type == "process_opened.v1"] == []
    assert statuses(state) == {"ch1": "running"}


def test_a_file_is_submitted_once_and_not_before_the_advice() -> None:
    assert refused(SUBMITTED, submit("2026-04-21 10:00"))[0] == "already_open"
    assert refused((ADVICE, submit("2026-04-20 10:00")), submit("2026-04-21 10:00"))[0] == "already_open"
    assert refused((ADVICE,), submit("2026-04-09 10:00"))[0] == "before_advice"
    assert refused(SUBMITTED, ADVICE)[0] == "already_open"


def test_early_advice_is_sought_about_suspects() -> None:
    asked = by_police(SeekEarlyAdvice(opening=kit.OPENING, suspects=("child-1",)), "2026-04-10 10:00")
    assert refused((), asked)[1] == ["not_a_suspect:child-1"]


@pytest.mark.parametrize("asked", [plan("2026-04-29 10:00", "2026-05-13"), resubmit("2026-04-29 10:00")])
def test_nothing_is_decided_on_a_file_that_has_not_been_submitted(asked: kit.Request) -> None:
    assert refused((ADVICE,), asked)[0] == "file_not_submitted"


def test_nothing_happens_to_a_file_before_it_was_submitted() -> None:
    assert refused(SUBMITTED, full_code("2026-04-20 09:59"))[0] == "before_submission"


def test_each_item_of_a_plan_is_due_at_the_end_of_the_day_that_the_plan_gives() -> None:
    state = given(*PLANNED)
    assert [due(state, "ch2-1"), due(state, "ch2-2")] == ["2026-05-13", "2026-05-20"]
    again = given(*PLANNED, plan("2026-05-01 10:00", "2026-06-01"))
    assert due(again, "ch2-3") == "2026-06-01"


def test_an_item_done_on_its_last_day_is_in_time_and_the_day_after_is_a_breach() -> None:
    assert kit.breaches(after(PLANNED, complete("2026-05-13 23:59", 1))[1]) == []
    assert kit.breaches(after(PLANNED, complete("2026-05-14 00:00", 1))[1]) == ["ch2-1"]


def test_an_item_due_before_its_plan_is_refused_by_number() -> None:
    assert refused(SUBMITTED, plan("2026-04-29 10:00", "2026-04-29", "2026-04-28"))[1] == ["due_in_past:2"]


@pytest.mark.parametrize(
    ("before", "asked", "code"),
    [
        (PLANNED, complete("2026-05-12 10:00", 3), "no_such_item"),
        (SUBMITTED, complete("2026-05-12 10:00", 1), "no_such_item"),
        ((*PLANNED, complete("2026-05-12 10:00", 1)), complete("2026-05-12 11:00", 1), "already_completed"),
        (PLANNED, complete("2026-04-29 09:59", 1), "before_plan"),
        (PLANNED, resubmit("2026-04-28 10:00"), "before_plan"),
        (SUBMITTED, resubmit("2026-05-12 10:00"), "no_action_plan"),
    ],
)
def test_what_answers_no_plan_is_refused(before: tuple[kit.Request, ...], asked: kit.Request, code: str) -> None:
    assert refused(before, asked)[0] == code


def test_a_file_is_resubmitted_only_when_every_item_is_done() -> None:
    assert refused(PLANNED, resubmit("2026-05-12 10:05")) == (
        "action_items_open",
        ["action_item_open:1", "action_item_open:2"],
    )
    half = (*PLANNED, complete("2026-05-12 10:00", 1))
    assert refused(half, resubmit("2026-05-12 10:05")) == ("action_items_open", ["action_item_open:2"])
    whole = (*half, complete("2026-05-19 10:00", 2))
    assert own(after(whole, resubmit("2026-05-19 10:05"))[1]) == ["file_resubmitted.v1"]
    assert refused(whole, resubmit("2026-05-19 09:59"))[1] == ["action_item_open:2"]


def test_a_resubmission_typed_in_after_the_next_plan_answers_the_plans_before_it() -> None:
    done = (*PLANNED, complete("2026-05-12 10:00", 1), complete("2026-05-19 10:00", 2))
    next_plan = (*done, plan("2026-05-25 10:00", "2026-06-20"))
    assert own(after(next_plan, resubmit("2026-05-19 10:05"))[1]) == ["file_resubmitted.v1"]
    assert refused(next_plan, resubmit("2026-05-25 10:00"))[1] == ["action_item_open:3"]
