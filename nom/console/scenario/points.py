"""One thing that was compared, in words, and how values look in them. Compares nothing but words."""

from datetime import date, datetime

from pydantic import JsonValue

from nom.console.times import local
from nom.contracts.base import Contract


class Point(Contract):
    """One thing that was compared, in words."""

    what: str
    expected: str
    got: str
    agrees: bool


def point(what: str, expected: str, got: str) -> Point:
    """A point that agrees when the words do."""
    return Point(what=what, expected=expected, got=got, agrees=expected == got)


def fields_of(value: Contract | None, *without: str) -> str:
    """The fields of a contract, without some of them."""
    return "none" if value is None else plain(value.model_dump(mode="json", exclude=set(without)))


def listed(names: tuple[str, ...]) -> str:
    """Names in alphabetical order."""
    return ", ".join(sorted(names)) or "none"


def plain(value: JsonValue) -> str:
    """A value as people read it."""
    match value:
        case dict():
            return ", ".join(f"{name}: {plain(item)}" for name, item in sorted(value.items())) or "none"
        case list():
            return f"[{', '.join(plain(item) for item in value)}]"
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def moment(due_at: datetime, last_day: date | None) -> str:
    """When something is due: by the end of a day, or at a moment."""
    return f"end of {last_day}" if last_day else local(due_at)
