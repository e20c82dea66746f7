"""A whole matter in memory: every process by its own rules, and hand-offs delivered in order until nobody waits."""

from typing import Any

from nom.contracts.envelope import CommandEnvelope, seal
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import AcknowledgeHandOff, HandOff, HandOffAnswer
from nom.contracts.ids import ProcessKind, parse_stream
from nom.workflows.model import case, charge, closure, custody, investigation, referral, triage
from nom.workflows.model.process import Facts, ProcessModel, ProcessState
from tests.workflows.model.kit import FACTS, Request, request, survives_json

MODELS: dict[ProcessKind, ProcessModel[Any]] = {
    model.kind: model
    for model in (
        case.MODEL,
        charge.MODEL,
        closure.MODEL,
        custody.MODEL,
        investigation.MODEL,
        referral.MODEL,
        triage.MODEL,
    )
}


class Matter:
    """The states of the processes by stream, and every hand-off that its receiver refused."""

    def __init__(self, facts: Facts = FACTS) -> None:
        self.states: dict[str, Any] = {}
        self.refused_hand_offs: list[tuple[str, str]] = []
        self.steps: list[tuple[Any, Request, tuple[EventBase, ...]]] = []
        self.held_back = False
        self._facts = facts

    def state(self, stream: str) -> Any:  # noqa: ANN401 - each process has a state of its own
        """A process's state, blank until something has happened to it."""
        return self.states.get(stream) or _model(stream).blank(stream)

    def give(self, asked: Request) -> tuple[EventBase, ...]:
        """Give a command, which must be taken, and let everything settle."""
        decision = self.ask(asked)
        assert not isinstance(decision, Refusal), decision
        return decision

    def give_all(self, *requests: Request) -> "Matter":
        """Give commands that must all be taken."""
        for asked in requests:
            self.give(asked)
        return self

    def refusal(self, asked: Request) -> tuple[str, list[str]]:
        """The refusal of a command: its code and what is unmet."""
        decision = self.ask(asked)
        assert isinstance(decision, Refusal), decision
        return decision.code, [item.label() for item in decision.unmet]

    def ask(self, asked: Request) -> tuple[EventBase, ...] | Refusal:
        """Give a command, whatever it meets with, and let everything settle unless hand-offs are held back."""
        decision = self._take(asked)
        if not self.held_back:
            self.settle()
        return decision

    def settle(self) -> None:
        """Deliver every hand-off, in each sender's order, until none waits."""
        while waiting := next((state for state in self.states.values() if state.outbox), None):
            self._deliver(waiting, waiting.outbox[0])

    def _take(self, asked: CommandEnvelope[Any]) -> tuple[EventBase, ...] | Refusal:
        model, before = _model(asked.stream), self.state(asked.stream)
        decision = model.decide(before, asked, self._facts)
        if isinstance(decision, Refusal):
            return decision
        state = before
        for record in seal(asked, decision, self._facts.policy.ref(), state.last_seq, None):
            state = model.fold(state, record)
        assert survives_json(state)
        self.states[asked.stream] = state
        self.steps.append((before, asked, decision))
        return decision

    def _deliver(self, sender: ProcessState, item: HandOff) -> None:
        answer = HandOffAnswer(accepted=True)
        if parse_stream(item.to).kind in MODELS:
            decision = self._take(_model(item.to).commands.validate_python(item.envelope))
            if isinstance(decision, Refusal):
                answer = HandOffAnswer(accepted=False, code=decision.code, message=decision.message)
                self.refused_hand_offs.append((item.command, decision.code))
        self._take(told_itself(sender.stream, AcknowledgeHandOff(hand_off_id=item.id, answer=answer)))


def told_itself(stream: str, command: CommandBase, at: str = "2027-12-01 09:00") -> Request:
    """A command that a process gives by itself."""
    return request(stream, "system", command, at)


def _model(stream: str) -> ProcessModel[Any]:
    return MODELS[parse_stream(stream).kind]
