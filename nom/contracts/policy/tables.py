"""Reads the reference tables of the package into typed rows, once. Interprets nothing: `reference` does that."""

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, StringConstraints

from nom.contracts.base import Contract, Text
from nom.contracts.ids import Force

RowT = TypeVar("RowT", bound=Contract)


def _or_none(value: object) -> object:
    return None if value == "" else value


MaybeText = Annotated[str | None, BeforeValidator(_or_none)]
MaybeYears = Annotated[int | None, BeforeValidator(_or_none)]
MaybeTrue = Annotated[bool | None, BeforeValidator(_or_none)]
ForceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]


class PoliceForce(Contract):
    """A police force or the National Crime Agency. `code` is the national two-digit code."""

    code: ForceCode
    short: Force
    name: Text
    region: Text
    jurisdiction: Literal["ENG", "WAL", "ENG-WAL"]


class Offence(Contract):
    """An offence of the CJS table. `category` as the table gives it: CE either way, CI indictable only, CS summary."""

    cjs_code: str
    title: Text
    category: MaybeText
    recordable: bool


class Meaning(Contract):
    """What a range of codes stands for: the section, the victim's age in years, whether penetrative (None: not said).

    `follows` is the section arranged under s14 of the Sexual Offences Act 2003, or `kidnapping` under s62.
    """

    first: str
    last: str
    act: Text
    section: str
    youngest: MaybeYears
    oldest: MaybeYears
    penetrative: MaybeTrue
    follows: MaybeText


class MaximumSentence(Contract):
    """A section's maximum: years in figures, `life`, or `as the offence arranged`; under `condition`, if any."""

    act: Text
    section: str
    title: Text
    max_years: Text
    condition: MaybeText
    confidence: Literal["high", "medium", "low"]


class Outcome(Contract):
    """A Home Office outcome. `nfa_class`: the model counts it as no further action (ours)."""

    code: str
    label: Text
    nfa_class: bool


class SelfDefinedEthnicity(Contract):
    """A code of the 18+1 list, or one that is accepted on import only (`note` says so)."""

    code: str
    group: Text
    label: Text
    note: MaybeText


class ObservedEthnicity(Contract):
    """A code of what an officer saw. Never a source for a self-defined one."""

    code: str
    label: Text


@cache
def forces() -> dict[str, PoliceForce]:
    """The forces by short name."""
    return {row.short: row for row in _rows("forces", PoliceForce)}


@cache
def offences() -> dict[str, Offence]:
    """The offences by code."""
    return {row.cjs_code: row for row in _rows("offences", Offence)}


@cache
def meanings() -> tuple[Meaning, ...]:
    """What ranges of codes stand for."""
    return tuple(_rows("offence_sections", Meaning))


@cache
def maximum_sentences() -> tuple[MaximumSentence, ...]:
    """Maximum sentences by section."""
    return tuple(_rows("maximum_sentences", MaximumSentence))


@cache
def outcomes() -> dict[str, Outcome]:
    """The outcomes by code."""
    return {row.code: row for row in _rows("outcomes", Outcome)}


@cache
def self_defined_ethnicities() -> dict[str, SelfDefinedEthnicity]:
    """The 18+1 codes and the legacy one."""
    return {row.code: row for row in _rows("ethnicity_self_defined", SelfDefinedEthnicity)}


@cache
def observed_ethnicities() -> dict[str, ObservedEthnicity]:
    """The officer-observed codes."""
    return {row.code: row for row in _rows("ethnicity_observed", ObservedEthnicity)}


def _rows(table: str, kind: type[RowT]) -> Iterator[RowT]:
    source = files("nom.contracts.policy").joinpath("tables", f"{table}.csv")
    for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines()):
        yield kind.model_validate(row)
