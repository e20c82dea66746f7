"""Reads scenario files and finds what is wrong in them, by file, line and field, before anything is run."""

from collections.abc import Callable, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import ValidationError

from nom.console.drafts import problems_in
from nom.console.scenario.checking import problems_of
from nom.console.scenario.model import Scenario
from nom.console.scenario.page import line_of, read
from nom.console.scenario.words import ONLY

_INNER = (f"cases.{ONLY}", f"expect.cases.{ONLY}")
"""Where a page about one case stands in memory."""


class Fault(NamedTuple):
    """One thing that is wrong: its field, the words, and the line where that is known."""

    field: str
    words: str
    line: int | None


class ScenarioMalformed(ValueError):
    """A scenario file that can't be read: the file, and each field that is wrong, with its line."""

    code = "scenario_malformed"

    def __init__(self, file: str, faults: tuple[Fault, ...]) -> None:
        listed = "; ".join(
            f"{f'line {fault.line}, ' if fault.line else ''}{fault.field}: {fault.words}" for fault in faults
        )
        super().__init__(f"{file}: {listed}")
        self.file = file
        self.faults = faults


class NoSuchScenario(LookupError):
    """Neither a file nor the id of a scenario that comes with nom."""

    code = "no_such_scenario"


Beside = Callable[[str], str]
"""Reads the file of that name that lies beside a scenario. Raises `OSError` and `UnicodeDecodeError`."""


def bundled() -> tuple[Scenario, ...]:
    """The scenarios that come with nom, in the order of their ids, which are also the names of their files."""
    return tuple(_bundled(name) for name in _names())


def _names() -> list[str]:
    return sorted(item.name.removesuffix(".yaml") for item in _folder().iterdir() if item.name.endswith(".yaml"))


def _folder() -> Traversable:
    return files("nom.console").joinpath("scenarios")


def _bundled(name: str) -> Scenario:
    folder, file = _folder(), f"{name}.yaml"
    return scenario_from(
        folder.joinpath(file).read_text("utf-8"), file, lambda other: folder.joinpath(other).read_text("utf-8")
    )


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
        raise ScenarioMalformed(str(path), (Fault("file", _unreadable(error), None),)) from None
    return scenario_from(text, str(path), lambda name: (path.parent / name).read_text(encoding="utf-8"))


def _alone(name: str) -> str:
    raise FileNotFoundError(2, "nothing lies beside it", name)


def scenario_from(text: str, file: str, beside: Beside = _alone) -> Scenario:
    """The scenario in a text, checked whole: every name must be known and every action must make a command. `beside`
    reads the return that it names. Raises `ScenarioMalformed`.
    """
    try:
        page = read(text)
    except yaml.YAMLError as error:
        raise ScenarioMalformed(file, (_where(error),)) from None
    try:
        scenario = _with_return(Scenario.model_validate(page), beside)
    except ValidationError as error:
        raise ScenarioMalformed(file, _faults(text, problems_in(error))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioMalformed(file, _faults(text, [("return.file", _unreadable(error))])) from None
    problems = tuple(problems_of(scenario))
    if problems:
        raise ScenarioMalformed(file, _faults(text, problems))
    return scenario


def _with_return(scenario: Scenario, beside: Beside) -> Scenario:
    asked = scenario.returned
    if asked is None or asked.file is None:
        return scenario
    return scenario.model_copy(update={"returned": asked.model_copy(update={"content": beside(asked.file)})})


def _unreadable(error: OSError | UnicodeDecodeError) -> str:
    return f"can't be read: {getattr(error, 'strerror', None) or 'it is not text in UTF-8'}"


def _named(name: str) -> Scenario:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return scenario_at(Path(name))
    there = _names()
    matching = [other for other in there if name in (other, other.split("-", 1)[0])]
    if len(matching) != 1:
        raise NoSuchScenario(f"no scenario is called {name[:60]!r}; there are {', '.join(there)}, or give a .yaml file")
    return _bundled(matching[0])


def _where(error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it is not YAML"
    return Fault(f"line {mark.line + 1}" if mark else "file", str(problem), None)


def _faults(text: str, problems: Iterable[tuple[str, str]]) -> tuple[Fault, ...]:
    on_page = ((_on_page(field), words) for field, words in problems)
    return tuple(Fault(field, words, line_of(text, field)) for field, words in on_page)


def _on_page(field: str) -> str:
    """A field as the page has it: a page about one case does not name that."""
    for inner in _INNER:
        if field == inner or field.startswith(f"{inner}."):
            whole = "expect" if inner.startswith("expect") else ""
            return ".".join(part for part in (whole, field[len(inner) + 1 :]) if part) or "subjects"
    return field
