"""Invariants 21 to 23: what a charge rests on, and what comes before a file is submitted again."""

from collections.abc import Iterator

from nom.contracts.actors import Agency
from nom.contracts.charge import (
    ActionItemCompleted,
    ActionPlanIssued,
    Charge,
    ChargeAuthorised,
    FileResubmitted,
    FullCodeTestApplied,
    SuspectCharged,
    ThresholdTestApplied,
)
from nom.contracts.ids import ProcessKind, parse_stream
from nom.contracts.local_time import LONDON
from nom.contracts.policy import reference
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter


def threshold_test_is_whole(matter: Matter) -> Iterator[Finding]:
    """21: a charge on the Threshold Test has its findings, all met, and a dated review under the Full Code, whose day
    is kept or a breach stands.
    """
    for history in matter.of_kind(ProcessKind.CHARGE):
        for entry, authorised in history.of(ChargeAuthorised):
            needed = matter.pack(entry).thresholds.threshold_test_findings
            for charge in authorised.charges:
                test = _last_test(history.before(entry.record.seq), charge)
                if not isinstance(test, ThresholdTestApplied):
                    continue
                if len({finding.condition for finding in test.findings if finding.met}) != needed:
                    yield _at(history, entry, f"{charge} was authorised without {needed} findings that are met")
                if test.full_code_review < test.applied_at.astimezone(LONDON).date():
                    yield _at(history, entry, f"{charge} was authorised with a Full Code review in the past")
                yield from _reviewed_in_time(matter, history, entry, charge)


def _reviewed_in_time(matter: Matter, history: History, at: Entry, charge: Charge) -> Iterator[Finding]:
    clocks = [clock for clock in history.clocks_of("CH3") if clock.about == str(charge)]
    tests = [entry for entry, event in history.of(ThresholdTestApplied) if charge in event.charges]
    if not clocks and any(rule.id == "CH3" for entry in tests[-1:] for rule in matter.pack(entry).clocks):
        yield _at(history, at, f"no time for the Full Code review of {charge} was set")
    for clock in history.silently_overdue(clocks):
        yield _at(history, at, f"{clock.id} has run out and no breach is recorded")


def charged_on_authority(matter: Matter) -> Iterator[Finding]:
    """22: a number that fits the force, and a decision of the prosecutor after a test that is met."""
    for history in matter.of_kind(ProcessKind.CHARGE):
        for entry, charged in history.of(SuspectCharged):
            problem = reference.urn_problem(charged.urn, parse_stream(history.stream).force.upper())
            if problem:
                yield _at(history, entry, problem)
            for charge in charged.charges:
                yield from _authorised(history, entry, charge)


def _authorised(history: History, entry: Entry, charge: Charge) -> Iterator[Finding]:
    before = history.before(entry.record.seq)
    decisions = [at for at, event in before.of(ChargeAuthorised) if charge in event.charges]
    if not any(at.record.actor.agency is Agency.CPS for at in decisions):
        yield _at(history, entry, f"{charge} was charged and no prosecutor had authorised it")
        return
    test = _last_test(before, charge)
    if test is None or not test.met:
        yield _at(history, entry, f"{charge} was charged and no test of it was met")


def action_items_closed(matter: Matter) -> Iterator[Finding]:
    """23: every item asked for by then was done by then."""
    for history in matter.of_kind(ProcessKind.CHARGE):
        for entry, again in history.of(FileResubmitted):
            before = history.before(entry.record.seq)
            done = {
                event.item for _, event in before.of(ActionItemCompleted) if event.completed_at <= again.resubmitted_at
            }
            for _, plan in before.of(ActionPlanIssued):
                for item in plan.items if plan.issued_at <= again.resubmitted_at else ():
                    if item.number not in done:
                        yield _at(history, entry, f"the file went back while action item {item.number} was open")


def _last_test(history: History, charge: Charge) -> ThresholdTestApplied | FullCodeTestApplied | None:
    tests = [event for _, event in history.of(ThresholdTestApplied, FullCodeTestApplied) if charge in event.charges]
    return tests[-1] if tests else None


def _at(history: History, entry: Entry, words: str) -> Finding:
    return Finding(history.stream, entry.record.seq, words)
