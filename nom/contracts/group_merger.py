"""Two groups that turn out to be one: commands and events, and what one group hands over to the other.

The survivor asks, the other hands over what it rests on and ends. Nothing is removed: its history stays where it is.
"""

from typing import ClassVar, Literal

from nom.contracts.base import Contract, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.group_course import Disruption, Intelligence
from nom.contracts.group_grounds import (
    BenefitRecorded,
    EligibleOffenceRecorded,
    GroupLinkRecorded,
    GroupPerson,
    MemberAdded,
    UnidentifiedIn,
)
from nom.contracts.group_identity import SamePersonRecorded
from nom.contracts.ids import CaseId, StreamId


class GroupHoldings(Contract):
    """What a group rests on. Its scores are not among it: they were of another group, and stay in its history."""

    cases: tuple[CaseId, ...]
    candidates: tuple[GroupPerson, ...]
    unidentified: tuple[UnidentifiedIn, ...]
    members: tuple[MemberAdded, ...]
    same: tuple[SamePersonRecorded, ...]
    links: tuple[GroupLinkRecorded, ...]
    offences: tuple[EligibleOffenceRecorded, ...]
    benefits: tuple[BenefitRecorded, ...]
    disruptions: tuple[Disruption, ...]
    intelligence: tuple[Intelligence, ...]


class Merge(CommandBase):
    """Given to the group that goes on: the other one is the same group, and ends in this one."""

    decides: ClassVar[bool] = True
    type: Literal["Merge"] = "Merge"
    other: StreamId


class YieldToGroup(CommandBase):
    """The group that goes on asks the other to hand over and end. `designated`: whether the one that asks is."""

    type: Literal["YieldToGroup"] = "YieldToGroup"
    survivor: StreamId
    designated: bool


class AbsorbGroup(CommandBase):
    """The other hands over what it rests on."""

    type: Literal["AbsorbGroup"] = "AbsorbGroup"
    other: StreamId
    holdings: GroupHoldings


class MergerBegun(EventBase):
    """The other group was asked to hand over."""

    says: ClassVar[str] = "To be merged with {other}, which ends in this one: {because}"
    type: Literal["merger_begun.v1"] = "merger_begun.v1"
    other: StreamId
    because: Text


class MergerCalledOff(EventBase):
    """The other group refused, and both go on as they are."""

    says: ClassVar[str] = "Not merged with {other}: {because}"
    type: Literal["merger_called_off.v1"] = "merger_called_off.v1"
    other: StreamId
    because: Text


class GroupMerged(EventBase):
    """This group is another one, and ends in it."""

    says: ClassVar[str] = "Merged into {survivor}: {because}"
    type: Literal["group_merged.v1"] = "group_merged.v1"
    survivor: StreamId
    because: Text


class GroupAbsorbed(EventBase):
    """Another group ended in this one. What it handed over follows, as far as it was not known here. `left_out` names
    what would have taken a member from a designated group that needs them all: whether two are one is then a person's
    to record.
    """

    says: ClassVar[str] = "Group {other} ended in this one, with {cases} cases; left out: {left_out}"
    type: Literal["group_absorbed.v1"] = "group_absorbed.v1"
    other: StreamId
    handed_over: GroupHoldings
    left_out: tuple[Text, ...] = ()

    @property
    def cases(self) -> int:
        """How many cases it had."""
        return len(self.handed_over.cases)


MergerCommand = Merge | YieldToGroup | AbsorbGroup
MergerEvent = MergerBegun | MergerCalledOff | GroupMerged | GroupAbsorbed
