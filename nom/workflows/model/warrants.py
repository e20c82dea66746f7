"""Rules of the court's part in detention: a warrant of further detention, its extensions, and refusals (PACE ss43-44).

The hours of each run from its own issue, each within the hours of the rule and all within 96 hours that count from the
relevant time. A refusal leaves the authority in force as it is: by its end the suspect is charged or released. The six
hours that s43(5)(b) gives where no court sits are not part of this model.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, assert_never

from nom.contracts.errors import Refusal, Unmet, unmet
from nom.contracts.local_time import london_words
from nom.contracts.policy.rules import RankRule
from nom.contracts.warrants import (
    ApplyForWarrant,
    GrantWarrant,
    RefuseWarrant,
    WarrantAppliedFor,
    WarrantCommand,
    WarrantEvent,
    WarrantGranted,
    WarrantRefused,
)
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.custody_state import CustodyState, Thinking, lacking_rank, not_indictable, outside_detention
from nom.workflows.model.detention import record_unlawful, settle, supersede, too_late, too_late_alone
from nom.workflows.model.detention_time import (
    authorised_end,
    counted,
    counting_start,
    hours_of,
    left_of_limits,
    start_detention_clock,
)

_CAP = "PC3-cap"


def answer(d: Thinking, command: WarrantCommand) -> Refusal | None:
    """Answer a command about the court."""
    match command:
        case ApplyForWarrant():
            return _apply(d, command)
        case GrantWarrant():
            return _grant(d, command)
        case RefuseWarrant():
            return _refuse(d, command)
        case _:
            assert_never(command)


def _apply(d: Thinking, command: ApplyForWarrant) -> Refusal | None:
    """Ask the court, while there is authority to detain. After it, detention without authority is recorded instead."""
    missing = (*outside_detention(d), *_not_open_to_application(d, command), *too_late(d), *not_indictable(d))
    if too_late_alone(missing) and record_unlawful(d, d.at):
        return None
    if missing:
        return refused_for(missing, "no warrant can be applied for")
    number = d.state.applications + 1
    d.record(WarrantAppliedFor(number=number, new_evidence=command.new_evidence, applied_at=d.at))
    return None


def _grant(d: Thinking, command: GrantWarrant) -> Refusal | None:
    """The court issued the warrant or extended it: its hours run from now, in place of the limit in force."""
    step = _step(d)
    missing = (*lacking_rank(d, step, command.court), *_not_heard(d), *too_late(d), *_wrong_hours(d, command, step))
    if too_late_alone(missing) and record_unlawful(d, d.at):
        return None
    if missing:
        return refused_for(missing, "no warrant can have been issued like that")
    number = len(d.state.warrants) + 1
    d.record(WarrantGranted(number=number, hours=command.hours, court=command.court, issued_at=d.at))
    supersede(d, "superseded by the warrant")
    clock_id = f"{step.clock.lower()}-{number}"
    start_detention_clock(d, step.clock, f"issue of warrant {number}", clock_id, hours=command.hours)
    settle(d, clock_id, f"a warrant issued on {london_words(d.at)} was entered later")
    return None


def _refuse(d: Thinking, command: RefuseWarrant) -> Refusal | None:
    """The court refused: nothing but the authority in force remains."""
    missing = (*lacking_rank(d, _step(d), command.court), *_not_heard(d))
    if missing:
        return refused_for(missing, "no application can have been refused then")
    d.record(WarrantRefused(court=command.court, charge_or_release_by=authorised_end(d), refused_at=d.at))
    record_unlawful(d, d.at)
    return None


def changed(state: CustodyState, event: WarrantEvent) -> dict[str, Any]:
    """What an event about the court changes."""
    match event:
        case WarrantAppliedFor():
            return {"applications": event.number, "applied_at": event.applied_at}
        case WarrantGranted():
            return {"applied_at": None, "warrants": (*state.warrants, event.issued_at)}
        case WarrantRefused():
            return {"applied_at": None, "warrant_refused_at": event.refused_at}
        case _:
            assert_never(event)


def _step(d: Thinking) -> RankRule:
    return d.facts.policy.ranks_for("GrantWarrant")[0]


def _not_open_to_application(d: Thinking, command: ApplyForWarrant) -> Iterator[Unmet]:
    before = _step(d).after
    if before is not None and d.clock(before.lower()) is None:
        yield unmet("extension_first", "detention has not been extended by an officer", before)
    elif left_of_limits(d) >= timedelta() and _used(d) + left_of_limits(d) >= _cap(d):
        yield unmet("cap_reached", f"detention is authorised up to {_cap_words(d)} already", _CAP)
    if d.state.applied_at is not None:
        yield unmet("application_pending", f"the court was asked on {london_words(d.state.applied_at)}")
    if d.state.warrant_refused_at is not None and not command.new_evidence:
        refused = london_words(d.state.warrant_refused_at)
        yield unmet("refused_before", f"the court refused on {refused}: only new evidence lets it be asked again")
    yield from _before_the_court_was_known(d)


def _before_the_court_was_known(d: Thinking) -> Iterator[Unmet]:
    yield from contradictions(
        d.at,
        ("before_extension", "detention was extended", d.state.extended_at),
        ("before_warrant", "the court issued a warrant", max(d.state.warrants, default=None)),
        ("before_refusal", "the court refused a warrant", d.state.warrant_refused_at),
    )


def _not_heard(d: Thinking) -> Iterator[Unmet]:
    """Why the court can't have decided: nothing was asked by then, or detention was over."""
    yield from outside_detention(d)
    if d.state.applied_at is None:
        who = d.facts.policy.roles_for("ApplyForWarrant")
        yield unmet("no_application", "no application awaits the court", None, who)
    yield from contradictions(d.at, ("before_application", "the court was asked", d.state.applied_at))


def _wrong_hours(d: Thinking, command: GrantWarrant, step: RankRule) -> Iterator[Unmet]:
    most = d.facts.policy.clock(step.clock).value
    if command.hours > most:
        yield unmet("too_many_hours", f"a warrant gives {most} hours at most", step.clock)
    if d.state.relevant_time is None or d.state.applied_at is None or d.at < d.state.applied_at:
        return
    given = timedelta(hours=command.hours)
    if _used(d) + given > _cap(d):
        yield unmet("beyond_cap", f"{command.hours} hours from the issue end after {_cap_words(d)}", _CAP)
    if given < left_of_limits(d):
        yield unmet("adds_nothing", f"the authority in force lasts longer than {command.hours} hours from the issue")


def _used(d: Thinking) -> timedelta:
    """How much time that counts had passed since the relevant time."""
    relevant = d.state.relevant_time or d.at
    return counted(d.state.stays, counting_start(relevant, d.state.detained_before), d.at)


def _cap(d: Thinking) -> timedelta:
    return timedelta(hours=hours_of(d, _CAP))


def _cap_words(d: Thinking) -> str:
    return f"{hours_of(d, _CAP)} hours that count from the relevant time"
