"""What the rules of a process consist of: every definition that its model reaches, read from the source. Runs nothing.

Reached is what a definition names, and what that names in turn, within the rooms of the model. The rooms that every
process shares are a page of their own.
"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from nom.contracts.ids import ProcessKind

MODEL = "nom.workflows.model"
SHARED = ("deliberation", "process", "adoption", "clock_course", "deadlines", "escalation", "wording", "conditions")
"""The rooms of what every process has in common."""
_ENTRANCE = "MODEL"
_SHARED_ENTRANCES = (("deliberation", "deliberate"),)

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class Reached(NamedTuple):
    """A definition: the room that it stands in, its name and its source."""

    room: str
    name: str
    node: Definition

    @property
    def says(self) -> str:
        """The first sentence of its docstring; nothing for what has none."""
        words = ast.get_docstring(self.node) if isinstance(self.node, ast.FunctionDef | ast.ClassDef) else None
        return " ".join(words.split("\n\n")[0].split()) if words else ""


class Room(NamedTuple):
    """A module of the model: what it defines, and what it has from other rooms under which name."""

    says: str
    definitions: dict[str, Definition]
    imported: dict[str, tuple[str, str]]
    rooms: dict[str, str]


def reached_by(kind: ProcessKind) -> tuple[Reached, ...]:
    """Every definition that a process's model reaches outside the shared rooms, in the order of rooms and lines."""
    return _in_order(_closure([(kind.value.replace("-", "_"), _ENTRANCE)], SHARED))


def reached_by_all() -> tuple[Reached, ...]:
    """Every definition of the shared rooms that any decision may come through."""
    return _in_order(_closure(list(_SHARED_ENTRANCES), ()))


def reached_from(start: Reached) -> tuple[Reached, ...]:
    """A definition and everything that it reaches outside the shared rooms."""
    return _in_order(_closure([(start.room, start.name)], SHARED))


@cache
def parts(node: ast.AST) -> tuple[ast.AST, ...]:
    """A piece of source and everything in it."""
    return tuple(ast.walk(node))


def module_says(kind: ProcessKind) -> str:
    """The docstring of a process's rules, its first paragraph on one line."""
    words = _room(kind.value.replace("-", "_")).says
    return " ".join(words.split("\n\n")[0].split())


def _in_order(found: dict[tuple[str, str], Reached]) -> tuple[Reached, ...]:
    return tuple(sorted(found.values(), key=lambda item: (item.room, item.node.lineno)))


def _closure(start: list[tuple[str, str]], closed: tuple[str, ...]) -> dict[tuple[str, str], Reached]:
    found: dict[tuple[str, str], Reached] = {}
    waiting = list(start)
    while waiting:
        place = waiting.pop()
        room = _room(place[0])
        if place in found or place[0] in closed or place[1] not in room.definitions:
            continue
        found[place] = Reached(*place, room.definitions[place[1]])
        waiting.extend(_named_by(*place))
    return found


@cache
def _named_by(room: str, name: str) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(_named_in(room, _room(room).definitions[name])))


def _named_in(room: str, node: ast.AST) -> Iterator[tuple[str, str]]:
    here = _room(room)
    for inner in parts(node):
        match inner:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in here.rooms:
                yield here.rooms[name], attribute
            case ast.Name(id=name) if name in here.imported:
                yield here.imported[name]
            case ast.Name(id=name) if name in here.definitions:
                yield room, name
            case ast.AST():
                pass


@cache
def _room(name: str) -> Room:
    source = files(MODEL).joinpath(f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    room = Room(ast.get_docstring(tree) or "", {}, {}, {})
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=defined) | ast.ClassDef(name=defined):
                room.definitions[defined] = node
            case ast.Assign(targets=[ast.Name(id=defined)]) | ast.AnnAssign(target=ast.Name(id=defined)):
                room.definitions[defined] = node
            case ast.Assign(targets=[ast.Tuple(elts=several)]):
                room.definitions.update({item.id: node for item in several if isinstance(item, ast.Name)})
            case ast.ImportFrom(module=str(module), names=names) if module.startswith(f"{MODEL}."):
                room.imported.update(
                    {item.asname or item.name: (module.removeprefix(f"{MODEL}."), item.name) for item in names}
                )
            case ast.ImportFrom(module=module, names=names) if module == MODEL:
                room.rooms.update({item.asname or item.name: item.name for item in names})
            case ast.AST():
                pass
    return room
