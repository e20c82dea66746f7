"""Decision tables: rows that a person without code can read, and exactly one of which answers. Whole numbers and words.

A cell says for which values its row holds: `any`, `high`, `medium or high`, `not low`, `5`, `20 to 39`, `60 or more`,
`up to 19`. The values of every input are listed or bounded, so gaps and overlaps are found before anything is decided.
Nothing here reads a clock or draws a number: the same values give the same row under the same version, for ever.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Self

from pydantic import Field, model_validator

from nom.contracts.base import Contract, Slug, Text
from nom.contracts.policy.pinned import Pinned
from nom.contracts.policy.rules import Rule

Value = str | int
MOST_VALUES = 100_000
_NUMBER = re.compile(r"(?P<exactly>\d+)|(?P<first>\d+) to (?P<last>\d+)|(?P<least>\d+) or more|up to (?P<most>\d+)")


class TableGap(LookupError):
    """No row of a decision table, or more than one, answers for the values given."""

    code = "decision_table"


class TableInput(Contract):
    """One column of conditions. Either `values` in words, or whole numbers from `least` to `most`."""

    name: Slug
    title: Text
    values: tuple[Slug, ...] = ()
    least: int | None = Field(default=None, ge=0)
    most: int | None = None

    @property
    def domain(self) -> tuple[Value, ...]:
        """Every value that can be given."""
        if self.least is None or self.most is None:
            return self.values
        return tuple(range(self.least, self.most + 1))

    @model_validator(mode="after")
    def _has_values_of_one_kind(self) -> Self:
        numbers = self.least is not None and self.most is not None and self.least <= self.most
        if numbers == bool(self.values) or (self.values and (self.least, self.most) != (None, None)):
            msg = f"{self.name}: give values, or least and most"
            raise ValueError(msg)
        if numbers and (self.most or 0) - (self.least or 0) > MOST_VALUES:
            msg = f"{self.name}: more than {MOST_VALUES} values"
            raise ValueError(msg)
        return self


class TableRow(Contract):
    """One row: what must hold of each input, in the order of the inputs, and what then follows."""

    id: Slug
    when: tuple[str, ...]
    then: Slug


class TableTrace(Contract):
    """Which row of which version answered, and for what. Kept in the event that rests on it."""

    table: Slug
    version: Slug
    row: Slug
    given: tuple[Text, ...]
    then: Slug


class DecisionTable(Pinned, Rule):
    """A versioned table. `outputs` are all answers that it can give."""

    name: Slug
    version: Slug
    title: Text
    inputs: tuple[TableInput, ...] = Field(min_length=1)
    outputs: tuple[Slug, ...] = Field(min_length=1)
    rows: tuple[TableRow, ...] = Field(min_length=1)

    def decide(self, given: Mapping[str, Value]) -> TableTrace:
        """The row that answers. Raises `TableGap` where none or several do, and on a value that no input has."""
        for column in self.inputs:
            if given.get(column.name) not in column.domain:
                msg = f"{self.name}: {column.name} can't be {given.get(column.name)!r}"
                raise TableGap(msg)
        values = tuple(given[column.name] for column in self.inputs)
        found = [row for row, cells in self._cells if all(v in cell for v, cell in zip(values, cells, strict=True))]
        if len(found) != 1:
            msg = f"{self.name} {self.version}: {len(found)} rows answer for {self._in_words(values)}"
            raise TableGap(msg)
        words = tuple(f"{column.name}={value}" for column, value in zip(self.inputs, values, strict=True))
        return TableTrace(table=self.name, version=self.version, row=found[0].id, given=words, then=found[0].then)

    def problems(self) -> Iterator[str]:
        """Every gap and overlap, with an example of each, and every answer that no row gives."""
        said: set[tuple[str, ...]] = set()
        for values in product(*(self._examples(at) for at in range(len(self.inputs)))):
            rows = tuple(
                row.id for row, cells in self._cells if all(v in cell for v, cell in zip(values, cells, strict=True))
            )
            if len(rows) == 1 or rows in said:
                continue
            said.add(rows)
            what = f"overlap: rows {' and '.join(rows)} both answer" if rows else "gap: no row answers"
            yield f"{what} for {self._in_words(values)}"
        for output in self.outputs:
            if output not in {row.then for row in self.rows}:
                yield f"no row gives {output}"

    def _examples(self, at: int) -> tuple[Value, ...]:
        """One value for each set of values that no row tells apart."""
        told_apart: dict[tuple[bool, ...], Value] = {}
        for value in self.inputs[at].domain:
            told_apart.setdefault(tuple(value in cells[at] for _, cells in self._cells), value)
        return tuple(told_apart.values())

    def _in_words(self, values: tuple[Value, ...]) -> str:
        return ", ".join(f"{column.name} {value}" for column, value in zip(self.inputs, values, strict=True))

    @cached_property
    def _cells(self) -> tuple[tuple[TableRow, tuple[frozenset[Value], ...]], ...]:
        return tuple((row, self._meanings(row)) for row in self.rows)

    def _meanings(self, row: TableRow) -> tuple[frozenset[Value], ...]:
        return tuple(meaning(cell, column) for cell, column in zip(row.when, self.inputs, strict=True))

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        for row in self.rows:
            if len(row.when) != len(self.inputs):
                msg = f"{self.name}: row {row.id} has {len(row.when)} conditions for {len(self.inputs)} inputs"
                raise ValueError(msg)
            if row.then not in self.outputs:
                msg = f"{self.name}: row {row.id} gives {row.then}, which is no output"
                raise ValueError(msg)
            self._meanings(row)
        if len({row.id for row in self.rows}) != len(self.rows):
            msg = f"{self.name}: two rows have one id"
            raise ValueError(msg)
        return self


def meaning(cell: str, column: TableInput) -> frozenset[Value]:
    """The values for which a cell holds. Raises `ValueError` on a cell that can't be read, or that holds for none."""
    if cell == "any":
        return frozenset(column.domain)
    if cell.startswith("not "):
        return frozenset(column.domain) - meaning(cell.removeprefix("not "), column)
    held = _numbers(cell, column) if column.least is not None else frozenset[Value](cell.split(" or "))
    if not held or not held <= frozenset(column.domain):
        msg = f"{column.name}: {cell!r} can't be read, or goes beyond the values of the input"
        raise ValueError(msg)
    return held


def _numbers(cell: str, column: TableInput) -> frozenset[Value]:
    found = _NUMBER.fullmatch(cell)
    if found is None:
        return frozenset()
    if found["exactly"]:
        return frozenset({int(found["exactly"])})
    first, last = found["first"] or found["least"] or column.least, found["last"] or found["most"] or column.most
    return frozenset(range(int(first or 0), int(last or 0) + 1))
