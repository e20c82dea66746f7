"""A matter of North Wales that goes to Merseyside or to the National Crime Agency: the acts that tests compose.

Each process is decided under the pack that it was opened under; hand-offs between forces are delivered like any other.
"""

from datetime import date
from typing import Any

from nom.contracts.actors import Agency, Rank
from nom.contracts.custody import Arrest, AuthoriseDetention, Bail
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOff, HandOffMade, Jurisdiction, Opening
from nom.contracts.ids import Force, StreamId, moved_to, parse_stream, transferred_matter
from nom.contracts.investigation import AppointSio
from nom.contracts.legal_hold import LiftLegalHold, PlaceLegalHold
from nom.contracts.policy.loader import pack_for
from nom.contracts.stages import NominationGrounds, OpenCase, RecordStageOutcome, StageBrief
from nom.contracts.subjects import Allegation, Subject
from nom.contracts.transfer import AcceptTransfer, RefuseTransfer, RequestTransfer
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.process import ProcessState
from nom.workflows.turn import facts_under, opening_of
from tests.workflows.model.kit import Request, london, request
from tests.workflows.model.matter import MODELS, Matter

CASE = "nwp/26-7k3f9q"
STREAM = f"{CASE}/case"
REFERRAL = f"{CASE}/referral-1"
INVESTIGATION = f"{CASE}/investigation-1"
CUSTODY = f"{CASE}/custody-1"
GROUP = "nca/group-0123456789ab"
PEOPLE = (Subject(id="child-2", age=14), Subject(id="victim-1", age=22), Subject(id="suspect-2"))
WHY = "the suspects live in Merseyside"


def opening_in(force: Force, *, brought_in: bool = False) -> Opening:
    """What a matter is opened under there."""
    law, agency = ("WAL" if force == "NWP" else "ENG"), ("nca" if force == "NCA" else "police")
    pack = pack_for(law, agency, date(2026, 7, 3))
    return Opening(jurisdiction=Jurisdiction(law), policy=pack.ref(), brought_in=brought_in)


def there(force: Force = "MER", number: int = 1, case: str = CASE) -> str:
    """The case by which the matter goes on in a force."""
    return f"{force.lower()}/{transferred_matter(case, number)}"


def spine(case: str) -> StreamId:
    """The stream of the case itself."""
    return f"{case}/case"


def goes_on(stream: StreamId, force: Force = "MER") -> StreamId:
    """The stream by which a process of the matter goes on there."""
    return moved_to(stream, there(force))


class TwoForces(Matter):
    """The processes of both sides, each under its own policy."""

    def _take(self, asked: Request) -> tuple[EventBase, ...] | Refusal:
        opening = self.state(asked.stream).opening or opening_of(asked)
        if opening is not None:
            self._facts = facts_under(opening.policy)
        return super()._take(asked)

    def deliver_first_of(self, sender: ProcessState) -> None:
        """Deliver what a process handed on first, unless its receiver is not there yet: then it waits, as with the
        engine, until what opens the receiver has come.
        """
        if self._is_there(sender.outbox[0]):
            self._deliver(sender, sender.outbox[0])

    def settle(self) -> None:
        """Deliver every hand-off, in each sender's order, until none waits."""
        while waiting := [state for state in self.states.values() if state.outbox]:
            reached = [state for state in waiting if self._is_there(state.outbox[0])]
            assert reached, f"nothing will ever open {waiting[0].outbox[0].to}"
            self.deliver_first_of(reached[0])

    def _is_there(self, item: HandOff) -> bool:
        modelled = parse_stream(item.to).kind in MODELS
        return item.opens or not modelled or self.state(item.to).opening is not None

    def case(self, case: str = CASE) -> CaseState:
        """The state of a case."""
        state = self.state(spine(case))
        assert isinstance(state, CaseState)
        return state

    def handed(self, command: str) -> list[HandOffMade]:
        """Every hand-off of a command so far."""
        made = (event for _, _, events in self.steps for event in events if isinstance(event, HandOffMade))
        return [event for event in made if event.command == command]

    def code(self, asked: Request) -> str:
        """The code with which a command is refused."""
        return self.refusal(asked)[0]


def told(command: CommandBase, at: str, stream: StreamId = STREAM, reason: str | None = None) -> Request:
    """What another process tells."""
    return request(stream, "system", command, at, reason=reason)


def by(  # noqa: PLR0913  # Who does it, and when, is what the tests vary.
    role: str,
    command: CommandBase,
    at: str,
    stream: StreamId = STREAM,
    *,
    actor: str | None = None,
    rank: Rank | None = None,
    agency: Agency | None = None,
    reason: str | None = WHY,
) -> Request:
    """What a person does."""
    return request(stream, role, command, at, actor=actor, rank=rank, agency=agency, reason=reason)


