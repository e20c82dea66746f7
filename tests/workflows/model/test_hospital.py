from datetime import UTC, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from nom.contracts.clocks import BreachWithdrawn, ClockMet, ClockPaused, ClockResumed, ClockStopped, Pause
from nom.contracts.custody import UnlawfulDetentionRecorded
from nom.contracts.every_process import ClockRanOut, ResumeClock
from nom.contracts.warrants import HospitalStayRecorded
from nom.workflows.model.custody import MODEL
from nom.workflows.model.custody_state import Stay
from nom.workflows.model.detention_time import counted, pauses_in, stood_still
from tests.workflows.model import kit
from tests.workflows.model.arrests import (
    ARRESTED,
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
    refused,
    review,
    statuses,
)
from tests.workflows.model.slow_custody import InHospital, out_of_time

THREE_HOURS = hospital("2026-03-17 10:00", "2026-03-17 13:00")
LEFT = hospital("2026-03-17 10:00")
RAN_OUT = kit.request(
    CUSTODY, "system", ClockRanOut(clock_id="pc4-1", due_at=kit.london("2026-03-17 13:10")), "2026-03-17 13:10"
)


def test_time_in_hospital_moves_the_limit_and_the_review_and_the_stretch_is_kept() -> None:
    state, events = after(DETAINED, THREE_HOURS)
    assert own(events) == ["hospital_stay_recorded.v1"]
    assert due(state, "pc1") == "2026-03-18 10:10"
    assert due(state, "pc4-1") == "2026-03-17 16:10"
    clock = state.clock("pc1")
    assert clock is not None
    assert clock.pauses == (Pause(paused_at=kit.london("2026-03-17 10:00"), resumed_at=kit.london("2026-03-17 13:00")),)
    assert statuses(state) == {"pc1": "running", "pc4-1": "running"}


def test_while_the_suspect_is_in_hospital_every_clock_stands_still_and_goes_on_at_the_return() -> None:
    state, events = after(DETAINED, LEFT)
    assert [event.clock_id for event in events if isinstance(event, ClockPaused)] == ["pc1", "pc4-1"]
    assert statuses(state) == {"pc1": "paused", "pc4-1": "paused"}
    ran_out = ClockRanOut(clock_id="pc4-1", due_at=kit.london("2026-03-17 13:10"))
    assert (
        kit.refused(MODEL, state, kit.request(CUSTODY, "system", ran_out, "2026-03-17 13:10")).code == "clock_moved_on"
    )
    state, events = kit.outcome_of(MODEL, state, THREE_HOURS)
    assert [event.clock_id for event in events if isinstance(event, ClockResumed)] == ["pc1", "pc4-1"]
    assert not [event for event in events if isinstance(event, ClockPaused)]
    assert state == given(*DETAINED, THREE_HOURS).model_copy(
        update={"last_seq": state.last_seq, "clocks": state.clocks, "acts": state.acts}
    )
    assert (due(state, "pc1"), due(state, "pc4-1")) == ("2026-03-18 10:10", "2026-03-17 16:10")


def test_nobody_but_the_law_lets_a_detention_clock_stand_still_or_go_on() -> None:
    asked = kit.request(
        CUSTODY, "senior_investigating_officer", ResumeClock(clock_id="pc1"), "2026-03-17 11:00", reason="-"
    )
    assert refused((*DETAINED, LEFT), asked)[0] == "may_not_pause"


