"""Somebody who works with children and is suspected: the designated officer of the local authority must be told.

Part of process 4. Names nobody's work place and no allegation.
"""

from typing import ClassVar, Literal

from nom.contracts.base import Instant
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import SubjectId
from nom.contracts.local_time import london_words


class RecordPositionOfTrust(CommandBase):
    """Say that a suspect works with children (ours: the awareness that the time to tell the designated officer counts
    from). `aware_at` is when that was known, the moment of the command if none is given.
    """

    type: Literal["RecordPositionOfTrust"] = "RecordPositionOfTrust"
    suspect: SubjectId
    aware_at: Instant | None = None


class NotifyLado(CommandBase):
    """The local authority's designated officer was told of a suspect who works with children. `aware_at` is when that
    was known, where nobody has recorded it before.
    """

    type: Literal["NotifyLado"] = "NotifyLado"
    suspect: SubjectId
    aware_at: Instant | None = None


class PositionOfTrustRecorded(EventBase):
    """A suspect works with children."""

    says: ClassVar[str] = "{suspect} works with children; known since {moment}"
    type: Literal["position_of_trust_recorded.v1"] = "position_of_trust_recorded.v1"
    suspect: SubjectId
    aware_at: Instant

    @property
    def moment(self) -> str:
        """The moment in words."""
        return london_words(self.aware_at)


class LadoNotified(EventBase):
    """The designated officer of the local authority was told."""

    says: ClassVar[str] = "Designated officer told of {suspect}, who works with children"
    type: Literal["lado_notified.v1"] = "lado_notified.v1"
    suspect: SubjectId
    notified_at: Instant


TrustCommand = RecordPositionOfTrust | NotifyLado
TrustEvent = PositionOfTrustRecorded | LadoNotified
