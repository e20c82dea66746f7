"""Moves of the strategy meeting: called, held with or without a quorum, decided, followed up, closed."""

from datetime import datetime, time, timedelta
from functools import partial

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.moves import conference
from nom.console.synth.office import Happened
from nom.console.synth.working_hours import at_work
from nom.contracts.actors import Actor, Agency
from nom.contracts.events import EventBase
from nom.contracts.local_time import LONDON
from nom.contracts.meeting_follow_up import ActionAssigned
from nom.contracts.meeting_session import Section47Decided
from nom.contracts.strategy_meeting import StrategyMeetingOpened
from nom.workflows.model.strategy_meeting import strategy_meeting_gate
from nom.workflows.model.strategy_meeting_record import StrategyMeetingState

_CHAIR = "chair-1"
_EVERYBODY = (Agency.POLICE, Agency.LOCAL_AUTHORITY, Agency.HEALTH, Agency.EDUCATION)
_IN_WALES = (Agency.POLICE, Agency.SOCIAL_SERVICES, Agency.HEALTH)
_NEVER_MISSING = Agency.POLICE


def representative(m: Matter, agency: Agency) -> Actor:
    """Who speaks for an agency."""
    return m.person("health-representative-1", id=f"{agency.value.replace('_', '-')}-representative-1", agency=agency)


def agencies(m: Matter) -> tuple[Agency, ...]:
    """Who sits where everybody comes."""
    return _IN_WALES if m.plan.jurisdiction == "WAL" else _EVERYBODY


def _begin(m: Matter, happened: Happened) -> None:
    m.later(partial(_convene, stream=happened.stream), "convene")
    if m.plan.kind in ("single", "network") and m.draws.share("works_with_children"):
        m.later(partial(_position_of_trust, stream=happened.stream), "convene")
    m.later(partial(_assessment, stream=happened.stream), "assessment")


def _convene(m: Matter, stream: str) -> None:
    complex_abuse = m.plan.kind == "network" and m.draws.share("complex_abuse_meeting")
    kind = "complex_abuse_meeting" if complex_abuse else m.draws.pick("meeting_kind")
    if complex_abuse and m.draws.share("slip_referrer_forgotten"):
        m.attempt(stream, _CHAIR, "Convene", kind=kind, invited=agencies(m))
    m.act(stream, _CHAIR, "Convene", kind=kind, invited=agencies(m), referrer=agencies(m)[1])
    m.later(partial(_hold, stream=stream), "hold_meeting")


