"""Answers from the reference tables: forces, offences and what they mean in law, outcomes, ethnicity, identifiers.

Codes and ages go in, facts come out; nothing here knows a person or a case. Section and maximum sentence are general
knowledge (see the tables), so a limb that cannot be settled from them is *undetermined*, never *no*.
"""

import re
from datetime import date
from functools import cache
from typing import Literal

from nom.contracts.base import Contract
from nom.contracts.policy import tables
from nom.contracts.policy.tables import MaximumSentence, Meaning, Offence, Outcome, PoliceForce

SevenYearAnswer = Literal["yes", "no", "undetermined"]
Inchoate = Literal["attempt", "aid_and_abet", "conspiracy", "incitement"]

_CODE = re.compile(r"(?P<base>(?:[A-Z]{2}[0-9]{5}|COML[0-9]{3}))(?P<suffix>[ABCI])?")
_INCHOATE: dict[str, Inchoate] = {"A": "attempt", "B": "aid_and_abet", "C": "conspiracy", "I": "incitement"}
_BEFORE_TITLE: dict[Inchoate, str] = {
    "attempt": "Attempt",
    "aid_and_abet": "Aid and abet",
    "conspiracy": "Conspire",
    "incitement": "Incite",
}
_THIRTEEN, _SIXTEEN, _EIGHTEEN = 13, 16, 18
_PARTICIPATION = ("SCA2015", "45")
_S14_FOLLOWS_FROM = date(2022, 6, 28)
_IMPORTED = {"O1": "A4", "W4": "W3", "W5": "W9"}
_URN = re.compile(r"[A-Z0-9]{4}[0-9]{3,7}")
_METROPOLITAN_SECOND_CODE = "02"
_NHS_NUMBER = re.compile(r"[0-9]{10}")


class Section(Contract):
    """A section of an Act; `section` is empty at common law."""

    act: str
    section: str


class ImportedEthnicity(Contract):
    """A self-defined code as the 18+1 list has it, and the code that came in where that was another."""

    code: str
    original: str | None = None


def force(short: str) -> PoliceForce | None:
    """The force of a short name, `GMP`; None where there is none."""
    return tables.forces().get(short)


def outcome(code: str) -> Outcome | None:
    """The outcome of a Home Office code, `18`; None where the model uses no such code."""
    return tables.outcomes().get(code)


def inchoate(code: str) -> Inchoate | None:
    """What the final letter says: A attempt, B aid and abet, C conspire, I incite; None for the full offence."""
    found = _CODE.fullmatch(code)
    return _INCHOATE[found["suffix"]] if found and found["suffix"] else None


def full_offence(code: str) -> str:
    """The code without its final letter."""
    found = _CODE.fullmatch(code)
    return found["base"] if found else code


@cache
def offence(code: str) -> Offence | None:
    """The offence of a CJS code; None where it is unknown. A final letter that the table does not list for a full
    offence that it does list is accepted, with a title made of the two.
    """
    listed = tables.offences().get(code)
    kind = inchoate(code)
    if listed is not None or kind is None:
        return listed
    full = tables.offences().get(full_offence(code))
    return full and full.model_copy(update={"cjs_code": code, "title": f"{_BEFORE_TITLE[kind]}: {full.title}"})


def section_of(code: str) -> Section | None:
    """The section that a code charges, with or without its final letter; None where no range holds it."""
    meaning = _meaning(code)
    return Section(act=meaning.act, section=meaning.section) if meaning else None


def seven_year_limb(
    code: str, on: date, victim_age: int | None = None, penetrative: bool | None = None, years: int = 7
) -> SevenYearAnswer:
    """Whether the offence, done on a day in Europe/London, carries `years` or more (Serious Crime Act 2015 s45).

    What the code says of penetration and age goes before what is given. Attempt, conspiracy and aiding follow the
    full offence; incitement is undetermined, and so is whatever the tables don't settle. Participation in a group's
    activities (s45 itself) is no predicate: `no`.
    """
    meaning = _meaning(code)
    if meaning is None or offence(code) is None:
        return "undetermined"
    if (meaning.act, meaning.section) == _PARTICIPATION:
        return "no"
    if inchoate(code) == "incitement":
        return "undetermined"
    says_penetrative = penetrative if meaning.penetrative is None else meaning.penetrative
    answers: set[SevenYearAnswer] = {
        _reaches(row, years, meaning, on)
        for row in tables.maximum_sentences()
        if (row.act, row.section) == (meaning.act, meaning.section)
        and _may_apply(row.condition, on, _ages(meaning, victim_age), says_penetrative)
        and not (meaning.follows == "kidnapping" and row.condition == "other than kidnapping")
    }
    return answers.pop() if len(answers) == 1 else "undetermined"


