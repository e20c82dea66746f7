"""Which rule of a policy pack makes a difference: one pack turned into another, by a single rule at a time.

Changes no pack and judges nothing: it makes the packs under which somebody else decides again.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from nom.contracts.policy.pack import RULES_KNOWN_BY, PolicyPack
from nom.workflows.model.process import Facts

CALENDAR: Final = "calendar"
_NO_RULE: Final = frozenset(
    {
        "version",
        "statement",
        "jurisdictions",
        "agency",
        "effective_from",
        "effective_to",
        "force",
        "overlay_of",
        CALENDAR,
    }
)
"""What a pack says about itself. The calendar is swapped as a whole."""


class Swap(NamedTuple):
    """A pack with one rule of another: the rule's name as `nom policy diff` has it, and the pack with its calendar."""

    rule: str
    facts: Facts


def swaps(before: Facts, after: Facts) -> tuple[Swap, ...]:
    """`before` with each single rule in which `after` differs: changed, new or gone. A rule that can't stand in the
    other pack by itself, because it names another that is not there, is left out.
    """
    return tuple(_swaps(before, after))


def _swaps(before: Facts, after: Facts) -> Iterator[Swap]:
    for name, update in _updates(before.policy, after.policy):
        try:
            changed = before.policy.model_copy(update=update)
        except ValidationError:
            continue
        yield Swap(name, Facts(changed, before.calendar))
    if before.policy.calendar != after.policy.calendar:
        pinned = before.policy.model_copy(update={CALENDAR: after.policy.calendar})
        yield Swap(CALENDAR, Facts(pinned, after.calendar))


def _updates(before: PolicyPack, after: PolicyPack) -> Iterator[tuple[str, dict[str, Any]]]:
    for section in PolicyPack.model_fields:
        if section in _NO_RULE or getattr(before, section) == getattr(after, section):
            continue
        if section not in RULES_KNOWN_BY:
            yield section, {section: getattr(after, section)}
            continue
        old, new = _named(section, before), _named(section, after)
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                merged = {**old, **({name: new[name]} if name in new else {})}
                rules = tuple(rule for key, rule in merged.items() if key != name or name in new)
                yield f"{section}[{name}]", {section: rules}


def _named(section: str, pack: PolicyPack) -> dict[str, Any]:
    keys = RULES_KNOWN_BY[section]

    def name(rule: object) -> str:
        return " ".join(str(getattr(rule, key)) for key in keys if getattr(rule, key))

    return {name(rule): rule for rule in getattr(pack, section)}
