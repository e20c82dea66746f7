"""Telling the designated officer of somebody who works with children: when the time begins, and what meets it.

The time counts from when it was known that the suspect works with children, not from when the meeting began.
"""

from datetime import datetime

from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.position_of_trust import (
    LadoNotified,
    NotifyLado,
    PositionOfTrustRecorded,
    RecordPositionOfTrust,
    TrustCommand,
)
from nom.workflows.model.strategy_meeting_record import Thinking

_MAY_BE_SUSPECTED = ("suspect-", "person-")


def record_position(d: Thinking, command: RecordPositionOfTrust) -> Refusal | None:
    """It is known that a suspect works with children."""
    refusal = _unsuitable(d, command)
    if refusal is not None:
        return refusal
    if command.suspect in d.state.in_trust:
        return refuse("already_recorded", f"it is on record that {command.suspect} works with children")
    _begin(d, command, command.aware_at or d.at)
    return None


def notify_lado(d: Thinking, command: NotifyLado) -> Refusal | None:
    """The designated officer was told. Where nobody had recorded since when it was known, this does."""
    refusal = _unsuitable(d, command)
    if refusal is not None:
        return refusal
    if command.suspect in d.state.lado_notified:
        return refuse("already_notified", f"the designated officer was told of {command.suspect} already")
    if command.suspect not in d.state.in_trust:
        _begin(d, command, command.aware_at or d.at)
    d.record(LadoNotified(suspect=command.suspect, notified_at=d.at))
    for clock in d.open_clocks("LA1"):
        if clock.about == command.suspect:
            d.meet_clock(clock.id)
    return None


def _begin(d: Thinking, command: TrustCommand, aware_at: datetime) -> None:
    d.record(PositionOfTrustRecorded(suspect=command.suspect, aware_at=aware_at))
    clock_id = d.next_clock_id("LA1", first_bare=True)
    d.start_clock("LA1", "awareness", start=aware_at, clock_id=clock_id, about=command.suspect)


def _unsuitable(d: Thinking, command: TrustCommand) -> Refusal | None:
    if not command.suspect.startswith(_MAY_BE_SUSPECTED):
        words = f"{command.suspect} is not a reference to somebody who may be suspected"
        return refuse("not_a_suspect", words, unmet("not_a_suspect", words, command.suspect))
    if command.aware_at is not None and command.aware_at > d.at:
        return refuse("aware_later", "what was known later can't have been acted on now")
    return None
