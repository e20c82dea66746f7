"""How a scenario writes moments, due dates, and the cases, groups and processes that it speaks of. Runs nothing.

Times are Europe/London on the page and UTC in memory.
"""

import re
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, StringConstraints, model_validator

from nom.console.times import parse_time
from nom.contracts.base import Contract, Instant
from nom.contracts.ids import ProcessKind

GROUP = "group"
ONLY = "case"
"""What the one case of a file is called that names none."""

_END_OF = re.compile(r"^end of (?P<day>\d{4}-\d{2}-\d{2})$")


def _moment(value: object) -> object:
    return parse_time(value) if isinstance(value, str) else value


def _due(value: object) -> object:
    if not isinstance(value, str):
        return value
    whole_day = _END_OF.match(value)
    return {"last_day": whole_day["day"]} if whole_day else {"due_at": parse_time(value)}


def _numbered(value: object) -> object:
    """`triage` is `triage-1`: every process but the case and the group carries a number."""
    process = value.rsplit("/", 1)[-1] if isinstance(value, str) else ""
    if process in ("", GROUP, ProcessKind.CASE.value) or process[-1].isdigit():
        return value
    return f"{value}-1"


_KINDS = "|".join(kind.value for kind in ProcessKind if kind not in (ProcessKind.CASE, ProcessKind.DESIGNATION))
_PROCESS = rf"({GROUP}|case|({_KINDS})-[1-9][0-9]{{0,3}})"

LondonMoment = Annotated[Instant, BeforeValidator(_moment)]
"""`2026-03-02 09:20` in Europe/London, or ISO 8601 with an offset."""

ProcessName = Annotated[str, BeforeValidator(_numbered), StringConstraints(pattern=rf"^{_PROCESS}$")]
"""A process of a case: `case`, `referral`, `custody-2`; `group` is the group that the case nominates."""

Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,39}$")]
"""What a scenario calls a case, a group or a review: `MER-1`, `group-1`."""

ProcessLabel = Annotated[
    str, BeforeValidator(_numbered), StringConstraints(pattern=rf"^([A-Za-z][A-Za-z0-9-]{{0,39}}/)?{_PROCESS}$")
]
"""A process, of another case if that stands before it: `triage`, `MER-1/case`, `NWP-1/group`."""


class DueAt(Contract):
    """When something is due: by the end of a day in Europe/London, or at a moment. Exactly one of the two."""

    last_day: date | None = None
    due_at: Instant | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.last_day is None) == (self.due_at is None):
            raise ValueError('expected "end of 2026-03-03" or a moment such as "2026-03-03 09:20"')
        return self


Due = Annotated[DueAt, BeforeValidator(_due)]


def is_due(expected: DueAt, due_at: datetime, last_day: date | None) -> bool:
    """Whether a clock is due exactly then."""
    if expected.last_day is not None:
        return expected.last_day == last_day
    return last_day is None and expected.due_at == due_at
