"""Closure with no further action: commands and events of process 9, one stream per proposal.

One suspect, or one crime where no suspect is identified. Holds no reason of a review but in the record's envelope.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from nom.contracts.base import Contract, Instant
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent, Opening
from nom.contracts.ids import PersonId, SubjectId
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.standing import CrimeOf, DecidingAuthority, StandingTold, TellStanding

OutcomeCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}$")]
"""A Home Office outcome code, `15`."""

ReviewScheme = Literal["VRR", "CSARP"]
"""Where a decision may be reviewed: the Victims' Right to Review, or the Child Sexual Abuse Review Panel."""

ReviewAnswer = Literal["upheld", "overturned"]


class Closed(Contract):
    """What is to be closed: a suspect, or a crime for which no suspect is identified. Exactly one of the two."""

    suspect: SubjectId | None = None
    crime: CrimeOf | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.suspect is None) == (self.crime is None):
            msg = "expected either `suspect` or `crime`"
            raise ValueError(msg)
        return self

    def __str__(self) -> str:
        return self.suspect or str(self.crime)


class ProposeClosure(CommandBase):
    """Propose to take no further action, with the outcome code and the reason. Opens the closure's process."""

    opens: ClassVar[bool] = True
    decides: ClassVar[bool] = True
    type: Literal["ProposeClosure"] = "ProposeClosure"
    opening: Opening
    what: Closed
    outcome: OutcomeCode


class ApproveClosure(CommandBase):
    """Approve the proposal. Refused while a condition of the gate is unmet, and to whoever proposed it."""

    decides: ClassVar[bool] = True
    type: Literal["ApproveClosure"] = "ApproveClosure"


class RejectClosure(CommandBase):
    """Reject the proposal: the investigation goes on. It may be proposed again, as another closure."""

    decides: ClassVar[bool] = True
    type: Literal["RejectClosure"] = "RejectClosure"


class OfferReview(CommandBase):
    """Offer victims a review of the decision. No victims named: all who were told and not yet offered one."""

    type: Literal["OfferReview"] = "OfferReview"
    victims: tuple[SubjectId, ...] = ()


class RequestReview(CommandBase):
    """A victim asks for the review."""

    type: Literal["RequestReview"] = "RequestReview"
    victim: SubjectId


class AssignReviewer(CommandBase):
    """Name who reviews the decision, and thereby acknowledge every request that waits. May be given again."""

    type: Literal["AssignReviewer"] = "AssignReviewer"
    officer: PersonId


class DecideReview(CommandBase):
    """The reviewer's decision on every request so far. Given as the reason of an overturned decision: what to do."""

    decides: ClassVar[bool] = True
    type: Literal["DecideReview"] = "DecideReview"
    outcome: ReviewAnswer


class NoFurtherActionProposed(EventBase):
    """It was proposed to take no further action. The reason stands in the record's envelope."""

    says: ClassVar[str] = "No further action proposed on {about}, outcome {outcome}"
    type: Literal["nfa_proposed.v1"] = "nfa_proposed.v1"
    what: Closed
    outcome: OutcomeCode
    proposer: PersonId
    proposed_at: Instant

    @property
    def about(self) -> str:
        """The suspect or the crime."""
        return str(self.what)


class NoFurtherActionApproved(EventBase):
    """A second person approved it. The scheme of review follows from the day of this decision."""

    says: ClassVar[str] = "No further action approved by {approver}; decision of {authority}; review by {scheme}"
    type: Literal["nfa_approved.v1"] = "nfa_approved.v1"
    outcome: OutcomeCode
    approver: PersonId
    approved_at: Instant
    authority: DecidingAuthority
    scheme: ReviewScheme


class NoFurtherActionRejected(EventBase):
    """A second person rejected it."""

    says: ClassVar[str] = "No further action rejected"
    type: Literal["nfa_rejected.v1"] = "nfa_rejected.v1"


class ReviewOffered(EventBase):
    """Victims were offered a review of the decision."""

    says: ClassVar[str] = "Review by {scheme} ({authority}) offered to {victims}"
    type: Literal["review_offered.v1"] = "review_offered.v1"
    scheme: ReviewScheme
    authority: DecidingAuthority
    victims: tuple[SubjectId, ...]


class ReviewRequested(EventBase):
    """A victim asked for the review."""

    says: ClassVar[str] = "Review requested by or for {victim}"
    type: Literal["review_requested.v1"] = "review_requested.v1"
    victim: SubjectId
    requested_at: Instant


class ReviewerAssigned(EventBase):
    """Somebody who took no part in the decision reviews it."""

    says: ClassVar[str] = "Reviewer: {officer}"
    type: Literal["reviewer_assigned.v1"] = "reviewer_assigned.v1"
    officer: PersonId
    assigned_at: Instant


class ReviewDecided(EventBase):
    """The review came to its decision. The reason stands in the record's envelope."""

    says: ClassVar[str] = "Review of the decision requested for {victims}: {outcome}"
    type: Literal["review_decided.v1"] = "review_decided.v1"
    outcome: ReviewAnswer
    victims: tuple[SubjectId, ...] = Field(min_length=1)
    decided_at: Instant


ClosureOwnCommand = (
    ProposeClosure
    | TellStanding
    | ApproveClosure
    | RejectClosure
    | NotifyVictim
    | OfferReview
    | RequestReview
    | AssignReviewer
    | DecideReview
)
ClosureOwnEvent = (
    NoFurtherActionProposed
    | StandingTold
    | NoFurtherActionApproved
    | NoFurtherActionRejected
    | VictimNotified
    | ReviewOffered
    | ReviewRequested
    | ReviewerAssigned
    | ReviewDecided
)
ClosureCommand = Annotated[ClosureOwnCommand | CommonCommand, Field(discriminator="type")]
ClosureEvent = Annotated[ClosureOwnEvent | CommonEvent, Field(discriminator="type")]
ClosureRequest = CommandEnvelope[ClosureCommand]
