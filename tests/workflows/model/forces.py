"""The cases of several forces and the groups at the National Crime Agency in memory: each process by its own rules,
under the pack that it was opened with. Hand-offs travel when they are let.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from nom.contracts.actors import Agency
from nom.contracts.characteristics import RecordEthnicityUnavailable, RecordNationalityUnavailable
from nom.contracts.envelope import CommandEnvelope, Record, seal
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import AcknowledgeHandOff, HandOff, HandOffAnswer, Jurisdiction, Opening
from nom.contracts.ids import group_matter, namespace_of, parse_stream
from nom.contracts.policy.loader import pack_for
from nom.contracts.referral import Acknowledge, ReceiveReferral, Route
from nom.contracts.subjects import Subject
from nom.contracts.triage import DecideTriage
from nom.workflows.model import (
    case,
    charge,
    closure,
    custody,
    designation,
    investigation,
    referral,
    strategy_meeting,
    triage,
)
from nom.workflows.model.process import Facts, ProcessModel, ProcessState
from tests.workflows.model.kit import Request, facts_of, request, survives_json
from tests.workflows.model.triage_acts import RISK, WHOLE_THRIVE

MODELS: dict[str, ProcessModel[Any]] = {
    model.kind: model
    for model in (
        case.MODEL,
        charge.MODEL,
        closure.MODEL,
        custody.MODEL,
        designation.MODEL,
        investigation.MODEL,
        referral.MODEL,
        strategy_meeting.MODEL,
        triage.MODEL,
    )
}
MER, NWP = "mer/26-1a2b3c", "nwp/26-4d5e6f"
GROUP = f"nca/{group_matter(NWP + '/case')}/designation-1"


class Forces:
    """Every process by its stream, its facts, events and records. `away` are the forces that nothing reaches now."""

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}
        self.facts: dict[str, Facts] = {}
        self.log: dict[str, list[EventBase]] = {}
        self.records: dict[str, list[Record]] = {}
        self.away: set[str] = set()

    def ask(self, asked: Request) -> tuple[EventBase, ...] | Refusal:
        """Give a command, whatever it meets with, and let everything settle."""
        decision = self._take(asked)
        self.settle()
        return decision

    def give(self, *requests: Request) -> tuple[EventBase, ...]:
        """Give commands that must be taken: the events of the last."""
        decision: tuple[EventBase, ...] | Refusal = ()
        for asked in requests:
            decision = self.ask(asked)
            assert not isinstance(decision, Refusal), decision
        assert not isinstance(decision, Refusal)
        return decision

    def refusal(self, asked: Request) -> Refusal:
        """Give a command that must be refused."""
        decision = self.ask(asked)
        assert isinstance(decision, Refusal), decision
        return decision

    def settle(self) -> None:
        """Deliver what waits, in each sender's order, but nothing to a force that is away."""
        while waiting := next(self.waiting(), None):
            self._deliver(*waiting)

    def waiting(self, *, unreached: bool = False) -> Iterator[tuple[str, HandOff]]:
        """What waits in the outboxes, by sender: what can be delivered, or what can't."""
        for stream, state in self.states.items():
            for item in state.outbox:
                if (namespace_of(item.to) in self.away) == unreached:
                    yield stream, item

    def events(self, stream: str, kind: type[EventBase]) -> list[Any]:
        """The events of a kind that a process recorded, in order."""
        return [event for event in self.log.get(stream, []) if isinstance(event, kind)]

    def _take(self, asked: CommandEnvelope[Any]) -> tuple[EventBase, ...] | Refusal:
        model = MODELS[parse_stream(asked.stream).kind]
        state: ProcessState = self.states.get(asked.stream) or model.blank(asked.stream)
        facts = self.facts.get(asked.stream) or _facts_of(asked)
        decision = model.decide(state, asked, facts)
        if isinstance(decision, Refusal):
            return decision
        written = self.records.setdefault(asked.stream, [])
        sealed = seal(asked, decision, facts.policy.ref(), state.last_seq, written[-1].digest if written else None)
        for record, event in zip(sealed, decision, strict=True):
            assert model.event_of(record) == event
            assert event.in_words()
            state = model.fold(state, record)
        assert survives_json(state)
        written.extend(sealed)
        self.facts[asked.stream] = facts
        self.states[asked.stream] = state
        self.log.setdefault(asked.stream, []).extend(decision)
        return decision

    def _deliver(self, sender: str, item: HandOff) -> None:
        decision = self._take(MODELS[parse_stream(item.to).kind].commands.validate_python(item.envelope))
        answer = HandOffAnswer(accepted=True)
        if isinstance(decision, Refusal):
            answer = HandOffAnswer(accepted=False, code=decision.code, message=decision.message)
        heard = request(sender, "system", AcknowledgeHandOff(hand_off_id=item.id, answer=answer), "2027-12-01 09:00")
        assert not isinstance(self._take(heard), Refusal)


def _facts_of(asked: Request) -> Facts:
    """The pack that a process which is not open yet would be opened with; any, where it can't be opened."""
    opening: Opening | None = getattr(asked.command, "opening", None)
    brief = getattr(asked.command, "brief", None)
    opening = opening or getattr(brief, "opening", None)
    return FACTS[opening.jurisdiction if opening else Jurisdiction.ENGLAND]


FACTS = {law: facts_of(pack_for(law.value, "police", date(2026, 7, 1))) for law in Jurisdiction}


def opening(law: Jurisdiction, *, brought_in: bool = True) -> Opening:
    """What a matter under that law is opened with."""
    return Opening(jurisdiction=law, policy=FACTS[law].policy.ref(), brought_in=brought_in)


def begin(case: str, law: Jurisdiction, day: str, *subjects: Subject, brought_in: bool = True) -> tuple[Request, ...]:
    """A referral is received, acknowledged and sent to triage, on a day at nine."""
    received = ReceiveReferral(opening=opening(law, brought_in=brought_in), source="police", subjects=subjects)
    stream = f"{case}/referral-1"
    return (
        request(stream, "duty_officer", received, f"{day} 09:00"),
        request(stream, "duty_officer", Acknowledge(), f"{day} 09:10"),
        request(stream, "duty_officer", Route(to="triage"), f"{day} 09:20", reason="a child may be at risk"),
    )


def sergeant(case: str, command: CommandBase, at: str, reason: str | None = None) -> Request:
    """The triage sergeant of a case asks for something."""
    return request(f"{case}/triage-1", "triage_sergeant", command, at, actor=f"sergeant-{case[:3]}", reason=reason)


def decided(case: str, suspect: str, day: str, decision: DecideTriage) -> tuple[Request, ...]:
    """All that triage needs beside its network test, and its decision."""
    return (
        sergeant(case, WHOLE_THRIVE, f"{day} 13:00"),
        sergeant(case, RISK, f"{day} 13:05"),
        sergeant(case, RecordEthnicityUnavailable(subjects=(suspect,), reason="no_contact"), f"{day} 13:10"),
        sergeant(case, RecordNationalityUnavailable(subjects=(suspect,), reason="no_contact"), f"{day} 13:15"),
        sergeant(case, decision, f"{day} 14:00", "as the record shows"),
    )


def analyst(command: CommandBase, at: str, reason: str | None = None, stream: str = GROUP) -> Request:
    """The regional analyst asks for something of a group."""
    return request(stream, "regional_analyst", command, at, actor="analyst-1", reason=reason)


def head(command: CommandBase, at: str, reason: str | None = None, stream: str = GROUP) -> Request:
    """The head of the region asks for something of a group."""
    return request(stream, "head_of_region", command, at, agency=Agency.NCA, actor="head-1", reason=reason)
