"""`nom audit replay` as a person gives it: on a case, on everything, on files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.api.history.v1 import History

from nom.audit.replay import FetchedHistory
from nom.audit.strict.stored import HistorySidecar, store
from nom.workers.local.stack import Stack
from tests.console.command_line import nom

pytestmark = pytest.mark.engine


def kept(folder: Path, name: str, fetched: FetchedHistory) -> Path:
    """The history as a file with its sidecar."""
    sidecar = HistorySidecar(
        stream=fetched.stream, workflow_type="nom.referral", run=fetched.run, number=1, runs=1,
        events=len(fetched.history.events), closed=False, recorded_at=datetime.now(UTC), code="0.1.0", sdk="1.35.0",
        policy=None, sha256="0" * 64,
    )  # fmt: skip
    return store(folder, name, fetched.history, sidecar)


def with_another_receipt(fetched: FetchedHistory) -> FetchedHistory:
    """The same, with an edited answer to an update."""
    history = History()
    history.CopyFrom(fetched.history)
    answer = next(e for e in history.events if e.HasField("workflow_execution_update_completed_event_attributes"))
    payload = answer.workflow_execution_update_completed_event_attributes.outcome.success.payloads[0]
    payload.data = payload.data.replace(b'"first_seq":1', b'"first_seq":2')
    return fetched._replace(history=history)


async def test_a_case_replays_and_json_says_what_was_compared(matter: str, stack: Stack) -> None:
    ended = await nom("audit", "replay", matter, "--data", stack.folder.path, "--json")
    assert ended.code == 0, ended.err
    assert ended.json["agrees"] is True
    assert ended.json["summary"]["verdicts"] == {"replayed": 2}
    assert ended.json["summary"]["commands"] > 10
    assert {run["stream"] for run in ended.json["runs"]} == {f"{matter}/case", f"{matter}/referral-1"}


async def test_the_short_way_says_the_same_in_words(matter: str, stack: Stack) -> None:
    ended = await nom("replay", matter, "--data", stack.folder.path)
    assert ended.code == 0, ended.err
    assert "2 histories" in ended.out
    assert "2 replayed" in ended.out
    assert "commands and 0 refusals compared" in ended.out


async def test_files_are_replayed_without_a_stack_and_a_difference_is_named(
    referral: FetchedHistory, tmp_path: Path
) -> None:
    file = kept(tmp_path, "referral.run-1", referral)
    ended = await nom("audit", "replay", "--file", file, "--data", tmp_path / "no-stack")
    assert ended.code == 0, ended.err
    kept(tmp_path, "altered.run-1", with_another_receipt(referral))
    ended = await nom("audit", "replay", "--file", tmp_path, "--data", tmp_path / "no-stack", "--json")
    assert ended.code == 1
    assert ended.json["summary"]["verdicts"] == {"differs": 1, "replayed": 1}
    assert ended.json["summary"]["without_sidecar"] == 0
    reasons = [run["reason"] for run in ended.json["runs"]]
    assert any(reason and "result.first_seq: recorded 2, now 1" in reason for reason in reasons)
    ended = await nom("audit", "replay", "--file", tmp_path, "--data", tmp_path / "no-stack")
    assert "result.first_seq: recorded 2, now 1" in " ".join(ended.out.split())


async def test_a_file_without_a_sidecar_is_replayed_and_what_was_not_looked_at_is_said(
    referral: FetchedHistory, tmp_path: Path
) -> None:
    file = kept(tmp_path, "referral.run-1", referral)
    file.with_name("referral.run-1.history.json").unlink()
    ended = await nom("audit", "replay", "--file", tmp_path, "--data", tmp_path / "no-stack")
    assert ended.code == 0, ended.err
    assert "1 files without a sidecar: no digest checked, no refusal asked for again" in " ".join(ended.out.split())


@pytest.mark.parametrize("words", [(), ("gmp/26-1", "--all"), ("--all", "--file", "somewhere")])
async def test_exactly_one_thing_is_replayed(words: tuple[str, ...]) -> None:
    ended = await nom("audit", "replay", *words)
    assert ended.code == 2
    assert ended.err.startswith("nom: replay_of_what: ")


async def test_a_file_that_is_not_there_or_no_history_is_said(tmp_path: Path) -> None:
    ended = await nom("audit", "replay", "--file", tmp_path / "none.history.zst")
    assert (ended.code, ended.err.split(":")[1]) == (2, " no_such_file")
    (tmp_path / "bad.history.zst").write_bytes(b"nothing")
    ended = await nom("audit", "replay", "--file", tmp_path / "bad.history.zst")
    assert (ended.code, ended.err.split(":")[1]) == (2, " history_unreadable")
