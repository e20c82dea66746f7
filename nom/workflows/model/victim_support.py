"""Referring victims to support (Victims' Code, VC4): in two working days from the report, each victim of an allegation.

It stands in the referral, because the report is what the time counts from and because a victim has the right whether or
not there is ever an investigation. The time runs on after the referral was routed. A victim who was told and wants no
referral has been served: the code gives a right, not a duty to accept (ours).
"""

from nom.contracts.clocks import Clock
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.victim_support import (
    RecordSupportDeclined,
    ReferToSupport,
    SupportCommand,
    SupportDeclined,
    VictimReferredToSupport,
)
from nom.workflows.model.late_entry import meet_or_mend
from nom.workflows.model.referral_record import Thinking

SUPPORT = "VC4"
"""The rule that runs on after the referral was routed."""
AFTER_ROUTING = (ReferToSupport, RecordSupportDeclined)


def await_support(d: Thinking, victims: tuple[str, ...]) -> None:
    """The time begins for each victim of the report."""
    for victim in dict.fromkeys(victims):
        clock_id = d.next_clock_id(SUPPORT, first_bare=True)
        d.start_clock(SUPPORT, "report to police", clock_id=clock_id, about=victim)


def offer_support(d: Thinking, command: SupportCommand) -> Refusal | None:
    """A victim was referred, or wants no referral. A victim may be referred to more than one service."""
    known = {subject.id for subject in d.state.subjects if subject.is_victim}
    if command.victim not in known.union(item.victim for item in d.state.allegations):
        words = f"{command.victim} is not a victim of this referral"
        return refuse("unknown_subject", words, unmet("unknown_subject", words, command.victim))
    if d.state.received_at is not None and d.at < d.state.received_at:
        return refuse("before_receipt", "nobody can have been referred to support before the report")
    if isinstance(command, ReferToSupport):
        d.record(VictimReferredToSupport(victim=command.victim, service=command.service))
    else:
        d.record(SupportDeclined(victim=command.victim))
    clock = _clock(d, command.victim)
    if clock is not None:
        meet_or_mend(d, clock)
    return None


def _clock(d: Thinking, victim: str) -> Clock | None:
    return next((clock for clock in d.state.clocks if clock.rule == SUPPORT and clock.about == victim), None)
