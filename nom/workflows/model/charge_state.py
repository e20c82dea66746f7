"""What is known of one file to the Crown Prosecution Service, and what it still lacks before its stage ends."""

from datetime import date
from typing import Literal

from nom.contracts.base import Contract, Instant
from nom.contracts.charge import Charge, FileKind, NumberedItem
from nom.contracts.errors import Unmet, unmet
from nom.contracts.ids import SubjectId
from nom.contracts.subjects import Subject
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState

CHARGE_NOTICE = "vc1-charge-"
DECLINE_NOTICE = "vc3-"
"""How the ids of the clocks begin that run until a victim is told of a charge, or of no prosecution."""


class ChargeLine(Contract):
    """One charge of the file: its last test, what was decided, and the day of a Full Code review that is still due."""

    charge: Charge
    test: Literal["threshold", "full_code"] | None = None
    met: bool = False
    tested_at: Instant | None = None
    decision: Literal["authorised", "declined", "charged"] | None = None
    decided_at: Instant | None = None
    review_on: date | None = None

    def was_tested_after(self, moment: Instant) -> bool:
        """Whether the test that counts is later than that."""
        return self.tested_at is not None and self.tested_at > moment


class PlannedItem(Contract):
    """An item of an action plan, and when it was done."""

    item: NumberedItem
    issued_at: Instant
    completed_at: Instant | None = None

    def is_open_at(self, moment: Instant) -> bool:
        """Whether it had been asked for and not been done by then."""
        return self.issued_at <= moment and (self.completed_at is None or self.completed_at > moment)


class ChargeState(ProcessState):
    """One file."""

    sought_at: Instant | None = None
    submitted_at: Instant | None = None
    file: FileKind | None = None
    lines: tuple[ChargeLine, ...] = ()
    victims: tuple[Subject, ...] = ()
    items: tuple[PlannedItem, ...] = ()

    def lines_of(self, suspect: SubjectId) -> tuple[ChargeLine, ...]:
        """The charges against one suspect."""
        return tuple(line for line in self.lines if line.charge.suspect == suspect)


Thinking = Deliberation[ChargeState]


def charge_gate(state: ChargeState) -> tuple[Unmet, ...]:
    """What must hold before the stage ends: every suspect and charge decided, those authorised charged, those charged
    on the Threshold Test reviewed, and the victims told.
    """
    missing: list[Unmet] = []
    for line in state.lines:
        name = str(line.charge)
        if line.decision is None:
            missing.append(unmet("charge_undecided", f"{name} is not decided", name, ("cps_lawyer",)))
        elif line.decision == "authorised":
            missing.append(unmet("suspect_not_charged", f"{name} is authorised, not charged", name))
        elif line.review_on is not None:
            words = f"{name} awaits its Full Code review of {line.review_on}"
            missing.append(unmet("threshold_charge_not_reviewed", words, name, ("cps_lawyer",)))
    missing.extend(
        unmet("victim_not_told", f"{clock.about} has not been told", clock.about)
        for clock in state.clocks
        if clock.is_open and clock.id.startswith((CHARGE_NOTICE, DECLINE_NOTICE))
    )
    return tuple(missing)
