"""Charge: commands and events of process 8, one stream per file to the Crown Prosecution Service."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent, Opening
from nom.contracts.ids import SubjectId
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.subjects import Subject

FileKind = Literal["red", "green", "green_priority"]
"""Red: the suspect is in custody. Green: not. (Director's Guidance on Charging, sixth edition.)"""

ThresholdCondition = Literal[
    "reasonable_suspicion",
    "further_evidence",
    "seriousness",
    "objection_to_bail",
    "public_interest",
]
"""The five conditions of the Threshold Test (Code for Crown Prosecutors)."""


class Charge(Contract):
    """One offence of one suspect: what is tested, decided and charged. `offence` is a CJS offence code."""

    suspect: SubjectId
    offence: str

    def __str__(self) -> str:
        return f"{self.suspect}:{self.offence}"


class SuspectCharges(Contract):
    """The charges proposed against one suspect alone."""

    suspect: SubjectId
    offences: tuple[str, ...] = Field(min_length=1)


class ActionItem(Contract):
    """What the Crown Prosecution Service asks for, and the last day for it in Europe/London."""

    what: Text
    due: date


class NumberedItem(ActionItem):
    """An item with its number in the file; numbers go on from plan to plan."""

    number: int = Field(ge=1)


class Finding(Contract):
    """What was found on one condition of the Threshold Test."""

    condition: ThresholdCondition
    met: bool


class SeekEarlyAdvice(CommandBase):
    """Ask for advice before the file is ready. Opens the file's process."""

    opens: ClassVar[bool] = True
    type: Literal["SeekEarlyAdvice"] = "SeekEarlyAdvice"
    opening: Opening
    suspects: tuple[SubjectId, ...] = Field(min_length=1)


class SubmitFile(CommandBase):
    """Submit the file. Opens its process, unless early advice did. A bare offence code in `charges` is proposed
    against every suspect. The victims' ages decide how soon they must be told.
    """

    opens: ClassVar[bool] = True
    type: Literal["SubmitFile"] = "SubmitFile"
    opening: Opening
    file: FileKind
    suspects: tuple[SubjectId, ...] = Field(min_length=1)
    charges: tuple[str | SuspectCharges, ...] = Field(min_length=1)
    victims: tuple[Subject, ...] = Field(min_length=1)


class IssueActionPlan(CommandBase):
    """Say what is still needed before a decision, and by when."""

    type: Literal["IssueActionPlan"] = "IssueActionPlan"
    items: tuple[ActionItem, ...] = Field(min_length=1)


class CompleteActionItem(CommandBase):
    """An item of the action plan was done."""

    type: Literal["CompleteActionItem"] = "CompleteActionItem"
    item: int = Field(ge=1)


class Resubmit(CommandBase):
    """Submit the file again, with every item of the action plan done."""

    type: Literal["Resubmit"] = "Resubmit"


class _OnCharges(CommandBase):
    suspects: tuple[SubjectId, ...] = ()
    charges: tuple[str, ...] = ()


class ApplyThresholdTest(_OnCharges):
    """Apply the Threshold Test. `full_code_review` is the day, in Europe/London, on which the Full Code Test is due.
    Without suspects or charges: to all that are undecided.
    """

    type: Literal["ApplyThresholdTest"] = "ApplyThresholdTest"
    findings: tuple[Finding, ...]
    full_code_review: date


class ApplyFullCodeTest(_OnCharges):
    """Apply the Full Code Test: the evidential stage and, where that is met, the public interest. Without suspects or
    charges: to all that are undecided, and to those charged on the Threshold Test, whose review it is.
    """

    type: Literal["ApplyFullCodeTest"] = "ApplyFullCodeTest"
    evidential: Literal["met", "not_met"]
    public_interest: Literal["met", "not_met"] | None = None


class AuthoriseCharge(_OnCharges):
    """Authorise charging. Without suspects or charges: all whose test is met."""

    type: Literal["AuthoriseCharge"] = "AuthoriseCharge"


class DeclineProsecution(_OnCharges):
    """Decide not to prosecute. Without suspects or charges: all whose test is not met."""

    decides: ClassVar[bool] = True
    type: Literal["DeclineProsecution"] = "DeclineProsecution"


class RecordCharge(_OnCharges):
    """The suspects were charged under a unique reference number. Without suspects or charges: all authorised."""

    type: Literal["RecordCharge"] = "RecordCharge"
    urn: Text


class EarlyAdviceSought(EventBase):
    """Advice was sought before the file was ready."""

    says: ClassVar[str] = "Early advice sought on {suspects}"
    type: Literal["early_advice_sought.v1"] = "early_advice_sought.v1"
    suspects: tuple[SubjectId, ...]
    sought_at: Instant


class FileSubmitted(EventBase):
    """The file went to the Crown Prosecution Service. `warnings` tell the submitter of offences that fit no victim's
    age.
    """

    says: ClassVar[str] = "{file} file submitted: {charges}"
    type: Literal["file_submitted.v1"] = "file_submitted.v1"
    file: FileKind
    charges: tuple[Charge, ...]
    victims: tuple[Subject, ...]
    submitted_at: Instant
    warnings: tuple[Text, ...] = ()


class ActionPlanIssued(EventBase):
    """An action plan was issued."""

    says: ClassVar[str] = "Action plan issued: items {numbers}"
    type: Literal["action_plan_issued.v1"] = "action_plan_issued.v1"
    items: tuple[NumberedItem, ...]
    issued_at: Instant

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its items."""
        return tuple(item.number for item in self.items)


class ActionItemCompleted(EventBase):
    """An item of the action plan was done."""

    says: ClassVar[str] = "Action item {item} completed"
    type: Literal["action_item_completed.v1"] = "action_item_completed.v1"
    item: int
    completed_at: Instant


class FileResubmitted(EventBase):
    """The file went to the Crown Prosecution Service again."""

    says: ClassVar[str] = "File resubmitted"
    type: Literal["file_resubmitted.v1"] = "file_resubmitted.v1"
    resubmitted_at: Instant


class ThresholdTestApplied(EventBase):
    """The Threshold Test was applied: met where every finding is."""

    says: ClassVar[str] = "Threshold Test met: {met}; Full Code review on {full_code_review}; {charges}"
    type: Literal["threshold_test_applied.v1"] = "threshold_test_applied.v1"
    charges: tuple[Charge, ...]
    findings: tuple[Finding, ...]
    met: bool
    full_code_review: date
    applied_at: Instant


class FullCodeTestApplied(EventBase):
    """The Full Code Test was applied: met where both stages are."""

    says: ClassVar[str] = "Full Code Test: evidential {evidential}, public interest {public_interest}; {charges}"
    type: Literal["full_code_test_applied.v1"] = "full_code_test_applied.v1"
    charges: tuple[Charge, ...]
    evidential: Literal["met", "not_met"]
    public_interest: Literal["met", "not_met"] | None
    met: bool
    applied_at: Instant


class ChargeAuthorised(EventBase):
    """Charging was authorised."""

    says: ClassVar[str] = "Charge authorised: {charges}"
    type: Literal["charge_authorised.v1"] = "charge_authorised.v1"
    charges: tuple[Charge, ...]
    authorised_at: Instant


class ProsecutionDeclined(EventBase):
    """It was decided not to prosecute. The reason stands in the record's envelope."""

    says: ClassVar[str] = "Prosecution declined: {charges}"
    type: Literal["prosecution_declined.v1"] = "prosecution_declined.v1"
    charges: tuple[Charge, ...]
    declined_at: Instant


class SuspectCharged(EventBase):
    """Suspects were charged."""

    says: ClassVar[str] = "Charged under {urn}: {charges}"
    type: Literal["suspect_charged.v1"] = "suspect_charged.v1"
    urn: Text
    charges: tuple[Charge, ...]
    charged_at: Instant


OnCharges = ApplyThresholdTest | ApplyFullCodeTest | AuthoriseCharge | DeclineProsecution | RecordCharge
ChargeOwnCommand = (
    SeekEarlyAdvice | SubmitFile | IssueActionPlan | CompleteActionItem | Resubmit | OnCharges | NotifyVictim
)
ChargeOwnEvent = (
    EarlyAdviceSought
    | FileSubmitted
    | ActionPlanIssued
    | ActionItemCompleted
    | FileResubmitted
    | ThresholdTestApplied
    | FullCodeTestApplied
    | ChargeAuthorised
    | ProsecutionDeclined
    | SuspectCharged
    | VictimNotified
)
ChargeCommand = Annotated[ChargeOwnCommand | CommonCommand, Field(discriminator="type")]
ChargeEvent = Annotated[ChargeOwnEvent | CommonEvent, Field(discriminator="type")]
ChargeRequest = CommandEnvelope[ChargeCommand]
