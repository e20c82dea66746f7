"""The referral: commands and events of process 2."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Instant, Text
from nom.contracts.crime import CrimeRecorded, RapeIncidentN100Recorded, RecordCrime, RecordN100
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent, Opening
from nom.contracts.identity import IdentityCommand, IdentityEvent
from nom.contracts.ids import Force
from nom.contracts.subjects import Allegation, Subject
from nom.contracts.transfer import RefuseTransfer
from nom.contracts.victim_support import SupportCommand, SupportEvent

Source = Literal["education", "health", "local_authority", "police", "public", "survivor", "mandated_reporter", "force"]


class ReceiveReferral(CommandBase):
    """A referral came in, from any source. Opens the referral and, through it, the case. `aware_at` is when a reporter
    under the mandatory duty became aware of what they report.
    """

    opens: ClassVar[bool] = True
    type: Literal["ReceiveReferral"] = "ReceiveReferral"
    opening: Opening
    source: Source
    subjects: tuple[Subject, ...] = Field(min_length=1)
    allegations: tuple[Allegation, ...] = ()
    aware_at: Instant | None = None


class Acknowledge(CommandBase):
    """Tell the referrer that the referral was received."""

    type: Literal["Acknowledge"] = "Acknowledge"


class Route(CommandBase):
    """Decide where the referral goes. To another force: `force` is asked to take the whole matter, with the reason, and
    the referral ends here once it has accepted; `opening` is what the case would be opened under there.
    """

    type: Literal["Route"] = "Route"
    to: Literal["triage", "signpost", "transfer"]
    force: Force | None = None
    opening: Opening | None = None


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


class ReferralTransferRequested(EventBase):
    """The referral goes to another force, if that accepts the matter."""

    says: ClassVar[str] = "Referral to go to {force}, if it accepts"
    type: Literal["referral_transfer_requested.v1"] = "referral_transfer_requested.v1"
    force: Force


class ReferralTransferRefused(EventBase):
    """The other force does not take the matter: the referral is still to be routed."""

    says: ClassVar[str] = "{force} does not take the referral: {because}"
    type: Literal["referral_transfer_refused.v1"] = "referral_transfer_refused.v1"
    force: Force
    because: Text


ReferralOwnCommand = (
    ReceiveReferral | Acknowledge | RecordCrime | RecordN100 | Route | RefuseTransfer | IdentityCommand | SupportCommand
)
ReferralOwnEvent = (
    ReferralReceived
    | ReferralAcknowledged
    | CrimeRecorded
    | RapeIncidentN100Recorded
    | ReferralRouted
    | ReferralTransferRequested
    | ReferralTransferRefused
    | IdentityEvent
    | SupportEvent
)
ReferralCommand = Annotated[ReferralOwnCommand | CommonCommand, Field(discriminator="type")]
ReferralEvent = Annotated[ReferralOwnEvent | CommonEvent, Field(discriminator="type")]
ReferralRequest = CommandEnvelope[ReferralCommand]
