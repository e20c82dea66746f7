from datetime import timedelta
from typing import Any

import pytest

from nom.activities.errors import LedgerUnreadable
from nom.console.timeline import Timeline, only, timeline_of
from nom.contracts.clocks import ClockStatus
from nom.contracts.envelope import CommandEnvelope
from tests.console.recorded import CASE, RECEIVED, Process, a_referral
from tests.matters import acknowledge, note, receive, record_crime


def words(timeline: Timeline) -> list[str]:
    return [told.says for entry in timeline.entries for told in entry.story]


def test_the_story_is_told_in_the_order_of_the_world_not_of_the_typing() -> None:
    referral = a_referral()
    referral.take(record_crime(CASE, RECEIVED + timedelta(hours=3)), timedelta(minutes=1))
    referral.take(acknowledge(CASE, RECEIVED + timedelta(hours=1)), timedelta(days=3))
    entries = timeline_of(referral.stored).entries
    assert [entry.command for entry in entries] == ["ReceiveReferral", "Acknowledge", "RecordCrime"]
    assert [entry.late for entry in entries] == [None, "entered 3 d later", None]


def test_minutes_beyond_the_tolerance_of_the_pinned_pack_are_marked() -> None:
    referral = a_referral().take(record_crime(CASE, RECEIVED + timedelta(hours=3)), recorded_after=timedelta(minutes=6))
    entries = {entry.command: entry for entry in timeline_of(referral.stored).entries}
    assert entries["RecordCrime"].late == "recorded 6 min after it was received"


def test_an_entry_says_who_in_which_role_and_under_which_policy() -> None:
    (entry,) = timeline_of(a_referral().stored).entries
    assert entry.who == "teacher-1, education safeguarding lead"
    assert entry.policy == "eng-police-2026.1"
    assert entry.story[0].says.startswith("Referral received from education")
    assert {told.rule for told in entry.story} == {None, "WT1", "CR1", "VC4"}


def test_how_processes_open_and_tell_each_other_is_no_part_of_the_story() -> None:
    (entry,) = timeline_of(a_referral().stored).entries
    hidden = {told.type for told in entry.told} - {told.type for told in entry.story}
    assert hidden == {"process_opened.v1", "hand_off_made.v1"}


def test_a_clock_is_shown_with_its_title_and_when_the_act_was_done() -> None:
    late = RECEIVED + timedelta(hours=25)
    timeline = timeline_of(a_referral().take(record_crime(CASE, late)).stored)
    (clock,) = [item for item in timeline.clocks if item.clock.rule == "CR1"]
    assert clock.clock.status is ClockStatus.MET_LATE
    assert clock.done_at == late
    assert clock.title == "Crime recorded or N100 made"
    assert any(line.startswith("Deadline CR1 missed") for line in words(timeline))


def test_an_open_process_says_what_is_still_missing() -> None:
    (standing,) = timeline_of(a_referral().stored).processes
    assert standing.outcome is None
    assert [unmet.code for unmet in standing.missing] == ["not_acknowledged", "crime_not_recorded"]
    assert standing.waiting == (f"OpenCase to {CASE}/case",)


def test_one_process_of_a_case_can_be_told_alone() -> None:
    other = "gmp/test-1/referral-2"
    both = timeline_of((*a_referral().stored, *Process(other).take(_second()).stored))
    alone = only(both, frozenset({other}))
    assert {entry.stream for entry in both.entries} == {f"{CASE}/referral-1", other}
    assert {item.stream for item in (*alone.entries, *alone.clocks, *alone.processes)} == {other}


def _second() -> CommandEnvelope[Any]:
    return receive(CASE, RECEIVED).model_copy(update={"stream": f"{CASE}/referral-2"})


def test_a_record_that_this_code_cannot_read_is_named_without_its_content() -> None:
    referral = a_referral().take(note(CASE, "words about somebody"))
    last = referral.stored[-1]
    broken = last.record.model_copy(update={"payload": last.record.payload.replace("fact", "rumour")})
    with pytest.raises(LedgerUnreadable) as caught:
        timeline_of((*referral.stored[:-1], last.model_copy(update={"record": broken})))
    assert caught.value.seq == broken.seq
    assert "somebody" not in str(caught.value)
