"""The child protection conference, its plan, the core group and the reviews: what is held, and what is due next.

A conference is due once a section 47 decision has given it an anchor (invariant 15); late, it is held all the same.
"""

from datetime import datetime

from nom.contracts.conference import (
    ConferenceHeld,
    ConferenceNamed,
    ConferenceReanchored,
    CoreGroupHeld,
    HoldConference,
    HoldReviewConference,
    NameConference,
    ProtectionPlanAgreed,
    ReanchorConference,
    ReviewConferenceHeld,
)
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.local_time import london_words
from nom.workflows.model.late_entry import meet_or_mend
from nom.workflows.model.section47 import anchor_the_time
from nom.workflows.model.strategy_meeting_record import Thinking

_REVIEWS = ("WT8", "WT8-later")


def name_conference(d: Thinking, command: NameConference) -> Refusal | None:
    """A conference will be held. Naming it again gives another date; the time that it has stays what it was."""
    if d.state.anchor is None:
        return refuse("section47_missing", "no section 47 enquiries were decided on: no conference follows")
    if d.state.conference_held_at is not None:
        return refuse("conference_held", "the initial conference was held already")
    d.record(ConferenceNamed(anchor=d.state.anchor, when=command.when))
    return None


def reanchor_conference(d: Thinking, command: ReanchorConference) -> Refusal | None:
    """Count the time for the conference from another session that decided. Decisions leave the anchor alone after."""
    if d.state.anchor is None:
        return refuse("section47_missing", "no section 47 enquiries were decided on: no conference follows")
    if d.state.conference_held_at is not None:
        return refuse("conference_held", "the initial conference was held already")
    session = d.state.session(command.meeting)
    if session is None or session.decided_at is None or session.held_at > d.at:
        return refuse("not_a_deciding_session", f"{command.meeting} had not decided on section 47 by then")
    if session.meeting == d.state.anchor:
        return refuse("already_anchored", f"the conference is anchored on {session.meeting} already")
    d.record(ConferenceReanchored(anchor=session.meeting, before=d.state.anchor))
    anchor_the_time(d, session, d.request.reason or f"the conference is anchored on {session.meeting}")
    return None


def hold_conference(d: Thinking, command: HoldConference) -> Refusal | None:
    """The initial conference was held. A plan starts the time for its core group and its first review."""
    anchor = d.state.session(d.state.anchor)
    if anchor is None:
        return refuse("section47_missing", "no section 47 enquiries were decided on: no conference follows")
    if d.state.conference_held_at is not None:
        return refuse("conference_held", "the initial conference was held already")
    if d.at < anchor.held_at:
        return refuse("before_anchor", f"{anchor.meeting}, on which the conference is anchored, came later")
    refusal = _can_not_carry(d, command)
    if refusal is not None:
        return refusal
    d.record(ConferenceHeld(outcome=command.outcome, anchor=anchor.meeting, held_at=d.at))
    for clock in d.open_clocks("WT7"):
        d.meet_clock(clock.id)
    if command.outcome == "plan":
        d.record(ProtectionPlanAgreed(plan=command.plan, carries=command.carries))
        for number in command.carries:
            d.stop_clock(f"sm2-{number}", f"action {number} is carried into the plan")
        d.start_clock("WT9", "initial child protection conference")
        d.start_clock("WT8", "initial child protection conference")
    return None


def _can_not_carry(d: Thinking, command: HoldConference) -> Refusal | None:
    if not command.carries:
        return None
    if command.outcome == "none" or command.plan is None:
        return refuse("plan_not_named", "actions can only be carried into a plan that is named")
    known = {action.number for action in d.state.actions if action.status in ("open", "escalated")}
    strangers = [
        unmet("no_such_action", f"there is no action {number} to be carried", str(number))
        for number in command.carries
        if number not in known
    ]
    return refuse("no_such_action", "the plan carries what is not an open action", *strangers) if strangers else None


def hold_review(d: Thinking, command: HoldReviewConference) -> Refusal | None:
    """A review of the plan. Where the plan goes on, the next review is due."""
    later = min((held for held in _reviews_awaited_since(d) if held > d.at), default=None)
    refusal = _no_plan(d) or _ends_what_went_on(command, later)
    if refusal is not None:
        return refusal
    d.record(ReviewConferenceHeld(outcome=command.outcome))
    before = [clock for clock in d.state.clocks if clock.rule in _REVIEWS and clock.started_at <= d.at]
    if before:
        meet_or_mend(d, max(before, key=lambda clock: clock.started_at))
    if command.outcome == "plan_continues":
        number = d.count_clocks("WT8") + d.count_clocks("WT8-later") + 1
        d.start_clock("WT8-later", "review conference", clock_id=f"wt8-{number}")
        if later is not None:
            d.meet_clock(f"wt8-{number}", later)
    else:
        for clock in d.open_clocks("WT9"):
            d.stop_clock(clock.id, "the plan ended")
    return None


def _reviews_awaited_since(d: Thinking) -> tuple[datetime, ...]:
    return tuple(clock.started_at for clock in d.state.clocks if clock.rule in _REVIEWS)


def _ends_what_went_on(command: HoldReviewConference, later: datetime | None) -> Refusal | None:
    if command.outcome == "plan_continues" or later is None:
        return None
    words = f"the plan went on at the review of {london_words(later)}: it can't have ended before that"
    return refuse("plan_went_on", words, unmet("plan_went_on", words))


def hold_core_group(d: Thinking) -> Refusal | None:
    """The core group of the plan met."""
    refusal = _no_plan(d)
    if refusal is None:
        d.record(CoreGroupHeld())
        for clock in d.state.clocks:
            if clock.rule == "WT9":
                meet_or_mend(d, clock)
    return refusal


def _no_plan(d: Thinking) -> Refusal | None:
    if not d.state.plan_in_force:
        return refuse("no_plan", "no child protection plan is in force")
    if d.state.conference_held_at is not None and d.at < d.state.conference_held_at:
        return refuse("before_conference", "the conference that agreed the plan came later")
    return None
