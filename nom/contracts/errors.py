"""Refusals: a rule said no. A failure (something broke) is never one of these."""

from nom.contracts.base import Contract, Slug, Text


class Unmet(Contract):
    """One condition that does not hold: what is missing, about whom or what, and who can supply it."""

    code: Slug
    about: str | None = None
    supplied_by: tuple[str, ...] = ()
    words: Text

    def label(self) -> str:
        """`line_open:telephones`, or the code alone."""
        return f"{self.code}:{self.about}" if self.about else self.code


class Refusal(Contract):
    """A command turned down: a stable code, the obstacle in a caseworker's words, every unmet condition."""

    code: Slug
    message: Text
    unmet: tuple[Unmet, ...] = ()


def refuse(code: str, message: str, *unmet: Unmet) -> Refusal:
    """A refusal with its unmet conditions."""
    return Refusal(code=code, message=message, unmet=unmet)


def unmet(code: str, words: str, about: str | None = None, supplied_by: tuple[str, ...] = ()) -> Unmet:
    """One unmet condition."""
    return Unmet(code=code, about=about, supplied_by=supplied_by, words=words)
