from typing import Any

import pytest

from nom.contracts.actors import Rank
from nom.contracts.custody import Arrest
from nom.contracts.every_process import HandOffMade
from nom.workflows.model.custody import MODEL
from tests.workflows.model import arrests, kit
from tests.workflows.model.arrests import arrest, authorise, bail, due, extend, extend_bail, outcome, own, review

ARREST = Arrest(opening=kit.OPENING, suspect="suspect-1")
IN_TIME = (
    arrest("2026-03-17 06:30"),
    authorise("2026-03-17 07:10"),
    review("2026-03-17 13:00"),
    review("2026-03-17 21:50"),
    extend("2026-03-17 22:30"),
    review("2026-03-18 06:40"),
    review("2026-03-18 15:30"),
    bail("2026-03-18 17:00"),
)


def test_an_arrest_opens_custody_and_tells_the_case() -> None:
    state, events = arrests.after((), arrest("2026-03-17 06:30"))
    assert own(events) == ["suspect_arrested.v1"]
    carried: list[Any] = [event.hand_off.envelope["command"] for event in events if isinstance(event, HandOffMade)]
    assert [(item["type"], item["stage"], item["about"]) for item in carried] == [
        ("RecordStageOpened", arrests.CUSTODY, ["suspect-1"])
    ]
    assert state.is_open


def test_an_arrest_for_an_unknown_offence_or_of_somebody_who_is_no_suspect_is_refused() -> None:
    assert arrests.refused((), arrest("2026-03-17 06:30", offence="XX99999")) == (
        "unknown_code",
        ["unknown_offence:XX99999"],
    )
    assert arrests.refused((), arrest("2026-03-17 06:30", suspect="person-1"))[0] == "not_a_suspect"


def test_whoever_arrested_neither_authorises_detention_nor_reviews_it() -> None:
    state = arrests.given(kit.request(arrests.CUSTODY, "arresting_officer", ARREST, "2026-03-17 06:30", actor="pc-1"))
    asked = authorise("2026-03-17 07:10")
    same = asked.model_copy(update={"actor": asked.actor.model_copy(update={"id": "pc-1"})})
    assert kit.refused(MODEL, state, same).code == "separation"


def test_nothing_is_breached_in_a_custody_that_keeps_every_time() -> None:
    state = arrests.given(*IN_TIME)
    assert due(state, "pc1") == "2026-03-18 07:10"
    assert due(state, "pc2") == "2026-03-18 19:10"
    assert [due(state, f"pc4-{n}") for n in (1, 2, 3, 4, 5)] == [
        "2026-03-17 13:10",
        "2026-03-17 22:00",
        "2026-03-18 06:50",
        "2026-03-18 15:40",
        "2026-03-19 00:30",
    ]
    assert due(state, "pb1") == "end of 2026-06-17"
    assert not [clock.id for clock in state.clocks if clock.is_late]
    state, events = kit.outcome_of(MODEL, state, outcome("2026-06-04 11:00"))
    assert kit.breaches(events) == []
    assert state.outcome == "charged"


def test_a_custody_run_late_records_its_breaches_and_goes_on() -> None:
    state = arrests.given(arrest("2026-04-14 08:00"), authorise("2026-04-14 08:40"), review("2026-04-14 15:30"))
    assert [due(state, "pc4-1"), due(state, "pc4-2")] == ["2026-04-14 14:40", "2026-04-15 00:30"]
    refusal = kit.refused(MODEL, state, extend("2026-04-15 07:00", rank=Rank.INSPECTOR))
    assert (refusal.code, kit.labels(refusal)) == ("rank", ["rank:PC2", "too_early"])
    state, events = kit.outcome_of(MODEL, state, bail("2026-04-15 07:30"))
    assert kit.breaches(events) == ["pc4-2"]
    assert due(state, "pb1") == "end of 2026-07-14"
    assert kit.refused(MODEL, state, extend_bail("2026-07-13 10:00", 6, Rank.SERGEANT)).code == "rank"
    state, _ = kit.outcome_of(MODEL, state, extend_bail("2026-07-14 10:00", 6, Rank.INSPECTOR))
    assert due(state, "pb2-6") == "end of 2026-10-14"
    assert kit.refused(MODEL, state, extend_bail("2026-10-13 10:00", 9, Rank.INSPECTOR)).code == "rank"
    state, _ = kit.outcome_of(MODEL, state, extend_bail("2026-10-14 10:00", 9, Rank.SUPERINTENDENT))
    assert due(state, "pb2-9") == "end of 2027-01-14"
    assert [clock.id for clock in state.clocks if clock.is_late] == ["pc4-1", "pc4-2"]


@pytest.mark.parametrize("role", ["senior_investigating_officer", "cps_lawyer", "arresting_officer"])
def test_only_custody_bails(role: str) -> None:
    asked = kit.request(arrests.CUSTODY, role, bail("2026-03-17 08:00").command, "2026-03-17 08:00")
    assert arrests.refused(arrests.DETAINED, asked)[0] == "role"
