"""Whole matters, in any order of their acts, and synthetic cases keep all twenty-five invariants."""

import pytest
from hypothesis import HealthCheck, given, settings

from nom.console.scenario.loading import bundled
from nom.console.scenario.model import Action, Scenario
from nom.console.synth.making import as_lines
from nom.console.synth.plan import ROUND, Order
from nom.workflows.model.invariants.registry import violations
from tests.console.office import Office
from tests.console.test_whole_matter import shuffled
from tests.workflows.model.histories import judged

SCENARIOS = {scenario.id: scenario for scenario in bundled()}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_worked_matter_keeps_every_invariant(scenario: Scenario) -> None:
    office = Office(scenario)
    office.run()
    assert list(violations(judged(office.all_records()))) == []


@given(shuffled())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_order_of_acts_leaves_a_history_that_breaks_one(drawn: tuple[Scenario, list[Action]]) -> None:
    scenario, actions = drawn
    office = Office(scenario)
    office.load()
    for action in actions:
        office.act(action)
    assert list(violations(judged(office.all_records()))) == []


@pytest.mark.parametrize("seed", [1, 5])
def test_synthetic_cases_keep_every_invariant(seed: int) -> None:
    office = Office(next(iter(SCENARIOS.values())))
    for line in as_lines(Order(seed), 1, ROUND):
        office.give(line.envelope())
    assert list(violations(judged(office.all_records()))) == []
