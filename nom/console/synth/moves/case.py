"""Moves on the case itself: who and what else belongs to it, holds on it, and going on with it."""

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.office import Happened
from nom.contracts.case import CaseOpened
from nom.contracts.events import EventBase
from nom.contracts.every_process import StageEnded
from nom.contracts.ids import ProcessKind, stream_of
from nom.workflows.model.case_record import CaseState

_DUTY_OFFICER, _SUPERINTENDENT = "duty-officer-1", "superintendent-detective-1"


def _begin(m: Matter, _: Happened) -> None:
    if m.draws.share("person_linked_later"):
        m.later(_link_person, "person_linked")
    if m.draws.share("legal_hold"):
        m.later(_hold, "legal_hold")
    if m.leader is not None and m.draws.share("referral_linked"):
        m.later(_link_referral, "person_linked")


def _link_person(m: Matter) -> None:
    stream = m.stream(ProcessKind.CASE)
    state = m.of(CaseState, stream)
    if state is None or not state.is_open:
        return
    m.act(stream, _DUTY_OFFICER, "LinkSubject", why="linked", subject={"id": "person-1"})
    if m.draws.share("slip_twice"):
        m.attempt(stream, _DUTY_OFFICER, "LinkSubject", why="linked", subject={"id": "person-1"})


def _link_referral(m: Matter) -> None:
    stream = m.stream(ProcessKind.CASE)
    state = m.of(CaseState, stream)
    if state is not None and state.is_open and m.leader is not None:
        referral = stream_of(m.leader.case, ProcessKind.REFERRAL)
        m.act(stream, _DUTY_OFFICER, "LinkReferral", why="linked", referral=referral)


def _hold(m: Matter) -> None:
    stream = m.stream(ProcessKind.CASE)
    state = m.of(CaseState, stream)
    if state is not None and state.is_open:
        m.act(stream, _SUPERINTENDENT, "PlaceLegalHold", why="legal_hold")
        m.later(_lift, "legal_hold")


def _lift(m: Matter) -> None:
    stream = m.stream(ProcessKind.CASE)
    state = m.of(CaseState, stream)
    if state is None or not state.holds:
        return
    number = state.holds[0].number
    if m.draws.share("slip_lifted_by_the_same"):
        m.attempt(stream, _SUPERINTENDENT, "LiftLegalHold", why="legal_hold_lifted", hold=number)
    m.act(stream, "coordinator-1", "LiftLegalHold", why="legal_hold_lifted", hold=number)


def _on_end(m: Matter, happened: Happened) -> None:
    if happened.stream == m.stream(ProcessKind.CASE) and m.draws.share("case_reopened"):
        m.later(_reopen, "case_reopened")


def _reopen(m: Matter) -> None:
    stream = m.stream(ProcessKind.CASE)
    state = m.of(CaseState, stream)
    if state is None or state.is_open or not state.outcomes:
        return
    suspects = (state.outcomes[0].suspect,)
    m.attempt(stream, _SUPERINTENDENT, "Reopen", why="case_reopened", stage="investigation", suspects=suspects)


REACTIONS: dict[type[EventBase], Reaction] = {CaseOpened: _begin, StageEnded: _on_end}
