"""The pages: the same from the same code, readable, and named when they are stale."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nom.console.model_book.book import BookStale, check, write
from nom.console.model_book.exploring import explore
from nom.console.model_book.markdown import state_diagram, table
from nom.console.model_book.packs import packs, where_of
from nom.console.model_book.pages import pages
from nom.console.model_book.phases import ENDED, NOT_OPEN, phase_of
from nom.contracts.ids import ProcessKind, stream_of
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return pages()


def test_there_is_a_page_for_each_process_and_the_index_names_them_all(written: dict[str, str]) -> None:
    of_processes = {f"{kind.value}.md" for kind in ProcessKind}
    assert set(written) == of_processes | {"README.md", "every-process.md", "policy-packs.md", "invariants.md"}
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", written["README.md"]))
    assert linked == set(written) - {"README.md"}


def test_another_process_with_other_hashes_finds_the_one_page_stale_that_was_changed(
    written: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nom.console.model_book.book.pages", lambda: written)
    write(tmp_path)
    changed = tmp_path / "custody.md"
    changed.write_text(f"{written['custody.md']}by hand\n", encoding="utf-8")
    asked = [sys.executable, "-m", "nom.console.cli.app", "model", "book", "--check", "--out", str(tmp_path)]
    done = subprocess.run(
        asked, env={**os.environ, "PYTHONHASHSEED": "77"}, capture_output=True, text=True, check=False
    )
    expected = f"nom: book_stale: {changed} is stale; run `nom model book` and commit what it writes\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_a_page_that_is_stale_missing_or_left_over_is_named_with_the_command_to_run(
    written: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nom.console.model_book.book.pages", lambda: written)
    assert len(write(tmp_path)) == len(written)
    assert write(tmp_path) == ()
    assert check(tmp_path) == len(written)
    (tmp_path / "custody.md").write_text("as it was last year\n", encoding="utf-8")
    (tmp_path / "case.md").unlink()
    (tmp_path / "probation.md").write_text("no such process\n", encoding="utf-8")
    with pytest.raises(BookStale) as stale:
        check(tmp_path)
    for words in ("case.md is missing", "custody.md is stale", "probation.md is left over", "run `nom model book`"):
        assert words in str(stale.value)
    write(tmp_path)
    assert check(tmp_path) == len(written)


@pytest.mark.parametrize("kind", ProcessKind)
def test_a_page_says_everything_that_is_asked_of_it(kind: ProcessKind, written: dict[str, str]) -> None:
    page = written[f"{kind.value}.md"]
    for heading in ("States and transitions", "Who may do what", "Second person", "Clocks", "Events", "Invariants"):
        assert f"\n## {heading}\n" in page
    assert "```mermaid\nstateDiagram-v2\n" in page
    assert "no basis recorded" not in page
    assert "No worked matter reaches this process" not in page


@pytest.mark.parametrize("kind", ProcessKind)
def test_every_arrow_of_a_diagram_joins_states_that_are_named(kind: ProcessKind, written: dict[str, str]) -> None:
    diagram = written[f"{kind.value}.md"].partition("```mermaid\n")[2].partition("```")[0]
    named = set(re.findall(r'state "[^"]+" as (\w+)', diagram)) | {"[*]"}
    ends = re.findall(r"^\s+(\S+) --> (\S+)", diagram, re.MULTILINE)
    assert ends
    assert {part for pair in ends for part in pair} <= named


def test_what_was_seen_leads_from_nothing_to_an_end_and_a_group_alone_never_ends() -> None:
    for kind, seen in explore().items():
        assert any(move.before == NOT_OPEN and move.after != NOT_OPEN for move in seen.moves), kind
        ends = any(move.after.startswith(ENDED) for move in seen.moves)
        assert ends or kind is ProcessKind.DESIGNATION, kind


def test_a_process_to_which_nothing_happened_is_not_open_and_a_state_of_none_is_an_error() -> None:
    for kind, model in MODELS.items():
        assert phase_of(model.blank(stream_of("gmp/26-book", kind))) == NOT_OPEN
    worked = next(state for state in (MODELS[kind].blank(stream_of("gmp/26-b", kind)) for kind in MODELS))
    opened = ProcessState.model_construct(stream=worked.stream, opening=object(), outcome=None)
    with pytest.raises(TypeError, match="ProcessState"):
        phase_of(opened)


def test_where_a_rule_holds_is_said_in_few_words() -> None:
    every = packs()
    assert where_of(every) == "all"
    english = [pack for pack in every if pack.agency == "police" and pack.jurisdictions[0].value == "ENG"]
    assert where_of(english) == "England"
    assert where_of(english[:1]) == "England, until 2026-04-28"
    assert where_of(english[1:]) == "England, from 2026-04-29"
    assert where_of(english[1:2]) == "England, 2026-04-29 to 2026-11-30"
    assert where_of([*english[:1], *english[2:]]) == "England, until 2026-04-28; England, from 2026-12-01"
    assert where_of([pack for pack in every if pack.version.endswith(".3")]) == "from 2026-12-01"
    assert where_of([pack for pack in every if not pack.version.endswith(".3")]) == "until 2026-11-30"
    assert where_of(()) == "none"


def test_each_pack_is_compared_with_the_next_and_the_newest_of_all_with_one_another(
    written: dict[str, str],
) -> None:
    lines = written["policy-packs.md"].splitlines()
    compared = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert compared == [
        "eng-police-2026.1 and eng-police-2026.2",
        "eng-police-2026.2 and eng-police-2026.3",
        "wal-police-2026.1 and wal-police-2026.2",
        "wal-police-2026.2 and wal-police-2026.3",
        "nca-2026.1 and nca-2026.2",
        "nca-2026.2 and nca-2026.3",
        "eng-police-2026.3 and wal-police-2026.3",
        "eng-police-2026.3 and nca-2026.3",
    ]


def test_a_cell_breaks_no_table_and_an_empty_table_says_so() -> None:
    assert table(("a",), [("one | two\nthree",)])[2] == "| one \\| two three |"
    assert table(("a",), []) == ["None.", ""]


def test_a_diagram_begins_at_nothing_and_ends_where_it_says() -> None:
    lines = state_diagram("not open", "ended", {("not open", "ended: closed"): ["Close"]})
    assert "    [*] --> s_ended_closed : Close" in lines
    assert "    s_ended_closed --> [*]" in lines
