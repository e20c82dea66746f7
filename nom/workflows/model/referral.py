"""Rules of the referral: acknowledged and decided in a working day, every allegation a crime or an N100."""

from collections.abc import Iterator
from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.crime import RecordCrime, RecordN100
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.every_process import AcknowledgeHandOff
from nom.contracts.identity import LinkIdentity, RecordConsistentIdentifier
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.local_time import london_words
from nom.contracts.policy import reference
from nom.contracts.referral import (
    Acknowledge,
    ReceiveReferral,
    ReferralAcknowledged,
    ReferralEvent,
    ReferralOwnCommand,
    ReferralReceived,
    ReferralRequest,
    ReferralRouted,
    ReferralTransferRefused,
    ReferralTransferRequested,
    Route,
)
from nom.contracts.stages import OpenCase, RecordStageOutcome, StageBrief
from nom.contracts.transfer import RefuseTransfer, RequestTransfer
from nom.contracts.victim_support import RecordSupportDeclined, ReferToSupport
from nom.workflows.model.conditions import refused_for
from nom.workflows.model.crime import record_crime
from nom.workflows.model.deliberation import deliberate
from nom.workflows.model.process import Decision, Facts, ProcessModel
from nom.workflows.model.referral_identity import record_identity
from nom.workflows.model.referral_record import ReferralState, Thinking, evolve
from nom.workflows.model.victim_support import AFTER_ROUTING, SUPPORT, await_support, offer_support

ASKING: str = RequestTransfer.model_fields["type"].default
"""What a referral hands its case when the matter is to go to another force."""


AFTER_THE_END = (LinkIdentity, RecordConsistentIdentifier, *AFTER_ROUTING)


