"""What the tests of charge say over and over: the commands on a file, each by the person who gives it."""

from typing import Literal

from nom.contracts.actors import Agency
from nom.contracts.charge import (
    ActionItem,
    ApplyFullCodeTest,
    AuthoriseCharge,
    ChargeOwnEvent,
    CompleteActionItem,
    DeclineProsecution,
    FileKind,
    IssueActionPlan,
    RecordCharge,
    Resubmit,
    SubmitFile,
    SuspectCharges,
)
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.notices import NoticeOf, NotifyVictim
from nom.contracts.subjects import Subject
from nom.workflows.model.charge import MODEL
from nom.workflows.model.charge_state import ChargeState
from tests.workflows.model import kit

CHARGE = "gmp/26-7k3f9q/charge-1"
CASE = "gmp/26-7k3f9q/case"
CHILD = Subject(id="child-1", age=14, in_care=True)
ADULT = Subject(id="victim-2", age=23)
URN = "06CA0012326"
Stage = Literal["met", "not_met"]


def by_police(command: CommandBase, at: str, entered: str | None = None) -> kit.Request:
    return kit.request(CHARGE, "senior_investigating_officer", command, at, entered=entered)


def by_lawyer(command: CommandBase, at: str, reason: str | None = None) -> kit.Request:
    return kit.request(CHARGE, "cps_lawyer", command, at, agency=Agency.CPS, reason=reason)


def submit(
    at: str,
    charges: tuple[str | SuspectCharges, ...] = ("SX03025", "SX03238"),
    suspects: tuple[str, ...] = ("suspect-1",),
    victims: tuple[Subject, ...] = (CHILD,),
    file: FileKind = "green",
) -> kit.Request:
    command = SubmitFile(opening=kit.OPENING, file=file, suspects=suspects, charges=charges, victims=victims)
    return by_police(command, at)


def plan(at: str, *due: str) -> kit.Request:
    items = tuple(ActionItem.model_validate({"what": f"report {number}", "due": day}) for number, day in enumerate(due))
    return by_lawyer(IssueActionPlan(items=items), at)


def complete(at: str, item: int, entered: str | None = None) -> kit.Request:
    return by_police(CompleteActionItem(item=item), at, entered)


def resubmit(at: str) -> kit.Request:
    return by_police(Resubmit(), at)


def full_code(
    at: str,
    evidential: Stage = "met",
    public_interest: Stage | None = "met",
    suspects: tuple[str, ...] = (),
    charges: tuple[str, ...] = (),
) -> kit.Request:
    command = ApplyFullCodeTest(
        evidential=evidential, public_interest=public_interest, suspects=suspects, charges=charges
    )
    return by_lawyer(command, at)


def authorise(at: str, suspects: tuple[str, ...] = (), charges: tuple[str, ...] = ()) -> kit.Request:
    return by_lawyer(AuthoriseCharge(suspects=suspects, charges=charges), at)


def decline(
    at: str, suspects: tuple[str, ...] = (), charges: tuple[str, ...] = (), reason: str | None = "no realistic prospect"
) -> kit.Request:
    return by_lawyer(DeclineProsecution(suspects=suspects, charges=charges), at, reason)


def charge(at: str, urn: str = URN, suspects: tuple[str, ...] = (), charges: tuple[str, ...] = ()) -> kit.Request:
    command = RecordCharge(urn=urn, suspects=suspects, charges=charges)
    return kit.request(CHARGE, "custody_officer", command, at)


def notify(at: str, of: NoticeOf = "charge", victims: tuple[str, ...] = ()) -> kit.Request:
    return by_police(NotifyVictim(of=of, victims=victims), at)


SUBMITTED = (submit("2026-04-20 10:00"),)
PLANNED = (*SUBMITTED, plan("2026-04-29 10:00", "2026-05-13", "2026-05-20"))
TESTED = (*SUBMITTED, full_code("2026-06-03 15:00"))
AUTHORISED = (*TESTED, authorise("2026-06-03 15:10"))
CHARGED = (*AUTHORISED, charge("2026-06-04 11:00"))
TWO = (submit("2026-04-20 10:00", ("SX03025", "SX03238"), ("suspect-1", "suspect-2")),)


def given(*requests: kit.Request) -> ChargeState:
    return kit.given(MODEL, CHARGE, *requests)


def after(requests: tuple[kit.Request, ...], asked: kit.Request) -> tuple[ChargeState, tuple[EventBase, ...]]:
    return kit.outcome_of(MODEL, given(*requests), asked)


def refused(requests: tuple[kit.Request, ...], asked: kit.Request) -> tuple[str, list[str]]:
    """The refusal's code and the labels of what is unmet."""
    refusal = kit.refused(MODEL, given(*requests), asked)
    return refusal.code, kit.labels(refusal)


def own(events: tuple[EventBase, ...]) -> list[str]:
    """The types of the events that are the file's own."""
    names = kit.type_names(ChargeOwnEvent)
    return [event.type for event in events if event.type in names]


def statuses(state: ChargeState) -> dict[str, str]:
    return {clock.id: clock.status.value for clock in state.clocks}


def due(state: ChargeState, clock_id: str) -> str:
    clock = state.clock(clock_id)
    assert clock is not None, clock_id
    return str(clock.last_day)
