from datetime import date

import pytest

from nom.contracts.actors import Actor, Agency, Rank
from nom.contracts.clocks import BreachWithdrawn
from nom.contracts.custody import UnlawfulDetentionRecorded
from nom.contracts.policy.loader import pack_for
from nom.contracts.warrants import GrantWarrant, WarrantRefused
from nom.workflows.model.clock_course import recalculated
from nom.workflows.model.custody import MODEL
from nom.workflows.model.explaining import course_in_words, course_of
from tests.workflows.model import kit
from tests.workflows.model.arrests import (
    APPLIED,
    COURT,
    CUSTODY,
    DETAINED,
    EXTENDED,
    REVIEWED_TWICE,
    WARRANTED,
    after,
    apply_for_warrant,
    arrest,
    authorise,
    bail,
    due,
    end,
    extend,
    given,
    grant_warrant,
    hospital,
    own,
    refuse_warrant,
    refused,
    review,
    statuses,
)

ASKED_AGAIN = (*WARRANTED, apply_for_warrant("2026-03-19 19:00"))
TWICE = (*ASKED_AGAIN, grant_warrant("2026-03-19 22:00", hours=24))
"""Up to 22:00 on the 20th."""
TO_THE_CAP = (*ASKED_AGAIN, grant_warrant("2026-03-19 19:10"))
"""Up to 07:10 on the 21st: 96 hours."""


def test_the_hours_of_a_warrant_run_from_its_issue_and_take_the_place_of_the_officers_extension() -> None:
    state, events = after(APPLIED, grant_warrant("2026-03-18 15:00"))
    assert own(events) == ["warrant_granted.v1"]
    assert due(state, "pc3-1") == "2026-03-20 03:00"
    assert {name: status for name, status in statuses(state).items() if not name.startswith("pc4")} == {
        "pc1": "stopped",
        "pc2": "stopped",
        "pc3-1": "running",
    }
    clock = state.clock("pc3-1")
    assert clock is not None
    assert (clock.rule, clock.extended_by, clock.counted_from) == ("PC3", 0, "issue of warrant 1")


def test_a_court_may_give_fewer_hours_than_the_rule() -> None:
    state, _ = after(APPLIED, grant_warrant("2026-03-18 15:00", hours=12))
    assert due(state, "pc3-1") == "2026-03-19 03:00"
    clock = state.clock("pc3-1")
    assert clock is not None
    assert clock.extended_by == -24
    assert course_in_words(course_of(clock, clock.started_at), kit.POLICY.clock("PC3")) == (
        "given 24 hours fewer than the rule's",
    )


def test_a_warrant_and_its_time_in_hospital_stand_when_another_pack_is_adopted() -> None:
    short = (*APPLIED, grant_warrant("2026-03-18 15:00", hours=12), hospital("2026-03-18 18:00", "2026-03-18 20:00"))
    state, offered = given(*short), kit.facts_of(pack_for("ENG", "police", date(2026, 5, 2)))
    assert offered.policy.version != kit.POLICY.version
    assert due(state, "pc3-1") == "2026-03-19 05:00"
    assert recalculated(state.clocks, offered, kit.london("2026-03-18 21:00"), "another pack") == ()


def test_an_extended_warrant_runs_from_its_own_issue() -> None:
    state = given(*TWICE)
    assert due(state, "pc3-2") == "2026-03-20 22:00"
    assert statuses(state)["pc3-1"] == "stopped"


@pytest.mark.parametrize(
    ("before", "asked", "unmet"),
    [
        (DETAINED, apply_for_warrant("2026-03-18 06:00"), ["extension_first:PC2"]),
        (DETAINED[:1], apply_for_warrant("2026-03-18 06:00"), ["not_detained", "extension_first:PC2"]),
        (EXTENDED, apply_for_warrant("2026-03-17 22:00"), ["before_extension"]),
        (EXTENDED, apply_for_warrant("2026-03-17 07:00"), ["before_detention", "before_extension"]),
        (APPLIED, apply_for_warrant("2026-03-18 14:30"), ["application_pending"]),
        (WARRANTED, apply_for_warrant("2026-03-18 14:30"), ["before_warrant"]),
        ((*EXTENDED, bail("2026-03-18 10:00")), apply_for_warrant("2026-03-18 10:01"), ["detention_over"]),
        ((*APPLIED, refuse_warrant("2026-03-18 15:00")), apply_for_warrant("2026-03-18 16:00"), ["refused_before"]),
        (
            (*APPLIED, refuse_warrant("2026-03-18 15:00")),
            apply_for_warrant("2026-03-18 14:59", new_evidence=True),
            ["before_refusal"],
        ),
        (TO_THE_CAP, apply_for_warrant("2026-03-20 09:00"), ["cap_reached:PC3-cap"]),
    ],
)
def test_an_application_that_cannot_be_made_names_every_condition_that_fails(
    before: tuple[kit.Request, ...], asked: kit.Request, unmet: list[str]
) -> None:
    code, labels = refused(before, asked)
    assert labels == unmet
    assert code == unmet[0].partition(":")[0]


