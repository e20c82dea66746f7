"""Bail under each regime, month by month, and what a hand-over changes: rank, court, period of every row PB1 to PB5."""

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from nom.contracts.actors import Actor, Agency, Rank
from nom.contracts.bail_regime import BailAuthorityRecorded, BailRegimeChanged
from nom.contracts.policy.loader import all_packs, pack_for
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import BailCondition, BailRegime
from nom.workflows.model.custody import MODEL
from tests.workflows.model import kit
from tests.workflows.model.arrests import (
    ARRESTED,
    COURT,
    DETAINED,
    ON_BAIL,
    REVIEWED_TWICE,
    after,
    arrest,
    authorise,
    bail,
    change_regime,
    due,
    end,
    extend_bail,
    given,
    own,
    refused,
    statuses,
    under_investigation,
)
from tests.workflows.model.slow_custody import last_day_of_bail

NCA = pack_for("ENG", "nca", date(2026, 3, 2))


class Step(NamedTuple):
    """A row of the table of bail: months, the rule that then holds, who authorises it and what they confirm."""

    months: int
    rule: str
    rank: Rank | None
    confirms: tuple[BailCondition, ...] = ()


SEVEN: tuple[BailCondition, ...] = ("within_s47zf_7",)
BY_OFFICERS = (Step(6, "PB2-inspector", Rank.INSPECTOR), Step(9, "PB2-superintendent", Rank.SUPERINTENDENT))
TABLE: dict[BailRegime, tuple[tuple[int, str], tuple[Step, ...]]] = {
    "standard": ((3, "PB1"), (*BY_OFFICERS, Step(12, "PB5", None), Step(18, "PB5-exceptional", None, SEVEN))),
    "designated": (
        (3, "PB1"),
        (
            *BY_OFFICERS,
            Step(12, "PB3", Rank.ASSISTANT_CHIEF_CONSTABLE, ("director_consulted",)),
            Step(18, "PB5-long", None),
            Step(24, "PB5-exceptionallong", None, SEVEN),
        ),
    ),
    "nca": (
        (6, "PB4"),
        (
            Step(12, "PB4-senior", Rank.SUPERINTENDENT),
            Step(18, "PB5-long", None),
            Step(24, "PB5-exceptionallong", None, SEVEN),
        ),
    ),
}
"""The rows PB1 to PB5 of the operating model, written out by hand."""
BELOW = {
    Rank.INSPECTOR: Rank.SERGEANT,
    Rank.SUPERINTENDENT: Rank.CHIEF_INSPECTOR,
    Rank.ASSISTANT_CHIEF_CONSTABLE: Rank.CHIEF_SUPERINTENDENT,
}
REGIMES = pytest.mark.parametrize("regime", TABLE)


def bailed(arrested: date, regime: BailRegime) -> tuple[kit.Request, ...]:
    day = arrested.isoformat()
    before = (arrest(f"{day} 08:00"), authorise(f"{day} 09:00"))
    if regime == "standard":
        return (*before, bail(f"{day} 12:00"))
    return (*before, change_regime(f"{day} 10:00", regime), bail(f"{day} 12:00"))


def extension(step: Step, day: date, rank: Rank | None = None, *, court: str | None = COURT) -> kit.Request:
    names_court = court if step.rank is None else None
    return extend_bail(f"{day} 10:00", step.months, rank or step.rank, court=names_court, confirms=step.confirms)


def running(state: object) -> list[tuple[str, date | None]]:
    assert isinstance(state, MODEL.state)
    return [(clock.rule, clock.last_day) for clock in state.clocks if clock.rule.startswith("PB") and clock.is_open]


@REGIMES
@pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)
def test_every_pack_has_the_table_of_bail_with_its_basis(regime: BailRegime, pack: PolicyPack) -> None:
    (months, first), steps = TABLE[regime]
    (rule,) = pack.ranks_for("Bail", regime)
    assert (rule.clock, rule.rank, pack.clock(rule.clock).value) == (first, Rank.SERGEANT, months)
    rows = pack.ranks_for("ExtendBail", regime)
    assert [Step(pack.clock(row.clock).value, row.clock, row.rank, row.confirms) for row in rows] == list(steps)
    for row in (rule, *rows):
        clock = pack.clock(row.clock)
        assert clock.month_begins == "day_after"
        assert row.basis
        assert clock.basis
        expected = "high" if row.clock == "PB5-exceptionallong" else "published"
        assert (row.confidence, clock.confidence) == (expected, expected)


