"""The embedded stack's small directory of people: who acts in which role. References only: nobody here exists."""

from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from nom.contracts.actors import Actor

_ACTORS: TypeAdapter[tuple[Actor, ...]] = TypeAdapter(tuple[Actor, ...])


class NobodyOfThatName(LookupError):
    """The directory has no such person."""

    code = "nobody_of_that_name"


@cache
def directory() -> dict[str, Actor]:
    """Everybody in the directory, by id."""
    text = files("nom.console").joinpath("people.yaml").read_text(encoding="utf-8")
    return {actor.id: actor for actor in _ACTORS.validate_python(yaml.safe_load(text)["people"])}


def actor(person: str, force: str | None = None) -> Actor:
    """The person as an actor; people of no force of their own act for the force given. Raises `NobodyOfThatName`."""
    found = directory().get(person)
    if found is None:
        near = ", ".join(sorted(directory()))
        msg = f"nobody is called {person[:60]!r}; the directory has {near}"
        raise NobodyOfThatName(msg)
    return found if found.force or force is None else found.model_copy(update={"force": force.upper()})
