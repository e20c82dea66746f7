"""The measurement of replays runs and says what it promises. How fast anything is, no test asserts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.mark.engine
def test_strict_replay_is_measured_beside_the_sdk_and_two_subprocesses_beside_one(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    command = [sys.executable, "-m", "bench", "--only", "d", "--quick", "--json", str(file)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    results = json.loads(file.read_text())
    assert [result["name"].split(" ÷ ")[0] for result in results] == [
        "d strict replay",
        "d processor: strict replay",
        "d two subprocesses",
    ]
    assert all(result["ratio"] > 0 for result in results)
