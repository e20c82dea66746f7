"""What a scenario expects: of an action, of a case in the end, of a return of closed cases, of who may read what.

Compares nothing. `docs/scenario-format.md` explains every field.
"""

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from nom.console.scenario.words import Due, Label, LondonMoment, ProcessLabel, ProcessName
from nom.contracts.base import Contract, Slug, Text
from nom.contracts.clocks import ClockStatus
from nom.contracts.closure import ReviewScheme
from nom.contracts.ids import Force, SubjectId
from nom.contracts.standing import DecidingAuthority


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


class ExpectedDeadline(Contract):
    """One clock of one process: its rule, when it is due, what it is about and how it stands where that matters."""

    process: ProcessName
    clock: Slug
    rule: str
    due: Due
    about: str | None = None
    status: ClockStatus | None = None


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
    """The nominated group as the National Crime Agency's ledger has it. `cases` are all that are linked to it."""

    status: Slug
    members: int = Field(ge=0)
    tier: Literal["force", "region", "national"] | None = None
    cases: tuple[Label, ...] | None = None


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


class ExpectedEvent(Contract):
    """Events that must have been recorded, with at least these fields: as many as `times` says, else one or more."""

    process: ProcessName
    event: str
    fields: dict[str, JsonValue] = Field(default={}, alias="with")
    times: int | None = Field(default=None, ge=0)


class ExpectedHandOff(Contract):
    """What a process told another, which answered so. Until then the board counts it as waiting."""

    process: ProcessName
    to: ProcessLabel
    command: str
    answer: Literal["acknowledged", "refused"] = "acknowledged"


class CaseExpectations(Contract):
    """What must be found of a case in the end. `breaches` is the whole list; the rest is compared where it is given."""

    deadlines: tuple[ExpectedDeadline, ...] = ()
    breaches: tuple[ExpectedBreach, ...]
    network_test: ExpectedNetworkTest | None = None
    group: ExpectedGroup | None = None
    closures: tuple[ExpectedClosure, ...] = ()
    investigation: ExpectedInvestigation | None = None
    suspects: dict[SubjectId, Literal["charged", "declined", "closed"]] | None = None
    case_open_because: OpenBecause | None = None
    ended: dict[ProcessName, Text] = Field(default={})
    recorded: tuple[ExpectedEvent, ...] = ()
    hand_offs: tuple[ExpectedHandOff, ...] = ()


class ExpectedRow(Contract):
    """A row of a return that must be refused: its line, and the column and code of its first problem."""

    line: int
    field: str
    code: Slug


class ExpectedReturn(Contract):
    """What must become of a return: the lines that are taken, in the order of their reviews, and those refused."""

    order: tuple[int, ...]
    refused: tuple[ExpectedRow, ...]


class ExpectedReading(Contract):
    """What a force, or the National Crime Agency, can read by the roles that its databases give it. Exactly one of:
    the events of a case that it can't, the events of one that it can, the cases whose counts and clocks it sees on the
    board. Tried after what was typed in until `at`, or in the end.
    """

    force: Force
    at: LondonMoment | None = None
    cannot_read: Label | None = None
    can_read: Label | None = None
    on_board: tuple[Label, ...] = ()

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum((self.cannot_read is not None, self.can_read is not None, bool(self.on_board))) != 1:
            raise ValueError("expected one of `cannot_read`, `can_read` and `on_board`")
        return self
