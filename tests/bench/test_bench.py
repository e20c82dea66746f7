"""The benchmarks run and write down what they promise. How fast anything is, no test asserts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import decisions
from bench.results import Result, compared, percentile, rotated, table, write

PROJECT = Path(__file__).parents[2]


def test_a_ratio_is_of_the_medians_of_rounds_taken_together() -> None:
    result = compared("ours ÷ theirs", "commands/s", [10.0, 30.0, 20.0], [10.0, 10.0, 40.0])
    assert (result.own, result.yardstick, result.ratio) == (20.0, 10.0, 2.0)


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        compared("ours ÷ theirs", "ms", [1.0, 2.0], [1.0])


def test_each_contestant_is_first_in_its_turn() -> None:
    assert [rotated(("a", "b", "c"), number)[0] for number in range(4)] == ["a", "b", "c", "a"]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 99) == 4.0


def test_the_file_holds_name_ratio_median_and_runs(tmp_path: Path) -> None:
    results = [compared("ours ÷ theirs", "ms", [1.0, 3.0], [2.0, 2.0])]
    write(tmp_path / "made" / "results.json", results)
    written: list[dict[str, Any]] = json.loads((tmp_path / "made" / "results.json").read_text())
    assert written == [
        {
            "name": "ours ÷ theirs",
            "ratio": 1.0,
            "median": {"own": 2.0, "yardstick": 2.0, "unit": "ms"},
            "runs": [{"own": 1.0, "yardstick": 2.0}, {"own": 3.0, "yardstick": 2.0}],
        }
    ]
    assert "ours ÷ theirs" in table(results)


def test_decisions_are_measured_for_a_cheap_and_a_rich_command() -> None:
    results: list[Result] = decisions.measure(decisions.QUICK)
    assert any("RecordNote" in result.name for result in results)
    assert any("Route" in result.name for result in results)
    assert all(result.own > 0 and len(result.runs) == decisions.QUICK.rounds for result in results)


@pytest.mark.engine
def test_the_command_measures_commands_appends_and_verifying_on_servers_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    words = [sys.executable, "-m", "bench", "--quick", "--only", "a", "--only", "b", "--only", "f"]
    words += ["--records", "300", "--json", str(file)]
    ended = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    names = [result["name"] for result in json.loads(file.read_text())]
    assert any(name.startswith("a command ÷ bare update with a regular activity") for name in names)
    assert any("eventsourcing" in name for name in names)
    assert sum(name.startswith("f verify ÷ reading and hashing, 300 records") for name in names) == 3
