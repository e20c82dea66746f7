"""Puts the verifier together: one script from five modules, with their imports of the standard library alone.

`python -m nom.audit.pack.script` prints it, for those who want to hand it out apart from any pack.
"""

import ast
import sys
from importlib.resources import files
from typing import Final

_PARTS: Final = ("arithmetic.py", "opening.py", "places.py", "checks.py", "verifier.py")
_SHEBANG: Final = "#!/usr/bin/env python3"


def verifier_script() -> bytes:
    """The stand-alone verifier, the same bytes for the same installation."""
    sources = [_source(name) for name in _PARTS]
    imports = sorted({line for source in sources for line in _imports(source)}, key=_by_form)
    docstring = ast.get_docstring(ast.parse(sources[-1]), clean=False)
    parts = (_SHEBANG, f'"""{docstring}"""', "\n".join(["", *imports]), *map(_body, sources))
    return "\n".join(parts).encode("utf-8")


def _by_form(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _source(name: str) -> str:
    return files("nom.audit.pack").joinpath(name).read_text(encoding="utf-8")


def _imported(source: str) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]


def _imports(source: str) -> list[str]:
    """The lines that import from the standard library."""
    foreign = [node for node in _imported(source) if not (isinstance(node, ast.ImportFrom) and _is_ours(node))]
    return [ast.unparse(node) for node in foreign]


def _is_ours(node: ast.ImportFrom) -> bool:
    return (node.module or "").split(".")[0] == "nom"


def _body(source: str) -> str:
    """What follows the imports."""
    end = max(node.end_lineno or node.lineno for node in _imported(source))
    return "\n".join(source.splitlines()[end:]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(verifier_script().decode("utf-8"))
