"""Recording of crime: commands and events that the referral and the investigation share. Holds no crime report."""

from typing import ClassVar, Literal

from nom.contracts.base import Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import SubjectId


class RecordCrime(CommandBase):
    """Record a crime: one per victim and offence (Home Office Counting Rules)."""

    type: Literal["RecordCrime"] = "RecordCrime"
    victim: SubjectId
    offence: str
    reference: str | None = None


class RecordN100(CommandBase):
    """Record a report of rape that is not confirmed as a crime, with the reason (Home Office classification N100)."""

    decides: ClassVar[bool] = True
    type: Literal["RecordN100"] = "RecordN100"
    victim: SubjectId
    offence: str


class ReclassifyCrime(CommandBase):
    """Record a crime as another offence than before. Given by the force crime registrar."""

    decides: ClassVar[bool] = True
    type: Literal["ReclassifyCrime"] = "ReclassifyCrime"
    victim: SubjectId
    offence: str
    to: str


class CancelCrime(CommandBase):
    """Cancel a crime: further information shows that none was committed. Given by the force crime registrar."""

    decides: ClassVar[bool] = True
    type: Literal["CancelCrime"] = "CancelCrime"
    victim: SubjectId
    offence: str


class CrimeRecorded(EventBase):
    """A crime was recorded. `warnings` tell the recorder of what does not fit, such as the victim's age."""

    says: ClassVar[str] = "Crime recorded: {offence} against {victim}"
    type: Literal["crime_recorded.v1"] = "crime_recorded.v1"
    victim: SubjectId
    offence: str
    reference: str | None
    warnings: tuple[Text, ...] = ()


class RapeIncidentN100Recorded(EventBase):
    """A report of rape was recorded as not confirmed."""

    says: ClassVar[str] = "Report of rape not confirmed as a crime (N100): {offence} against {victim}"
    type: Literal["rape_incident_n100_recorded.v1"] = "rape_incident_n100_recorded.v1"
    victim: SubjectId
    offence: str


class CrimeReclassified(EventBase):
    """A crime is another offence than it was recorded as. `warnings` as when a crime is recorded."""

    says: ClassVar[str] = "Crime against {victim} reclassified from {offence} to {to}"
    type: Literal["crime_reclassified.v1"] = "crime_reclassified.v1"
    victim: SubjectId
    offence: str
    to: str
    warnings: tuple[Text, ...] = ()


class CrimeCancelled(EventBase):
    """A crime was cancelled."""

    says: ClassVar[str] = "Crime cancelled: {offence} against {victim}"
    type: Literal["crime_cancelled.v1"] = "crime_cancelled.v1"
    victim: SubjectId
    offence: str


RegistrarCommand = ReclassifyCrime | CancelCrime
RegistrarEvent = CrimeReclassified | CrimeCancelled
"""The registrar's second look at a crime, in an investigation."""
