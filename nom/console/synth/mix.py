"""The numbers and words that synthetic cases are made of, read from `mix.yaml`. Holds no number itself."""

import re
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BeforeValidator, Field

from nom.console.synth.chance import Chance
from nom.contracts.base import Contract, Text

_LENGTH = re.compile(r"(?P<count>[0-9]+) (?P<unit>min|h|d)")
_MINUTES = {"min": 1, "h": 60, "d": 24 * 60}


def _in_minutes(value: object) -> object:
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    return int(found["count"]) * _MINUTES[found["unit"]] if found else value


Minutes = Annotated[int, BeforeValidator(_in_minutes), Field(ge=0)]
"""`20 min`, `5 h` or `3 d`."""


class Share(Contract):
    """How often something happens, and on what that number rests."""

    per_thousand: int = Field(ge=0, le=1000)
    basis: Text


class Delay(Contract):
    """How long something takes: the least, by when half are done, by when nine in ten, the most."""

    takes: tuple[Minutes, Minutes, Minutes, Minutes]
    basis: Text


class Weights(Contract):
    """How often each of some words is drawn, by weight."""

    of: dict[str, int] = Field(min_length=1)
    basis: Text


class Mix(Contract):
    """Everything that is drawn, by name."""

    shares: dict[str, Share]
    delays: dict[str, Delay]
    weights: dict[str, Weights]
    phrases: dict[str, tuple[Text, ...]]


@cache
def the_mix() -> Mix:
    """The mix of the package. Raises `pydantic.ValidationError` on a file that does not fit."""
    text = files("nom.console.synth").joinpath("mix.yaml").read_text(encoding="utf-8")
    return Mix.model_validate(yaml.safe_load(text))


class Draws:
    """Draws from a mix by name. Raises `KeyError` for a name that the mix does not have."""

    def __init__(self, mix: Mix, chance: Chance) -> None:
        self._mix = mix
        self.chance = chance

    def share(self, name: str) -> bool:
        """Whether it happens this time."""
        return self.chance.happens(self._mix.shares[name].per_thousand)

    def delay(self, name: str) -> timedelta:
        """How long it takes this time."""
        return timedelta(minutes=self.chance.quantile(*self._mix.delays[name].takes))

    def pick(self, name: str) -> str:
        """Which it is this time."""
        return self.chance.weighted(self._mix.weights[name].of)

    def count(self, name: str) -> int:
        """How many there are this time."""
        return int(self.pick(name))

    def say(self, name: str) -> str:
        """What is written this time."""
        return self.chance.one_of(self._mix.phrases[name])
