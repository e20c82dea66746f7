"""Rules of detention before charge: its limits, its reviews, and what happens when it runs past its authority.

An act reported after the authorised end never extends anything: it shows that the suspect was still detained, and that
is what is recorded.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, assert_never

from nom.contracts.clocks import BreachWithdrawn, ClockStopped
from nom.contracts.custody import (
    AuthoriseDetention,
    DetentionAuthorised,
    DetentionExtended,
    DetentionReviewed,
    ExtendDetention,
    UnlawfulDetentionRecorded,
    UnlawfulDetentionWithdrawn,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.local_time import london_words
from nom.contracts.policy import reference
from nom.contracts.policy.rules import RankRule
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.custody_state import (
    CustodyState,
    Thinking,
    clocks_of,
    lacking_rank,
    period_rule,
)
from nom.workflows.model.late_entry import meet_or_mend

_LIMITS = ("PC1", "PC2")
_SUMMARY_ONLY = "CS"


DetentionEvent = (
    DetentionAuthorised | DetentionReviewed | DetentionExtended | UnlawfulDetentionRecorded | UnlawfulDetentionWithdrawn
)


def authorise(d: Thinking, command: AuthoriseDetention) -> Refusal | None:
    """Authorise detention: its limit runs from the relevant time, its reviews from the authorisation."""
    if d.state.authorised_at is not None:
        return refuse("already_authorised", "detention was authorised already")
    missing = (*_lacking_rank(d, command.type), *_misplaced(d, command))
    if missing:
        return refused_for(missing, "detention can't be authorised")
    d.record(DetentionAuthorised(relevant_time=command.relevant_time, authorised_at=d.at))
    d.start_clock("PC1", "relevant time", start=command.relevant_time)
    d.start_clock("PC4", "detention authorised", clock_id="pc4-1")
    record_unlawful(d)
    return None


def _misplaced(d: Thinking, command: AuthoriseDetention) -> Iterator[Unmet]:
    yield from contradictions(d.at, ("before_arrest", "the suspect was arrested", d.state.arrested_at))
    arrested = d.state.arrested_at
    if arrested is not None and command.relevant_time < arrested:
        yield unmet("relevant_time_before_arrest", "the relevant time lies before the arrest")
    if command.relevant_time > d.at:
        yield unmet("relevant_time_after_authorisation", "the relevant time lies after the authorisation")


def review(d: Thinking) -> Refusal | None:
    """Record a review: it meets the clock that ran at the time, and the next is due after it. A review that is entered
    after later ones, or after the release, takes its place among them.
    """
    missing = (*_lacking_rank(d, d.command.type), *_outside_detention(d))
    if missing:
        return refused_for(missing, "no review of detention can have been held then")
    if d.at in d.state.reviews:
        return refuse("already_reviewed", "a review at that moment is recorded already")
    d.record(DetentionReviewed(number=len(d.state.reviews) + 1, held_at=d.at))
    reviews = clocks_of(d, "PC4")
    meet_or_mend(d, max((clock for clock in reviews if clock.started_at <= d.at), key=lambda clock: clock.started_at))
    following = f"pc4-{len(reviews) + 1}"
    d.start_clock("PC4-later", "review before it", clock_id=following)
    later = [held for held in d.state.reviews if held > d.at]
    if later:
        d.meet_clock(following, at=min(later))
    elif d.state.left_at is not None:
        d.stop_clock(following, "detention had ended", at=d.state.left_at)
    record_unlawful(d)
    return None


def extend(d: Thinking, command: ExtendDetention) -> Refusal | None:
    """Authorise detention up to a later end. After the end that holds, nothing is extended: detention without
    authority is recorded instead.
    """
    step = period_rule(d, command.type, command.hours)
    if step is None:
        words = f"no officer may authorise detention up to {command.hours} hours: only the periods of the policy"
        return refuse("no_such_period", words, unmet("no_such_period", words))
    missing = extension_gate(d, step)
    if [item.code for item in missing] == ["too_late"] and record_unlawful(d):
        return None
    if missing:
        return refused_for(missing, "detention can't be extended")
    d.record(DetentionExtended(hours=command.hours, extended_at=d.at))
    _supersede(d, step)
    return None


def extension_gate(d: Thinking, step: RankRule) -> tuple[Unmet, ...]:
    """What an extension lacks: rank, a second review, time, an indictable offence (PACE s42). An arrest whose offence
    was not given is taken to be for an indictable one.
    """
    return (*lacking_rank(d, step), *_outside_detention(d), *_untimely(d, step), *_not_indictable(d))


def _untimely(d: Thinking, step: RankRule) -> Iterator[Unmet]:
    if d.clock(step.clock.lower()) is not None:
        yield unmet("already_extended", f"detention was extended already: {step.title}", step.clock)
        return
    held = sum(moment <= d.at for moment in d.state.reviews)
    needed = d.facts.policy.thresholds.reviews_before_extension
    if held < needed:
        words = f"{held} of the {needed} reviews that come before an extension had been held"
        yield unmet("too_early", words, None, d.facts.policy.roles_for("ReviewDetention"))
    end = authorised_end(d)
    if end is not None and d.at > end:
        yield unmet("too_late", f"authority to detain ended on {london_words(end)}")


def _not_indictable(d: Thinking) -> Iterator[Unmet]:
    offence = reference.offence(d.state.offence) if d.state.offence else None
    if offence is not None and offence.category == _SUMMARY_ONLY:
        yield unmet("offence_not_indictable", f"{offence.cjs_code} is a summary offence", offence.cjs_code)


def _supersede(d: Thinking, step: RankRule) -> None:
    clock = d.clock((step.after or "PC1").lower())
    if clock is not None and clock.is_open:
        d.stop_clock(clock.id, "superseded by the extension")
    elif clock is not None and clock.is_late:
        words = f"done in time, on {london_words(d.at)}, and entered later"
        d.record(BreachWithdrawn(clock_id=clock.id, rule=clock.rule, because=words))
        because = "superseded by the extension"
        d.record(ClockStopped(clock_id=clock.id, rule=clock.rule, stopped_at=d.at, late=False, because=because))
    d.start_clock(step.clock, "relevant time", start=d.state.relevant_time)
    if d.state.left_at is not None:
        d.stop_clock(step.clock.lower(), "detention had ended", at=d.state.left_at)
    _judge_again(d)


def _judge_again(d: Thinking) -> None:
    end, until = authorised_end(d), d.state.unlawful_until
    if end is None or until is None:
        return
    because = f"an extension given on {london_words(d.at)} was entered later"
    d.record(UnlawfulDetentionWithdrawn(authorised_until=end, because=because))
    if until > end:
        d.record(UnlawfulDetentionRecorded(authorised_until=end, still_detained_at=until))


def authorised_end(d: Thinking) -> datetime | None:
    """When the authority to detain ends, as far as it was ever given; None before detention is authorised."""
    return max((clock.due_at for rule in _LIMITS if (clock := d.clock(rule.lower()))), default=None)


def record_unlawful(d: Thinking) -> bool:
    """Record detention without authority, if the act shows any that is not known yet. Says whether it did."""
    end, known = authorised_end(d), d.state.unlawful_until
    if end is None or d.at <= end or (known is not None and d.at <= known):
        return False
    d.record(UnlawfulDetentionRecorded(authorised_until=end, still_detained_at=d.at))
    return True


def leave(d: Thinking, because: str) -> None:
    """The suspect is let out: the clocks of detention stop. Those that had run out by then are breached."""
    for clock in d.open_clocks():
        if clock.rule.startswith("PC"):
            d.stop_clock(clock.id, because)


def changed(state: CustodyState, event: DetentionEvent) -> dict[str, Any]:
    """What an event of detention changes."""
    match event:
        case DetentionAuthorised():
            moments = {"relevant_time": event.relevant_time, "authorised_at": event.authorised_at}
            return {"standing": "detained", **moments}
        case DetentionReviewed():
            return {"reviews": (*state.reviews, event.held_at)}
        case DetentionExtended():
            return {"extended_at": event.extended_at}
        case UnlawfulDetentionRecorded():
            return {"unlawful_until": event.still_detained_at}
        case UnlawfulDetentionWithdrawn():
            return {"unlawful_until": None}
        case _:
            assert_never(event)


def _outside_detention(d: Thinking) -> Iterator[Unmet]:
    if d.state.authorised_at is None:
        yield unmet("not_detained", "detention has not been authorised", None, ("custody_officer",))
    yield from contradictions(d.at, ("before_detention", "detention was authorised", d.state.authorised_at))
    if d.state.left_at is not None and d.at > d.state.left_at:
        yield unmet("detention_over", f"detention ended on {london_words(d.state.left_at)}")


def _lacking_rank(d: Thinking, command: str) -> Iterator[Unmet]:
    for step in d.facts.policy.ranks_for(command):
        yield from lacking_rank(d, step)
