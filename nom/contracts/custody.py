"""Custody: commands and events of process 7, one stream per arrest. Moments are UTC; months count in Europe/London."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.bail_regime import BailAuthorityRecorded, BailRegimeChanged, ChangeBailRegime
from nom.contracts.base import Instant, Text
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent, Opening
from nom.contracts.ids import SubjectId
from nom.contracts.local_time import london_words
from nom.contracts.policy.rules import BailCondition
from nom.contracts.stages import RecordSuspectOutcome
from nom.contracts.warrants import (
    EarlierDetentionCounted,
    HospitalStayRecorded,
    RecordHospital,
    WarrantCommand,
    WarrantEvent,
)

Release = Literal["released", "charged", "refused_charge"]
"""How a person ends custody: released without bail, charged, or brought back without a charge."""

CustodyEnd = Release | Literal["declined", "closed"]
"""As `Release`, or what the case told: prosecution declined, or the matter closed for the suspect."""


class Arrest(CommandBase):
    """A suspect was arrested. Opens custody. `breach_of_bail`: for failing to keep to pre-charge bail (PACE s46A)."""

    opens: ClassVar[bool] = True
    type: Literal["Arrest"] = "Arrest"
    opening: Opening
    suspect: SubjectId
    offence: str | None = None
    breach_of_bail: bool = False


class AuthoriseDetention(CommandBase):
    """Authorise detention (PACE s37). `relevant_time`: the arrival from which the limits of detention run (s41).
    `detained_before`: minutes in detention before the bail that was broken, which count too (s47(6)).
    """

    type: Literal["AuthoriseDetention"] = "AuthoriseDetention"
    relevant_time: Instant
    detained_before: int = Field(default=0, ge=0, le=96 * 60)


class ReviewDetention(CommandBase):
    """A review of detention was held (PACE s40)."""

    type: Literal["ReviewDetention"] = "ReviewDetention"


class ExtendDetention(CommandBase):
    """Authorise detention up to so many hours from the relevant time (PACE s42)."""

    type: Literal["ExtendDetention"] = "ExtendDetention"
    hours: int = Field(gt=0, le=96)


class Bail(CommandBase):
    """Release on pre-charge bail, with or without conditions."""

    type: Literal["Bail"] = "Bail"
    conditions: tuple[Text, ...] = ()


class ExtendBail(CommandBase):
    """Extend pre-charge bail to so many months from its start (PACE s47ZD to s47ZF). `court` names the court where it
    is the court that decided; `confirms` says which conditions of the longer periods are met.
    """

    type: Literal["ExtendBail"] = "ExtendBail"
    to_months: int = Field(gt=0, le=24)
    court: Text | None = None
    confirms: tuple[BailCondition, ...] = ()


class ReleaseUnderInvestigation(CommandBase):
    """Release without bail while the investigation goes on."""

    type: Literal["ReleaseUnderInvestigation"] = "ReleaseUnderInvestigation"


class EndCustody(CommandBase):
    """Custody is over, and so is what it left running."""

    type: Literal["EndCustody"] = "EndCustody"
    how: Release


class SuspectArrested(EventBase):
    """A suspect was arrested."""

    says: ClassVar[str] = "{suspect} arrested; offence: {offence}"
    type: Literal["suspect_arrested.v1"] = "suspect_arrested.v1"
    suspect: SubjectId
    offence: str | None
    breach_of_bail: bool
    arrested_at: Instant


class DetentionAuthorised(EventBase):
    """Detention was authorised."""

    says: ClassVar[str] = "Detention authorised; relevant time {relevant}"
    type: Literal["detention_authorised.v1"] = "detention_authorised.v1"
    relevant_time: Instant
    authorised_at: Instant

    @property
    def relevant(self) -> str:
        """The relevant time in words."""
        return _in_words(self.relevant_time)


class DetentionReviewed(EventBase):
    """A review was held. `number` counts reviews in the order in which they were entered."""

    says: ClassVar[str] = "Detention reviewed (review {number}) at {held}"
    type: Literal["detention_reviewed.v1"] = "detention_reviewed.v1"
    number: int
    held_at: Instant

    @property
    def held(self) -> str:
        """When it was held, in words."""
        return _in_words(self.held_at)


class DetentionExtended(EventBase):
    """Detention was authorised up to a later end."""

    says: ClassVar[str] = "Detention authorised up to {hours} hours from the relevant time"
    type: Literal["detention_extended.v1"] = "detention_extended.v1"
    hours: int
    extended_at: Instant


class UnlawfulDetentionRecorded(EventBase):
    """An act reported after the authorised end shows that the suspect was still detained, without authority."""

    says: ClassVar[str] = "Detention without authority: it ended {ended}, and the suspect was still detained {still}"
    type: Literal["unlawful_detention_recorded.v1"] = "unlawful_detention_recorded.v1"
    authorised_until: Instant
    still_detained_at: Instant

    @property
    def ended(self) -> str:
        """When the authority ended, in words."""
        return _in_words(self.authorised_until)

    @property
    def still(self) -> str:
        """When the suspect is known to have been detained still, in words."""
        return _in_words(self.still_detained_at)


class UnlawfulDetentionWithdrawn(EventBase):
    """An authority entered late shows that the detention recorded as unlawful was lawful."""

    says: ClassVar[str] = "Detention was lawful up to {until} after all: {because}"
    type: Literal["unlawful_detention_withdrawn.v1"] = "unlawful_detention_withdrawn.v1"
    authorised_until: Instant
    because: Text

    @property
    def until(self) -> str:
        """The authorised end, in words."""
        return _in_words(self.authorised_until)


class BailGranted(EventBase):
    """The suspect was released on pre-charge bail."""

    says: ClassVar[str] = "{suspect} bailed; conditions: {conditions}"
    type: Literal["bail_granted.v1"] = "bail_granted.v1"
    suspect: SubjectId
    conditions: tuple[Text, ...]
    released_at: Instant


class BailExtended(EventBase):
    """Bail was extended. `authorised_by` is the policy's clock under which it now runs."""

    says: ClassVar[str] = "Bail extended to {months} months from its start ({authorised_by})"
    type: Literal["bail_extended.v1"] = "bail_extended.v1"
    months: int
    authorised_by: str
    extended_at: Instant


