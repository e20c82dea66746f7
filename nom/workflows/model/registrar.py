"""The force crime registrar's second look at a crime: it becomes another offence, or none (Home Office Counting Rules).

Neither takes the place of a closure. A crime that is another now is closed as what it is now; and the last crime of a
matter without a suspect is not cancelled away: two people close it, and its victim is told.
"""

from collections.abc import Iterator

from nom.contracts.crime import CancelCrime, CrimeCancelled, CrimeReclassified, ReclassifyCrime
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import SubjectId
from nom.contracts.policy import reference
from nom.contracts.standing import StandingQuestion
from nom.workflows.model.conclusion import end_if_over, investigation_gate
from nom.workflows.model.investigation_record import InvestigationState, Thinking


def reclassify(d: Thinking, command: ReclassifyCrime) -> Refusal | None:
    """A crime is another offence than it was recorded as."""
    refusal = _unknown(d, command.victim, command.offence)
    if refusal is not None:
        return refusal
    if reference.offence(command.to) is None:
        words = f"no offence has the code {command.to}"
        return refuse("unknown_code", words, unmet("unknown_offence", words, command.to))
    if (command.victim, command.to) in d.state.crimes():
        return refuse("already_recorded", f"{command.to} against {command.victim} is recorded already")
    ages = {subject.id: subject.age for subject in d.state.subjects}
    words = reference.age_fits(command.to, ages.get(command.victim))
    d.record(
        CrimeReclassified(
            victim=command.victim, offence=command.offence, to=command.to, warnings=(words,) if words else ()
        )
    )
    return None


def cancel(d: Thinking, command: CancelCrime) -> Refusal | None:
    """It turned out that no crime was committed. Where nobody is suspected this may be what ends the investigation."""
    refusal = _unknown(d, command.victim, command.offence) or _would_pass_closure_by(d, command)
    if refusal is not None:
        return refusal
    d.record(CrimeCancelled(victim=command.victim, offence=command.offence))
    end_if_over(d)
    return None


def _unknown(d: Thinking, victim: SubjectId, offence: str) -> Refusal | None:
    if (victim, offence) in d.state.crimes():
        return None
    words = f"no crime {offence} against {victim} stands on record"
    return refuse("unknown_crime", words, unmet("unknown_crime", words, f"{victim}:{offence}"))


def _would_pass_closure_by(d: Thinking, command: CancelCrime) -> Refusal | None:
    if d.state.suspects():
        return None
    left = set(d.state.crimes()) - {(command.victim, command.offence)}
    if not left:
        return refuse("last_crime", "nobody is suspected and no other crime is left: propose its closure instead")
    gate = investigation_gate(d.state, None) if left <= set(d.state.closed_crimes) else ()
    return refuse("investigation_gate", "this would end the investigation, which is not over", *gate) if gate else None


def off_record(state: InvestigationState, question: StandingQuestion) -> Iterator[Unmet]:
    """Why a closure can't close the crime that it names: that is another one now, or none."""
    crime = question.crime
    found = next((item for item in state.off_record if crime and item.crime == (crime.victim, crime.offence)), None)
    if crime is None or found is None:
        return
    if found.stands_as is None:
        yield unmet("crime_cancelled", f"{crime} was cancelled: there is nothing to close", str(crime))
    else:
        yield unmet("crime_reclassified", f"{crime} is {found.stands_as} now: close it as that", str(crime))
