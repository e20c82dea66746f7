"""What becomes of matters that move between forces or go on after their end: examples of their events."""

from collections.abc import Iterator

from nom.contracts.case import Reopen
from nom.contracts.events import EventBase
from nom.contracts.identity import LinkIdentity, RecordConsistentIdentifier
from nom.contracts.referral import Acknowledge, ReceiveReferral, Route
from nom.contracts.stages import RecordStageOutcome, RecordSuspectOutcome
from nom.contracts.subjects import Subject
from tests.workflows.model.two_forces import (
    APPOINTED,
    BAILED,
    INVESTIGATION,
    REFERRAL,
    STREAM,
    TwoForces,
    accepts,
    asks,
    by,
    declines,
    hold,
    lift,
    opened,
    opening_in,
    routed,
    there,
    told,
)

CHARGE = f"{STREAM.rsplit('/', 1)[0]}/charge-1"
CHARGED = told(RecordSuspectOutcome(suspect="suspect-2", outcome="charged", stage=CHARGE), "2026-07-29 09:00")


def moved_matters() -> Iterator[EventBase]:
    """The events of a matter that moves, of one that is refused, of one that closes and goes on, and of a referral."""
    for held in whole_matters():
        for _, _, events in held.steps:
            yield from events


def whole_matters() -> tuple[TwoForces, ...]:
    """The matters themselves."""
    return _moved(), _closed_and_reopened(), _referred()


def _moved() -> TwoForces:
    held = TwoForces()
    held.give_all(opened(), routed(), APPOINTED, *BAILED, asks(), declines(), asks(at="2026-07-29 08:00"))
    held.give_all(accepts(at="2026-07-29 08:30", case=there(number=2)), CHARGED)
    return held


def _closed_and_reopened() -> TwoForces:
    held = TwoForces()
    concluded = told(RecordStageOutcome(stage=INVESTIGATION, outcome="concluded"), "2026-07-28 09:00")
    again = by("detective_superintendent", Reopen(suspects=("suspect-2",)), "2026-08-01 09:00", reason="a new witness")
    held.give_all(opened(), routed(), hold(), concluded, CHARGED, lift(), again)
    return held


def _referred() -> TwoForces:
    held = TwoForces()
    people = (Subject(id="child-2", age=14),)
    received = ReceiveReferral(opening=opening_in("NWP"), source="education", subjects=people)
    same = LinkIdentity(subject="child-2", same_as="child-9", basis="official_document")
    entry = RecordConsistentIdentifier(subject="child-2", kind="nhs_number", entry="entry-7f2", checked=True)
    away = Route(to="transfer", force="MER", opening=opening_in("MER"))
    held.give_all(
        by("education_safeguarding_lead", received, "2026-07-27 09:00", REFERRAL, reason=None),
        by("duty_officer", same, "2026-07-27 09:30", REFERRAL, reason="the passport"),
        by("duty_officer", entry, "2026-07-27 09:40", REFERRAL, reason=None),
        by("duty_officer", Acknowledge(), "2026-07-27 10:00", REFERRAL, reason=None),
        by("duty_officer", away, "2026-07-27 10:30", REFERRAL, reason="the child lives in Merseyside"),
        declines(at="2026-07-27 14:00"),
    )
    return held
