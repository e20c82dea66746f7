"""Invariant 7: who is told of a decision that ends a matter, and who is offered a review of it. A decision of triage
not to investigate is told as no further action is; the offer of a review goes with the latter alone.
"""

from collections.abc import Iterator

from nom.contracts.closure import NoFurtherActionProposed, ReviewOffered
from nom.contracts.every_process import StageEnded
from nom.contracts.ids import ProcessKind
from nom.contracts.local_time import LONDON
from nom.contracts.notices import VictimNotified
from nom.contracts.standing import StandingTold
from nom.contracts.subjects import Subject
from nom.contracts.triage import TriageDecided
from nom.workflows.model.invariants.intake import subjects_of_triage
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter
from nom.workflows.model.invariants.no_further_action import approvals


def victims_told_and_offered(matter: Matter) -> Iterator[Finding]:
    """7: each victim told in time or a breach stands, and offered a review by the scheme of the decision's day."""
    yield from _of_no_further_action(matter)
    for history in matter.of_kind(ProcessKind.TRIAGE):
        yield from _of_no_investigation(history)


def _of_no_further_action(matter: Matter) -> Iterator[Finding]:
    for history, entry, approval in approvals(matter):
        scheme = matter.pack(entry).review_scheme(approval.approved_at.astimezone(LONDON).date()).scheme
        for at, offered in history.of(ReviewOffered):
            if offered.scheme != scheme:
                yield _at(history, at, f"a review by {offered.scheme} was offered where {scheme} holds")
        told = [event for _, event in history.of(VictimNotified)]
        for victim in _victims_told_of(history, entry.record.seq):
            yield from _told_in_time(history, entry, victim, "VC3", told)
            ended = history.last(StageEnded)
            if ended is not None and ended.outcome == "closed":
                offers = (event.victims for _, event in history.of(ReviewOffered))
                yield from _left_out(history, victim.id, told, any(victim.id in named for named in offers))


def _of_no_investigation(history: History) -> Iterator[Finding]:
    """Whoever triage knew of when it decided not to investigate, and whoever it learned of later."""
    told = [event for _, event in history.of(VictimNotified)]
    for entry, decided in history.of(TriageDecided):
        for victim in subjects_of_triage(history) if not decided.investigation else ():
            if victim.is_victim:
                yield from _told_in_time(history, entry, victim, "VC1", told)


def _left_out(history: History, victim: str, told: list[VictimNotified], was_offered: bool) -> Iterator[Finding]:
    if not any(victim in notice.victims for notice in told):
        yield Finding(history.stream, None, f"it closed and {victim} was never told")
    if not was_offered:
        yield Finding(history.stream, None, f"it closed and {victim} was never offered a review")


def _told_in_time(
    history: History, at: Entry, victim: Subject, rule: str, told: list[VictimNotified]
) -> Iterator[Finding]:
    clocks = tuple(clock for clock in history.clocks_of(rule) if clock.about == victim.id)
    if not clocks:
        yield _at(history, at, f"no time to tell {victim.id} was set")
        return
    enhanced = clocks[0].rule == f"{rule}-enhanced"
    if victim.is_under_18 and not enhanced:
        yield _at(history, at, f"{victim.id} is under 18 and has the longer time to be told")
    for clock in history.silently_overdue(clocks):
        yield _at(history, at, f"{clock.id} has run out and no breach is recorded")
    notices = [notice.told_at for notice in told if victim.id in notice.victims]
    for clock in history.met_late_as_in_time(clocks[:1], min(notices)) if notices else ():
        yield _at(history, at, f"{clock.id} counts as met in time and was not")


def _victims_told_of(history: History, seq: int) -> tuple[Subject, ...]:
    """Everybody whom the closure had been told of or, where it closes a crime, the victim of that."""
    before = history.before(seq)
    told, proposed = before.last(StandingTold), before.first(NoFurtherActionProposed)
    crime = proposed.what.crime if proposed else None
    known = told.standing.victims if told else ()
    return known if crime is None else tuple(victim for victim in known if victim.id == crime.victim)


def _at(history: History, entry: Entry, words: str) -> Finding:
    return Finding(history.stream, entry.record.seq, words)
