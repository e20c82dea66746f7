"""Oversight of a designated group: its tier, lead responsible officer, 4P plan and reviews. Designates nothing."""

from datetime import datetime, time, timedelta
from typing import assert_never

from nom.contracts.clocks import Clock
from nom.contracts.designation import (
    AppointLro,
    ApprovePlan,
    AssignTier,
    FourPPlanApproved,
    GroupReviewed,
    LroAppointed,
    OversightCommand,
    Review,
    TierAssigned,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.workflows.model.deadlines import LONDON, london_day
from nom.workflows.model.designation_decision import tell_cases
from nom.workflows.model.designation_state import Thinking
from nom.workflows.model.late_entry import meet_or_mend, take_place


def oversee(d: Thinking, command: OversightCommand) -> Refusal | None:
    """Decide one of the commands on a designated group. An act dated before the designation is refused."""
    since = d.state.decided_at
    if not d.state.is_designated or since is None:
        return refuse(
            "not_designated", "the group is not designated", unmet("not_designated", "have it approved first")
        )
    if d.at < since:
        return refuse("before_designation", "the group was not designated then")
    match command:
        case AssignTier():
            return _assign(d, command, since)
        case AppointLro():
            return _appoint(d, command)
        case ApprovePlan():
            return _plan(d, command)
        case Review():
            return _review(d, command)
        case _:
            assert_never(command)


def _assign(d: Thinking, command: AssignTier, designated_at: datetime) -> Refusal | None:
    overtaken = _overtaken(d, d.state.tier_since)
    if command.tier == d.state.tier and not overtaken:
        return refuse("same_tier", f"the group's tier is {command.tier} already")
    d.record(TierAssigned(tier=command.tier, assigned_at=d.at))
    if overtaken:
        return None  # An earlier tier, typed in late: clocks and cases follow the one that holds.
    for clock in _review_clocks(d):
        d.stop_clock(clock, f"the tier is {command.tier} now")
    if d.state.tier is None:
        start_review(d, command.tier, "designation", designated_at)
    else:
        start_review(d, command.tier, "change of tier", d.at)
    tell_cases(d, d.state.cases, "designated", command.tier, d.state.decided_because)
    return None


def _overtaken(d: Thinking, since: datetime | None) -> bool:
    return since is not None and d.at < since


def _review_clocks(d: Thinking) -> tuple[str, ...]:
    return tuple(clock.id for rule in _review_rules(d) for clock in d.open_clocks(rule))


def _review_rules(d: Thinking) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tier.review_clock for tier in d.facts.policy.tiers))


def start_review(d: Thinking, tier: str, counted_from: str, start: datetime) -> None:
    """Start the clock of the tier's next review."""
    rule = next(item.review_clock for item in d.facts.policy.tiers if item.tier == tier)
    d.start_clock(rule, counted_from, start=start, clock_id=d.next_clock_id(rule))


def _appoint(d: Thinking, command: AppointLro) -> Refusal | None:
    overtaken = _overtaken(d, d.state.lead_since)
    if command.officer == d.state.lead_officer and not overtaken:
        return refuse("already_appointed", f"{command.officer} is the lead responsible officer already")
    previous = None if overtaken else d.state.lead_officer
    d.record(LroAppointed(officer=command.officer, previous=previous, appointed_at=d.at))
    return None


def _plan(d: Thinking, command: ApprovePlan) -> Refusal | None:
    wrong = _plan_unmet(d, command)
    if wrong:
        return refuse("plan_gate", "the plan can't be approved yet", *wrong)
    d.record(
        FourPPlanApproved(
            pursue=command.pursue,
            prevent=command.prevent,
            protect=command.protect,
            prepare=command.prepare,
            review=command.review,
            approved_at=d.at,
        )
    )
    _meet_first_plan(d)
    last_day = datetime.combine(command.review, time.min, tzinfo=LONDON)
    if take_place(d, _series(d, "PL1"), "plan approved", last_day):
        return None
    for clock in d.open_clocks("PL1"):
        d.meet_clock(clock.id)
    d.start_clock("PL1", "plan approved", given=last_day, clock_id=d.next_clock_id("PL1"))
    return None


def _meet_first_plan(d: Thinking) -> None:
    """The plan meets the time for the first one, if it is that; in whatever order plans were typed in."""
    awaited = [clock for clock in d.state.clocks if clock.rule == "DG5" and clock.started_at <= d.at]
    if awaited:
        meet_or_mend(d, max(awaited, key=lambda clock: clock.started_at))


def _series(d: Thinking, *rules: str) -> tuple[Clock, ...]:
    """The clocks of the rules since the group was designated: those before watched over another designation."""
    since = d.state.decided_at
    return tuple(clock for clock in d.state.clocks if clock.rule in rules and (not since or clock.started_at >= since))


def _plan_unmet(d: Thinking, command: ApprovePlan) -> tuple[Unmet, ...]:
    missing: list[Unmet] = []
    if d.state.lead_officer is None:
        missing.append(unmet("lro_not_appointed", "the plan is the lead responsible officer's: appoint one first"))
    today = london_day(d.at)
    if command.review < today:
        missing.append(unmet("plan_review_passed", "the review date lies before the approval"))
    if d.state.tier is None:
        missing.append(unmet("tier_not_assigned", "the tier says how far ahead the review may lie: assign one first"))
        return tuple(missing)
    ahead = d.facts.policy.tier(d.state.tier).plan_review_within_days
    if command.review > today + timedelta(days=ahead):
        words = f"a plan of the tier {d.state.tier} is reviewed within {ahead} days"
        missing.append(unmet("plan_review_too_far", words))
    return tuple(missing)


def _review(d: Thinking, command: Review) -> Refusal | None:
    d.record(GroupReviewed(findings=command.findings, reviewed_at=d.at))
    if take_place(d, _series(d, *_review_rules(d)), "review"):
        return None
    for clock in _review_clocks(d):
        d.meet_clock(clock)
    if d.state.tier is not None:
        start_review(d, d.state.tier, "review", d.at)
    return None
