"""Which acts of people were entered long after they happened, and which were recorded long after they were received.

Reads no database and no clock. A late entry is a fact and no reproach: a pocket notebook is typed up after the shift.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from nom.contracts.actors import SYSTEM_ROLE, Actor
from nom.contracts.envelope import PolicyRef, StoredRecord
from nom.contracts.policy.loader import pack_by_ref

ENTERED_LATE_AFTER: Final = timedelta(hours=24)
"""An act whose command was received longer than this after it happened is marked (ours)."""


class Moments(NamedTuple):
    """When an act is said to have happened, when its command was received, when the ledger recorded it (by the ledger's
    own clock); who acted, and the pack that was pinned.
    """

    occurred_at: datetime
    submitted_at: datetime
    recorded_at: datetime
    actor: Actor
    policy: PolicyRef


def moments_of(stored: StoredRecord) -> Moments:
    """Those of a record."""
    record = stored.record
    return Moments(record.occurred_at, record.submitted_at, stored.recorded_at, record.actor, record.policy)


def entered_late_by(act: Moments) -> timedelta | None:
    """How long after it happened the command of an act was received, if that is long; None where it is not."""
    gap = act.submitted_at - act.occurred_at
    return gap if gap > ENTERED_LATE_AFTER and act.actor.role != SYSTEM_ROLE else None


def recorded_late_by(act: Moments) -> timedelta | None:
    """How long after its command was received an act was recorded, if that is beyond the tolerance
    (`late_recording_tolerance_seconds`) of the pinned pack; None where it is not.

    What the system does by itself is never late: it follows from an act, whose times it has. Raises `PolicyNotFound`
    where this installation lacks the pack.
    """
    if act.actor.role == SYSTEM_ROLE:
        return None
    tolerance = timedelta(seconds=pack_by_ref(act.policy).thresholds.late_recording_tolerance_seconds)
    gap = act.recorded_at - act.submitted_at
    return gap if gap > tolerance else None
