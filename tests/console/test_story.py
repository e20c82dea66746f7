from datetime import timedelta
from io import StringIO

from rich.console import Console

from nom.console.cli.story import print_story
from nom.console.people import actor
from nom.console.timeline import timeline_of
from nom.contracts.envelope import StoredRecord
from tests.audit.known.records_then import given, note_on
from tests.console.recorded import CASE, RECEIVED, Process, a_referral
from tests.matters import acknowledge, receive, record_crime

WIDTH = 100


def told(records: list[StoredRecord], *, everything: bool = False) -> list[str]:
    paper = Console(file=StringIO(), width=WIDTH, highlight=False, emoji=False, markup=False)
    print_story(paper, CASE, timeline_of(records), everything=everything)
    assert isinstance(paper.file, StringIO)
    return [line.rstrip() for line in paper.file.getvalue().splitlines()]


def test_a_line_of_the_story_says_when_where_and_what_and_the_next_who_and_why() -> None:
    late = acknowledge(CASE, RECEIVED + timedelta(days=120)).model_copy(update={"reason": "the child is safe"})
    lines = told(a_referral().take(late, timedelta(days=3)).stored)
    day = lines.index("2026-06-30")
    assert lines[day + 1] == "10:20 BST  referral-1          Referral acknowledged"
    below = [line.strip() for line in lines[day:]]
    who = below.index("by duty-officer-1, duty officer (entered 3 d later)")
    assert below[who + 1] == "why: the child is safe"


def test_the_story_fits_a_hundred_columns_and_names_processes_without_the_case() -> None:
    lines = told(a_referral().take(record_crime(CASE, RECEIVED + timedelta(hours=25))).stored, everything=True)
    assert max(map(len, lines)) <= WIDTH
    assert not [line for line in lines[1:] if f"{CASE}/" in line]


def test_a_clock_is_told_with_the_title_of_its_rule_when_it_starts() -> None:
    (line,) = [line.strip() for line in told(a_referral().stored) if "Clock CR1 started" in line]
    assert line == "Clock CR1 started: due 2026-03-03 09:20 GMT – Crime recorded or N100"


def test_clocks_whose_act_is_awaited_stand_before_those_that_are_done() -> None:
    lines = told(a_referral().take(record_crime(CASE, RECEIVED + timedelta(hours=25))).stored)
    rules = [line.split()[0] for line in lines[lines.index("Clocks") + 2 :] if line[:3] in ("WT1", "CR1")]
    assert rules == ["WT1", "CR1"]


def test_what_keeps_a_process_open_is_told_with_its_code() -> None:
    lines = [line.strip() for line in told(a_referral().stored)]
    assert any(line.startswith("still missing: ") and line.endswith("(not_acknowledged)") for line in lines)
    assert "not yet acknowledged: OpenCase to case" in lines


REFERRAL = f"{CASE}/referral-1"
BLAMING = "the child is promiscuous"


def with_a_held_note() -> tuple[Process, str]:
    referral = a_referral().take(note_on(REFERRAL, RECEIVED, BLAMING))
    (text,) = referral.state.held_texts
    return referral, text.id


def told_of(process: Process) -> str:
    return " ".join(" ".join(told(process.stored)).split())


def test_a_text_that_waits_for_review_is_told_with_who_releases_it_and_how() -> None:
    referral, held = with_a_held_note()
    words = told_of(referral)
    assert f"{held} is held for review: a text by duty-officer-1" in words
    assert "released by another person than its author, as meeting chair or" in words
    assert (
        f"or supervising officer: nom act {CASE} referral-1 ReleaseText held={held} --as PERSON --reason WHY" in words
    )
    assert f"What was written: nom texts {CASE}" in words
    assert BLAMING not in words


def test_a_text_that_was_returned_or_released_no_longer_asks_for_review() -> None:
    later = RECEIVED + timedelta(hours=1)
    for command, expected in (
        ("ReturnText", "by duty-officer-1 was returned, to be written again: nom act"),
        ("ReleaseText", "was held for review and is released"),
    ):
        referral, held = with_a_held_note()
        request = given(REFERRAL, {"type": command, "held": held}, later, reason="it is a quotation")
        words = told_of(referral.take(request.model_copy(update={"actor": actor("supervisor-1", "GMP")})))
        assert f"{held} {expected}" in words
        assert "is held for review:" not in words


def test_a_mark_that_another_process_settles_is_told_where_to_look() -> None:
    referral, held = with_a_held_note()
    handed_on = f"the words were [{held} held for review]"
    elsewhere = Process(f"{CASE}/referral-2").take(
        receive(CASE, RECEIVED).model_copy(update={"stream": f"{CASE}/referral-2"})
    )
    elsewhere.take(note_on(f"{CASE}/referral-2", RECEIVED, handed_on))
    assert f"{held} is or was held for review by a process that is not shown here; see nom texts" in told_of(elsewhere)
    assert "not shown here" not in told_of(referral)
