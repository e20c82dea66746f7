"""Refusal codes and unmet conditions with their words, read from the calls that make them. Runs none of the rules.

A code or a sentence that is put together shows its parts in braces. A function that passes its own parameters on as
code and words (`_unmet(d, "no_benefit", …)`) is seen through.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

from nom.console.model_book.sources import MODEL, Reached, parts

REFUSE, UNMET, CONTRADICTIONS, FIRST_OF = "refuse", "unmet", "contradictions", "refused_for"
_OR = " | "


class Saying(NamedTuple):
    """A code with its words. `kind`: a refusal, or a condition that a refusal names."""

    kind: str
    code: str
    words: str


class _Passing(NamedTuple):
    """A function that makes a code and words out of its parameters: which of its arguments they are."""

    kind: str
    code: int
    words: int


def sayings_in(reached: Iterable[Reached]) -> tuple[Saying, ...]:
    """Every code that the definitions may answer with, each once for each of its words, by kind and code."""
    definitions = tuple(reached)
    passing = dict(_passing(definitions))
    found = {saying for item in definitions for saying in _sayings(item, passing)}
    return tuple(sorted(found, key=lambda saying: (saying.kind, saying.code, saying.words)))


def unreadable_in(reached: Iterable[Reached]) -> tuple[str, ...]:
    """The calls whose code can't be read from the source, by room and line: the book would be silent about them."""
    definitions = tuple(reached)
    passing = dict(_passing(definitions))
    return tuple(
        f"{item.room}.py:{call.lineno}"
        for item in definitions
        if item.name not in passing
        for call in _calls(item.node)
        if _called(call) in (REFUSE, UNMET)
        and _text(call.args[0], {**_locals(item.node, call.lineno), **_caught(item)}) is None
    )


def _passing(definitions: tuple[Reached, ...]) -> Iterator[tuple[str, _Passing]]:
    for item in definitions:
        if not isinstance(item.node, ast.FunctionDef):
            continue
        names = [argument.arg for argument in item.node.args.args]
        for call in _calls(item.node):
            for kind, code, words in _pairs(call):
                if isinstance(code, ast.Name) and isinstance(words, ast.Name) and {code.id, words.id} <= set(names):
                    yield item.name, _Passing(kind, names.index(code.id), names.index(words.id))


def _sayings(item: Reached, passing: Mapping[str, _Passing]) -> Iterator[Saying]:
    node = item.node
    caught = _caught(item)
    for call in _calls(node):
        known = {**_locals(node, call.lineno), **caught}
        for kind, code_node, words_node in (*_pairs(call), *_passed(call, passing)):
            words = _text(words_node, known) or f"{{{_name_of(words_node)}}}"
            for code in (_text(code_node, known) or "").split(_OR):
                if code:
                    yield Saying(kind, code, words)


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in parts(node) if isinstance(inner, ast.Call))


def _called(call: ast.Call) -> str | None:
    return call.func.id if isinstance(call.func, ast.Name) else None


def _pairs(call: ast.Call) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Each pair of code and words that a call names."""
    name = _called(call)
    if name in (REFUSE, UNMET) and len(call.args) > 1:
        yield ("refusal" if name == REFUSE else "condition"), call.args[0], call.args[1]
    if name == CONTRADICTIONS:
        for part in call.args[1:]:
            if isinstance(part, ast.Tuple) and len(part.elts) > 1:
                yield "contradiction", part.elts[0], part.elts[1]


def _passed(call: ast.Call, passing: Mapping[str, _Passing]) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    through = passing.get(_called(call) or "")
    if through is not None and len(call.args) > max(through.code, through.words):
        yield through.kind, call.args[through.code], call.args[through.words]


def _locals(node: ast.AST, line: int) -> Mapping[str, ast.expr]:
    """What names stand for in a function at a line: what they were given last before it."""
    given = sorted(
        ((inner.lineno, target.id, inner.value) for inner in _assignments(node) for target in _names(inner)),
        key=lambda one: one[0],
    )
    return {name: value for at, name, value in given if at <= line}


@cache
def _assignments(node: ast.AST) -> tuple[ast.Assign, ...]:
    return tuple(inner for inner in parts(node) if isinstance(inner, ast.Assign))


def _names(node: ast.Assign) -> Iterator[ast.Name]:
    return (target for target in node.targets if isinstance(target, ast.Name))


def _caught(item: Reached) -> Mapping[str, ast.expr]:
    """The code of each exception that a definition catches, as `outside.code` says it."""
    caught: dict[str, ast.expr] = {}
    for inner in parts(item.node):
        if isinstance(inner, ast.ExceptHandler) and inner.name and isinstance(inner.type, ast.Name):
            kind = getattr(import_module(f"{MODEL}.{item.room}"), inner.type.id)
            caught[f"{inner.name}.code"] = ast.Constant(getattr(kind, "code", None))
    return caught


def _text(node: ast.expr, known: Mapping[str, ast.expr]) -> str | None:
    """A string as it is written, with what is put into it in braces."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=pieces):
            return "".join(_part(piece) for piece in pieces)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if f"{name}.{attribute}" in known:
            return _text(known[f"{name}.{attribute}"], known)
        case ast.Name(id=name) if name in known and not isinstance(known[name], ast.Name):
            return _text(known[name], known)
        case ast.IfExp(body=one, orelse=other):
            both = (_text(one, known), _text(other, known))
            return _OR.join(text for text in both if text) or None
        case ast.expr():
            return None


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    return f"{{{_name_of(part.value)}}}" if isinstance(part, ast.FormattedValue) else ""


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.replace("_", " ")
        case ast.Call(func=ast.Attribute(value=inner)) | ast.Subscript(value=inner):
            return _name_of(inner)
        case ast.Call(args=[first, *_]):
            return _name_of(first)
        case ast.expr():
            return "…"