def test_every_period_of_a_long_detention_moves_with_its_own_stays() -> None:
    state = given(
        *DETAINED,
        hospital("2026-03-17 08:00", "2026-03-17 09:00"),
        review("2026-03-17 14:00"),
        hospital("2026-03-17 20:00", "2026-03-17 22:00"),
        review("2026-03-18 00:30"),
        extend("2026-03-18 09:00"),
        apply_for_warrant("2026-03-18 20:00"),
        grant_warrant("2026-03-18 21:00", hours=24),
        hospital("2026-03-19 06:00", "2026-03-19 10:30"),
        apply_for_warrant("2026-03-19 20:00"),
    )
    assert due(state, "pc1") == "2026-03-18 10:10"
    assert due(state, "pc2") == "2026-03-18 22:10"
    assert [due(state, f"pc4-{n}") for n in (1, 2, 3)] == ["2026-03-17 14:10", "2026-03-18 01:00", "2026-03-18 09:30"]
    assert due(state, "pc3-1") == "2026-03-20 01:30"
    assert due(kit.outcome_of(MODEL, state, grant_warrant("2026-03-20 01:00"))[0], "pc3-2") == "2026-03-21 13:00"


def test_the_96_hours_end_later_by_the_time_in_hospital_and_not_a_minute_later() -> None:
    state = given(
        *EXTENDED,
        apply_for_warrant("2026-03-18 14:00"),
        grant_warrant("2026-03-18 15:00"),
        hospital("2026-03-19 06:00", "2026-03-19 08:00"),
        apply_for_warrant("2026-03-19 20:00"),
    )
    assert due(state, "pc3-1") == "2026-03-20 05:00"
    assert due(kit.outcome_of(MODEL, state, grant_warrant("2026-03-19 21:10"))[0], "pc3-2") == "2026-03-21 09:10"
    refusal = kit.refused(MODEL, state, grant_warrant("2026-03-19 21:11"))
    assert kit.labels(refusal) == ["beyond_cap:PC3-cap"]


def test_an_extension_given_in_hospital_counts_the_stay_from_the_relevant_time() -> None:
    state = given(*REVIEWED_TWICE, hospital("2026-03-17 22:00"), extend("2026-03-17 22:30"))
    assert statuses(state)["pc2"] == "paused"
    state, _ = kit.outcome_of(MODEL, state, hospital("2026-03-17 22:00", "2026-03-18 06:00"))
    assert due(state, "pc2") == "2026-03-19 03:10"
    assert due(state, "pc4-3") == "2026-03-18 14:50"


def test_a_review_held_in_hospital_meets_its_clock_and_the_next_one_waits_for_the_return() -> None:
    state = given(*DETAINED, LEFT, review("2026-03-17 12:00"))
    assert statuses(state) == {"pc1": "paused", "pc4-1": "met", "pc4-2": "paused"}
    state, _ = kit.outcome_of(MODEL, state, THREE_HOURS)
    assert due(state, "pc4-2") == "2026-03-17 22:00"


@pytest.mark.parametrize(
    ("before", "asked", "unmet"),
    [
        (ARRESTED, THREE_HOURS, ["not_detained"]),
        (DETAINED, hospital("2026-03-17 07:09", "2026-03-17 08:00"), ["before_relevant_time"]),
        (DETAINED, hospital("2026-03-17 10:00", "2026-03-17 13:00", at="2026-03-17 12:59"), ["not_yet_returned"]),
        (DETAINED, hospital("2026-03-17 10:00", at="2026-03-17 09:59"), ["not_yet_left"]),
        (DETAINED, hospital("2026-03-17 10:00", "2026-03-17 10:00"), ["returned_before_leaving"]),
        (
            DETAINED,
            hospital("2026-03-17 10:00", "2026-03-17 09:00"),
            ["not_yet_left", "returned_before_leaving"],
        ),
        ((*DETAINED, THREE_HOURS), hospital("2026-03-17 12:00", "2026-03-17 14:00"), ["stays_overlap"]),
        ((*DETAINED, THREE_HOURS), THREE_HOURS, ["stays_overlap"]),
        ((*DETAINED, THREE_HOURS), hospital("2026-03-17 09:00"), ["stays_overlap"]),
        ((*DETAINED, LEFT), hospital("2026-03-17 11:00"), ["still_in_hospital"]),
        ((*DETAINED, LEFT), hospital("2026-03-17 08:00", "2026-03-17 09:00"), ["still_in_hospital"]),
        ((*DETAINED, LEFT), LEFT, ["stay_known"]),
        ((*DETAINED, bail("2026-03-17 12:00")), THREE_HOURS, ["detention_over"]),
        ((*DETAINED, bail("2026-03-17 09:00")), LEFT, ["detention_over"]),
    ],
)
def test_a_stay_that_cannot_have_been_is_refused(
    before: tuple[kit.Request, ...], asked: kit.Request, unmet: list[str]
) -> None:
    code, labels = refused(before, asked)
    assert labels == unmet
    assert code == unmet[0]


