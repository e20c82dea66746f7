"""Finds what is wrong in a scenario beyond its form: names that nothing has, actions that make no command. Pure."""

from collections.abc import Iterator, Mapping

from nom.console.drafts import CommandMalformed, opening_for
from nom.console.forces import UnknownForce
from nom.console.intake import IntakeUnreadable
from nom.console.people import NobodyOfThatName, actor
from nom.console.scenario.cast import Cast, cast_of
from nom.console.scenario.commands import command_of, first_opening, takes_opening_of_case
from nom.console.scenario.expectations import CaseExpectations
from nom.console.scenario.model import Action, Scenario

Problem = tuple[str, str]
_NAME_OF_FIELD = "with"


def problems_of(scenario: Scenario) -> Iterator[Problem]:
    """Each field that is wrong, with what is wrong: the names first, and the actions where every name is known."""
    names = [*_names(scenario), *_expected_names(scenario)]
    yield from names
    if names:
        return
    try:
        cast = cast_of(scenario, "checked-run")
    except (LookupError, IntakeUnreadable) as error:
        yield "reviews", str(error)
        return
    for place, action in enumerate(scenario.actions):
        yield from _problems_of_action(scenario, cast, place, action)


def _names(scenario: Scenario) -> Iterator[Problem]:
    labels = [*scenario.cases, *scenario.groups, *scenario.reviews]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield f"cases.{label}", f"{label} is the name of something else as well"
    earlier: dict[str, object] = {}
    for label, facts in scenario.cases.items():
        if facts.ordered_by is not None and facts.ordered_by not in scenario.reviews:
            yield f"cases.{label}.ordered_by", _unknown(facts.ordered_by, "review", scenario.reviews)
        if facts.transferred_from is not None and facts.transferred_from not in earlier:
            yield f"cases.{label}.transferred_from", _unknown(facts.transferred_from, "case before it", earlier)
        earlier[label] = facts
    for label, nominating in scenario.groups.items():
        if nominating not in scenario.cases:
            yield f"groups.{label}", _unknown(nominating, "case", scenario.cases)
    if scenario.returned is not None:
        yield from _somebody("return.by", scenario.returned.by)
    elif scenario.reviews:
        yield "reviews", "there is no `return` that they are of"
    for place, action in enumerate(scenario.actions):
        yield from _names_of_action(scenario, place, action)


def _somebody(field: str, person: str) -> Iterator[Problem]:
    try:
        actor(person)
    except NobodyOfThatName as error:
        yield field, str(error)


def _names_of_action(scenario: Scenario, place: int, action: Action) -> Iterator[Problem]:
    if action.case is not None and action.case not in scenario.cases:
        yield f"actions.{place}.case", _unknown(action.case, "case", scenario.cases)
    elif action.group is not None and action.group not in scenario.groups:
        yield f"actions.{place}.group", _unknown(action.group, "group", scenario.groups)
    elif action.review is not None and action.review not in scenario.reviews:
        yield f"actions.{place}.review", _unknown(action.review, "review", scenario.reviews)
    elif action.review is None and scenario.case_of(action) is None:
        yield f"actions.{place}.case", f"say which case: {', '.join(scenario.cases)}"


def _expected_names(scenario: Scenario) -> Iterator[Problem]:
    for label, expected in scenario.expect.cases.items():
        if label not in scenario.cases and label not in scenario.reviews:
            yield f"expect.cases.{label}", _unknown(label, "case", scenario.cases)
        yield from _expected_elsewhere(scenario, f"expect.cases.{label}", expected)
    for place, reading in enumerate(scenario.expect.readings):
        for field, label in (("cannot_read", reading.cannot_read), ("can_read", reading.can_read)):
            if label is not None and label not in (*scenario.cases, *scenario.groups):
                yield f"expect.readings.{place}.{field}", _unknown(label, "case", scenario.cases)
        for label in reading.on_board:
            if label not in scenario.cases:
                yield f"expect.readings.{place}.on_board", _unknown(label, "case", scenario.cases)
    if (scenario.expect.returned is None) != (scenario.returned is None):
        yield "expect.return", "what is expected of the `return`, and the return, stand together or not at all"


def _expected_elsewhere(scenario: Scenario, field: str, expected: CaseExpectations) -> Iterator[Problem]:
    for label in (expected.group.cases or ()) if expected.group else ():
        if label not in scenario.cases:
            yield f"{field}.group.cases", _unknown(label, "case", scenario.cases)
    for place, told in enumerate(expected.hand_offs):
        label = told.to.split("/", 1)[0] if "/" in told.to else None
        if label is not None and label not in (*scenario.cases, *scenario.reviews):
            yield f"{field}.hand_offs.{place}.to", _unknown(label, "case", scenario.cases)


def _unknown(label: str, kind: str, known: Mapping[str, object]) -> str:
    there = ", ".join(known) or "none"
    return f"no {kind} is called {label}; there are: {there}"


def _problems_of_action(scenario: Scenario, cast: Cast, place: int, action: Action) -> Iterator[Problem]:
    try:
        opening = first_opening(scenario, action)
        if takes_opening_of_case(action):
            label = scenario.case_of(action) or ""
            opening = opening_for(scenario.cases[label].jurisdiction, action.at, brought_in=True)
        command_of(scenario, cast, action, opening)
    except CommandMalformed as error:
        yield from ((_field(place, field), problem) for field, problem in error.problems)
    except NobodyOfThatName as error:
        yield f"actions.{place}.by", str(error)
    except LookupError as error:
        yield f"actions.{place}.at", str(error)
    except UnknownForce as error:
        yield f"actions.{place}.with.force", str(error)


def _field(place: int, field: str) -> str:
    """Where in the file the field of a command stands: `command.AssessThrive.factors` is `with.factors`."""
    parts = field.split(".")
    if parts[0] != "command":
        return ".".join([f"actions.{place}", *parts])
    inner = parts[2:]
    return ".".join([f"actions.{place}", *([_NAME_OF_FIELD, *inner] if inner else ["do"])])