@pytest.mark.parametrize(
    ("before", "asked", "unmet"),
    [
        (EXTENDED, grant_warrant("2026-03-18 15:00"), ["no_application"]),
        (APPLIED, grant_warrant("2026-03-18 13:59"), ["before_application"]),
        (APPLIED, grant_warrant("2026-03-18 15:00", hours=37), ["too_many_hours:PC3"]),
        (APPLIED, grant_warrant("2026-03-18 15:00", hours=4), ["adds_nothing"]),
        (APPLIED, grant_warrant("2026-03-18 15:00", hours=96), ["too_many_hours:PC3", "beyond_cap:PC3-cap"]),
        (APPLIED, grant_warrant("2026-03-18 19:11", hours=37), ["too_late", "too_many_hours:PC3"]),
        ((*APPLIED, bail("2026-03-18 14:30")), grant_warrant("2026-03-18 15:00"), ["detention_over"]),
        ((*APPLIED, refuse_warrant("2026-03-18 15:00")), grant_warrant("2026-03-18 16:00"), ["no_application"]),
        (ASKED_AGAIN, grant_warrant("2026-03-19 19:11"), ["beyond_cap:PC3-cap"]),
        (ASKED_AGAIN, grant_warrant("2026-03-19 22:00", hours=34), ["beyond_cap:PC3-cap"]),
        (DETAINED[:1], grant_warrant("2026-03-18 15:00"), ["not_detained", "no_application"]),
    ],
)
def test_a_warrant_that_cannot_have_been_issued_names_every_condition_that_fails(
    before: tuple[kit.Request, ...], asked: kit.Request, unmet: list[str]
) -> None:
    code, labels = refused(before, asked)
    assert labels == unmet
    assert code == unmet[0].partition(":")[0]


@pytest.mark.parametrize(
    ("before", "asked", "unmet"),
    [
        (EXTENDED, refuse_warrant("2026-03-18 15:00"), ["no_application"]),
        (APPLIED, refuse_warrant("2026-03-18 13:59"), ["before_application"]),
        ((*APPLIED, bail("2026-03-18 14:30")), refuse_warrant("2026-03-18 15:00"), ["detention_over"]),
    ],
)
def test_a_refusal_of_the_court_that_cannot_have_been_is_refused(
    before: tuple[kit.Request, ...], asked: kit.Request, unmet: list[str]
) -> None:
    assert refused(before, asked)[1] == unmet


def test_all_warrants_together_end_96_hours_after_the_relevant_time() -> None:
    state = given(*TO_THE_CAP)
    assert due(state, "pc3-2") == "2026-03-21 07:10"
    state = given(*TWICE, apply_for_warrant("2026-03-20 20:00"), grant_warrant("2026-03-20 21:10", hours=10))
    assert due(state, "pc3-3") == "2026-03-21 07:10"


def test_the_balance_of_the_officers_extension_is_left_when_the_court_refuses() -> None:
    state, events = after(APPLIED, refuse_warrant("2026-03-18 15:00"))
    refusals = [event for event in events if isinstance(event, WarrantRefused)]
    assert [(item.charge_or_release_by, item.court) for item in refusals] == [(kit.london("2026-03-18 19:10"), COURT)]
    assert refusals[0].until == "2026-03-18 19:10 GMT"
    assert statuses(state)["pc2"] == "running"
    assert state.applied_at is None
    released, events = kit.outcome_of(MODEL, state, end("2026-03-18 19:10", "charged"))
    assert own(events) == ["custody_ended.v1"]
    assert "pc2" not in kit.breaches(events)
    assert released.outcome == "charged"


def test_a_suspect_who_is_kept_after_a_refusal_and_the_end_is_detained_without_authority() -> None:
    before = (*APPLIED, refuse_warrant("2026-03-18 15:00"))
    state, events = after(before, review("2026-03-18 19:11"))
    assert own(events) == ["detention_reviewed.v1", "unlawful_detention_recorded.v1"]
    assert statuses(state)["pc2"] == "breached"


