"""Invariants 1, 2, 9 (first half), 16 and 17: what must follow a referral, and what a triage must have recorded."""

from collections.abc import Iterator
from datetime import datetime

from nom.contracts.case import SubjectLinked
from nom.contracts.characteristics import (
    EthnicityRecorded,
    EthnicityUnavailableRecorded,
    NationalityRecorded,
    NationalityUnavailableRecorded,
)
from nom.contracts.clocks import ClockStatus
from nom.contracts.crime import CrimeRecorded, RapeIncidentN100Recorded
from nom.contracts.every_process import StageEnded
from nom.contracts.ids import ProcessKind
from nom.contracts.investigation import SuspectConcluded
from nom.contracts.network import is_unidentified
from nom.contracts.referral import ReferralAcknowledged, ReferralReceived, ReferralRouted
from nom.contracts.subjects import Subject
from nom.contracts.triage import NetworkLinkRecorded, NrmReferralMade, TriageDecided, TriageOpened
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter

_NOT_STATED = "NS"
TRANSFERRED = "transferred"
"""How a referral ends here that goes on in another force, which owes what was not done yet."""


def acknowledged_and_decided(matter: Matter) -> Iterator[Finding]:
    """1: acknowledged and decided within the working day, or a breach stands."""
    for history in matter.of_kind(ProcessKind.REFERRAL):
        if history.first(ReferralReceived) is None:
            continue
        clocks = history.clocks_of("WT1")
        if not clocks:
            yield Finding(history.stream, None, "no time to acknowledge and decide was ever set")
        ended, done = history.first(StageEnded), _both_done(history)
        if ended is not None and ended.outcome != TRANSFERRED and done is None:
            yield Finding(history.stream, None, "it ended without both an acknowledgement and a decision")
        for clock in history.silently_overdue(clocks):
            yield Finding(history.stream, None, f"{clock.id} has run out and no breach is recorded")
        for clock in history.met_late_as_in_time(clocks, done) if done else ():
            yield Finding(history.stream, None, f"{clock.id} counts as met in time and was not")


def _both_done(history: History) -> datetime | None:
    routed = next((entry.record.occurred_at for entry, _ in history.of(ReferralRouted)), None)
    acknowledged = history.first(ReferralAcknowledged)
    if routed is None or acknowledged is None:
        return None
    return max(routed, acknowledged.acknowledged_at)


def every_allegation_recorded(matter: Matter) -> Iterator[Finding]:
    """2: each allegation has a crime or an N100 within 24 hours, or a breach stands."""
    for history in matter.of_kind(ProcessKind.REFERRAL):
        received = history.first(ReferralReceived)
        clocks = history.clocks_of("CR1")
        for number, item in enumerate(received.allegations if received else ()):
            if number >= len(clocks):
                yield Finding(history.stream, None, f"no time to record {item.offence} against {item.victim} was set")
                continue
            yield from _recorded_in_time(history, number, item.victim, item.offence)


def _recorded_in_time(history: History, number: int, victim: str, offence: str) -> Iterator[Finding]:
    clock = history.clocks_of("CR1")[number]
    recorded = [
        entry.record.occurred_at
        for entry, event in history.of(CrimeRecorded, RapeIncidentN100Recorded)
        if (event.victim, event.offence) == (victim, offence)
    ]
    ended = history.first(StageEnded)
    if not recorded and (clock.status is ClockStatus.MET or (ended is not None and ended.outcome != TRANSFERRED)):
        yield Finding(history.stream, None, f"{offence} against {victim} has neither a crime nor an N100")
    for _ in history.silently_overdue((clock,)):
        yield Finding(history.stream, None, f"{clock.id} has run out and no breach is recorded")
    for _ in history.met_late_as_in_time((clock,), min(recorded)) if recorded else ():
        yield Finding(history.stream, None, f"{clock.id} counts as met in time and was not")


def trafficked_children_referred(matter: Matter) -> Iterator[Finding]:
    """16: no triage is decided while an under-18 suspected of being trafficked is not referred."""
    for history in matter.of_kind(ProcessKind.TRIAGE):
        for entry, _ in history.of(TriageDecided):
            before = history.before(entry.record.seq)
            referred = {event.subject for _, event in before.of(NrmReferralMade)}
            for subject in subjects_of_triage(before):
                if subject.trafficking_suspected and subject.is_under_18 and subject.id not in referred:
                    words = f"{subject.id} was not referred to the National Referral Mechanism"
                    yield Finding(history.stream, entry.record.seq, words)


def characteristics_answered(matter: Matter) -> Iterator[Finding]:
    """17: ethnicity and nationality of every suspect, or why not; nothing copied from what was observed."""
    for history in matter.of_kind(ProcessKind.TRIAGE):
        for entry, _ in history.of(TriageDecided):
            before = history.before(entry.record.seq)
            yield from _unanswered(before, _suspects_of_triage(before), entry)
    for history in matter.of_kind(ProcessKind.INVESTIGATION):
        for entry, concluded in history.of(SuspectConcluded):
            if entry.record.command == "Conclude":
                yield from _unanswered(history.before(entry.record.seq), (concluded.suspect,), entry)
    for history in matter.histories:
        for entry, _ in history.of(EthnicityRecorded):
            if entry.record.command != "RecordEthnicity":
                yield Finding(history.stream, entry.record.seq, "a self-defined ethnicity that nobody gave")


def subjects_of_triage(history: History) -> tuple[Subject, ...]:
    """Everybody whom a triage was opened about or was told of later."""
    opened = history.first(TriageOpened)
    later = (event.subject for _, event in history.of(SubjectLinked))
    return (*(opened.subjects if opened else ()), *later)


def _suspects_of_triage(history: History) -> tuple[str, ...]:
    linked = (person for _, link in history.of(NetworkLinkRecorded) for person in link.between)
    people = (*(subject.id for subject in subjects_of_triage(history)), *linked)
    return tuple(dict.fromkeys(who for who in people if who.startswith("suspect-") and not is_unidentified(who)))


def _unanswered(before: History, suspects: tuple[str, ...], at: Entry) -> Iterator[Finding]:
    for suspect in suspects:
        for what in unanswered(before, suspect):
            yield Finding(before.stream, at.record.seq, f"{suspect} has no {what}, and no reason is recorded")


def unanswered(history: History, suspect: str) -> tuple[str, ...]:
    """Which of ethnicity and nationality has neither an answer nor a coded reason. `NS` is no answer (ours)."""
    ethnicity = any(
        event.subject == suspect and event.self_defined.value != _NOT_STATED
        for _, event in history.of(EthnicityRecorded)
    ) or any(suspect in event.subjects for _, event in history.of(EthnicityUnavailableRecorded))
    nationality = any(event.subject == suspect for _, event in history.of(NationalityRecorded)) or any(
        suspect in event.subjects for _, event in history.of(NationalityUnavailableRecorded)
    )
    named = (("self-defined ethnicity", ethnicity), ("nationality", nationality))
    return tuple(what for what, answered in named if not answered)
