"""Moves of the investigation: led, followed, reviewed, and concluded suspect by suspect."""

from functools import partial

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.moves import custody
from nom.console.synth.moves.characteristics import record_characteristics
from nom.console.synth.office import Happened
from nom.contracts.events import EventBase
from nom.contracts.inquiry import SuspectNamed
from nom.contracts.investigation import InvestigationOpened, NotifiableEventRecorded
from nom.contracts.standing import InvestigationReopened
from nom.workflows.model.conclusion import investigation_gate
from nom.workflows.model.investigation_record import InvestigationState

_SIO, _OFFICER, _SUPERVISOR, _REGISTRAR = "officer-sio-1", "officer-1", "supervisor-1", "registrar-1"


def _open(m: Matter, stream: str) -> InvestigationState | None:
    state = m.of(InvestigationState, stream)
    return state if state is not None and state.is_open else None


def _begin(m: Matter, happened: Happened) -> None:
    event, stream = happened.event, happened.stream
    if not isinstance(event, InvestigationOpened):
        return
    m.later(partial(_appoint, stream=stream), "appoint_sio")
    m.later(partial(_follow_lines, stream=stream), "open_lines")
    for subject in event.subjects:
        if subject.is_victim:
            m.later(partial(_account, stream=stream, victim=subject.id), "victim_account")
        elif subject.is_suspect:
            _expect_suspect(m, stream, subject.id)
    if m.draws.share("suspect_named_later"):
        m.later(partial(_name_suspect, stream=stream), "suspect_named")
    m.later(partial(_review, stream=stream), "supervisor_review")
    if m.draws.share("investigation_handed_over"):
        m.later(partial(_hand_over, stream=stream), "hand_over")
    if m.draws.share("crime_looked_at_again"):
        m.later(partial(_look_at_crime, stream=stream), "further_crime")
    if m.draws.share("further_crime"):
        m.later(partial(_further_crime, stream=stream), "further_crime")


def _expect_suspect(m: Matter, stream: str, suspect: str) -> None:
    if m.draws.share("slip_concluded_too_early"):
        m.later(partial(_conclude_too_early, stream=stream, suspect=suspect), "open_lines")
    meets = m.draws.pick("how_suspect_is_met")
    if meets == "arrest":
        m.later(partial(custody.arrest, suspect=suspect, investigation=stream), "arrest", office_hours=False)
    elif meets == "voluntary":
        m.later(partial(_interview, stream=stream, suspect=suspect), "voluntary_interview")
    else:
        m.later(partial(_not_interviewed, stream=stream, suspect=suspect), "not_interviewed")
    m.later(partial(_conclude, stream=stream, suspect=suspect), "conclude")


def _appoint(m: Matter, stream: str) -> None:
    if _open(m, stream) is not None:
        m.act(stream, "superintendent-detective-1", "AppointSio", officer=m.person(_SIO).id)


def _hand_over(m: Matter, stream: str) -> None:
    state = _open(m, stream)
    if state is not None and state.sio is not None:
        successor = m.person(_SIO, id="officer-sio-20").id
        m.act(stream, _SUPERVISOR, "HandOver", from_officer=state.sio, to_officer=successor)


def _follow_lines(m: Matter, stream: str) -> None:
    state = _open(m, stream)
    if state is None:
        return
    names = tuple(m.draws.say("line") for _ in range(m.draws.count("lines_of_inquiry")))
    fresh = tuple(name for name in dict.fromkeys(names) if name not in state.open_lines())
    if fresh:
        m.act(stream, _OFFICER, "OpenLineOfInquiry", lines=fresh)
    for name in fresh:
        m.later(partial(_close_line, stream=stream, line=name), "close_line")
    if m.draws.share("slip_twice") and fresh:
        m.attempt(stream, _OFFICER, "OpenLineOfInquiry", lines=fresh[:1])


def _close_line(m: Matter, stream: str, line: str) -> None:
    state = _open(m, stream)
    if state is None or line not in state.open_lines():
        return
    m.act(
        stream, _OFFICER, "CloseLineOfInquiry", lines=(line,), result=m.draws.say("line_result"),
        could_not_be_pursued=m.draws.share("line_could_not_be_pursued"),
    )  # fmt: skip


def _account(m: Matter, stream: str, victim: str) -> None:
    if _open(m, stream) is None:
        return
    match m.draws.pick("victim_account"):
        case "taken":
            m.act(stream, "interviewer-1", "TakeVictimAccount", victim=victim)
        case "declined":
            m.act(stream, "interviewer-1", "RecordAccountDeclined", victim=victim)
        case _:
            m.act(stream, _SIO, "RecordAccountNotSought", why="account_not_sought", victim=victim)


