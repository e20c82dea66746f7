"""Every history that was ever kept still replays strictly under the code as it is now."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from nom.audit.replay import Replayed, replay_all
from nom.audit.strict.stored import SIDECAR, load, sidecar_of, stored_in
from nom.contracts.ids import ProcessKind
from nom.workers.replayer import ENTRY

HISTORIES = Path(__file__).parents[1] / "histories"
FILES = stored_in(HISTORIES) if HISTORIES.is_dir() else ()


@pytest.fixture(scope="module")
async def results() -> Mapping[Path, Replayed]:
    return dict(zip(FILES, await replay_all([load(file) for file in FILES], ENTRY), strict=True))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_history_that_was_kept_replays_and_its_refusals_are_given_again(
    file: Path, results: Mapping[Path, Replayed]
) -> None:
    result, sidecar = results[file], sidecar_of(file)
    assert (result.verdict, result.reason) == ("replayed", None)
    assert sidecar is not None
    assert result.compared is not None
    assert result.compared.refusals == len(sidecar.refusals)


def test_the_corpus_holds_every_kind_of_process_ended_and_running_runs_and_refusals() -> None:
    sidecars = [sidecar for file in FILES if (sidecar := sidecar_of(file)) is not None]
    assert len(sidecars) == len(FILES) == len(list(HISTORIES.rglob(f"*{SIDECAR}")))
    assert {sidecar.closed for sidecar in sidecars} == {True, False}
    assert any(sidecar.runs > 1 for sidecar in sidecars)
    assert any(sidecar.refusals for sidecar in sidecars)
    kinds = {sidecar.workflow_type for sidecar in sidecars}
    assert kinds >= {f"nom.{kind.replace('-', '_')}" for kind in ProcessKind}
