"""The rooms import downwards only and the model is pure; a planted violation of each kind is caught.

The plants go into a copy of the package, so that the contracts in pyproject.toml are tried as they stand.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.frame.rules import impurities

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("contracts", "activities", "workflows", "audit", "workers", "console")
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "nom", tmp_path / "nom", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    # The copy must win over the installed package, whose folder is on the path as well.
    environment = {**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--no-logo"],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def plant(tree: Path, module: str, statement: str) -> None:
    path = tree.joinpath(*module.split(".")).with_suffix(".py")
    path.write_text(f'"""Planted."""\n\n{statement}\n', encoding="utf-8")


def upward_imports() -> list[tuple[str, str]]:
    return [(low, high) for place, low in enumerate(ROOMS) for high in ROOMS[place + 1 :]]


def test_the_rooms_import_downwards_only(copied_tree: Path) -> None:
    result = lint(copied_tree)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 kept, 0 broken" in result.stdout


def test_every_import_that_goes_back_up_is_caught(copied_tree: Path) -> None:
    for low, high in upward_imports():
        plant(copied_tree, f"nom.{low}.planted_below_{high}", f"import nom.{high}")
    result = lint(copied_tree)
    assert result.returncode == 1
    missed = [
        f"{low} -> {high}"
        for low, high in upward_imports()
        if f"nom.{low}.planted_below_{high} -> nom.{high}" not in result.stdout
    ]
    assert missed == []


def test_a_room_that_no_layer_names_is_caught(copied_tree: Path) -> None:
    (copied_tree / "nom" / "attic").mkdir()
    plant(copied_tree, "nom.attic.__init__", "import nom.contracts")
    result = lint(copied_tree)
    assert result.returncode == 1
    assert "nom.attic" in result.stdout + result.stderr


def test_an_import_of_the_world_into_the_model_is_caught(copied_tree: Path) -> None:
    worlds = (
        "nom.activities",
        "temporalio.workflow",
        "asyncpg",
        "asyncio",
        "os",
        "random",
        "socket",
        "subprocess",
        "time",
    )
    plant(copied_tree, "nom.workflows.shell_for_the_test", "x = 1")
    plant(copied_tree, "nom.workflows.model.planted", "\n".join(f"import {world}" for world in worlds))
    plant(copied_tree, "nom.workflows.model.planted_shell", "import nom.workflows.shell_for_the_test")
    result = lint(copied_tree)
    assert result.returncode == 1
    # An outside package is named by its first word alone.
    named = [world if world.startswith("nom.") else world.split(".")[0] for world in worlds]
    missed = [world for world in named if f"nom.workflows.model.planted -> {world} " not in result.stdout]
    assert missed == []
    assert "nom.workflows.model.planted_shell -> nom.workflows.shell_for_the_test" in result.stdout


def test_an_import_of_the_world_by_way_of_a_contract_is_caught(copied_tree: Path) -> None:
    plant(copied_tree, "nom.contracts.planted", "import asyncpg")
    plant(copied_tree, "nom.workflows.model.planted", "import nom.contracts.planted")
    result = lint(copied_tree)
    assert result.returncode == 1
    assert "nom.workflows.model.planted -> nom.contracts.planted" in result.stdout
    assert "nom.contracts.planted -> asyncpg" in result.stdout
    assert "1 kept, 2 broken" in result.stdout


def test_the_model_is_pure() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {impurity}"
        for path in sorted((ROOT / "nom" / "workflows" / "model").rglob("*.py"))
        for impurity in impurities(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from datetime import datetime\nx = datetime.now()", "uses .now"),
        ("import datetime\nx = datetime.date.today()", "uses .today"),
        ("import uuid\nx = uuid.uuid4()", "uses .uuid4"),
        ("from uuid import uuid4", "imports uuid.uuid4"),
        ("import time", "imports time"),
        ("from time import monotonic", "imports time.monotonic"),
        ("import random", "imports random"),
        ("import os.path", "imports os.path"),
        ("from temporalio import workflow", "imports temporalio.workflow"),
        ("from nom.workflows.turn import Turn", "imports nom.workflows.turn.Turn"),
        ("from nom.workflows import turn", "imports nom.workflows.turn"),
        ("x = hash('a')", "calls hash()"),
        ("x = open('a')", "calls open()"),
    ],
)
def test_a_look_at_the_world_from_the_model_is_caught(source: str, found: str) -> None:
    assert impurities(source) == (found,)


@pytest.mark.parametrize(
    "source",
    [
        "from nom.contracts.base import Contract",
        "from nom.workflows.model import clocks",
        "from datetime import UTC, datetime, timedelta",
        "from uuid import UUID, uuid5",
        "from pydantic import Field",
    ],
)
def test_what_a_pure_rule_needs_is_left_alone(source: str) -> None:
    assert impurities(source) == ()