def test_new_evidence_lets_the_court_be_asked_again() -> None:
    before = (*APPLIED, refuse_warrant("2026-03-18 15:00"))
    state, events = after(before, apply_for_warrant("2026-03-18 16:00", new_evidence=True))
    assert own(events) == ["warrant_applied_for.v1"]
    state, _ = kit.outcome_of(MODEL, state, grant_warrant("2026-03-18 17:00"))
    assert due(state, "pc3-1") == "2026-03-20 05:00"


def test_a_summary_offence_knows_no_warrant() -> None:
    state = given(arrest("2026-03-17 06:30", offence="MS15010"), *REVIEWED_TWICE[1:])
    assert "offence_not_indictable:MS15010" in kit.labels(
        kit.refused(MODEL, state, apply_for_warrant("2026-03-18 06:00"))
    )


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (EXTENDED, apply_for_warrant("2026-03-18 19:11")),
        (APPLIED, grant_warrant("2026-03-18 19:11")),
        (WARRANTED, apply_for_warrant("2026-03-20 03:01")),
        (TO_THE_CAP, apply_for_warrant("2026-03-21 07:11")),
    ],
)
def test_what_is_reported_of_the_court_after_the_end_gives_nothing_and_records_unlawful_detention(
    before: tuple[kit.Request, ...], asked: kit.Request
) -> None:
    held = given(*before)
    state, events = kit.outcome_of(MODEL, held, asked)
    assert own(events) == ["unlawful_detention_recorded.v1"]
    assert state.warrants == held.warrants
    again = asked.model_copy(update={"submitted_at": kit.london("2026-03-22 09:00")})
    assert kit.refused(MODEL, state, again).code == "too_late"


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (EXTENDED, apply_for_warrant("2026-03-18 19:10")),
        (APPLIED, grant_warrant("2026-03-18 19:10")),
        (WARRANTED, apply_for_warrant("2026-03-20 03:00")),
    ],
)
def test_the_last_minute_of_the_authority_is_in_time(before: tuple[kit.Request, ...], asked: kit.Request) -> None:
    _, events = after(before, asked)
    assert "unlawful_detention_recorded.v1" not in own(events)
    assert len(own(events)) == 1


def test_a_refusal_of_the_court_after_the_end_shows_that_the_suspect_was_still_detained() -> None:
    _, events = after(APPLIED, refuse_warrant("2026-03-18 20:00"))
    assert own(events) == ["warrant_refused.v1", "unlawful_detention_recorded.v1"]


def test_an_application_and_a_warrant_typed_in_after_the_release_make_the_detention_lawful_again() -> None:
    before = (*EXTENDED, bail("2026-03-19 12:00"))
    assert given(*before).unlawful_until == kit.london("2026-03-19 12:00")
    applied = apply_for_warrant("2026-03-18 14:00", entered="2026-03-20 09:00")
    granted = grant_warrant("2026-03-18 15:00", entered="2026-03-20 09:10")
    state, events = after((*before, applied), granted)
    assert own(events) == ["warrant_granted.v1", "unlawful_detention_withdrawn.v1"]
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["pc2"]
    assert {statuses(state)[name] for name in ("pc1", "pc2", "pc3-1")} == {"stopped"}
    assert state.unlawful_until is None


def test_a_short_warrant_typed_in_late_leaves_unlawful_what_lies_beyond_it() -> None:
    before = (*EXTENDED, end("2026-03-19 12:00"))
    applied = apply_for_warrant("2026-03-18 14:00", entered="2026-03-20 09:00")
    state, events = after((*before, applied), grant_warrant("2026-03-18 15:00", hours=12, entered="2026-03-20 09:10"))
    found = [event for event in events if isinstance(event, UnlawfulDetentionRecorded)]
    assert [item.authorised_until for item in found] == [kit.london("2026-03-19 03:00")]
    assert statuses(state)["pc3-1"] == "stopped_late"


def test_a_warrant_runs_its_hours_across_the_change_of_the_clocks() -> None:
    state = given(
        arrest("2026-03-27 14:00"),
        authorise("2026-03-27 14:00"),
        review("2026-03-27 20:00"),
        review("2026-03-28 05:00"),
        extend("2026-03-28 10:00"),
        apply_for_warrant("2026-03-28 12:00"),
        grant_warrant("2026-03-28 20:00"),
        apply_for_warrant("2026-03-30 06:00"),
    )
    assert due(state, "pc2") == "2026-03-29 03:00"
    assert due(state, "pc3-1") == "2026-03-30 09:00"
    assert kit.labels(kit.refused(MODEL, state, grant_warrant("2026-03-30 07:00", hours=33))) == ["beyond_cap:PC3-cap"]
    state, _ = kit.outcome_of(MODEL, state, grant_warrant("2026-03-30 07:00", hours=32))
    assert due(state, "pc3-2") == "2026-03-31 15:00"


