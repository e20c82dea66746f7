"""Legal holds on a case: commands and events. A hold beats closing and, wherever records are erased, erasure.

A hold may be placed on a case that has ended or was transferred: its record is what is held.
"""

from typing import ClassVar, Literal

from nom.contracts.base import Instant, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import PersonId


class PlaceLegalHold(CommandBase):
    """Nothing of the case may be closed or erased from now on: a court, an inquiry or a review needs it."""

    decides: ClassVar[bool] = True
    type: Literal["PlaceLegalHold"] = "PlaceLegalHold"


class LiftLegalHold(CommandBase):
    """A hold is no longer needed. Not by a person who placed one."""

    decides: ClassVar[bool] = True
    type: Literal["LiftLegalHold"] = "LiftLegalHold"
    hold: int


class LegalHoldPlaced(EventBase):
    """The case is on hold. `hold` numbers the holds of the case."""

    says: ClassVar[str] = "Legal hold {hold} placed by {placed_by}: {because}"
    type: Literal["legal_hold_placed.v1"] = "legal_hold_placed.v1"
    hold: int
    placed_by: PersonId
    placed_at: Instant
    because: Text


class LegalHoldLifted(EventBase):
    """That hold holds no longer."""

    says: ClassVar[str] = "Legal hold {hold} lifted by {lifted_by}: {because}"
    type: Literal["legal_hold_lifted.v1"] = "legal_hold_lifted.v1"
    hold: int
    lifted_by: PersonId
    because: Text


LegalHoldCommand = PlaceLegalHold | LiftLegalHold
LegalHoldEvent = LegalHoldPlaced | LegalHoldLifted
