import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from nom.workers.local.errors import FolderNotUsable
from nom.workers.local.ownership import ProcessKind, ProcessRecord, ProcessRecords, record_of

COMMAND = ("sleep", "600")


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(COMMAND) as process:
        yield process
        process.kill()


@pytest.fixture
def records(place: Path) -> ProcessRecords:
    return ProcessRecords(place / "processes.json", place)


def record(process: "subprocess.Popen[bytes]", folder: Path, command: tuple[str, ...] = COMMAND) -> ProcessRecord:
    return record_of(psutil.Process(process.pid), ProcessKind.TEMPORAL, command, folder)


def test_a_process_that_agrees_with_its_record_is_ours(
    sleeper: "subprocess.Popen[bytes]", records: ProcessRecords, place: Path
) -> None:
    records.remember(record(sleeper, place))
    own = records.find_own(ProcessKind.TEMPORAL)
    assert own is not None
    assert own.pid == sleeper.pid
    assert records.find_own(ProcessKind.POSTGRES) is None


def test_a_process_that_started_at_another_time_is_not_ours(
    sleeper: "subprocess.Popen[bytes]", records: ProcessRecords, place: Path
) -> None:
    true = record(sleeper, place)
    records.remember(
        true.model_copy(update={"started_at": true.started_at - timedelta(seconds=30), "start_mark": None})
    )
    assert records.find_own(ProcessKind.TEMPORAL) is None


def test_a_clock_that_is_set_meanwhile_makes_no_stranger_of_our_process(
    sleeper: "subprocess.Popen[bytes]", records: ProcessRecords, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = record(sleeper, place)
    assert true.start_mark is not None, "the kernel tells it under /proc"
    records.remember(true)

    def an_hour_later(_: psutil.Process) -> float:
        return true.started_at.timestamp() + 3600

    monkeypatch.setattr(psutil.Process, "create_time", an_hour_later)
    assert records.find_own(ProcessKind.TEMPORAL) is not None
    records.remember(true.model_copy(update={"start_mark": f"{true.start_mark}1"}))
    assert records.find_own(ProcessKind.TEMPORAL) is None


def test_a_process_that_runs_another_command_is_not_ours(
    sleeper: "subprocess.Popen[bytes]", records: ProcessRecords, place: Path
) -> None:
    records.remember(record(sleeper, place, ("sleep", "601")))
    assert records.find_own(ProcessKind.TEMPORAL) is None


def test_the_records_of_a_copied_folder_do_not_claim_the_servers_of_the_original(
    sleeper: "subprocess.Popen[bytes]", records: ProcessRecords, place: Path
) -> None:
    records.remember(record(sleeper, place / "original"))
    assert records.find_own(ProcessKind.TEMPORAL) is None


def test_a_process_that_ended_is_not_ours_even_before_its_parent_looked(
    sleeper: "subprocess.Popen[bytes]", records: ProcessRecords, place: Path
) -> None:
    records.remember(record(sleeper, place))
    process = psutil.Process(sleeper.pid)
    process.kill()
    while process.status() != psutil.STATUS_ZOMBIE:
        pass
    assert records.find_own(ProcessKind.TEMPORAL) is None


def test_a_forgotten_process_is_not_ours(
    sleeper: "subprocess.Popen[bytes]", records: ProcessRecords, place: Path
) -> None:
    records.remember(record(sleeper, place))
    records.forget(ProcessKind.TEMPORAL)
    assert records.read(ProcessKind.TEMPORAL) is None


def test_a_damaged_state_file_is_an_error_and_not_an_empty_one(records: ProcessRecords, place: Path) -> None:
    (place / "processes.json").write_text("{")
    with pytest.raises(FolderNotUsable):
        records.find_own(ProcessKind.POSTGRES)
