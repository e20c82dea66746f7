"""The index of a pack as one HTML file: no script, nothing from outside, headings and tables for screen readers."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from nom.audit.pack.page import Page

_TEMPLATE: Final = "index.html.j2"


def html_of(page: Page) -> bytes:
    """The page. What people wrote is escaped."""
    loader = PackageLoader("nom.audit", "pack")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.get_template(_TEMPLATE).render(page=page).encode("utf-8")
