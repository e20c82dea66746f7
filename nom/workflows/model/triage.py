"""Rules of triage: THRIVE, exploitation risk, the network test, immediate safety, and what follows from them.

A network test that is met obliges a nomination and a strategy discussion. Nothing here closes a matter.
"""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.case import LinkSubject
from nom.contracts.characteristics import (
    RecordEthnicity,
    RecordEthnicityUnavailable,
    RecordNationality,
    RecordNationalityUnavailable,
    RecordObservedEthnicity,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.national_referral import RecordNrmDecision
from nom.contracts.network_links import RetestNetwork
from nom.contracts.notices import NotifyVictim
from nom.contracts.stages import OpenTriage, RecordStageOutcome
from nom.contracts.triage import (
    THRIVE_FACTORS,
    AssessThrive,
    DecideTriage,
    ExploitationRiskScored,
    ImmediateSafeguardingTaken,
    RecordNetworkLink,
    RecordNetworkTest,
    ReferToNrm,
    ScoreExploitationRisk,
    TakeImmediateSafeguarding,
    ThriveAssessed,
    ThriveReassessed,
    TriageDecided,
    TriageEvent,
    TriageOpened,
    TriageOwnCommand,
    TriageRequest,
)
from nom.workflows.model.characteristics import characteristics_missing, record_characteristic
from nom.workflows.model.decision_notices import DECISION_NOTICES, notify_victim, start_decision_notices
from nom.workflows.model.deliberation import deliberate
from nom.workflows.model.national_referral import NRM_CLOCKS, record_nrm_decision, refer
from nom.workflows.model.process import Decision, Facts, ProcessModel
from nom.workflows.model.subject_linking import take_subject
from nom.workflows.model.triage_network import examine_network, grounds_of
from nom.workflows.model.triage_record import NetworkTestHeld, Thinking, TriageState, evolve

_TRIAGE_ROLE = ("triage_sergeant",)
AFTER_THE_END = (
    RecordNetworkLink,
    RecordNetworkTest,
    RetestNetwork,
    LinkSubject,
    ReferToNrm,
    RecordNrmDecision,
    NotifyVictim,
)
"""What comes after triage was decided: a link, for which the network test is made again all the same (invariant 13);
somebody who is found later, and is then to be referred (invariant 16); what the National Referral Mechanism decides;
the notice of a decision not to investigate (invariant 7).
"""


def decide(state: TriageState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a triage."""
    return deliberate(state, request, facts, _rules, AFTER_THE_END)


def _rules(d: Thinking) -> Refusal | None:  # One return for each command that may be refused.
    command = cast("TriageOwnCommand", d.command)
    match command:
        case OpenTriage():
            _open(d, command)
        case AssessThrive():
            _assess(d, command)
        case ScoreExploitationRisk():
            _score(d, command)
        case RecordNetworkLink() | RecordNetworkTest() | RetestNetwork():
            return examine_network(d, command)
        case TakeImmediateSafeguarding():
            d.record(ImmediateSafeguardingTaken(what=command.what))
        case LinkSubject() | ReferToNrm() | RecordNrmDecision() | NotifyVictim():
            return _about_somebody(d, command)
        case DecideTriage():
            return _decide(d, command)
        case (
            RecordEthnicity()
            | RecordObservedEthnicity()
            | RecordEthnicityUnavailable()
            | RecordNationality()
            | RecordNationalityUnavailable()
        ):
            return record_characteristic(d, command, d.state.known_people())
        case _:
            assert_never(command)
    return None


def _about_somebody(
    d: Thinking, command: LinkSubject | ReferToNrm | RecordNrmDecision | NotifyVictim
) -> Refusal | None:
    match command:
        case LinkSubject():
            return _take_subject(d, command)
        case NotifyVictim():
            return notify_victim(d, command)
        case ReferToNrm():
            return refer(d, command)
        case RecordNrmDecision():
            return record_nrm_decision(d, command)
        case _:
            assert_never(command)


def _take_subject(d: Thinking, command: LinkSubject) -> Refusal | None:
    refusal = take_subject(d, command, d.state.subjects)
    if refusal is None and d.state.not_investigated:
        start_decision_notices(d, (command.subject,))
    return refusal


def _open(d: Thinking, command: OpenTriage) -> None:
    brief = command.brief
    d.open(brief.opening)
    d.record(TriageOpened(received_at=brief.received_at, subjects=brief.subjects))
    d.start_clock("TR1", "referral received", start=brief.received_at)


def _assess(d: Thinking, command: AssessThrive) -> None:
    number = d.state.assessments + 1
    kind = ThriveAssessed if number == 1 else ThriveReassessed
    rated = {name: factor.rating for name in THRIVE_FACTORS if (factor := command.factors.factor(name)) is not None}
    answered = None if command.factors.not_assessed() else d.facts.policy.table("thrive_response").decide(rated)
    d.record(kind(number=number, factors=command.factors, trace=answered))


def _score(d: Thinking, command: ScoreExploitationRisk) -> None:
    d.record(
        ExploitationRiskScored(
            tool=command.tool, tool_version=command.tool_version, score=command.score, band=command.band
        )
    )


def _decide(d: Thinking, command: DecideTriage) -> Refusal | None:
    test = d.state.current_test()
    obliged = _obligations(test, command)
    gate = triage_gate(d.state, command)
    if obliged:
        words = "the network test is met: a group must be nominated and a strategy discussion held"
        return refuse("network_test_met_obliges", words, *obliged, *gate)
    if gate:
        return refuse("triage_gate", "triage can't be decided yet", *gate)
    d.record(
        TriageDecided(
            strategy_discussion=command.strategy_discussion,
            why_no_strategy_discussion=command.why_no_strategy_discussion,
            investigation=command.investigation,
            why_no_investigation=command.why_no_investigation,
            nominate=command.nominate,
            immediate_safety=command.immediate_safety,
        )
    )
    d.meet_clock("tr1")
    if not command.investigation:
        start_decision_notices(d, d.state.subjects)
    _tell_case(d, command, test)
    return None


def _obligations(test: NetworkTestHeld | None, command: DecideTriage) -> tuple[Unmet, ...]:
    if test is None or not test.judged:
        return ()
    nomination = unmet("nomination", "the group must be nominated", None, _TRIAGE_ROLE)
    discussion = unmet("strategy_discussion", "a strategy discussion must be held", None, _TRIAGE_ROLE)
    return (
        *(() if command.nominate else (nomination,)),
        *(() if command.strategy_discussion else (discussion,)),
    )


def triage_gate(state: TriageState, command: DecideTriage) -> tuple[Unmet, ...]:
    """What must hold before triage is decided, in the order in which it is worked."""
    thrive, test = state.thrive, state.current_test()
    missing: list[Unmet] = []
    if thrive is None or thrive.not_assessed():
        lacking = ", ".join(thrive.not_assessed()) if thrive else "every factor"
        missing.append(unmet("thrive_incomplete", f"THRIVE lacks an assessment of {lacking}", None, _TRIAGE_ROLE))
    if not state.risk_scored:
        missing.append(unmet("exploitation_risk_not_scored", "no exploitation risk score", None, _TRIAGE_ROLE))
    if test is None:
        words = "the network test was not recorded since the last link" if state.test else "no network test is recorded"
        missing.append(unmet("network_test_not_recorded", words, None, _TRIAGE_ROLE))
    if not state.safeguarded and command.immediate_safety is None:
        words = "nothing says that immediate safety was considered"
        missing.append(unmet("immediate_safety_not_considered", words, None, _TRIAGE_ROLE))
    missing.extend(characteristics_missing(state, state.known_suspects()))
    missing.extend(
        unmet("nrm_not_referred", f"{child} is under 18, suspected of being trafficked and not referred", child)
        for child in state.awaiting_nrm()
    )
    missing.extend(_unexplained(test, command))
    return tuple(missing)


def _unexplained(test: NetworkTestHeld | None, command: DecideTriage) -> tuple[Unmet, ...]:
    met = test is not None and test.judged
    missing: list[Unmet] = []
    if not (met or command.strategy_discussion or command.why_no_strategy_discussion):
        missing.append(unmet("no_strategy_discussion_unexplained", "say why no strategy discussion is needed"))
    if not (command.investigation or command.why_no_investigation):
        missing.append(unmet("no_investigation_unexplained", "say why no investigation is needed"))
    if command.nominate and test is not None and not test.judged:
        words = "a group is nominated on a network test that is met: judge it met, with the reason"
        missing.append(unmet("network_test_not_met", words))
    return tuple(missing)


def _tell_case(d: Thinking, command: DecideTriage, test: NetworkTestHeld | None) -> None:
    stages = (
        (ProcessKind.STRATEGY_MEETING, command.strategy_discussion),
        (ProcessKind.INVESTIGATION, command.investigation),
    )
    follows = tuple(kind for kind, wanted in stages if wanted)
    named = [kind.value.replace("-", "_") for kind in follows]
    outcome = " and ".join([*named, *(["nomination"] if command.nominate else [])]) or "nothing_follows"
    nomination = grounds_of(d.state, test) if command.nominate and test else None
    d.hand_off(
        stream_of(d.state.case, ProcessKind.CASE),
        RecordStageOutcome(stage=d.state.stream, outcome=outcome, opens_next=follows, nomination=nomination),
    )
    d.end(outcome, runs_on=(*NRM_CLOCKS, *DECISION_NOTICES))


MODEL = ProcessModel(
    kind=ProcessKind.TRIAGE,
    state=TriageState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(TriageRequest),
    events=TypeAdapter(TriageEvent),
)
