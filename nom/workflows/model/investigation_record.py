"""What is known of one investigation, and how one event changes that. Decides nothing."""

from typing import assert_never

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.case import SubjectLinked
from nom.contracts.characteristics import (
    EthnicityRecorded,
    EthnicityUnavailableRecorded,
    NationalityRecorded,
    NationalityUnavailableRecorded,
    ObservedEthnicityRecorded,
)
from nom.contracts.crime import CrimeCancelled, CrimeReclassified, CrimeRecorded, RegistrarEvent
from nom.contracts.ids import PersonId, SubjectId
from nom.contracts.inquiry import (
    InquiryEvent,
    LineName,
    LineOfInquiryClosed,
    LineOfInquiryOpened,
    SuspectInterviewed,
    SuspectNamed,
    SuspectNotInterviewed,
    VictimAccountDeclined,
    VictimAccountNotSought,
    VictimAccountTaken,
)
from nom.contracts.investigation import (
    CaseHandedOver,
    Conclusion,
    ConductEvent,
    InvestigationOpened,
    InvestigationOwnEvent,
    NotifiableEventRecorded,
    SioAppointed,
    SupervisorReviewRecorded,
    SuspectConcluded,
)
from nom.contracts.notices import NoticeOf, VictimNotified
from nom.contracts.standing import (
    InvestigationReopened,
    StandingAsked,
    StandingEvent,
    StandingNoLongerAsked,
    StandingQuestion,
)
from nom.contracts.subjects import Allegation, Subject
from nom.workflows.model.characteristics import CharacteristicsState, evolve_characteristic
from nom.workflows.model.deliberation import Deliberation


class LineOfInquiry(Contract):
    """One line of inquiry; open until it has a result."""

    name: LineName
    result: Text | None = None


class SuspectConclusion(Contract):
    """What the investigation leads to for a suspect."""

    suspect: SubjectId
    how: Conclusion


class OffRecord(Contract):
    """A crime that no longer stands: it is another offence now, or was cancelled where `stands_as` is None."""

    crime: tuple[SubjectId, str]
    stands_as: str | None = None


class Notice(Contract):
    """Victims were told of something at a moment."""

    of: NoticeOf
    victims: tuple[SubjectId, ...]
    told_at: Instant


class InvestigationState(CharacteristicsState):
    """What is known of one investigation. `accounts` are the victims whose account was taken, declined or not sought;
    `interviews` the suspects who were interviewed or, for a reason, were not. `questions` are those of the closures
    that wait to be told how things stand; `closed_crimes` the crimes without a suspect whose closure is final;
    `off_record` those that no longer stand.
    """

    received_at: Instant | None = None
    subjects: tuple[Subject, ...] = ()
    allegations: tuple[Allegation, ...] = ()
    sio: PersonId | None = None
    recorded: tuple[tuple[SubjectId, str], ...] = ()
    lines: tuple[LineOfInquiry, ...] = ()
    accounts: tuple[SubjectId, ...] = ()
    interviews: tuple[SubjectId, ...] = ()
    notices: tuple[Notice, ...] = ()
    conclusions: tuple[SuspectConclusion, ...] = ()
    led_by: tuple[PersonId, ...] = ()
    questions: tuple[StandingQuestion, ...] = ()
    closed_crimes: tuple[tuple[SubjectId, str], ...] = ()
    off_record: tuple[OffRecord, ...] = ()

    def known_people(self) -> tuple[SubjectId, ...]:
        """Everybody whom the investigation is about."""
        return tuple(subject.id for subject in self.subjects)

    def victims(self) -> tuple[SubjectId, ...]:
        """The known victims."""
        return tuple(subject.id for subject in self.subjects if subject.is_victim)

    def suspects(self) -> tuple[SubjectId, ...]:
        """The known suspects."""
        return tuple(subject.id for subject in self.subjects if subject.is_suspect)

    def open_lines(self) -> tuple[str, ...]:
        """The lines of inquiry without a result."""
        return tuple(line.name for line in self.lines if line.result is None)

    def crimes(self) -> tuple[tuple[SubjectId, str], ...]:
        """Every victim and offence that was alleged or recorded here, and stands."""
        alleged = ((item.victim, item.offence) for item in self.allegations)
        return tuple(crime for crime in dict.fromkeys((*alleged, *self.recorded)) if not self.is_off_record(crime))

    def recorded_crimes(self) -> tuple[tuple[SubjectId, str], ...]:
        """Every victim and offence that was recorded here, and stands."""
        return tuple(crime for crime in self.recorded if not self.is_off_record(crime))

    def is_off_record(self, crime: tuple[SubjectId, str]) -> bool:
        """Whether a crime was reclassified or cancelled."""
        return any(item.crime == crime for item in self.off_record)

    def question_of(self, closure: str) -> StandingQuestion | None:
        """What a closure asks, if it does."""
        return next((item for item in self.questions if item.closure == closure), None)

    def concluded(self) -> tuple[SubjectId, ...]:
        """The suspects for whom the investigation is over."""
        return tuple(item.suspect for item in self.conclusions)


Thinking = Deliberation[InvestigationState]


