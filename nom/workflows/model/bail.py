"""Rules of release: pre-charge bail and its extensions, release under investigation, the end of custody.

Every period of bail is counted from the bail start date, the day after the arrest, and never from the extension.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, assert_never

from nom.contracts.bail_regime import BailAuthorityRecorded
from nom.contracts.clocks import Clock, in_time
from nom.contracts.custody import (
    Bail,
    BailExtended,
    BailGranted,
    CustodyEnd,
    CustodyEnded,
    EndCustody,
    ExtendBail,
    SuspectReleasedUnderInvestigation,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.policy.rules import RankRule
from nom.contracts.stages import RecordStageOutcome, RecordSuspectOutcome
from nom.workflows.model.bail_regime import bail_clock, follows, start_period, unconfirmed
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.custody_state import (
    CustodyState,
    Thinking,
    lacking_rank,
    period_rule,
    regime_of,
    suspect_of,
    tell_case_of,
)
from nom.workflows.model.detention import leave, record_unlawful

ReleaseEvent = BailGranted | BailExtended | SuspectReleasedUnderInvestigation | CustodyEnded


def grant_bail(d: Thinking, command: Bail) -> Refusal | None:
    """Release on bail: detention ends, the first period of the regime begins."""
    if d.state.standing != "detained":
        return refuse("not_detained", f"bail is granted out of detention; the suspect is {d.state.standing}")
    step = d.facts.policy.ranks_for(command.type, regime_of(d))[0]
    missing = (*lacking_rank(d, step), *_before_what_is_known(d))
    if missing:
        return refused_for(missing, "bail can't be granted")
    d.record(BailGranted(suspect=suspect_of(d.state), conditions=command.conditions, released_at=d.at))
    record_unlawful(d, d.at)
    leave(d, "released on bail")
    start_period(d, step.clock, step.clock.lower())
    tell_case_of(d, "bail")
    return None


def extend_bail(d: Thinking, command: ExtendBail) -> Refusal | None:
    """Extend bail to a period of the regime: by the rank for it, before the end, one after another."""
    running = bail_clock(d)
    if running is None:
        return refuse("not_on_bail", f"the suspect is not on bail but {d.state.standing}")
    step = period_rule(d, command.type, command.to_months)
    if step is None:
        words = f"no bail of {command.to_months} months in this regime"
        return refuse("no_such_period", words, unmet("no_such_period", words))
    missing = bail_extension_gate(d, command, step, running)
    if missing:
        return refused_for(missing, "bail can't be extended")
    if step.court or step.confirms:
        rests = BailAuthorityRecorded(authorised_by=step.clock, court=command.court, confirmed=step.confirms)
        d.record(rests)
    d.record(BailExtended(months=command.to_months, authorised_by=step.clock, extended_at=d.at))
    d.stop_clock(running.id, "superseded by the extension")
    rule = d.facts.policy.clock(step.clock)
    start_period(d, step.clock, f"{rule.name.lower()}-{rule.value}")
    tell_case_of(d, "bail_change")
    return None


def bail_extension_gate(d: Thinking, command: ExtendBail, step: RankRule, running: Clock) -> tuple[Unmet, ...]:
    """What an extension of bail lacks: rank or court, what must be confirmed, the time, the period before it."""
    return (
        *lacking_rank(d, step, command.court),
        *unconfirmed(step, command.confirms),
        *_untimely(d, step, running),
        *_before_what_is_known(d),
    )


def _untimely(d: Thinking, step: RankRule, running: Clock) -> Iterator[Unmet]:
    if not in_time(d.at, running.due_at, running.last_day):
        yield unmet("bail_expired", f"bail ended with {running.last_day}", running.rule)
    if not follows(d, step, running):
        words = f"{step.title} does not follow what is in force: {running.rule}"
        yield unmet("bail_out_of_order", words, running.rule)


def release_under_investigation(d: Thinking) -> Refusal | None:
    """Release without bail, out of detention or off bail."""
    if d.state.standing not in ("detained", "on_bail"):
        return refuse("not_detained", f"the suspect is neither detained nor on bail but {d.state.standing}")
    missing = tuple(_before_what_is_known(d))
    if missing:
        return refused_for(missing, "the suspect can't have been released then")
    d.record(SuspectReleasedUnderInvestigation(suspect=suspect_of(d.state), released_at=d.at))
    if d.state.left_at is None:
        record_unlawful(d, d.at)
    _let_out(d, "released under investigation")
    tell_case_of(d, "released_under_investigation")
    return None


def end_custody(d: Thinking, command: EndCustody) -> Refusal | None:
    """Custody is over. The victim is told of a release here, and of a charge by the charging process."""
    missing = tuple(_before_what_is_known(d))
    if missing:
        return refused_for(missing, "custody can't have ended then")
    if d.state.left_at is None:
        record_unlawful(d, d.at)
    _end(d, command.how)
    return None


def take_outcome(d: Thinking, command: RecordSuspectOutcome) -> Refusal | None:
    """The case tells what became of the suspect: bail and custody end with it. Whoever was not let out before was in
    detention until then.
    """
    if command.suspect != d.state.suspect:
        return refuse("another_suspect", f"this custody is not of {command.suspect}")
    if d.state.left_at is None:
        record_unlawful(d, d.at)
    _end(d, command.outcome)
    return None


def changed(state: CustodyState, event: ReleaseEvent) -> dict[str, Any]:
    """What an event of release changes."""
    match event:
        case BailGranted():
            return {"standing": "on_bail", "left_at": event.released_at}
        case SuspectReleasedUnderInvestigation():
            return {"standing": "under_investigation", "left_at": state.left_at or event.released_at}
        case CustodyEnded():
            return {"left_at": state.left_at or event.ended_at}
        case BailExtended():
            return {}
        case _:
            assert_never(event)


def _end(d: Thinking, how: CustodyEnd) -> None:
    d.record(CustodyEnded(suspect=suspect_of(d.state), how=how, ended_at=d.at))
    _let_out(d, f"custody ended: {how.replace('_', ' ')}")
    if how in ("released", "refused_charge"):
        tell_case_of(d, "release" if d.state.left_at is None else "bail_change")
    outcome = RecordStageOutcome(stage=d.state.stream, outcome=how)
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), outcome)
    d.end(how)


def _let_out(d: Thinking, because: str) -> None:
    if d.state.left_at is None:
        leave(d, because)
    running = bail_clock(d)
    if running is not None:
        d.stop_clock(running.id, because)


def _before_what_is_known(d: Thinking) -> tuple[Unmet, ...]:
    last_review = max(d.state.reviews, default=None)
    return tuple(
        contradictions(
            d.at,
            ("before_arrest", "the suspect was arrested", d.state.arrested_at),
            ("before_detention", "detention was authorised", d.state.authorised_at),
            ("before_review", "detention was reviewed", last_review),
            ("before_extension", "detention was extended", d.state.extended_at),
            ("before_warrant", "the court issued a warrant", max(d.state.warrants, default=None)),
            ("before_refusal", "the court refused a warrant", d.state.warrant_refused_at),
            ("before_return", "the suspect left for hospital or was back", _last_known_of_hospital(d)),
            ("before_release", "the suspect was let out", d.state.left_at),
        )
    )


def _last_known_of_hospital(d: Thinking) -> datetime | None:
    return max((stay.returned_at or stay.left_at for stay in d.state.stays), default=None)
