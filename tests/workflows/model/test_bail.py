from datetime import date
from typing import Any

import pytest

from nom.contracts.actors import SYSTEM_ROLE, Rank
from nom.contracts.events import EventBase
from nom.contracts.every_process import ClockRanOut, HandOffMade
from nom.contracts.policy.loader import pack_for
from nom.workflows.model.custody import MODEL
from tests.workflows.model import kit
from tests.workflows.model.arrests import (
    ARRESTED,
    CASE,
    CUSTODY,
    DETAINED,
    ON_BAIL,
    REVIEWED_TWICE,
    after,
    bail,
    due,
    end,
    extend,
    extend_bail,
    given,
    outcome,
    own,
    refused,
    review,
    statuses,
    under_investigation,
)

SIX = extend_bail("2026-06-17 10:00", 6, Rank.INSPECTOR)
NINE = extend_bail("2026-09-17 10:00", 9, Rank.SUPERINTENDENT)


def told(events: tuple[EventBase, ...]) -> list[dict[str, Any]]:
    """The commands handed to the case, without what they are carried in."""
    hand_offs = [event.hand_off for event in events if isinstance(event, HandOffMade)]
    assert {item.to for item in hand_offs} <= {CASE}
    carried: list[Any] = [item.envelope["command"] for item in hand_offs]
    return carried


def test_bail_ends_detention_and_its_first_period_begins_the_day_after_the_arrest() -> None:
    state, events = after(REVIEWED_TWICE, bail("2026-03-17 23:00", ("no contact with child-1",)))
    assert own(events) == ["bail_granted.v1"]
    assert due(state, "pb1") == "end of 2026-06-17"
    assert statuses(state) == {"pc1": "stopped", "pc4-1": "met", "pc4-2": "met", "pc4-3": "stopped", "pb1": "running"}
    assert state.is_open


def test_the_case_learns_of_bail_and_of_its_extension_so_that_the_victim_can_be_told() -> None:
    _, events = after(REVIEWED_TWICE, bail("2026-03-17 23:00"))
    assert [(item["type"], item["of"], item["suspect"]) for item in told(events)] == [
        ("RecordNotifiableEvent", "bail", "suspect-1")
    ]
    _, events = after(ON_BAIL, SIX)
    assert [(item["of"], item["stage"]) for item in told(events)] == [("bail_change", CUSTODY)]


@pytest.mark.parametrize(
    ("before", "asked", "code"),
    [
        (ARRESTED, bail("2026-03-17 08:00"), "not_detained"),
        (ON_BAIL, bail("2026-03-18 08:00"), "not_detained"),
        (DETAINED, bail("2026-03-17 08:00", rank=Rank.CONSTABLE), "rank"),
        (DETAINED, bail("2026-03-17 07:00"), "before_detention"),
        (REVIEWED_TWICE, bail("2026-03-17 21:00"), "before_review"),
        ((*REVIEWED_TWICE, extend("2026-03-17 22:30")), bail("2026-03-17 22:00"), "before_extension"),
    ],
)
def test_bail_that_cannot_have_been_granted_is_refused(
    before: tuple[kit.Request, ...], asked: kit.Request, code: str
) -> None:
    assert refused(before, asked)[0] == code


def test_bail_is_extended_period_by_period_and_always_counted_from_its_start() -> None:
    state = given(*ON_BAIL, SIX, NINE)
    assert due(state, "pb2-6") == "end of 2026-09-17"
    assert due(state, "pb2-9") == "end of 2026-12-17"
    assert {name: status for name, status in statuses(state).items() if name.startswith("pb")} == {
        "pb1": "stopped",
        "pb2-6": "stopped",
        "pb2-9": "running",
    }


def test_bail_ends_at_the_midnight_of_its_last_day() -> None:
    assert own(after(ON_BAIL, extend_bail("2026-06-17 23:59", 6, Rank.INSPECTOR))[1]) == ["bail_extended.v1"]
    assert refused(ON_BAIL, extend_bail("2026-06-18 00:00", 6, Rank.INSPECTOR))[1] == ["bail_expired:PB1"]


@pytest.mark.parametrize(
    ("before", "asked", "unmet"),
    [
        (ON_BAIL, extend_bail("2026-06-17 10:00", 6, Rank.SERGEANT), ["rank:PB2-inspector"]),
        ((*ON_BAIL, SIX), extend_bail("2026-09-17 10:00", 9, Rank.INSPECTOR), ["rank:PB2-superintendent"]),
        (ON_BAIL, extend_bail("2026-06-17 10:00", 9, Rank.SUPERINTENDENT), ["bail_out_of_order:PB1"]),
        (ON_BAIL, extend_bail("2026-06-17 10:00", 7, Rank.SUPERINTENDENT), ["no_such_period"]),
        ((*ON_BAIL, SIX, NINE), extend_bail("2026-12-17 10:00", 12, Rank.CHIEF_CONSTABLE), ["court_only:PB5"]),
        ((*ON_BAIL, SIX), extend_bail("2026-09-17 10:00", 6, Rank.INSPECTOR), ["bail_out_of_order:PB2-inspector"]),
        (ON_BAIL, extend_bail("2026-03-17 22:59", 6, Rank.INSPECTOR), ["before_release"]),
        (
            ON_BAIL,
            extend_bail("2026-06-18 10:00", 9, Rank.INSPECTOR),
            ["rank:PB2-superintendent", "bail_expired:PB1", "bail_out_of_order:PB1"],
        ),
    ],
)
def test_an_extension_of_bail_names_every_condition_that_fails(
    before: tuple[kit.Request, ...], asked: kit.Request, unmet: list[str]
) -> None:
    code, labels = refused(before, asked)
    assert labels == unmet
    assert code == unmet[0].partition(":")[0]


