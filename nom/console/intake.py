"""Referrals from a file, line by line: each becomes one command with an id of its own making, or a list of problems.

Owns the format (docs/referral-intake.md). Never repeats in a problem what the file says about somebody, and puts
nothing of it into an id but the caller's own reference, where that is fit to be one.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Final, NamedTuple, cast
from uuid import uuid5

from pydantic import BeforeValidator, Field, ValidationError

from nom.console.drafts import problems_in
from nom.console.times import TimeMalformed, parse_time
from nom.console.unanswered import Unanswered
from nom.contracts.actors import Role
from nom.contracts.base import Contract, Instant
from nom.contracts.every_process import Jurisdiction
from nom.contracts.ids import NOM_NAMESPACE, PersonId, case_id
from nom.contracts.policy import reference
from nom.contracts.referral import Source
from nom.contracts.subjects import Allegation, Subject

LONGEST_LINE = 100_000
"""Characters; a longer line is refused unread."""

_SAFE_REFERENCE = re.compile(r"(?=.*[0-9])[a-z0-9][a-z0-9-]{0,39}")
_OUR_FIELD = re.compile(r"[a-z_]{1,30}")
_MARKS = {"care": "in_care", "trafficking": "trafficking_suspected"}


class Problem(NamedTuple):
    """What is wrong with one field of a line, and what to do about it."""

    field: str
    code: str
    reason: str
    do: str


TAKEN: Final = ("accepted", "again")
"""The outcomes of a line whose matter is on record."""


def unanswered_problem(unanswered: Unanswered) -> Problem:
    """What is told of a line that was neither taken nor refused. The others of its file are loaded all the same."""
    return Problem("line", unanswered.code, str(unanswered), "load the file again once that is mended")


class IntakeUnreadable(ValueError):
    """The file as a whole can't be read: no referrals, or not the columns that are documented."""

    code = "intake_unreadable"


