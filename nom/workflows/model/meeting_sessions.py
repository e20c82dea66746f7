"""What is done at the table of a strategy meeting, apart from its decision. An agency speaks for itself alone."""

from datetime import UTC, date, datetime, time

from nom.contracts.actors import Agency
from nom.contracts.clocks import ClockStatus
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.meeting_session import (
    Adjourn,
    AgencyViewRecorded,
    AgreeInterimSafety,
    AttendanceRecorded,
    Convene,
    InformationShared,
    InterimSafetyAgreed,
    MeetingAdjourned,
    QuorumFailed,
    RecordAgencyView,
    RecordAttendance,
    RefuseToShare,
    ShareInformation,
    SharingRefused,
    StrategyMeetingConvened,
)
from nom.workflows.model.deadlines import london_day
from nom.workflows.model.late_entry import meet_or_mend
from nom.workflows.model.section47 import judged, missing_agencies, quorum_rule
from nom.workflows.model.strategy_meeting_record import Thinking

CHAIR = "meeting_chair"
NOON = time(12, tzinfo=UTC)
"""A moment that falls on the same day in Europe/London all the year round."""


def convene(d: Thinking, command: Convene) -> Refusal | None:
    """Call the meeting. Calling it again changes its kind from then on."""
    if quorum_rule(d, command.kind).adds_referrer and command.referrer is None:
        return refuse("referrer_missing", "a complex-abuse meeting needs the referring agency: name it")
    invited = tuple(dict.fromkeys(command.invited))
    if command.on is not None and command.on < london_day(d.at):
        return refuse("on_before_convened", f"a meeting can't be called for {command.on}, before it is called")
    d.record(StrategyMeetingConvened(kind=command.kind, invited=invited, referrer=command.referrer))
    if command.on is not None:
        _time_the_meeting(d, command.on)
    if command.kind == "complex_abuse_meeting":
        _time_complex_abuse(d)
    return None


def _time_the_meeting(d: Thinking, on: date) -> None:
    """The duty is to meet as soon as possible, with no number: what is kept is the day for which it was called."""
    for clock in d.open_clocks("WT2"):
        d.stop_clock(clock.id, "called for another day")
    clock_id = d.next_clock_id("WT2", first_bare=True)
    d.start_clock("WT2", "meeting called", given=datetime.combine(on, NOON), clock_id=clock_id)
    _meet_by_sessions(d, clock_id, d.at)


def _time_complex_abuse(d: Thinking) -> None:
    """Complex or organised abuse: the time for a discussion and for a meeting counts from the referral."""
    received_at = d.state.received_at
    for rule in ("WT4", "WT4-meeting"):
        if received_at is not None and not d.count_clocks(rule):
            d.start_clock(rule, "referral received", start=received_at)
            _meet_by_sessions(d, rule.lower(), received_at, meeting_only=rule == "WT4-meeting")


def _meet_by_sessions(d: Thinking, clock_id: str, since: datetime, *, meeting_only: bool = False) -> None:
    """Meet a clock that starts now by a session that is on record already."""
    held = [
        session.held_at
        for session in d.state.sessions
        if session.held_at >= since
        and not (meeting_only and session.kind == "discussion")
        and not missing_agencies(d, session.kind, session.agencies)
    ]
    if held:
        d.meet_clock(clock_id, min(held))


def record_attendance(d: Thinking, command: RecordAttendance) -> Refusal | None:
    """A session begins: the date that was given for it is kept, and a lack of quorum goes on record."""
    meeting = f"meeting-{len(d.state.sessions) + 1}"
    d.record(AttendanceRecorded(meeting=meeting, kind=d.state.kind, held_at=d.at, present=command.present))
    _meet_or_mend_all(d, "SM1")
    sitting = tuple(item.agency for item in command.present if item.counts)
    quorum = judged(d, meeting, d.state.kind, sitting, "attendance")
    d.record(quorum)
    if quorum.missing:
        d.record(QuorumFailed(meeting=meeting, missing=quorum.missing))
    else:
        _meet_what_awaits_a_session(d)
    return None


