"""An act of a series (a review, a plan) that is typed in after a later one: it takes its place among them. Knows no
process; what the act itself means is decided by the process's own rules.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nom.contracts.clocks import BreachWithdrawn, Clock, ClockMet, in_time
from nom.contracts.local_time import london_words
from nom.workflows.model.deliberation import Deliberation


def take_place(d: Deliberation[Any], series: Sequence[Clock], counted_from: str, given: datetime | None = None) -> bool:
    """Where the act is older than the latest clock of the series: it meets the clock that ran when it was done, if any
    did, and the clock that it starts itself was met when the next one began. False, and nothing done, where it is the
    latest.
    """
    in_order = sorted(series, key=lambda clock: clock.started_at)
    later = [clock for clock in in_order if clock.started_at > d.at]
    if not later:
        return False
    before = [clock for clock in in_order if clock.started_at <= d.at]
    if before:
        meet_or_mend(d, before[-1])
    rule = (before[-1:] or later)[0].rule
    clock_id = d.next_clock_id(rule)
    d.start_clock(rule, counted_from, given=given, clock_id=clock_id)
    d.meet_clock(clock_id, at=later[0].started_at)
    return True


def meet_or_mend(d: Deliberation[Any], clock: Clock) -> None:
    """The act met the clock. Where a later act had closed it late and this one was in time, the breach is withdrawn."""
    if clock.is_open:
        d.meet_clock(clock.id)
    elif clock.is_late and in_time(d.at, clock.due_at, clock.last_day):
        because = f"done in time, on {london_words(d.at)}, and entered later"
        d.record(BreachWithdrawn(clock_id=clock.id, rule=clock.rule, because=because))
        d.record(ClockMet(clock_id=clock.id, rule=clock.rule, met_at=d.at, late=False))
