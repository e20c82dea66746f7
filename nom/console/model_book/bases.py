"""On what each process, event and refusal rests, as `bases.yaml` has it. A code that is not there has no basis: the
book says so, and a test fails.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import yaml

from nom.contracts.base import Contract, Text
from nom.contracts.ids import ProcessKind

UNKNOWN = "**no basis recorded**"


class Ground(Contract):
    """One basis, and the codes of the refusals and conditions that rest on it."""

    basis: Text
    codes: tuple[str, ...]


class Bases(Contract):
    """The whole file. `events` names those that rest on something else than their process does. A code that ends in
    `*` stands for every code that begins so; a code that stands there whole comes first.
    """

    processes: dict[ProcessKind, Text]
    every_process: Text
    events: dict[str, Text]
    refusals: tuple[Ground, ...]

    def of_refusal(self, code: str) -> str:
        """On what a refusal or condition rests."""
        named = next((ground for ground in self.refusals if code in ground.codes), None)
        found = named or next((ground for ground in self.refusals if _begins_like(code, ground.codes)), None)
        return found.basis if found else UNKNOWN

    def of_event(self, event_type: str, kind: ProcessKind | None) -> str:
        """On what an event rests: its own basis, or that of its process."""
        stem = event_type.rpartition(".")[0]
        return self.events.get(stem) or (self.processes[kind] if kind else self.every_process)

    def without_basis(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes of which the file says nothing."""
        return tuple(sorted({code for code in codes if self.of_refusal(code) == UNKNOWN}))

    def repeated(self) -> tuple[str, ...]:
        """The codes that stand under more than one basis."""
        counted = Counter(code for ground in self.refusals for code in ground.codes)
        return tuple(sorted(code for code, times in counted.items() if times > 1))

    def unused(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes of the file that no rule answers with any more."""
        known = set(codes)
        named = (code for ground in self.refusals for code in ground.codes)
        return tuple(
            sorted(code for code in named if not any(code == one or _begins_like(one, (code,)) for one in known))
        )


def _begins_like(code: str, patterns: Iterable[str]) -> bool:
    return any(pattern.endswith("*") and code.startswith(pattern.removesuffix("*")) for pattern in patterns)


@cache
def bases() -> Bases:
    """The file that comes with nom. Raises `pydantic.ValidationError` where it is malformed."""
    text = files("nom.console.model_book").joinpath("bases.yaml").read_text(encoding="utf-8")
    return Bases.model_validate(yaml.safe_load(text))