def decide(state: ReferralState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a referral. Who somebody is may be found out after it was routed, and a victim referred to
    support.
    """
    decision = deliberate(state, request, facts, _rules, AFTER_THE_END)
    if isinstance(decision, Refusal) or not isinstance(request.command, AcknowledgeHandOff):
        return decision
    answer = request.command.answer
    item = state.waiting(request.command.hand_off_id)
    if answer.accepted or item is None or item.command != ASKING or state.transfer_to is None:
        return decision
    # The case itself could not ask: the referral is still to be routed.
    because = (answer.message or answer.code or "no words were given")[:4000]
    return (*decision, ReferralTransferRefused(force=state.transfer_to, because=because))


def _rules(d: Thinking) -> Refusal | None:
    command = cast("ReferralOwnCommand", d.command)
    match command:
        case ReceiveReferral():
            return _receive(d, command)
        case Acknowledge():
            return _acknowledge(d)
        case RecordCrime() | RecordN100():
            return _record(d, command)
        case Route():
            return _route(d, command)
        case RefuseTransfer():
            return _not_transferred(d)
        case LinkIdentity() | RecordConsistentIdentifier():
            return record_identity(d, command)
        case ReferToSupport() | RecordSupportDeclined():
            return offer_support(d, command)
        case _:
            assert_never(command)


def _receive(d: Thinking, command: ReceiveReferral) -> Refusal | None:
    unknown = tuple(
        unmet("unknown_offence", f"no offence has the code {item.offence}", item.offence)
        for item in command.allegations
        if reference.offence(item.offence) is None
    )
    if unknown:
        return refuse("unknown_code", "an offence code is not in the reference table", *unknown)
    ages = {subject.id: subject.age for subject in command.subjects}
    strangers = tuple(
        unmet("unknown_subject", f"{item.victim} is not among the subjects", item.victim)
        for item in command.allegations
        if item.victim not in ages
    )
    if strangers:
        return refuse("unknown_subject", "an allegation names somebody who is not a subject", *strangers)
    unreported = tuple(_unlike_a_duty(d, command))
    if unreported:
        return refused_for(unreported, "the time of awareness can't be right")
    d.open(command.opening)
    warnings = (reference.age_fits(item.offence, ages[item.victim]) for item in command.allegations)
    d.record(
        ReferralReceived(
            source=command.source,
            subjects=command.subjects,
            allegations=command.allegations,
            received_at=d.at,
            warnings=tuple(words for words in warnings if words),
        )
    )
    _judge_the_report(d, command)
    d.start_clock("WT1", "referral received")
    for number, item in enumerate(command.allegations, start=1):
        d.start_clock("CR1", "report to police", clock_id=crime_clock(number), about=item.victim)
    await_support(d, tuple(item.victim for item in command.allegations))
    brief = StageBrief(
        opening=command.opening, received_at=d.at, subjects=command.subjects, allegations=command.allegations
    )
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), OpenCase(brief=brief, referral=d.state.stream))
    return None


def _unlike_a_duty(d: Thinking, command: ReceiveReferral) -> Iterator[Unmet]:
    if command.aware_at is None:
        return
    if command.source != "mandated_reporter":
        yield unmet("not_a_mandated_reporter", "the time of awareness counts for a reporter under the mandatory duty")
    if command.aware_at > d.at:
        yield unmet("aware_after_report", f"the report was made on {london_words(d.at)}, before the awareness of it")


def _judge_the_report(d: Thinking, command: ReceiveReferral) -> None:
    """Whether a reporter under the duty reported in time, where the pack knows the duty: it is England's (MR1)."""
    known = {rule.id for rule in d.facts.policy.clocks}
    if command.aware_at is not None and "MR1" in known:
        d.start_clock("MR1", "the reporter's awareness", start=command.aware_at)
        d.meet_clock("mr1")


def crime_clock(number: int) -> str:
    """The clock of the allegation with that number: `cr1`, `cr1-2`. Each allegation has its own 24 hours."""
    return "cr1" if number == 1 else f"cr1-{number}"


def _acknowledge(d: Thinking) -> Refusal | None:
    if d.state.acknowledged_at is not None:
        return refuse("already_acknowledged", "the referral was acknowledged already")
    if d.state.received_at is not None and d.at < d.state.received_at:
        return refuse("before_receipt", "the referral can't be acknowledged before it was received")
    d.record(ReferralAcknowledged(acknowledged_at=d.at))
    return None


def _record(d: Thinking, command: RecordCrime | RecordN100) -> Refusal | None:
    refusal = record_crime(d, command, d.state.subjects, d.state.recorded)
    if refusal is not None:
        return refusal
    for number, item in enumerate(d.state.allegations, start=1):
        if (item.victim, item.offence) == (command.victim, command.offence):
            d.meet_clock(crime_clock(number))
    return None


def _route(d: Thinking, command: Route) -> Refusal | None:
    gate = referral_gate(d.state)
    if gate:
        return refuse("referral_gate", "the referral can't be routed yet", *gate)
    if command.to == "transfer":
        return _ask_other_force(d, command)
    d.record(ReferralRouted(to=command.to))
    # Two limbs, acknowledged and decided: the clock is met by whichever came last in the world.
    d.meet_clock("wt1", max(d.at, d.state.acknowledged_at or d.at))
    next_stages = (ProcessKind.TRIAGE,) if command.to == "triage" else ()
    d.hand_off(
        stream_of(d.state.case, ProcessKind.CASE),
        RecordStageOutcome(stage=d.state.stream, outcome=command.to, opens_next=next_stages),
    )
    d.end(command.to, runs_on=(SUPPORT,))
    return None


def _ask_other_force(d: Thinking, command: Route) -> Refusal | None:
    """The whole matter is offered. Until the other force has accepted, nothing is routed and WT1 runs on."""
    if command.force is None or command.opening is None:
        words = "name the force that is to take the matter"
        return refuse("force_missing", words, unmet("force_missing", words))
    if not d.request.reason:
        return refuse("reason_missing", "a transfer decides something: give the reason")
    d.record(ReferralTransferRequested(force=command.force))
    asking = RequestTransfer(to=command.force, opening=command.opening, referral=d.state.stream)
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), asking)
    return None


def _not_transferred(d: Thinking) -> Refusal | None:
    if d.state.transfer_to is None:
        return refuse("no_transfer", "no force was asked to take the referral")
    if d.request.actor.role != SYSTEM_ROLE:
        return refuse("not_the_receiver", f"{d.state.transfer_to} answers, in the case that it was offered")
    because = d.request.reason or "no reason was given"
    d.record(ReferralTransferRefused(force=d.state.transfer_to, because=because))
    return None


def referral_gate(state: ReferralState) -> tuple[Unmet, ...]:
    """What must hold before a referral is routed: acknowledged, a crime or N100 for every allegation, and no other
    force that was asked to take it and has not answered.
    """
    missing = [
        unmet("crime_not_recorded", f"{item.offence} against {item.victim} has no crime or N100", item.victim)
        for item in state.unrecorded()
    ]
    if state.acknowledged_at is None:
        missing.insert(0, unmet("not_acknowledged", "the referral has not been acknowledged", None, ("duty_officer",)))
    if state.transfer_to is not None:
        words = f"{state.transfer_to} was asked to take the matter and has not accepted"
        missing.append(unmet("transfer_not_accepted", words, state.transfer_to))
    return tuple(missing)


MODEL = ProcessModel(
    kind=ProcessKind.REFERRAL,
    state=ReferralState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(ReferralRequest),
    events=TypeAdapter(ReferralEvent),
)
