"""The referral: commands and events of process 2."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Instant, Text
from nom.contracts.crime import CrimeRecorded, RapeIncidentN100Recorded, RecordCrime, RecordN100
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent, Opening
from nom.contracts.subjects import Allegation, Subject

Source = Literal["education", "health", "local_authority", "police", "public", "survivor", "mandated_reporter", "force"]


class ReceiveReferral(CommandBase):
    """A referral came in, from any source. Opens the referral and, through it, the case."""

    opens: ClassVar[bool] = True
    type: Literal["ReceiveReferral"] = "ReceiveReferral"
    opening: Opening
    source: Source
    subjects: tuple[Subject, ...] = Field(min_length=1)
    allegations: tuple[Allegation, ...] = ()


class Acknowledge(CommandBase):
    """Tell the referrer that the referral was received."""

    type: Literal["Acknowledge"] = "Acknowledge"


class Route(CommandBase):
    """Decide where the referral goes."""

    type: Literal["Route"] = "Route"
    to: Literal["triage", "signpost"]


class ReferralReceived(EventBase):
    """A referral was received."""

    says: ClassVar[str] = "Referral received from {source} about {about}"
    type: Literal["referral_received.v1"] = "referral_received.v1"
    source: Source
    subjects: tuple[Subject, ...]
    allegations: tuple[Allegation, ...]
    received_at: Instant
    warnings: tuple[Text, ...] = ()

    @property
    def about(self) -> tuple[str, ...]:
        """The people it is about."""
        return tuple(subject.id for subject in self.subjects)


class ReferralAcknowledged(EventBase):
    """The referrer knows that it was received."""

    says: ClassVar[str] = "Referral acknowledged"
    type: Literal["referral_acknowledged.v1"] = "referral_acknowledged.v1"
    acknowledged_at: Instant


class ReferralRouted(EventBase):
    """It was decided where the referral goes."""

    says: ClassVar[str] = "Referral routed to {to}"
    type: Literal["referral_routed.v1"] = "referral_routed.v1"
    to: Literal["triage", "signpost"]


ReferralOwnCommand = ReceiveReferral | Acknowledge | RecordCrime | RecordN100 | Route
ReferralOwnEvent = ReferralReceived | ReferralAcknowledged | CrimeRecorded | RapeIncidentN100Recorded | ReferralRouted
ReferralCommand = Annotated[ReferralOwnCommand | CommonCommand, Field(discriminator="type")]
ReferralEvent = Annotated[ReferralOwnEvent | CommonEvent, Field(discriminator="type")]
ReferralRequest = CommandEnvelope[ReferralCommand]