class SuspectReleasedUnderInvestigation(EventBase):
    """The suspect was released without bail; the investigation goes on."""

    says: ClassVar[str] = "{suspect} released under investigation"
    type: Literal["suspect_released_under_investigation.v1"] = "suspect_released_under_investigation.v1"
    suspect: SubjectId
    released_at: Instant


class CustodyEnded(EventBase):
    """Nothing of this arrest is left running."""

    says: ClassVar[str] = "Custody of {suspect} ended: {how}"
    type: Literal["custody_ended.v1"] = "custody_ended.v1"
    suspect: SubjectId
    how: CustodyEnd
    ended_at: Instant


def _in_words(moment: Instant) -> str:
    return london_words(moment)


CustodyOwnCommand = (
    Arrest
    | AuthoriseDetention
    | ReviewDetention
    | ExtendDetention
    | Bail
    | ExtendBail
    | ReleaseUnderInvestigation
    | ChangeBailRegime
    | RecordHospital
    | WarrantCommand
    | EndCustody
    | RecordSuspectOutcome
)
CustodyOwnEvent = (
    SuspectArrested
    | DetentionAuthorised
    | DetentionReviewed
    | DetentionExtended
    | UnlawfulDetentionRecorded
    | UnlawfulDetentionWithdrawn
    | EarlierDetentionCounted
    | HospitalStayRecorded
    | WarrantEvent
    | BailGranted
    | BailExtended
    | BailAuthorityRecorded
    | BailRegimeChanged
    | SuspectReleasedUnderInvestigation
    | CustodyEnded
)
CustodyCommand = Annotated[CustodyOwnCommand | CommonCommand, Field(discriminator="type")]
CustodyEvent = Annotated[CustodyOwnEvent | CommonEvent, Field(discriminator="type")]
CustodyRequest = CommandEnvelope[CustodyCommand]
