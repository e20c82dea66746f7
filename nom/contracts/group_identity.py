"""Who of one linked case is who of another: commands and events. One person under two references is counted once."""

from typing import ClassVar, Literal

from nom.contracts.base import Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.group_grounds import SamePerson
from nom.contracts.ids import PersonId


class RecordSamePerson(CommandBase):
    """Record that two references are one person. Where one of them is a victim and the other is not,
    `overlap_decided_by` names the person who decided to say so.
    """

    decides: ClassVar[bool] = True
    type: Literal["RecordSamePerson"] = "RecordSamePerson"
    same: SamePerson
    overlap_decided_by: PersonId | None = None


class WithdrawSamePerson(CommandBase):
    """Say that two references are two people after all."""

    decides: ClassVar[bool] = True
    type: Literal["WithdrawSamePerson"] = "WithdrawSamePerson"
    same: SamePerson


class SamePersonRecorded(EventBase):
    """Two references are one person, and on what that rests. Who decided it, where a victim is among them."""

    says: ClassVar[str] = "One person: {same}, because {because}{overlap}"
    type: Literal["same_person_recorded.v1"] = "same_person_recorded.v1"
    same: SamePerson
    because: Text
    overlap_decided_by: PersonId | None

    @property
    def overlap(self) -> str:
        """The flag that a victim is among them."""
        who = self.overlap_decided_by
        return f"; also a victim, by the decision of {who}" if who else ""


class SamePersonWithdrawn(EventBase):
    """The references are two people after all."""

    says: ClassVar[str] = "Two people after all: {same} was said, and {because}"
    type: Literal["same_person_withdrawn.v1"] = "same_person_withdrawn.v1"
    same: SamePerson
    because: Text


IdentityCommand = RecordSamePerson | WithdrawSamePerson
IdentityEvent = SamePersonRecorded | SamePersonWithdrawn
