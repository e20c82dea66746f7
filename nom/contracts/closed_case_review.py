"""The review of a closed case at the National Crime Agency: commands and events of process 10.

What the force sent in is kept as it was sent. The force's own reference stands in the event and in no id.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent, Opening
from nom.contracts.ids import CaseId, Force, ProcessKind, StreamId, SubjectId, parse_stream
from nom.contracts.policy.rules import ReviewBand
from nom.contracts.stages import RecordReinvestigationProgress

ForceReference = Annotated[str, Field(min_length=1, max_length=80)]
"""The force's own reference of the closed case: opaque, never part of an id."""

Fault = Literal["lines_not_pursued", "account_not_taken", "suspect_not_pursued", "suspect_not_interviewed"]
"""What reviews have found wrong with closed cases (published of Operation Beaconport, November 2025)."""


class ClosedCase(Contract):
    """A case that was closed with no further action, as its force returns it. `decided_on` is the day of the decision
    in Europe/London; `victim_age` is in whole years at the time; `suspects` is how many there were.
    """

    force: Force
    force_reference: ForceReference
    offence: str
    decided_on: date
    decided_by: Literal["police", "cps"]
    outcome: str
    victim_age: int | None = Field(default=None, ge=0, le=120)
    suspects: int = Field(ge=0, le=10_000)
    reason_text: Text | None = None


class ReferClosedCase(CommandBase):
    """A force refers a closed case. Opens the review."""

    opens: ClassVar[bool] = True
    type: Literal["ReferClosedCase"] = "ReferClosedCase"
    opening: Opening
    closed_case: ClosedCase


class Prioritise(CommandBase):
    """Put the case in a band. The band follows from the offence; a person who differs says why."""

    type: Literal["Prioritise"] = "Prioritise"
    band: ReviewBand


class ReviewAtPanel(CommandBase):
    """The panel's view: can the matter be investigated and by which steps, what went wrong, is anybody still at risk.
    Where safeguarding concerns remain, `safeguarding_action` says what is done about them.
    """

    decides: ClassVar[bool] = True
    type: Literal["ReviewAtPanel"] = "ReviewAtPanel"
    investigation_possible: bool
    steps: tuple[Text, ...] = ()
    faults: tuple[Fault, ...] = ()
    safeguarding_concerns: bool
    safeguarding_action: Text | None = None


class RecordVictimApproval(CommandBase):
    """The victim agrees to a full investigation."""

    type: Literal["RecordVictimApproval"] = "RecordVictimApproval"
    victim: SubjectId


class RecordVictimDeclined(CommandBase):
    """The victim does not agree to a full investigation, or no longer does."""

    type: Literal["RecordVictimDeclined"] = "RecordVictimDeclined"
    victim: SubjectId


class OrderReinvestigation(CommandBase):
    """Have a force investigate again. `opening` is what the force's case is opened under."""

    decides: ClassVar[bool] = True
    type: Literal["OrderReinvestigation"] = "OrderReinvestigation"
    opening: Opening
    force: Force
    supervised: bool = True


class Adopt(CommandBase):
    """The National Crime Agency investigates the matter itself."""

    decides: ClassVar[bool] = True
    type: Literal["Adopt"] = "Adopt"


class Uphold(CommandBase):
    """The closure stands."""

    decides: ClassVar[bool] = True
    type: Literal["Uphold"] = "Uphold"


class ReferConvictionReview(CommandBase):
    """A victim was convicted as a child of what was done to them: have the conviction reviewed."""

    decides: ClassVar[bool] = True
    type: Literal["ReferConvictionReview"] = "ReferConvictionReview"
    victim: SubjectId
    age_at_conviction: int = Field(ge=0, le=120)
    to: Literal["criminal_cases_review_commission", "court", "disregard_scheme"]


class ClosedCaseReferred(EventBase):
    """A closed case was referred. `band` is what follows from the offence under the policy pack."""

    says: ClassVar[str] = "{force} referred its case {reference}, closed on {day} with outcome {outcome}: band {band}"
    type: Literal["closed_case_referred.v1"] = "closed_case_referred.v1"
    closed_case: ClosedCase
    band: ReviewBand
    referred_at: Instant
    warnings: tuple[Text, ...] = ()

    @property
    def force(self) -> str:
        """Whose case it was."""
        return self.closed_case.force

    @property
    def reference(self) -> str:
        """The force's own reference."""
        return self.closed_case.force_reference

    @property
    def day(self) -> date:
        """The day of the decision."""
        return self.closed_case.decided_on

    @property
    def outcome(self) -> str:
        """The outcome code."""
        return self.closed_case.outcome