def age_fits(code: str, victim_age: int | None) -> str | None:
    """A warning in words where a code is for victims of another age (in years, at the offence); None where it fits or
    nothing can be said. Never a reason to refuse.
    """
    meaning = _meaning(code)
    if meaning is None or victim_age is None:
        return None
    too_young = meaning.youngest is not None and victim_age < meaning.youngest
    too_old = meaning.oldest is not None and victim_age > meaning.oldest
    if not (too_young or too_old):
        return None
    return f"{code} is for a victim {_age_in_words(meaning)}; the victim recorded is {victim_age}"


def import_self_defined(code: str) -> ImportedEthnicity | None:
    """A self-defined code as it comes in, put into the 18+1 list: O1 (16+1) becomes A4, and the Ministry of Justice's
    W4 and W5 become W3 and, as the list has no Roma, W9 (ours). The original is kept. None for an unknown code.
    """
    if code in _IMPORTED:
        return ImportedEthnicity(code=_IMPORTED[code], original=code)
    return ImportedEthnicity(code=code) if is_self_defined(code) else None


def is_self_defined(code: str) -> bool:
    """Whether it is a code of the 18+1 list as it stands today. `NS` (not stated) is one."""
    return code in tables.self_defined_ethnicities() and code not in _IMPORTED


def is_observed(code: str) -> bool:
    """Whether it is an officer-observed code."""
    return code in tables.observed_ethnicities()


def is_nhs_number(value: str) -> bool:
    """Whether ten digits, written without spaces, bear the right check digit (weights 10 to 2, modulus 11)."""
    if not _NHS_NUMBER.fullmatch(value):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value, range(10, 1, -1), strict=False))
    return (11 - total % 11) % 11 == int(value[9])


def urn_problem(urn: str, force_short: str) -> str | None:
    """What is wrong with a charge's unique reference number, in words: its form (as the Ministry of Justice's systems
    accept it), or a force code that is not the force's. None where nothing is. Raises `LookupError` on no such force.
    """
    charging = tables.forces().get(force_short)
    if charging is None:
        msg = f"there is no force {force_short[:20]!r}"
        raise LookupError(msg)
    if not _URN.fullmatch(urn):
        return "a URN is two figures for the force, two characters for the unit, then three to seven figures"
    codes = (charging.code, _METROPOLITAN_SECOND_CODE) if charging.short == "MPS" else (charging.code,)
    if urn[:2] not in codes:
        return f"a URN of {charging.short} begins with {' or '.join(codes)}, not {urn[:2]}"
    return None


@cache
def _meaning(code: str) -> Meaning | None:
    base = full_offence(code)
    return next((row for row in tables.meanings() if row.first <= base <= row.last), None)


def _ages(meaning: Meaning, victim_age: int | None) -> range:
    youngest, oldest = meaning.youngest or 0, 150 if meaning.oldest is None else meaning.oldest
    if victim_age is not None and youngest <= victim_age <= oldest:
        return range(victim_age, victim_age + 1)
    return range(youngest, oldest + 1)


def _may_apply(condition: str | None, on: date, ages: range, penetrative: bool | None) -> bool:
    match condition:
        case None | "other than kidnapping":
            return True
        case "penetrative":
            return penetrative is not False
        case "other":
            return penetrative is not True
        case "under 13 penetrative":
            return penetrative is not False and ages[0] < _THIRTEEN
        case "under 16":
            return ages[0] < _SIXTEEN
        case "16 or 17":
            return ages[0] < _EIGHTEEN and ages[-1] >= _SIXTEEN
        case "until 2022-06-27":
            return on < _S14_FOLLOWS_FROM
        case "from 2022-06-28":
            return on >= _S14_FOLLOWS_FROM
        case _:
            msg = f"the table of maximum sentences has a condition that nobody reads: {condition}"
            raise LookupError(msg)


def _reaches(row: MaximumSentence, years: int, meaning: Meaning, on: date) -> SevenYearAnswer:
    match row.max_years:
        case "life":
            return "yes"
        case "as the offence arranged":
            return _arranged(meaning, years, on)
        case figures:
            return "yes" if int(figures) >= years else "no"


def _arranged(meaning: Meaning, years: int, on: date) -> SevenYearAnswer:
    answers: set[SevenYearAnswer] = {
        _reaches(row, years, meaning, on)
        for row in tables.maximum_sentences()
        if row.act == meaning.act and row.section == meaning.follows
    }
    return answers.pop() if len(answers) == 1 else "undetermined"


def _age_in_words(meaning: Meaning) -> str:
    if meaning.youngest is None:
        return f"of up to {meaning.oldest}"
    return f"of {meaning.youngest} or over" if meaning.oldest is None else f"of {meaning.youngest} to {meaning.oldest}"
