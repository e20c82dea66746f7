"""What is known of one matter, and how one event changes that. Decides nothing."""

from typing import assert_never

from nom.contracts.base import Contract, Instant
from nom.contracts.case import (
    CaseOpened,
    CaseOwnEvent,
    GroupNominated,
    NetworkOutcomeLearned,
    NotifiableEventRelayed,
    OrderedCaseOpened,
    ReferralLinked,
    StageOpened,
    StageOutcomeRecorded,
    SubjectLinked,
    SuspectOutcomeRecorded,
)
from nom.contracts.ids import PersonId, ProcessKind, StreamId, SubjectId, parse_stream
from nom.contracts.standing import (
    InvestigationReopened,
    StandingAsked,
    StandingEvent,
    StandingNoLongerAsked,
    StandingQuestion,
)
from nom.contracts.subjects import Allegation, Subject
from nom.workflows.model.process import ProcessState


class Stage(Contract):
    """One stage of the case, and its outcome once it has one."""

    stream: StreamId
    kind: ProcessKind
    about: tuple[SubjectId, ...] = ()
    outcome: str | None = None


class LinkedGroup(Contract):
    """A group that the case is part of, as the National Crime Agency last told it."""

    group: str
    outcome: str
    tier: str | None


class SuspectOutcome(Contract):
    """What became of a suspect. `decided_by`: who decided that, where a stage told it for a person."""

    suspect: SubjectId
    outcome: str
    decided_by: PersonId | None = None


class CaseState(ProcessState):
    """What is known of one matter. `questions` are those of the closures that wait to be told how things stand."""

    received_at: Instant | None = None
    review: StreamId | None = None
    subjects: tuple[Subject, ...] = ()
    allegations: tuple[Allegation, ...] = ()
    referrals: tuple[StreamId, ...] = ()
    stages: tuple[Stage, ...] = ()
    groups: tuple[LinkedGroup, ...] = ()
    outcomes: tuple[SuspectOutcome, ...] = ()
    questions: tuple[StandingQuestion, ...] = ()

    def stage(self, stream: str) -> Stage | None:
        """The stage with that stream."""
        return next((stage for stage in self.stages if stage.stream == stream), None)

    def of_kind(self, kind: ProcessKind) -> tuple[Stage, ...]:
        """The stages of a kind, in the order in which they opened."""
        return tuple(stage for stage in self.stages if stage.kind is kind)

    def outcome_of(self, suspect: str) -> SuspectOutcome | None:
        """What became of a suspect, if anything has."""
        return next((item for item in self.outcomes if item.suspect == suspect), None)

    def undecided_suspects(self) -> tuple[str, ...]:
        """The suspects that have no outcome yet: why the case is open. A prosecution declined is none: a charge is, and
        a closure that was approved and has become final.
        """
        decided = {item.suspect for item in self.outcomes if item.outcome != "declined"}
        return tuple(item.id for item in self.subjects if item.is_suspect and item.id not in decided)


def evolve(state: CaseState, event: CaseOwnEvent) -> CaseState:
    """Fold one event of a case."""
    match event:
        case CaseOpened() | OrderedCaseOpened():
            return _opened(state, event)
        case ReferralLinked():
            return state.model_copy(update={"referrals": (*state.referrals, event.referral)})
        case SubjectLinked():
            return state.model_copy(update={"subjects": (*state.subjects, event.subject)})
        case StageOpened():
            stage = Stage(stream=event.stage, kind=event.kind, about=event.about)
            return state.model_copy(update={"stages": (*state.stages, stage)})
        case StageOutcomeRecorded():
            return state.model_copy(update={"stages": _with_outcome(state.stages, event)})
        case NetworkOutcomeLearned() | GroupNominated():
            return _linked(state, event)
        case SuspectOutcomeRecorded():
            outcome = SuspectOutcome(suspect=event.suspect, outcome=event.outcome, decided_by=event.decided_by)
            others = tuple(item for item in state.outcomes if item.suspect != event.suspect)
            return state.model_copy(update={"outcomes": (*others, outcome)})
        case NotifiableEventRelayed():
            return state
        case StandingAsked() | StandingNoLongerAsked() | InvestigationReopened():
            return _after_standing(state, event)
        case _:
            assert_never(event)


def _opened(state: CaseState, event: CaseOpened | OrderedCaseOpened) -> CaseState:
    known: dict[str, object] = {
        "received_at": event.received_at,
        "subjects": event.subjects,
        "allegations": event.allegations,
    }
    if isinstance(event, CaseOpened):
        return state.model_copy(update={**known, "referrals": (event.referral,)})
    return state.model_copy(update={**known, "review": event.review})


def _linked(state: CaseState, event: NetworkOutcomeLearned | GroupNominated) -> CaseState:
    if isinstance(event, GroupNominated):
        group = LinkedGroup(group=parse_stream(event.group).case, outcome="nominated", tier=None)
        return state.model_copy(update={"groups": (*state.groups, group)})
    group = LinkedGroup(group=event.group, outcome=event.outcome, tier=event.tier)
    others = tuple(item for item in state.groups if item.group != event.group)
    return state.model_copy(update={"groups": (*others, group)})


def _after_standing(state: CaseState, event: StandingEvent) -> CaseState:
    match event:
        case StandingAsked():
            others = _of_others(state.questions, event.closure)
            return state.model_copy(update={"questions": (*others, event.question)})
        case StandingNoLongerAsked():
            return state.model_copy(update={"questions": _of_others(state.questions, event.closure)})
        case InvestigationReopened():
            return _reopened(state, event)
        case _:
            assert_never(event)


def _with_outcome(stages: tuple[Stage, ...], event: StageOutcomeRecorded) -> tuple[Stage, ...]:
    return tuple(
        stage.model_copy(update={"outcome": event.outcome}) if stage.stream == event.stage else stage
        for stage in stages
    )


def _of_others(questions: tuple[StandingQuestion, ...], closure: str) -> tuple[StandingQuestion, ...]:
    return tuple(item for item in questions if item.closure != closure)


def _reopened(state: CaseState, event: InvestigationReopened) -> CaseState:
    """The last investigation has no outcome any more, nor has the suspect."""
    running = [stage.stream for stage in state.of_kind(ProcessKind.INVESTIGATION)][-1:]
    stages = tuple(
        stage.model_copy(update={"outcome": None}) if stage.stream in running else stage for stage in state.stages
    )
    outcomes = tuple(item for item in state.outcomes if item.suspect != event.suspect)
    return state.model_copy(update={"stages": stages, "outcomes": outcomes})
