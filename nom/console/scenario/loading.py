"""Reads scenario files and finds what is wrong in them, by file and field, before anything is run."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from nom.console.drafts import CommandMalformed, opening_for, problems_in
from nom.console.people import NobodyOfThatName
from nom.console.scenario.commands import command_of
from nom.console.scenario.model import Scenario
from nom.contracts.ids import case_id

_NAME_OF_FIELD = "with"
_LEFT_AS_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")


class _Page(yaml.SafeLoader):
    """YAML as it is read by people: dates and words such as `on` stay text, and a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping. Raises `yaml.constructor.ConstructorError` for a key that stands twice."""
        seen: list[Any] = []
        for place, _ in node.value:
            key: Any = self.construct_object(place, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", place.start_mark)
            seen.append(key)
        return super().construct_mapping(node, deep)


_Page.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _LEFT_AS_TEXT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Page.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


class ScenarioMalformed(ValueError):
    """A scenario file that can't be read: the file, and each field that is wrong."""

    code = "scenario_malformed"

    def __init__(self, file: str, problems: tuple[tuple[str, str], ...]) -> None:
        listed = "; ".join(f"{field}: {problem}" for field, problem in problems)
        super().__init__(f"{file}: {listed}")
        self.file = file
        self.problems = problems


class NoSuchScenario(LookupError):
    """Neither a file nor the id of a scenario that comes with nom."""

    code = "no_such_scenario"


def bundled() -> tuple[Scenario, ...]:
    """The scenarios that come with nom, in the order of their ids."""
    folder = files("nom.console").joinpath("scenarios")
    found = [item for item in folder.iterdir() if item.name.endswith(".yaml")]
    scenarios = [scenario_from(item.read_text(encoding="utf-8"), item.name) for item in found]
    return tuple(sorted(scenarios, key=lambda scenario: scenario.id))


def chosen(names: tuple[str, ...]) -> tuple[Scenario, ...]:
    """The scenarios named by file, by id, or by the beginning of an id (`01`).

    Raises `NoSuchScenario` and `ScenarioMalformed`.
    """
    return tuple(_named(name) for name in names)


def scenario_at(path: Path) -> Scenario:
    """The scenario in a file. Raises `ScenarioMalformed`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ScenarioMalformed(str(path), (("file", f"can't be read: {reason}"),)) from None
    return scenario_from(text, str(path))


def scenario_from(text: str, file: str) -> Scenario:
    """The scenario in a text, checked whole: every action must make a command. Raises `ScenarioMalformed`."""
    try:
        plain: Any = yaml.load(text, Loader=_Page)  # noqa: S506 - a safe loader, made narrower
    except yaml.YAMLError as error:
        raise ScenarioMalformed(file, (_where(error),)) from None
    try:
        scenario = Scenario.model_validate(plain)
    except ValidationError as error:
        raise ScenarioMalformed(file, problems_in(error)) from None
    problems = tuple(_problems_of_actions(scenario))
    if problems:
        raise ScenarioMalformed(file, problems)
    return scenario


def _named(name: str) -> Scenario:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return scenario_at(Path(name))
    there = bundled()
    matching = [scenario for scenario in there if name in (scenario.id, scenario.id.split("-", 1)[0])]
    if len(matching) != 1:
        ids = ", ".join(scenario.id for scenario in there)
        raise NoSuchScenario(f"no scenario is called {name[:60]!r}; there are {ids}, or give a .yaml file")
    return matching[0]


def _where(error: yaml.YAMLError) -> tuple[str, str]:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it is not YAML"
    return (f"line {mark.line + 1}" if mark else "file", str(problem))


def _problems_of_actions(scenario: Scenario) -> Iterator[tuple[str, str]]:
    case = case_id(scenario.force, "checked")
    for place, action in enumerate(scenario.actions):
        try:
            opening = opening_for(scenario.jurisdiction, action.at, brought_in=True)
            command_of(scenario, action, case, opening)
        except CommandMalformed as error:
            yield from ((_field(place, field), problem) for field, problem in error.problems)
        except NobodyOfThatName as error:
            yield f"actions.{place}.by", str(error)
        except LookupError as error:
            yield f"actions.{place}.at", str(error)


def _field(place: int, field: str) -> str:
    """Where in the file the field of a command stands: `command.AssessThrive.factors` is `with.factors`."""
    parts = field.split(".")
    if parts[0] != "command":
        return ".".join([f"actions.{place}", *parts])
    inner = parts[2:]
    return ".".join([f"actions.{place}", *([_NAME_OF_FIELD, *inner] if inner else ["do"])])
