"""Moves of custody: the arrest, detention with its reviews, release, bail and its extensions."""

from datetime import datetime, timedelta
from functools import partial

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.moves.characteristics import record_characteristics
from nom.console.synth.office import Happened
from nom.contracts.custody import BailGranted
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.custody_state import CustodyState
from nom.workflows.model.investigation_record import InvestigationState

_OFFICER, _SERGEANT, _INSPECTOR, _SUPERINTENDENT = (
    "custody-officer-1",
    "sergeant-custody-1",
    "inspector-1",
    "superintendent-1",
)
_EXTENDED_AFTER = 21 * 60
"""Minutes of detention after which a superintendent looks at it, if it goes on."""


def arrest(m: Matter, suspect: str, investigation: str) -> None:
    """A suspect is arrested. What follows in detention is put on the agenda."""
    case = m.of(CaseState, m.stream(ProcessKind.CASE))
    inquiry = m.of(InvestigationState, investigation)
    if case is None or inquiry is None or suspect not in inquiry.suspects() or inquiry.outcome is not None:
        return
    stream = m.stream(ProcessKind.CUSTODY, len(case.of_kind(ProcessKind.CUSTODY)) + 1)
    offence = m.draws.pick("offence") if m.draws.share("arrest_names_offence") else None
    m.act(stream, "officer-arrest-1", "Arrest", since=m.now, opening=m.opening(), suspect=suspect, offence=offence)
    m.notes[f"detained {suspect}"] = True
    m.later(partial(_authorise, stream=stream, investigation=investigation), "authorise_detention", office_hours=False)


def _authorise(m: Matter, stream: str, investigation: str) -> None:
    state = m.of(CustodyState, stream)
    if state is None or not state.is_open or state.arrested_at is None or state.suspect is None:
        return
    if m.draws.share("slip_detention_by_arresting_officer"):
        arresting = m.person(_OFFICER, id=m.person("officer-arrest-1").id)
        m.attempt(stream, arresting, "AuthoriseDetention", relevant_time=state.arrested_at)
    m.act(stream, _OFFICER, "AuthoriseDetention", since=m.now, relevant_time=m.now)
    lasts = m.draws.delay("detention")
    _plan_reviews(m, stream, lasts)
    half_way = lasts / 2
    if m.draws.share("hospital"):
        left = m.now + lasts / 3
        returned = left + m.draws.delay("hospital")
        if returned < m.now + lasts:
            move = partial(_record_hospital, stream=stream, left_at=left, returned_at=returned)
            m.at(returned, move)
    m.later(partial(_interview, stream=stream, investigation=investigation), half_way, office_hours=False)
    if lasts > timedelta(minutes=_EXTENDED_AFTER):
        m.later(partial(_extend, stream=stream), timedelta(minutes=_EXTENDED_AFTER), office_hours=False)
    if lasts <= timedelta(minutes=_EXTENDED_AFTER):
        m.later(partial(_let_out, stream=stream), lasts, office_hours=False)


def _plan_reviews(m: Matter, stream: str, lasts: timedelta) -> None:
    due = timedelta(hours=6) - m.draws.delay("review_before_due") + m.draws.delay("detention_review_late")
    while due < lasts:
        m.later(partial(_review, stream=stream, held_at=m.now + due), due, office_hours=False)
        due += timedelta(hours=9) - m.draws.delay("review_before_due") + m.draws.delay("detention_review_late")


def _review(m: Matter, stream: str, held_at: datetime) -> None:
    state = m.of(CustodyState, stream)
    if state is None or state.standing != "detained" or not state.is_open or held_at in state.reviews:
        return
    if m.draws.share("review_entered_later"):
        m.later(partial(_enter_review, stream=stream, held_at=held_at), "review_entry", office_hours=False)
        return
    _enter_review(m, stream, held_at)


def _enter_review(m: Matter, stream: str, held_at: datetime) -> None:
    if m.draws.share("slip_lower_rank"):
        m.attempt(stream, _SERGEANT, "ReviewDetention")
    m.act_at(held_at, stream, _INSPECTOR, "ReviewDetention")


def _extend(m: Matter, stream: str) -> None:
    state = m.of(CustodyState, stream)
    if state is None or state.standing != "detained" or not state.is_open:
        return
    if m.draws.share("slip_lower_rank"):
        m.attempt(stream, _INSPECTOR, "ExtendDetention", why="detention", hours=36)
    if not m.attempt(stream, _SUPERINTENDENT, "ExtendDetention", why="detention", hours=36):
        m.later(partial(_let_out, stream=stream), "minutes", office_hours=False)
    elif m.draws.share("warrant"):
        m.later(partial(_ask_court, stream=stream), "warrant", office_hours=False)
    else:
        m.later(partial(_let_out, stream=stream), "warrant", office_hours=False)


