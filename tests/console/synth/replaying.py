"""Gives lines to the models again, sealed and read back as a ledger has them: apart from the code that made them."""

from collections.abc import Iterable
from typing import Any

from nom.console.synth.lines import Expected, Line
from nom.contracts.actors import SYSTEM
from nom.contracts.envelope import CommandEnvelope, Record, seal
from nom.contracts.errors import Refusal
from nom.contracts.every_process import AcknowledgeHandOff, HandOff, HandOffAnswer
from nom.contracts.ids import derived_command_id, parse_stream
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_for, opening_of


class Replay:
    """Processes by their models, with every record sealed. `differences` says where an answer was not the expected."""

    def __init__(self) -> None:
        self.states: dict[str, ProcessState] = {}
        self.records: dict[str, list[Record]] = {}
        self.differences: list[tuple[int, int, Expected, Expected]] = []

    def give(self, lines: Iterable[Line]) -> "Replay":
        """Give lines in order, each with all that it hands on."""
        for line in lines:
            request = line.envelope()
            got = Expected.of(self._take(request))
            if got != line.expect:
                self.differences.append((line.number, line.step, line.expect, got))
            self._deliver(request)
        return self

    def all_records(self) -> list[Record]:
        """Every record, stream by stream."""
        return [record for records in self.records.values() for record in records]

    def _take(self, request: CommandEnvelope[Any]) -> tuple[str, ...] | Refusal:
        model = MODELS[parse_stream(request.stream).kind]
        state: ProcessState = self.states.get(request.stream) or model.blank(request.stream)
        opening = state.opening or opening_of(request)
        if opening is None:
            return Refusal(code="process_not_open", message="not open")
        before = state.canonical()
        decision = model.decide(state, request, facts_for(request, opening.policy))
        assert state.canonical() == before
        if isinstance(decision, Refusal):
            return decision
        written = self.records.setdefault(request.stream, [])
        head = written[-1].digest if written else None
        for record in seal(request, decision, opening.policy, state.last_seq, head):
            state = model.fold(state, record)
            written.append(record)
        self.states[request.stream] = state
        return tuple(event.type for event in decision)

    def _deliver(self, request: CommandEnvelope[Any]) -> None:
        while waiting := [(stream, item) for stream, state in self.states.items() for item in state.outbox]:
            for sender, item in waiting:
                self._hand_over(sender, item, request)

    def _hand_over(self, sender: str, item: HandOff, request: CommandEnvelope[Any]) -> None:
        answer = self._take(MODELS[parse_stream(item.to).kind].commands.validate_python(item.envelope))
        refusal = answer if isinstance(answer, Refusal) else None
        said = HandOffAnswer(
            accepted=refusal is None,
            code=refusal.code if refusal else None,
            message=refusal.message if refusal else None,
        )
        acknowledgement = CommandEnvelope[Any](
            command_id=derived_command_id(sender, f"acknowledged/{item.id}"),
            stream=sender,
            actor=SYSTEM,
            occurred_at=request.submitted_at,
            submitted_at=request.submitted_at,
            command=AcknowledgeHandOff(hand_off_id=item.id, answer=said),
        )
        assert not isinstance(self._take(acknowledgement), Refusal)