def test_whoever_applied_does_not_enter_what_the_court_decided() -> None:
    by_one = apply_for_warrant("2026-03-18 14:00")
    by_one = by_one.model_copy(update={"actor": by_one.actor.model_copy(update={"id": "custody-officer-1"})})
    assert refused((*EXTENDED, by_one), grant_warrant("2026-03-18 15:00"))[0] == "separation"
    assert refused((*EXTENDED, by_one), refuse_warrant("2026-03-18 15:00"))[0] == "separation"


def test_a_decision_of_the_court_is_entered_with_its_reason_by_custody_and_nobody_else() -> None:
    bare = kit.request(CUSTODY, "custody_officer", GrantWarrant(hours=36, court=COURT), "2026-03-18 15:00")
    assert refused(APPLIED, bare)[0] == "reason_missing"
    asked = grant_warrant("2026-03-18 15:00")
    other = asked.model_copy(update={"actor": asked.actor.model_copy(update={"role": "investigating_officer"})})
    assert refused(APPLIED, other)[0] == "role"


def test_an_officer_of_the_court_enters_the_warrant_from_december_on() -> None:
    asked = grant_warrant("2026-03-18 15:00")
    officer = Actor(id="court-officer-1", role="court_officer", agency=Agency.COURT)
    by_court = asked.model_copy(update={"actor": officer})
    assert refused(APPLIED, by_court)[0] == "role"
    state, _ = kit.outcome_of(MODEL, given(*APPLIED), by_court, kit.FROM_DECEMBER)
    assert due(state, "pc3-1") == "2026-03-20 03:00"


def test_after_an_arrest_for_breach_of_bail_the_limits_are_three_hours_longer_and_the_reviews_are_not() -> None:
    broken = arrest("2026-03-17 06:30", breach_of_bail=True)
    state = given(broken, *APPLIED[1:])
    assert due(state, "pc1") == "2026-03-18 10:10"
    assert due(state, "pc2") == "2026-03-18 22:10"
    assert due(state, "pc4-1") == "2026-03-17 13:10"
    state = given(broken, *WARRANTED[1:], apply_for_warrant("2026-03-19 22:00"))
    assert due(state, "pc3-1") == "2026-03-20 03:00"
    assert "beyond_cap:PC3-cap" in kit.labels(kit.refused(MODEL, state, grant_warrant("2026-03-19 22:11")))
    assert due(kit.outcome_of(MODEL, state, grant_warrant("2026-03-19 22:10"))[0], "pc3-2") == "2026-03-21 10:10"


def test_detention_before_the_bail_that_was_broken_counts() -> None:
    broken, again = arrest("2026-03-17 06:30", breach_of_bail=True), authorise("2026-03-17 07:10", detained_before=600)
    state, events = after((broken,), again)
    assert own(events) == ["detention_authorised.v1", "earlier_detention_counted.v1"]
    assert due(state, "pc1") == "2026-03-18 00:10"
    state = given(broken, again, *EXTENDED[2:])
    assert due(state, "pc2") == "2026-03-18 12:10"
    assert refused(DETAINED[:1], again)[1] == ["not_arrested_on_bail"]


def test_whoever_used_the_limit_up_before_the_bail_may_be_detained_for_the_three_hours_of_a_breach() -> None:
    broken, again = arrest("2026-03-17 06:30", breach_of_bail=True), authorise("2026-03-17 07:10", detained_before=5685)
    state = given(broken, again)
    assert due(state, "pc1") == "2026-03-17 10:10"
    assert kit.outcome_of(MODEL, state, end("2026-03-17 10:10"))[0].unlawful_until is None
    assert kit.outcome_of(MODEL, state, end("2026-03-17 10:11"))[0].unlawful_until is not None


def test_a_warrant_issued_while_the_suspect_is_in_hospital_waits_for_the_return() -> None:
    before = (*APPLIED, hospital("2026-03-18 14:30"))
    state, _ = after(before, grant_warrant("2026-03-18 15:00"))
    assert statuses(state)["pc3-1"] == "paused"
    state, _ = kit.outcome_of(MODEL, state, hospital("2026-03-18 14:30", "2026-03-18 17:00"))
    assert due(state, "pc3-1") == "2026-03-20 05:00"
    assert statuses(state)["pc3-1"] == "running"


@pytest.mark.parametrize("rank", [None, Rank.CONSTABLE, Rank.CHIEF_CONSTABLE])
def test_no_rank_takes_the_place_of_the_court(rank: Rank | None) -> None:
    assert refused(EXTENDED, extend("2026-03-18 15:00", hours=96, rank=rank))[1] == ["no_such_period"]
