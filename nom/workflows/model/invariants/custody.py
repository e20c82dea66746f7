"""Invariants 19 and 20: nobody is detained or on bail past the authority for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from nom.contracts.actors import Agency
from nom.contracts.bail_regime import BailRegimeChanged
from nom.contracts.clocks import Clock, ClockStarted, ClockStatus, in_time
from nom.contracts.custody import (
    BailExtended,
    BailGranted,
    CustodyEnded,
    DetentionAuthorised,
    DetentionReviewed,
    SuspectReleasedUnderInvestigation,
    UnlawfulDetentionRecorded,
    UnlawfulDetentionWithdrawn,
)
from nom.contracts.ids import ProcessKind
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import RankRule
from nom.contracts.warrants import HospitalStayRecorded
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter

_LIMITS = ("PC1", "PC2", "PC3")
_RELEASES = (BailGranted, SuspectReleasedUnderInvestigation, CustodyEnded)


def detention_authorised(matter: Matter) -> Iterator[Finding]:
    """19: every limit of detention was set by who may set it, in time, and what ran past it is on record."""
    for history in matter.of_kind(ProcessKind.CUSTODY):
        yield from _limits_set_rightly(matter, history)
        limits, shown = history.clocks_of(*_LIMITS), max(_shown_detained(history), default=None)
        if shown is None or any(clock.status is ClockStatus.PAUSED for clock in limits):
            continue  # In hospital no time counts, and nobody knows yet when the limit will be.
        end = max((clock.due_at for clock in limits), default=None)
        if end is None:
            yield Finding(history.stream, None, "somebody was detained and no limit was ever set")
        elif shown > end and (_known_unlawful(history) or end) < shown:
            yield Finding(history.stream, None, "detention ran past its authority and nothing says so")


def _limits_set_rightly(matter: Matter, history: History) -> Iterator[Finding]:
    for entry, started in history.of(ClockStarted):
        if started.rule.partition("-")[0] not in _LIMITS:
            continue
        pack = matter.pack(entry)
        steps = [step for step in pack.ranks if (step.clock, step.command) == (started.rule, entry.record.command)]
        if not any(_has_authority(history, entry, step) for step in steps):
            yield _at(
                history, entry, f"{started.rule} was set by {entry.record.actor.role}, without the authority for it"
            )
        first = entry.record.command == "AuthoriseDetention"
        earlier = _ends_set_before(history, entry)
        if not first and (not earlier or entry.record.occurred_at > max(earlier)):
            yield _at(history, entry, f"{started.rule} was set when no authority to detain was left")
        yield from _beyond_the_longest(history, entry, started, pack)


def _ends_set_before(history: History, entry: Entry) -> tuple[datetime, ...]:
    """When the limits end, as it is known by now, that were set before a record."""
    now = {clock.id: clock.due_at for clock in history.clocks}
    return tuple(now[clock.id] for clock in history.before(entry.record.seq).clocks_of(*_LIMITS))


def _beyond_the_longest(history: History, entry: Entry, started: ClockStarted, pack: PolicyPack) -> Iterator[Finding]:
    """A limit beyond the longest detention, time in hospital apart."""
    authorised = history.before(entry.record.seq).first(DetentionAuthorised)
    longest = next((rule.value for rule in pack.clocks if rule.id == "PC3-cap"), None)
    if authorised is None or longest is None:
        return
    stays = {event.left_at: event for _, event in history.of(HospitalStayRecorded)}.values()
    away = sum((stay.returned_at - stay.left_at for stay in stays if stay.returned_at), timedelta())
    if started.due_at > authorised.relevant_time + timedelta(hours=longest) + away:
        yield _at(history, entry, f"{started.rule} ends more than {longest} hours after the relevant time")


def _has_authority(history: History, entry: Entry, step: RankRule) -> bool:
    """Whether whoever gave the command has the rank; of a court's decision, whether it names the court."""
    actor = entry.record.actor
    if step.court:
        by_command = [each.event for each in history.entries if each.record.command_id == entry.record.command_id]
        return actor.agency is Agency.COURT or any(getattr(event, "court", None) for event in by_command)
    return step.rank is not None and actor.rank is not None and actor.rank.at_least(step.rank)


def _shown_detained(history: History) -> Iterator[datetime]:
    if history.first(DetentionAuthorised) is None:
        return
    yield from (event.held_at for _, event in history.of(DetentionReviewed))
    left = next(iter(history.of(*_RELEASES)), None)
    if left is not None:
        yield left[0].record.occurred_at


def _known_unlawful(history: History) -> datetime | None:
    until: datetime | None = None
    for _, event in history.of(UnlawfulDetentionRecorded, UnlawfulDetentionWithdrawn):
        until = event.still_detained_at if isinstance(event, UnlawfulDetentionRecorded) else None
    return until


def bail_authorised(matter: Matter) -> Iterator[Finding]:
    """20: bail is extended in time, one period after another, by the rank for the period and the kind of case."""
    for history in matter.of_kind(ProcessKind.CUSTODY):
        for entry, extended in history.of(BailExtended):
            pack = matter.pack(entry)
            running = _running_bail(history.before(entry.record.seq))
            steps = [
                step for step in pack.ranks if (step.clock, step.command) == (extended.authorised_by, "ExtendBail")
            ]
            if not steps or extended.months != pack.clock(extended.authorised_by).value:
                yield _at(history, entry, f"{extended.months} months is no period of bail")
            elif not any(_has_authority(history, entry, step) for step in steps if _of_the_regime(step, pack, history)):
                yield _at(history, entry, f"{extended.months} months of bail without the authority for it")
            if running is None or not in_time(extended.extended_at, running.due_at, running.last_day):
                yield _at(history, entry, "bail was extended after it had ended")
            elif not _regime_changed(history) and all(step.after != running.rule for step in steps):
                yield _at(history, entry, f"{extended.authorised_by} does not follow {running.rule}")
        for clock in history.silently_overdue(history.clocks_of("PB1", "PB2", "PB3", "PB4", "PB5")):
            yield Finding(
                history.stream, None, f"bail ran past its authorised end ({clock.id}) and no breach is recorded"
            )


def _of_the_regime(step: RankRule, pack: PolicyPack, history: History) -> bool:
    return _regime_changed(history) or step.regime in (None, pack.bail_regime)


def _regime_changed(history: History) -> bool:
    """Whether other periods hold than those of the pack: which ones follow each other then is not judged."""
    return history.first(BailRegimeChanged) is not None


def _running_bail(history: History) -> Clock | None:
    open_now = (ClockStatus.RUNNING, ClockStatus.BREACHED)
    return next((clock for clock in history.clocks if clock.rule.startswith("PB") and clock.status in open_now), None)


def _at(history: History, entry: Entry, words: str) -> Finding:
    return Finding(history.stream, entry.record.seq, words)
