"""Markdown as the book uses it: tables, lists and state diagrams. Knows nothing of the model."""

import re
from collections.abc import Iterable, Mapping, Sequence

NONE = "–"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table. No row: a line that says so."""
    lines = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    if not lines:
        return ["None.", ""]
    head = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return [*head, *lines, ""]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|") or NONE


def code(text: str) -> str:
    """Something that is typed as it stands."""
    return f"`{text}`"


def codes(texts: Iterable[str]) -> str:
    """Some of those, with commas."""
    return ", ".join(code(text) for text in texts)


def section(title: str, *body: Iterable[str], level: int = 2) -> list[str]:
    """A heading and what stands under it."""
    return [f"{'#' * level} {title}", "", *(line for part in body for line in part)]


def paragraph(*sentences: str) -> list[str]:
    """Sentences one after another; empty ones are left out."""
    said = [sentence for sentence in sentences if sentence]
    return [*said, ""] if said else []


def state_diagram(begins: str, ends: str, arrows: Mapping[tuple[str, str], Sequence[str]]) -> list[str]:
    """A Mermaid state diagram: `arrows` say by which commands one standing follows another. What stands before the
    first is `begins`; a standing that starts with `ends` is the last.
    """
    names = dict.fromkeys(part for pair in arrows for part in pair)
    ids = {name: "[*]" if name == begins else _identifier(name) for name in names}
    lines = [f'    state "{name}" as {ids[name]}' for name in names if name != begins]
    lines += [f"    {ids[one]} --> {ids[other]} : {', '.join(by)}" for (one, other), by in arrows.items()]
    lines += [f"    {ids[name]} --> [*]" for name in names if name.startswith(ends)]
    return ["```mermaid", "stateDiagram-v2", *lines, "```", ""]


def _identifier(name: str) -> str:
    return "s_" + re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