class CasePrioritised(EventBase):
    """The case was put in a band. Where a person differs from what was computed, both stand."""

    says: ClassVar[str] = "Band {band} (computed: {computed})"
    type: Literal["closed_case_prioritised.v1"] = "closed_case_prioritised.v1"
    computed: ReviewBand
    band: ReviewBand
    reason: Text | None


class PanelReviewed(EventBase):
    """The panel came to a view."""

    says: ClassVar[str] = (
        "Panel: investigation possible: {investigation_possible}; steps: {steps}; "
        "safeguarding concerns: {safeguarding_concerns}"
    )
    type: Literal["panel_reviewed.v1"] = "panel_reviewed.v1"
    investigation_possible: bool
    steps: tuple[Text, ...]
    faults: tuple[Fault, ...]
    safeguarding_concerns: bool
    safeguarding_action: Text | None
    reason: Text
    reviewed_at: Instant


class VictimApprovalRecorded(EventBase):
    """The victim agrees to a full investigation."""

    says: ClassVar[str] = "{victim} approves of a full investigation"
    type: Literal["victim_approval_recorded.v1"] = "victim_approval_recorded.v1"
    victim: SubjectId
    said_at: Instant


class VictimDeclineRecorded(EventBase):
    """The victim does not agree. What was ordered before stands until somebody decides otherwise."""

    says: ClassVar[str] = "{victim} does not approve of a full investigation"
    type: Literal["victim_decline_recorded.v1"] = "victim_decline_recorded.v1"
    victim: SubjectId
    said_at: Instant


class ReinvestigationOrdered(EventBase):
    """A force is to investigate again."""

    says: ClassVar[str] = "{force} is to investigate again as {case}, supervised: {supervised}"
    type: Literal["reinvestigation_ordered.v1"] = "reinvestigation_ordered.v1"
    force: Force
    case: CaseId
    supervised: bool
    victim: SubjectId
    reason: Text
    ordered_at: Instant


class ReinvestigationProgressed(EventBase):
    """A force told how far it is: which stage, what outcome, no content."""

    says: ClassVar[str] = "{case}: {stage}: {outcome}"
    type: Literal["reinvestigation_progressed.v1"] = "reinvestigation_progressed.v1"
    case: CaseId
    stage: StreamId
    outcome: str

    @property
    def is_the_end(self) -> bool:
        """Whether it is the case itself that has ended."""
        return parse_stream(self.stage).kind is ProcessKind.CASE


class NcaAdopted(EventBase):
    """The National Crime Agency investigates the matter itself."""

    says: ClassVar[str] = "Adopted by the National Crime Agency: {reason}"
    type: Literal["nca_adopted.v1"] = "nca_adopted.v1"
    victim: SubjectId
    reason: Text


class ClosureUpheld(EventBase):
    """The closure stands."""

    says: ClassVar[str] = "Closure upheld: {reason}"
    type: Literal["closure_upheld.v1"] = "closure_upheld.v1"
    reason: Text


class ConvictionReviewReferred(EventBase):
    """A conviction of somebody who was a victim as a child is to be reviewed."""

    says: ClassVar[str] = "Conviction of {victim} at {age_at_conviction} referred to {to}"
    type: Literal["conviction_review_referred.v1"] = "conviction_review_referred.v1"
    victim: SubjectId
    age_at_conviction: int
    to: Literal["criminal_cases_review_commission", "court", "disregard_scheme"]
    reason: Text


ClosedCaseReviewOwnCommand = (
    ReferClosedCase
    | Prioritise
    | ReviewAtPanel
    | RecordVictimApproval
    | RecordVictimDeclined
    | OrderReinvestigation
    | Adopt
    | Uphold
    | ReferConvictionReview
    | RecordReinvestigationProgress
)
ClosedCaseReviewOwnEvent = (
    ClosedCaseReferred
    | CasePrioritised
    | PanelReviewed
    | VictimApprovalRecorded
    | VictimDeclineRecorded
    | ReinvestigationOrdered
    | ReinvestigationProgressed
    | NcaAdopted
    | ClosureUpheld
    | ConvictionReviewReferred
)
ClosedCaseReviewCommand = Annotated[ClosedCaseReviewOwnCommand | CommonCommand, Field(discriminator="type")]
ClosedCaseReviewEvent = Annotated[ClosedCaseReviewOwnEvent | CommonEvent, Field(discriminator="type")]
ClosedCaseReviewRequest = CommandEnvelope[ClosedCaseReviewCommand]
