"""How a reader is told that an act was entered, or came to the ledger, late."""

from nom.audit.late_recording import Moments, entered_late_by, recorded_late_by
from nom.console.times import span
from nom.contracts.policy.loader import PolicyNotFound


def late_in_words(act: Moments) -> str | None:
    """`entered 3 d later`, `recorded 12 min after it was received`, or both; None where it was in time. Where this
    installation lacks the pack that says how long a record may take, that is said instead.
    """
    entered = entered_late_by(act)
    said = (f"entered {span(entered)} later" if entered is not None else None, _recorded(act))
    return "; ".join(words for words in said if words) or None


def _recorded(act: Moments) -> str | None:
    try:
        late = recorded_late_by(act)
    except PolicyNotFound:
        return f"whether it was recorded late can't be told without the pack {act.policy.version}"
    return f"recorded {span(late)} after it was received" if late is not None else None
