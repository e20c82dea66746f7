"""Ethnicity and nationality of suspects, wherever they are recorded: an answer, or the reason why there is none."""

from nom.console.synth.matter import Matter
from nom.contracts.actors import Actor
from nom.workflows.model.characteristics import CharacteristicsState
from nom.workflows.model.process import ProcessState


def record_characteristics(m: Matter, stream: str, by: str | Actor, suspects: tuple[str, ...]) -> None:
    """Record what these suspects say of themselves, or why that is not known, where neither is on record."""
    for suspect in suspects:
        if not _answered(m, stream, suspect, "ethnicity"):
            if m.draws.share("characteristics_known"):
                m.act(stream, by, "RecordEthnicity", subject=suspect, self_defined=m.draws.pick("ethnicity"))
            else:
                _unavailable(m, stream, by, suspect, "RecordEthnicityUnavailable")
        if m.draws.share("ethnicity_observed"):
            m.act(stream, by, "RecordObservedEthnicity", subject=suspect, code=m.draws.pick("observed"))
        if not _answered(m, stream, suspect, "nationality"):
            if m.draws.share("characteristics_known"):
                m.act(stream, by, "RecordNationality", subject=suspect, nationality=(m.draws.pick("nationality"),))
            else:
                _unavailable(m, stream, by, suspect, "RecordNationalityUnavailable")


def _unavailable(m: Matter, stream: str, by: str | Actor, suspect: str, do: str) -> None:
    m.act(stream, by, do, subjects=(suspect,), reason=m.draws.pick("absence"))


def _answered(m: Matter, stream: str, suspect: str, what: str) -> bool:
    state = m.of(ProcessState, stream)
    if not isinstance(state, CharacteristicsState):
        return True
    held = state.ethnicity_of(suspect) if what == "ethnicity" else state.nationality_of(suspect)
    return held.is_answered
