"""Whole matters in memory: every process by its pure model, hand-offs delivered at once. No engine, no database."""

from typing import Any

from nom.console.closed_cases import Loaded, prepared
from nom.console.drafts import opening_for
from nom.console.people import actor
from nom.console.scenario.cast import Cast, cast_of, rows_of
from nom.console.scenario.commands import command_of, first_opening, takes_opening_of_case
from nom.console.scenario.compare import Answered, Outcome, Seen, compare
from nom.console.scenario.model import Action, Scenario
from nom.contracts.actors import SYSTEM
from nom.contracts.envelope import CommandEnvelope, Record, seal
from nom.contracts.errors import Refusal
from nom.contracts.every_process import AcknowledgeHandOff, HandOff, HandOffAnswer, Opening
from nom.contracts.ids import ProcessKind, derived_command_id, parse_stream, stream_of
from nom.contracts.services import NCA
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_for, opening_of


class Office:
    """The processes of one scenario's cases, groups and reviews, each as its model has it."""

    def __init__(self, scenario: Scenario, reference: str = "26-office") -> None:
        self.scenario = scenario
        self.cast: Cast = cast_of(scenario, reference)
        self.states: dict[str, ProcessState] = {}
        self.records: dict[str, list[Record]] = {}
        self.loaded: tuple[Loaded, ...] = ()

    @property
    def case(self) -> str:
        """The first case."""
        return next(iter(self.cast.cases.values()))

    def give(self, request: CommandEnvelope[Any]) -> Refusal | None:
        """Take one command and deliver everything that it hands on. A refusal changes nothing."""
        refusal = self._take(request)
        if refusal is None:
            self._deliver(request)
        return refusal

    def act(self, action: Action) -> tuple[CommandEnvelope[Any], Refusal | None]:
        """Give one action."""
        request = command_of(self.scenario, self.cast, action, self._opening(action))
        return request, self.give(request)

    def load(self) -> None:
        """Load the return of closed cases, if there is one."""
        asked = self.scenario.returned
        if asked is None:
            return
        ready, refused = prepared(rows_of(self.scenario, self.cast.reference), actor(asked.by, NCA), asked.at)
        taken: list[Loaded] = []
        for item in ready:
            assert self.give(item.request) is None
            taken.append(Loaded(line=item.line, outcome="accepted", review=item.review, band=item.band))
        self.loaded = (*taken, *refused)

    def run(self) -> tuple[Answered, ...]:
        """Load the return and give every action in order, as the runner does."""
        self.load()
        answers: list[Answered] = []
        for number, action in self.scenario.in_order():
            request, refusal = self.act(action)
            answers.append(Answered(number=number, command_id=request.command_id, refusal=refusal))
        return tuple(answers)

    def outcome(self, answers: tuple[Answered, ...]) -> Outcome:
        """How it all compares. Nobody can read anything here: there are no databases."""
        return compare(self.scenario, self.cast, answers, self.all_records(), Seen(loaded=self.loaded))

    def all_records(self) -> tuple[Record, ...]:
        """Every record, stream by stream."""
        return tuple(record for stream in sorted(self.records) for record in self.records[stream])

    def _opening(self, action: Action) -> Opening | None:
        label = self.scenario.case_of(action)
        if label is None or not takes_opening_of_case(action):
            return first_opening(self.scenario, action)
        spine = self.states.get(stream_of(self.cast.cases[label], ProcessKind.CASE))
        if spine is None or spine.opening is None:
            facts = self.scenario.cases[label]
            return opening_for(facts.jurisdiction, action.at, brought_in=True)
        return spine.opening.model_copy(update={"brought_in": spine.brought_in})

    def _take(self, request: CommandEnvelope[Any]) -> Refusal | None:
        model = MODELS[parse_stream(request.stream).kind]
        state: ProcessState = self.states.get(request.stream) or model.blank(request.stream)
        opening = state.opening or opening_of(request)
        if opening is None:
            return Refusal(code="process_not_open", message=f"{request.stream} has not been opened yet")
        before = state.canonical()
        decision = model.decide(state, request, facts_for(request, opening.policy))
        assert state.canonical() == before, "a decision changed the state that it looked at"
        if isinstance(decision, Refusal):
            return decision
        written = self.records.setdefault(request.stream, [])
        head = written[-1].digest if written else None
        records = seal(request, decision, opening.policy, state.last_seq, head)
        for record, event in zip(records, decision, strict=True):
            assert model.event_of(record) == event, "an event is not read back as it was written"
            state = model.fold_event(state, record, event)
        written.extend(records)
        self.states[request.stream] = state
        return None

    def _deliver(self, request: CommandEnvelope[Any]) -> None:
        """Deliver what waits in any outbox, in order, until nothing waits."""
        while waiting := [(state.stream, item) for state in self.states.values() for item in state.outbox]:
            for stream, item in waiting:
                self._hand_over(stream, item, request)

    def _hand_over(self, sender: str, item: HandOff, request: CommandEnvelope[Any]) -> None:
        model = MODELS[parse_stream(item.to).kind]
        refusal = self._take(model.commands.validate_python(item.envelope))
        answer = HandOffAnswer(
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
            command=AcknowledgeHandOff(hand_off_id=item.id, answer=answer),
        )
        assert self._take(acknowledgement) is None