def evolve(state: InvestigationState, event: InvestigationOwnEvent) -> InvestigationState:
    """Fold one event of an investigation."""
    match event:
        case (
            EthnicityRecorded()
            | ObservedEthnicityRecorded()
            | EthnicityUnavailableRecorded()
            | NationalityRecorded()
            | NationalityUnavailableRecorded()
        ):
            return evolve_characteristic(state, event)
        case (
            LineOfInquiryOpened()
            | LineOfInquiryClosed()
            | VictimAccountTaken()
            | VictimAccountDeclined()
            | VictimAccountNotSought()
            | SuspectNamed()
            | SuspectInterviewed()
            | SuspectNotInterviewed()
        ):
            return _after_inquiry(state, event)
        case (
            InvestigationOpened()
            | SubjectLinked()
            | SioAppointed()
            | CaseHandedOver()
            | SupervisorReviewRecorded()
            | CrimeRecorded()
            | NotifiableEventRecorded()
            | VictimNotified()
            | SuspectConcluded()
        ):
            return _after_conduct(state, event)
        case CrimeReclassified() | CrimeCancelled():
            return _after_registrar(state, event)
        case StandingAsked() | StandingNoLongerAsked() | InvestigationReopened():
            return _after_standing(state, event)
        case _:
            assert_never(event)


def _after_inquiry(state: InvestigationState, event: InquiryEvent) -> InvestigationState:
    match event:
        case LineOfInquiryOpened():
            return _with_line(state, LineOfInquiry(name=event.line))
        case LineOfInquiryClosed():
            return _with_line(state, LineOfInquiry(name=event.line, result=event.result))
        case VictimAccountTaken() | VictimAccountDeclined() | VictimAccountNotSought():
            return state.model_copy(update={"accounts": _with(state.accounts, event.victim)})
        case SuspectNamed():
            return state.model_copy(update={"subjects": (*state.subjects, event.subject)})
        case SuspectInterviewed() | SuspectNotInterviewed():
            return state.model_copy(update={"interviews": _with(state.interviews, event.suspect)})
        case _:
            assert_never(event)


def _with_line(state: InvestigationState, line: LineOfInquiry) -> InvestigationState:
    others = tuple(item for item in state.lines if item.name != line.name)
    return state.model_copy(update={"lines": (*others, line)})


def _with(people: tuple[SubjectId, ...], person: SubjectId) -> tuple[SubjectId, ...]:
    return people if person in people else (*people, person)


def _after_conduct(state: InvestigationState, event: ConductEvent) -> InvestigationState:
    match event:
        case InvestigationOpened():
            return state.model_copy(
                update={
                    "received_at": event.received_at,
                    "subjects": event.subjects,
                    "allegations": event.allegations,
                }
            )
        case SubjectLinked():
            return state.model_copy(update={"subjects": (*state.subjects, event.subject)})
        case SioAppointed():
            return state.model_copy(update={"sio": event.officer, "led_by": (*state.led_by, event.officer)})
        case CaseHandedOver():
            return state.model_copy(update={"sio": event.to_officer, "led_by": (*state.led_by, event.to_officer)})
        case CrimeRecorded():
            return _with_crime(state, (event.victim, event.offence))
        case VictimNotified():
            notice = Notice(of=event.of, victims=event.victims, told_at=event.told_at)
            return state.model_copy(update={"notices": (*state.notices, notice)})
        case SuspectConcluded():
            conclusion = SuspectConclusion(suspect=event.suspect, how=event.how)
            return state.model_copy(update={"conclusions": (*state.conclusions, conclusion)})
        case SupervisorReviewRecorded() | NotifiableEventRecorded():
            return state
        case _:
            assert_never(event)


def _with_crime(state: InvestigationState, crime: tuple[SubjectId, str]) -> InvestigationState:
    others = tuple(item for item in state.off_record if item.crime != crime)
    recorded = tuple(dict.fromkeys((*state.recorded, crime)))
    return state.model_copy(update={"recorded": recorded, "off_record": others})


def _after_registrar(state: InvestigationState, event: RegistrarEvent) -> InvestigationState:
    match event:
        case CrimeReclassified():
            state = _with_crime(state, (event.victim, event.to))
            was = OffRecord(crime=(event.victim, event.offence), stands_as=event.to)
        case CrimeCancelled():
            was = OffRecord(crime=(event.victim, event.offence))
        case _:
            assert_never(event)
    return state.model_copy(update={"off_record": (*state.off_record, was)})


def _after_standing(state: InvestigationState, event: StandingEvent) -> InvestigationState:
    match event:
        case StandingAsked():
            return state.model_copy(update={"questions": (*_of_others(state, event.closure), event.question)})
        case StandingNoLongerAsked():
            question = state.question_of(event.closure)
            crime = question.crime if question is not None and event.outcome == "closed" else None
            closed = ((crime.victim, crime.offence),) if crime is not None else ()
            crimes = tuple(dict.fromkeys((*state.closed_crimes, *closed)))
            return state.model_copy(update={"questions": _of_others(state, event.closure), "closed_crimes": crimes})
        case InvestigationReopened():
            conclusions = tuple(item for item in state.conclusions if item.suspect != event.suspect)
            return state.model_copy(update={"conclusions": conclusions})
        case _:
            assert_never(event)


def _of_others(state: InvestigationState, closure: str) -> tuple[StandingQuestion, ...]:
    return tuple(item for item in state.questions if item.closure != closure)