def _hold(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is None or not state.is_open:
        return
    sitting = list(agencies(m))
    incomplete = not state.sessions and m.draws.share("meeting_without_quorum")
    if incomplete:
        sitting.remove(m.draws.chance.one_of([agency for agency in sitting[:3] if agency is not _NEVER_MISSING]))
    present = [{"agency": agency, "how": m.draws.pick("presence")} for agency in sitting]
    m.act(stream, _CHAIR, "RecordAttendance", since=m.now, present=present)
    if incomplete:
        _adjourn(m, stream)
    else:
        _talk(m, stream)
        m.later(partial(_decide, stream=stream), "minutes")


def _adjourn(m: Matter, stream: str) -> None:
    if m.draws.share("slip_decided_without_quorum"):
        m.attempt(stream, _CHAIR, "DecideSection47", why="section_47", outcome="joint")
    resumes = at_work(m.now + m.draws.delay("adjourned_for"))
    m.act(stream, _CHAIR, "Adjourn", since=m.now, until=resumes)
    if m.draws.share("date_extended"):
        state = m.of(StrategyMeetingState, stream)
        clock = (
            next((clock for clock in state.clocks if clock.rule == "SM1" and clock.is_open), None) if state else None
        )
        if clock is not None:
            later = resumes + timedelta(days=2)
            m.act(stream, _CHAIR, "ExtendClock", why="clock", clock_id=clock.id, to=later)
    m.at(resumes + m.draws.delay("resumes_late"), partial(_hold, stream=stream), office_hours=True)


def _talk(m: Matter, stream: str) -> None:
    sitting = agencies(m)
    for agency in sitting:
        others = tuple(other for other in sitting if other is not agency)
        if m.draws.share("agency_shares"):
            m.act(
                stream, representative(m, agency), "ShareInformation", agency=agency, item=m.draws.say("item"),
                marking="OFFICIAL-SENSITIVE", to=others,
            )  # fmt: skip
        elif m.draws.share("agency_refuses_to_share"):
            m.act(
                stream, representative(m, agency), "RefuseToShare", why="not_shared", agency=agency,
                item=m.draws.say("item"), to=others[:1], ground="more_detrimental_to_the_child",
            )  # fmt: skip
    if m.draws.share("agency_views_recorded"):
        state = m.of(StrategyMeetingState, stream)
        seated = state.sessions[-1].agencies if state and state.sessions else ()
        views = [_view(m, agency) for agency in seated]
        m.act(stream, _CHAIR, "RecordAgencyView", question=m.draws.say("question"), views=views)


def _view(m: Matter, agency: Agency) -> dict[str, object]:
    if m.draws.share("agency_dissents"):
        return {"agency": agency, "view": "dissent", "reason": m.draws.say("dissent")}
    return {"agency": agency, "view": "agree"}


def _decide(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is None or not state.is_open:
        return
    outcome = m.draws.pick("section_47")
    if not m.act(stream, _CHAIR, "DecideSection47", why="section_47", outcome=outcome):
        m.later(partial(_hold, stream=stream), "adjourned_for")


def _on_decision(m: Matter, happened: Happened) -> None:
    stream, event = happened.stream, happened.event
    if not isinstance(event, Section47Decided):
        return
    if m.draws.share("interim_safety"):
        m.act(stream, _CHAIR, "AgreeInterimSafety", what=m.draws.say("safeguarding"))
    for _ in range(m.draws.count("actions")):
        due = (m.now + m.draws.delay("action_due")).astimezone(LONDON).date()
        agency = m.draws.chance.one_of(agencies(m))
        m.act(stream, _CHAIR, "AssignAction", agency=agency, what=m.draws.say("action"), due=due)
    m.later(partial(_distribute, stream=stream), "distribute_record")
    if m.draws.share("slip_closed_too_early"):
        m.later(partial(_close_too_early, stream=stream), "minutes")
    if event.anchor is not None:
        conference.prepare(m, stream)
        if m.draws.share("meets_again"):
            m.later(partial(_meet_again, stream=stream), "meets_again")
    m.later(partial(_close, stream=stream), "close_meeting")


def _meet_again(m: Matter, stream: str) -> None:
    """A further session decides as well, and the time of the conference is counted from it."""
    state = m.of(StrategyMeetingState, stream)
    if state is None or not state.is_open or state.conference_held_at is not None:
        return
    present = [{"agency": agency} for agency in agencies(m)]
    m.act(stream, _CHAIR, "RecordAttendance", since=m.now, present=present)
    if m.act(stream, _CHAIR, "DecideSection47", why="section_47", outcome="joint"):
        meeting = f"meeting-{len(state.sessions) + 1}"
        m.attempt(stream, _CHAIR, "ReanchorConference", why="anchor", meeting=meeting)


def _position_of_trust(m: Matter, stream: str) -> None:
    m.act(stream, _CHAIR, "RecordPositionOfTrust", suspect="suspect-1")
    m.later(partial(_tell_designated_officer, stream=stream), "tell_designated_officer")


def _tell_designated_officer(m: Matter, stream: str) -> None:
    m.act(stream, "social-worker-1", "NotifyLado", suspect="suspect-1")


def _distribute(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is None or not state.is_open or all(session.is_distributed for session in state.sessions):
        return
    m.act(stream, _CHAIR, "DistributeRecord")
    for agency in dict.fromkeys(agency for session in state.sessions for agency in session.agencies):
        m.later(partial(_acknowledge, stream=stream, agency=agency), "acknowledge_record")


def _acknowledge(m: Matter, stream: str, agency: Agency) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is None or not state.is_open:
        return
    if any(agency in session.without_acknowledgement() and session.is_distributed for session in state.sessions):
        m.act(stream, representative(m, agency), "AcknowledgeRecord", agency=agency)


def _on_action(m: Matter, happened: Happened) -> None:
    event = happened.event
    if isinstance(event, ActionAssigned):
        due = datetime.combine(event.due, time(17), LONDON)
        until = max(due - m.now, timedelta(hours=1))
        when = until + m.draws.delay("action_overrun") if m.draws.share("action_late") else until * 3 / 4
        m.later(partial(_do_action, stream=happened.stream, number=event.number), when)


def _do_action(m: Matter, stream: str, number: int) -> None:
    state = m.of(StrategyMeetingState, stream)
    action = state.action(number) if state else None
    if state is None or action is None or not action.is_open:
        return
    if m.draws.share("action_extended"):
        later = m.now + timedelta(days=7)
        m.attempt(stream, _CHAIR, "ExtendClock", why="clock", clock_id=f"sm2-{number}", to=later)
    if state.is_open and m.draws.share("action_escalated"):
        m.act(stream, _CHAIR, "EscalateAction", why="escalated", number=number)
    else:
        m.act(stream, _CHAIR, "CompleteAction", number=number)


def _close_too_early(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is not None and state.is_open and strategy_meeting_gate(state):
        m.attempt(stream, _CHAIR, "CloseMeeting")


def _close(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is None or not state.is_open:
        return
    if not strategy_meeting_gate(state):
        m.act(stream, _CHAIR, "CloseMeeting")
        return
    _distribute(m, stream)
    m.later(partial(_close, stream=stream), "close_meeting")


def _assessment(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is not None and not state.assessed:
        m.act(stream, "social-worker-1", "CompleteAssessment")


REACTIONS: dict[type[EventBase], Reaction] = {
    ActionAssigned: _on_action,
    StrategyMeetingOpened: _begin,
    Section47Decided: _on_decision,
}
