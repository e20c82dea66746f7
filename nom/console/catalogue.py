"""The commands of each process as the contracts have them: fields, who may give them, what must come along."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from enum import Enum
from functools import cache
from importlib import import_module
from inspect import cleandoc
from typing import Any, NamedTuple, cast, get_args, get_origin

from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from nom.console.times import TimeMalformed, parse_time
from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.events import CommandBase
from nom.contracts.ids import ProcessKind
from nom.contracts.policy.loader import pack_for
from nom.contracts.policy.pack import PolicyPack


class NoSuchCommand(LookupError):
    """The process has no command of that name."""

    code = "unknown_command"


class NoSuchProcess(LookupError):
    """The operating model has no process of that name."""

    code = "unknown_process"


class FieldMalformed(ValueError):
    """What was typed for a field of a command can't be read."""

    code = "field_malformed"


class Field(NamedTuple):
    """One field of a command, in words."""

    name: str
    form: str
    required: bool


class Listed(NamedTuple):
    """One command of one process."""

    process: ProcessKind
    name: str
    says: str
    fields: tuple[Field, ...]
    roles: tuple[str, ...]
    opens: bool
    needs_reason: bool

    @property
    def only_system(self) -> bool:
        """Whether no person may give it."""
        return self.roles in ((), (SYSTEM_ROLE,))


OPENING = "opening"
"""The field that is filled in where the command is received: policy, jurisdiction, brought in."""


def process_named(name: str) -> tuple[ProcessKind, str | None]:
    """`custody-2` → custody, `2`; `strategy meeting` → strategy meeting, None. Raises `NoSuchProcess`."""
    typed = name.strip().lower().replace("_", "-").replace(" ", "-")
    kinds = {kind.value: kind for kind in ProcessKind}
    if typed in kinds:
        return kinds[typed], None
    stem, _, mark = typed.rpartition("-")
    if stem in kinds and mark[:1].isdigit():
        return kinds[stem], mark
    near = get_close_matches(typed, kinds, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(kinds)}"
    msg = f"no process is called {name[:40]!r}; {meant}"
    raise NoSuchProcess(msg)


@cache
def commands_of(kind: ProcessKind) -> Mapping[str, type[CommandBase]]:
    """The commands of a process by name: its own, and those that every process has."""
    module = import_module(f"nom.contracts.{kind.value.replace('-', '_')}")
    name = "".join(part.capitalize() for part in kind.value.split("-"))
    return {command.model_fields["type"].default: command for command in _members(getattr(module, f"{name}Command"))}


def _members(form: object) -> tuple[type[CommandBase], ...]:
    """The classes in a union, annotated or not."""
    if isinstance(form, type):
        return (cast("type[CommandBase]", form),)
    parts = get_args(form)
    if hasattr(form, "__metadata__"):
        return _members(parts[0])
    return tuple(member for part in parts for member in _members(part))


def command_named(kind: ProcessKind, name: str) -> type[CommandBase]:
    """The command of that name. Raises `NoSuchCommand`, with the nearest that there is."""
    commands = commands_of(kind)
    by_lower = {known.lower(): known for known in commands}
    typed = name.strip().lower().replace("-", "").replace("_", "")
    if typed in by_lower:
        return commands[by_lower[typed]]
    near = get_close_matches(typed, by_lower, n=1, cutoff=0.5)
    meant = f"did you mean {by_lower[near[0]]}?" if near else f"`nom commands {kind.value}` lists those that it has"
    elsewhere = [other.value for other in ProcessKind if name in commands_of(other)]
    there = f" ({name} belongs to {', '.join(elsewhere)})" if elsewhere else ""
    msg = f"the process {kind.value} has no command {name[:60]!r}{there}; {meant}"
    raise NoSuchCommand(msg)


def listed(kind: ProcessKind, command: type[CommandBase], pack: PolicyPack) -> Listed:
    """One command in words, with the roles that the pack lets give it."""
    name = command.model_fields["type"].default
    hidden = ("type", OPENING)
    return Listed(
        process=kind,
        name=name,
        says=" ".join(cleandoc(command.__doc__ or "").split("\n\n")[0].split()),
        fields=tuple(
            Field(field, in_words(info.annotation), info.is_required())
            for field, info in command.model_fields.items()
            if field not in hidden
        ),
        roles=pack.roles_for(name),
        opens=command.opens,
        needs_reason=command.decides,
    )


