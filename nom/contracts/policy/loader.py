"""Finds the policy packs and calendars of the package and reads them. Never writes, never fills a gap with a guess.

A pack's file names a base, a folder of parts that packs share, and says what differs; what counts (and what the digest
is of) is the resolved whole. Everything is read once and kept: workers should call `all_packs` before they serve.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, cast

import yaml
from pydantic import ValidationError

from nom.contracts.envelope import PolicyRef
from nom.contracts.policy.calendar import Calendar, CalendarRef, OutsideCalendar
from nom.contracts.policy.overlay import Overlay, OverlayRefused, read_overlay, with_overlay
from nom.contracts.policy.pack import RULES_KNOWN_BY, PolicyPack


class PolicyNotFound(LookupError):
    """No published pack or calendar answers to that."""

    code = "policy_not_found"


class PolicyMalformed(ValueError):
    """A pack or calendar cannot be read: the file, the field in it, and what is wrong."""

    code = "policy_malformed"

    def __init__(self, file: str, field: str, problem: str) -> None:
        super().__init__(f"{file}: {field}: {problem}")
        self.file = file
        self.field = field
        self.problem = problem


def pack_for(jurisdiction: str, agency: str, on: date, force: str | None = None) -> PolicyPack:
    """The pack in force on a day; of two, the one that came into force later; before it, the force's own overlay of it.
    Raises `PolicyNotFound`.
    """
    held = [pack for pack in _packs_of(jurisdiction, agency, force) if pack.holds_on(on)]
    if not held:
        msg = f"no policy pack for {agency[:40]} in {jurisdiction[:40]} on {on.isoformat()}"
        raise PolicyNotFound(msg)
    return max(held, key=lambda pack: (pack.effective_from, pack.force is not None, pack.version))


def pack_for_matter(jurisdiction: str, agency: str, began: date, force: str | None = None) -> PolicyPack:
    """As `pack_for`; for a matter that began before the oldest pack came into force, the oldest pack (ours: it is
    better to judge it under a pack that says what it is than under none). Raises `PolicyNotFound`, also for a day of
    which the pack's calendar knows nothing.
    """
    packs = _packs_of(jurisdiction, agency, force)
    oldest = min((pack.effective_from for pack in packs), default=began)
    pack = pack_for(jurisdiction, agency, max(began, oldest), force)
    try:
        calendar_of(pack).is_working_day(began)
    except OutsideCalendar as beyond:
        msg = f"{pack.version} can't judge a matter of {began.isoformat()}: {beyond}"
        raise PolicyNotFound(msg) from None
    return pack


def pack_of_version(version: str) -> PolicyPack:
    """The pack of that version. Raises `PolicyNotFound`, with the versions that there are."""
    for pack in all_packs():
        if pack.version == version:
            return pack
    msg = f"no policy pack {version[:80]!r}; there are {', '.join(pack.version for pack in all_packs())}"
    raise PolicyNotFound(msg)


def _packs_of(jurisdiction: str, agency: str, force: str | None) -> list[PolicyPack]:
    return [
        pack
        for pack in all_packs()
        if pack.agency == agency and jurisdiction in pack.jurisdictions and pack.force in (None, force)
    ]


def pack_by_ref(ref: PolicyRef) -> PolicyPack:
    """The pack of that version, if its content is still what was pinned. Raises `PolicyNotFound`."""
    pack = next((pack for pack in all_packs() if pack.version == ref.version), None)
    if pack is None or pack.ref() != ref:
        there = pack.ref().digest if pack else "no pack of that version"
        msg = f"policy {ref.version[:80]} with digest {ref.digest}: there is {there}"
        raise PolicyNotFound(msg)
    return pack


def calendar_of(pack: PolicyPack) -> Calendar:
    """The working-day calendar that a pack pins. Raises `PolicyNotFound`."""
    return calendar_by_ref(pack.calendar)


def calendar_by_ref(ref: CalendarRef) -> Calendar:
    """The calendar of that version, if its content is still what was pinned. Raises `PolicyNotFound`."""
    for calendar in all_calendars():
        if calendar.ref == ref:
            return calendar
    msg = f"no calendar {ref.version} of {ref.division} with digest {ref.content_digest}"
    raise PolicyNotFound(msg)


def all_packs() -> tuple[PolicyPack, ...]:
    """Every published pack, by version, then the overlays in use. Raises `PolicyMalformed`."""
    return (*_published(), *_overlays_in_use)


@cache
def _published() -> tuple[PolicyPack, ...]:
    return read_packs(_data("packs"), _calendars())


_overlays_in_use: list[PolicyPack] = []


def use_overlays(folder: Traversable) -> tuple[PolicyPack, ...]:
    """Take the force overlays of a folder (`*.yaml`) into use beside the published packs, in this process and in place
    of those used before. Workers call it before they serve: a process that adopted an overlay can't go on without it.
    No folder: no overlays. Raises `OverlayRefused` and `PolicyNotFound`.
    """
    files = _listed(folder, ".yaml") if folder.is_dir() else []
    found = [overlaid(read_overlay(file)) for file in files]
    _overlays_in_use[:] = found
    return tuple(found)


def overlaid(overlay: Overlay) -> PolicyPack:
    """The pack that an overlay makes of the published pack that it names. Raises `OverlayRefused`, and `PolicyNotFound`
    where nothing published answers to the pack or the calendar that it names.
    """
    pack = next((pack for pack in _published() if pack.version == overlay.pack), None)
    if pack is None:
        msg = f"overlay {overlay.version} varies {overlay.pack}, which is not published"
        raise PolicyNotFound(msg)
    if any(other.version == overlay.version for other in _published()):
        raise OverlayRefused(overlay.version, ("overlay: a published pack has that version",))
    if overlay.calendar is not None and overlay.calendar not in _calendars():
        msg = f"overlay {overlay.version} names the calendar {overlay.calendar}, which is not published"
        raise PolicyNotFound(msg)
    return with_overlay(pack, overlay, _calendars()[overlay.calendar] if overlay.calendar else None)


def read_pack(file: Traversable, folder: Traversable | None = None) -> PolicyPack:
    """A pack from a file; what it extends is looked for in a folder, else among the published. Raises
    `PolicyMalformed`.
    """
    return _read_pack(folder or _data("packs"), file, _calendars())


def _calendars() -> dict[str, Calendar]:
    return {calendar.version: calendar for calendar in all_calendars()}


@cache
def all_calendars() -> tuple[Calendar, ...]:
    """Every published calendar, by version. Raises `PolicyMalformed`."""
    return tuple(_read_calendar(file) for file in _listed(_data("calendars"), ".json"))


def read_packs(folder: Traversable, calendars: Mapping[str, Calendar]) -> tuple[PolicyPack, ...]:
    """The packs of a folder, by version. Raises `PolicyMalformed` at the first that cannot be read."""
    return tuple(_read_pack(folder, file, calendars) for file in _listed(folder, ".yaml"))


def _data(name: str) -> Traversable:
    return files("nom.contracts.policy").joinpath(name)


def _listed(folder: Traversable, suffix: str) -> list[Traversable]:
    return sorted((file for file in folder.iterdir() if file.name.endswith(suffix)), key=lambda file: file.name)


def _read_pack(folder: Traversable, file: Traversable, calendars: Mapping[str, Calendar]) -> PolicyPack:
    own = _mapping(file, file.name)
    base, origins = _base(folder, file.name, own.pop("extends", None))
    without = _left_out(file.name, own.pop("without", {}), base)
    content = {section: value for section, value in (base | own).items() if section not in RULES_KNOWN_BY}
    for section in RULES_KNOWN_BY:
        content[section] = _merged(section, base.get(section, []), own.get(section, []), without.get(section, ()))
    content["calendar"] = _pinned_calendar(file.name, content.get("calendar"), calendars)
    _check_version(file.name, content)
    try:
        return PolicyPack.model_validate(content)
    except ValidationError as broken:
        raise _malformed(file.name, broken, content, origins) from broken


def _base(folder: Traversable, file: str, name: object) -> tuple[dict[str, Any], dict[str, str]]:
    if not isinstance(name, str) or not folder.joinpath(name).is_dir():
        raise PolicyMalformed(file, "extends", f"names no folder of parts: {name!r}")
    whole: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for part in _listed(folder.joinpath(name), ".yaml"):
        path = f"{name}/{part.name}"
        for section, value in _mapping(part, path).items():
            if section in whole:
                raise PolicyMalformed(path, section, f"stands in {origins[section]} already")
            whole[section] = value
            origins[section] = path
    return whole, origins


def _left_out(file: str, without: object, base: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    if not isinstance(without, dict):
        raise PolicyMalformed(file, "without", "is not a mapping of sections to names")
    left_out: dict[str, tuple[str, ...]] = {}
    for section, names in cast("dict[str, list[str]]", without).items():
        known = {_name(section, rule) for rule in base.get(section, [])} if section in RULES_KNOWN_BY else set[str]()
        strange = [name for name in names if name not in known]
        if strange:
            raise PolicyMalformed(file, f"without.{section}", f"the base has no {', '.join(map(str, strange))}")
        left_out[section] = tuple(names)
    return left_out


def _mapping(file: Traversable, path: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as broken:
        raise PolicyMalformed(path, "whole file", f"is not YAML: {broken}") from broken
    if not isinstance(content, dict):
        raise PolicyMalformed(path, "whole file", "is not a mapping of sections")
    # A field that begins with "x-" holds an anchor for the others and is no part of the pack.
    return {str(key): value for key, value in cast("dict[Any, Any]", content).items() if not str(key).startswith("x-")}


def _merged(section: str, base: list[Any], own: list[Any], without: tuple[str, ...]) -> list[Any]:
    rules = {_name(section, rule): rule for rule in base}
    repeated = [rule for rule in base if rule is not rules[_name(section, rule)]]
    rules |= {_name(section, rule): rule for rule in own}
    return [rule for name, rule in rules.items() if name not in without] + repeated


def _name(section: str, rule: object) -> str:
    if not isinstance(rule, dict):
        return str(rule)
    fields = cast("dict[str, object]", rule)
    return ">".join(str(fields[key]) for key in RULES_KNOWN_BY[section] if fields.get(key))


def _pinned_calendar(file: str, version: object, calendars: Mapping[str, Calendar]) -> CalendarRef:
    if not isinstance(version, str) or version not in calendars:
        raise PolicyMalformed(file, "calendar", f"names no published calendar: {version!r}")
    return calendars[version].ref


def _check_version(file: str, content: Mapping[str, Any]) -> None:
    if content.get("version") != file.removesuffix(".yaml"):
        raise PolicyMalformed(file, "version", f"must be the file's name, not {content.get('version')!r}")


def _malformed(file: str, broken: ValidationError, content: Mapping[str, Any], origins: Mapping[str, str]) -> Exception:
    first = broken.errors(include_url=False)[0]
    where = [str(step) for step in first["loc"]]
    problem = first["msg"].removeprefix("Value error, ")
    if not where:
        # What spans several rules begins with the field's name: "clocks[WT6].escalation: the pack has no ...".
        field, _, problem = problem.partition(": ")
        where = [field]
    section = re.split(r"[\[.]", where[0])[0]
    if len(where) > 1 and section in RULES_KNOWN_BY and where[1].isdigit():
        where[:2] = [f"{section}[{_name(section, content[section][int(where[1])])}]"]
    origin = f"{file} (with {origins[section]})" if section in origins else file
    return PolicyMalformed(origin, ".".join(where), problem)


def _read_calendar(file: Traversable) -> Calendar:
    try:
        calendar = Calendar.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except ValidationError as broken:
        raise _malformed(file.name, broken, {}, {}) from broken
    except json.JSONDecodeError as broken:
        raise PolicyMalformed(file.name, "whole file", f"is not JSON: {broken}") from broken
    if calendar.version != file.name.removesuffix(".json"):
        raise PolicyMalformed(file.name, "version", f"must be the file's name, not {calendar.version!r}")
    return calendar
