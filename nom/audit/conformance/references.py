"""Which people an event speaks of, by reference. Looks only at fields that hold a reference by their type: what a
person wrote is never looked at, even where it looks like a reference.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple, cast, get_args

from pydantic import BaseModel, StringConstraints

from nom.contracts.events import EventBase
from nom.contracts.ids import SubjectId

_PATTERN: Final = next(
    item.pattern for item in get_args(SubjectId) if isinstance(item, StringConstraints) and item.pattern is not None
)
_FORM: Final = re.compile(str(_PATTERN))


class Reference(NamedTuple):
    """Somebody named by an event. `case` is the case in which the reference is one, where the event says that."""

    case: str | None
    subject: str
    role: str


def references_in(event: EventBase) -> tuple[Reference, ...]:
    """Each person that the event names, once for each field that names them."""
    return tuple(dict.fromkeys(_of_model(event, "about", None)))


def _of_model(model: BaseModel, role: str, case: str | None) -> Iterator[Reference]:
    own = getattr(model, "case", None)
    scope = own if isinstance(own, str) else case
    for name, held in _fields(type(model)):
        # A reference called `id` is the thing that holds it.
        yield from _of_value(getattr(model, name), role if name == "id" else name, scope, is_reference=held)


def _of_value(value: object, role: str, case: str | None, *, is_reference: bool) -> Iterator[Reference]:
    if isinstance(value, BaseModel):
        yield from _of_model(value, role, case)
    elif isinstance(value, str):
        if is_reference and _FORM.match(value):
            yield Reference(case, value, role)
    elif isinstance(value, tuple):
        for item in cast("tuple[object, ...]", value):
            yield from _of_value(item, role, case, is_reference=is_reference)


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """The fields of a contract that can lead to a reference, and whether they hold references themselves."""
    return tuple((name, _holds(field.annotation, tuple(field.metadata))) for name, field in model.model_fields.items())


def _holds(annotation: Any, metadata: tuple[Any, ...] = ()) -> bool:  # noqa: ANN401 - types as pydantic gives them
    patterns = (item.pattern for item in (*metadata, *getattr(annotation, "__metadata__", ())) if _constrains(item))
    if _PATTERN in patterns:
        return True
    return any(_holds(part) for part in get_args(annotation))


def _constrains(item: object) -> bool:
    return isinstance(item, StringConstraints)
