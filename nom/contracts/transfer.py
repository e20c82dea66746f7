"""Moving a case to another force, or between a force and the National Crime Agency: commands and events.

The receiver decides on a preview: counts and kinds, no content. The content follows its acceptance.
"""

from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import Opening
from nom.contracts.ids import CaseId, Force, PersonId, ProcessKind, StreamId
from nom.contracts.stages import RecordNotifiableEvent, RecordStageOutcome, RecordSuspectOutcome

ToldOfStage = RecordStageOutcome | RecordSuspectOutcome | RecordNotifiableEvent
"""What a stage may still have to say when its case has gone to another force."""


class StageCount(Contract):
    """How many stages of a kind there are, and how many of them are open."""

    kind: ProcessKind
    open: int
    ended: int


class TransferPreview(Contract):
    """What the receiver sees before it accepts: counts and kinds. No person, no offence, no words."""

    children: int
    adults: int
    suspects: int
    allegations: int
    groups: int
    stages: tuple[StageCount, ...]
    on_hold: bool
    brought_in: bool


class RequestTransfer(CommandBase):
    """Ask another force, or the National Crime Agency, to take the case over. `opening` is what it would hold there.
    `referral` is given where a referral asks, by the process itself.
    """

    decides: ClassVar[bool] = True
    type: Literal["RequestTransfer"] = "RequestTransfer"
    to: Force
    opening: Opening
    referral: StreamId | None = None


class OfferTransfer(CommandBase):
    """Another force's case is offered. Opens a case that nothing may be done in before it was accepted."""

    opens: ClassVar[bool] = True
    type: Literal["OfferTransfer"] = "OfferTransfer"
    opening: Opening
    offered: CaseId
    requested_by: PersonId
    preview: TransferPreview


class AcceptTransfer(CommandBase):
    """The receiver takes the case over. A person gives it without `case`; the hand-off to the sender names the case in
    which the matter goes on.
    """

    decides: ClassVar[bool] = True
    type: Literal["AcceptTransfer"] = "AcceptTransfer"
    case: CaseId | None = None


class RefuseTransfer(CommandBase):
    """The receiver does not take the case over. `case` as in `AcceptTransfer`."""

    decides: ClassVar[bool] = True
    type: Literal["RefuseTransfer"] = "RefuseTransfer"
    case: CaseId | None = None


class TakeOverCase(CommandBase):
    """The sender hands the case over, whole, after its record `up_to`. `state` is what the case knew then, in plain
    JSON, with the streams that go on by the names that they have from now on.
    """

    type: Literal["TakeOverCase"] = "TakeOverCase"
    continues: CaseId
    up_to: int = Field(ge=1)
    state: dict[str, JsonValue]


class PassOn(CommandBase):
    """The sender was told something of a stage after the transfer, and passes it on. `told_for` is the person for whom
    the stage told it.
    """

    type: Literal["PassOn"] = "PassOn"
    by: CaseId
    news: ToldOfStage = Field(discriminator="type")
    told_for: PersonId | None = None


class TransferRequested(EventBase):
    """Another force was asked to take the case over, which would go on there as `case`."""

    says: ClassVar[str] = "Transfer to {to} requested"
    type: Literal["transfer_requested.v1"] = "transfer_requested.v1"
    number: int
    to: Force
    case: CaseId
    opening: Opening
    referral: StreamId | None
    requested_at: Instant


class TransferOffered(EventBase):
    """Another force offers its case."""

    says: ClassVar[str] = "{offered} offered: {children} children, {adults} adults, {suspects} suspects; open: {stages}"
    type: Literal["transfer_offered.v1"] = "transfer_offered.v1"
    offered: CaseId
    requested_by: PersonId
    preview: TransferPreview
    offered_at: Instant

    @property
    def children(self) -> int:
        """How many victims are children."""
        return self.preview.children

    @property
    def adults(self) -> int:
        """How many victims are adults."""
        return self.preview.adults

    @property
    def suspects(self) -> int:
        """How many suspects there are."""
        return self.preview.suspects

    @property
    def stages(self) -> tuple[str, ...]:
        """The kinds of stage that are open, each with its number."""
        return tuple(f"{count.open} {count.kind.value}" for count in self.preview.stages if count.open)


class TransferAccepted(EventBase):
    """The receiver took the case over: from that moment it is the owner."""

    says: ClassVar[str] = "Transfer accepted: {owner} owns the case from then on, as {case}"
    type: Literal["transfer_accepted.v1"] = "transfer_accepted.v1"
    owner: Force
    case: CaseId
    accepted_at: Instant


class TransferRefused(EventBase):
    """The case stays where it is, as it was."""

    says: ClassVar[str] = "Transfer refused by {by}: {because}"
    type: Literal["transfer_refused.v1"] = "transfer_refused.v1"
    by: Force
    because: Text


class CaseTakenOver(EventBase):
    """The whole case is here: what the sender knew of it after its record `up_to`. `state` as in `StageContinued`."""

    says: ClassVar[str] = "Taken over from {continues}, after its record {up_to}: {subjects} people, {stages} stages"
    type: Literal["case_taken_over.v1"] = "case_taken_over.v1"
    continues: CaseId
    up_to: int
    state: dict[str, JsonValue]

    @property
    def subjects(self) -> int:
        """How many people the matter is about."""
        return _count(self.state.get("subjects"))

    @property
    def stages(self) -> int:
        """How many stages it has had."""
        return _count(self.state.get("stages"))


def _count(value: JsonValue) -> int:
    return len(value) if isinstance(value, list) else 0


class NewsPassedOn(EventBase):
    """A stage told the former owner something after the transfer, and the present owner was told."""

    says: ClassVar[str] = "Told after the transfer by {stage}, passed on to {to}: {news}"
    type: Literal["news_passed_on.v1"] = "news_passed_on.v1"
    stage: StreamId
    to: CaseId
    news: str


TransferCommand = RequestTransfer | OfferTransfer | AcceptTransfer | RefuseTransfer | TakeOverCase | PassOn
TransferEvent = TransferRequested | TransferOffered | TransferAccepted | TransferRefused | CaseTakenOver | NewsPassedOn
