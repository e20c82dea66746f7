"""The lexicon: terms that no record may use of a child, each with why, and with what to write instead.

A form is words as somebody would write them; `/` parts the words of which any may stand there, as in `put/puts herself
at risk`. It is found by whole words, whatever the case, with spaces, hyphens or line breaks between them, never inside
another word. Where it stands in one of the term's `unless`, it says the opposite and is let pass.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from itertools import product
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from nom.contracts.base import Contract, Slug, Text
from nom.contracts.policy.pinned import Pinned
from nom.contracts.policy.rules import Rule

Form = Annotated[str, StringConstraints(pattern=r"^[a-z]+(/[a-z]+)*( [a-z]+(/[a-z]+)*)*$", max_length=200)]
"""Lower-case words, one space between them."""

_GAP = r"[\s\-\u2010-\u2015]+"


class LexiconTerm(Contract):
    """One term. Its `code` stands in records in its place."""

    code: Slug
    forms: tuple[Form, ...] = Field(min_length=1)
    unless: tuple[Form, ...] = ()
    why: Text
    instead: Text

    @model_validator(mode="after")
    def _excepts_only_what_it_holds(self) -> Self:
        for form in self.unless:
            if not all(re.search(_pattern(self.forms), words) for words in _spelt_out(form)):
                msg = f"{self.code}: unless {form!r} holds no form of the term"
                raise ValueError(msg)
        return self


class Lexicon(Pinned, Rule):
    """The terms. A text that holds one waits for a supervisor's review; what it belongs to is recorded all the same."""

    version: Slug
    terms: tuple[LexiconTerm, ...] = Field(min_length=1)

    def found_in(self, text: str) -> tuple[Slug, ...]:
        """The codes of the terms that a text holds, in the lexicon's order."""
        plain = _plain(text)
        if not self._any.search(plain):
            return ()
        return tuple(
            term.code
            for term, held, let_pass in self._patterns
            if any(not _within(found, let_pass, plain) for found in held.finditer(plain))
        )

    def term(self, code: str) -> LexiconTerm | None:
        """The term of that code."""
        return next((term for term in self.terms if term.code == code), None)

    @model_validator(mode="after")
    def _names_each_term_once(self) -> Self:
        codes = [term.code for term in self.terms]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            msg = f"{', '.join(twice)} stands there more than once"
            raise ValueError(msg)
        return self

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile(_pattern(tuple(form for term in self.terms for form in term.forms)))

    @cached_property
    def _patterns(self) -> tuple[tuple[LexiconTerm, re.Pattern[str], re.Pattern[str] | None], ...]:
        return tuple(
            (term, re.compile(_pattern(term.forms)), re.compile(_pattern(term.unless)) if term.unless else None)
            for term in self.terms
        )


def _within(found: re.Match[str], let_pass: re.Pattern[str] | None, text: str) -> bool:
    if let_pass is None:
        return False
    return any(span.start() <= found.start() and found.end() <= span.end() for span in let_pass.finditer(text))


def _plain(text: str) -> str:
    """A text as it is compared: one case, no invisible characters, no typographical variants of a letter."""
    shown = (sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return "".join(shown).casefold().replace("_", " ")


def _pattern(forms: tuple[str, ...]) -> str:
    written = (_GAP.join(f"(?:{word.replace('/', '|')})" for word in form.split(" ")) for form in forms)
    return rf"(?<!\w)(?:{'|'.join(written)})(?!\w)"


def _spelt_out(form: str) -> Iterator[str]:
    for words in product(*(word.split("/") for word in form.split(" "))):
        yield " ".join(words)
