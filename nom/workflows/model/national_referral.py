"""The National Referral Mechanism: who was referred to it, and what it decided (NR2, NR3). Decides nothing itself.

Its decisions come weeks after triage was decided, and are recorded here all the same: the clocks about them run on.
NR2 measures the Home Office's own target and NR3 says before which moment it should not decide. Neither is ever a
breach of the force; and what was decided too early was decided, so it is recorded with a flag and not refused.
A decision is recorded once on either grounds: one that is made again after a reconsideration is a note (ours).
"""

from nom.contracts.clocks import Clock, in_time
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.national_referral import NrmDecisionRecorded, RecordNrmDecision
from nom.contracts.triage import NrmReferralMade, ReferToNrm
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.triage_record import Thinking

NRM_CLOCKS = ("NR2", "NR3")
"""What runs on after triage was decided."""


def refer(d: Thinking, command: ReferToNrm) -> Refusal | None:
    """Refer somebody of the matter, once."""
    if command.subject not in d.state.known_people():
        return refuse("unknown_subject", f"{command.subject} is not a subject of this matter")
    if command.subject in d.state.referred_to_nrm:
        return refuse("already_referred", f"{command.subject} was referred already")
    d.record(NrmReferralMade(subject=command.subject))
    _start(d, "NR2", "referral to the National Referral Mechanism", command.subject)
    return None


def record_nrm_decision(d: Thinking, command: RecordNrmDecision) -> Refusal | None:
    """Record what was decided about somebody who had been referred by then."""
    held = d.state.nrm_decision(command.subject, command.grounds)
    if held is not None:
        return refuse("already_recorded", f"the decision on {command.grounds} grounds is on record")
    if command.subject not in d.state.referred_to_nrm:
        words = f"{command.subject} was not referred to the National Referral Mechanism"
        return refuse("not_referred", words, unmet("not_referred", words, command.subject))
    if command.grounds == "reasonable":
        return _reasonable(d, command)
    return _conclusive(d, command)


def _reasonable(d: Thinking, command: RecordNrmDecision) -> Refusal | None:
    target = _clock(d, "NR2", command.subject)
    referred_at = target.started_at if target else None
    early = tuple(contradictions(d.at, ("before_referral", f"{command.subject} was referred", referred_at)))
    if early:
        return refused_for(early, "nothing can have been decided before the referral")
    _record(d, command, too_early=False)
    if target is not None:
        d.meet_clock(target.id)
    if command.outcome == "positive":
        _start(d, "NR3", "reasonable-grounds decision", command.subject)
    return None


def _conclusive(d: Thinking, command: RecordNrmDecision) -> Refusal | None:
    reasonable = d.state.nrm_decision(command.subject, "reasonable")
    if reasonable is None or reasonable.outcome == "negative":
        words = f"no positive decision on reasonable grounds about {command.subject} is on record"
        return refuse("no_reasonable_grounds", words, unmet("no_reasonable_grounds", words, command.subject))
    first = ("before_reasonable_grounds", "reasonable grounds were decided", reasonable.decided_at)
    early = tuple(contradictions(d.at, first))
    if early:
        return refused_for(early, "conclusive grounds are decided after reasonable ones")
    earliest = _clock(d, "NR3", command.subject)
    too_early = earliest is not None and in_time(d.at, earliest.due_at, earliest.last_day)
    _record(d, command, too_early=too_early)
    if earliest is not None and too_early:
        d.stop_clock(earliest.id, "decided before the days of recovery were over")
    elif earliest is not None:
        d.meet_clock(earliest.id)
    return None


def _record(d: Thinking, command: RecordNrmDecision, *, too_early: bool) -> None:
    d.record(
        NrmDecisionRecorded(
            subject=command.subject,
            grounds=command.grounds,
            outcome=command.outcome,
            decided_at=d.at,
            too_early=too_early,
        )
    )


def _start(d: Thinking, rule: str, counted_from: str, subject: str) -> None:
    d.start_clock(rule, counted_from, clock_id=d.next_clock_id(rule), about=subject)


def _clock(d: Thinking, rule: str, subject: str) -> Clock | None:
    return next((clock for clock in d.state.clocks if clock.rule == rule and clock.about == subject), None)
