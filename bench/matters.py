"""The commands that are measured: a referral's, given by people of the embedded stack's directory. Measures nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from nom.console.client import Refused
from nom.console.drafts import draft, opening_for
from nom.console.people import actor
from nom.contracts.envelope import CommandEnvelope, Record, seal
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.workflows.model.process import Facts
from nom.workflows.model.referral import MODEL, ReferralState
from nom.workflows.turn import facts_under, opening_of

FORCE = "gmp"
OFFENCE = "SX03025"
PAYLOAD_BYTES = 600
"""What the event of a note holds, about."""

Request = CommandEnvelope[Any]


def stream_named(matter: str) -> str:
    """The referral of a matter."""
    return f"{FORCE}/{matter}/referral-1"


def receive(stream: str) -> Request:
    """A school refers a child of 14 to a live matter: its clocks run by wall time."""
    now = datetime.now(UTC)
    command = {
        "type": "ReceiveReferral",
        "opening": opening_for("ENG", now, brought_in=False),
        "source": "education",
        "subjects": ({"id": "child-1", "age": 14}, {"id": "suspect-1"}),
        "allegations": ({"victim": "child-1", "offence": OFFENCE},),
    }
    return draft(stream, command, actor("teacher-1"), occurred_at=now - timedelta(minutes=5))


def note(stream: str, number: int) -> Request:
    """The duty officer adds a note: the cheapest command, one event of `PAYLOAD_BYTES`."""
    words = f"note {number:06d} "
    text = (words * PAYLOAD_BYTES)[: PAYLOAD_BYTES - 52].strip()
    return _given(stream, "duty-officer-1", {"type": "RecordNote", "text": text, "basis": "fact"})


def acknowledge(stream: str) -> Request:
    """The duty officer acknowledges."""
    return _given(stream, "duty-officer-1", {"type": "Acknowledge"})


def record_crime(stream: str) -> Request:
    """The registrar records the crime."""
    return _given(stream, "registrar-1", {"type": "RecordCrime", "victim": "child-1", "offence": OFFENCE})


def route(stream: str) -> Request:
    """The referral goes to triage: a rich command, which asks a gate, meets a clock, hands off and ends the stage."""
    return _given(stream, "duty-officer-1", {"type": "Route", "to": "triage"})


def _given(stream: str, person: str, command: dict[str, Any]) -> Request:
    return draft(stream, command, actor(person, FORCE))


class Desk:
    """A referral in memory: takes commands by the pure model alone and seals what follows."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.state: ReferralState = MODEL.blank(stream)
        self.head: str | None = None
        first = receive(stream)
        opening = opening_of(first)
        if opening is None:
            msg = "a referral is received under a policy"
            raise ValueError(msg)
        self.opening = opening
        self.facts: Facts = facts_under(opening.policy)
        self.take(first)

    def decide(self, request: Request) -> tuple[EventBase, ...]:
        """What follows from a command. Raises `Refused`."""
        decision = MODEL.decide(self.state, request, self.facts)
        if isinstance(decision, Refusal):
            raise Refused(decision)
        return decision

    def sealed(self, request: Request, events: tuple[EventBase, ...]) -> tuple[Record, ...]:
        """The records of a command, to follow those taken so far."""
        return seal(request, events, self.opening.policy, self.state.last_seq, self.head)

    def take(self, request: Request) -> tuple[Record, ...]:
        """Decide, seal and fold one command."""
        events = self.decide(request)
        records = self.sealed(request, events)
        for record, event in zip(records, events, strict=True):
            self.state, self.head = MODEL.fold_event(self.state, record, event), record.digest
        return records
