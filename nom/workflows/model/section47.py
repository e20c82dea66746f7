"""The decision under section 47 of the Children Act 1989: the quorum that it needs and the clocks that it starts.

Never decides without the agencies that the jurisdiction's rule names (invariant 14), and never moves the anchor of a
conference that was held.
"""

from typing import Literal

from nom.contracts.actors import Agency
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.meeting_session import DecideSection47, QuorumJudged, Section47Decided
from nom.contracts.policy.rules import MeetingKind, QuorumRule
from nom.workflows.model.strategy_meeting_record import Session, StrategyMeetingState, Thinking

ACTS_AS = {
    Agency.SOCIAL_SERVICES: Agency.LOCAL_AUTHORITY,
    Agency.LOCAL_AUTHORITY: Agency.SOCIAL_SERVICES,
}
"""Two names of one thing: a local authority's social care is what Wales calls social services."""


def quorum_rule(d: Thinking, kind: MeetingKind) -> QuorumRule:
    """The rule of the jurisdiction for a kind of meeting. Raises `UnknownRule` where the pack has none, `ValueError` on
    a process that was never opened.
    """
    if d.state.opening is None:
        msg = f"{d.state.stream} has no jurisdiction: it was never opened"
        raise ValueError(msg)
    return d.facts.policy.quorum(d.state.opening.jurisdiction, kind)


def missing_agencies(d: Thinking, kind: MeetingKind, sitting: tuple[Agency, ...]) -> tuple[Agency, ...]:
    """The agencies without which a meeting of that kind can't decide and which do not sit, in the rule's order."""
    needed = _needed(d, quorum_rule(d, kind))
    return tuple(agency for agency in needed if agency not in sitting and ACTS_AS.get(agency) not in sitting)


def _needed(d: Thinking, rule: QuorumRule) -> tuple[Agency, ...]:
    referrer = d.state.referrer if rule.adds_referrer else None
    return tuple(dict.fromkeys((*rule.agencies, referrer) if referrer else rule.agencies))


def judged(
    d: Thinking, meeting: str, kind: MeetingKind, sitting: tuple[Agency, ...], what: Literal["attendance", "section_47"]
) -> QuorumJudged:
    """Which row of the quorum table was applied to a session, and what it found."""
    rule = quorum_rule(d, kind)
    return QuorumJudged(
        meeting=meeting,
        judged_for=what,
        version=d.facts.policy.quorum_version,
        row=rule.row,
        needed=_needed(d, rule),
        missing=missing_agencies(d, kind, sitting),
        chair_rank=rule.chair_rank,
    )


def decide_section47(d: Thinking, command: DecideSection47) -> Refusal | None:
    """Decide in the session under way, if it is quorate and has not broken off."""
    session = d.state.session_at(d.at)
    lacking = _quorum_unmet(d, session)
    if session is None or lacking:
        return refuse("quorum", "the session can't decide: it has no quorum", *lacking)
    if session.adjourned_at is not None and session.adjourned_at < d.at:
        return refuse("meeting_adjourned", f"{session.meeting} was adjourned: record who attends when it goes on")
    questions = tuple(item for item in d.state.undecided_questions() if item.put_at <= d.at)
    if session.decided_at is not None and command.outcome == d.state.section47 and not questions:
        return refuse("already_decided", f"{session.meeting} decided that already, and no question was put since")
    anchor = _anchor(d.state, session, command)
    d.record(
        judged(d, session.meeting, session.kind, session.agencies, "section_47"),
        Section47Decided(
            outcome=command.outcome, meeting=session.meeting, decided_at=d.at, anchor=anchor, questions=questions
        ),
    )
    _time_the_record(d, session)
    if anchor != d.state.anchor:
        _time_the_conference(d, session, anchor)
    return None


def _quorum_unmet(d: Thinking, session: Session | None) -> tuple[Unmet, ...]:
    kind = session.kind if session else d.state.kind
    missing = tuple(
        unmet("agency_missing", f"{agency.value} does not sit in this session", agency.value, ("meeting_chair",))
        for agency in missing_agencies(d, kind, session.agencies if session else ())
    )
    least = quorum_rule(d, kind).chair_rank
    if least is None or d.request.actor.agency is not Agency.POLICE or d.rank_at_least(least):
        return missing
    words = f"a chair from the police must be {least.value} or above"
    return (*missing, unmet("chair_rank", words, least.value, ("meeting_chair",)))


def _anchor(state: StrategyMeetingState, session: Session, command: DecideSection47) -> str | None:
    """The session that initiated the enquiries (ours), unless somebody named another. Sources differ on the first or
    the last.
    """
    held = state.session(state.anchor)
    if state.conference_held_at is not None:
        return state.anchor
    if command.outcome == "none":
        return state.anchor if held is not None and held.held_at > session.held_at else None
    stays = held is not None and (state.anchor_named or held.held_at <= session.held_at)
    return state.anchor if stays else session.meeting


def _time_the_record(d: Thinking, session: Session) -> None:
    if any(clock.rule == "WT5" and clock.about == session.meeting for clock in d.state.clocks):
        return
    clock_id = d.next_clock_id("WT5", first_bare=True)
    d.start_clock("WT5", f"{session.meeting} held", start=session.held_at, clock_id=clock_id, about=session.meeting)
    # The distribution may have been typed in before the decision that it tells of.
    if session.distributed_at is not None and session.distributed_at >= d.at:
        d.meet_clock(clock_id, session.distributed_at)


def _time_the_conference(d: Thinking, session: Session, anchor: str | None) -> None:
    if anchor is not None:
        anchor_the_time(d, session, f"the conference is anchored on {anchor}")
        return
    for clock in d.open_clocks("WT7"):
        d.stop_clock(clock.id, "no conference is due any more")


def anchor_the_time(d: Thinking, session: Session, because: str) -> None:
    """Let the time for the conference count from a session: that which runs, or else a new one."""
    counted_from, running = f"{session.meeting}, the anchor", d.open_clocks("WT7")
    for clock in running:
        d.reanchor_clock(clock.id, counted_from, because, start=session.held_at, about=session.meeting)
    if not running:
        clock_id = d.next_clock_id("WT7", first_bare=True)
        d.start_clock("WT7", counted_from, start=session.held_at, clock_id=clock_id, about=session.meeting)
