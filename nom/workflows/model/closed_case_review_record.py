"""What is known of the review of a closed case, and how one event changes that. Decides nothing."""

from datetime import datetime
from typing import assert_never

from nom.contracts.base import Contract, Instant
from nom.contracts.closed_case_review import (
    CasePrioritised,
    ClosedCase,
    ClosedCaseReferred,
    ClosedCaseReviewOwnEvent,
    ClosureUpheld,
    ConvictionReviewReferred,
    NcaAdopted,
    PanelReviewed,
    ReinvestigationOrdered,
    ReinvestigationProgressed,
    VictimApprovalRecorded,
    VictimDeclineRecorded,
)
from nom.contracts.ids import CaseId, StreamId, SubjectId
from nom.contracts.policy.rules import ReviewBand
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState


class VictimsWord(Contract):
    """What the victim said to a full investigation, and when."""

    victim: SubjectId
    approves: bool
    said_at: Instant


class Ordered(Contract):
    """A force's case that was ordered. `outcome` is the case's own, once it has closed."""

    case: CaseId
    stages: tuple[StreamId, ...] = ()
    outcome: str | None = None


class ClosedCaseReviewState(ProcessState):
    """What is known of one review. `words` are the victim's, in the order in which they were entered."""

    closed_case: ClosedCase | None = None
    referred_at: Instant | None = None
    band: ReviewBand = "other"
    panel: PanelReviewed | None = None
    words: tuple[VictimsWord, ...] = ()
    orders: tuple[Ordered, ...] = ()
    adopted: bool = False
    convictions: tuple[SubjectId, ...] = ()

    def victims_word(self, at: datetime) -> VictimsWord | None:
        """What the victim had said last, up to a moment and in it. Of two at one moment the later entered counts."""
        said = [word for word in self.words if word.said_at <= at]
        latest = max((word.said_at for word in said), default=None)
        return next((word for word in reversed(said) if word.said_at == latest), None)

    def standing(self) -> str:
        """How far the review is, in one word for lists."""
        if self.outcome is not None:
            return self.outcome
        if self.orders:
            return "reinvestigation_ordered"
        if self.panel is not None:
            return "panel_reviewed"
        return "referred"


Thinking = Deliberation[ClosedCaseReviewState]


def evolve(state: ClosedCaseReviewState, event: ClosedCaseReviewOwnEvent) -> ClosedCaseReviewState:
    """Fold one event of a review."""
    match event:
        case ClosedCaseReferred():
            changes = {"closed_case": event.closed_case, "referred_at": event.referred_at, "band": event.band}
        case CasePrioritised():
            changes = {"band": event.band}
        case PanelReviewed():
            changes = {"panel": event}
        case VictimApprovalRecorded() | VictimDeclineRecorded():
            changes = {"words": (*state.words, _word(event))}
        case ReinvestigationOrdered():
            changes = {"orders": (*state.orders, Ordered(case=event.case))}
        case ReinvestigationProgressed():
            changes = {"orders": tuple(_further(order, event) for order in state.orders)}
        case NcaAdopted() | ClosureUpheld():
            changes = {"adopted": isinstance(event, NcaAdopted)}
        case ConvictionReviewReferred():
            changes = {"convictions": (*state.convictions, event.victim)}
        case _:
            assert_never(event)
    return state.model_copy(update=changes)


def _word(event: VictimApprovalRecorded | VictimDeclineRecorded) -> VictimsWord:
    approves = isinstance(event, VictimApprovalRecorded)
    return VictimsWord(victim=event.victim, approves=approves, said_at=event.said_at)


def _further(order: Ordered, event: ReinvestigationProgressed) -> Ordered:
    if order.case != event.case:
        return order
    if event.is_the_end:
        return order.model_copy(update={"outcome": event.outcome})
    return order.model_copy(update={"stages": (*order.stages, event.stage)})
