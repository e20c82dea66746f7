"""What several modules of the model need stands in one of them."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import nom.workflows.model

MODULES = sorted(Path(nom.workflows.model.__file__).parent.rglob("*.py"))


def repeated(named: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """What more than one module has, with those modules."""
    places: dict[str, list[str]] = defaultdict(list)
    for what, module in named:
        places[what].append(module)
    return {what: modules for what, modules in places.items() if len(modules) > 1}


def aliases(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
            yield ast.unparse(node.value)


def functions(source: str) -> Iterator[str]:
    """What a function of several statements does, whatever it is called."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if len(body) > 1:
                yield "\n".join(map(ast.unparse, body))


def test_the_deliberation_on_a_state_is_named_where_the_state_is() -> None:
    assert MODULES
    found = ((alias, module.name) for module in MODULES for alias in aliases(module.read_text(encoding="utf-8")))
    assert repeated(found) == {}


def test_no_function_is_written_twice() -> None:
    found = ((body, module.name) for module in MODULES for body in functions(module.read_text(encoding="utf-8")))
    assert repeated(found) == {}


def test_the_words_for_an_act_that_was_entered_later_stand_once() -> None:
    assert [module.name for module in MODULES if "and entered later" in module.read_text(encoding="utf-8")] == [
        "breach_withdrawal.py"
    ]
