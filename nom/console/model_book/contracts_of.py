"""What the contracts say of commands and events: their names, sentences and docstrings."""

from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from typing import Any, cast, get_args

from nom.contracts.events import EventBase
from nom.contracts.every_process import CommonEvent
from nom.contracts.ids import ProcessKind


def members(form: object) -> Iterator[type[Any]]:
    """The classes in a union, annotated or not, in order."""
    if isinstance(form, type):
        yield cast("type[Any]", form)
        return
    parts = get_args(form)
    for part in parts[:1] if hasattr(form, "__metadata__") else parts:
        yield from members(part)


def type_of(contract: type[Any]) -> str:
    """The name under which a command or event is known: `Route`, `referral_routed.v1`."""
    return str(contract.model_fields["type"].default)


def said_of(contract: type[Any]) -> str:
    """The first paragraph of its docstring, on one line."""
    return " ".join(cleandoc(contract.__doc__ or "").split("\n\n")[0].split())


def own_events(kind: ProcessKind) -> tuple[type[EventBase], ...]:
    """The events of a process that not every process has."""
    module = import_module(f"nom.contracts.{kind.value.replace('-', '_')}")
    name = "".join(part.capitalize() for part in kind.value.split("-"))
    common = set(members(CommonEvent))
    return tuple(event for event in members(getattr(module, f"{name}Event")) if event not in common)


def common_events() -> tuple[type[EventBase], ...]:
    """The events that every process has."""
    return tuple(members(CommonEvent))
