"""A breach that never was: the act was in time, and the record of it came after the breach. Knows words and no rule."""

from datetime import datetime

from nom.contracts.clocks import BreachWithdrawn, Clock
from nom.contracts.local_time import london_words


def entered_later(clock: Clock, act: str, at: datetime) -> BreachWithdrawn:
    """The withdrawal for an act (`done`, `paused`, `extended`) that was in time at a moment. Published histories hold
    these words: they are part of what a replay compares.
    """
    because = f"{act} in time, on {london_words(at)}, and entered later"
    return BreachWithdrawn(clock_id=clock.id, rule=clock.rule, because=because)
