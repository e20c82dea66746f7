from datetime import timedelta
from io import StringIO

from rich.console import Console

from nom.console.cli.story import print_story
from nom.console.timeline import timeline_of
from nom.contracts.envelope import StoredRecord
from tests.console.recorded import CASE, RECEIVED, a_referral
from tests.matters import acknowledge, record_crime

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