@REGIMES
def test_bail_runs_through_every_period_of_its_regime_and_no_further(regime: BailRegime) -> None:
    arrested = date(2026, 3, 17)
    (months, first), steps = TABLE[regime]
    state = given(*bailed(arrested, regime))
    for step in steps:
        last = last_day_of_bail(arrested, months)
        assert running(state) == [(first, last)]
        early = kit.refused(MODEL, state, extension(step, last, BELOW.get(step.rank or Rank.CONSTABLE), court=None))
        needed = "court_only" if step.rank is None else "rank"
        assert kit.labels(early) == [f"{needed}:{step.rule}"]
        late = kit.refused(MODEL, state, extension(step, last + timedelta(days=1)))
        assert kit.labels(late) == [f"bail_expired:{first}"]
        for condition in step.confirms:
            bare = kit.refused(MODEL, state, extension(step._replace(confirms=()), last))
            assert kit.labels(bare) == [f"not_confirmed:{condition}"]
        state, events = kit.outcome_of(MODEL, state, extension(step, last))
        authority = [event for event in events if isinstance(event, BailAuthorityRecorded)]
        assert [(item.court, item.confirmed) for item in authority] == (
            [(COURT if step.rank is None else None, step.confirms)] if step.rank is None or step.confirms else []
        )
        months, first = step.months, step.rule
    last = last_day_of_bail(arrested, months)
    assert running(state) == [(first, last)]
    again = kit.refused(MODEL, state, extend_bail(f"{last} 10:00", months, Rank.CHIEF_CONSTABLE, court=COURT))
    assert "bail_out_of_order" in {item.code for item in again.unmet}
    more = kit.refused(MODEL, state, extend_bail(f"{last} 10:00", months - 1, Rank.CHIEF_CONSTABLE, court=COURT))
    assert more.code == "no_such_period"


