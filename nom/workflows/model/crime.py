"""The rule for recording a crime, for every process that may record one: known people, known offences, each once."""

from nom.contracts.crime import CrimeRecorded, RapeIncidentN100Recorded, RecordCrime, RecordN100
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.ids import SubjectId
from nom.contracts.policy import reference
from nom.contracts.subjects import Subject
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import StateT


def record_crime(
    d: Deliberation[StateT],
    command: RecordCrime | RecordN100,
    subjects: tuple[Subject, ...],
    recorded: tuple[tuple[SubjectId, str], ...],
) -> Refusal | None:
    """Record a crime or an N100. `recorded` holds the victim and offence of each so far. An offence that does not fit
    the victim's age is a warning on the record, not a refusal.
    """
    if reference.offence(command.offence) is None:
        words = f"no offence has the code {command.offence}"
        return refuse("unknown_code", words, unmet("unknown_offence", words, command.offence))
    ages = {subject.id: subject.age for subject in subjects}
    if command.victim not in ages:
        return refuse("unknown_subject", f"{command.victim} is not a subject of this matter")
    if (command.victim, command.offence) in recorded:
        return refuse("already_recorded", f"{command.offence} against {command.victim} was recorded already")
    if isinstance(command, RecordN100):
        d.record(RapeIncidentN100Recorded(victim=command.victim, offence=command.offence))
        return None
    words = reference.age_fits(command.offence, ages[command.victim])
    d.record(
        CrimeRecorded(
            victim=command.victim,
            offence=command.offence,
            reference=command.reference,
            warnings=(words,) if words else (),
        )
    )
    return None
