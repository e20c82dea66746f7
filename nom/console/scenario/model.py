"""The scenario format: cases, groups and reviews, what people did in order, and what must be found afterwards.

Runs nothing. A file about one case may leave the names of cases out; in memory they are always there.
`docs/scenario-format.md` explains every field.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self, cast

from pydantic import Field, JsonValue, StringConstraints, model_validator

from nom.console.scenario.expectations import (
    ActionExpectation,
    CaseExpectations,
    ExpectedReading,
    ExpectedReturn,
)
from nom.console.scenario.words import GROUP, ONLY, Label, LondonMoment, ProcessName
from nom.contracts.base import Contract, Text
from nom.contracts.every_process import Jurisdiction
from nom.contracts.ids import CaseId, Force, PersonId, ProcessKind, group_matter, parse_stream, stream_of
from nom.contracts.services import NCA
from nom.contracts.subjects import Subject

REVIEW = f"{ProcessKind.CLOSED_CASE_REVIEW.value}-1"
_NO_MOMENT = datetime.max.replace(tzinfo=UTC)
_OF_A_CASE = ("force", "jurisdiction", "subjects")


class CaseFacts(Contract):
    """A case: its force, whose law applies, and whom it is about. A case that a review orders, or that another force
    transfers, is opened by that, and its people come with it.
    """

    force: Force
    jurisdiction: Jurisdiction
    subjects: tuple[Subject, ...] = ()
    ordered_by: Label | None = None
    transferred_from: Label | None = None

    @model_validator(mode="after")
    def _about_somebody(self) -> Self:
        if not self.subjects and self.opens_by_itself:
            raise ValueError("`subjects` must say whom the case is about")
        return self

    @property
    def opens_by_itself(self) -> bool:
        """Whether a referral opens it."""
        return self.ordered_by is None and self.transferred_from is None

    @property
    def victims(self) -> tuple[Subject, ...]:
        """The subjects who are victims."""
        return tuple(subject for subject in self.subjects if subject.is_victim)


class Action(Contract):
    """One thing that somebody did, in a case, a group or a review. `entered` is when it was typed in, where that was
    late: it only sets the order.
    """

    at: LondonMoment
    entered: LondonMoment | None = None
    by: PersonId
    case: Label | None = None
    group: Label | None = None
    review: Label | None = None
    process: ProcessName | None = None
    do: str
    fields: dict[str, JsonValue] = Field(default={}, alias="with")
    reason: Text | None = None
    note: Text | None = None
    added: bool = False
    """Not among the facts that the scenario was made from, but needed to see something."""
    expect: ActionExpectation | None = None

    @model_validator(mode="after")
    def _in_one_place(self) -> Self:
        if (self.group is not None) + (self.review is not None) + (self.process is not None) != 1:
            raise ValueError("expected one of `process` (of a case), `group` and `review`")
        if self.case is not None and self.process is None:
            raise ValueError("`case` goes with `process`")
        return self

    @property
    def typed_in_at(self) -> datetime:
        """What the order of the actions goes by."""
        return self.entered or self.at

    @property
    def place(self) -> str:
        """Where it was done, as the scenario calls it."""
        return self.group or self.review or "/".join(part for part in (self.case, self.process) if part)


class ClosedCaseReturn(Contract):
    """A force's return of closed cases that is loaded before anything else: a CSV file beside the scenario, or its
    content. `by` refers them.
    """

    file: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")] | None = None
    content: str | None = None
    by: PersonId
    at: LondonMoment

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.file is None and self.content is None:
            raise ValueError("expected `file` or `content`")
        return self


class Expectations(Contract):
    """What must be found in the end: of each case (or review), of the return, and of who may read what."""

    cases: dict[Label, CaseExpectations] = Field(default={})
    returned: ExpectedReturn | None = Field(default=None, alias="return")
    readings: tuple[ExpectedReading, ...] = ()

    def in_order(self) -> tuple[ExpectedReading, ...]:
        """The readings in the order in which they are tried: those without a moment in the end."""
        return tuple(sorted(self.readings, key=lambda reading: (reading.at is None, reading.at or _NO_MOMENT)))


class Scenario(Contract):
    """A worked matter: one case or several, in one force or several. `groups` names each group with the case that
    nominates it; `reviews` each review with the line of the return that it is of.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    title: Text
    cases: dict[Label, CaseFacts]
    groups: dict[Label, Label] = Field(default={})
    returned: ClosedCaseReturn | None = Field(default=None, alias="return")
    reviews: dict[Label, int] = Field(default={})
    actions: tuple[Action, ...] = Field(min_length=1)
    expect: Expectations

    @model_validator(mode="before")
    @classmethod
    def _about_one_case(cls, page: object) -> object:
        if not isinstance(page, Mapping) or "cases" in page:
            return cast("object", page)
        return normal(cast("Mapping[str, Any]", page))

    def in_order(self) -> tuple[tuple[int, Action], ...]:
        """The actions with their numbers on the page (from 1), in the order in which they are given to the engine."""
        return tuple(sorted(enumerate(self.actions, 1), key=lambda numbered: numbered[1].typed_in_at))

    @property
    def forces(self) -> tuple[str, ...]:
        """The forces that must be served: the cases' own, and those that try to read. The NCA always is."""
        reading = (item.force for item in self.expect.readings)
        named = dict.fromkeys((*(case.force for case in self.cases.values()), *reading))
        return tuple(force for force in named if force != NCA.upper())

    @property
    def only_case(self) -> str | None:
        """The label of the one case, if there is one and no more."""
        return next(iter(self.cases)) if len(self.cases) == 1 else None

    def case_of(self, action: Action) -> str | None:
        """The label of the case that an action belongs to: its own, that which nominated its group, or the only one.
        None for an act on a review, and for one that does not say where several cases are.
        """
        if action.review is not None:
            return None
        if action.group is not None:
            return self.groups.get(action.group)
        return action.case or self.only_case


def normal(page: Mapping[str, Any]) -> dict[str, Any]:
    """A page about one case, with its case under the name that it does not give."""
    rest = {name: value for name, value in page.items() if name not in (*_OF_A_CASE, "expect")}
    facts = {name: page[name] for name in _OF_A_CASE if name in page}
    whole = {**rest, "cases": {ONLY: facts}}
    return {**whole, "expect": {"cases": {ONLY: page["expect"]}}} if "expect" in page else whole


def group_of(case: CaseId) -> str:
    """The group that a case nominates: `nca/group-…`."""
    return f"{NCA}/{group_matter(stream_of(case, ProcessKind.CASE))}"


def stream_named(process: str, case: CaseId) -> str:
    """The stream of a case's process."""
    return stream_of(group_of(case), ProcessKind.DESIGNATION) if process == GROUP else f"{case}/{process}"


def process_of(stream: str) -> str:
    """What a scenario calls the process of a stream: the other way round."""
    if parse_stream(stream).kind is ProcessKind.DESIGNATION:
        return GROUP
    return stream.rsplit("/", 1)[1]
