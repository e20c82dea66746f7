"""Moves of the child protection conference: named, held, its core group and its reviews."""

from functools import partial

from nom.console.synth.matter import Matter
from nom.workflows.model.strategy_meeting_record import StrategyMeetingState

_CHAIR, _CONFERENCE_CHAIR = "chair-1", "conference-chair-1"


def prepare(m: Matter, stream: str) -> None:
    """A conference is due: it is named, mostly, and held."""
    if m.draws.share("conference_named"):
        m.act(stream, _CHAIR, "NameConference")
    m.later(partial(_hold, stream=stream), "conference")


def _hold(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is None or state.anchor is None or state.conference_held_at is not None:
        return
    outcome = "plan" if m.draws.share("conference_agrees_plan") else "none"
    waiting = tuple(action.number for action in state.actions if action.status in ("open", "escalated"))
    carries = waiting if outcome == "plan" and state.is_open and m.draws.share("plan_carries_actions") else ()
    m.act(
        stream,
        _CONFERENCE_CHAIR,
        "HoldConference",
        why="conference",
        outcome=outcome,
        plan=m.draws.say("plan_name") if outcome == "plan" else None,
        carries=carries,
    )
    if outcome == "plan":
        m.later(partial(_core_group, stream=stream), "core_group")
        m.later(partial(_review, stream=stream), "first_review_conference")


def _core_group(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is not None and state.plan_in_force:
        m.act(stream, "social-worker-1", "HoldCoreGroup")


def _review(m: Matter, stream: str) -> None:
    state = m.of(StrategyMeetingState, stream)
    if state is None or not state.plan_in_force:
        return
    outcome = "plan_ends" if m.draws.share("plan_ends") else "plan_continues"
    m.act(stream, _CONFERENCE_CHAIR, "HoldReviewConference", why="conference", outcome=outcome)
    if outcome == "plan_continues":
        m.later(partial(_review, stream=stream), "later_review_conference")
