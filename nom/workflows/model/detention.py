"""Rules of detention before charge: its authorisation, reviews and extension, and detention beyond its authority.

An act reported after the authorised end never extends anything: it shows that the suspect was still detained, and that
is what is recorded.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, assert_never

from nom.contracts.clocks import ClockStopped
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
from nom.contracts.policy.rules import RankRule
from nom.contracts.warrants import EarlierDetentionCounted
from nom.workflows.model.breach_withdrawal import entered_later
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.custody_state import (
    CustodyState,
    Stay,
    Thinking,
    clocks_of,
    lacking_rank,
    not_indictable,
    outside_detention,
    period_rule,
)
from nom.workflows.model.detention_time import (
    authorised_end,
    counting_start,
    hours_of,
    limits,
    start_detention_clock,
)
from nom.workflows.model.late_entry import meet_or_mend

DetentionEvent = (
    DetentionAuthorised
    | DetentionReviewed
    | DetentionExtended
    | EarlierDetentionCounted
    | UnlawfulDetentionRecorded
    | UnlawfulDetentionWithdrawn
)


def authorise(d: Thinking, command: AuthoriseDetention) -> Refusal | None:
    """Authorise detention: its limit runs from the relevant time, its reviews from the authorisation."""
    if d.state.authorised_at is not None:
        return refuse("already_authorised", "detention was authorised already")
    missing = (*_lacking_rank(d, command.type), *_misplaced(d, command))
    if missing:
        return refused_for(missing, "detention can't be authorised")
    d.record(DetentionAuthorised(relevant_time=command.relevant_time, authorised_at=d.at))
    if command.detained_before:
        d.record(EarlierDetentionCounted(minutes=command.detained_before))
    _start_limit(d, "PC1", command.relevant_time, command.detained_before)
    start_detention_clock(d, "PC4", "detention authorised", "pc4-1")
    record_unlawful(d, d.at)
    return None


def _start_limit(d: Thinking, rule: str, relevant_time: datetime, detained_before: int) -> None:
    words = "relevant time"
    # Whoever had used the whole limit up before the bail has the hours of PC5 all the same.
    detained_before = min(detained_before, d.facts.policy.clock(rule).value * 60)
    if detained_before:
        words += f", less {detained_before} minutes of detention before the bail"
    if d.state.breach_of_bail:
        words += f"; {d.facts.policy.clock('PC5').value} hours more after an arrest for breach of bail (PC5)"
    start = counting_start(relevant_time, detained_before)
    start_detention_clock(d, rule, words, rule.lower(), start=start, hours=hours_of(d, rule))


def _misplaced(d: Thinking, command: AuthoriseDetention) -> Iterator[Unmet]:
    yield from contradictions(d.at, ("before_arrest", "the suspect was arrested", d.state.arrested_at))
    arrested = d.state.arrested_at
    if arrested is not None and command.relevant_time < arrested:
        yield unmet("relevant_time_before_arrest", "the relevant time lies before the arrest")
    if command.relevant_time > d.at:
        yield unmet("relevant_time_after_authorisation", "the relevant time lies after the authorisation")
    if command.detained_before and not d.state.breach_of_bail:
        yield unmet("not_arrested_on_bail", "earlier detention counts only after an arrest for breach of bail")


def review(d: Thinking) -> Refusal | None:
    """Record a review: it meets the clock that ran at the time, and the next is due after it. A review that is entered
    after later ones, or after the release, takes its place among them.
    """
    missing = (*_lacking_rank(d, d.command.type), *outside_detention(d))
    if missing:
        return refused_for(missing, "no review of detention can have been held then")
    if d.at in d.state.reviews:
        return refuse("already_reviewed", "a review at that moment is recorded already")
    d.record(DetentionReviewed(number=len(d.state.reviews) + 1, held_at=d.at))
    reviews = clocks_of(d, "PC4")
    meet_or_mend(d, max((clock for clock in reviews if clock.started_at <= d.at), key=lambda clock: clock.started_at))
    following = f"pc4-{len(reviews) + 1}"
    start_detention_clock(d, "PC4-later", "review before it", following)
    later = [held for held in d.state.reviews if held > d.at]
    if later:
        d.meet_clock(following, at=min(later))
    elif d.state.left_at is not None:
        d.stop_clock(following, "detention had ended", at=d.state.left_at)
    record_unlawful(d, d.at)
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
    if too_late_alone(missing) and record_unlawful(d, d.at):
        return None
    relevant = d.state.relevant_time
    if missing or relevant is None:
        return refused_for(missing, "detention can't be extended")
    d.record(DetentionExtended(hours=command.hours, extended_at=d.at))
    supersede(d, "superseded by the extension")
    _start_limit(d, step.clock, relevant, d.state.detained_before)
    settle(d, step.clock.lower(), f"an extension given on {london_words(d.at)} was entered later")
    return None


def extension_gate(d: Thinking, step: RankRule) -> tuple[Unmet, ...]:
    """What an extension lacks: rank, a second review, time, an indictable offence (PACE s42). An arrest whose offence
    was not given is taken to be for an indictable one.
    """
    return (*lacking_rank(d, step), *outside_detention(d), *_untimely(d, step), *not_indictable(d))


def _untimely(d: Thinking, step: RankRule) -> Iterator[Unmet]:
    if d.clock(step.clock.lower()) is not None:
        yield unmet("already_extended", f"detention was extended already: {step.title}", step.clock)
        return
    held = sum(moment <= d.at for moment in d.state.reviews)
    needed = d.facts.policy.thresholds.reviews_before_extension
    if held < needed:
        words = f"{held} of the {needed} reviews that come before an extension had been held"
        yield unmet("too_early", words, None, d.facts.policy.roles_for("ReviewDetention"))
    yield from too_late(d)


def too_late(d: Thinking) -> Iterator[Unmet]:
    """That the authority to detain had ended before the act."""
    end = authorised_end(d)
    if end is not None and d.at > end:
        yield unmet("too_late", f"authority to detain ended on {london_words(end)}")


def too_late_alone(missing: tuple[Unmet, ...]) -> bool:
    """Whether an act lacks nothing but time: reported after the end, it shows detention without authority."""
    return [item.code for item in missing] == ["too_late"]


def supersede(d: Thinking, because: str) -> None:
    """The limit in force gives way to a longer one, given in time. If it was breached before this was entered, it never
    was.
    """
    clock = limits(d)[-1]
    if clock.is_open:
        d.stop_clock(clock.id, because)
    elif clock.is_late:
        stopped = ClockStopped(clock_id=clock.id, rule=clock.rule, stopped_at=d.at, late=False, because=because)
        d.take((entered_later(clock, "done", d.at), stopped))


def settle(d: Thinking, limit: str, because: str) -> None:
    """A limit was given. Where it was entered after the release, it had ended with that; and what was known as
    detention without authority is judged once more.
    """
    if d.state.left_at is not None:
        d.stop_clock(limit, "detention had ended", at=d.state.left_at)
    judge_again(d, because)


def judge_again(d: Thinking, because: str, stays: Iterable[Stay] | None = None) -> None:
    """The authority reaches further than was known: only what lies beyond it stays recorded as unlawful."""
    end, until = authorised_end(d, stays), d.state.unlawful_until
    if until is None:
        return
    d.record(UnlawfulDetentionWithdrawn(authorised_until=end or until, because=because))
    if end is not None and until > end:
        d.record(UnlawfulDetentionRecorded(authorised_until=end, still_detained_at=until))


def record_unlawful(d: Thinking, detained_at: datetime, stays: Iterable[Stay] | None = None) -> bool:
    """Record detention without authority, if detention at that moment shows any that is not known yet. Says whether it
    did.
    """
    end, known = authorised_end(d, stays), d.state.unlawful_until
    if end is None or detained_at <= end or (known is not None and detained_at <= known):
        return False
    d.record(UnlawfulDetentionRecorded(authorised_until=end, still_detained_at=detained_at))
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
        case EarlierDetentionCounted():
            return {"detained_before": event.minutes}
        case UnlawfulDetentionRecorded():
            return {"unlawful_until": event.still_detained_at}
        case UnlawfulDetentionWithdrawn():
            return {"unlawful_until": None}
        case _:
            assert_never(event)


def _lacking_rank(d: Thinking, command: str) -> Iterator[Unmet]:
    for step in d.facts.policy.ranks_for(command):
        yield from lacking_rank(d, step)
