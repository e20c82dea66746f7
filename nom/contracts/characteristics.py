"""Ethnicity and nationality of the people a matter is about: commands and events that triage and investigation share.

What a person says of themselves and what an officer observes are two facts, never one: nothing here may copy the one
into the other, and an absence always carries its reason.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from nom.contracts.base import Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import SubjectId


class SelfDefinedEthnicity(StrEnum):
    """The 18+1 codes of self-defined ethnicity. The reference table carries their labels."""

    W1 = "W1"
    W2 = "W2"
    W3 = "W3"
    W9 = "W9"
    M1 = "M1"
    M2 = "M2"
    M3 = "M3"
    M9 = "M9"
    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    A4 = "A4"
    A9 = "A9"
    B1 = "B1"
    B2 = "B2"
    B9 = "B9"
    O2 = "O2"
    O9 = "O9"
    NS = "NS"


class ImportedEthnicity(StrEnum):
    """Codes of other lists that are taken on import: O1 is Chinese in the 16+1 list; W4 (Gypsy or Irish Traveller) and
    W5 (Roma) stand in Ministry of Justice person records.
    """

    O1 = "O1"
    W4 = "W4"
    W5 = "W5"


class ObservedEthnicity(StrEnum):
    """What an officer observed (identity codes). Some systems write IC9 for unknown, which is IC0 here."""

    IC0 = "IC0"
    IC1 = "IC1"
    IC2 = "IC2"
    IC3 = "IC3"
    IC4 = "IC4"
    IC5 = "IC5"
    IC6 = "IC6"


AbsenceReason = Literal["no_contact", "refused", "not_asked", "not_understood"]
"""Why there is no answer (ours): nobody was in contact, the person refused, was not asked, or did not understand."""

Nationality = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 3166-1 alpha-3, such as `GBR`. The form is checked, not whether the country exists."""


class RecordEthnicity(CommandBase):
    """Record the ethnicity that a person gave themselves."""

    type: Literal["RecordEthnicity"] = "RecordEthnicity"
    subject: SubjectId
    self_defined: SelfDefinedEthnicity | ImportedEthnicity
    source: Text | None = None


class RecordObservedEthnicity(CommandBase):
    """Record the ethnicity that an officer observed. It never stands in for what the person says."""

    type: Literal["RecordObservedEthnicity"] = "RecordObservedEthnicity"
    subject: SubjectId
    code: ObservedEthnicity
    source: Text | None = None


class RecordEthnicityUnavailable(CommandBase):
    """Record why the self-defined ethnicity of these people is not known."""

    type: Literal["RecordEthnicityUnavailable"] = "RecordEthnicityUnavailable"
    subjects: tuple[SubjectId, ...] = Field(min_length=1)
    reason: AbsenceReason


class RecordNationality(CommandBase):
    """Record the nationality of a person, or their nationalities."""

    type: Literal["RecordNationality"] = "RecordNationality"
    subject: SubjectId
    nationality: tuple[Nationality, ...] = Field(min_length=1)


class RecordNationalityUnavailable(CommandBase):
    """Record why the nationality of these people is not known."""

    type: Literal["RecordNationalityUnavailable"] = "RecordNationalityUnavailable"
    subjects: tuple[SubjectId, ...] = Field(min_length=1)
    reason: AbsenceReason


class EthnicityRecorded(EventBase):
    """A person's own answer. `given_as` is the code as it came in, where that belongs to another list."""

    says: ClassVar[str] = "Self-defined ethnicity of {subject}: {answer}"
    type: Literal["ethnicity_recorded.v1"] = "ethnicity_recorded.v1"
    subject: SubjectId
    self_defined: SelfDefinedEthnicity
    given_as: ImportedEthnicity | None
    source: Text | None

    @property
    def answer(self) -> str:
        """The code and, where it was translated, the original."""
        return (
            f"{self.self_defined.value} (given as {self.given_as.value})" if self.given_as else self.self_defined.value
        )


class ObservedEthnicityRecorded(EventBase):
    """What an officer observed."""

    says: ClassVar[str] = "Ethnicity of {subject} as an officer observed it: {code}"
    type: Literal["observed_ethnicity_recorded.v1"] = "observed_ethnicity_recorded.v1"
    subject: SubjectId
    code: ObservedEthnicity
    source: Text | None


class EthnicityUnavailableRecorded(EventBase):
    """Why there is no self-defined ethnicity."""

    says: ClassVar[str] = "No self-defined ethnicity of {subjects}: {reason}"
    type: Literal["ethnicity_unavailable_recorded.v1"] = "ethnicity_unavailable_recorded.v1"
    subjects: tuple[SubjectId, ...]
    reason: AbsenceReason


class NationalityRecorded(EventBase):
    """A person's nationality or nationalities."""

    says: ClassVar[str] = "Nationality of {subject}: {nationality}"
    type: Literal["nationality_recorded.v1"] = "nationality_recorded.v1"
    subject: SubjectId
    nationality: tuple[Nationality, ...]


class NationalityUnavailableRecorded(EventBase):
    """Why there is no nationality."""

    says: ClassVar[str] = "No nationality of {subjects}: {reason}"
    type: Literal["nationality_unavailable_recorded.v1"] = "nationality_unavailable_recorded.v1"
    subjects: tuple[SubjectId, ...]
    reason: AbsenceReason


CharacteristicCommand = (
    RecordEthnicity
    | RecordObservedEthnicity
    | RecordEthnicityUnavailable
    | RecordNationality
    | RecordNationalityUnavailable
)
CharacteristicEvent = (
    EthnicityRecorded
    | ObservedEthnicityRecorded
    | EthnicityUnavailableRecorded
    | NationalityRecorded
    | NationalityUnavailableRecorded
)
