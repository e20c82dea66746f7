"""An act of a series (a review, a plan) that is typed in after a later one: it takes its place among them. Knows no
process; what the act itself means is decided by the process's own rules.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nom.contracts.clocks import Clock, ClockMet, in_time
from nom.workflows.model.breach_withdrawal import entered_later
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


def meet_or_mend(d: Deliberation[Any], clock: Clock, at: datetime | None = None) -> None:
    """The act, or what it completed at another moment, met the clock. Where a later act had closed it late and this one
    was in time, the breach is withdrawn.
    """
    moment = at or d.at
    if clock.is_open:
        d.meet_clock(clock.id, moment)
    elif clock.is_late and in_time(moment, clock.due_at, clock.last_day):
        d.record(entered_later(clock, "done", moment))
        d.record(ClockMet(clock_id=clock.id, rule=clock.rule, met_at=moment, late=False))
