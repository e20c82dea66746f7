"""What people do, a room for each process: a move is a small function, and says after which events it is made.

To add a move for a new command: write the function in its process's room, and put it on the agenda from the reaction to
the event after which somebody would do it.
"""

from collections import defaultdict

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.moves import (
    case,
    charge,
    closed_case_review,
    closure,
    custody,
    designation,
    every_process,
    group_course,
    investigation,
    referral,
    strategy_meeting,
    transfer,
    triage,
)
from nom.contracts.events import EventBase

_ROOMS = (
    every_process,
    referral,
    case,
    transfer,
    triage,
    strategy_meeting,
    designation,
    group_course,
    investigation,
    custody,
    charge,
    closure,
    closed_case_review,
)


def _reactions() -> dict[type[EventBase], tuple[Reaction, ...]]:
    found: defaultdict[type[EventBase], tuple[Reaction, ...]] = defaultdict(tuple)
    for room in _ROOMS:
        for event, reaction in room.REACTIONS.items():
            found[event] = (*found[event], reaction)
    return dict(found)


REACTIONS = _reactions()
"""What follows from each event, in the order of the rooms."""


def make(m: Matter) -> None:
    """Make a case from its first act to the last before the order's end."""
    if m.plan.kind == "closed_case":
        m.at(m.now, closed_case_review.refer, office_hours=True)
    else:
        m.at(m.now, referral.receive)
    if m.leader is not None:
        m.later(designation.join, "joins_network")
    m.run(REACTIONS)
    if not transfer.hand_over_at_the_end(m):
        every_process.mark_up_to_date(m)
    m.office.news()
