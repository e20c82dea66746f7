"""What the rules were seen to do: in which standing of a process which command was taken, and where it led.

The worked matters are given to the models in memory, command by command. Wherever one arrives, the other commands of
the same matter to the same process are tried as well, dated then, and put aside: they show what else is taken there.
The same matters show the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from nom.console.model_book.phases import NOT_OPEN, phase_of
from nom.console.model_book.worked import worked_matters
from nom.console.synth.office import Office
from nom.contracts.clocks import ClockStarted
from nom.contracts.envelope import CommandEnvelope, Record
from nom.contracts.errors import Refusal
from nom.contracts.ids import ProcessKind, parse_stream
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS

TRIES = 4
"""How often a command is tried in one standing until it is taken: states of one standing differ."""


class Move(NamedTuple):
    """A command that was taken: where the process stood before it, and after it."""

    before: str
    command: str
    after: str


class Seen(NamedTuple):
    """What was seen of one process: moves, the commands that recorded each event type, the clocks started by rule."""

    moves: tuple[Move, ...]
    recorded_by: dict[str, tuple[str, ...]]
    clocks: tuple[str, ...]

    @property
    def standings(self) -> tuple[str, ...]:
        """Every standing, in the order in which they are first left."""
        return tuple(dict.fromkeys(part for move in self.moves for part in (move.before, move.after)))


class _Watched(Office):
    """The processes in memory, with an eye on each command that is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.moves_seen: Counter[tuple[ProcessKind, Move]] = Counter()
        self.events_seen: set[tuple[ProcessKind, str, str]] = set()
        self.clocks_seen: set[tuple[ProcessKind, str]] = set()
        self._tried_there: Counter[tuple[ProcessKind, str, str]] = Counter()
        self._taken_there: set[tuple[ProcessKind, str, str]] = set()

    def _take(self, request: CommandEnvelope[Any]) -> tuple[str, ...] | Refusal:
        before = self._standing(request.stream)
        answer = super()._take(request)
        if not isinstance(answer, Refusal):
            self._note(request, before, self._standing(request.stream), answer)
            kind = parse_stream(request.stream).kind
            state = self.states[request.stream]
            self.clocks_seen |= {(kind, clock.rule) for clock in state.clocks}
        return answer

    def try_others(self, requests: Iterable[CommandEnvelope[Any]], now: CommandEnvelope[Any]) -> None:
        """Try what the matter holds for the processes that are there, dated as the last act, and keep none of it."""
        for request in requests:
            state = self.states.get(request.stream)
            kind = parse_stream(request.stream).kind
            place = (kind, self._standing(request.stream), request.command.type)
            if state is None or place in self._taken_there or self._tried_there[place] >= TRIES:
                continue
            self._tried_there[place] += 1
            self._try(state, request.model_copy(update={"occurred_at": max(now.occurred_at, request.occurred_at)}))

    def _try(self, state: ProcessState, request: CommandEnvelope[Any]) -> None:
        facts = self.facts(request)
        model = MODELS[parse_stream(request.stream).kind]
        decision = model.decide(state, request, facts) if facts else None
        if not isinstance(decision, tuple):
            return
        before, after = phase_of(state), state
        for seq, event in enumerate(decision, state.last_seq + 1):
            record = Record.model_construct(seq=seq, command=request.command.type, actor=request.actor)
            after = model.fold_event(after, record, event)
        self._note(request, before, phase_of(after), tuple(event.type for event in decision))
        self.clocks_seen |= {(model.kind, event.rule) for event in decision if isinstance(event, ClockStarted)}

    def _note(self, request: CommandEnvelope[Any], before: str, after: str, events: tuple[str, ...]) -> None:
        kind, command = parse_stream(request.stream).kind, request.command.type
        self.moves_seen[kind, Move(before, command, after)] += 1
        self._taken_there.add((kind, before, command))
        self.events_seen |= {(kind, event, command) for event in events}

    def _standing(self, stream: str) -> str:
        state = self.states.get(stream)
        return phase_of(state) if state else NOT_OPEN


def explore() -> dict[ProcessKind, Seen]:
    """What is seen of every process in all worked matters."""
    moves: dict[ProcessKind, Counter[Move]] = defaultdict(Counter)
    events: dict[ProcessKind, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    clocks: dict[ProcessKind, set[str]] = defaultdict(set)
    for office in _offices():
        for (kind, move), times in office.moves_seen.items():
            moves[kind][move] += times
        for kind, event, command in office.events_seen:
            events[kind][event].add(command)
        for kind, rule in office.clocks_seen:
            clocks[kind].add(rule)
    return {
        kind: Seen(
            moves=tuple(moves[kind]),
            recorded_by={event: tuple(sorted(by)) for event, by in sorted(events[kind].items())},
            clocks=tuple(sorted(clocks[kind])),
        )
        for kind in ProcessKind
    }


def _offices() -> Iterator[_Watched]:
    for matter in worked_matters():
        office = _Watched()
        given: list[CommandEnvelope[Any]] = []
        for request in matter.requests(office):
            office.give(request)
            if matter.out_of_order:
                given.append(request)
                office.try_others(given, request)
        yield office
