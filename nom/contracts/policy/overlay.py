"""A force's overlay: what one force varies in a pack, within what the pack allows. Refuses everything else by name.

An overlay is a YAML file: `overlay` (its own version), `force`, `pack` (the version that it varies), `basis`, and then
sections as a pack has them, each with rules by name and the fields that change:

    overlay: gmp-2026.1
    force: GMP
    pack: eng-police-2026.2
    basis: Greater Manchester triage standard, 2026
    clocks:
      TR1: {value: 12}

What comes of it is a pack of its own, with its own version and digest, that names the pack which it varies.
"""

from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import Any, cast

import yaml
from pydantic import JsonValue, TypeAdapter, ValidationError

from nom.contracts.actors import Rank
from nom.contracts.base import Contract, Slug, Text
from nom.contracts.ids import Force
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.lexicon import LexiconTerm
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import NumberRule, QuorumRule, Rule

NUMBERS: Mapping[str, tuple[str, str]] = {
    "clocks": ("id", "value"),
    "threshold_rules": ("name", "value"),
    "tiers": ("tier", "plan_review_within_days"),
    "ladders": ("unit", "hours"),
}
"""The sections whose rules have a number that may vary: what a rule is known by there, and the number's field."""


LOWEST = next(iter(Rank))


class OverlayRefused(ValueError):
    """An overlay varies what a force may not vary, or goes beyond what it may: every such thing by name."""

    code = "overlay_refused"

    def __init__(self, version: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"overlay {version}: {'; '.join(problems)}")
        self.problems = problems


class Change(Contract):
    """One field of one rule that a force would have otherwise."""

    section: str
    rule: str
    field: str
    value: JsonValue

    @property
    def name(self) -> str:
        """`clocks[TR1].value`."""
        return f"{self.section}[{self.rule}].{self.field}"


class Overlay(Contract):
    """What one force varies in one pack."""

    version: Slug
    force: Force
    pack: Slug
    basis: Text
    calendar: Slug | None = None
    changes: tuple[Change, ...]