def _meet_what_awaits_a_session(d: Thinking) -> None:
    """Only with its quorum is it the discussion, or the meeting, that was awaited."""
    awaited = ("WT2", "WT4") if d.state.kind == "discussion" else ("WT2", "WT4", "WT4-meeting")
    _meet_or_mend_all(d, *awaited)


def _meet_or_mend_all(d: Thinking, *rules: str) -> None:
    """What the session met, and what it would have met had it been typed in before a later one that was late."""
    for clock in d.state.clocks:
        ended_late = clock.status is ClockStatus.MET_LATE
        if clock.rule in rules and (clock.is_open or ended_late) and clock.started_at <= d.at:
            meet_or_mend(d, clock)


def adjourn(d: Thinking, command: Adjourn) -> Refusal | None:
    """The session breaks off until a moment, which a clock keeps."""
    session = d.state.session_at(d.at)
    if session is None:
        return refuse("no_session", "no session had been held by then")
    if command.until <= d.at:
        return refuse("until_not_later", "the meeting can only go on at a later moment")
    d.record(MeetingAdjourned(meeting=session.meeting, adjourned_at=d.at, until=command.until))
    for clock in d.open_clocks("SM1"):
        if clock.started_at <= d.at:
            d.stop_clock(clock.id, "another moment was given")
    clock_id = d.next_clock_id("SM1")
    d.start_clock("SM1", f"{session.meeting} adjourned", given=command.until, clock_id=clock_id, about=session.meeting)
    # The session that went on may have been typed in before the adjournment.
    resumed = [later.held_at for later in d.state.sessions if later.held_at > d.at]
    if resumed:
        d.meet_clock(clock_id, min(resumed))
    return None


def share(d: Thinking, command: ShareInformation) -> Refusal | None:
    """An agency shares something of its own."""
    refusal = speaks_for_itself(d, command.agency)
    if refusal is None:
        d.record(InformationShared(agency=command.agency, item=command.item, marking=command.marking, to=command.to))
    return refusal


def refuse_to_share(d: Thinking, command: RefuseToShare) -> Refusal | None:
    """An agency keeps something of its own, under the statutory test; its reason is on the command."""
    refusal = speaks_for_itself(d, command.agency)
    if refusal is None:
        d.record(SharingRefused(agency=command.agency, item=command.item, to=command.to, ground=command.ground))
    return refusal


def record_view(d: Thinking, command: RecordAgencyView) -> Refusal | None:
    """Views of a question, from agencies that sat by then; a dissent gives its reason. The chair may record all."""
    sat = {agency for session in d.state.sessions if session.held_at <= d.at for agency in session.agencies}
    for view in command.views:
        if d.request.actor.role != CHAIR and view.agency is not d.request.actor.agency:
            return speaks_for_itself(d, view.agency)
    strangers = [
        unmet("not_attending", f"{view.agency.value} has not sat in a session", view.agency.value)
        for view in command.views
        if view.agency not in sat
    ]
    unexplained = [
        unmet("dissent_without_reason", f"{view.agency.value} dissents: say why", view.agency.value)
        for view in command.views
        if view.view == "dissent" and view.reason is None
    ]
    if strangers or unexplained:
        return refuse("view_incomplete", "the views can't be recorded as they are", *strangers, *unexplained)
    d.record(AgencyViewRecorded(question=command.question, put_at=d.at, views=command.views))
    return None


def agree_interim_safety(d: Thinking, command: AgreeInterimSafety) -> Refusal | None:
    """Safety does not wait for a quorum."""
    known = d.state.children()
    strangers = [
        unmet("unknown_subject", f"{child} is not a child of this matter", child)
        for child in command.children
        if child not in known
    ]
    if strangers:
        return refuse("unknown_subject", "the agreement names somebody whom the matter is not about", *strangers)
    d.record(InterimSafetyAgreed(what=command.what, children=command.children or known))
    return None


def speaks_for_itself(d: Thinking, agency: Agency) -> Refusal | None:
    """Refuses a person of one agency who speaks for another."""
    own = d.request.actor.agency
    if own is agency:
        return None
    words = f"somebody from {own.value} can't speak for {agency.value}"
    return refuse("other_agency", words, unmet("other_agency", words, agency.value))
