import pytest

from nom.contracts.actors import Rank
from nom.contracts.clocks import BreachWithdrawn, ClockMet
from nom.contracts.custody import UnlawfulDetentionRecorded, UnlawfulDetentionWithdrawn
from nom.workflows.model.custody import MODEL
from tests.workflows.model import kit
from tests.workflows.model.arrests import (
    ARRESTED,
    DETAINED,
    REVIEWED_TWICE,
    after,
    arrest,
    authorise,
    bail,
    due,
    end,
    extend,
    given,
    own,
    refused,
    review,
    statuses,
)

SUMMARY = "MS15010"


def test_detention_runs_from_the_relevant_time_and_reviews_from_the_authorisation() -> None:
    state = given(*ARRESTED, authorise("2026-03-17 07:40", relevant="2026-03-17 07:10"))
    assert due(state, "pc1") == "2026-03-18 07:10"
    assert due(state, "pc4-1") == "2026-03-17 13:40"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (authorise("2026-03-17 06:00", relevant="2026-03-17 06:30"), "before_arrest"),
        (authorise("2026-03-17 07:10", relevant="2026-03-17 06:00"), "relevant_time_before_arrest"),
        (authorise("2026-03-17 07:10", relevant="2026-03-17 07:11"), "relevant_time_after_authorisation"),
        (authorise("2026-03-17 07:10", rank=Rank.CONSTABLE), "rank"),
        (authorise("2026-03-17 07:10", rank=None), "rank"),
    ],
)
def test_detention_that_cannot_have_been_authorised_like_that_is_refused(asked: kit.Request, code: str) -> None:
    assert refused(ARRESTED, asked)[0] == code


def test_every_fault_of_an_authorisation_is_named_at_once() -> None:
    asked = authorise("2026-03-17 06:00", relevant="2026-03-17 06:10", rank=Rank.CONSTABLE)
    assert refused(ARRESTED, asked)[1] == [
        "rank:PC1",
        "before_arrest",
        "relevant_time_before_arrest",
        "relevant_time_after_authorisation",
    ]


def test_detention_is_authorised_once() -> None:
    assert refused(DETAINED, authorise("2026-03-17 08:00"))[0] == "already_authorised"


def test_each_review_is_due_nine_hours_after_the_one_before_it() -> None:
    state = given(*REVIEWED_TWICE)
    assert [due(state, f"pc4-{n}") for n in (1, 2, 3)] == ["2026-03-17 13:10", "2026-03-17 22:00", "2026-03-18 06:50"]
    assert statuses(state) == {"pc1": "running", "pc4-1": "met", "pc4-2": "met", "pc4-3": "running"}


def test_a_review_at_the_due_moment_is_in_time_and_a_minute_later_is_a_breach() -> None:
    assert kit.breaches(after(DETAINED, review("2026-03-17 13:10"))[1]) == []
    state, events = after(DETAINED, review("2026-03-17 13:11"))
    assert kit.breaches(events) == ["pc4-1"]
    assert statuses(state)["pc4-1"] == "met_late"
    assert due(state, "pc4-2") == "2026-03-17 22:11"


@pytest.mark.parametrize(
    ("before", "asked", "code"),
    [
        (ARRESTED, review("2026-03-17 13:00"), "not_detained"),
        (DETAINED, review("2026-03-17 07:00"), "before_detention"),
        (DETAINED, review("2026-03-17 13:00", rank=Rank.SERGEANT), "rank"),
        ((*DETAINED, review("2026-03-17 13:00")), review("2026-03-17 13:00"), "already_reviewed"),
        ((*DETAINED, bail("2026-03-17 12:00")), review("2026-03-17 12:01"), "detention_over"),
    ],
)
def test_a_review_that_cannot_have_been_held_is_refused(
    before: tuple[kit.Request, ...], asked: kit.Request, code: str
) -> None:
    assert refused(before, asked)[0] == code


