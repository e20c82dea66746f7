"""What is known of one matter, and how one event changes that. Decides nothing."""

from typing import ClassVar, Self, assert_never

from nom.contracts.base import Instant
from nom.contracts.case import (
    CaseOpened,
    CaseOwnEvent,
    CaseReopened,
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
from nom.contracts.events import CommandBase
from nom.contracts.ids import ProcessKind, StreamId, parse_stream
from nom.contracts.legal_hold import LegalHoldEvent, LegalHoldLifted, LegalHoldPlaced, LiftLegalHold, PlaceLegalHold
from nom.contracts.network_links import (
    CaseLinkEvent,
    NetworkLinkDiscovered,
    NetworkRetestRecorded,
    RecordNetworkRetest,
    TellNetworkLink,
)
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.stages import (
    RecordNotifiableEvent,
    RecordStageOpened,
    RecordStageOutcome,
    RecordSuspectOutcome,
    TellNetworkOutcome,
)
from nom.contracts.standing import (
    InvestigationReopened,
    StandingAsked,
    StandingEvent,
    StandingNoLongerAsked,
    StandingQuestion,
)
from nom.contracts.subjects import Allegation, Subject
from nom.contracts.transfer import (
    CaseTakenOver,
    NewsPassedOn,
    TransferAccepted,
    TransferOffered,
    TransferRefused,
    TransferRequested,
)
from nom.workflows.model.case_parts import LegalHold, LinkedGroup, Offer, PendingTransfer, Stage, SuspectOutcome
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState, continued


class CaseState(ProcessState):
    """What is known of one matter. `questions` are those of the closures that wait to be told how things stand. Of a
    case that came from another force: `offer`, whether it was `taken_over`, and the stages that are `awaited` from
    there. Of one that may go to another force: the `transfer` that waits for an answer.
    """

    TAKEN_AFTER_TRANSFER: ClassVar[tuple[type[CommandBase], ...]] = (
        RecordStageOpened,
        RecordStageOutcome,
        RecordSuspectOutcome,
        RecordNotifiableEvent,
        TellNetworkOutcome,
        TellNetworkLink,
        RecordNetworkRetest,
        PlaceLegalHold,
        LiftLegalHold,
    )

    received_at: Instant | None = None
    review: StreamId | None = None
    subjects: tuple[Subject, ...] = ()
    allegations: tuple[Allegation, ...] = ()
    referrals: tuple[StreamId, ...] = ()
    stages: tuple[Stage, ...] = ()
    groups: tuple[LinkedGroup, ...] = ()
    links_discovered: tuple[NetworkLinkDiscovered, ...] = ()
    outcomes: tuple[SuspectOutcome, ...] = ()
    questions: tuple[StandingQuestion, ...] = ()
    holds: tuple[LegalHold, ...] = ()
    holds_placed: int = 0
    offer: Offer | None = None
    accepted_at: Instant | None = None
    taken_over: bool = False
    awaited: tuple[StreamId, ...] = ()
    transfer: PendingTransfer | None = None
    transfers_requested: int = 0

    @property
    def is_only_offered(self) -> bool:
        """Whether another force's case was offered and is not here yet."""
        return self.offer is not None and not self.taken_over

    def as_continued(self, policy: PolicyPack) -> Self:  # noqa: ARG002  # The same for every process.
        """In the force that takes the case over, no transfer of it is under way."""
        nothing = {"offer": None, "accepted_at": None, "taken_over": False, "awaited": (), "transfer": None}
        other_clocks = tuple(clock for clock in self.clocks if clock.rule != "TF1")
        return self.model_copy(update={**nothing, "transfers_requested": 0, "clocks": other_clocks})

    def own_stages(self) -> tuple[Stage, ...]:
        """The stages that run in this force: those that ended elsewhere before a transfer are named, and no more."""
        return tuple(stage for stage in self.stages if stage.stream.startswith(f"{self.case}/"))

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


Thinking = Deliberation[CaseState]


def evolve(state: CaseState, event: CaseOwnEvent) -> CaseState:
    """Fold one event of a case."""
    match event:
        case CaseOpened() | OrderedCaseOpened():
            return _opened(state, event)
        case ReferralLinked() | SubjectLinked():
            return _joined(state, event)
        case StageOpened() | StageOutcomeRecorded() | CaseReopened():
            return _staged(state, event)
        case NetworkOutcomeLearned() | GroupNominated() | NetworkLinkDiscovered() | NetworkRetestRecorded():
            return _linked(state, event)
        case SuspectOutcomeRecorded():
            outcome = SuspectOutcome(suspect=event.suspect, outcome=event.outcome, decided_by=event.decided_by)
            others = tuple(item for item in state.outcomes if item.suspect != event.suspect)
            return state.model_copy(update={"outcomes": (*others, outcome)})
        case NotifiableEventRelayed() | NewsPassedOn():
            return state
        case LegalHoldPlaced() | LegalHoldLifted():
            return _held(state, event)
        case TransferRequested() | TransferOffered() | TransferAccepted() | TransferRefused() | CaseTakenOver():
            return _moved(state, event)
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


def _joined(state: CaseState, event: ReferralLinked | SubjectLinked) -> CaseState:
    if isinstance(event, ReferralLinked):
        return state.model_copy(update={"referrals": (*state.referrals, event.referral)})
    return state.model_copy(update={"subjects": (*state.subjects, event.subject)})


def _staged(state: CaseState, event: StageOpened | StageOutcomeRecorded | CaseReopened) -> CaseState:
    match event:
        case StageOpened():
            return _stage_opened(state, event)
        case StageOutcomeRecorded():
            return state.model_copy(update={"stages": _with_outcome(state.stages, event)})
        case CaseReopened():
            return _goes_on(state, event)
        case _:
            assert_never(event)


def _linked(state: CaseState, event: NetworkOutcomeLearned | GroupNominated | CaseLinkEvent) -> CaseState:
    if isinstance(event, CaseLinkEvent):
        return _tied(state, event)
    if isinstance(event, GroupNominated):
        group = LinkedGroup(group=parse_stream(event.group).case, outcome="nominated", tier=None)
        return state.model_copy(update={"groups": (*state.groups, group)})
    group = LinkedGroup(group=event.group, outcome=event.outcome, tier=event.tier)
    others = tuple(item for item in state.groups if item.group != event.group)
    return state.model_copy(update={"groups": (*others, group)})


def _tied(state: CaseState, event: CaseLinkEvent) -> CaseState:
    """The link that each group told of last; a group that was not known before is one that the case is part of."""
    if isinstance(event, NetworkRetestRecorded):
        return state
    others = tuple(item for item in state.links_discovered if item.network.group != event.network.group)
    group = parse_stream(event.network.group).case
    known = any(item.group == group for item in state.groups)
    joined = () if known else (LinkedGroup(group=group, outcome="linked", tier=None),)
    return state.model_copy(update={"links_discovered": (*others, event), "groups": (*state.groups, *joined)})


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


def _stage_opened(state: CaseState, event: StageOpened) -> CaseState:
    if state.stage(event.stage):
        return state.model_copy(update={"awaited": tuple(item for item in state.awaited if item != event.stage)})
    stage = Stage(stream=event.stage, kind=event.kind, about=event.about)
    return state.model_copy(update={"stages": (*state.stages, stage)})


def _goes_on(state: CaseState, event: CaseReopened) -> CaseState:
    stages = tuple(
        stage.model_copy(update={"outcome": None}) if stage.stream == event.stage else stage for stage in state.stages
    )
    outcomes = tuple(item for item in state.outcomes if item.suspect not in event.suspects)
    return state.model_copy(update={"stages": stages, "outcomes": outcomes})


def _held(state: CaseState, event: LegalHoldEvent) -> CaseState:
    match event:
        case LegalHoldPlaced():
            hold = LegalHold(
                number=event.hold, placed_by=event.placed_by, placed_at=event.placed_at, because=event.because
            )
            return state.model_copy(update={"holds": (*state.holds, hold), "holds_placed": event.hold})
        case LegalHoldLifted():
            return state.model_copy(update={"holds": tuple(item for item in state.holds if item.number != event.hold)})
        case _:
            assert_never(event)


Move = TransferRequested | TransferOffered | TransferAccepted | TransferRefused | CaseTakenOver


def _moved(state: CaseState, event: Move) -> CaseState:
    match event:
        case TransferRequested():
            asked = event.model_dump(include={"to", "case", "opening", "referral", "requested_at"})
            pending = PendingTransfer.model_validate(asked)
            return state.model_copy(update={"transfer": pending, "transfers_requested": event.number})
        case TransferOffered():
            offer = Offer(case=event.offered, requested_by=event.requested_by, offered_at=event.offered_at)
            return state.model_copy(update={"offer": offer})
        case TransferAccepted():
            return state.model_copy(update={"accepted_at": event.accepted_at, "transfer": None})
        case TransferRefused():
            return state.model_copy(update={"transfer": None})
        case CaseTakenOver():
            return _taken_over(state, event)
        case _:
            assert_never(event)


def _taken_over(state: CaseState, event: CaseTakenOver) -> CaseState:
    """The case as it was sent. A stage may have reported itself before it came."""
    known = continued(state, event.state)
    arrived = {stage.stream for stage in state.stages}
    here: dict[str, object] = {
        "offer": state.offer,
        "accepted_at": state.accepted_at,
        "taken_over": True,
        "awaited": tuple(stage.stream for stage in known.own_stages() if stage.stream not in arrived),
    }
    return known.model_copy(update=here)
