"""Rules for what an investigation finds out: lines of inquiry, victims' accounts, suspects and their interviews."""

from typing import assert_never

from nom.contracts.case import LinkSubject
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.ids import ProcessKind, SubjectId, stream_of
from nom.contracts.inquiry import (
    AccountCommand,
    CloseLineOfInquiry,
    InterviewSuspect,
    LineOfInquiryClosed,
    LineOfInquiryOpened,
    NameSuspect,
    OpenLineOfInquiry,
    RecordAccountDeclined,
    RecordAccountNotSought,
    RecordNotInterviewed,
    SuspectInterviewed,
    SuspectNamed,
    SuspectNotInterviewed,
    TakeVictimAccount,
    VictimAccountDeclined,
    VictimAccountNotSought,
    VictimAccountTaken,
)
from nom.workflows.model.investigation_record import Thinking
from nom.workflows.model.victim_notices import start_notice_clock


def open_lines(d: Thinking, command: OpenLineOfInquiry) -> Refusal | None:
    """Follow lines of inquiry; none of them may be open already."""
    lines = tuple(dict.fromkeys(command.lines))
    running = [
        unmet("line_open", f"the line of inquiry {line} is open", line)
        for line in lines
        if line in d.state.open_lines()
    ]
    if running:
        return refuse("line_already_open", "a line of inquiry is followed already", *running)
    d.record(*(LineOfInquiryOpened(line=line) for line in lines))
    return None


def close_lines(d: Thinking, command: CloseLineOfInquiry) -> Refusal | None:
    """Close lines of inquiry that are open."""
    lines = tuple(dict.fromkeys(command.lines))
    strangers = [
        unmet("no_such_line", f"there is no open line of inquiry {line}", line)
        for line in lines
        if line not in d.state.open_lines()
    ]
    if strangers:
        return refuse("no_such_line", "a line of inquiry is not open", *strangers)
    d.record(
        *(
            LineOfInquiryClosed(line=line, result=command.result, could_not_be_pursued=command.could_not_be_pursued)
            for line in lines
        )
    )
    return None


def record_account(d: Thinking, command: AccountCommand) -> Refusal | None:
    """A known victim's account was taken, declined or not sought. It may be taken more than once."""
    if command.victim not in d.state.victims():
        return _stranger(command.victim, "a victim")
    match command:
        case TakeVictimAccount():
            d.record(VictimAccountTaken(victim=command.victim))
        case RecordAccountDeclined():
            d.record(VictimAccountDeclined(victim=command.victim))
        case RecordAccountNotSought():
            d.record(VictimAccountNotSought(victim=command.victim))
        case _:
            assert_never(command)
    return None


def name_suspect(d: Thinking, command: NameSuspect) -> Refusal | None:
    """Somebody becomes a suspect, and the case learns of it: it can't close without an outcome for everybody."""
    subject = command.subject
    if not subject.is_suspect:
        return refuse("not_a_suspect", f"{subject.id} is not a reference to a suspect")
    if subject.id in d.state.known_people():
        return refuse("already_named", f"{subject.id} is a suspect already")
    d.record(SuspectNamed(subject=subject))
    case = stream_of(d.state.case, ProcessKind.CASE)
    d.hand_off(case, LinkSubject(subject=subject), reason=d.request.reason or "named as a suspect in the investigation")
    return None


def record_interview(d: Thinking, command: InterviewSuspect | RecordNotInterviewed) -> Refusal | None:
    """A suspect was interviewed, or is not for a reason. Of an interview outside detention the victims are told."""
    if command.suspect not in d.state.suspects():
        return _stranger(command.suspect, "a suspect")
    if isinstance(command, RecordNotInterviewed):
        d.record(SuspectNotInterviewed(suspect=command.suspect))
        return None
    d.record(SuspectInterviewed(suspect=command.suspect, setting=command.setting))
    if command.setting == "voluntary":
        start_notice_clock(d, "interview", d.at)
    return None


def _stranger(subject: SubjectId, what: str) -> Refusal:
    words = f"{subject} is not {what} of this matter"
    return refuse("unknown_subject", words, unmet("unknown_subject", words, subject))
