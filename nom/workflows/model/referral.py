"""Rules of the referral: acknowledged and decided in a working day, every allegation a crime or an N100."""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.base import Instant
from nom.contracts.crime import CrimeRecorded, RapeIncidentN100Recorded, RecordCrime, RecordN100
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import ProcessKind, SubjectId, stream_of
from nom.contracts.policy import reference
from nom.contracts.referral import (
    Acknowledge,
    ReceiveReferral,
    ReferralAcknowledged,
    ReferralEvent,
    ReferralOwnCommand,
    ReferralOwnEvent,
    ReferralReceived,
    ReferralRequest,
    ReferralRouted,
    Route,
)
from nom.contracts.stages import OpenCase, RecordStageOutcome, StageBrief
from nom.contracts.subjects import Allegation, Subject
from nom.workflows.model.crime import record_crime
from nom.workflows.model.deliberation import Deliberation, deliberate
from nom.workflows.model.process import Decision, Facts, ProcessModel, ProcessState


class ReferralState(ProcessState):
    """What is known of one referral. `recorded` holds (victim, offence) of every crime and N100."""

    received_at: Instant | None = None
    subjects: tuple[Subject, ...] = ()
    allegations: tuple[Allegation, ...] = ()
    recorded: tuple[tuple[SubjectId, str], ...] = ()
    acknowledged_at: Instant | None = None
    routed_to: str | None = None

    def unrecorded(self) -> tuple[Allegation, ...]:
        """The allegations that have neither a crime nor an N100 yet."""
        return tuple(item for item in self.allegations if (item.victim, item.offence) not in self.recorded)

    def is_complete(self) -> bool:
        """Whether it has been acknowledged and every allegation has its crime or N100."""
        return self.acknowledged_at is not None and not self.unrecorded()


Thinking = Deliberation[ReferralState]


def decide(state: ReferralState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a referral."""
    return deliberate(state, request, facts, _rules)


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
    d.start_clock("WT1", "referral received")
    for number, item in enumerate(command.allegations, start=1):
        d.start_clock("CR1", "report to police", clock_id=crime_clock(number), about=item.victim)
    brief = StageBrief(
        opening=command.opening, received_at=d.at, subjects=command.subjects, allegations=command.allegations
    )
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), OpenCase(brief=brief, referral=d.state.stream))
    return None


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
    d.record(ReferralRouted(to=command.to))
    # Two limbs, acknowledged and decided: the clock is met by whichever came last in the world.
    d.meet_clock("wt1", max(d.at, d.state.acknowledged_at or d.at))
    next_stages = (ProcessKind.TRIAGE,) if command.to == "triage" else ()
    d.hand_off(
        stream_of(d.state.case, ProcessKind.CASE),
        RecordStageOutcome(stage=d.state.stream, outcome=command.to, opens_next=next_stages),
    )
    d.end(command.to)
    return None


def referral_gate(state: ReferralState) -> tuple[Unmet, ...]:
    """What must hold before a referral is routed: acknowledged, and a crime or N100 for every allegation."""
    missing = [
        unmet("crime_not_recorded", f"{item.offence} against {item.victim} has no crime or N100", item.victim)
        for item in state.unrecorded()
    ]
    if state.acknowledged_at is None:
        missing.insert(0, unmet("not_acknowledged", "the referral has not been acknowledged", None, ("duty_officer",)))
    return tuple(missing)


def evolve(state: ReferralState, event: ReferralOwnEvent) -> ReferralState:
    """Fold one event of a referral."""
    match event:
        case ReferralReceived():
            return state.model_copy(
                update={
                    "received_at": event.received_at,
                    "subjects": event.subjects,
                    "allegations": event.allegations,
                }
            )
        case ReferralAcknowledged():
            return state.model_copy(update={"acknowledged_at": event.acknowledged_at})
        case CrimeRecorded() | RapeIncidentN100Recorded():
            return state.model_copy(update={"recorded": (*state.recorded, (event.victim, event.offence))})
        case ReferralRouted():
            return state.model_copy(update={"routed_to": event.to})
        case _:
            assert_never(event)


MODEL = ProcessModel(
    kind=ProcessKind.REFERRAL,
    state=ReferralState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(ReferralRequest),
    events=TypeAdapter(ReferralEvent),
)