def everything(
    kind: ProcessKind | None = None, jurisdiction: str = "ENG", on: date | None = None
) -> tuple[Listed, ...]:
    """The commands of one process or of all, under the pack in force on a day (today, if none is given)."""
    pack = pack_for(jurisdiction, "police", on or datetime.now(UTC).date())
    kinds = (kind,) if kind else tuple(ProcessKind)
    return tuple(listed(each, command, pack) for each in kinds for command in commands_of(each).values())


def in_words(form: object) -> str:
    """A field's type for people: `text`, `one of a | b`, `list of …`, `time`, or an object with its fields."""
    origin, parts = get_origin(form), get_args(form)
    if hasattr(form, "__metadata__"):
        return in_words(parts[0])
    if origin is tuple:
        return f"list of {in_words(parts[0])}"
    if origin is not None and all(isinstance(part, str) for part in parts):
        return " | ".join(parts)
    if origin is not None:
        return " or ".join(dict.fromkeys(in_words(part) for part in parts if part is not type(None)))
    return _class_in_words(form)


_PLAIN: dict[object, str] = {
    str: "text",
    int: "number",
    bool: "true | false",
    datetime: "time",
    AwareDatetime: "time",
    date: "date",
}


def _class_in_words(form: object) -> str:
    if form in _PLAIN:
        return _PLAIN[form]
    if hasattr(form, "__members__"):
        return " | ".join(str(member.value) for member in cast("type[Enum]", form))
    fields: Mapping[str, FieldInfo] = getattr(form, "model_fields", {})
    if fields:
        inner = (
            f"{name}{'' if info.is_required() else '?'}: {in_words(info.annotation)}" for name, info in fields.items()
        )
        return f"{{{', '.join(inner)}}}"
    return getattr(form, "__name__", str(form)).lower()


def fields_typed(command: type[CommandBase], typed: tuple[str, ...]) -> dict[str, Any]:
    """The fields from what was typed: one JSON object, or `name=value` for each field, or both. A value that begins
    with `[` or `{` is JSON; a list may be written with commas; a time may be local. Raises `FieldMalformed`.
    """
    found: dict[str, Any] = {}
    for piece in typed:
        found.update(_json_object(piece) if piece.lstrip().startswith("{") else _named_value(command, piece))
    known = set(command.model_fields) - {"type", OPENING}
    for name in found:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            meant = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(known)) or 'no fields'}"
            msg = f"{command.__name__} has no field {name[:40]!r}; {meant}"
            raise FieldMalformed(msg)
    return {name: _with_time(command.model_fields[name].annotation, value, name) for name, value in found.items()}


def _json_object(piece: str) -> dict[str, Any]:
    try:
        value = json.loads(piece)
    except json.JSONDecodeError as error:
        msg = f"--with is not JSON: {error.msg} at character {error.pos + 1}; give an object, or name=value"
        raise FieldMalformed(msg) from None
    return cast("dict[str, Any]", value)


def _named_value(command: type[CommandBase], piece: str) -> dict[str, Any]:
    name, sign, value = piece.partition("=")
    if not sign:
        msg = f"{command.__name__}: give each field as name=value, or all of them as one JSON object"
        raise FieldMalformed(msg)
    if value[:1] in ("[", "{"):
        try:
            return {name: json.loads(value)}
        except json.JSONDecodeError as error:
            msg = f"{name}: not JSON: {error.msg} at character {error.pos + 1}"
            raise FieldMalformed(msg) from None
    info = command.model_fields.get(name)
    if info is not None and _is_list(info.annotation):
        return {name: [part.strip() for part in value.split(",") if part.strip()]}
    return {name: value}


def _is_list(form: object) -> bool:
    return get_origin(form) is tuple or any(_is_list(part) for part in get_args(form))


def _with_time(form: object, value: object, name: str) -> object:
    """Local times become moments where the field holds one."""
    if not isinstance(value, str) or "time" not in in_words(form).split(" or "):
        return value
    try:
        return parse_time(value)
    except TimeMalformed as malformed:
        msg = f"{name}: {malformed}"
        raise FieldMalformed(msg) from None
