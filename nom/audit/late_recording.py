"""Which acts of people came to the ledger late, by the tolerance of the policy pack under which each was recorded.

Reads no database and no clock. A late record is a fact and no reproach: a pocket notebook is typed up after the shift.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from nom.contracts.actors import SYSTEM_ROLE, Actor
from nom.contracts.envelope import PolicyRef, StoredRecord
from nom.contracts.policy.loader import pack_by_ref


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


def late_by(act: Moments) -> timedelta | None:
    """How long after it happened an act was recorded, if that is late; None where it is not.

    Late is either of two gaps beyond the `late_recording_tolerance_seconds` of the pinned pack: from when it happened
    to when its command was received, and from then to when the ledger recorded it. What the system does by itself is
    never late: it follows from an act, whose times it has. Raises `PolicyNotFound` where this installation lacks the
    pack.
    """
    if act.actor.role == SYSTEM_ROLE:
        return None
    tolerance = timedelta(seconds=pack_by_ref(act.policy).thresholds.late_recording_tolerance_seconds)
    if max(act.submitted_at - act.occurred_at, act.recorded_at - act.submitted_at) <= tolerance:
        return None
    return max(act.recorded_at, act.submitted_at) - act.occurred_at
