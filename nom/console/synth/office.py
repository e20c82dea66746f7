"""Processes in memory, by the pure models: a command is decided and everything that it hands on is delivered at once.

No engine, no database and no digests: what a ledger adds to an event is not needed to know whether it may happen.
"""

from collections import Counter, deque
from typing import Any, NamedTuple

from nom.contracts.actors import SYSTEM
from nom.contracts.envelope import CommandEnvelope, Record
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.contracts.every_process import AcknowledgeHandOff, HandOff, HandOffAnswer
from nom.contracts.ids import derived_command_id, parse_stream
from nom.workflows.model.process import Facts, ProcessState
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_for, opening_of


class Happened(NamedTuple):
    """One event, where it happened and by which command."""

    stream: str
    command: str
    event: EventBase


class Office:
    """Some matters and the groups that they nominate. `taken` counts the commands that processes took, given or handed
    on, by process and type, `events` the events by type; `refused_inside` holds the hand-offs that a receiver refused,
    with the code.
    """

    def __init__(self) -> None:
        self.states: dict[str, ProcessState] = {}
        self._happened: list[Happened] = []
        self._senders: deque[str] = deque()
        self.taken: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.refused_inside: list[tuple[str, str]] = []

    def give(self, request: CommandEnvelope[Any]) -> tuple[str, ...] | Refusal:
        """Take one command and deliver what follows: the types of the command's own events, or the refusal, which
        changes nothing.
        """
        taken = self._take(request)
        while self._senders:
            sender = self._senders.popleft()
            for item in self.states[sender].outbox:
                self._hand_over(sender, item, request)
        return taken

    def news(self) -> list[Happened]:
        """What happened since this was asked before, in order."""
        news, self._happened = self._happened, []
        return news

    def recent(self) -> tuple[Happened, ...]:
        """What happened since `news` was asked before, without asking it; the latest first."""
        return tuple(reversed(self._happened))

    def facts(self, request: CommandEnvelope[Any]) -> Facts | None:
        """Under which policy a command would be decided; None for a process that is not open."""
        state = self.states.get(request.stream)
        opening = (state.opening if state else None) or opening_of(request)
        return facts_for(request, opening.policy) if opening else None

    def _take(self, request: CommandEnvelope[Any]) -> tuple[str, ...] | Refusal:
        model = MODELS[parse_stream(request.stream).kind]
        facts = self.facts(request)
        if facts is None:
            return Refusal(code="process_not_open", message=f"{request.stream} has not been opened yet")
        state: ProcessState = self.states.get(request.stream) or model.blank(request.stream)
        decision = model.decide(state, request, facts)
        if isinstance(decision, Refusal):
            return decision
        for seq, event in enumerate(decision, state.last_seq + 1):
            # The part of a record that a state looks at.
            record = Record.model_construct(seq=seq, command=request.command.type, actor=request.actor)
            state = model.fold_event(state, record, event)
            self.events[event.type] += 1
            self._happened.append(Happened(request.stream, request.command.type, event))
        self.states[request.stream] = state
        self.taken[f"{model.kind.value} {request.command.type}"] += 1
        if state.outbox:
            self._senders.append(request.stream)
        return tuple(event.type for event in decision)

    def _hand_over(self, sender: str, item: HandOff, request: CommandEnvelope[Any]) -> None:
        model = MODELS[parse_stream(item.to).kind]
        answer = self._take(model.commands.validate_python(item.envelope))
        refusal = answer if isinstance(answer, Refusal) else None
        if refusal is not None:
            self.refused_inside.append((item.command, refusal.code))
        acknowledgement = CommandEnvelope[Any](
            command_id=derived_command_id(sender, f"acknowledged/{item.id}"),
            stream=sender,
            actor=SYSTEM,
            occurred_at=request.submitted_at,
            submitted_at=request.submitted_at,
            command=AcknowledgeHandOff(
                hand_off_id=item.id,
                answer=HandOffAnswer(
                    accepted=refusal is None,
                    code=refusal.code if refusal else None,
                    message=refusal.message if refusal else None,
                ),
            ),
        )
        self._take(acknowledgement)