def test_a_review_typed_in_after_a_later_one_takes_its_place_and_the_breach_is_withdrawn() -> None:
    late = given(*DETAINED, review("2026-03-17 21:50"))
    assert statuses(late)["pc4-1"] == "met_late"
    state, events = after(
        (*DETAINED, review("2026-03-17 21:50")), review("2026-03-17 13:00", entered="2026-03-18 01:00")
    )
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["pc4-1"]
    assert statuses(state) == {"pc1": "running", "pc4-1": "met", "pc4-2": "running", "pc4-3": "met"}
    assert due(state, "pc4-2") == "2026-03-18 06:50"
    assert due(state, "pc4-3") == "2026-03-17 22:00"


def test_a_review_typed_in_late_that_came_late_itself_leaves_the_breach() -> None:
    before = (*DETAINED, review("2026-03-17 21:50"))
    state, events = after(before, review("2026-03-17 14:00", entered="2026-03-18 01:00"))
    assert not [
        event for event in events if isinstance(event, BreachWithdrawn | ClockMet) and event.clock_id == "pc4-1"
    ]
    assert statuses(state)["pc4-1"] == "met_late"


def test_a_review_typed_in_after_the_end_of_custody_is_still_taken() -> None:
    before = (*DETAINED, end("2026-03-17 15:00"))
    assert statuses(given(*before))["pc4-1"] == "stopped_late"
    state, events = after(before, review("2026-03-17 13:00", entered="2026-03-18 09:00"))
    assert own(events) == ["detention_reviewed.v1"]
    assert statuses(state) == {"pc1": "stopped", "pc4-1": "met", "pc4-2": "stopped"}


def test_a_superintendent_extends_after_the_second_review() -> None:
    state, events = after(REVIEWED_TWICE, extend("2026-03-17 22:30"))
    assert own(events) == ["detention_extended.v1"]
    assert due(state, "pc2") == "2026-03-18 19:10"
    assert statuses(state)["pc1"] == "stopped"


@pytest.mark.parametrize(
    ("before", "asked", "unmet"),
    [
        (REVIEWED_TWICE, extend("2026-03-17 22:30", rank=Rank.INSPECTOR), ["rank:PC2"]),
        (REVIEWED_TWICE, extend("2026-03-17 22:30", rank=None), ["rank:PC2"]),
        (DETAINED, extend("2026-03-17 22:30"), ["too_early"]),
        (REVIEWED_TWICE, extend("2026-03-17 21:00"), ["too_early"]),
        (ARRESTED, extend("2026-03-17 22:30"), ["not_detained", "too_early"]),
        (REVIEWED_TWICE, extend("2026-03-17 22:30", hours=37), ["no_such_period"]),
        (REVIEWED_TWICE, extend("2026-03-17 22:30", hours=96), ["no_such_period"]),
        ((*REVIEWED_TWICE, bail("2026-03-17 22:00")), extend("2026-03-17 22:30"), ["detention_over"]),
        ((*REVIEWED_TWICE, extend("2026-03-17 22:30")), extend("2026-03-17 22:40"), ["already_extended:PC2"]),
        (DETAINED, extend("2026-03-18 08:00", rank=Rank.INSPECTOR), ["rank:PC2", "too_early", "too_late"]),
    ],
)
def test_an_extension_names_every_condition_that_fails(
    before: tuple[kit.Request, ...], asked: kit.Request, unmet: list[str]
) -> None:
    code, labels = refused(before, asked)
    assert labels == unmet
    assert code == unmet[0].partition(":")[0]


def test_only_an_indictable_offence_extends_detention() -> None:
    def detained_for(offence: str) -> tuple[kit.Request, ...]:
        return (arrest("2026-03-17 06:30", offence=offence), *REVIEWED_TWICE[1:])

    assert refused(detained_for(SUMMARY), extend("2026-03-17 22:30"))[1] == [f"offence_not_indictable:{SUMMARY}"]
    assert own(after(detained_for("SX03025"), extend("2026-03-17 22:30"))[1]) == ["detention_extended.v1"]


