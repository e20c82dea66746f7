"""The matters that the book is explored with, command by command: the scenarios that come with nom, and some synthetic
cases of one seed. Decides nothing.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from nom.console.closed_cases import prepared
from nom.console.drafts import opening_for
from nom.console.people import actor
from nom.console.scenario.cast import Cast, cast_of, rows_of
from nom.console.scenario.commands import command_of, first_opening, takes_opening_of_case
from nom.console.scenario.loading import bundled
from nom.console.scenario.model import Action, Scenario
from nom.console.synth.making import as_lines
from nom.console.synth.office import Office
from nom.console.synth.plan import ROUND, Order
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.every_process import Opening
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.services import NCA

SEED, ROUNDS = 1, 3
"""Which synthetic cases, and how many rounds of them."""
ENTERED = datetime(2028, 1, 3, 9, tzinfo=UTC)
"""When every act of a scenario is said to be typed in: after all of them, and the same whenever the book is written."""

Requests = Callable[[Office], Iterator[CommandEnvelope[Any]]]
"""The commands of a matter, one after another; what a later one is opened under may follow from those before."""


class Worked(NamedTuple):
    """A matter. `out_of_order`: whether its commands are worth trying where it does not give them itself."""

    requests: Requests
    out_of_order: bool


def worked_matters() -> Iterator[Worked]:
    """Every matter, the scenarios first."""
    for scenario in bundled():
        yield Worked(partial(_of_scenario, scenario), out_of_order=True)
    for number in range(ROUNDS):
        yield Worked(partial(_synthetic, number), out_of_order=False)


def _of_scenario(scenario: Scenario, office: Office) -> Iterator[CommandEnvelope[Any]]:
    cast = cast_of(scenario, "26-book")
    if scenario.returned is not None:
        received, by = scenario.returned.at, actor(scenario.returned.by, NCA)
        yield from (item.request for item in prepared(rows_of(scenario, cast.reference), by, received)[0])
    for _, action in scenario.in_order():
        request = command_of(scenario, cast, action, _opening(scenario, cast, action, office))
        yield request.model_copy(update={"submitted_at": ENTERED})


def _opening(scenario: Scenario, cast: Cast, action: Action, office: Office) -> Opening | None:
    label = scenario.case_of(action)
    if label is None or not takes_opening_of_case(action):
        return first_opening(scenario, action)
    spine = office.states.get(stream_of(cast.cases[label], ProcessKind.CASE))
    if spine is None or spine.opening is None:
        return opening_for(scenario.cases[label].jurisdiction, action.at, brought_in=True)
    return spine.opening.model_copy(update={"brought_in": spine.brought_in})


def _synthetic(number: int, _office: Office) -> Iterator[CommandEnvelope[Any]]:
    first = number * ROUND + 1
    return (line.envelope() for line in as_lines(Order(SEED), first, first + ROUND - 1))
