"""What follows from a strategy meeting: its actions, and its record with every agency that sat."""

from datetime import datetime

from nom.contracts.errors import Refusal, refuse
from nom.contracts.meeting_follow_up import (
    AcknowledgeRecord,
    ActionAssigned,
    ActionCompleted,
    ActionEscalated,
    AssignAction,
    CompleteAction,
    EscalateAction,
    RecordAcknowledged,
    RecordDistributed,
)
from nom.workflows.model.deadlines import london_day
from nom.workflows.model.meeting_sessions import NOON, speaks_for_itself
from nom.workflows.model.strategy_meeting_record import Thinking


def assign_action(d: Thinking, command: AssignAction) -> Refusal | None:
    """An agency gets something to do by the end of a day."""
    if command.due < london_day(d.at):
        return refuse("due_before_assigned", f"an action can't be due on {command.due}, before it is assigned")
    number = len(d.state.actions) + 1
    d.record(
        ActionAssigned(
            number=number,
            agency=command.agency,
            what=command.what,
            due=command.due,
            owner=command.owner,
            assigned_at=d.at,
        )
    )
    d.start_clock(
        "SM2",
        f"action {number} assigned",
        given=datetime.combine(command.due, NOON),
        clock_id=f"sm2-{number}",
        about=f"action {number}",
    )
    return None


def complete_action(d: Thinking, command: CompleteAction) -> Refusal | None:
    """An action was done, whether or not it was escalated before."""
    refusal = _not_awaited(d, command.number, ("open", "escalated"))
    if refusal is None:
        d.record(ActionCompleted(number=command.number))
        d.meet_clock(f"sm2-{command.number}")
    return refusal


def escalate_action(d: Thinking, command: EscalateAction) -> Refusal | None:
    """An action goes to somebody above. Its day stays what it was: escalating is not doing."""
    refusal = _not_awaited(d, command.number, ("open",))
    if refusal is None:
        d.record(ActionEscalated(number=command.number))
    return refusal


def _not_awaited(d: Thinking, number: int, statuses: tuple[str, ...]) -> Refusal | None:
    action = d.state.action(number)
    if action is None:
        return refuse("no_such_action", f"the meeting has no action {number}")
    if action.status not in statuses:
        return refuse("action_settled", f"action {number} is {action.status} already")
    if d.at < action.assigned_at:
        return refuse("before_assigned", f"action {number} had not been assigned then")
    return None


def distribute_record(d: Thinking) -> Refusal | None:
    """The record of every session so far goes to whoever sat. What is decided later needs distributing again."""
    ready = [
        session
        for session in d.state.sessions
        if session.held_at <= d.at and not session.is_distributed and (session.decided_at or d.at) <= d.at
    ]
    if not ready:
        return refuse("nothing_to_distribute", "there is no record that has not been distributed")
    meetings = tuple(session.meeting for session in ready)
    to = tuple(dict.fromkeys(agency for session in ready for agency in session.agencies))
    d.record(RecordDistributed(meetings=meetings, to=to, distributed_at=d.at))
    for clock in d.open_clocks("WT5"):
        if clock.about in meetings:
            d.meet_clock(clock.id)
    return None


def acknowledge_record(d: Thinking, command: AcknowledgeRecord) -> Refusal | None:
    """An agency that sat has the record."""
    refusal = speaks_for_itself(d, command.agency)
    if refusal is not None:
        return refusal
    sat = [session for session in d.state.sessions if command.agency in session.agencies]
    if not sat:
        return refuse("not_attending", f"{command.agency.value} has not sat in a session")
    sent = [session for session in sat if session.distributed_at is not None and session.distributed_at <= d.at]
    if not sent:
        return refuse("record_not_distributed", f"no record had been distributed to {command.agency.value} by then")
    meetings = tuple(item.meeting for item in sent if command.agency in item.without_acknowledgement())
    if not meetings:
        return refuse("already_acknowledged", f"{command.agency.value} acknowledged the record already")
    d.record(RecordAcknowledged(agency=command.agency, meetings=meetings))
    return None