def _ask_court(m: Matter, stream: str) -> None:
    state = m.of(CustodyState, stream)
    if state is None or state.standing != "detained" or not state.is_open:
        return
    m.attempt(stream, "officer-sio-1", "ApplyForWarrant")
    m.later(partial(_court_decides, stream=stream), "court", office_hours=False)


def _court_decides(m: Matter, stream: str) -> None:
    state = m.of(CustodyState, stream)
    if state is None or state.standing != "detained" or not state.is_open or state.applied_at is None:
        return
    court = m.draws.say("court")
    if m.draws.share("warrant_refused"):
        m.attempt(stream, _OFFICER, "RefuseWarrant", why="warrant_refused", court=court)
        m.later(partial(_let_out, stream=stream), "minutes", office_hours=False)
    else:
        m.attempt(stream, _OFFICER, "GrantWarrant", why="warrant", hours=36, court=court)
        lasts = m.draws.delay("detention_under_warrant")
        _plan_reviews(m, stream, lasts)
        m.later(partial(_let_out, stream=stream), lasts, office_hours=False)


def _record_hospital(m: Matter, stream: str, left_at: datetime, returned_at: datetime) -> None:
    state = m.of(CustodyState, stream)
    if state is not None and state.is_open and state.standing == "detained":
        m.attempt(stream, _OFFICER, "RecordHospital", left_at=left_at, returned_at=returned_at)


def _interview(m: Matter, stream: str, investigation: str) -> None:
    state, inquiry = m.of(CustodyState, stream), m.of(InvestigationState, investigation)
    if state is None or inquiry is None or not inquiry.is_open or state.suspect is None:
        return
    m.act(investigation, "officer-1", "InterviewSuspect", suspect=state.suspect, setting="detention")
    record_characteristics(m, investigation, _OFFICER, (state.suspect,))


def _let_out(m: Matter, stream: str) -> None:
    state = m.of(CustodyState, stream)
    if state is None or not state.is_open or state.standing != "detained":
        return
    m.notes[f"detained {state.suspect}"] = False
    match m.draws.pick("release"):
        case "bail":
            conditions = (m.draws.say("bail_condition"),) if m.draws.share("bail_conditions") else ()
            m.act(stream, _OFFICER, "Bail", since=m.now, conditions=conditions)
        case "under_investigation":
            m.act(stream, _OFFICER, "ReleaseUnderInvestigation", since=m.now)
        case _:
            m.act(stream, _OFFICER, "EndCustody", since=m.now, how="released")


def _on_bail(m: Matter, happened: Happened) -> None:
    if m.draws.share("case_designated"):
        m.later(partial(_designate, stream=happened.stream), "note")
    if m.draws.share("bail_extended"):
        m.later(partial(_extend_bail, stream=happened.stream, months=6), "extend_bail")
    elif m.draws.share("bail_becomes_release"):
        m.later(partial(_end_bail, stream=happened.stream), "extend_bail")


def _extend_bail(m: Matter, stream: str, months: int) -> None:
    state = m.of(CustodyState, stream)
    if state is None or not state.is_open or state.standing != "on_bail":
        return
    by = _INSPECTOR if months == 6 else _SUPERINTENDENT  # noqa: PLR2004 - the first extension of the standard regime
    if m.draws.share("slip_lower_rank"):
        m.attempt(stream, _SERGEANT, "ExtendBail", why="bail", to_months=months)
    if m.attempt(stream, by, "ExtendBail", why="bail", to_months=months):
        again = months == 6 and m.draws.share("bail_extended")  # noqa: PLR2004 - as above
        m.later(
            partial(_extend_bail, stream=stream, months=9) if again else partial(_end_bail, stream=stream),
            "extend_bail",
        )


def _designate(m: Matter, stream: str) -> None:
    state = m.of(CustodyState, stream)
    if state is not None and state.is_open:
        m.attempt(stream, "officer-sio-1", "ChangeBailRegime", why="bail_regime", regime="designated")


def _end_bail(m: Matter, stream: str) -> None:
    state = m.of(CustodyState, stream)
    if state is not None and state.is_open and state.standing == "on_bail":
        m.act(stream, _OFFICER, "ReleaseUnderInvestigation")


REACTIONS: dict[type[EventBase], Reaction] = {BailGranted: _on_bail}
