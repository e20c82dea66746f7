"""What the board counts and `why` explains of a case that came from another force: what runs there is counted there."""

from datetime import UTC, datetime

import pytest

from nom.activities.standing import StandingFold
from nom.console.gates import still_missing
from nom.console.reasons import reasons_for
from nom.console.scenario.loading import chosen
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import ProcessKind, namespace_of
from nom.workflows.model.case_record import CaseState
from tests.console.office import Office

NOW = datetime(2026, 7, 28, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def office() -> Office:
    """The worked matter of two forces, decided in memory."""
    (scenario,) = chosen(("03",))
    played = Office(scenario)
    played.run()
    return played


def stored(office: Office, namespace: str) -> list[StoredRecord]:
    """The ledger of one force."""
    mine = [record for record in office.all_records() if namespace_of(record.stream) == namespace]
    return [StoredRecord(record=record, recorded_at=NOW, position=place) for place, record in enumerate(mine)]


def test_the_board_counts_what_goes_on_where_it_goes_on_and_as_ended_where_it_was(office: Office) -> None:
    counts = {}
    for force in ("nwp", "mer"):
        fold = StandingFold()
        for record in stored(office, force):
            fold.take(record)
        status = fold.status(force, NOW)
        counts[force] = {item.process: (item.open, item.ended, item.due) for item in status.processes}
    assert counts["nwp"][ProcessKind.CASE] == (0, 1, 0)
    assert counts["nwp"][ProcessKind.INVESTIGATION] == (0, 1, 0)
    # Merseyside has its own investigation and the one that goes on there, each with its supervisor's review due.
    assert counts["mer"][ProcessKind.INVESTIGATION] == (2, 0, 2)


def test_a_clock_that_came_along_is_explained_from_where_it_began(office: Office) -> None:
    moved = office.cast.cases["MER-2"]
    mine = [item for item in stored(office, "mer") if item.record.stream.startswith(f"{moved}/")]
    (reason,) = reasons_for(mine, "SR1", "investigation", NOW)
    assert reason.agrees
    assert reason.clock.started_at < NOW
    assert reason.explanation.starts


def test_what_keeps_a_case_open_names_what_has_not_come_yet_and_nothing_that_stayed_behind(office: Office) -> None:
    case = office.states[f"{office.cast.cases['MER-2']}/case"]
    assert isinstance(case, CaseState)
    labels = [item.label() for item in still_missing(case)]
    assert "suspect_undecided:suspect-2" in labels
    assert not [label for label in labels if label.startswith("stage_not_arrived")]
    waiting = case.model_copy(update={"awaited": (case.own_stages()[0].stream,)})
    assert f"stage_not_arrived:{case.own_stages()[0].stream}" in [item.label() for item in still_missing(waiting)]