def opened(*people: Subject, brought_in: bool = False) -> Request:
    """The referral opens the case."""
    subjects = people or PEOPLE
    brief = StageBrief(
        opening=opening_in("NWP", brought_in=brought_in),
        received_at=london("2026-07-03 09:00"),
        subjects=subjects,
        allegations=(Allegation(victim="child-2", offence="SX03025"),),
    )
    return told(OpenCase(brief=brief, referral=REFERRAL), "2026-07-03 09:00")


def routed(*opens: str) -> Request:
    """The referral ends, and an investigation follows."""
    outcome = {"stage": REFERRAL, "outcome": "routed", "opens_next": opens or ("investigation",)}
    return told(RecordStageOutcome.model_validate(outcome), "2026-07-03 10:00")


def nominated() -> Request:
    """The case nominates a group, when another stage of its ends."""
    grounds = NominationGrounds(computed=True, judged=True, reason=None, suspects=("suspect-2",), unidentified=1)
    outcome = RecordStageOutcome(stage=REFERRAL, outcome="routed", nomination=grounds)
    return told(outcome, "2026-07-03 14:00")


def arrest(at: str = "2026-07-06 08:00", stream: StreamId = CUSTODY, suspect: str = "suspect-2") -> Request:
    """A suspect is arrested."""
    return by("arresting_officer", Arrest(opening=opening_in("NWP"), suspect=suspect), at, stream)


BAILED = (
    arrest(),
    by(
        "custody_officer",
        AuthoriseDetention(relevant_time=london("2026-07-06 08:30")),
        "2026-07-06 08:40",
        CUSTODY,
        rank=Rank.SERGEANT,
    ),
    by("custody_officer", Bail(), "2026-07-06 13:00", CUSTODY, rank=Rank.INSPECTOR),
)
APPOINTED = by(
    "detective_superintendent", AppointSio(officer="officer-sio-1"), "2026-07-04 09:00", INVESTIGATION, reason=None
)


def asks(  # noqa: PLR0913  # What a request may lack is what the tests vary.
    to: Force = "MER",
    at: str = "2026-07-27 09:00",
    *,
    under: Opening | None = None,
    role: str = "senior_investigating_officer",
    actor: str = "officer-sio-1",
    stream: StreamId = STREAM,
    reason: str | None = WHY,
    referral: StreamId | None = None,
) -> Request:
    """The sender asks another force to take the case."""
    command = RequestTransfer(to=to, opening=under or opening_in(to), referral=referral)
    return by(role, command, at, stream, actor=actor, reason=reason)


def accepts(
    force: Force = "MER", at: str = "2026-07-28 09:00", *, actor: str = "superintendent-1", case: str | None = None
) -> Request:
    """The receiver takes it over."""
    return _answers(AcceptTransfer(), force, at, actor, case)


def declines(
    force: Force = "MER", at: str = "2026-07-28 09:00", *, actor: str = "superintendent-1", case: str | None = None
) -> Request:
    """The receiver does not take it."""
    return _answers(RefuseTransfer(), force, at, actor, case)


def answered(at: str = "2026-07-28 09:00", *, accepted: bool) -> Request:
    """The receiver's answer, as the sender's case hears it."""
    answer = AcceptTransfer(case=there()) if accepted else RefuseTransfer(case=there())
    return told(answer, at, reason=WHY)


def hold(at: str = "2026-07-20 09:00", actor: str = "superintendent-1") -> Request:
    """The case is put on hold."""
    return by("detective_superintendent", PlaceLegalHold(), at, actor=actor)


def lift(at: str = "2026-07-30 09:00", actor: str = "superintendent-2") -> Request:
    """The hold is lifted."""
    return by("detective_superintendent", LiftLegalHold(hold=1), at, actor=actor)


def _answers(command: CommandBase, force: Force, at: str, actor: str, case: str | None) -> Request:
    role = "nca_coordinator" if force == "NCA" else "detective_superintendent"
    return by(role, command, at, spine(case or there(force)), actor=actor)


def matter(*requests: Request) -> TwoForces:
    """A matter after requests that must all be taken, with every hand-off delivered."""
    held = TwoForces()
    held.give_all(*requests)
    return held


def known(state: Any) -> dict[str, Any]:  # noqa: ANN401  # Each process has a state of its own.
    """What a state says of the matter, without its place in its stream and who gave which command."""
    paperwork = {"last_seq", "acts", "outbox", "hand_offs_made", "transfers_requested", "stream", "opening", "clocks"}
    return {name: value for name, value in state.model_dump().items() if name not in paperwork}
