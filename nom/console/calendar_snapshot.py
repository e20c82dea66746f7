"""Writes a calendar of bank holidays into the package: `python -m nom.console.calendar_snapshot FOLDER VERSION`.

Takes gov.uk's list as the library `govuk-bank-holidays` carries it, and the years before it from statute and
proclamation. Reads no network. Never overwrites: a published calendar is pinned by its digest.
"""

import json
import sys
from datetime import date, timedelta
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, cast

from govuk_bank_holidays.bank_holidays import BankHolidays

from nom.contracts.policy.calendar import Calendar, Holiday, YearSource

_LIBRARY = "govuk-bank-holidays"
_BY_RULE = (2010, 2011)
_RULE = "computed: Banking and Financial Dealings Act 1971 Sch 1, common law (Good Friday, Christmas), proclamations"
_PROCLAIMED = {date(2011, 4, 29): "Royal wedding"}
_MONDAY = 0
_SATURDAY = 5
_SUNDAY = 6


def easter_sunday(year: int) -> date:
    """Easter in the Gregorian calendar: the Sunday after the ecclesiastical full moon (Meeus' arithmetic)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leap_years, year_rest = divmod(of_century, 4)
    sunday = (32 + 2 * century_rest + 2 * leap_years - moon - year_rest) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def holidays_by_rule(year: int) -> dict[date, str]:
    """The holidays of a year in England and Wales by the rules in force since 1978, and the extra ones known here."""
    easter = easter_sunday(year)
    may, end_of_may, end_of_august = date(year, 5, 1), date(year, 5, 31), date(year, 8, 31)
    days = {
        easter - timedelta(days=2): "Good Friday",
        easter + timedelta(days=1): "Easter Monday",
        may + timedelta(days=(_MONDAY - may.weekday()) % 7): "Early May bank holiday",
        end_of_may - timedelta(days=end_of_may.weekday()): "Spring bank holiday",
        end_of_august - timedelta(days=end_of_august.weekday()): "Summer bank holiday",
        _in_place_of_weekend(date(year, 1, 1)): "New Year’s Day",
    }
    days |= _christmas(year)
    return days | {day: title for day, title in _PROCLAIMED.items() if day.year == year}


def _christmas(year: int) -> dict[date, str]:
    christmas = date(year, 12, 25)
    boxing = christmas + timedelta(days=1)
    if christmas.weekday() == _SUNDAY:
        return {boxing: "Boxing Day", boxing + timedelta(days=1): "Christmas Day"}
    if christmas.weekday() == _SATURDAY:
        return {christmas + timedelta(days=2): "Christmas Day", christmas + timedelta(days=3): "Boxing Day"}
    return {christmas: "Christmas Day", _in_place_of_weekend(boxing): "Boxing Day"}


def _in_place_of_weekend(day: date) -> date:
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day


def snapshot(version: str) -> Calendar:
    """England and Wales from 2010 to the last year that the library holds."""
    library = BankHolidays(use_cached_holidays=True)
    listed = cast("list[dict[str, Any]]", library.get_holidays(division="england-and-wales"))
    published: dict[date, str] = {row["date"]: row["title"] for row in listed}
    source = f"gov.uk bank holidays, as carried by {_LIBRARY} {version_of(_LIBRARY)}"
    sources = dict.fromkeys(_BY_RULE, _RULE) | dict.fromkeys(sorted({day.year for day in published}), source)
    days = published | {day: title for year in _BY_RULE for day, title in holidays_by_rule(year).items()}
    return Calendar(
        division="england-and-wales",
        version=version,
        years=tuple(YearSource(year=year, source=words) for year, words in sources.items()),
        holidays=tuple(Holiday(day=day, title=title) for day, title in sorted(days.items())),
    )


def main(folder: str, version: str) -> None:
    """Write the snapshot as `FOLDER/VERSION.json`. Raises `FileExistsError` where that version is published already."""
    written = json.dumps(snapshot(version).model_dump(mode="json"), ensure_ascii=False, indent=1)
    with (Path(folder) / f"{version}.json").open("x", encoding="utf-8") as file:
        file.write(written + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
