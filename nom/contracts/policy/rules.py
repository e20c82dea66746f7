"""What a rule of a policy pack looks like, and on what it rests. Holds no rule itself and decides nothing."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from nom.contracts.actors import Agency, Rank, Role
from nom.contracts.base import Contract, Slug, Text
from nom.contracts.clocks import Unit
from nom.contracts.every_process import Jurisdiction

Confidence = Literal["published", "high", "medium", "low", "ours"]
"""How sure we are. `published`: the source was read. `high` to `low`: general knowledge, to be checked before anyone
relies on it. `ours`: a default of this model, no national rule.
"""

RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{1,2}(-[a-z0-9]+)*$")]
"""`WT1`, or with the case that it is for: `VC1-enhanced`."""

CommandType = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{2,60}$")]
"""The imperative name of a command, `RecordCrime`."""

MeetingKind = Literal["discussion", "meeting", "complex_abuse_meeting"]
BailRegime = Literal["standard", "nca", "designated"]
BailCondition = Literal["director_consulted", "within_s47zf_7"]
"""What whoever extends bail must confirm for some periods: the Director of Public Prosecutions was consulted (s47ZE);
the inquiries are of the kind that s47ZF(7) names.
"""
Tier = Literal["force", "region", "national"]
ReviewBand = Literal["rape", "other"]
"""In which order closed cases are reviewed: the first band first."""


class Rule(Contract):
    """What every rule carries, so that a reader of a decision sees on what it rests."""

    basis: Text
    confidence: Confidence
    force_may_vary: bool = False


class NumberRule(Rule):
    """A rule whose point is a number. Where a force may vary it, `least` and `most` say within what."""

    least: int | None = Field(default=None, ge=0)
    most: int | None = None

    @property
    def number(self) -> int:
        """The number that a force may vary, or may not."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _says_within_what_it_may_vary(self) -> Self:
        if not self.force_may_vary:
            if (self.least, self.most) != (None, None):
                msg = "least and most are said only where a force may vary the rule"
                raise ValueError(msg)
        elif self.least is None or self.most is None or not self.least <= self.number <= self.most:
            msg = "a force may vary it: least and most must say within what, and hold its own number"
            raise ValueError(msg)
        return self


class Authority(Contract):
    """Who may do something: one of the roles and, for an officer of the police or the National Crime Agency, of that
    rank or above where one is named.
    """

    roles: tuple[Role, ...] = Field(min_length=1)
    rank: Rank | None = None


class ClockRule(NumberRule):
    """A deadline. `value` counts units: working days, calendar days, hours or months; 0 where the date is given.

    A month rule says whether its period begins with the day of the start or with the day after. A given date ends
    with its day where `ends_with_day`, else at its moment. `not_before` marks an earliest moment, not a deadline.
    An `indicator` is measured and never a breach. `escalation` is the ladder of roles, nearest first. `may_pause` and
    `may_extend` name whose authority that needs; without one the rule does not allow it.
    """

    id: RuleId
    title: Text
    value: int = Field(ge=0)
    unit: Unit
    starts: Text
    month_begins: Literal["same_day", "day_after"] | None = None
    ends_with_day: bool = False
    indicator: bool = False
    not_before: bool = False
    may_pause: Authority | None = None
    may_extend: Authority | None = None
    escalation: tuple[Role, ...] = ()

    @property
    def name(self) -> str:
        """The rule as the operating model names it: `VC1` for `VC1-enhanced`."""
        return self.id.partition("-")[0]

    @property
    def number(self) -> int:
        """The value."""
        return self.value

    @model_validator(mode="after")
    def _counts_as_its_unit_demands(self) -> Self:
        if (self.unit is Unit.GIVEN) != (self.value == 0):
            msg = f"{self.id}: value must be 0 where the date is given, and above 0 elsewhere"
            raise ValueError(msg)
        if (self.unit is Unit.MONTH) != (self.month_begins is not None):
            msg = f"{self.id}: month_begins is said by a rule in months, and by no other"
            raise ValueError(msg)
        if self.unit is not Unit.GIVEN and self.ends_with_day:
            msg = f"{self.id}: ends_with_day is said only where the date is given; the other units settle it"
            raise ValueError(msg)
        if self.may_pause is not None and (self.unit is Unit.GIVEN or self.not_before):
            msg = f"{self.id}: may_pause is for what is counted; a given date is extended"
            raise ValueError(msg)
        return self


class Duty(Rule):
    """A duty with no number of days: nothing to compute, something to see done."""

    id: RuleId
    title: Text
    starts: Text