def test_one_stay_may_begin_as_another_ends() -> None:
    state = given(*DETAINED, THREE_HOURS, hospital("2026-03-17 13:00", "2026-03-17 14:00"))
    assert due(state, "pc1") == "2026-03-18 11:10"


def test_a_breach_that_time_in_hospital_undoes_is_withdrawn_and_one_that_it_does_not_undo_comes_again() -> None:
    missed = (*DETAINED, RAN_OUT)
    assert statuses(given(*missed))["pc4-1"] == "breached"
    state, events = after(missed, hospital("2026-03-17 10:00", "2026-03-17 13:00", at="2026-03-17 14:00"))
    assert [event.clock_id for event in events if isinstance(event, BreachWithdrawn)] == ["pc4-1"]
    assert statuses(state)["pc4-1"] == "running"
    assert due(state, "pc4-1") == "2026-03-17 16:10"
    state, events = after(missed, hospital("2026-03-17 10:00", "2026-03-17 10:20", at="2026-03-17 14:00"))
    assert kit.breaches(events) == ["pc4-1"]
    assert statuses(state)["pc4-1"] == "breached"
    assert due(state, "pc4-1") == "2026-03-17 13:30"


def test_a_stay_that_began_after_the_time_had_run_out_changes_nothing() -> None:
    state, events = after((*DETAINED, RAN_OUT), hospital("2026-03-17 13:11", "2026-03-17 15:00"))
    assert statuses(state)["pc4-1"] == "breached"
    assert due(state, "pc4-1") == "2026-03-17 13:10"
    assert [event.clock_id for event in events if isinstance(event, ClockPaused)] == ["pc1"]


def test_a_stay_that_begins_with_the_last_minute_still_puts_the_end_off() -> None:
    state = given(*REVIEWED_TWICE, hospital("2026-03-18 07:10", "2026-03-18 08:00"))
    assert due(state, "pc1") == "2026-03-18 08:00"
    assert state.unlawful_until is None


def test_a_suspect_who_is_taken_to_hospital_after_the_authorised_end_was_detained_without_authority() -> None:
    _, events = after(REVIEWED_TWICE, hospital("2026-03-18 07:20"))
    found = [event for event in events if isinstance(event, UnlawfulDetentionRecorded)]
    assert [item.still_detained_at for item in found] == [kit.london("2026-03-18 07:20")]
    _, events = after(REVIEWED_TWICE, hospital("2026-03-18 07:20", "2026-03-18 09:00"))
    found = [event for event in events if isinstance(event, UnlawfulDetentionRecorded)]
    assert [item.still_detained_at for item in found] == [kit.london("2026-03-18 09:00")]


