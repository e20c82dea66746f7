"""Invariants 3 to 8: no further action. An approval is judged by what the closure had been told, and by what stood in
the investigation when it told that. Who is told of it stands in `victims_told`.
"""

from collections.abc import Iterator

from nom.contracts.case import SubjectLinked
from nom.contracts.closure import (
    NoFurtherActionApproved,
    NoFurtherActionProposed,
    ReviewDecided,
    ReviewerAssigned,
)
from nom.contracts.ids import ProcessKind
from nom.contracts.inquiry import (
    LineOfInquiryClosed,
    LineOfInquiryOpened,
    SuspectInterviewed,
    SuspectNamed,
    SuspectNotInterviewed,
    VictimAccountDeclined,
    VictimAccountNotSought,
    VictimAccountTaken,
)
from nom.contracts.investigation import InvestigationOpened, SuspectConcluded
from nom.contracts.standing import StandingTold
from nom.contracts.subjects import Subject
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter

_DECIDERS = frozenset({"ProposeClosure", "ApproveClosure", "RejectClosure"})


def approved_by_a_second_person(matter: Matter) -> Iterator[Finding]:
    """3: a rationale, an outcome code and an approver who is not the proposer."""
    for history, entry, approval in approvals(matter):
        proposed = next(iter(history.of(NoFurtherActionProposed)), None)
        if proposed is None:
            yield _at(history, entry, "no further action was approved that nobody proposed")
            continue
        if not (proposed[0].record.reason and entry.record.reason):
            yield _at(history, entry, "no further action without a rationale")
        if approval.outcome != proposed[1].outcome:
            yield _at(history, entry, "the outcome approved is not the outcome proposed")
        if proposed[0].actor in (entry.actor, approval.approver) or approval.approver != entry.actor:
            yield _at(history, entry, f"{entry.actor} approved what {proposed[0].actor} proposed")


def no_line_open(matter: Matter) -> Iterator[Finding]:
    """4: no line of inquiry without a result."""
    for closed in _closings(matter):
        results: dict[str, bool] = {}
        for _, event in closed.investigation.of(LineOfInquiryOpened, LineOfInquiryClosed):
            results[event.line] = isinstance(event, LineOfInquiryClosed)
        for line in (line for line, has_result in results.items() if not has_result):
            yield closed.finding(f"the line of inquiry {line} had no result")
        yield from closed.told("line_open", "standing_unknown", "investigation_not_opened")


def every_account_sought(matter: Matter) -> Iterator[Finding]:
    """5: each known victim's account was taken, declined, or not sought for a reason."""
    for closed in _closings(matter):
        sought = {event.victim for _, event in closed.investigation.of(VictimAccountTaken, VictimAccountDeclined)}
        for entry, event in closed.investigation.of(VictimAccountNotSought):
            if entry.record.reason:
                sought.add(event.victim)
        for victim in (subject for subject in _subjects(closed.investigation) if subject.is_victim):
            if victim.id not in sought:
                yield closed.finding(f"no account of {victim.id} was taken, declined or ruled out")
        yield from closed.told("account_not_sought")


def suspect_interviewed(matter: Matter) -> Iterator[Finding]:
    """6: the suspect was interviewed, or it is recorded why not."""
    for closed in _closings(matter):
        heard = {event.suspect for _, event in closed.investigation.of(SuspectInterviewed)}
        for entry, event in closed.investigation.of(SuspectNotInterviewed):
            if entry.record.reason:
                heard.add(event.suspect)
        if closed.suspect is not None and closed.suspect not in heard:
            yield closed.finding(f"{closed.suspect} was neither interviewed nor recorded as not interviewed")
        yield from closed.told("suspect_not_interviewed")


def reviewer_took_no_part(matter: Matter) -> Iterator[Finding]:
    """8: who reviews took no part in the decision."""
    for history in matter.of_kind(ProcessKind.CLOSURE):
        for entry, _ in history.of(ReviewDecided):
            before = history.before(entry.record.seq)
            deciders = {each.actor for each in before.entries if each.record.command in _DECIDERS}
            deciders |= {person for _, told in before.of(StandingTold) for person in told.standing.deciders}
            if entry.actor in deciders:
                yield _at(history, entry, f"{entry.actor} took part in the decision and reviewed it")
            assigned = before.last(ReviewerAssigned)
            if assigned is None or assigned.officer != entry.actor:
                yield _at(history, entry, f"{entry.actor} was not named as the reviewer")


def approvals(matter: Matter) -> Iterator[tuple[History, Entry, NoFurtherActionApproved]]:
    """Every approval of no further action, with its closure and its record."""
    for history in matter.of_kind(ProcessKind.CLOSURE):
        for entry, approval in history.of(NoFurtherActionApproved):
            yield history, entry, approval


class _Closing:
    """Where something was closed: by which record, and what stood in the investigation when that was decided."""

    def __init__(self, place: History, entry: Entry, investigation: History, suspect: str | None) -> None:
        self.place = place
        self.entry = entry
        self.investigation = investigation
        self.suspect = suspect
        self.standing: StandingTold | None = None

    def finding(self, words: str) -> Finding:
        return _at(self.place, self.entry, words)

    def told(self, *codes: str) -> Iterator[Finding]:
        """What the closure had been told last that one of the codes names; or that it had been told nothing."""
        if self.standing is None and self.place.kind is ProcessKind.CLOSURE:
            yield self.finding("approved before anybody had told how things stand")
        for item in self.standing.standing.unmet if self.standing else ():
            if item.code in codes:
                yield self.finding(f"approved although it had been told: {item.words}")


def _closings(matter: Matter) -> Iterator[_Closing]:
    for history, entry, _ in approvals(matter):
        closing = _as_told(matter, history, entry)
        if closing is not None:
            yield closing
    for history in matter.of_kind(ProcessKind.INVESTIGATION):
        for entry, concluded in history.of(SuspectConcluded):
            if entry.record.command == "Conclude":
                yield _Closing(history, entry, history.before(entry.record.seq), concluded.suspect)


def _as_told(matter: Matter, history: History, entry: Entry) -> _Closing | None:
    """The investigation as it stood when it told the closure; blank where nobody had, None where it is not at hand."""
    proposed = history.first(NoFurtherActionProposed)
    suspect = proposed.what.suspect if proposed else None
    told = next(reversed(list(history.before(entry.record.seq).of(StandingTold))), None)
    if told is None:
        return _Closing(history, entry, History(history.stream, ()), suspect)
    sender = matter.history(told[1].by)
    if sender is None:
        return None
    sent = matter.sent(told[1].by, told[0].record.command_id)
    # An answer that nobody sent counts as none.
    closing = _Closing(history, entry, sender.before(sent[0].record.seq if sent else 0), suspect)
    closing.standing = told[1]
    return closing


def _subjects(history: History) -> tuple[Subject, ...]:
    opened = history.first(InvestigationOpened)
    later = (event.subject for _, event in history.of(SuspectNamed, SubjectLinked))
    return (*(opened.subjects if opened else ()), *later)


def _at(history: History, entry: Entry, words: str) -> Finding:
    return Finding(history.stream, entry.record.seq, words)
