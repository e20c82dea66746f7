"""How a reader is told that an act came to the ledger late."""

from nom.audit.late_recording import Moments, late_by
from nom.console.times import span
from nom.contracts.policy.loader import PolicyNotFound


def late_in_words(act: Moments) -> str | None:
    """`recorded 3 d later`; None where it was in time. Where this installation lacks the pack that says what is late,
    that is said instead.
    """
    try:
        late = late_by(act)
    except PolicyNotFound:
        return f"whether it was recorded late can't be told without the pack {act.policy.version}"
    return f"recorded {span(late)} later" if late is not None else None
