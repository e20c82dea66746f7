"""Rules of bail periods by regime: standard, designated, or of the National Crime Agency; and of a change between them.

The first period is what the regime says it is (PACE s47ZB), so a change replaces one that is running, unless the new
one would have ended before the change. A period that somebody authorised keeps its end, and what follows it is the next
longer period of the new regime: both are our reading, since the Act is silent on a hand-over.
"""

from collections.abc import Iterator
from typing import Any, get_args

from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.bail_regime import BailRegimeChanged, ChangeBailRegime
from nom.contracts.clocks import Clock, in_time
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.policy.rules import BailCondition, BailRegime, RankRule
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.custody_state import Thinking, regime_of, tell_case_of
from nom.workflows.model.deadlines import deadline

BAIL_START = "bail start date, the day after the arrest"


def change_regime(d: Thinking, command: ChangeBailRegime) -> Refusal | None:
    """Other bail periods hold from now on. What a person entered before the case told it is taken once more."""
    told_by_case = d.request.actor.role == SYSTEM_ROLE
    if not told_by_case and not d.request.reason:
        return refuse("reason_missing", "ChangeBailRegime decides something: give the reason")
    before = regime_of(d)
    missing = (*_not_to_be_changed(d, command, told_by_case=told_by_case),)
    if missing:
        return refused_for(missing, "the bail regime can't be changed")
    d.record(BailRegimeChanged(before=before, after=command.regime, changed_at=d.at))
    running = bail_clock(d)
    if running is not None:
        _replace_first_period(d, running, command)
    return None


def _not_to_be_changed(d: Thinking, command: ChangeBailRegime, *, told_by_case: bool) -> Iterator[Unmet]:
    before = regime_of(d)
    if before == command.regime and not told_by_case:
        yield unmet("same_regime", f"the bail regime is {command.regime} already")
    if (before, command.regime) == ("nca", "designated"):
        yield unmet("not_a_standard_case", "only a standard case is designated: hand it over to a force first")
    yield from contradictions(d.at, ("before_regime_change", "the regime was changed", d.state.regime_changed_at))


def _replace_first_period(d: Thinking, running: Clock, command: ChangeBailRegime) -> None:
    policy, start = d.facts.policy, d.state.arrested_at or d.at
    firsts = {policy.ranks_for("Bail", regime)[0].clock for regime in get_args(BailRegime)}
    then = policy.ranks_for("Bail", command.regime)[0].clock
    replaced = running.rule in firsts - {then}
    if not replaced or not in_time(d.at, running.due_at, running.last_day):
        return
    due = deadline(policy.clock(then), start, d.facts.calendar, BAIL_START)
    if not due.is_met_at(d.at):
        return
    d.stop_clock(running.id, f"another bail regime holds: {command.regime}")
    start_period(d, then, then.lower())
    tell_case_of(d, "bail_change")


def start_period(d: Thinking, rule: str, clock_id: str) -> None:
    """Let a period of bail run from the bail start date. An id that was used before gets a number."""
    used = sum(clock.id == clock_id or clock.id.startswith(f"{clock_id}-again") for clock in d.state.clocks)
    unused = f"{clock_id}-again-{used}" if used else clock_id
    d.start_clock(rule, BAIL_START, start=d.state.arrested_at, clock_id=unused)


def bail_clock(d: Thinking) -> Clock | None:
    """The period of bail that runs."""
    return next((clock for clock in d.open_clocks() if clock.rule.startswith("PB")), None)


def follows(d: Thinking, step: RankRule, running: Clock) -> bool:
    """Whether a step of authority is the one after the period that runs: of its own regime the next, else the first
    that is longer.
    """
    policy, regime = d.facts.policy, regime_of(d)
    steps = policy.ranks_for("ExtendBail", regime)
    if running.rule in (policy.ranks_for("Bail", regime)[0].clock, *(item.clock for item in steps)):
        return step.after == running.rule
    months = policy.clock(running.rule).value
    return step == next((item for item in steps if policy.clock(item.clock).value > months), None)


def unconfirmed(step: RankRule, confirmed: tuple[BailCondition, ...]) -> Iterator[Unmet]:
    """The conditions of a period that whoever extends bail did not confirm."""
    for condition in step.confirms:
        if condition not in confirmed:
            yield unmet("not_confirmed", f"{step.title} needs: {condition.replace('_', ' ')}", condition)


def changed(event: BailRegimeChanged) -> dict[str, Any]:
    """What a change of the regime changes."""
    return {"regime": event.after, "regime_changed_at": event.changed_at}
