"""The review that a charge on the Threshold Test awaits (CH3): it is due by the end of the day that the prosecutor set.

Only under a pack that holds the rule. Each charge has a time of its own, because a review may be of some of them.
"""

from datetime import UTC, datetime, time

from nom.contracts.charge import Charge, FullCodeTestApplied, ThresholdTestApplied
from nom.contracts.clocks import Clock
from nom.workflows.model.charge_state import Thinking
from nom.workflows.model.late_entry import meet_or_mend

REVIEW = "CH3"


def set_review_day(d: Thinking, applied: ThresholdTestApplied) -> None:
    """The time begins for each charge, or begins anew where the test is applied again. A test that is typed in after a
    later one, and one that is not met, awaits no review.
    """
    tested_since = [line.charge for line in d.state.lines if line.was_tested_after(applied.applied_at)]
    has_rule = REVIEW in {rule.id for rule in d.facts.policy.clocks}
    for charge in (charge for charge in applied.charges if charge not in tested_since):
        for clock in _of(d, charge):
            d.stop_clock(clock.id, "the Threshold Test was applied again")
        if applied.met and has_rule:
            noon = datetime.combine(applied.full_code_review, time(12), UTC)
            clock_id = d.next_clock_id(REVIEW)
            d.start_clock(REVIEW, "Threshold Test applied", given=noon, clock_id=clock_id, about=str(charge))


def review_held(d: Thinking, applied: FullCodeTestApplied) -> None:
    """A Full Code Test is the review of every charge that awaited one by then, whatever it found."""
    for charge in applied.charges:
        for clock in _of(d, charge):
            if clock.started_at <= applied.applied_at:
                meet_or_mend(d, clock)


def _of(d: Thinking, charge: Charge) -> list[Clock]:
    return [clock for clock in d.state.clocks if clock.rule == REVIEW and clock.about == str(charge)]
