"""What the tests of custody say over and over: the commands of an arrest, each by the person who gives it."""

from nom.contracts.actors import SYSTEM_ROLE, Agency, Rank
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
from nom.contracts.stages import RecordSuspectOutcome
from nom.workflows.model.custody import MODEL
from nom.workflows.model.custody_state import CustodyState
from tests.workflows.model import kit

CUSTODY = "gmp/26-7k3f9q/custody-1"
CASE = "gmp/26-7k3f9q/case"


def arrest(at: str, suspect: str = "suspect-1", offence: str | None = None, entered: str | None = None) -> kit.Request:
    command = Arrest(opening=kit.OPENING, suspect=suspect, offence=offence)
    return kit.request(CUSTODY, "arresting_officer", command, at, entered=entered)


def authorise(
    at: str, relevant: str | None = None, rank: Rank | None = Rank.SERGEANT, entered: str | None = None
) -> kit.Request:
    command = AuthoriseDetention(relevant_time=kit.london(relevant or at))
    return kit.request(CUSTODY, "custody_officer", command, at, rank=rank, entered=entered)


def review(at: str, rank: Rank | None = Rank.INSPECTOR, entered: str | None = None) -> kit.Request:
    return reviewing(ReviewDetention(), at, rank, entered)


def extend(
    at: str, hours: int = 36, rank: Rank | None = Rank.SUPERINTENDENT, entered: str | None = None
) -> kit.Request:
    return reviewing(ExtendDetention(hours=hours), at, rank, entered)


def extend_bail(at: str, to_months: int, rank: Rank | None, entered: str | None = None) -> kit.Request:
    return reviewing(ExtendBail(to_months=to_months), at, rank, entered)


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
