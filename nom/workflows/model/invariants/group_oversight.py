"""Invariant 12: who leads on a designated group, and its plan."""

from collections.abc import Iterator
from datetime import datetime

from nom.contracts.designation import (
    DesignationNotMet,
    FourPPlanApproved,
    GroupDesignated,
    LroAppointed,
    PriorityIndividualRaised,
    VulnerabilityRaised,
)
from nom.contracts.events import EventBase
from nom.contracts.group_course import GroupArchived, GroupReopened
from nom.contracts.ids import ProcessKind
from nom.contracts.local_time import LONDON
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter

_NOT_DESIGNATED = (PriorityIndividualRaised, VulnerabilityRaised, DesignationNotMet, GroupArchived)


def one_lead_and_a_plan_in_date(matter: Matter) -> Iterator[Finding]:
    """12: one lead responsible officer at a time, no plan without one, no plan past its review without a breach, and
    the first plan in its time after the designation.
    """
    for history in matter.of_kind(ProcessKind.DESIGNATION):
        yield from _leads(history)
        yield from _plans(history)
        yield from _first_plans(matter, history)
        for clock in history.silently_overdue(history.clocks_of("PL1")):
            yield Finding(history.stream, None, f"the review of the plan ({clock.id}) has passed and no breach stands")
        for clock in history.silently_overdue(history.clocks_of("DG5")):
            yield Finding(history.stream, None, f"no first plan in its time ({clock.id}) and no breach is recorded")


def _leads(history: History) -> Iterator[Finding]:
    for entry, appointed in history.of(LroAppointed):
        held, since = _lead_since(history.before(entry.record.seq))
        overtaken = since is not None and appointed.appointed_at < since.appointed_at
        if not overtaken and appointed.previous != held:
            yield _at(history, entry, f"{appointed.officer} was appointed beside {held}, who was not relieved")


def _plans(history: History) -> Iterator[Finding]:
    for entry, plan in history.of(FourPPlanApproved):
        if lead_of(history.before(entry.record.seq)) is None:
            yield _at(history, entry, "a plan was approved for a group that nobody leads on")
        if plan.review < plan.approved_at.astimezone(LONDON).date():
            yield _at(history, entry, "a plan was approved whose review had passed")
        if not any(clock.started_at == plan.approved_at for clock in history.clocks_of("PL1")):
            yield _at(history, entry, "a plan was approved and no time for its review was set")


def _first_plans(matter: Matter, history: History) -> Iterator[Finding]:
    """A group that becomes designated has a time for its lead and first plan, where the pack knows one."""
    for entry, since in _became_designated(history):
        known = any(rule.id == "DG5" for rule in matter.pack(entry).clocks)
        if known and not any(clock.started_at == since for clock in history.clocks_of("DG5")):
            yield _at(history, entry, "the group is designated and no time for a lead and a first plan was set")


def _became_designated(history: History) -> Iterator[tuple[Entry, datetime]]:
    designated = False
    for entry, event in history.of(GroupDesignated, GroupReopened, *_NOT_DESIGNATED):
        since = _since(event)
        if since is not None and not designated:
            yield entry, since
        designated = since is not None


def _since(event: EventBase) -> datetime | None:
    if isinstance(event, GroupDesignated):
        return event.decided_at
    return event.reopened_at if isinstance(event, GroupReopened) else None


def lead_of(history: History) -> str | None:
    """Who leads on a group after all of that, if anybody does."""
    return _lead_since(history)[0]


def _lead_since(history: History) -> tuple[str | None, LroAppointed | None]:
    """Who leads after all of that: the latest appointed since the group was last designated."""
    held: LroAppointed | None = None
    for _, event in history.of(LroAppointed, *_NOT_DESIGNATED):
        if isinstance(event, LroAppointed):
            held = event if held is None or event.appointed_at >= held.appointed_at else held
        else:
            held = None
    return (held.officer if held else None), held


def _at(history: History, entry: Entry, words: str) -> Finding:
    return Finding(history.stream, entry.record.seq, words)
