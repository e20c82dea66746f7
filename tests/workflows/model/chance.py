"""Random runs of a process: any request in any order, and what must be true of every run."""

from typing import TypeVar

from hypothesis import strategies as st

from nom.contracts.envelope import Record, seal
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.workflows.model.process import Facts, ProcessModel, ProcessState
from tests.workflows.model.kit import Request, survives_json

StateT = TypeVar("StateT", bound=ProcessState)


@st.composite
def disturbed(draw: st.DrawFn, base: tuple[Request, ...], other: st.SearchStrategy[Request]) -> list[Request]:
    """A run that would go well, of which something may be left out or asked twice, with other requests in between."""
    requests = [asked for asked in base for _ in range(draw(st.sampled_from([1, 1, 1, 1, 1, 1, 1, 1, 0, 2])))]
    for asked in draw(st.lists(other, max_size=15)):
        requests.insert(draw(st.integers(0, len(requests))), asked)
    return requests


def run(
    model: ProcessModel[StateT], stream: str, requests: list[Request], facts: Facts
) -> tuple[StateT, list[tuple[StateT, Request, tuple[EventBase, ...]]]]:
    """The state in the end and, for each request that was taken, the state before it and its events. Asserts what holds
    for every process: a refusal leaves the state as it was, every event folds, what was recorded gives the state again,
    and the state survives JSON.
    """
    state = model.blank(stream)
    steps: list[tuple[StateT, Request, tuple[EventBase, ...]]] = []
    records: list[Record] = []
    for asked in requests:
        before = state.model_dump_json()
        decision = model.decide(state, asked, facts)
        assert state.model_dump_json() == before
        if isinstance(decision, Refusal):
            assert decision.message
            continue
        assert decision, f"{asked.command.type} was taken and left no event"
        steps.append((state, asked, decision))
        previous = records[-1].digest if records else None
        sealed = seal(asked, decision, facts.policy.ref(), state.last_seq, previous)
        records.extend(sealed)
        for record in sealed:
            state = model.fold(state, record)
    again = model.blank(stream)
    for record in records:
        again = model.fold(again, record)
    assert again == state
    assert survives_json(state)
    return state, steps
