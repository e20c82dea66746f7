"""Rules of ethnicity and nationality, for every process whose state is a `CharacteristicsState`.

Owns what counts as an answer (invariant 17). Never fills an answer in from what an officer observed.
"""

from typing import TypeVar, assert_never

from nom.contracts.base import Contract
from nom.contracts.characteristics import (
    AbsenceReason,
    CharacteristicCommand,
    CharacteristicEvent,
    EthnicityRecorded,
    EthnicityUnavailableRecorded,
    ImportedEthnicity,
    Nationality,
    NationalityRecorded,
    NationalityUnavailableRecorded,
    ObservedEthnicity,
    ObservedEthnicityRecorded,
    RecordEthnicity,
    RecordEthnicityUnavailable,
    RecordNationality,
    RecordNationalityUnavailable,
    RecordObservedEthnicity,
    SelfDefinedEthnicity,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import SubjectId
from nom.contracts.policy import reference
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState


class Ethnicity(Contract):
    """What is known of one person's ethnicity. The three never fill each other in."""

    subject: SubjectId
    self_defined: SelfDefinedEthnicity | None = None
    unavailable: AbsenceReason | None = None
    observed: ObservedEthnicity | None = None

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer, or a reason why there is none. `NS`, not stated, is no answer (ours)."""
        return self.self_defined not in (None, SelfDefinedEthnicity.NS) or self.unavailable is not None


class NationalityHeld(Contract):
    """What is known of one person's nationality."""

    subject: SubjectId
    nationalities: tuple[Nationality, ...] = ()
    unavailable: AbsenceReason | None = None

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer, or a reason why there is none."""
        return bool(self.nationalities) or self.unavailable is not None


class CharacteristicsState(ProcessState):
    """A process that records ethnicity and nationality. One entry per person."""

    ethnicities: tuple[Ethnicity, ...] = ()
    nationalities: tuple[NationalityHeld, ...] = ()

    def ethnicity_of(self, subject: str) -> Ethnicity:
        """What is known of a person's ethnicity; a blank entry where that is nothing."""
        return next((held for held in self.ethnicities if held.subject == subject), Ethnicity(subject=subject))

    def nationality_of(self, subject: str) -> NationalityHeld:
        """What is known of a person's nationality; a blank entry where that is nothing."""
        return next((held for held in self.nationalities if held.subject == subject), NationalityHeld(subject=subject))


StateT = TypeVar("StateT", bound=CharacteristicsState)


def record_characteristic(
    d: Deliberation[StateT], command: CharacteristicCommand, known: tuple[SubjectId, ...]
) -> Refusal | None:
    """Decide one of the five commands. `known` are the people of the matter; anybody else is refused as
    `unknown_subject`, each named.
    """
    strangers = tuple(
        unmet("unknown_subject", f"{subject} is not a subject of this matter", subject)
        for subject in _named(command)
        if subject not in known
    )
    if strangers:
        return refuse("unknown_subject", "the record names somebody who is not a subject of this matter", *strangers)
    d.record(_recorded(command))
    return None


def _named(command: CharacteristicCommand) -> tuple[SubjectId, ...]:
    match command:
        case RecordEthnicity() | RecordObservedEthnicity() | RecordNationality():
            return (command.subject,)
        case RecordEthnicityUnavailable() | RecordNationalityUnavailable():
            return command.subjects
        case _:
            assert_never(command)


def _recorded(command: CharacteristicCommand) -> CharacteristicEvent:
    match command:
        case RecordEthnicity():
            return _ethnicity_recorded(command)
        case RecordObservedEthnicity():
            return ObservedEthnicityRecorded(subject=command.subject, code=command.code, source=command.source)
        case RecordEthnicityUnavailable():
            return EthnicityUnavailableRecorded(subjects=command.subjects, reason=command.reason)
        case RecordNationality():
            once = tuple(dict.fromkeys(command.nationality))
            return NationalityRecorded(subject=command.subject, nationality=once)
        case RecordNationalityUnavailable():
            return NationalityUnavailableRecorded(subjects=command.subjects, reason=command.reason)
        case _:
            assert_never(command)


def _ethnicity_recorded(command: RecordEthnicity) -> EthnicityRecorded:
    given = command.self_defined
    current = reference.import_self_defined(given.value)
    if current is None:
        msg = f"the reference table lacks the code {given.value}"
        raise LookupError(msg)
    return EthnicityRecorded(
        subject=command.subject,
        self_defined=SelfDefinedEthnicity(current.code),
        given_as=given if isinstance(given, ImportedEthnicity) else None,
        source=command.source,
    )


def evolve_characteristic(state: StateT, event: CharacteristicEvent) -> StateT:
    """Fold one of the five events. An answer outlives a reason for its absence that is typed in later."""
    match event:
        case EthnicityRecorded():
            return _ethnicity(state, event.subject, "self_defined", event.self_defined)
        case ObservedEthnicityRecorded():
            return _ethnicity(state, event.subject, "observed", event.code)
        case EthnicityUnavailableRecorded():
            for subject in event.subjects:
                state = _ethnicity(state, subject, "unavailable", event.reason)
            return state
        case NationalityRecorded():
            return _nationality(state, event.subject, "nationalities", event.nationality)
        case NationalityUnavailableRecorded():
            for subject in event.subjects:
                state = _nationality(state, subject, "unavailable", event.reason)
            return state
        case _:
            assert_never(event)


def _ethnicity(state: StateT, subject: str, field: str, value: object) -> StateT:
    held = state.ethnicity_of(subject).model_copy(update={field: value})
    others = tuple(item for item in state.ethnicities if item.subject != subject)
    return state.model_copy(update={"ethnicities": (*others, held)})


def _nationality(state: StateT, subject: str, field: str, value: object) -> StateT:
    held = state.nationality_of(subject).model_copy(update={field: value})
    others = tuple(item for item in state.nationalities if item.subject != subject)
    return state.model_copy(update={"nationalities": (*others, held)})


def characteristics_missing(state: CharacteristicsState, suspects: tuple[SubjectId, ...]) -> tuple[Unmet, ...]:
    """Invariant 17 as conditions of a gate: each suspect has a self-defined ethnicity or a reason, and a nationality or
    a reason. `ethnicity_without_reason` for each suspect, then `nationality_without_reason`.
    """
    ethnicity = tuple(
        unmet(
            "ethnicity_without_reason", f"{suspect} has no self-defined ethnicity, and no reason is recorded", suspect
        )
        for suspect in suspects
        if not state.ethnicity_of(suspect).is_answered
    )
    nationality = tuple(
        unmet("nationality_without_reason", f"{suspect} has no nationality, and no reason is recorded", suspect)
        for suspect in suspects
        if not state.nationality_of(suspect).is_answered
    )
    return (*ethnicity, *nationality)
