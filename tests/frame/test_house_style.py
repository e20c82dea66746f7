"""The house rules hold for every module, and each rule would notice a fault."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.frame.rules import (
    FUNCTION_CEILING,
    MODULE_CEILING,
    foreign_places,
    quiet_defaults,
    shape_faults,
    wording_faults,
)

ROOT = Path(__file__).resolve().parents[2]
OUR_FOLDERS = ("nom", "tests", "bench", "docs", "requirements", ".ci")


def modules(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def project_files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix not in {".db", ".log"})
    for folder in OUR_FOLDERS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def complaints(rule: Callable[[str], tuple[str, ...]], *folders: str) -> list[str]:
    return [f"{path}: {fault}" for path, source in modules(*folders) for fault in rule(source)]


def test_every_module_says_what_it_owns_and_is_small_enough_to_read() -> None:
    assert list(modules("nom")), "no module was found to judge"
    assert complaints(shape_faults, "nom") == []


def test_no_match_over_our_own_types_has_a_quiet_default() -> None:
    assert complaints(quiet_defaults, "nom", "tests", "bench") == []


def test_names_say_something_and_silencers_name_their_rule() -> None:
    found = [
        f"{path}: {fault}"
        for path, source in modules("nom", "tests", "bench")
        for fault in wording_faults(path, source)
    ]
    assert found == []


def test_no_file_names_a_path_of_one_machine_or_a_registry() -> None:
    found: list[str] = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found.extend(f"{path.relative_to(ROOT)}: {place}" for place in foreign_places(text))
    assert found == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        pytest.param("x = 1\n", "has no docstring", id="silent"),
        pytest.param('"""Long."""\n' + "x = 1\n" * MODULE_CEILING, "has 401 lines", id="long module"),
        pytest.param(
            '"""A module."""\n\n\ndef long() -> None:\n' + "    print()\n" * FUNCTION_CEILING,
            "long has 61 lines",
            id="long function",
        ),
    ],
)
def test_a_module_out_of_shape_is_found(source: str, fault: str) -> None:
    assert shape_faults(source) == (fault,)


@pytest.mark.parametrize("pattern", ["CaseClosed()", "events.CaseClosed()", "Status.CLOSED", "CaseClosed() | None"])
def test_a_quiet_default_over_our_own_types_is_found(pattern: str) -> None:
    source = f"match event:\n    case {pattern}:\n        x = 1\n    case _:\n        x = 2\n"
    assert quiet_defaults(source) == ("line 5: a default that says nothing",)


@pytest.mark.parametrize(
    "source",
    [
        "match event:\n    case CaseClosed():\n        x = 1\n    case _:\n        assert_never(event)\n",
        "match event:\n    case CaseClosed():\n        x = 1\n    case other:\n        assert_never(other)\n",
        "match event:\n    case CaseClosed():\n        x = 1\n    case _:\n        raise TypeError(event)\n",
        "match text:\n    case 'yes':\n        x = 1\n    case _:\n        x = 2\n",
    ],
    ids=["closed union", "closed union, named", "open base class", "open data"],
)
def test_a_default_that_hides_nothing_is_left_alone(source: str) -> None:
    assert quiet_defaults(source) == ()


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("nom/activities/utils.py", ""),
        ("nom/workflows/helpers/clock.py", ""),
        ("nom/workflows/turn.py", "from __future__ import annotations\n"),
        ("nom/workflows/turn.py", "x = y  # " + "type: ignore\n"),
        ("nom/workflows/turn.py", "x = y  # " + "pyright: ignore\n"),
        ("nom/workflows/turn.py", "x = y  # " + "noqa\n"),
    ],
)
def test_an_empty_name_or_a_silencer_without_its_rule_is_found(path: str, source: str) -> None:
    assert len(wording_faults(path, source)) == 1


@pytest.mark.parametrize("silencer", ["type: ignore[arg-type]", "pyright: ignore[reportAny]", "noqa: S608"])
def test_a_silencer_that_names_its_rule_is_left_alone(silencer: str) -> None:
    assert wording_faults("nom/workflows/turn.py", f"x = y  # {silencer}\n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "/" + "home/someone/nom",
        "see /" + "root/.cache",
        "--" + "index-url somewhere",
        "files.python" + "hosted.org",
    ],
)
def test_a_path_of_one_machine_or_a_registry_is_found(text: str) -> None:
    assert len(foreign_places(text)) == 1


@pytest.mark.parametrize("text", ["~/work/nom", "docs/work/plan.md", "make lock --no-emit-index" + "-url"])
def test_a_path_inside_the_project_is_left_alone(text: str) -> None:
    assert foreign_places(text) == ()