def _name_suspect(m: Matter, stream: str) -> None:
    state = _open(m, stream)
    if state is None:
        return
    m.act(stream, _SIO, "NameSuspect", subject={"id": f"suspect-{len(state.suspects()) + 1}"})


def _on_named(m: Matter, happened: Happened) -> None:
    if isinstance(happened.event, SuspectNamed):
        _expect_suspect(m, happened.stream, happened.event.subject.id)


def _interview(m: Matter, stream: str, suspect: str) -> None:
    if _open(m, stream) is not None:
        m.act(stream, _OFFICER, "InterviewSuspect", suspect=suspect, setting="voluntary")
        record_characteristics(m, stream, _OFFICER, (suspect,))
        m.later(partial(_tell, stream=stream, of="interview"), "notify_victim")


def _not_interviewed(m: Matter, stream: str, suspect: str) -> None:
    if _open(m, stream) is not None:
        m.act(stream, _SIO, "RecordNotInterviewed", why="not_interviewed", suspect=suspect)


def _review(m: Matter, stream: str) -> None:
    state = _open(m, stream)
    if state is None:
        return
    if m.draws.share("slip_reviewed_by_investigator"):
        m.attempt(stream, m.person(_SUPERVISOR, id=m.person(_OFFICER).id), "ReviewAsSupervisor")
    directions = (m.draws.say("direction"),) if m.draws.share("review_directs") else ()
    m.act(stream, _SUPERVISOR, "ReviewAsSupervisor", directions=directions)
    m.later(partial(_review, stream=stream), "supervisor_review")


def _further_crime(m: Matter, stream: str) -> None:
    state = _open(m, stream)
    if state is None or not state.victims():
        return
    known = [offence for victim, offence in state.crimes() if victim == state.victims()[0]]
    offence = m.draws.pick("offence")
    if offence not in known:
        m.act(stream, _SIO, "RecordCrime", victim=state.victims()[0], offence=offence)


def _look_at_crime(m: Matter, stream: str) -> None:
    """The registrar finds another offence, or none."""
    state = _open(m, stream)
    if state is None or not state.crimes():
        return
    victim, offence = state.crimes()[-1]
    if len(state.crimes()) > 1 and m.draws.share("crime_cancelled"):
        m.attempt(stream, _REGISTRAR, "CancelCrime", why="crime_cancelled", victim=victim, offence=offence)
        return
    other = m.draws.pick("offence")
    m.attempt(stream, _REGISTRAR, "ReclassifyCrime", why="crime_changed", victim=victim, offence=offence, to=other)


def _on_notifiable(m: Matter, happened: Happened) -> None:
    event = happened.event
    if isinstance(event, NotifiableEventRecorded) and event.of != "arrest":
        m.later(partial(_tell, stream=happened.stream, of=event.of), "notify_victim")


def _tell(m: Matter, stream: str, of: str) -> None:
    m.act(stream, _OFFICER, "NotifyVictim", of=of)


def _conclude_too_early(m: Matter, stream: str, suspect: str) -> None:
    state = _open(m, stream)
    if state is not None and suspect not in state.concluded() and investigation_gate(state, suspect):
        m.attempt(stream, _SIO, "Conclude", why="conclude", suspect=suspect, how="propose_closure")


def _conclude(m: Matter, stream: str, suspect: str) -> None:
    state = _open(m, stream)
    if state is None or suspect in state.concluded() or suspect not in state.suspects():
        return
    if m.notes.get(f"detained {suspect}"):
        m.later(partial(_conclude, stream=stream, suspect=suspect), "close_line")
        return
    _finish(m, stream, suspect, state)
    how = "file_to_cps" if suspect in state.interviews and m.draws.share("file_to_cps") else "propose_closure"
    m.act(stream, _SIO, "Conclude", why="conclude", suspect=suspect, how=how)


def _finish(m: Matter, stream: str, suspect: str, state: InvestigationState) -> None:
    """What the gate still lacks is done now."""
    for line in state.open_lines():
        _close_line(m, stream, line)
    for victim in state.victims():
        if victim not in state.accounts:
            _account(m, stream, victim)
    if suspect not in state.interviews:
        _not_interviewed(m, stream, suspect)
    record_characteristics(m, stream, _SIO, (suspect,))


def _on_reopened(m: Matter, happened: Happened) -> None:
    event = happened.event
    if (
        isinstance(event, InvestigationReopened)
        and event.suspect is not None
        and m.of(InvestigationState, happened.stream)
    ):
        m.later(partial(_conclude, stream=happened.stream, suspect=event.suspect), "conclude")
        m.later(partial(_review, stream=happened.stream), "supervisor_review")


REACTIONS: dict[type[EventBase], Reaction] = {
    InvestigationOpened: _begin,
    SuspectNamed: _on_named,
    NotifiableEventRecorded: _on_notifiable,
    InvestigationReopened: _on_reopened,
}
