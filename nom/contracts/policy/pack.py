"""A policy pack: the dated rules of an agency in its jurisdictions, pinned by content. Never changed once published."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Literal, Self

from pydantic import model_validator

from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.base import Slug, Text
from nom.contracts.envelope import PolicyRef
from nom.contracts.every_process import Jurisdiction
from nom.contracts.ids import Force
from nom.contracts.policy.calendar import CalendarRef
from nom.contracts.policy.decision_table import DecisionTable
from nom.contracts.policy.lexicon import Lexicon
from nom.contracts.policy.pinned import Pinned
from nom.contracts.policy.rules import (
    BailRegime,
    ClockRule,
    ClosedCaseRules,
    Duty,
    LadderRule,
    MeetingKind,
    QuorumRule,
    RankRule,
    ReviewSchemeRule,
    RoleRule,
    ScoringTable,
    Separation,
    Threshold,
    Thresholds,
    Tier,
    TierRule,
)


class UnknownRule(LookupError):
    """The policy pack has no rule of that name."""

    code = "unknown_rule"


class PolicyPack(Pinned):
    """The rules of one agency, in force from a day on. `effective_to` is the last day, None while none is known.

    It is a reference interpretation and says so: no text of the national model is published. `threshold_rules` carries
    the numbers with their basis; `thresholds` gives them by name. A pack with a `force` is that force's own: the pack
    of `overlay_of` with what the force varies.
    """

    version: Slug
    statement: Text
    jurisdictions: tuple[Jurisdiction, ...]
    agency: Literal["police", "nca"]
    bail_regime: Literal["standard", "nca"]
    effective_from: date
    effective_to: date | None = None
    force: Force | None = None
    overlay_of: PolicyRef | None = None
    calendar: CalendarRef
    clocks: tuple[ClockRule, ...]
    duties: tuple[Duty, ...]
    roles: tuple[RoleRule, ...]
    separations: tuple[Separation, ...]
    quorum_version: Slug
    quorums: tuple[QuorumRule, ...]
    ranks: tuple[RankRule, ...]
    threshold_rules: tuple[Threshold, ...]
    tiers: tuple[TierRule, ...]
    review_schemes: tuple[ReviewSchemeRule, ...]
    ladders: tuple[LadderRule, ...]
    scoring: ScoringTable
    decision_tables: tuple[DecisionTable, ...]
    lexicon: Lexicon
    closed_cases: ClosedCaseRules

    def ref(self) -> PolicyRef:
        """The pack pinned by the digest of its whole content. Computed once."""
        return self._pinned

    def clock(self, rule_id: str) -> ClockRule:
        """The clock rule of that id. Raises `UnknownRule`."""
        try:
            return self._clocks[rule_id]
        except KeyError:
            raise self._unknown("clock", rule_id) from None

    def duty(self, rule_id: str) -> Duty:
        """The duty of that id. Raises `UnknownRule`."""
        found = next((duty for duty in self.duties if duty.id == rule_id), None)
        if found is None:
            raise self._unknown("duty", rule_id)
        return found

    def role(self, role: str) -> RoleRule:
        """What a role may do. Raises `UnknownRule`."""
        try:
            return self._roles[role]
        except KeyError:
            raise self._unknown("role", role) from None

    def may(self, role: str, command_type: str) -> bool:
        """Whether a role may give a command. An unknown role may give none."""
        return role in self._roles_by_command.get(command_type, ())

    def roles_for(self, command_type: str) -> tuple[str, ...]:
        """The roles that may give a command, in the pack's order; none where the command is unknown."""
        return self._roles_by_command.get(command_type, ())

    def separations_before(self, command_type: str) -> tuple[Separation, ...]:
        """The rules that forbid a person to give this command after another one."""
        return self._separations.get(command_type, ())

    def quorum(self, jurisdiction: Jurisdiction, kind: MeetingKind) -> QuorumRule:
        """Who must be present at a meeting of that kind. Raises `UnknownRule`."""
        for rule in self.quorums:
            if rule.jurisdiction == jurisdiction and rule.kind == kind:
                return rule
        raise self._unknown("quorum", f"{jurisdiction} {kind}")

    def ranks_for(self, command_type: str, regime: BailRegime | None = None) -> tuple[RankRule, ...]:
        """The steps of authority for a command, shortest first: those of the regime and those of every regime."""
        return tuple(rule for rule in self.ranks if rule.command == command_type and rule.regime in (None, regime))

    def tier(self, tier: Tier) -> TierRule:
        """How closely a tier is watched. Raises `UnknownRule`."""
        found = next((rule for rule in self.tiers if rule.tier == tier), None)
        if found is None:
            raise self._unknown("tier", tier)
        return found

    def table(self, name: str) -> DecisionTable:
        """The decision table of that name. Raises `UnknownRule`."""
        found = next((table for table in self.decision_tables if table.name == name), None)
        if found is None:
            raise self._unknown("decision table", name)
        return found

    def ladder(self, rule_id: str) -> LadderRule:
        """How long a missed deadline of a rule may stay open before the next role is told. Raises `UnknownRule`."""
        unit = self.clock(rule_id).unit
        found = next((rule for rule in self.ladders if rule.unit is unit), None)
        if found is None:
            raise self._unknown("ladder", unit)
        return found

    def review_scheme(self, decided_on: date) -> ReviewSchemeRule:
        """Where a decision of that day (Europe/London) to take no further action may be reviewed."""
        fitting = [rule for rule in self.review_schemes if (rule.decided_from or date.min) <= decided_on]
        return max(fitting, key=lambda rule: rule.decided_from or date.min)

    @cached_property
    def thresholds(self) -> Thresholds:
        """The numbers of the pack by name."""
        return Thresholds.model_validate({rule.name: rule.value for rule in self.threshold_rules})

    def holds_on(self, day: date) -> bool:
        """Whether the pack is in force on that day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def _unknown(self, kind: str, name: str) -> UnknownRule:
        return UnknownRule(f"policy {self.version} has no {kind} rule {name[:120]!r}")

    @cached_property
    def _pinned(self) -> PolicyRef:
        return PolicyRef(version=self.version, digest=self.content_digest)

    @cached_property
    def _clocks(self) -> dict[str, ClockRule]:
        return {rule.id: rule for rule in self.clocks}

    @cached_property
    def _roles(self) -> dict[str, RoleRule]:
        return {rule.role: rule for rule in self.roles}

    @cached_property
    def _roles_by_command(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for rule in self.roles:
            for command in rule.commands:
                found[command] = (*found.get(command, ()), rule.role)
        return found

    @cached_property
    def _separations(self) -> dict[str, tuple[Separation, ...]]:
        found: dict[str, tuple[Separation, ...]] = {}
        for rule in self.separations:
            found[rule.then_command] = (*found.get(rule.then_command, ()), rule)
        return found

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            msg = "effective_to: lies before effective_from"
            raise ValueError(msg)
        problems = [*self._repeated(), *self._dangling()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _repeated(self) -> Iterator[str]:
        yield from _twice("clocks", (rule.id for rule in self.clocks))
        yield from _twice("duties", (rule.id for rule in self.duties))
        yield from _twice("roles", (rule.role for rule in self.roles))
        yield from _twice("quorums", (f"{rule.jurisdiction} {rule.kind}" for rule in self.quorums))
        yield from _twice("tiers", (rule.tier for rule in self.tiers))
        yield from _twice("ladders", (rule.unit for rule in self.ladders))
        yield from _twice("decision_tables", (table.name for table in self.decision_tables))
        yield from _twice("review_schemes", (f"from {rule.decided_from}" for rule in self.review_schemes))
        yield from _twice("threshold_rules", (rule.name for rule in self.threshold_rules))
        for rule in self.roles:
            yield from _twice(f"roles[{rule.role}].commands", rule.commands)

    def _dangling(self) -> Iterator[str]:
        for rule in self.clocks:
            yield from _missing(f"clocks[{rule.id}].escalation", rule.escalation, self._roles)
            for name, authority in (("may_pause", rule.may_pause), ("may_extend", rule.may_extend)):
                yield from _missing(f"clocks[{rule.id}].{name}", authority.roles if authority else (), self._roles)
        for pair in self.separations:
            both = (pair.first_command, pair.then_command)
            yield from _missing(f"separations[{'>'.join(both)}]", both, self._roles_by_command)
        for rank in self.ranks:
            named = [rank.clock, *([rank.after] if rank.after else [])]
            yield from _missing(f"ranks[{rank.command}>{rank.clock}]", named, self._clocks)
            yield from _missing(f"ranks[{rank.command}>{rank.clock}]", [rank.command], self._roles_by_command)
        for tier in self.tiers:
            yield from _missing(f"tiers[{tier.tier}].review_clock", [tier.review_clock], self._clocks)
        units = {rule.unit for rule in self.clocks if rule.escalation}
        yield from _missing("ladders", sorted(units), {rule.unit for rule in self.ladders})
        for table in self.decision_tables:
            yield from (f"decision_tables[{table.name}]: {problem}" for problem in table.problems())
        yield from _missing("decision_tables", TABLES, {table.name for table in self.decision_tables})
        yield from self._unbanded()
        yield from _missing("roles", [SYSTEM_ROLE], self._roles)
        if all(rule.decided_from for rule in self.review_schemes):
            yield "review_schemes: none holds for a decision of any day"
        numbers = [rule.name for rule in self.threshold_rules]
        yield from _missing("threshold_rules", Thresholds.model_fields, numbers)
        yield from (f"threshold_rules: nobody reads {name}" for name in numbers if name not in Thresholds.model_fields)

    def _unbanded(self) -> Iterator[str]:
        """The bands must hold for exactly the scores that the inputs can make."""
        most = sum(item.maximum * item.weight for item in self.scoring.inputs)
        for table in self.decision_tables:
            scores = [(column.name, column.least, column.most) for column in table.inputs]
            if table.name == "threat_band" and scores != [("score", 0, most)]:
                yield f"decision_tables[threat_band]: its one input is the score, from 0 to {most}"


RULES_KNOWN_BY: Mapping[str, tuple[str, ...]] = {
    "clocks": ("id",),
    "duties": ("id",),
    "roles": ("role",),
    "separations": ("first_command", "then_command"),
    "quorums": ("jurisdiction", "kind"),
    "ranks": ("command", "clock", "regime"),
    "threshold_rules": ("name",),
    "tiers": ("tier",),
    "ladders": ("unit",),
    "decision_tables": ("name",),
}
"""The sections that hold many rules, and what a rule is known by in each."""

TABLES = ("threat_band", "thrive_response")
"""The decision tables that rules read: every pack has them."""


def _twice(field: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{field}: {name} stands there {count} times"


def _missing(field: str, names: Iterable[str], known: Container[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{field}: the pack has no {name}"
