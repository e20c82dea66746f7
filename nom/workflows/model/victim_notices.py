"""Telling victims what happens to a suspect (Victims' Code 2020, Right 6): what starts the time, and what meets it.

Ours: arrest, interview and release within one period of detention are one thing to be told, in time counted from the
release or bail. So an arrest, and an interview in detention, are on record and start no clock of their own.
"""

from datetime import datetime

from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.ids import ProcessKind, SubjectId, parse_stream
from nom.contracts.investigation import NotifiableEventRecorded
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.stages import NotifiableEvent, RecordNotifiableEvent
from nom.workflows.model.enhanced_rights import has_enhanced_rights
from nom.workflows.model.investigation_record import Notice, Thinking
from nom.workflows.model.late_entry import meet_or_mend

_STANDARD, _ENHANCED = "VC1", "VC1-enhanced"
_TOLD_WITH_WHAT_FOLLOWS = ("arrest",)


def record_notifiable_event(d: Thinking, command: RecordNotifiableEvent) -> None:
    """The case says what happened to a suspect. Nobody is refused here: it happened."""
    d.record(
        NotifiableEventRecorded(
            of=command.of, suspect=command.suspect, happened_at=command.happened_at, stage=command.stage
        )
    )
    in_detention = command.of == "interview" and parse_stream(command.stage).kind is ProcessKind.CUSTODY
    if command.of not in _TOLD_WITH_WHAT_FOLLOWS and not in_detention:
        start_notice_clock(d, command.of, command.happened_at)


def start_notice_clock(d: Thinking, of: NotifiableEvent, happened_at: datetime) -> None:
    """The time to tell begins: the shorter one where any victim has enhanced rights. A notice that was typed in before
    this became known here meets it at once.
    """
    victims = (subject for subject in d.state.subjects if subject.is_victim)
    enhanced = any(has_enhanced_rights(victim, d.facts.policy) for victim in victims)
    clock_id = f"vc1-{d.count_clocks(_STANDARD) + d.count_clocks(_ENHANCED) + 1}"
    d.start_clock(
        _ENHANCED if enhanced else _STANDARD,
        of.replace("_", " "),
        start=happened_at,
        clock_id=clock_id,
        about=of,
    )
    told = _all_told_at(d.state.notices, of, happened_at, d.state.victims())
    if told is not None:
        d.meet_clock(clock_id, told)


def notify_victim(d: Thinking, command: NotifyVictim) -> Refusal | None:
    """Victims were told. The time is kept once every known victim has been told since the event."""
    known = d.state.victims()
    strangers = [
        unmet("unknown_subject", f"{victim} is not a victim of this matter", victim)
        for victim in command.victims
        if victim not in known
    ]
    if strangers:
        return refuse("unknown_subject", "the notice names somebody who is not a victim here", *strangers)
    victims = command.victims or known
    d.record(VictimNotified(of=command.of, victims=victims, told_at=d.at))
    notices = (*d.state.notices, Notice(of=command.of, victims=victims, told_at=d.at))
    for clock in (clock for clock in d.state.clocks if clock.rule in (_STANDARD, _ENHANCED)):
        told = _all_told_at(notices, clock.about, clock.started_at, known)
        if told is not None:
            meet_or_mend(d, clock, told)
    return None


def _all_told_at(
    notices: tuple[Notice, ...], of: str | None, since: datetime, victims: tuple[SubjectId, ...]
) -> datetime | None:
    """When the last of the victims was told of it, None while one of them has not been, or nobody has."""
    first_told: dict[str, datetime] = {}
    fitting = [notice for notice in notices if notice.of == of and notice.told_at >= since]
    for notice in sorted(fitting, key=lambda notice: notice.told_at):
        for victim in notice.victims:
            first_told.setdefault(victim, notice.told_at)
    if not fitting or any(victim not in first_told for victim in victims):
        return None
    return max((first_told[victim] for victim in victims), default=fitting[0].told_at)
