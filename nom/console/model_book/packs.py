"""The policy packs side by side: a rule that is the same in several stands there once, with those in which it holds."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import NamedTuple, TypeVar

from nom.contracts.every_process import Jurisdiction
from nom.contracts.policy.loader import all_packs
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import ClockRule, NumberRule, Rule

RuleT = TypeVar("RuleT", bound=Rule)
_NATIONS = {Jurisdiction.ENGLAND: "England", Jurisdiction.WALES: "Wales"}


class Held(NamedTuple):
    """A rule, and in which packs it reads like that."""

    rule: Rule
    where: str


def packs() -> tuple[PolicyPack, ...]:
    """The published packs: by agency and nation, the older first. A force's overlay is no part of the book."""
    published = [pack for pack in all_packs() if pack.force is None]
    return tuple(sorted(published, key=lambda pack: (pack.agency == "nca", pack.version)))


def title_of(pack: PolicyPack) -> str:
    """`England, until 2026-04-28`: whose pack it is and when it holds. Without another word it is of the police."""
    return f"{_who(pack)}, {_when([pack], [other for other in packs() if _who(other) == _who(pack)])}"


def is_newest(pack: PolicyPack) -> bool:
    """Whether none of the same agency and nation comes after it."""
    return all(other.effective_from <= pack.effective_from for other in packs() if _who(other) == _who(pack))


def where_of(holding: Iterable[PolicyPack], among: Iterable[PolicyPack] | None = None) -> str:
    """In which packs something holds, in as few words as say it: `all`, `from 2026-12-01`, `England`, `Wales, from
    2026-04-29`.
    """
    every = tuple(among or packs())
    held = [pack for pack in every if pack in tuple(holding)]
    if len(held) == len(every):
        return "all"
    times: dict[str, list[str]] = {}
    for who in dict.fromkeys(_who(pack) for pack in every):
        of_them = [pack for pack in every if _who(pack) == who]
        times[who] = [_when(run, of_them) for run in _runs(of_them, held)]
    first, *others = times.values()
    if first and "" not in first and others and all(other == first for other in others):
        return "; ".join(first)
    words = (f"{who}, {when}" if when else who for who, whens in times.items() for when in whens)
    return "; ".join(words) or "none"


def _who(pack: PolicyPack) -> str:
    return "NCA" if pack.agency == "nca" else ", ".join(_NATIONS[nation] for nation in pack.jurisdictions)


def _runs(of_them: list[PolicyPack], held: list[PolicyPack]) -> list[list[PolicyPack]]:
    """Those that are held, in stretches without a gap."""
    runs: list[list[PolicyPack]] = [[]]
    for pack in of_them:
        if pack in held:
            runs[-1].append(pack)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _when(run: list[PolicyPack], of_them: list[PolicyPack]) -> str:
    """When packs that follow each other hold; nothing where that is always. A pack ends where the next one begins."""
    begins = run[0].effective_from if run[0] is not of_them[0] else None
    later = [pack.effective_from for pack in of_them if pack.effective_from > run[-1].effective_from]
    ends = min(later) - timedelta(days=1) if later else None
    if begins and ends:
        return f"{begins} to {ends}"
    return f"from {begins}" if begins else f"until {ends}" if ends else ""


def side_by_side(rules_of: Callable[[PolicyPack], Iterable[RuleT]]) -> tuple[tuple[RuleT, str], ...]:
    """Each rule that the packs have of some kind, once for each way in which it reads, with where it reads so."""
    readings: dict[str, tuple[RuleT, list[PolicyPack]]] = {}
    for pack in packs():
        for rule in rules_of(pack):
            readings.setdefault(rule.model_dump_json(), (rule, []))[1].append(pack)
    return tuple((rule, where_of(holding)) for rule, holding in readings.values())


def clock_rules(ids: Iterable[str]) -> tuple[tuple[ClockRule, str], ...]:
    """The clock rules of those ids in every way in which they read, by id."""
    wanted = set(ids)
    found = side_by_side(lambda pack: (rule for rule in pack.clocks if rule.id in wanted))
    return tuple(sorted(found, key=lambda item: item[0].id))


def rule_ids() -> frozenset[str]:
    """The id of every clock rule of any pack."""
    return frozenset(rule.id for pack in packs() for rule in pack.clocks)


def long_enough(rule: ClockRule) -> str:
    """`1 working day`, `24 hours`, `the date that is given`."""
    if rule.value == 0:
        return "the date that is given"
    unit = rule.unit.value.replace("_", " ")
    least = "not before " if rule.not_before else ""
    return f"{least}{rule.value} {unit}{'' if rule.value == 1 else 's'}"


def variable_in_words(rule: NumberRule) -> str:
    """Whether a force may vary a number, and within what."""
    return f"yes, {rule.least} to {rule.most}" if rule.force_may_vary else "no"


def role_in_words(role: str) -> str:
    """`nca_coordinator` as people read it: `NCA coordinator`."""
    return " ".join("NCA" if word == "nca" else word for word in role.split("_"))