def test_a_stay_typed_in_after_the_release_mends_the_breaches_and_makes_the_detention_lawful() -> None:
    before = (*DETAINED, review("2026-03-17 14:00"), review("2026-03-17 22:00"), bail("2026-03-18 08:00"))
    held = given(*before)
    assert held.unlawful_until == kit.london("2026-03-18 08:00")
    assert {name for name, status in statuses(held).items() if status.endswith("late")} == {"pc1", "pc4-1", "pc4-3"}
    state, events = after(before, hospital("2026-03-17 10:00", "2026-03-17 11:00", entered="2026-03-19 09:00"))
    assert own(events) == ["hospital_stay_recorded.v1", "unlawful_detention_withdrawn.v1"]
    assert state.unlawful_until is None
    assert {name: status for name, status in statuses(state).items() if not name.startswith("pb")} == {
        "pc1": "stopped",
        "pc4-1": "met",
        "pc4-2": "met",
        "pc4-3": "stopped_late",
    }
    assert [event.met_at for event in events if isinstance(event, ClockMet)] == [kit.london("2026-03-17 14:00")]
    assert [event.stopped_at for event in events if isinstance(event, ClockStopped)] == [kit.london("2026-03-18 08:00")]


def test_a_stay_typed_in_late_that_is_too_short_leaves_the_breach_and_the_unlawful_rest() -> None:
    before = (*DETAINED, review("2026-03-17 14:30"), end("2026-03-18 08:00"))
    state, events = after(before, hospital("2026-03-17 10:00", "2026-03-17 10:10", entered="2026-03-19 09:00"))
    assert own(events) == [
        "hospital_stay_recorded.v1",
        "unlawful_detention_withdrawn.v1",
        "unlawful_detention_recorded.v1",
    ]
    found = [event for event in events if isinstance(event, UnlawfulDetentionRecorded)]
    assert [item.authorised_until for item in found] == [kit.london("2026-03-18 07:20")]
    assert statuses(state)["pc4-1"] == "met_late"
    # A second one is added to the first.
    state, events = kit.outcome_of(
        MODEL, state, hospital("2026-03-17 11:00", "2026-03-17 12:10", entered="2026-03-19 09:10")
    )
    assert statuses(state)["pc4-1"] == "met"
    assert state.unlawful_until is None


