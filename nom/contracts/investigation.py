"""The investigation: commands and events of process 6. Holds no evidence, no account and no interview."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Instant, Text
from nom.contracts.case import LinkSubject, SubjectLinked
from nom.contracts.characteristics import CharacteristicCommand, CharacteristicEvent
from nom.contracts.crime import CrimeRecorded, RecordCrime, RegistrarCommand, RegistrarEvent
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent
from nom.contracts.ids import PersonId, StreamId, SubjectId
from nom.contracts.inquiry import InquiryCommand, InquiryEvent
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.stages import NotifiableEvent, OpenInvestigation, RecordNotifiableEvent
from nom.contracts.standing import StandingCommand, StandingEvent
from nom.contracts.subjects import Allegation, Subject

Conclusion = Literal["file_to_cps", "propose_closure"]


class AppointSio(CommandBase):
    """Appoint the first senior investigating officer. From then on they hand over."""

    type: Literal["AppointSio"] = "AppointSio"
    officer: PersonId


class HandOver(CommandBase):
    """The senior investigating officer hands the investigation over to another."""

    type: Literal["HandOver"] = "HandOver"
    from_officer: PersonId
    to_officer: PersonId


class ReviewAsSupervisor(CommandBase):
    """A supervisor reviewed the investigation, and may have directed what is to be done."""

    type: Literal["ReviewAsSupervisor"] = "ReviewAsSupervisor"
    directions: tuple[Text, ...] = ()


class Conclude(CommandBase):
    """Decide what the investigation leads to for a suspect. Refused while a condition of the gate is unmet."""

    decides: ClassVar[bool] = True
    type: Literal["Conclude"] = "Conclude"
    suspect: SubjectId
    how: Conclusion


class InvestigationOpened(EventBase):
    """The case asked for an investigation."""

    says: ClassVar[str] = "Investigation opened about {about}"
    type: Literal["investigation_opened.v1"] = "investigation_opened.v1"
    received_at: Instant
    subjects: tuple[Subject, ...]
    allegations: tuple[Allegation, ...]

    @property
    def about(self) -> tuple[str, ...]:
        """The people it is about."""
        return tuple(subject.id for subject in self.subjects)


class SioAppointed(EventBase):
    """There is a senior investigating officer."""

    says: ClassVar[str] = "Senior investigating officer: {officer}"
    type: Literal["sio_appointed.v1"] = "sio_appointed.v1"
    officer: PersonId


class CaseHandedOver(EventBase):
    """The senior investigating officer changed."""

    says: ClassVar[str] = "Investigation handed over from {from_officer} to {to_officer}"
    type: Literal["case_handed_over.v1"] = "case_handed_over.v1"
    from_officer: PersonId
    to_officer: PersonId


class SupervisorReviewRecorded(EventBase):
    """A supervisor reviewed the investigation."""

    says: ClassVar[str] = "Supervisor's review; directions: {directions}"
    type: Literal["supervisor_review_recorded.v1"] = "supervisor_review_recorded.v1"
    directions: tuple[Text, ...]


class NotifiableEventRecorded(EventBase):
    """Something happened to a suspect that victims must be told of, by itself or with what followed it."""

    says: ClassVar[str] = "Victims to be told of {of} of {suspect}"
    type: Literal["notifiable_event_recorded.v1"] = "notifiable_event_recorded.v1"
    of: NotifiableEvent
    suspect: SubjectId
    happened_at: Instant
    stage: StreamId


class SuspectConcluded(EventBase):
    """It was decided what the investigation leads to for a suspect."""

    says: ClassVar[str] = "Investigation of {suspect} concluded: {how}"
    type: Literal["suspect_concluded.v1"] = "suspect_concluded.v1"
    suspect: SubjectId
    how: Conclusion


ConductCommand = (
    OpenInvestigation
    | LinkSubject
    | AppointSio
    | HandOver
    | ReviewAsSupervisor
    | RecordCrime
    | RecordNotifiableEvent
    | NotifyVictim
    | Conclude
)
ConductEvent = (
    InvestigationOpened
    | SubjectLinked
    | SioAppointed
    | CaseHandedOver
    | SupervisorReviewRecorded
    | CrimeRecorded
    | NotifiableEventRecorded
    | VictimNotified
    | SuspectConcluded
)
InvestigationOwnCommand = ConductCommand | InquiryCommand | CharacteristicCommand | RegistrarCommand | StandingCommand
InvestigationOwnEvent = ConductEvent | InquiryEvent | CharacteristicEvent | RegistrarEvent | StandingEvent
InvestigationCommand = Annotated[InvestigationOwnCommand | CommonCommand, Field(discriminator="type")]
InvestigationEvent = Annotated[InvestigationOwnEvent | CommonEvent, Field(discriminator="type")]
InvestigationRequest = CommandEnvelope[InvestigationCommand]
