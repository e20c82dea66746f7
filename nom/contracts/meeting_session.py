"""What happens at the table of a strategy meeting: attendance, sharing, views, the decision under section 47.

Part of process 4. Each recorded attendance is a session, `meeting-1`, `meeting-2`. Never holds minutes.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from nom.contracts.actors import Agency, Rank, Role
from nom.contracts.base import Contract, Instant, Slug, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import PersonId, SubjectId
from nom.contracts.local_time import london_words
from nom.contracts.policy.rules import MeetingKind

Presence = Literal["in_person", "remote", "deputy", "apologies"]
Marking = Literal["OFFICIAL", "OFFICIAL-SENSITIVE"]
"""Nothing above it belongs here: covert material is kept out."""

Section47Outcome = Literal["joint", "single_agency", "none"]

MeetingId = Annotated[str, StringConstraints(pattern=r"^meeting-[0-9]{1,4}$")]
"""One session of the meeting, by its number: what a conference is anchored on."""

Agencies = Annotated[tuple[Agency, ...], Field(min_length=1)]


class Attendance(Contract):
    """Who sat for an agency, and how. A deputy counts towards the quorum; apologies do not."""

    agency: Agency
    how: Presence = "in_person"
    role: Role | None = None
    person: PersonId | None = None

    @property
    def counts(self) -> bool:
        """Whether the agency was there."""
        return self.how != "apologies"

    def in_words(self) -> str:
        """`health (deputy)`."""
        return f"{self.agency.value} ({self.how})"


class AgencyView(Contract):
    """What an agency thinks of a question. Who dissents says why."""

    agency: Agency
    view: Literal["agree", "dissent"]
    reason: Text | None = None

    def in_words(self) -> str:
        """`health dissents: …`."""
        return f"{self.agency.value} {self.view}s" + (f": {self.reason}" if self.reason else "")


class QuestionPut(Contract):
    """A question before the meeting, since when, and the agencies' views of it."""

    question: Text
    put_at: Instant
    views: tuple[AgencyView, ...]


class Convene(CommandBase):
    """Call the meeting. `referrer` is the agency that referred: a complex-abuse meeting needs it at the table. `on` is
    the day for which it is called, where that is known.
    """

    type: Literal["Convene"] = "Convene"
    kind: MeetingKind
    invited: Agencies
    referrer: Agency | None = None
    on: date | None = None


class RecordAttendance(CommandBase):
    """A session was held, at the moment at which the command says that it happened; these agencies attended or sent
    apologies.
    """

    type: Literal["RecordAttendance"] = "RecordAttendance"
    present: tuple[Attendance, ...] = Field(min_length=1)


class ShareInformation(CommandBase):
    """An agency shares something with others."""

    type: Literal["ShareInformation"] = "ShareInformation"
    agency: Agency
    item: Text
    marking: Marking
    to: Agencies


class RefuseToShare(CommandBase):
    """An agency keeps something from others. The one ground is the statutory test (Children Act 2004 s16LA)."""

    decides: ClassVar[bool] = True
    type: Literal["RefuseToShare"] = "RefuseToShare"
    agency: Agency
    item: Text
    to: Agencies
    ground: Literal["more_detrimental_to_the_child"]


class Adjourn(CommandBase):
    """The session breaks off, and the chair gives the moment at which the meeting goes on."""

    type: Literal["Adjourn"] = "Adjourn"
    until: Instant


class RecordAgencyView(CommandBase):
    """Put a question, or answer one: an agency records its own view, the chair those of all."""

    type: Literal["RecordAgencyView"] = "RecordAgencyView"
    question: Text
    views: tuple[AgencyView, ...] = Field(min_length=1)


class DecideSection47(CommandBase):
    """Decide on enquiries under section 47 of the Children Act 1989, and with it every question put so far."""

    decides: ClassVar[bool] = True
    type: Literal["DecideSection47"] = "DecideSection47"
    outcome: Section47Outcome


class AgreeInterimSafety(CommandBase):
    """Agree what keeps the children safe until more is decided. No child named: all those of the matter."""

    type: Literal["AgreeInterimSafety"] = "AgreeInterimSafety"
    what: Text
    children: tuple[SubjectId, ...] = ()


class StrategyMeetingConvened(EventBase):
    """The meeting was called."""

    says: ClassVar[str] = "Strategy {kind} convened; invited: {invited}"
    type: Literal["strategy_meeting_convened.v1"] = "strategy_meeting_convened.v1"
    kind: MeetingKind
    invited: tuple[Agency, ...]
    referrer: Agency | None


