"""The book as files in a folder: writes them, and says which are not what the code and the packs would write."""

from pathlib import Path
from typing import NamedTuple

from nom.console.model_book.pages import REWRITE, pages

FOLDER = Path("docs/model-book")
"""Where the book stands in a checkout."""


class BookStale(Exception):
    """Pages of the book are not what the code and the policy packs say now."""

    code = "book_stale"


class Page(NamedTuple):
    """A page that is not as it should be: `stale`, `missing`, or `left over` from what is no more."""

    path: Path
    how: str


def write(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Write every page, and take away those that belong to nothing any more. The pages that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = pages()
    found = not_as_written(folder, written)
    for page in found:
        if page.how == "left over":
            page.path.unlink()
        else:
            page.path.write_text(written[page.path.name], encoding="utf-8")
    return tuple(page.path for page in found)


def check(folder: Path = FOLDER) -> int:
    """The number of pages, where all are as they should be. Raises `BookStale`, naming each that is not."""
    written = pages()
    found = not_as_written(folder, written)
    if found:
        named = ", ".join(f"{page.path} is {page.how}" for page in found)
        raise BookStale(f"{named}; run `{REWRITE}` and commit what it writes")
    return len(written)


def not_as_written(folder: Path, written: dict[str, str]) -> tuple[Page, ...]:
    """Which pages of a folder differ from what would be written."""
    there = {path.name: path for path in sorted(folder.glob("*.md"))} if folder.is_dir() else {}
    wrong = [
        Page(folder / name, "stale" if name in there else "missing")
        for name, text in sorted(written.items())
        if name not in there or there[name].read_text(encoding="utf-8") != text
    ]
    return (*wrong, *(Page(path, "left over") for name, path in there.items() if name not in written))
