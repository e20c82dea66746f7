"""What the ledgers say about one matter: its processes, clocks, breaches and outcomes, folded from records. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from nom.activities.standing import common_event
from nom.console.scenario.model import process_of
from nom.console.scenario.words import GROUP
from nom.contracts.base import Contract
from nom.contracts.clocks import Clock, ClockStatus, DeadlineBreached
from nom.contracts.envelope import Record
from nom.contracts.every_process import HandOffRefused
from nom.contracts.ids import CaseId, Force, ProcessKind, StreamId, SubjectId, namespace_of, parse_stream
from nom.contracts.standing import InvestigationReopened
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.closure_state import ClosureState
from nom.workflows.model.designation_record import DesignationState
from nom.workflows.model.investigation_record import InvestigationState
from nom.workflows.model.process import ProcessState
from nom.workflows.model.triage_record import TriageState
from nom.workflows.operating_model import MODELS

Answer = Literal["met", "not_met"]
INVESTIGATION_REOPENED: str = InvestigationReopened.model_fields["type"].default


class FoundProcess(Contract):
    """One process as its records tell it. `outcome` is None while it is open."""

    process: str
    stream: StreamId
    force: Force
    outcome: str | None
    records: int
    clocks: tuple[Clock, ...]

    @property
    def late(self) -> int:
        """How many breaches stand."""
        return sum(clock.is_late and not clock.indicator for clock in self.clocks)

    @property
    def next_due(self) -> Clock | None:
        """The running clock that is due first."""
        running = (clock for clock in self.clocks if clock.status is ClockStatus.RUNNING and not clock.indicator)
        return min(running, key=lambda clock: clock.due_at, default=None)


class FoundBreach(Contract):
    """A breach that stands, with the rule and why it is one."""

    process: str
    stream: StreamId
    clock: str
    rule: str
    about: str | None
    why: str
    escalated_to: str


class FoundNetworkTest(Contract):
    """The last network test of the last triage that made one."""

    computed: Answer
    judged: Answer


class FoundGroup(Contract):
    """The group as the National Crime Agency's ledger has it."""

    stream: StreamId
    status: str
    members: int
    tier: str | None
    cases: tuple[CaseId, ...] = ()


class FoundClosure(Contract):
    """A closure as its records tell it."""

    process: str
    scheme: str | None
    authority: str | None
    outcome: str | None


class FoundInvestigation(Contract):
    """The last investigation: whether a review reopened it, and its open lines of inquiry."""

    reopened: bool
    lines: tuple[str, ...]


class FoundRefusal(Contract):
    """A hand-off that its receiver refused."""

    process: str
    to: StreamId
    command: str
    code: str


class Findings(Contract):
    """Everything that is compared with what a scenario expects, and what a report shows."""

    case: CaseId
    processes: tuple[FoundProcess, ...]
    breaches: tuple[FoundBreach, ...]
    network_test: FoundNetworkTest | None
    group: FoundGroup | None
    closures: tuple[FoundClosure, ...]
    investigation: FoundInvestigation | None
    suspects: dict[SubjectId, str]
    undecided: tuple[SubjectId, ...]
    is_open: bool
    hand_offs_refused: tuple[FoundRefusal, ...]

    def process(self, name: str) -> FoundProcess | None:
        """The process that the scenario calls by that name."""
        return next((item for item in self.processes if item.process == name), None)

    @property
    def open_stages(self) -> tuple[str, ...]:
        """The stages of the case that have not ended, in alphabetical order."""
        apart = (GROUP, ProcessKind.CASE.value)
        return tuple(sorted(item.process for item in self.processes if not item.outcome and item.process not in apart))


def findings_of(case: CaseId, records: Iterable[Record]) -> Findings:
    """Fold the records of a case and its group, each stream's in order."""
    streams: dict[str, list[Record]] = {}
    for record in records:
        streams.setdefault(record.stream, []).append(record)
    states = {stream: _folded(stream, of_stream) for stream, of_stream in sorted(streams.items())}
    spine = next((state for state in states.values() if isinstance(state, CaseState)), None)
    return Findings(
        case=case,
        processes=tuple(_process(state, len(streams[stream])) for stream, state in states.items()),
        breaches=tuple(item for stream, state in states.items() for item in _breaches(state, streams[stream])),
        network_test=_network_test(states.values()),
        group=_group(states.values()),
        closures=tuple(_closure(state) for state in states.values() if isinstance(state, ClosureState)),
        investigation=_investigation(states.values(), streams),
        suspects={item.suspect: item.outcome for item in spine.outcomes} if spine else {},
        undecided=spine.undecided_suspects() if spine else (),
        is_open=spine is not None and spine.is_open,
        hand_offs_refused=tuple(item for records_of in streams.values() for item in _refused(records_of)),
    )


def _folded(stream: str, records: list[Record]) -> ProcessState:
    model = MODELS[parse_stream(stream).kind]
    state: Any = model.blank(stream)
    for record in records:
        state = model.fold(state, record)
    return state


def _process(state: ProcessState, records: int) -> FoundProcess:
    return FoundProcess(
        process=process_of(state.stream),
        stream=state.stream,
        force=namespace_of(state.stream).upper(),
        outcome=state.outcome,
        records=records,
        clocks=state.clocks,
    )


def _breaches(state: ProcessState, records: list[Record]) -> Iterable[FoundBreach]:
    told = {event.clock_id: event for record in records if isinstance(event := common_event(record), DeadlineBreached)}
    for clock in state.clocks:
        if clock.is_late and not clock.indicator:
            breached = told.get(clock.id)
            yield FoundBreach(
                process=process_of(state.stream),
                stream=state.stream,
                clock=clock.id,
                rule=clock.rule,
                about=clock.about,
                why=breached.why if breached else "no breach was recorded for a clock that is late",
                escalated_to=breached.escalated_to if breached else "nobody",
            )


def _network_test(states: Iterable[ProcessState]) -> FoundNetworkTest | None:
    tests = [state.test for state in states if isinstance(state, TriageState) and state.test]
    if not tests:
        return None
    return FoundNetworkTest(computed=_answer(tests[-1].computed), judged=_answer(tests[-1].judged))


def _answer(met: bool) -> Answer:
    return "met" if met else "not_met"


def _group(states: Iterable[ProcessState]) -> FoundGroup | None:
    for state in states:
        if isinstance(state, DesignationState):
            return FoundGroup(
                stream=state.stream,
                status=state.status,
                members=state.members_counted,
                tier=state.tier,
                cases=state.cases,
            )
    return None


def _closure(state: ClosureState) -> FoundClosure:
    return FoundClosure(
        process=process_of(state.stream), scheme=state.scheme, authority=state.authority, outcome=state.outcome
    )


def _investigation(
    states: Iterable[ProcessState], streams: Mapping[str, Iterable[Record]]
) -> FoundInvestigation | None:
    found = [state for state in states if isinstance(state, InvestigationState)]
    if not found:
        return None
    last = max(found, key=lambda state: int(parse_stream(state.stream).mark))
    reopened = any(record.type == INVESTIGATION_REOPENED for record in streams[last.stream])
    return FoundInvestigation(reopened=reopened, lines=last.open_lines())


def _refused(records: list[Record]) -> Iterable[FoundRefusal]:
    for record in records:
        event = common_event(record)
        if isinstance(event, HandOffRefused):
            yield FoundRefusal(process=process_of(record.stream), to=event.to, command=event.command, code=event.code)