class AttendanceRecorded(EventBase):
    """A session was held."""

    says: ClassVar[str] = "{meeting} held; attendance: {attendance}"
    type: Literal["attendance_recorded.v1"] = "attendance_recorded.v1"
    meeting: MeetingId
    kind: MeetingKind
    held_at: Instant
    present: tuple[Attendance, ...]

    @property
    def attendance(self) -> tuple[str, ...]:
        """Each agency and how it attended."""
        return tuple(item.in_words() for item in self.present)


class QuorumJudged(EventBase):
    """Which row of the quorum table of the policy pack was applied to a session, for what, and what it asks for."""

    says: ClassVar[str] = (
        "{meeting}, {judged_for}: row {row} of the quorum table {version} asks for {needed}; missing: {missing}"
    )
    type: Literal["quorum_judged.v1"] = "quorum_judged.v1"
    meeting: MeetingId
    judged_for: Literal["attendance", "section_47"]
    version: Slug
    row: Slug
    needed: tuple[Agency, ...]
    missing: tuple[Agency, ...]
    chair_rank: Rank | None


class QuorumFailed(EventBase):
    """The session lacks agencies without which it can't decide."""

    says: ClassVar[str] = "{meeting} has no quorum; missing: {missing}"
    type: Literal["quorum_failed.v1"] = "quorum_failed.v1"
    meeting: MeetingId
    missing: tuple[Agency, ...]


class InformationShared(EventBase):
    """An agency shared something with others."""

    says: ClassVar[str] = "{agency} shared with {to}: {item} ({marking})"
    type: Literal["information_shared.v1"] = "information_shared.v1"
    agency: Agency
    item: Text
    marking: Marking
    to: tuple[Agency, ...]


class SharingRefused(EventBase):
    """An agency kept something from others."""

    says: ClassVar[str] = "{agency} did not share with {to}: {item} ({ground})"
    type: Literal["sharing_refused.v1"] = "sharing_refused.v1"
    agency: Agency
    item: Text
    to: tuple[Agency, ...]
    ground: Literal["more_detrimental_to_the_child"]


class MeetingAdjourned(EventBase):
    """The session broke off."""

    says: ClassVar[str] = "{meeting} adjourned until {resumes}"
    type: Literal["meeting_adjourned.v1"] = "meeting_adjourned.v1"
    meeting: MeetingId
    adjourned_at: Instant
    until: Instant

    @property
    def resumes(self) -> str:
        """The moment in words."""
        return london_words(self.until)


class AgencyViewRecorded(EventBase):
    """Agencies said what they think of a question."""

    says: ClassVar[str] = "On '{question}': {spoken}"
    type: Literal["agency_view_recorded.v1"] = "agency_view_recorded.v1"
    question: Text
    put_at: Instant
    views: tuple[AgencyView, ...]

    @property
    def spoken(self) -> tuple[str, ...]:
        """Each view in words."""
        return tuple(view.in_words() for view in self.views)


class Section47Decided(EventBase):
    """A quorate session decided. `anchor` is the session from which the time for the conference runs from now on, None
    where no conference is due; `questions` are those decided here, with the views on them.
    """

    says: ClassVar[str] = "{meeting} decided on section 47 enquiries: {outcome}; conference anchored on {anchor}"
    type: Literal["section_47_decided.v1"] = "section_47_decided.v1"
    outcome: Section47Outcome
    meeting: MeetingId
    decided_at: Instant
    anchor: MeetingId | None
    questions: tuple[QuestionPut, ...]


class InterimSafetyAgreed(EventBase):
    """It was agreed what keeps the children safe for now."""

    says: ClassVar[str] = "Interim safety agreed for {children}: {what}"
    type: Literal["interim_safety_agreed.v1"] = "interim_safety_agreed.v1"
    what: Text
    children: tuple[SubjectId, ...]


SessionCommand = (
    Convene
    | RecordAttendance
    | ShareInformation
    | RefuseToShare
    | Adjourn
    | RecordAgencyView
    | DecideSection47
    | AgreeInterimSafety
)
SessionEvent = (
    StrategyMeetingConvened
    | AttendanceRecorded
    | QuorumJudged
    | QuorumFailed
    | InformationShared
    | SharingRefused
    | MeetingAdjourned
    | AgencyViewRecorded
    | Section47Decided
    | InterimSafetyAgreed
)