@pytest.mark.parametrize("limit", ["pc1", "pc2", "pc3-1", "pc3-2"])
def test_every_limit_that_was_stopped_late_is_mended_by_a_stay_typed_in_after_the_release(limit: str) -> None:
    runs = {
        "pc1": (*REVIEWED_TWICE, bail("2026-03-18 07:40")),
        "pc2": (*EXTENDED, bail("2026-03-18 19:40")),
        "pc3-1": (*WARRANTED, bail("2026-03-20 03:30")),
        "pc3-2": (
            *WARRANTED,
            apply_for_warrant("2026-03-19 14:00"),
            grant_warrant("2026-03-19 19:10"),
            bail("2026-03-21 07:40"),
        ),
    }
    before = given(*runs[limit])
    assert statuses(before)[limit] == "stopped_late"
    within = {"pc3-1": "2026-03-19 06:00", "pc3-2": "2026-03-20 06:00"}.get(limit, "2026-03-17 15:00")
    until = (kit.london(within) + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    state, _ = kit.outcome_of(MODEL, before, hospital(within, until, entered="2026-03-22 09:00"))
    assert statuses(state)[limit] == "stopped"
    assert state.unlawful_until is None


def test_a_stay_without_a_return_typed_in_after_the_release_from_hospital_is_taken() -> None:
    before = (*DETAINED, bail("2026-03-18 08:00"))
    assert given(*before).unlawful_until is not None
    state, _ = after(before, hospital("2026-03-17 10:00", entered="2026-03-19 09:00"))
    assert state.unlawful_until is None
    assert statuses(state)["pc1"] == "stopped"


def test_a_return_entered_late_shows_that_what_was_recorded_since_was_beyond_the_authority() -> None:
    held = given(*DETAINED, LEFT, review("2026-03-18 12:00"))
    assert held.unlawful_until is None
    state, events = kit.outcome_of(
        MODEL, held, hospital("2026-03-17 10:00", "2026-03-17 13:00", entered="2026-03-18 13:00")
    )
    found = [event for event in events if isinstance(event, UnlawfulDetentionRecorded)]
    assert [item.authorised_until for item in found] == [kit.london("2026-03-18 10:10")]
    assert state.unlawful_until == kit.london("2026-03-18 12:00")


def test_a_review_held_after_the_return_and_entered_before_it_starts_a_clock_that_nothing_holds_up() -> None:
    held = given(*DETAINED, LEFT, review("2026-03-17 14:00"))
    assert statuses(held)["pc4-2"] == "paused"
    state, _ = kit.outcome_of(MODEL, held, hospital("2026-03-17 10:00", "2026-03-17 13:00", at="2026-03-17 14:10"))
    assert statuses(state) == {"pc1": "running", "pc4-1": "met", "pc4-2": "running"}
    assert due(state, "pc4-2") == "2026-03-17 23:00"


def test_a_return_entered_late_shows_that_a_review_and_a_release_came_late() -> None:
    held = given(*DETAINED, LEFT, review("2026-03-17 17:00"), bail("2026-03-18 12:00"))
    assert {statuses(held)[name] for name in ("pc1", "pc4-1", "pc4-2")} == {"stopped", "met"}
    back = hospital("2026-03-17 10:00", "2026-03-17 13:00", entered="2026-03-18 13:00")
    state, events = kit.outcome_of(MODEL, held, back)
    assert kit.breaches(events) == ["pc1", "pc4-1", "pc4-2"]
    assert {name: statuses(state)[name] for name in ("pc1", "pc4-1", "pc4-2")} == {
        "pc1": "stopped_late",
        "pc4-1": "met_late",
        "pc4-2": "stopped_late",
    }
    assert state.unlawful_until == kit.london("2026-03-18 12:00")


def test_a_release_before_what_is_known_of_hospital_is_refused() -> None:
    assert refused((*DETAINED, THREE_HOURS), bail("2026-03-17 12:30"))[1] == ["before_return"]
    assert refused((*DETAINED, LEFT), end("2026-03-17 09:30"))[1] == ["before_return"]
    assert own(after((*DETAINED, LEFT), bail("2026-03-17 12:30"))[1]) == ["bail_granted.v1"]


def test_a_stay_across_the_change_of_the_clocks_is_as_long_as_it_was() -> None:
    state = given(
        arrest("2026-03-28 12:00"),
        authorise("2026-03-28 12:00"),
        hospital("2026-03-28 23:00", "2026-03-29 05:00"),
    )
    assert due(state, "pc1") == "2026-03-29 18:00"  # 24 hours and five: at one the clocks went on to two.


def test_the_words_of_a_stay_say_from_when_to_when() -> None:
    stay = HospitalStayRecorded(left_at=kit.london("2026-03-17 10:00"), returned_at=None)
    assert stay.in_words() == "In hospital from 2026-03-17 10:00 GMT to a time not yet known: that time does not count"


MINUTES = st.integers(0, 5 * 24 * 60)


@st.composite
def stays_in_order(draw: st.DrawFn) -> tuple[InHospital, ...]:
    begun = kit.london("2026-03-27 14:00").astimezone(UTC)
    cuts = sorted(draw(st.lists(MINUTES, max_size=8, unique=True)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return tuple(InHospital(begun + timedelta(minutes=a), begun + timedelta(minutes=b)) for a, b in pairs)


@settings(max_examples=60)
@drawn(stays_in_order(), st.integers(1, 36), st.integers(0, 60 * 60))
def test_a_period_ends_when_a_slow_count_of_minutes_says_so(
    stays: tuple[InHospital, ...], hours: int, start: int
) -> None:
    begun = kit.london("2026-03-27 14:00").astimezone(UTC) + timedelta(minutes=start)
    known = tuple(Stay(left_at=stay.left, returned_at=stay.returned) for stay in stays)
    pauses = pauses_in(known, begun, timedelta(hours=hours))
    until = begun + timedelta(hours=hours) + stood_still(pauses)
    assert until == out_of_time(begun, hours, stays)
    assert counted(known, begun, until) == timedelta(hours=hours)
