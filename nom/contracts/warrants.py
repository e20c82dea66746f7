"""The court and the hospital: commands and events of beyond 36 hours and of time that does not count.

Moments are UTC. The custody officer enters the decision of a court and names the court: courts have no access (ours).
"""

from typing import ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Instant, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.local_time import london_words


class ApplyForWarrant(CommandBase):
    """Ask a magistrates' court for a warrant of further detention (PACE s43), or for more of one in force (s44).
    `new_evidence`: evidence has come to light since an earlier application was refused (s43(17)).
    """

    type: Literal["ApplyForWarrant"] = "ApplyForWarrant"
    new_evidence: bool = False


class GrantWarrant(CommandBase):
    """The court issued the warrant, or extended it, for so many hours, which run from the moment of the command."""

    decides: ClassVar[bool] = True
    type: Literal["GrantWarrant"] = "GrantWarrant"
    hours: int = Field(gt=0, le=96)
    court: Text


class RefuseWarrant(CommandBase):
    """The court refused. The suspect is charged or released by the end of the authority in force (s43(15)-(16))."""

    decides: ClassVar[bool] = True
    type: Literal["RefuseWarrant"] = "RefuseWarrant"
    court: Text


class RecordHospital(CommandBase):
    """The suspect was taken from the station to hospital for treatment: time that does not count (PACE s41(6)).

    Without `returned_at` the suspect is still there; give the stay again, whole, on return. Questioning there about the
    offence counts: leave it out, as two stays around it.
    """

    type: Literal["RecordHospital"] = "RecordHospital"
    left_at: Instant
    returned_at: Instant | None = None


class EarlierDetentionCounted(EventBase):
    """The suspect came back on bail: detention before that bail is part of every limit (PACE s47(6))."""

    says: ClassVar[str] = "Detention of {minutes} minutes before the bail counts"
    type: Literal["earlier_detention_counted.v1"] = "earlier_detention_counted.v1"
    minutes: int


class WarrantAppliedFor(EventBase):
    """The court was asked. `number` counts the applications of this arrest."""

    says: ClassVar[str] = "Warrant of further detention applied for (application {number})"
    type: Literal["warrant_applied_for.v1"] = "warrant_applied_for.v1"
    number: int
    new_evidence: bool
    applied_at: Instant


class WarrantGranted(EventBase):
    """The court authorised detention for so many hours from the issue. `number` counts its extensions, too."""

    says: ClassVar[str] = "Warrant of further detention {number} issued by {court}: {hours} hours from {issued}"
    type: Literal["warrant_granted.v1"] = "warrant_granted.v1"
    number: int
    hours: int
    court: Text
    issued_at: Instant

    @property
    def issued(self) -> str:
        """When it was issued, in words."""
        return london_words(self.issued_at)


class WarrantRefused(EventBase):
    """The court refused. `charge_or_release_by` is when the authority in force ends; None while the suspect is in
    hospital, where no time counts.
    """

    says: ClassVar[str] = "Warrant of further detention refused by {court}: charge or release by {until}"
    type: Literal["warrant_refused.v1"] = "warrant_refused.v1"
    court: Text
    charge_or_release_by: Instant | None
    refused_at: Instant

    @property
    def until(self) -> str:
        """The end of the authority in force, in words."""
        by = self.charge_or_release_by
        return london_words(by) if by else "the end of the time that is left after hospital"


class HospitalStayRecorded(EventBase):
    """Time in hospital, which does not count. `returned_at` None: the suspect is still there."""

    says: ClassVar[str] = "In hospital from {left} to {returned}: that time does not count"
    type: Literal["hospital_stay_recorded.v1"] = "hospital_stay_recorded.v1"
    left_at: Instant
    returned_at: Instant | None

    @property
    def left(self) -> str:
        """When the suspect left the station, in words."""
        return london_words(self.left_at)

    @property
    def returned(self) -> str:
        """When the suspect was back, in words."""
        return london_words(self.returned_at) if self.returned_at else "a time not yet known"


WarrantCommand = ApplyForWarrant | GrantWarrant | RefuseWarrant
WarrantEvent = WarrantAppliedFor | WarrantGranted | WarrantRefused