class RoleRule(Rule):
    """A role, the agencies that may hold it (none listed: any), and the commands that it may give."""

    role: Role
    title: Text
    agencies: tuple[Agency, ...] = ()
    commands: tuple[CommandType, ...]


class Separation(Rule):
    """Whoever gave `first_command` may not give `then_command` in the same process instance."""

    first_command: CommandType
    then_command: CommandType
    because: Text


class QuorumRule(Rule):
    """Who must be present before a meeting may decide. `adds_referrer`: the referring agency, too.
    `chair_rank`: the least rank of a chair from the police.
    """

    jurisdiction: Jurisdiction
    kind: MeetingKind
    agencies: tuple[Agency, ...] = Field(min_length=1)
    adds_referrer: bool = False
    chair_rank: Rank | None = None

    @property
    def row(self) -> str:
        """What the rule is called where it was applied: `eng-complex_abuse_meeting`."""
        return f"{self.jurisdiction.value}-{self.kind}".lower()


class RankRule(Rule):
    """Who may authorise detention or bail up to a clock's end, or a decision that starts the clock. `rank` is the least
    rank; None where the act is the court's. `after` is the authority that must be in force before; `regime` None holds
    in every regime. `conditions` are for people to read; those in `confirms` the command must confirm.
    """

    command: CommandType
    clock: RuleId
    title: Text
    regime: BailRegime | None = None
    rank: Rank | None = None
    court: bool = False
    after: RuleId | None = None
    conditions: tuple[Text, ...] = ()
    confirms: tuple[BailCondition, ...] = ()

    @model_validator(mode="after")
    def _is_of_a_rank_or_of_the_court(self) -> Self:
        if self.court == (self.rank is not None):
            msg = f"{self.command} to {self.clock}: either a rank authorises, or the court"
            raise ValueError(msg)
        return self


class ReviewSchemeRule(Rule):
    """Where a victim may have a decision to take no further action reviewed, by the day of the decision in
    Europe/London: from `decided_from` on, or at all times before that of the other rules where there is none.
    """

    scheme: Literal["VRR", "CSARP"]
    title: Text
    decided_from: date | None = None


class LadderRule(NumberRule):
    """How long a missed deadline of a unit may stay open, in hours that pass, before the next role is told."""

    unit: Unit
    hours: int = Field(ge=1)

    @property
    def number(self) -> int:
        """The hours."""
        return self.hours


class Threshold(NumberRule):
    """A number that a rule compares with, with its basis. `name` is a field of `Thresholds`."""

    name: Slug
    title: Text
    value: int = Field(ge=0)

    @property
    def number(self) -> int:
        """The value."""
        return self.value


class Thresholds(Contract):
    """The numbers of a pack by name; a pack without one of them, or with another, is malformed."""

    command_tolerance_seconds: int
    late_recording_tolerance_seconds: int
    network_minimum_persons: int
    group_minimum_members: int
    eligible_offence_minimum_years: int
    archive_after_months_without_intelligence: int
    child_under_age: int
    enhanced_rights_under_age: int
    reviews_before_extension: int
    threshold_test_findings: int


class TierRule(NumberRule):
    """How closely a group of a tier is watched: its review clock, and how many calendar days ahead a plan's review
    date may lie at most.
    """

    tier: Tier
    review_clock: RuleId
    plan_review_within_days: int = Field(ge=1)

    @property
    def number(self) -> int:
        """The days."""
        return self.plan_review_within_days


class ClosedCaseRules(Rule):
    """Which closed cases are reviewed: those decided from `first_day` to `last_day`, both included, in Europe/London.
    Rape comes first: `rape_sections` are an Act and its section, `rape_codes` are offences that no section is known of.
    """

    first_day: date
    last_day: date
    rape_sections: tuple[Text, ...] = Field(min_length=1)
    rape_codes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _has_a_window(self) -> Self:
        if self.first_day > self.last_day:
            msg = "first_day lies after last_day"
            raise ValueError(msg)
        return self


class ScoringInput(Contract):
    """One thing that a threat score looks at: rated 0 to `maximum`, times `weight`."""

    name: Slug
    title: Text
    maximum: int = Field(ge=1)
    weight: int = Field(ge=1)


class ScoringTable(Rule):
    """How a threat score is made: a sum of whole numbers. What a score means is the decision table `threat_band`."""

    version: Slug
    inputs: tuple[ScoringInput, ...] = Field(min_length=1)
