"""A case with all its processes, in memory: the worked matters agree, and no order of acts breaks an invariant."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nom.console.scenario.loading import bundled
from nom.console.scenario.model import Action, Scenario
from nom.contracts.clocks import ClockStatus, in_time
from nom.contracts.ids import parse_stream
from nom.workflows.model.process import ProcessState
from nom.workflows.model.referral import ReferralState
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_under
from tests.console.office import Office

SCENARIOS = {scenario.id: scenario for scenario in bundled()}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_worked_matter_agrees_by_the_rules_alone(scenario: Scenario) -> None:
    office = Office(scenario)
    outcome = office.outcome(office.run())
    assert outcome.agrees, outcome.differences


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[Scenario, list[Action]]:
    """Some acts of a worked matter, in another order, some twice, some at another time, some by somebody else."""
    scenario = draw(st.sampled_from(list(SCENARIOS.values())))
    ordered = [action for _, action in scenario.in_order()]
    kept = draw(st.integers(1, len(ordered)))
    actions = ordered[:kept]
    for _ in range(draw(st.integers(0, 12))):
        place, action = draw(st.integers(0, len(actions))), draw(st.sampled_from(ordered))
        moved = action.at + timedelta(hours=draw(st.integers(-96, 96)))
        changed = {"at": moved, "by": draw(st.sampled_from([action.by, draw(st.sampled_from(ordered)).by]))}
        actions.insert(place, action.model_copy(update=changed))
    return scenario, actions


@given(shuffled())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_order_of_acts_breaks_an_invariant(drawn: tuple[Scenario, list[Action]]) -> None:
    scenario, actions = drawn
    office = Office(scenario)
    office.load()
    for action in actions:
        office.act(action)
    for stream, state in office.states.items():
        assert folded(office, stream) == state
        assert type(state).model_validate_json(state.model_dump_json()) == state
        assert list(broken_invariants(office, state)) == []


def folded(office: Office, stream: str) -> ProcessState:
    model = MODELS[parse_stream(stream).kind]
    state = model.blank(stream)
    for record in office.records[stream]:
        state = model.fold(state, record)
    return state


def broken_invariants(office: Office, state: ProcessState) -> Iterator[str]:
    """What operating-model says must never be, and is."""
    records = office.records[state.stream]
    for earlier, later in zip([None, *records], records, strict=False):
        if later.previous != (earlier.digest if earlier else None) or later.digest != later.computed_digest():
            yield f"25: the chain of {state.stream} breaks at {later.seq}"
        if later.occurred_at > later.submitted_at + timedelta(seconds=120):
            yield f"25: record {later.seq} of {state.stream} lies in the future"
    for clock in state.clocks:
        if clock.status is ClockStatus.MET and not in_time(clock.started_at, clock.due_at, clock.last_day):
            yield f"{clock.id} of {state.stream} was due before it began and was met"
    yield from _separations(state)
    if isinstance(state, ReferralState) and state.outcome is not None and not state.is_complete():
        yield "1, 2: a referral ended without its acknowledgement or its crimes"


def _separations(state: ProcessState) -> Iterator[str]:
    """3, 8, 11: whoever gave the first command of a pair did not give the second after it."""
    given = [(act.command, act.person) for act in state.acts]
    policy = state.opening.policy if state.opening else None
    if policy is None:
        return
    for command, person in given:
        for rule in facts_under(policy).policy.separations_before(command):
            first = (rule.first_command, person)
            if first in given and given.index(first) < given.index((command, person)):
                yield f"{person} gave {rule.first_command} and then {command} on {state.stream}"
