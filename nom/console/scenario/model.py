"""The scenario format: actions in order, and what must be found in the ledger afterwards. Runs nothing.

Times are Europe/London on the page and UTC in memory. `docs/scenario-format.md` explains every field.
"""

import re
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, StringConstraints, model_validator

from nom.console.times import parse_time
from nom.contracts.base import Contract, Instant, Slug, Text
from nom.contracts.closure import ReviewScheme
from nom.contracts.every_process import Jurisdiction
from nom.contracts.ids import CaseId, Force, PersonId, ProcessKind, SubjectId, group_matter, parse_stream, stream_of
from nom.contracts.services import NCA
from nom.contracts.standing import DecidingAuthority
from nom.contracts.subjects import Subject

GROUP = "group"
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
    if not isinstance(value, str) or value in (GROUP, ProcessKind.CASE.value) or value[-1:].isdigit():
        return value
    return f"{value}-1"


_KINDS = "|".join(kind.value for kind in ProcessKind if kind not in (ProcessKind.CASE, ProcessKind.DESIGNATION))
LondonMoment = Annotated[Instant, BeforeValidator(_moment)]
"""`2026-03-02 09:20` in Europe/London, or ISO 8601 with an offset."""

ProcessName = Annotated[
    str, BeforeValidator(_numbered), StringConstraints(pattern=rf"^({GROUP}|case|({_KINDS})-[1-9][0-9]{{0,3}})$")
]
"""A process of the scenario's case: `case`, `referral`, `custody-2`; `group` is the group that the case nominates."""


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


class ExpectedRefusal(Contract):
    """The refusal's code, and the label of every condition that it must name: those and no others, in any order."""

    code: Slug
    unmet: tuple[str, ...] = ()


class ActionExpectation(Contract):
    """What an action must meet with: a refusal, or events with (at least) these fields."""

    refused: ExpectedRefusal | None = None
    gives: dict[str, dict[str, JsonValue]] = Field(default={})

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.refused is None) == (not self.gives):
            raise ValueError("expected either `refused` or `gives`")
        return self


class Action(Contract):
    """One thing that somebody did. `entered` is when it was typed in, where that was late: it only sets the order."""

    at: LondonMoment
    entered: LondonMoment | None = None
    by: PersonId
    process: ProcessName
    do: str
    fields: dict[str, JsonValue] = Field(default={}, alias="with")
    reason: Text | None = None
    note: Text | None = None
    added: bool = False
    """Not among the facts that the scenario was made from, but needed to see something."""
    expect: ActionExpectation | None = None

    @property
    def typed_in_at(self) -> datetime:
        """What the order of the actions goes by."""
        return self.entered or self.at


class ExpectedDeadline(Contract):
    """One clock of one process: its rule, when it is due, and what it is about where that matters."""

    process: ProcessName
    clock: Slug
    rule: str
    due: Due
    about: str | None = None


class ExpectedBreach(Contract):
    """One breach that must stand in the end."""

    process: ProcessName
    clock: Slug
    rule: str


class ExpectedNetworkTest(Contract):
    """The last network test: what the links say, and what holds."""

    computed: Literal["met", "not_met"]
    judged: Literal["met", "not_met"]


class ExpectedGroup(Contract):
    """The nominated group as the National Crime Agency's ledger has it."""

    status: Slug
    members: int = Field(ge=0)
    tier: Literal["force", "region", "national"] | None = None


class ExpectedClosure(Contract):
    """A closure: where its decision may be reviewed, whose decision it is, and how it ended, None while it is open."""

    process: ProcessName
    scheme: ReviewScheme | None = None
    authority: DecidingAuthority | None = None
    outcome: Slug | None = None


class ExpectedInvestigation(Contract):
    """The last investigation: whether a review reopened it, and the lines of inquiry that are open."""

    reopened: bool
    lines: tuple[str, ...] = ()


class OpenBecause(Contract):
    """Why the case is still open: suspects without an outcome and, where given, stages without one."""

    suspects: tuple[SubjectId, ...] = ()
    stages: tuple[ProcessName, ...] | None = None


class Expectations(Contract):
    """What must be found in the end. `breaches` is the whole list; the rest is compared where it is given."""

    deadlines: tuple[ExpectedDeadline, ...] = ()
    breaches: tuple[ExpectedBreach, ...]
    network_test: ExpectedNetworkTest | None = None
    group: ExpectedGroup | None = None
    closures: tuple[ExpectedClosure, ...] = ()
    investigation: ExpectedInvestigation | None = None
    suspects: dict[SubjectId, Literal["charged", "declined", "closed"]] | None = None
    case_open_because: OpenBecause | None = None


class Scenario(Contract):
    """A worked matter in one force."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    title: Text
    force: Force
    jurisdiction: Jurisdiction
    subjects: tuple[Subject, ...] = Field(min_length=1)
    actions: tuple[Action, ...] = Field(min_length=1)
    expect: Expectations

    def in_order(self) -> tuple[tuple[int, Action], ...]:
        """The actions with their numbers on the page (from 1), in the order in which they are given to the engine."""
        return tuple(sorted(enumerate(self.actions, 1), key=lambda numbered: numbered[1].typed_in_at))

    @property
    def victims(self) -> tuple[Subject, ...]:
        """The subjects who are victims."""
        return tuple(subject for subject in self.subjects if subject.is_victim)


def group_of(case: CaseId) -> str:
    """The group that a case nominates: `nca/group-…`."""
    return f"{NCA}/{group_matter(stream_of(case, ProcessKind.CASE))}"


def stream_named(process: str, case: CaseId) -> str:
    """The stream of a scenario's process."""
    return stream_of(group_of(case), ProcessKind.DESIGNATION) if process == GROUP else f"{case}/{process}"


def process_of(stream: str) -> str:
    """What a scenario calls the process of a stream: the other way round."""
    if parse_stream(stream).kind is ProcessKind.DESIGNATION:
        return GROUP
    return stream.rsplit("/", 1)[1]


def is_due(expected: DueAt, due_at: datetime, last_day: date | None) -> bool:
    """Whether a clock is due exactly then."""
    if expected.last_day is not None:
        return expected.last_day == last_day
    return last_day is None and expected.due_at == due_at
