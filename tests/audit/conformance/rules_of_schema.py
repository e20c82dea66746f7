"""Judges JSON by a JSON Schema that uses the few words that ours uses. Any other word is an error, and not ignored."""

import json
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from typing import Any, cast

SCHEMA: dict[str, Any] = json.loads(
    files("nom.audit.conformance").joinpath("ocel-2.0.schema.json").read_text(encoding="utf-8")
)
_TYPES = {"object": dict, "array": list, "string": str}
_WORDS = {"$schema", "$defs", "$ref", "title", "description", "type", "required", "properties", "items", "format"}


def faults(value: object, rule: dict[str, Any] = SCHEMA, at: str = "$") -> Iterator[str]:
    """Every place where the value breaks the schema."""
    assert set(rule) <= _WORDS, f"the schema at {at} uses a word that is not judged here"
    if "$ref" in rule:
        rule = SCHEMA["$defs"][rule["$ref"].rpartition("/")[2]]
    if not isinstance(value, _TYPES[rule["type"]]):
        yield f"{at}: not {rule['type']}"
        return
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        yield from (f"{at}: lacks {name}" for name in rule.get("required", ()) if name not in held)
        for name, inner in rule.get("properties", {}).items():
            if name in held:
                yield from faults(held[name], inner, f"{at}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[Any]", value)):
            yield from faults(item, rule["items"], f"{at}[{number}]")
    elif rule.get("format") == "date-time" and datetime.fromisoformat(str(value)).tzinfo is None:
        yield f"{at}: a time without an offset"