class LineMalformed(ValueError):
    """One line that can't be read: each field that is wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.reason}" for problem in problems))
        self.problems = problems


def _as_person(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


Person = Annotated[Subject, BeforeValidator(_as_person)]
"""Somebody the referral is about: a reference, or an object with `id`, `age`, `in_care`, `trafficking_suspected`."""


def _as_moment(value: object) -> object:
    if not isinstance(value, str):
        raise TimeMalformed("a moment is written as text")
    return parse_time(value)


class Referral(Contract):
    """One line of an intake file, as it was understood."""

    reference: str = Field(min_length=1, max_length=200)
    received_at: Annotated[Instant, BeforeValidator(_as_moment)]
    source: Source
    jurisdiction: Jurisdiction | None = None
    children: tuple[Person, ...] = ()
    victims: tuple[Person, ...] = ()
    suspects: tuple[Person, ...] = ()
    allegations: tuple[Allegation, ...] = ()
    reporter: PersonId | None = None
    reporter_role: Role | None = None

    def subjects(self) -> tuple[Subject, ...]:
        """Everybody the referral is about."""
        return (*self.children, *self.victims, *self.suspects)


class Line(NamedTuple):
    """One referral of a file by the number of its line, or what is wrong with that line."""

    number: int
    referral: Referral | None
    problems: tuple[Problem, ...] = ()


def case_for(force: str, reference: str) -> str:
    """The case that a caller's reference opens in a force: always the same. A reference of letters, digits (one at
    least) and hyphens is used as it is, in lower case; anything else is replaced by a digest of it.
    """
    given = reference.strip().lower()
    if _SAFE_REFERENCE.fullmatch(given):
        return case_id(force, given)
    return case_id(force, f"ref-{uuid5(NOM_NAMESPACE, f'{force.upper()}:{given}').hex[:20]}")


def read_json_lines(content: bytes) -> Iterator[Line]:
    """The referrals of a file of JSON objects, one a line. Blank lines are passed over."""
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if raw.strip():
            yield _line(number, raw)


def _line(number: int, raw: bytes) -> Line:
    try:
        return Line(number, understood(_json_object(raw)))
    except LineMalformed as malformed:
        return Line(number, None, malformed.problems)


def _json_object(raw: bytes) -> Mapping[str, Any]:
    if len(raw) > LONGEST_LINE:
        raise LineMalformed(Problem("line", "line_too_long", f"longer than {LONGEST_LINE} bytes", "split it"))
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_each_key_once)
    except UnicodeDecodeError:
        raise LineMalformed(Problem("line", "not_utf8", "not UTF-8", "save the file as UTF-8")) from None
    except json.JSONDecodeError as error:
        words = f"not JSON: {error.msg} at character {error.pos + 1}"
        raise LineMalformed(Problem("line", "not_json", words, "write one JSON object on one line")) from None
    except RecursionError:
        raise LineMalformed(Problem("line", "not_json", "nested too deeply", "see docs/referral-intake.md")) from None
    if not isinstance(found, dict):
        raise LineMalformed(Problem("line", "not_json", "not a JSON object", "write one JSON object on one line"))
    return cast("dict[str, Any]", found)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise LineMalformed(Problem("line", "repeated_field", "a field stands there twice", "keep one of the two"))
    return found


def read_csv(content: bytes) -> Iterator[Line]:
    """The referrals of a CSV file with the documented columns, in any order. Raises `IntakeUnreadable` where the first
    row does not name them.
    """
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = _columns(rows)
    begun = rows.line_num + 1
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            problem = Problem("line", "not_csv", "not CSV: quotes that don't match", "quote the whole cell")
            yield Line(begun, None, (problem,))
        else:
            if any(cell.strip() for cell in row):
                yield _row(begun, columns, row)
        begun = rows.line_num + 1


COLUMNS = tuple(Referral.model_fields)
REQUIRED = tuple(name for name, field in Referral.model_fields.items() if field.is_required())


def _columns(rows: Iterator[list[str]]) -> list[str]:
    try:
        columns = [cell.strip().lower() for cell in next(rows)]
    except StopIteration:
        raise IntakeUnreadable("the file is empty: line 1 must name the columns") from None
    except csv.Error:
        raise IntakeUnreadable("line 1 is not CSV: quotes that don't match") from None
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        msg = f"line 1 must name the columns; missing: {', '.join(missing)}"
        raise IntakeUnreadable(msg)
    unknown = [str(place) for place, name in enumerate(columns, start=1) if name not in COLUMNS]
    if unknown:
        msg = f"columns {', '.join(unknown)} of line 1 are none that intake knows: {', '.join(COLUMNS)}"
        raise IntakeUnreadable(msg)
    if len(set(columns)) != len(columns):
        raise IntakeUnreadable("line 1 names a column twice")
    return columns


def _row(number: int, columns: list[str], row: list[str]) -> Line:
    try:
        return Line(number, understood(_fields_of(columns, row)))
    except LineMalformed as malformed:
        return Line(number, None, malformed.problems)


def _fields_of(columns: list[str], row: list[str]) -> dict[str, Any]:
    if len(row) != len(columns):
        words = f"{len(row)} cells under {len(columns)} columns"
        raise LineMalformed(Problem("line", "wrong_cells", words, "quote cells that hold a comma"))
    if any("\udc80" <= character <= "\udcff" for cell in row for character in cell):
        raise LineMalformed(Problem("line", "not_utf8", "not UTF-8", "save the file as UTF-8"))
    cells = {name: cell.strip() for name, cell in zip(columns, row, strict=True) if cell.strip()}
    fields: dict[str, Any] = dict(cells)
    for name in ("children", "victims", "suspects"):
        if name in cells:
            fields[name] = [_person_in(name, part) for part in _parts(cells[name])]
    if "allegations" in cells:
        fields["allegations"] = [_allegation_in(part) for part in _parts(cells["allegations"])]
    return fields


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _person_in(field: str, part: str) -> dict[str, Any]:
    """`child-1`, `child-1:14`, `child-1:14:care`, `child-1::care`."""
    identity, *rest = (piece.strip() for piece in part.split(":"))
    found: dict[str, Any] = {"id": identity}
    if rest and rest[0]:
        found["age"] = rest[0]
    for mark in rest[1:]:
        if mark not in _MARKS:
            words = f"after the age come only the marks {' and '.join(_MARKS)}"
            raise LineMalformed(Problem(field, "unknown_mark", words, "write for example child-1:14:care"))
        found[_MARKS[mark]] = True
    return found


def _allegation_in(part: str) -> dict[str, str]:
    """`child-1=SX03025`."""
    victim, sign, offence = (piece.strip() for piece in part.partition("="))
    if not sign:
        words = "not of the form victim=offence"
        raise LineMalformed(Problem("allegations", "allegation_malformed", words, "write for example child-1=SX03025"))
    return {"victim": victim, "offence": offence}


def understood(fields: Mapping[str, Any]) -> Referral:
    """The referral in these fields. Raises `LineMalformed` with every field that is wrong."""
    try:
        referral = Referral.model_validate(fields)
    except ValidationError as error:
        raise LineMalformed(*(_problem(path, words) for path, words in problems_in(error))) from None
    problems = tuple(_misplaced(referral))
    if problems:
        raise LineMalformed(*problems)
    return referral


def _problem(path: str, words: str) -> Problem:
    name = path.split(".", 1)[0]
    if name in Referral.model_fields:
        code = "field_missing" if words == "Field required" else "field_malformed"
        return Problem(
            path,
            code,
            words.removeprefix("Value error, "),
            f"correct {name}; docs/referral-intake.md says what it may hold",
        )
    near = get_close_matches(name, COLUMNS, n=1)
    shown = name if _OUR_FIELD.fullmatch(name) and near else "line"
    meant = f"did you mean {near[0]}?" if near else f"intake knows {', '.join(COLUMNS)}"
    return Problem(shown, "field_unknown", "a field that intake does not know", meant)


def _misplaced(referral: Referral) -> Iterator[Problem]:
    yield from _misfitting_allegations(referral)
    everybody = referral.subjects()
    if not everybody:
        yield Problem("children", "nobody", "the referral is about nobody", "name a child, a victim or a suspect")
    if len({subject.id for subject in everybody}) != len(everybody):
        yield Problem("children", "twice", "a reference stands there twice", "name everybody once")
    for field, kind in (("children", "child-"), ("victims", "victim-"), ("suspects", "suspect-")):
        people: tuple[Subject, ...] = getattr(referral, field)
        if not all(subject.id.startswith(kind) for subject in people):
            yield Problem(field, "wrong_reference", f"references in {field} begin with {kind}", f"write {kind}1")


def _misfitting_allegations(referral: Referral) -> Iterator[Problem]:
    """The engine would refuse these too, but repeating what was written in the place of a code."""
    known = {subject.id for subject in referral.subjects()}
    for number, allegation in enumerate(referral.allegations, start=1):
        if reference.offence(allegation.offence) is None:
            words = f"the offence code of allegation {number} is not in the reference table"
            yield Problem("allegations", "unknown_offence", words, "use a CJS offence code, such as SX03025")
        if allegation.victim not in known:
            words = f"the victim of allegation {number} is not among the people of the referral"
            yield Problem("allegations", "unknown_subject", words, "name only people of children, victims or suspects")
