"""What the National Referral Mechanism decided about somebody who was referred to it. Commands and events.

The decision is the Home Office's (in some places a local panel's) and never the force's: here it is only recorded.
"""

from typing import ClassVar, Literal

from nom.contracts.base import Instant
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import SubjectId

NrmGrounds = Literal["reasonable", "conclusive"]
NrmOutcome = Literal["positive", "negative"]


class RecordNrmDecision(CommandBase):
    """Record a decision of the National Referral Mechanism, on reasonable grounds or on conclusive ones."""

    type: Literal["RecordNrmDecision"] = "RecordNrmDecision"
    subject: SubjectId
    grounds: NrmGrounds
    outcome: NrmOutcome


class NrmDecisionRecorded(EventBase):
    """The National Referral Mechanism decided about somebody. `too_early` flags a decision on conclusive grounds that
    came before the days of recovery were over (NR3).
    """

    says: ClassVar[str] = "National Referral Mechanism on {subject}, {grounds} grounds: {outcome}{flag}"
    type: Literal["nrm_decision_recorded.v1"] = "nrm_decision_recorded.v1"
    subject: SubjectId
    grounds: NrmGrounds
    outcome: NrmOutcome
    decided_at: Instant
    too_early: bool

    @property
    def flag(self) -> str:
        """The flag that it came too early, in words."""
        return "; before the days of recovery were over" if self.too_early else ""
