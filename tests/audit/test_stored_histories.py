"""Histories as files: what is written is what is read, and what was altered is refused by name."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToJson
from temporalio.api.history.v1 import History, HistoryEvent

from nom.audit.strict.stored import HistorySidecar, HistoryUnreadable, load, sidecar_of, store, stored_in
from nom.contracts.base import sha256_hex
from nom.contracts.refusals import NotedRefusal

REFUSAL = NotedRefusal(
    history_length=9, place=0, at="1795544608008537247", update="command", code="role", request="", failure=""
)


def a_history() -> History:
    started = HistoryEvent(event_id=1)
    started.workflow_execution_started_event_attributes.workflow_id = "gmp/26-7k3f9q/case"
    started.workflow_execution_started_event_attributes.original_execution_run_id = "run"
    scheduled = HistoryEvent(event_id=2)
    scheduled.workflow_task_scheduled_event_attributes.attempt = 1
    return History(events=[started, scheduled])


def a_sidecar(**otherwise: object) -> HistorySidecar:
    whole = {
        "stream": "gmp/26-7k3f9q/case", "workflow_type": "nom.case", "run": "run", "number": 1, "runs": 1, "events": 2,
        "closed": False, "recorded_at": datetime(2026, 11, 24, tzinfo=UTC), "code": "0.1.0", "sdk": "1.35.0",
        "policy": None, "sha256": "0" * 64, "refusals": (REFUSAL,),
    }  # fmt: skip
    return HistorySidecar.model_validate({**whole, **otherwise})


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    file = store(tmp_path, "case.run-1", a_history(), a_sidecar())
    fetched = load(file)
    assert (fetched.stream, fetched.run, fetched.refusals) == ("gmp/26-7k3f9q/case", "run", (REFUSAL,))
    assert fetched.history == a_history()
    sidecar = sidecar_of(file)
    assert sidecar is not None
    assert sidecar.sha256 == sha256_hex(file.read_bytes())
    assert stored_in(tmp_path) == stored_in(file) == (file,)


def test_a_history_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    store(tmp_path, "case.run-1", a_history(), a_sidecar())
    with pytest.raises(FileExistsError):
        store(tmp_path, "case.run-1", a_history(), a_sidecar())


def test_a_history_that_was_altered_is_refused(tmp_path: Path) -> None:
    file = store(tmp_path, "case.run-1", a_history(), a_sidecar())
    file.write_bytes(store(tmp_path, "case.run-2", History(events=a_history().events[:1]), a_sidecar()).read_bytes())
    with pytest.raises(HistoryUnreadable, match=r"case\.run-1\.history\.zst: its SHA-256 is not the one"):
        load(file)


@pytest.mark.parametrize(
    ("otherwise", "problem"),
    [({"events": 3}, "holds 2 events, and its sidecar says 3"), ({"run": "another"}, "and its sidecar says")],
)
def test_a_sidecar_that_speaks_of_another_history_is_refused(
    otherwise: dict[str, object], problem: str, tmp_path: Path
) -> None:
    file = store(tmp_path, "case.run-1", a_history(), a_sidecar(**otherwise))
    with pytest.raises(HistoryUnreadable, match=problem):
        load(file)


def test_a_history_in_the_engines_json_is_read_without_a_sidecar(tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text(MessageToJson(a_history()))
    assert load(file).stream == "gmp/26-7k3f9q/case"


@pytest.mark.parametrize(("name", "content"), [("a.history.zst", b"not zstd"), ("a.json", b"{"), ("b.json", b"{}")])
def test_what_is_no_history_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(HistoryUnreadable, match=name):
        load(file)