def test_an_extension_reported_after_the_end_extends_nothing_and_records_unlawful_detention() -> None:
    state, events = after(REVIEWED_TWICE, extend("2026-03-18 07:11"))
    assert own(events) == ["unlawful_detention_recorded.v1"]
    assert kit.breaches(events) == ["pc1", "pc4-3"]
    assert state.clock("pc2") is None
    again = extend("2026-03-18 07:11", entered="2026-03-18 07:30")
    assert kit.refused(MODEL, state, again).code == "too_late"


def test_an_extension_at_the_last_moment_is_in_time() -> None:
    assert own(after(REVIEWED_TWICE, extend("2026-03-18 07:10"))[1]) == ["detention_extended.v1"]


@pytest.mark.parametrize("asked", [review("2026-03-18 08:00"), bail("2026-03-18 08:00"), end("2026-03-18 08:00")])
def test_whatever_is_reported_of_detention_after_its_end_shows_that_it_was_unlawful(asked: kit.Request) -> None:
    _, events = after(REVIEWED_TWICE, asked)
    found = [event for event in events if isinstance(event, UnlawfulDetentionRecorded)]
    assert [(item.authorised_until, item.still_detained_at) for item in found] == [
        (kit.london("2026-03-18 07:10"), kit.london("2026-03-18 08:00"))
    ]
    assert "pc1" in kit.breaches(events)


def test_a_release_within_the_authorised_time_records_no_unlawful_detention() -> None:
    _, events = after(REVIEWED_TWICE, bail("2026-03-18 07:10"))
    assert own(events) == ["bail_granted.v1"]


def test_an_extension_typed_in_after_the_release_makes_the_detention_lawful_again() -> None:
    before = (*REVIEWED_TWICE, bail("2026-03-18 17:00"))
    state, events = after(before, extend("2026-03-17 22:30", entered="2026-03-19 09:00"))
    assert own(events) == ["detention_extended.v1", "unlawful_detention_withdrawn.v1"]
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["pc1"]
    assert statuses(state)["pc1"] == "stopped"
    assert statuses(state)["pc2"] == "stopped"
    assert state.unlawful_until is None


def test_an_extension_typed_in_late_leaves_unlawful_what_lies_beyond_it() -> None:
    before = (*REVIEWED_TWICE, bail("2026-03-18 20:00"))
    state, events = after(before, extend("2026-03-17 22:30", entered="2026-03-19 09:00"))
    assert any(isinstance(event, UnlawfulDetentionWithdrawn) for event in events)
    found = [event for event in events if isinstance(event, UnlawfulDetentionRecorded)]
    assert [item.authorised_until for item in found] == [kit.london("2026-03-18 19:10")]
    assert state.unlawful_until == kit.london("2026-03-18 20:00")
    assert statuses(state)["pc2"] == "stopped_late"


def test_an_arrest_typed_in_weeks_later_is_judged_across_the_change_of_the_clocks() -> None:
    entered = "2026-04-20 09:00"
    state = given(
        arrest("2026-03-28 19:10", suspect="suspect-2", entered=entered),
        authorise("2026-03-28 20:00", entered=entered),
        review("2026-03-29 02:50", entered=entered),
    )
    assert due(state, "pc1") == "2026-03-29 21:00"
    assert [due(state, "pc4-1"), due(state, "pc4-2")] == ["2026-03-29 03:00", "2026-03-29 11:50"]
    state, events = kit.outcome_of(MODEL, state, end("2026-03-29 11:30", entered=entered))
    assert kit.breaches(events) == []
    assert statuses(state) == {"pc1": "stopped", "pc4-1": "met", "pc4-2": "stopped"}


def test_each_act_that_shows_longer_detention_without_authority_is_recorded_and_an_earlier_one_adds_nothing() -> None:
    state, events = after((*REVIEWED_TWICE, review("2026-03-18 08:00")), review("2026-03-18 09:00"))
    assert own(events) == ["detention_reviewed.v1", "unlawful_detention_recorded.v1"]
    assert state.unlawful_until == kit.london("2026-03-18 09:00")
    state, events = kit.outcome_of(MODEL, state, review("2026-03-18 08:30", entered="2026-03-18 10:00"))
    assert own(events) == ["detention_reviewed.v1"]
    assert state.unlawful_until == kit.london("2026-03-18 09:00")
