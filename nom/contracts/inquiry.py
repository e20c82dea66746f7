"""What an investigation finds out and from whom: lines of inquiry, victims' accounts, suspects and their interviews.

Part of process 6. Says that an account or interview took place, or why not; never what was said.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from nom.contracts.base import Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import SubjectId
from nom.contracts.subjects import Subject

LINE_NAME_LENGTH = 120
LineName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LINE_NAME_LENGTH)]
"""What a line of inquiry is called, `hotel register`: unique among the open lines of an investigation."""

InterviewSetting = Literal["detention", "voluntary"]
"""Whether the suspect was interviewed while detained. Victims are told of a detention as a whole, at its end."""


class OpenLineOfInquiry(CommandBase):
    """Follow one or more lines of inquiry. A closed line may be opened again."""

    type: Literal["OpenLineOfInquiry"] = "OpenLineOfInquiry"
    lines: tuple[LineName, ...] = Field(min_length=1)


class CloseLineOfInquiry(CommandBase):
    """Close lines of inquiry with what came of them, or why they could not be pursued."""

    type: Literal["CloseLineOfInquiry"] = "CloseLineOfInquiry"
    lines: tuple[LineName, ...] = Field(min_length=1)
    result: Text
    could_not_be_pursued: bool = False


class TakeVictimAccount(CommandBase):
    """A victim gave an account."""

    type: Literal["TakeVictimAccount"] = "TakeVictimAccount"
    victim: SubjectId


class RecordAccountDeclined(CommandBase):
    """A victim was asked and declined to give an account."""

    type: Literal["RecordAccountDeclined"] = "RecordAccountDeclined"
    victim: SubjectId


class RecordAccountNotSought(CommandBase):
    """A victim is not asked for an account, for a reason."""

    decides: ClassVar[bool] = True
    type: Literal["RecordAccountNotSought"] = "RecordAccountNotSought"
    victim: SubjectId


class NameSuspect(CommandBase):
    """Somebody is a suspect from now on."""

    type: Literal["NameSuspect"] = "NameSuspect"
    subject: Subject


class InterviewSuspect(CommandBase):
    """A suspect was interviewed under caution."""

    type: Literal["InterviewSuspect"] = "InterviewSuspect"
    suspect: SubjectId
    setting: InterviewSetting


class RecordNotInterviewed(CommandBase):
    """A suspect is not interviewed, for a reason."""

    decides: ClassVar[bool] = True
    type: Literal["RecordNotInterviewed"] = "RecordNotInterviewed"
    suspect: SubjectId


class LineOfInquiryOpened(EventBase):
    """A line of inquiry is followed."""

    says: ClassVar[str] = "Line of inquiry opened: {line}"
    type: Literal["line_of_inquiry_opened.v1"] = "line_of_inquiry_opened.v1"
    line: LineName


class LineOfInquiryClosed(EventBase):
    """A line of inquiry came to its result, or could not be pursued."""

    says: ClassVar[str] = "Line of inquiry closed: {line} ({result}; pursued: {pursued})"
    type: Literal["line_of_inquiry_closed.v1"] = "line_of_inquiry_closed.v1"
    line: LineName
    result: Text
    could_not_be_pursued: bool

    @property
    def pursued(self) -> bool:
        """Whether it could be followed to a result."""
        return not self.could_not_be_pursued


class VictimAccountTaken(EventBase):
    """A victim gave an account."""

    says: ClassVar[str] = "Account taken from {victim}"
    type: Literal["victim_account_taken.v1"] = "victim_account_taken.v1"
    victim: SubjectId


class VictimAccountDeclined(EventBase):
    """A victim declined to give an account."""

    says: ClassVar[str] = "{victim} declined to give an account"
    type: Literal["victim_account_declined.v1"] = "victim_account_declined.v1"
    victim: SubjectId


class VictimAccountNotSought(EventBase):
    """A victim is not asked for an account; the reason is on the record."""

    says: ClassVar[str] = "No account sought from {victim}"
    type: Literal["victim_account_not_sought.v1"] = "victim_account_not_sought.v1"
    victim: SubjectId


class SuspectNamed(EventBase):
    """Somebody is a suspect from now on."""

    says: ClassVar[str] = "Suspect named: {who}"
    type: Literal["suspect_named.v1"] = "suspect_named.v1"
    subject: Subject

    @property
    def who(self) -> str:
        """The suspect's reference."""
        return self.subject.id


class SuspectInterviewed(EventBase):
    """A suspect was interviewed under caution."""

    says: ClassVar[str] = "{suspect} interviewed ({setting})"
    type: Literal["suspect_interviewed.v1"] = "suspect_interviewed.v1"
    suspect: SubjectId
    setting: InterviewSetting


class SuspectNotInterviewed(EventBase):
    """A suspect is not interviewed; the reason is on the record."""

    says: ClassVar[str] = "{suspect} not interviewed"
    type: Literal["suspect_not_interviewed.v1"] = "suspect_not_interviewed.v1"
    suspect: SubjectId


AccountCommand = TakeVictimAccount | RecordAccountDeclined | RecordAccountNotSought
SuspectCommand = NameSuspect | InterviewSuspect | RecordNotInterviewed
InquiryCommand = OpenLineOfInquiry | CloseLineOfInquiry | AccountCommand | SuspectCommand
AccountEvent = VictimAccountTaken | VictimAccountDeclined | VictimAccountNotSought
SuspectEvent = SuspectNamed | SuspectInterviewed | SuspectNotInterviewed
InquiryEvent = LineOfInquiryOpened | LineOfInquiryClosed | AccountEvent | SuspectEvent
