"""The house rules as functions from source text to complaints, so that a test can plant a fault and see it found.

Reads syntax trees and text; never imports what it judges.
"""

import ast
import re
from collections.abc import Iterator

MODULE_CEILING = 400
FUNCTION_CEILING = 60

_PURE_LIBRARY = frozenset(
    {
        "abc", "bisect", "collections", "copy", "dataclasses", "datetime", "decimal", "enum", "fractions",
        "functools", "hashlib", "heapq", "itertools", "json", "math", "operator", "re", "statistics", "string",
        "textwrap", "types", "typing", "unicodedata", "uuid", "zoneinfo",
    }
)  # fmt: skip
_PURE_PACKAGES = ("nom.contracts", "nom.workflows.model", "pydantic", "typing_extensions")
_IMPURE_ATTRIBUTES = frozenset({"now", "today", "utcnow", "uuid1", "uuid4", "uuid6", "uuid7"})
_IMPURE_BUILTINS = frozenset({"__import__", "eval", "exec", "hash", "id", "input", "open", "print"})
_OUR_NAME = re.compile(r"[A-Z]")
_EMPTY_NAMES = frozenset({"common", "helpers", "misc", "utils"})

_FOREIGN = re.compile(
    r"(?<![A-Za-z0-9_.~-])/(?:home|root|work|Users)/"
    r"|pypi\.org|pythonhosted\.org|npmjs\.(?:com|org)"
    r"|--(?:extra-)?index[-]url|--find[-]links|registry *= *\{"
)


def _docstring(source: str) -> str | None:
    return ast.get_docstring(ast.parse(source))


def impurities(source: str) -> tuple[str, ...]:
    """What in the source looks at the world: a foreign import, a clock, a minted id, a builtin that varies by run."""
    return tuple(found for node in ast.walk(ast.parse(source)) for found in _impurities_of(node))


def _impurities_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (f"imports {name.name}" for name in names if not _is_pure(name.name))
        case ast.ImportFrom(module=module, names=names):
            yield from _impure_names(module or "", names)
        case ast.Attribute(attr=attribute) if attribute in _IMPURE_ATTRIBUTES:
            yield f"uses .{attribute}"
        case ast.Call(func=ast.Name(id=name)) if name in _IMPURE_BUILTINS:
            yield f"calls {name}()"
        case ast.AST():
            return


def _impure_names(module: str, names: list[ast.alias]) -> Iterator[str]:
    for name in names:
        if name.name in _IMPURE_ATTRIBUTES or not (_is_pure(module) or _is_pure(f"{module}.{name.name}")):
            yield f"imports {module}.{name.name}"


def _is_pure(module: str) -> bool:
    inside = any(module == package or module.startswith(f"{package}.") for package in _PURE_PACKAGES)
    return inside or module.split(".", 1)[0] in _PURE_LIBRARY


def shape_faults(source: str) -> tuple[str, ...]:
    """Where a module is too long, says nothing about itself, or has a function that is too long."""
    faults: list[str] = []
    if not _docstring(source):
        faults.append("has no docstring")
    lines = len(source.splitlines())
    if lines > MODULE_CEILING:
        faults.append(f"has {lines} lines")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_CEILING:
                faults.append(f"{node.name} has {length} lines")
    return tuple(faults)


def quiet_defaults(source: str) -> tuple[str, ...]:
    """Matches over our own classes or enumerations whose default lets a new member pass unnoticed.

    Over a closed union the default is `assert_never`, so that the type checker sees the gap; over an open base class
    nothing can, and the default raises. Literals and mappings are open data, and their default is theirs to choose.
    """
    faults: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Match) and any(_names_ours(case.pattern) for case in node.cases):
            faults.extend(
                f"line {case.body[0].lineno}: a default that says nothing"
                for case in node.cases
                if _is_wildcard(case) and not _is_loud(case)
            )
    return tuple(faults)


def _names_ours(pattern: ast.pattern) -> bool:
    for node in ast.walk(pattern):
        match node:
            case ast.MatchClass(cls=ast.Name(id=name)) if _OUR_NAME.match(name):
                return True
            case ast.MatchClass(cls=ast.Attribute()) | ast.MatchValue(value=ast.Attribute()):
                return True
            case ast.AST():
                continue
    return False


def _is_wildcard(case: ast.match_case) -> bool:
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None


def _is_loud(case: ast.match_case) -> bool:
    match case.body[-1]:
        case ast.Raise() | ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
            return True
        case ast.stmt():
            return False


def wording_faults(path: str, source: str) -> tuple[str, ...]:
    """Names that say nothing, annotations turned to strings, and silencers that do not say what they silence."""
    faults = [f"{part!r} says nothing" for part in re.split(r"[/.]", path) if part in _EMPTY_NAMES]
    faults.extend(
        f"line {node.lineno}: imports from __future__"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    )
    faults.extend(
        f"line {number}: silences a checker without naming the rule"
        for number, line in enumerate(source.splitlines(), start=1)
        if re.search(r"#\s*(?:(?:type|pyright): ?ignore(?!\[)|noqa(?!: ?[A-Z]))", line)
    )
    return tuple(faults)


def foreign_places(text: str) -> tuple[str, ...]:
    """Paths of one machine and addresses of package registries: neither belongs in the project."""
    return tuple(
        f"line {number}: {found.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for found in _FOREIGN.finditer(line)
    )
