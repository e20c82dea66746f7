"""Invariants 14 and 15: who sat when it was decided, and the conference in its time."""

from collections.abc import Iterator

from nom.contracts.actors import Agency
from nom.contracts.clocks import ClockReanchored, ClockStarted
from nom.contracts.conference import ConferenceHeld
from nom.contracts.every_process import Jurisdiction
from nom.contracts.ids import ProcessKind
from nom.contracts.meeting_session import AttendanceRecorded, Section47Decided, StrategyMeetingConvened
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter, jurisdiction_of

_ALSO_SITS_AS = {
    Agency.SOCIAL_SERVICES: Agency.LOCAL_AUTHORITY,
    Agency.LOCAL_AUTHORITY: Agency.SOCIAL_SERVICES,
}
"""A local authority's social care is what Wales calls social services."""


def decided_with_quorum(matter: Matter) -> Iterator[Finding]:
    """14: the agencies that the jurisdiction's rule names sat in the session that decided."""
    for history in matter.of_kind(ProcessKind.STRATEGY_MEETING):
        for entry, decided in history.of(Section47Decided):
            before = history.before(entry.record.seq)
            sessions = [event for _, event in before.of(AttendanceRecorded) if event.meeting == decided.meeting]
            if not sessions:
                yield Finding(history.stream, entry.record.seq, f"{decided.meeting} decided and nobody attended it")
                continue
            for agency in _missing(matter, before, entry, sessions[-1]):
                words = f"{decided.meeting} decided without {agency.value}"
                yield Finding(history.stream, entry.record.seq, words)


def _missing(matter: Matter, before: History, entry: Entry, session: AttendanceRecorded) -> Iterator[Agency]:
    law = jurisdiction_of(before)
    if law is None:
        return
    rule = matter.pack(entry).quorum(Jurisdiction(law), session.kind)
    convened = before.last(StrategyMeetingConvened)
    referrer = convened.referrer if convened and rule.adds_referrer else None
    sat = {item.agency for item in session.present if item.counts}
    for agency in (*rule.agencies, *((referrer,) if referrer else ())):
        if agency not in sat and _ALSO_SITS_AS.get(agency) not in sat:
            yield agency


def conference_in_time(matter: Matter) -> Iterator[Finding]:
    """15: the conference is held within 15 working days of the meeting that it is anchored on, or a breach stands."""
    for history in matter.of_kind(ProcessKind.STRATEGY_MEETING):
        clocks = history.clocks_of("WT7")
        timed = {event.about for _, event in history.of(ClockStarted, ClockReanchored) if event.rule == "WT7"}
        for entry, decided in history.of(Section47Decided):
            if decided.anchor and decided.anchor not in timed:
                words = f"no time for a conference runs from {decided.anchor}"
                yield Finding(history.stream, entry.record.seq, words)
        for clock in history.silently_overdue(clocks):
            yield Finding(history.stream, None, f"{clock.id} has run out and no breach is recorded")
        for entry, held in history.of(ConferenceHeld):
            for clock in history.met_late_as_in_time(clocks, held.held_at):
                words = f"{clock.id} counts as met in time by a conference that was late"
                yield Finding(history.stream, entry.record.seq, words)
