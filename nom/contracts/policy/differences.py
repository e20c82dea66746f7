"""What differs between two policy packs, in words. Says nothing about which is right."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from nom.contracts.policy.pack import RULES_KNOWN_BY, PolicyPack


def differences(before: PolicyPack, after: PolicyPack) -> tuple[str, ...]:
    """Each rule that is new, gone or changed, and each changed field from what to what. Nothing for equal content."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return tuple(_packs(old, new))


def _packs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for section in old:
        if section in RULES_KNOWN_BY:
            yield from _section(section, _named(section, old[section]), _named(section, new[section]))
        elif isinstance(old[section], dict) and isinstance(new[section], dict):
            yield from _fields(section, old[section], new[section])
        elif old[section] != new[section]:
            yield f"{section}: {_plain(old[section])} becomes {_plain(new[section])}"


def _named(section: str, rules: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {" ".join(str(rule[key]) for key in RULES_KNOWN_BY[section] if rule[key]): rule for rule in rules}


def _section(section: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name, rule in old.items():
        if name not in new:
            yield f"{section}[{name}]: gone ({_title(rule)})"
        else:
            yield from _fields(f"{section}[{name}]", rule, new[name])
    for name, rule in new.items():
        if name not in old:
            yield f"{section}[{name}]: new ({_title(rule)}; {rule.get('confidence')}: {rule.get('basis')})"


def _fields(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for field in dict.fromkeys((*old, *new)):
        if old.get(field) != new.get(field):
            yield f"{where}.{field}: {_change(old.get(field), new.get(field))}"


def _change(old: object, new: object) -> str:
    was, now = _list(old), _list(new)
    if was is not None and now is not None:
        added, gone = [item for item in now if item not in was], [item for item in was if item not in now]
        parts = [f"adds {_plain(added)}"] if added else []
        parts += [f"drops {_plain(gone)}"] if gone else []
        return " and ".join(parts) or f"in another order: {_plain(now)}"
    return f"{_plain(old)} becomes {_plain(new)}"


def _list(value: object) -> list[object] | None:
    return cast("list[object]", value) if isinstance(value, list) else None


def _title(rule: Mapping[str, Any]) -> str:
    return str(rule.get("title") or rule.get("because") or rule.get("kind") or rule.get("tier") or "a rule")


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in cast("list[object]", value)) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{key} {_plain(item)}" for key, item in cast("dict[str, object]", value).items())
    if isinstance(value, str) and " " in value:
        return f'"{value}"'
    return "none" if value is None else str(value)