@pytest.mark.parametrize(
    ("arrested", "months", "last"),
    [
        ("2026-01-10", 3, "2026-04-10"),
        ("2026-01-30", 3, "2026-04-30"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2025-11-29", 3, "2026-02-28"),
        ("2025-11-28", 3, "2026-02-28"),
        ("2025-11-27", 3, "2026-02-27"),
        ("2023-11-29", 3, "2024-02-29"),
        ("2023-11-28", 3, "2024-02-28"),
        ("2024-02-28", 12, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-08-30", 6, "2027-02-28"),
        ("2026-12-31", 18, "2028-06-30"),
        ("2026-10-24", 6, "2027-04-24"),
    ],
)
def test_the_slow_calendar_agrees_with_what_was_reckoned_by_hand(arrested: str, months: int, last: str) -> None:
    assert last_day_of_bail(date.fromisoformat(arrested), months) == date.fromisoformat(last)


@settings(max_examples=60)
@drawn(st.dates(date(2023, 1, 1), date(2026, 4, 30)), st.sampled_from(list(TABLE)))
def test_every_period_ends_when_the_slow_calendar_says_so(arrested: date, regime: BailRegime) -> None:
    (months, first), steps = TABLE[regime]
    state = given(*bailed(arrested, regime))
    assert running(state) == [(first, last_day_of_bail(arrested, months))]
    for step in steps:
        state, _ = kit.outcome_of(MODEL, state, extension(step, last_day_of_bail(arrested, months)))
        months = step.months
        assert running(state) == [(step.rule, last_day_of_bail(arrested, months))]


def test_a_hand_over_to_the_national_crime_agency_replaces_the_first_period() -> None:
    state, events = after(ON_BAIL, change_regime("2026-04-20 10:00", "nca"))
    assert own(events) == ["bail_regime_changed.v1"]
    assert [(event.before, event.after) for event in events if isinstance(event, BailRegimeChanged)] == [
        ("standard", "nca")
    ]
    assert due(state, "pb4") == "end of 2026-09-17"
    assert statuses(state)["pb1"] == "stopped"
    assert "hand_off_made.v1" in [event.type for event in events]
    state, _ = kit.outcome_of(MODEL, state, extend_bail("2026-09-17 10:00", 12, Rank.SUPERINTENDENT))
    assert due(state, "pb4-12") == "end of 2027-03-17"


def test_a_hand_over_to_a_force_takes_the_first_period_back_while_it_still_runs() -> None:
    held = (*ON_BAIL, change_regime("2026-04-20 10:00", "nca"))
    state, _ = after(held, change_regime("2026-05-20 10:00", "standard"))
    assert due(state, "pb1-again-1") == "end of 2026-06-17"
    assert running(state) == [("PB1", date(2026, 6, 17))]
    state, _ = kit.outcome_of(MODEL, state, change_regime("2026-05-21 10:00", "nca"))
    state, _ = kit.outcome_of(MODEL, state, change_regime("2026-05-22 10:00", "standard"))
    assert running(state) == [("PB1", date(2026, 6, 17))]
    assert len({clock.id for clock in state.clocks}) == len(state.clocks)


def test_a_first_period_that_the_new_regime_would_have_ended_already_keeps_its_end() -> None:
    held = (*ON_BAIL, change_regime("2026-04-20 10:00", "nca"))
    state, events = after(held, change_regime("2026-07-20 10:00", "standard"))
    assert running(state) == [("PB4", date(2026, 9, 17))]
    assert "hand_off_made.v1" not in [event.type for event in events]
    assert kit.labels(kit.refused(MODEL, state, extend_bail("2026-09-17 10:00", 6, Rank.INSPECTOR))) == [
        "bail_out_of_order:PB4"
    ]
    state, _ = kit.outcome_of(MODEL, state, extend_bail("2026-09-17 10:00", 9, Rank.SUPERINTENDENT))
    assert running(state) == [("PB2-superintendent", date(2026, 12, 17))]


def test_a_period_that_somebody_authorised_keeps_its_end_and_the_new_regime_goes_on_from_there() -> None:
    held = (*ON_BAIL, extend_bail("2026-06-17 10:00", 6, Rank.INSPECTOR))
    held = (*held, extend_bail("2026-09-17 10:00", 9, Rank.SUPERINTENDENT))
    state, events = after(held, change_regime("2026-10-01 10:00", "nca"))
    assert running(state) == [("PB2-superintendent", date(2026, 12, 17))]
    assert "clock_stopped.v1" not in [event.type for event in events]
    assert kit.labels(kit.refused(MODEL, state, extension(TABLE["nca"][1][1], date(2026, 12, 17)))) == [
        "bail_out_of_order:PB2-superintendent"
    ]
    state, _ = kit.outcome_of(MODEL, state, extension(TABLE["nca"][1][0], date(2026, 12, 17)))
    assert running(state) == [("PB4-senior", date(2027, 3, 17))]
    state, _ = kit.outcome_of(MODEL, state, change_regime("2027-01-10 10:00", "standard"))
    assert kit.labels(kit.refused(MODEL, state, extend_bail("2027-03-17 10:00", 12, None, court=COURT))) == [
        "bail_out_of_order:PB4-senior"
    ]
    state, _ = kit.outcome_of(MODEL, state, extension(TABLE["standard"][1][3], date(2027, 3, 17)))
    assert running(state) == [("PB5-exceptional", date(2027, 9, 17))]


def test_bail_that_has_run_out_is_not_brought_back_by_a_hand_over() -> None:
    state, events = after(ON_BAIL, change_regime("2026-06-18 00:00", "nca"))
    assert running(state) == [("PB1", date(2026, 6, 17))]
    assert kit.breaches(events) == ["pb1"]
    assert kit.labels(kit.refused(MODEL, state, extend_bail("2026-06-19 10:00", 12, Rank.SUPERINTENDENT))) == [
        "bail_expired:PB1"
    ]


def test_a_designation_leaves_the_period_and_opens_the_longer_ones() -> None:
    held = (*ON_BAIL, extend_bail("2026-06-17 10:00", 6, Rank.INSPECTOR))
    state = given(*held, change_regime("2026-07-01 10:00", "designated", reason="designated by the Director"))
    assert running(state) == [("PB2-inspector", date(2026, 9, 17))]
    for step in TABLE["designated"][1][1:]:
        ((_, last),) = running(state)
        assert last is not None
        state, _ = kit.outcome_of(MODEL, state, extension(step, last))
    assert running(state) == [("PB5-exceptionallong", date(2028, 3, 17))]


@pytest.mark.parametrize("before", [ARRESTED, DETAINED, (*ON_BAIL, under_investigation("2026-05-01 10:00"))])
def test_a_regime_that_changes_while_nobody_is_on_bail_waits_for_the_bail(before: tuple[kit.Request, ...]) -> None:
    state, events = after(before, change_regime("2026-05-02 10:00", "nca"))
    assert own(events) == ["bail_regime_changed.v1"]
    assert running(state) == []
    assert state.regime == "nca"


@pytest.mark.parametrize(
    ("before", "asked", "code"),
    [
        (ON_BAIL, change_regime("2026-04-20 10:00", "standard"), "same_regime"),
        (ON_BAIL, change_regime("2026-04-20 10:00", "nca", reason=None), "reason_missing"),
        (
            (*ON_BAIL, change_regime("2026-04-20 10:00", "nca")),
            change_regime("2026-04-21 10:00", "designated"),
            "not_a_standard_case",
        ),
        (
            (*ON_BAIL, change_regime("2026-04-20 10:00", "nca")),
            change_regime("2026-04-19 10:00", "standard"),
            "before_regime_change",
        ),
        ((*DETAINED, end("2026-03-17 08:00")), change_regime("2026-04-20 10:00", "nca"), "process_ended"),
    ],
)
def test_a_change_that_cannot_be_is_refused(before: tuple[kit.Request, ...], asked: kit.Request, code: str) -> None:
    assert refused(before, asked)[0] == code


def test_the_case_tells_of_a_hand_over_without_a_reason_and_after_a_person_entered_it() -> None:
    told = change_regime("2026-04-20 10:00", "nca", by_case=True)
    state, _ = after(ON_BAIL, told)
    assert running(state) == [("PB4", date(2026, 9, 17))]
    by_hand = (*ON_BAIL, change_regime("2026-04-20 09:00", "nca"))
    state, events = after(by_hand, told)
    assert [(event.before, event.after) for event in events if isinstance(event, BailRegimeChanged)] == [("nca", "nca")]
    assert running(state) == [("PB4", date(2026, 9, 17))]


def test_the_case_tells_of_a_hand_over_where_the_pack_is_that_of_the_new_agency_already() -> None:
    facts = kit.facts_of(NCA)
    state = given(*ON_BAIL)
    state, events = kit.outcome_of(MODEL, state, change_regime("2026-04-20 10:00", "nca", by_case=True), facts)
    assert [(event.before, event.after) for event in events if isinstance(event, BailRegimeChanged)] == [("nca", "nca")]
    assert running(state) == [("PB4", date(2026, 9, 17))]


def test_an_officer_of_the_court_enters_its_own_decision_and_names_it_by_the_agency() -> None:
    nine = (
        *ON_BAIL,
        extend_bail("2026-06-17 10:00", 6, Rank.INSPECTOR),
        extend_bail("2026-09-17 10:00", 9, Rank.SUPERINTENDENT),
    )
    asked = extend_bail("2026-12-17 10:00", 12, None)
    officer = Actor(id="court-officer-1", role="court_officer", agency=Agency.COURT)
    by_court = asked.model_copy(update={"actor": officer})
    state, _ = kit.outcome_of(MODEL, given(*nine), by_court, kit.FROM_DECEMBER)
    assert running(state) == [("PB5", date(2027, 3, 17))]
    assert kit.refused(MODEL, given(*nine), by_court).code == "role", "no earlier pack has the role"
    nobody = asked.model_copy(update={"actor": asked.actor.model_copy(update={"agency": Agency.COURT})})
    assert kit.refused(MODEL, given(*nine), nobody, kit.FROM_DECEMBER).code == "agency"


def test_what_takes_a_police_rank_is_not_for_an_officer_of_the_court() -> None:
    asked = extend_bail("2026-06-17 10:00", 6, None)
    by_court = asked.model_copy(
        update={"actor": Actor(id="court-officer-1", role="court_officer", agency=Agency.COURT)}
    )
    assert "rank" in {
        label.split(":")[0] for label in kit.labels(kit.refused(MODEL, given(*ON_BAIL), by_court, kit.FROM_DECEMBER))
    }


def test_a_regime_known_before_the_bail_decides_its_first_period() -> None:
    state = given(*REVIEWED_TWICE, change_regime("2026-03-17 22:00", "nca"), bail("2026-03-17 23:00"))
    assert running(state) == [("PB4", date(2026, 9, 17))]
