"""The events of a clock's life as they were first published, and the sentences in which they are told."""

from typing import get_args

import pytest
from pydantic import TypeAdapter

from nom.contracts.clocks import ClockEvent
from nom.contracts.every_process import PolicyVersionAdopted
from tests.golden_examples import golden

EVENTS: TypeAdapter[ClockEvent | PolicyVersionAdopted] = TypeAdapter(ClockEvent | PolicyVersionAdopted)
SAYS = {
    "clock_started.v1": "Clock DG1 started: due end of 2026-03-09",
    "clock_met.v1": "Clock DG1 met",
    "clock_stopped.v1": "Clock DG1 stopped: the stage ended",
    "deadline_breached.v1": "Deadline DG1 missed: it was due end of 2026-03-09; escalated to head of region",
    "breach_withdrawn.v1": "Breach of DG1 withdrawn: done in time and entered later",
    "breach_escalated.v1": "Missed deadline DG1 is still open: escalated to nca coordinator",
    "clock_paused.v1": "Clock DG1 paused: the analyst is on leave",
    "clock_resumed.v1": "Clock DG1 resumed: due end of 2026-03-11",
    "clock_extended.v1": "Clock DG1 extended by head of region: due end of 2026-03-11",
    "clock_reanchored.v1": "Clock DG1 counts from another start (another nomination): due end of 2026-03-11",
    "clock_recalculated.v1": "Clock DG1 recalculated (another calendar): it was due end of 2026-03-09, "
    "it is due end of 2026-03-11",
    "policy_version_adopted.v1": "Policy eng-police-2026.2 adopted in place of eng-police-2026.1: new law",
}


def test_every_event_of_a_clock_has_its_sentence_here() -> None:
    names = {kind.model_fields["type"].default for kind in (*get_args(ClockEvent), PolicyVersionAdopted)}
    assert names == set(SAYS)


@pytest.mark.parametrize("name", SAYS)
def test_a_published_event_is_told_in_the_same_words(name: str) -> None:
    assert EVENTS.validate_json(golden(name)).in_words() == SAYS[name]
