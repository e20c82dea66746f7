"""What follows an approved closure: victims are told, offered a review, may ask for it, and get a decision.

The Victims' Right to Review of the police (VR1) or of the Crown Prosecution Service (VR2, VR3), by whose decision it
was. No period of the Child Sexual Abuse Review Panel is published: those of the authority's own scheme stand in (ours).
Naming a reviewer acknowledges the request and, at the Crown Prosecution Service, ends local resolution (ours).
"""

from collections.abc import Iterator
from typing import NamedTuple

from nom.contracts.clocks import Clock, in_time
from nom.contracts.closure import (
    AssignReviewer,
    DecideReview,
    OfferReview,
    RequestReview,
    ReviewDecided,
    ReviewerAssigned,
    ReviewOffered,
    ReviewRequested,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import ProcessKind, SubjectId, stream_of
from nom.contracts.inquiry import LINE_NAME_LENGTH
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.stages import RecordStageOutcome
from nom.contracts.standing import DecidingAuthority, ReopenInvestigation
from nom.workflows.model.closure_state import WINDOWS, ClosureState, Thinking
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.late_entry import meet_or_mend

NOTICE = "vc3-"
OFFER = "vc3-offer-"
"""How the ids of the clocks begin that run until a victim has been told, and has been offered a review."""


class Periods(NamedTuple):
    """The clock rules of one authority's scheme."""

    window: tuple[str, ...]
    acknowledge: str
    complete: str


_PERIODS: dict[DecidingAuthority, Periods] = {
    "police": Periods(("VR1",), "VR1-acknowledge", "VR1-complete"),
    "cps": Periods(("VR2", "VR2-limit"), "VR3", "VR3-independent"),
}


def notify_victim(d: Thinking, command: NotifyVictim) -> Refusal | None:
    """Victims were told of the decision. From then on each may ask for a review."""
    if command.of != "no_further_action":
        return refuse("not_told_here", f"of {command.of.replace('_', ' ')}, another process tells the victim")
    waiting = tuple(victim for victim in d.state.victim_ids() if victim not in d.state.notified)
    named = tuple(dict.fromkeys(command.victims)) or waiting
    missing = (*_undecided(d), *_strangers(d.state, named))
    if missing:
        return refused_for(missing, "there is no decision to tell of like this")
    if not named:
        return refuse("nothing_to_tell", "every victim has been told")
    d.record(VictimNotified(of=command.of, victims=named, told_at=d.at))
    for victim in named:
        _meet(d, NOTICE, victim)
        if victim not in d.state.notified:
            _open_window(d, victim)
    return None


def offer(d: Thinking, command: OfferReview) -> Refusal | None:
    """Victims who were told are offered a review, by the scheme that the day of the decision leads to (VR4)."""
    state = d.state
    waiting = tuple(victim for victim in state.notified if victim not in state.offered)
    named = tuple(dict.fromkeys(command.victims)) or waiting
    untold = tuple(
        unmet("victim_not_told", f"{victim} has not been told of the decision", victim)
        for victim in named or state.victim_ids()
        if victim in state.victim_ids() and victim not in state.notified
    )
    missing = tuple(_undecided(d)) or (*_strangers(state, named), *untold)
    if missing:
        return refused_for(missing, "a review can't be offered like this")
    if not named:
        return refuse("nothing_to_offer", "every victim has been offered a review")
    if state.scheme is None or state.authority is None:
        msg = f"{state.stream} was approved without a scheme of review"
        raise ValueError(msg)
    d.record(ReviewOffered(scheme=state.scheme, authority=state.authority, victims=named))
    for victim in named:
        _meet(d, OFFER, victim)
    return None


def request(d: Thinking, command: RequestReview) -> Refusal | None:
    """A victim asks for a review, whether or not it was offered; not after the window, and not twice."""
    state, victim = d.state, command.victim
    missing = (*_undecided(d), *_strangers(state, (victim,)), *_window_over(d, victim))
    if missing:
        return refused_for(missing, "the review can't be requested like this")
    if any(item.victim == victim for item in state.requests):
        return refuse("already_requested", f"a review was requested for {victim} already")
    d.record(ReviewRequested(victim=victim, requested_at=d.at))
    for clock in _windows(d, victim):
        d.meet_clock(clock.id)
    number = len(state.requests) + 1
    periods = _periods(state)
    for rule in (periods.acknowledge, periods.complete):
        d.start_clock(rule, "request for review", clock_id=f"{rule.lower()}-{number}", about=victim)
    return None


def assign(d: Thinking, command: AssignReviewer) -> Refusal | None:
    """Name a reviewer who took no part in the decision (invariant 8)."""
    waiting = d.state.waiting_requests()
    if not waiting:
        return refuse("no_request", "nobody waits for a review")
    if command.officer in d.state.took_part():
        words = f"{command.officer} gave a deciding command in this matter"
        return refuse("took_part", words, unmet("took_part", words, command.officer, ("review_team",)))
    first = min(item.requested_at for item in waiting)
    early = tuple(contradictions(d.at, ("before_request", "the review was requested", first)))
    if early:
        return refused_for(early, "a reviewer can't have been named before the request")
    d.record(ReviewerAssigned(officer=command.officer, assigned_at=d.at))
    for clock in d.open_clocks(_periods(d.state).acknowledge):
        if clock.started_at <= d.at:
            d.meet_clock(clock.id)
    return None


def decide_review(d: Thinking, command: DecideReview) -> Refusal | None:
    """The reviewer decides on every request that waits. Overturned: the investigation is reopened with the reason."""
    waiting = d.state.waiting_requests()
    missing = (*_not_the_reviewer(d), *_before_the_review(d))
    if not waiting:
        return refuse("no_request", "nobody waits for a review")
    if missing:
        return refused_for(missing, "the review can't be decided like this")
    d.record(ReviewDecided(outcome=command.outcome, victims=tuple(item.victim for item in waiting), decided_at=d.at))
    periods = _periods(d.state)
    for rule in (periods.acknowledge, periods.complete):
        for clock in d.open_clocks(rule):
            d.meet_clock(clock.id)
    if command.outcome == "overturned":
        _overturn(d)
    return None


def _overturn(d: Thinking) -> None:
    case = stream_of(d.state.case, ProcessKind.CASE)
    suspect = d.state.what.suspect if d.state.what else None
    line = _line_of_inquiry(d.request.reason or "")
    d.hand_off(case, RecordStageOutcome(stage=d.state.stream, outcome="overturned"))
    d.hand_off(case, ReopenInvestigation(closure=d.state.stream, suspect=suspect, line=line))
    d.end("overturned", "the decision was overturned")


def _line_of_inquiry(reason: str) -> str:
    """The reason as the name of a line of inquiry, shortened where it is long: it stands in full in the record."""
    return reason if len(reason) <= LINE_NAME_LENGTH else f"{reason[: LINE_NAME_LENGTH - 1].rstrip()}…"


def _undecided(d: Thinking) -> Iterator[Unmet]:
    if d.state.approved_at is None:
        yield unmet("not_approved", "no further action has not been approved", None, ("supervising_officer",))
    yield from contradictions(d.at, ("before_decision", "no further action was approved", d.state.approved_at))


def _strangers(state: ClosureState, victims: tuple[SubjectId, ...]) -> Iterator[Unmet]:
    for victim in victims:
        if victim not in state.victim_ids():
            yield unmet("unknown_subject", f"{victim} is not a victim here", victim)


def _window_over(d: Thinking, victim: SubjectId) -> Iterator[Unmet]:
    for clock in d.state.clocks:
        over = clock.rule in WINDOWS and clock.about == victim and not in_time(d.at, clock.due_at, clock.last_day)
        if over:
            yield unmet("window_over", f"the time to ask for a review of the decision on {victim} is over", victim)


def _not_the_reviewer(d: Thinking) -> Iterator[Unmet]:
    if d.state.reviewer is None:
        yield unmet("reviewer_not_assigned", "nobody was named as the reviewer", None, ("review_team",))
    elif d.state.reviewer != d.request.actor.id:
        yield unmet("not_the_reviewer", f"{d.state.reviewer} reviews the decision", d.state.reviewer)


def _before_the_review(d: Thinking) -> Iterator[Unmet]:
    asked = max((item.requested_at for item in d.state.waiting_requests()), default=None)
    yield from contradictions(
        d.at,
        ("before_request", "the review was requested", asked),
        ("before_assignment", "the reviewer was named", d.state.reviewer_assigned_at),
    )


def _periods(state: ClosureState) -> Periods:
    return _PERIODS[state.authority or "police"]


def _open_window(d: Thinking, victim: SubjectId) -> None:
    asked = next((item.requested_at for item in d.state.requests if item.victim == victim), None)
    for rule in _periods(d.state).window:
        clock_id = d.next_clock_id(rule)
        d.start_clock(rule, "notice of no further action", clock_id=clock_id, about=victim)
        if asked is not None:
            d.meet_clock(clock_id, asked)


def _windows(d: Thinking, victim: SubjectId) -> tuple[Clock, ...]:
    rules = _periods(d.state).window
    return tuple(clock for clock in d.open_clocks() if clock.rule in rules and clock.about == victim)


def _meet(d: Thinking, begins: str, victim: SubjectId) -> None:
    for clock in d.state.clocks:
        number = clock.id.removeprefix(begins)
        if clock.about == victim and clock.id.startswith(begins) and number.isdigit():
            meet_or_mend(d, clock)