def read_overlay(file: Traversable) -> Overlay:
    """The overlay in a YAML file. Raises `OverlayRefused` where it can't be read."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as broken:
        raise OverlayRefused(file.name, (f"is not YAML: {broken}",)) from broken
    if not isinstance(content, dict):
        raise OverlayRefused(file.name, ("is not a mapping",))
    sections = {str(key): value for key, value in cast("dict[Any, Any]", content).items()}
    head = {name: sections.pop(name, None) for name in ("overlay", "force", "pack", "basis", "calendar")}
    head["version"] = head.pop("overlay")
    try:
        return Overlay.model_validate({**head, "changes": tuple(_changes(sections))})
    except ValidationError as broken:
        wrong = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in broken.errors(include_url=False))
        raise OverlayRefused(file.name, tuple(wrong)) from None


def _changes(sections: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for section, rules in sections.items():
        # The lexicon is one rule, and so are roles or a scoring that somebody would change: refused later, by name.
        named = rules if section in (*NUMBERS, "quorums") else {"": rules}
        for rule, fields in _mapping(named).items():
            for field, value in _mapping(fields).items():
                yield {"section": section, "rule": str(rule), "field": str(field), "value": value}


def _mapping(value: object) -> dict[Any, Any]:
    return cast("dict[Any, Any]", value) if isinstance(value, dict) else {"": value}


def with_overlay(pack: PolicyPack, overlay: Overlay, calendar: Calendar | None = None) -> PolicyPack:
    """The force's own pack. `calendar` is the one that the overlay names, if it names one. Raises `OverlayRefused` with
    every change that the pack does not allow.
    """
    problems = [problem for change in overlay.changes if (problem := why_not(pack, change))]
    if overlay.pack != pack.version:
        problems.insert(0, f"pack: it varies {overlay.pack}, not {pack.version}")
    if pack.force is not None:
        problems.insert(0, f"pack: {pack.version} is an overlay itself")
    if calendar is not None and calendar.division != pack.calendar.division:
        problems.append(f"calendar: {calendar.version} is of another division")
    if problems:
        raise OverlayRefused(overlay.version, tuple(problems))
    content = pack.model_dump()
    for change in overlay.changes:
        _apply(content, change, overlay)
    content |= {"version": overlay.version, "force": overlay.force, "overlay_of": pack.ref()}
    if calendar is not None:
        content["calendar"] = calendar.ref
    return PolicyPack.model_validate(content)


def why_not(pack: PolicyPack, change: Change) -> str | None:
    """Why a force may not make a change; None where it may."""
    if change.section in NUMBERS:
        return _number_problem(pack, change)
    if change.section == "quorums":
        return _quorum_problem(pack, change)
    if change.section == "lexicon":
        return _lexicon_problem(pack, change)
    return f"{change.name}: a force may not vary {change.section}"


def _number_problem(pack: PolicyPack, change: Change) -> str | None:
    known_by, field = NUMBERS[change.section]
    rules: tuple[NumberRule, ...] = getattr(pack, change.section)
    rule = next((rule for rule in rules if str(getattr(rule, known_by)) == change.rule), None)
    if rule is None:
        return f"{change.name}: the pack has no such rule"
    if not rule.force_may_vary or rule.least is None or rule.most is None:
        return f"{change.name}: a force may not vary it ({rule.basis})"
    if change.field != field:
        return f"{change.name}: only {field} may vary"
    if not isinstance(change.value, int) or isinstance(change.value, bool):
        return f"{change.name}: must be a whole number"
    if not rule.least <= change.value <= rule.most:
        return f"{change.name}: {change.value} lies outside {rule.least} to {rule.most}"
    return None


def _quorum_problem(pack: PolicyPack, change: Change) -> str | None:
    """A force may ask for more at its meetings, never for less."""
    rule = next((rule for rule in pack.quorums if _quorum(rule) == change.rule), None)
    if rule is None:
        return f"{change.name}: the pack has no such rule"
    if not rule.force_may_vary:
        return f"{change.name}: a force may not vary it ({rule.basis})"
    match change.field, change.value:
        case "agencies", list() as agencies if set(map(str, rule.agencies)) <= set(map(str, agencies)):
            return None
        case "adds_referrer", True:
            return None
        case "chair_rank", str() as rank if rank in set(Rank) and Rank(rank).at_least(rule.chair_rank or LOWEST):
            return None
        case _:
            return f"{change.name}: a force may only ask for more than the pack (agencies, referrer, rank of the chair)"


def _lexicon_problem(pack: PolicyPack, change: Change) -> str | None:
    if not pack.lexicon.force_may_vary:
        return f"lexicon.{change.field}: a force may not vary it ({pack.lexicon.basis})"
    if change.field != "add":
        return f"lexicon.{change.field}: a force may only add terms (`add`)"
    try:
        terms = TypeAdapter(tuple[LexiconTerm, ...]).validate_python(change.value)
    except ValidationError as broken:
        first = broken.errors(include_url=False)[0]
        return f"lexicon.add.{'.'.join(map(str, first['loc']))}: {first['msg']}"
    known = [term.code for term in terms if pack.lexicon.term(term.code)]
    return f"lexicon.add: the pack has {', '.join(known)} already" if known else None


def _quorum(rule: QuorumRule) -> str:
    return f"{rule.jurisdiction.value} {rule.kind}"


def _apply(content: dict[str, Any], change: Change, overlay: Overlay) -> None:
    if change.section == "lexicon":
        rule = content["lexicon"]
        rule["version"] = _own(rule["version"], overlay)
        rule["terms"] = (*rule["terms"], *cast("list[dict[str, Any]]", change.value))
    else:
        rule = next(rule for rule in content[change.section] if _known_by(change.section, rule) == change.rule)
        rule[change.field] = change.value
    if change.section == "quorums":
        content["quorum_version"] = _own(content["quorum_version"], overlay)
    # The rule's own basis stays readable: what allowed the force to vary it.
    rule["basis"] = f"{overlay.force}: {overlay.basis} (in place of: {rule['basis']})"[:4000]


def _own(version: str, overlay: Overlay) -> str:
    """What a table is called in which a force asks for more than the pack: `ours-1.gmp-2026.1`."""
    return version if version.endswith(overlay.version) else f"{version}.{overlay.version}"[:80]


def _known_by(section: str, rule: Mapping[str, Any]) -> str:
    if section == "quorums":
        return f"{rule['jurisdiction']} {rule['kind']}"
    return str(rule[NUMBERS[section][0]])


def variable(rule: Rule) -> str:
    """Whether a force may vary a rule and within what, in words."""
    if not rule.force_may_vary:
        return "no"
    if isinstance(rule, NumberRule):
        return f"{rule.least} to {rule.most}"
    return "stricter only"
