"""What is known of one closure, how an event changes that, and what it still lacks. Decides nothing."""

from typing import Any, assert_never

from nom.contracts.base import Contract, Instant
from nom.contracts.clocks import Clock
from nom.contracts.closure import (
    Closed,
    ClosureOwnEvent,
    NoFurtherActionApproved,
    NoFurtherActionProposed,
    NoFurtherActionRejected,
    OutcomeCode,
    ReviewDecided,
    ReviewerAssigned,
    ReviewOffered,
    ReviewRequested,
    ReviewScheme,
)
from nom.contracts.errors import Unmet, unmet
from nom.contracts.ids import PersonId, ProcessKind, StreamId, SubjectId, parse_stream
from nom.contracts.notices import VictimNotified
from nom.contracts.standing import DecidingAuthority, Standing, StandingTold
from nom.contracts.subjects import Subject
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState

WINDOWS = ("VR1", "VR2-limit")
"""The clocks that run for as long as a victim may ask for a review: of the police, of the Crown Prosecution Service."""

DECIDING_COMMANDS = ("ProposeClosure", "ApproveClosure", "RejectClosure", "DecideReview")
"""What decides something here. Whoever reviewed the decision once does not review it again."""

APPROVERS = ("supervising_officer", "detective_superintendent")


class ReviewRequest(Contract):
    """One victim's request, and when it was decided, if it was."""

    victim: SubjectId
    requested_at: Instant
    decided_at: Instant | None = None


class ClosureState(ProcessState):
    """One closure. `told_by` is who last told how things stand; None until somebody has. `clear_since` is the latest
    moment at which a condition of the gate was met: acts may be typed in in any order, so the last one told is not
    always the last one done. What leaves the gate as it was does not move it.
    """

    what: Closed | None = None
    code: OutcomeCode | None = None
    proposer: PersonId | None = None
    proposed_at: Instant | None = None
    told_by: StreamId | None = None
    standing: Standing | None = None
    clear_since: Instant | None = None
    approver: PersonId | None = None
    approved_at: Instant | None = None
    authority: DecidingAuthority | None = None
    scheme: ReviewScheme | None = None
    notified: tuple[SubjectId, ...] = ()
    offered: tuple[SubjectId, ...] = ()
    requests: tuple[ReviewRequest, ...] = ()
    reviewer: PersonId | None = None
    reviewer_assigned_at: Instant | None = None
    overturned: bool = False

    def rings(self, clock: Clock) -> bool:
        """The process must act when a window for asking for a review closes, too: nobody is late, but it is over."""
        return clock.rule in WINDOWS or super().rings(clock)

    def victims(self) -> tuple[Subject, ...]:
        """The victims who are told: all of the matter or, where a crime is closed, the one of that crime."""
        known = self.standing.victims if self.standing else ()
        crime = self.what.crime if self.what else None
        return known if crime is None else tuple(victim for victim in known if victim.id == crime.victim)

    def victim_ids(self) -> tuple[SubjectId, ...]:
        """Their references."""
        return tuple(victim.id for victim in self.victims())

    def waiting_requests(self) -> tuple[ReviewRequest, ...]:
        """The requests that no review has decided."""
        return tuple(item for item in self.requests if item.decided_at is None)

    def took_part(self) -> tuple[PersonId, ...]:
        """Who gave a deciding command in the matter, as far as it is known here: none of them may review."""
        here = (act.person for act in self.acts if act.command in DECIDING_COMMANDS)
        elsewhere = self.standing.deciders if self.standing else ()
        return tuple(dict.fromkeys((*here, *elsewhere)))


Thinking = Deliberation[ClosureState]


def closure_gate(state: ClosureState) -> tuple[Unmet, ...]:
    """What must hold before no further action may be approved (invariants 4, 5, 6 and 17), as last told by the rest of
    the matter. Until it has been told, that alone is unmet.
    """
    if state.standing is None:
        return (unmet("standing_unknown", "the investigation has not yet told how things stand"),)
    return state.standing.unmet


