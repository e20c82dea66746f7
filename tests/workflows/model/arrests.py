"""What the tests of custody say over and over: the commands of an arrest, each by the person who gives it."""

from nom.contracts.actors import SYSTEM_ROLE, Agency, Rank
from nom.contracts.bail_regime import ChangeBailRegime
from nom.contracts.custody import (
    Arrest,
    AuthoriseDetention,
    Bail,
    CustodyOwnEvent,
    EndCustody,
    ExtendBail,
    ExtendDetention,
    Release,
    ReleaseUnderInvestigation,
    ReviewDetention,
)
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.policy.rules import BailCondition, BailRegime
from nom.contracts.stages import RecordSuspectOutcome
from nom.contracts.warrants import ApplyForWarrant, GrantWarrant, RecordHospital, RefuseWarrant
from nom.workflows.model.custody import MODEL
from nom.workflows.model.custody_state import CustodyState
from tests.workflows.model import kit

CUSTODY = "gmp/26-7k3f9q/custody-1"
CASE = "gmp/26-7k3f9q/case"


COURT = "Manchester magistrates' court"


def arrest(
    at: str,
    suspect: str = "suspect-1",
    offence: str | None = None,
    entered: str | None = None,
    *,
    breach_of_bail: bool = False,
) -> kit.Request:
    command = Arrest(opening=kit.OPENING, suspect=suspect, offence=offence, breach_of_bail=breach_of_bail)
    return kit.request(CUSTODY, "arresting_officer", command, at, entered=entered)


def authorise(
    at: str,
    relevant: str | None = None,
    rank: Rank | None = Rank.SERGEANT,
    entered: str | None = None,
    *,
    detained_before: int = 0,
) -> kit.Request:
    command = AuthoriseDetention(relevant_time=kit.london(relevant or at), detained_before=detained_before)
    return kit.request(CUSTODY, "custody_officer", command, at, rank=rank, entered=entered)


def review(at: str, rank: Rank | None = Rank.INSPECTOR, entered: str | None = None) -> kit.Request:
    return reviewing(ReviewDetention(), at, rank, entered)


def extend(
    at: str, hours: int = 36, rank: Rank | None = Rank.SUPERINTENDENT, entered: str | None = None
) -> kit.Request:
    return reviewing(ExtendDetention(hours=hours), at, rank, entered)


def extend_bail(
    at: str,
    to_months: int,
    rank: Rank | None,
    entered: str | None = None,
    *,
    court: str | None = None,
    confirms: tuple[BailCondition, ...] = (),
) -> kit.Request:
    return reviewing(ExtendBail(to_months=to_months, court=court, confirms=confirms), at, rank, entered)


def apply_for_warrant(at: str, *, new_evidence: bool = False, entered: str | None = None) -> kit.Request:
    command = ApplyForWarrant(new_evidence=new_evidence)
    return kit.request(CUSTODY, "senior_investigating_officer", command, at, entered=entered)


def grant_warrant(at: str, hours: int = 36, entered: str | None = None) -> kit.Request:
    command = GrantWarrant(hours=hours, court=COURT)
    return kit.request(CUSTODY, "custody_officer", command, at, entered=entered, reason="inquiries are diligent")


def refuse_warrant(at: str, entered: str | None = None) -> kit.Request:
    command = RefuseWarrant(court=COURT)
    return kit.request(CUSTODY, "custody_officer", command, at, entered=entered, reason="no grounds were shown")


def hospital(left: str, returned: str | None = None, at: str | None = None, entered: str | None = None) -> kit.Request:
    command = RecordHospital(left_at=kit.london(left), returned_at=kit.london(returned) if returned else None)
    return kit.request(CUSTODY, "custody_officer", command, at or returned or left, entered=entered)


def change_regime(
    at: str,
    regime: BailRegime,
    *,
    by_case: bool = False,
    reason: str | None = "handed over",
    entered: str | None = None,
) -> kit.Request:
    role = SYSTEM_ROLE if by_case else "senior_investigating_officer"
    command = ChangeBailRegime(regime=regime)
    return kit.request(CUSTODY, role, command, at, reason=None if by_case else reason, entered=entered)


def reviewing(command: CommandBase, at: str, rank: Rank | None, entered: str | None = None) -> kit.Request:
    actor = f"reviewer-{rank or 'none'}".replace("_", "-")
    return kit.request(CUSTODY, "custody_reviewing_officer", command, at, actor=actor, rank=rank, entered=entered)


def bail(
    at: str, conditions: tuple[str, ...] = (), rank: Rank | None = Rank.SERGEANT, entered: str | None = None
) -> kit.Request:
    command = Bail(conditions=conditions)
    return kit.request(CUSTODY, "custody_officer", command, at, rank=rank, entered=entered)


def under_investigation(at: str) -> kit.Request:
    return kit.request(CUSTODY, "custody_officer", ReleaseUnderInvestigation(), at)


def end(at: str, how: Release = "released", entered: str | None = None) -> kit.Request:
    return kit.request(CUSTODY, "custody_officer", EndCustody(how=how), at, entered=entered)


def outcome(at: str, suspect: str = "suspect-1") -> kit.Request:
    command = RecordSuspectOutcome(suspect=suspect, outcome="charged", stage="gmp/26-7k3f9q/charge-1")
    return kit.request(CUSTODY, SYSTEM_ROLE, command, at, agency=Agency.POLICE)


ARRESTED = (arrest("2026-03-17 06:30"),)
DETAINED = (*ARRESTED, authorise("2026-03-17 07:10"))
REVIEWED_TWICE = (*DETAINED, review("2026-03-17 13:00"), review("2026-03-17 21:50"))
ON_BAIL = (*REVIEWED_TWICE, bail("2026-03-17 23:00"))
EXTENDED = (*REVIEWED_TWICE, extend("2026-03-17 22:30"))
"""Detained from 07:10 on the 17th, with authority up to 19:10 on the 18th."""
APPLIED = (*EXTENDED, apply_for_warrant("2026-03-18 14:00"))
WARRANTED = (*APPLIED, grant_warrant("2026-03-18 15:00"))
"""With authority up to 03:00 on the 20th: 36 hours from the issue."""


def given(*requests: kit.Request) -> CustodyState:
    return kit.given(MODEL, CUSTODY, *requests)


def after(requests: tuple[kit.Request, ...], asked: kit.Request) -> tuple[CustodyState, tuple[EventBase, ...]]:
    return kit.outcome_of(MODEL, given(*requests), asked)


def refused(requests: tuple[kit.Request, ...], asked: kit.Request) -> tuple[str, list[str]]:
    """The refusal's code and the labels of what is unmet. The state is what it was: nothing was recorded."""
    refusal = kit.refused(MODEL, given(*requests), asked)
    return refusal.code, kit.labels(refusal)


def due(state: CustodyState, clock_id: str) -> str:
    """When a clock is due: its last day, or its moment in London."""
    clock = state.clock(clock_id)
    assert clock is not None, clock_id
    if clock.last_day is not None:
        return f"end of {clock.last_day}"
    return clock.due_at.astimezone(kit.LONDON).strftime("%Y-%m-%d %H:%M")


def statuses(state: CustodyState) -> dict[str, str]:
    return {clock.id: clock.status.value for clock in state.clocks}


def own(events: tuple[EventBase, ...]) -> list[str]:
    """The types of the events that are custody's own."""
    names = kit.type_names(CustodyOwnEvent)
    return [event.type for event in events if event.type in names]