def test_only_bail_can_be_extended() -> None:
    assert refused(DETAINED, SIX)[0] == "not_on_bail"
    assert refused((*ON_BAIL, under_investigation("2026-05-01 10:00")), SIX)[0] == "not_on_bail"


def test_an_extension_given_in_time_and_typed_in_after_the_end_withdraws_the_breach() -> None:
    ran_out = ClockRanOut(clock_id="pb1", due_at=kit.london("2026-06-18 00:00"))
    before = (*ON_BAIL, kit.request(CUSTODY, SYSTEM_ROLE, ran_out, "2026-06-18 00:00"))
    assert statuses(given(*before))["pb1"] == "breached"
    state, events = after(before, extend_bail("2026-06-17 10:00", 6, Rank.INSPECTOR, entered="2026-06-21 09:00"))
    assert "breach_withdrawn.v1" in [event.type for event in events]
    assert statuses(state)["pb1"] == "stopped"
    assert statuses(state)["pb2-6"] == "running"


def test_a_case_of_the_national_crime_agency_has_its_own_periods() -> None:
    facts = kit.facts_of(pack_for("ENG", "nca", date(2026, 3, 2)))
    state = kit.given(MODEL, CUSTODY, *ON_BAIL, facts=facts)
    assert due(state, "pb4") == "end of 2026-09-17"
    early = extend_bail("2026-09-17 10:00", 12, Rank.INSPECTOR)
    assert kit.labels(kit.refused(MODEL, state, early, facts)) == ["rank:PB4-senior"]
    state, _ = kit.outcome_of(MODEL, state, extend_bail("2026-09-17 10:00", 12, Rank.SUPERINTENDENT), facts)
    assert due(state, "pb4-12") == "end of 2027-03-17"


@pytest.mark.parametrize("before", [DETAINED, ON_BAIL], ids=["out of detention", "off bail"])
def test_a_release_under_investigation_stops_every_clock_and_keeps_the_process_open(
    before: tuple[kit.Request, ...],
) -> None:
    state, events = after(before, under_investigation("2026-03-18 06:00"))
    assert own(events)[-1] == "suspect_released_under_investigation.v1"
    assert [item["of"] for item in told(events)] == ["released_under_investigation"]
    assert not [clock for clock in state.clocks if clock.is_open]
    assert state.is_open


@pytest.mark.parametrize(
    ("before", "asked", "code"),
    [
        (ARRESTED, under_investigation("2026-03-17 08:00"), "not_detained"),
        (REVIEWED_TWICE, under_investigation("2026-03-17 21:00"), "before_review"),
        (ON_BAIL, end("2026-03-17 22:00"), "before_release"),
        (ARRESTED, end("2026-03-17 06:00"), "before_arrest"),
    ],
)
def test_a_release_that_contradicts_what_is_known_is_refused(
    before: tuple[kit.Request, ...], asked: kit.Request, code: str
) -> None:
    assert refused(before, asked)[0] == code


@pytest.mark.parametrize(
    ("before", "asked", "notices"),
    [
        (ARRESTED, end("2026-03-17 08:00"), ["release"]),
        (DETAINED, end("2026-03-17 08:00"), ["release"]),
        (ON_BAIL, end("2026-04-01 08:00"), ["bail_change"]),
        (ON_BAIL, end("2026-04-01 08:00", "refused_charge"), ["bail_change"]),
        (DETAINED, end("2026-03-17 08:00", "charged"), []),
    ],
)
def test_the_end_of_custody_tells_the_case_and_what_the_victim_must_be_told(
    before: tuple[kit.Request, ...], asked: kit.Request, notices: list[str]
) -> None:
    state, events = after(before, asked)
    assert [item["of"] for item in told(events) if item["type"] == "RecordNotifiableEvent"] == notices
    assert [item["outcome"] for item in told(events) if item["type"] == "RecordStageOutcome"] == [state.outcome]
    assert state.outcome == asked.command.how
    assert not [clock for clock in state.clocks if clock.is_open]


def test_a_charge_that_the_case_tells_of_ends_bail_and_custody() -> None:
    state, events = after(ON_BAIL, outcome("2026-06-04 11:00"))
    assert own(events) == ["custody_ended.v1"]
    assert kit.breaches(events) == []
    assert statuses(state)["pb1"] == "stopped"
    assert state.outcome == "charged"


def test_an_outcome_told_of_somebody_who_was_never_let_out_shows_detention_beyond_the_authority() -> None:
    _, events = after(REVIEWED_TWICE, outcome("2026-03-18 09:20"))
    assert own(events) == ["unlawful_detention_recorded.v1", "custody_ended.v1"]
    assert own(after(REVIEWED_TWICE, outcome("2026-03-18 07:10"))[1]) == ["custody_ended.v1"]


def test_an_outcome_of_another_suspect_is_refused() -> None:
    assert refused(ON_BAIL, outcome("2026-06-04 11:00", suspect="suspect-2"))[0] == "another_suspect"


def test_nobody_is_bailed_or_reviewed_once_custody_has_ended() -> None:
    before = (*DETAINED, end("2026-03-17 08:00"))
    assert refused(before, bail("2026-03-17 09:00"))[0] == "process_ended"
    assert refused(before, review("2026-03-17 09:00"))[0] == "detention_over"
