"""A force's return of closed cases, read row by row: each is a closed case, or a list of what is wrong with it.

Owns the format (docs/closed-case-return.md). Never repeats in a problem what the file says, and gives nothing to the
engine.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from pydantic import ValidationError

from nom.console.drafts import problems_in
from nom.console.intake import IntakeUnreadable, Problem
from nom.contracts.closed_case_review import ClosedCase
from nom.contracts.every_process import Jurisdiction
from nom.contracts.policy import reference
from nom.contracts.services import NCA

FIELD_OF = {
    "force": "force",
    "force_reference": "force_reference",
    "offence": "offence_code",
    "decided_on": "decision_date",
    "decided_by": "decided_by",
    "outcome": "outcome_code",
    "victim_age": "victim_age_then",
    "suspects": "suspects",
    "reason_text": "reason_text",
}
"""The column of each field of a closed case."""

OPTIONAL = ("victim_age_then", "reason_text", "jurisdiction")
COLUMNS = (*FIELD_OF.values(), "jurisdiction")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"-?\d{1,9}")
_SEE = "docs/closed-case-return.md says what it may hold"


class Row(NamedTuple):
    """One row of a return by the number of the line where it begins, or what is wrong with it."""

    number: int
    closed_case: ClosedCase | None
    jurisdiction: str | None = None
    problems: tuple[Problem, ...] = ()


class _Unreadable(ValueError):
    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.reason for problem in problems))
        self.problems = problems


def read_return(content: bytes) -> Iterator[Row]:
    """The rows of a CSV file with the documented columns, in any order; empty rows are passed over. Raises
    `IntakeUnreadable` where the first row does not name the columns.
    """
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = _columns(rows)
    begun = rows.line_num + 1
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            problem = Problem("line", "not_csv", "not CSV: quotes that don't match", "quote the whole cell")
            yield Row(begun, None, problems=(problem,))
        else:
            if any(cell.strip() for cell in cells):
                yield _row(begun, columns, cells)
        begun = rows.line_num + 1


def _columns(rows: Iterator[list[str]]) -> list[str]:
    try:
        columns = [cell.strip().lower() for cell in next(rows)]
    except (StopIteration, csv.Error):
        raise IntakeUnreadable("line 1 must name the columns, as CSV") from None
    missing = [name for name in COLUMNS if name not in columns and name not in OPTIONAL]
    if missing:
        msg = f"line 1 must name the columns; missing: {', '.join(missing)}"
        raise IntakeUnreadable(msg)
    unknown = [str(place) for place, name in enumerate(columns, start=1) if name not in COLUMNS]
    if unknown:
        msg = f"columns {', '.join(unknown)} of line 1 are none of a return's: {', '.join(COLUMNS)}"
        raise IntakeUnreadable(msg)
    if len(set(columns)) != len(columns):
        raise IntakeUnreadable("line 1 names a column twice")
    return columns


def _row(number: int, columns: list[str], cells: list[str]) -> Row:
    try:
        fields = _fields_of(columns, cells)
        return Row(number, _understood(fields), _jurisdiction(fields))
    except _Unreadable as unreadable:
        return Row(number, None, problems=unreadable.problems)


def _fields_of(columns: list[str], cells: list[str]) -> Mapping[str, str]:
    if len(cells) != len(columns):
        words = f"{len(cells)} cells under {len(columns)} columns"
        raise _Unreadable(Problem("line", "wrong_cells", words, "quote cells that hold a comma"))
    if any("\udc80" <= character <= "\udcff" for cell in cells for character in cell):
        raise _Unreadable(Problem("line", "not_utf8", "not UTF-8", "save the file as UTF-8"))
    return {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}


def _understood(fields: Mapping[str, str]) -> ClosedCase:
    problems = tuple(_problems(fields))
    if problems:
        raise _Unreadable(*problems)
    plain = {name: fields[column] for name, column in FIELD_OF.items() if column in fields}
    plain["force"] = plain["force"].upper()
    plain["decided_by"] = plain["decided_by"].lower()
    try:
        return ClosedCase.model_validate(plain)
    except ValidationError as error:
        wrong = ((FIELD_OF.get(path.split(".", 1)[0], "line"), words) for path, words in problems_in(error))
        raise _Unreadable(*(Problem(field, "field_malformed", words, _SEE) for field, words in wrong)) from None


def _problems(fields: Mapping[str, str]) -> Iterator[Problem]:
    for column in FIELD_OF.values():
        if column in OPTIONAL or column in fields:
            continue
        code = "reference_missing" if column == "force_reference" else "field_missing"
        yield Problem(column, code, f"{column} is empty", "ask the force")
    if "force" in fields:
        force = reference.force(fields["force"].upper())
        if force is None or force.short == NCA.upper():
            yield Problem("force", "unknown_force", "no police force has that short name", "write for example GMP")
    if "decision_date" in fields:
        yield from _day(fields["decision_date"])
    for column in ("suspects", "victim_age_then"):
        if column in fields:
            yield from _whole(column, fields[column])


def _day(written: str) -> Iterator[Problem]:
    if not _DAY.fullmatch(written):
        yield Problem("decision_date", "field_malformed", "not of the form YYYY-MM-DD", "write for example 2015-11-02")
        return
    try:
        date.fromisoformat(written)
    except ValueError:
        yield Problem("decision_date", "no_such_date", "there is no such day", "ask the force for the day")


def _whole(column: str, written: str) -> Iterator[Problem]:
    if not _WHOLE.fullmatch(written):
        yield Problem(column, "field_malformed", "not a whole number", "write figures alone")
    elif written.startswith("-"):
        yield Problem(column, "negative_number", "less than nothing", "ask the force for the number")


def _jurisdiction(fields: Mapping[str, str]) -> str | None:
    given = fields.get("jurisdiction")
    if given is not None and given.upper() not in tuple(Jurisdiction):
        raise _Unreadable(Problem("jurisdiction", "field_malformed", "neither ENG nor WAL", "write ENG or WAL"))
    return given.upper() if given else None