def closure_missing(state: ClosureState) -> tuple[Unmet, ...]:
    """What an open closure still lacks before it is final: the gate, the second person, each victim's notice and offer,
    and the review that somebody asked for.
    """
    missing = list(closure_gate(state))
    if state.approved_at is None:
        missing.append(unmet("not_approved", "nobody has approved or rejected it", supplied_by=APPROVERS))
        return tuple(missing)
    for victim in state.victim_ids():
        if victim not in state.notified:
            missing.append(unmet("victim_not_told", f"{victim} has not been told", victim))
        if victim not in state.offered:
            missing.append(unmet("review_not_offered", f"{victim} has not been offered a review", victim))
    reviewers = ("reviewing_officer",)
    missing.extend(
        unmet("review_not_decided", f"the review asked for {item.victim} is not decided", item.victim, reviewers)
        for item in state.waiting_requests()
    )
    return tuple(missing)


def evolve(state: ClosureState, event: ClosureOwnEvent) -> ClosureState:
    """Fold one event of a closure."""
    match event:
        case NoFurtherActionProposed():
            proposal = {"what": event.what, "code": event.outcome, "proposer": event.proposer}
            return state.model_copy(update={**proposal, "proposed_at": event.proposed_at})
        case StandingTold():
            return _told(state, event)
        case NoFurtherActionApproved():
            approval = {"approver": event.approver, "approved_at": event.approved_at}
            return state.model_copy(update={**approval, "authority": event.authority, "scheme": event.scheme})
        case NoFurtherActionRejected():
            return state
        case VictimNotified():
            return state.model_copy(update={"notified": _joined(state.notified, event.victims)})
        case ReviewOffered():
            return state.model_copy(update={"offered": _joined(state.offered, event.victims)})
        case ReviewRequested():
            request = ReviewRequest(victim=event.victim, requested_at=event.requested_at)
            return state.model_copy(update={"requests": (*state.requests, request)})
        case ReviewerAssigned():
            return state.model_copy(update={"reviewer": event.officer, "reviewer_assigned_at": event.assigned_at})
        case ReviewDecided():
            return _decided(state, event)
        case _:
            assert_never(event)


def _told(state: ClosureState, event: StandingTold) -> ClosureState:
    update: dict[str, Any] = {"told_by": event.by, "standing": event.standing}
    if _was_met(state.standing, event.standing):
        update["clear_since"] = max(state.clear_since or event.as_of, event.as_of)
    return state.model_copy(update=update)


def _was_met(before: Standing | None, now: Standing) -> bool:
    """Whether a condition of the gate is gone since it was told last; at the first telling, whether all are met."""
    if before is None:
        return not now.unmet
    left = {item.label() for item in now.unmet}
    return any(item.label() not in left for item in before.unmet)


def _decided(state: ClosureState, event: ReviewDecided) -> ClosureState:
    requests = tuple(
        item.model_copy(update={"decided_at": event.decided_at}) if item.decided_at is None else item
        for item in state.requests
    )
    overturned = event.outcome == "overturned"
    # A later request is reviewed by somebody who has not yet decided on one.
    nobody = {"reviewer": None, "reviewer_assigned_at": None}
    return state.model_copy(update={"requests": requests, "overturned": overturned, **nobody})


def _joined(before: tuple[SubjectId, ...], more: tuple[SubjectId, ...]) -> tuple[SubjectId, ...]:
    return tuple(dict.fromkeys((*before, *more)))


def told_by_case(state: ClosureState, by: StreamId) -> bool:
    """Whether an answer is the case's, and an investigation has answered before: it was overtaken on its way."""
    if parse_stream(by).kind is not ProcessKind.CASE or state.told_by is None:
        return False
    return parse_stream(state.told_by).kind is ProcessKind.INVESTIGATION
