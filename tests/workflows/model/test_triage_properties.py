"""Whatever anybody asks of triage, in whatever order, its invariants hold: 9, 16 and 17 of the operating model."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.characteristics import (
    EthnicityRecorded,
    EthnicityUnavailableRecorded,
    ImportedEthnicity,
    NationalityRecorded,
    NationalityUnavailableRecorded,
    ObservedEthnicity,
    ObservedEthnicityRecorded,
    RecordEthnicity,
    RecordEthnicityUnavailable,
    RecordNationality,
    RecordNationalityUnavailable,
    RecordObservedEthnicity,
    SelfDefinedEthnicity,
)
from nom.contracts.clocks import DeadlineBreached
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOffMade
from nom.contracts.national_referral import NrmDecisionRecorded, RecordNrmDecision
from nom.contracts.network import LinkedPerson
from nom.contracts.network_links import NetworkElsewhere, NetworkLinkLearned, RecordNetworkRetest, RetestNetwork
from nom.contracts.stages import RecordStageOutcome
from nom.contracts.subjects import Subject
from nom.contracts.triage import (
    AssessThrive,
    DecideTriage,
    NetworkLinkRecorded,
    NetworkTestRecorded,
    NrmReferralMade,
    RecordNetworkLink,
    RecordNetworkTest,
    ReferToNrm,
    TakeImmediateSafeguarding,
    Thrive,
    TriageDecided,
)
from nom.workflows.model.triage import MODEL
from tests.workflows.model.kit import Request, request, walk
from tests.workflows.model.triage_acts import COMPLETE, DECIDED, HIGH, RISK, STREAM, WHOLE_THRIVE, opening

SUBJECTS = (
    Subject(id="child-1", age=14, trafficking_suspected=True),
    Subject(id="victim-1", age=19, trafficking_suspected=True),
    *(Subject(id=f"suspect-{number}") for number in (1, 2, 3)),
)
START = datetime.fromisoformat("2026-03-02 17:35")
people = st.sampled_from([subject.id for subject in SUBJECTS])
several = st.lists(people, min_size=1, max_size=4, unique=True).map(tuple)
ends: st.SearchStrategy[LinkedPerson] = st.sampled_from(
    ["suspect-1", "suspect-2", "suspect-4", "child-1", "unidentified"]
)
absences = st.sampled_from(["no_contact", "refused", "not_asked", "not_understood"])
words = st.sampled_from([None, "nothing more is needed"])
networks = st.builds(
    NetworkElsewhere,
    group=st.sampled_from(["nca/group-0123456789ab/designation-1", "nca/group-ba9876543210/designation-1"]),
    of=st.just("gmp/26-7k3f9q"),
    here=st.lists(ends, max_size=2, unique=True).map(tuple),
    others=st.integers(0, 3),
    cases=st.just(("nwp/26-4d5e6f",)),
)
commands: st.SearchStrategy[CommandBase] = st.one_of(
    st.sampled_from([WHOLE_THRIVE, AssessThrive(factors=Thrive(harm=HIGH)), RISK]),
    st.just(TakeImmediateSafeguarding(what="placement moved")),
    st.builds(RecordNetworkLink, between=st.tuples(ends, ends), kind=st.just("associates"), source=st.just("account")),
    st.builds(RecordNetworkTest, judged=st.sampled_from([None, "met", "not_met"])),
    st.builds(RetestNetwork, network=networks, because=st.just("case nwp/26-4d5e6f linked: one vehicle")),
    st.builds(ReferToNrm, subject=people),
    st.builds(
        RecordNrmDecision,
        subject=people,
        grounds=st.sampled_from(["reasonable", "conclusive"]),
        outcome=st.sampled_from(["positive", "positive", "negative"]),
    ),
    st.builds(
        RecordEthnicity,
        subject=people,
        self_defined=st.sampled_from([*SelfDefinedEthnicity, *ImportedEthnicity]),
    ),
    st.builds(RecordObservedEthnicity, subject=people, code=st.sampled_from(ObservedEthnicity)),
    st.builds(RecordEthnicityUnavailable, subjects=several, reason=absences),
    st.builds(RecordNationality, subject=people, nationality=st.just(("GBR",))),
    st.builds(RecordNationalityUnavailable, subjects=several, reason=absences),
    st.builds(
        DecideTriage,
        strategy_discussion=st.booleans(),
        why_no_strategy_discussion=words,
        investigation=st.booleans(),
        why_no_investigation=words,
        nominate=st.booleans(),
        immediate_safety=words,
    ),
)
roles = st.sampled_from(["triage_sergeant", "triage_sergeant", "triage_sergeant", "duty_officer", "cps_lawyer"])


@st.composite
def requests(draw: st.DrawFn) -> tuple[Request, ...]:
    """The first scenario without some of its acts, and then anything by anybody at any time, decisions among it."""
    kept = tuple(asked for asked in COMPLETE if draw(st.integers(0, 9)))
    moment, later = START, list[Request]()
    for command in draw(st.lists(commands, max_size=12)):
        moment += timedelta(minutes=draw(st.integers(-90, 400)))
        at, reason = moment.strftime("%Y-%m-%d %H:%M"), draw(st.sampled_from([None, "as recorded"]))
        role = "system" if isinstance(command, RetestNetwork) else draw(roles)
        later.append(request(STREAM, role, command, at, reason=reason))
    later.insert(draw(st.integers(0, len(later))), DECIDED)
    return (opening(*SUBJECTS), *kept, *later, DECIDED)


def answered(log: list[EventBase]) -> tuple[set[str], set[str]]:
    ethnicity, nationality = set[str](), set[str]()
    for event in log:
        if isinstance(event, EthnicityRecorded) and event.self_defined is not SelfDefinedEthnicity.NS:
            ethnicity.add(event.subject)
        if isinstance(event, EthnicityUnavailableRecorded):
            ethnicity.update(event.subjects)
        if isinstance(event, NationalityRecorded):
            nationality.add(event.subject)
        if isinstance(event, NationalityUnavailableRecorded):
            nationality.update(event.subjects)
    return ethnicity, nationality


@settings(max_examples=150, deadline=None)
@given(asked=requests())
def test_no_triage_is_decided_against_its_invariants(asked: tuple[Request, ...]) -> None:
    log: list[EventBase] = []
    for step in walk(MODEL, STREAM, asked):
        log += step.events
        decided = next((event for event in step.events if isinstance(event, TriageDecided)), None)
        if decided is None:
            assert step.state.is_open != step.state.decided
            continue
        tests = [event for event in log if isinstance(event, NetworkTestRecorded)]
        assert tests
        assert decided.nominate == (nominated(step.events) is not None)
        assert decided.nominate >= tests[-1].judged
        assert decided.strategy_discussion >= tests[-1].judged
        assert NrmReferralMade(subject="child-1") in log
        ethnicity, nationality = answered(log)
        suspects = {person for person in step.state.known_people() if person.startswith("suspect-")}
        assert suspects >= {"suspect-1", "suspect-2", "suspect-3"}
        assert suspects <= ethnicity & nationality


def nominated(events: tuple[EventBase, ...]) -> object:
    outcomes = (
        RecordStageOutcome.model_validate(event.hand_off.envelope["command"])
        for event in events
        if isinstance(event, HandOffMade)
    )
    return next(outcomes).nomination


@settings(max_examples=150, deadline=None)
@given(asked=requests())
def test_the_mechanism_decides_once_about_whom_it_was_referred_and_breaches_nothing(asked: tuple[Request, ...]) -> None:
    referred, known = set[str](), set[tuple[str, str]]()
    for step in walk(MODEL, STREAM, asked):
        for event in step.events:
            if isinstance(event, NrmReferralMade):
                referred.add(event.subject)
            if isinstance(event, NrmDecisionRecorded):
                assert event.subject in referred
                assert (event.subject, event.grounds) not in known
                assert event.grounds == "reasonable" or (event.subject, "reasonable") in known
                known.add((event.subject, event.grounds))
            if isinstance(event, DeadlineBreached):
                assert not event.rule.startswith("NR")
        awaited = {clock.about for clock in step.state.clocks if clock.rule == "NR2" and clock.is_open}
        assert awaited == referred - {subject for subject, _ in known}


@settings(max_examples=100, deadline=None)
@given(asked=requests())
def test_what_an_officer_observed_is_never_copied_into_what_a_person_said(asked: tuple[Request, ...]) -> None:
    said, seen = dict[str, str](), dict[str, str]()
    for step in walk(MODEL, STREAM, asked):
        for event in step.events:
            if isinstance(event, EthnicityRecorded):
                said[event.subject] = event.self_defined
            if isinstance(event, ObservedEthnicityRecorded):
                seen[event.subject] = event.code
        held = step.state.ethnicities
        assert {entry.subject: entry.self_defined for entry in held if entry.self_defined} == said
        assert {entry.subject: entry.observed for entry in held if entry.observed} == seen


@settings(max_examples=150, deadline=None)
@given(asked=requests())
def test_every_link_after_the_decision_is_tested_and_what_is_newly_met_is_told_once(asked: tuple[Request, ...]) -> None:
    met = False
    for step in walk(MODEL, STREAM, asked):
        tests = [event for event in step.events if isinstance(event, NetworkTestRecorded)]
        was_decided = step.state.decided and not any(isinstance(event, TriageDecided) for event in step.events)
        linked = any(isinstance(event, NetworkLinkRecorded | NetworkLinkLearned) for event in step.events)
        if was_decided and linked:
            assert [event.number for event in tests] == [step.state.test.number if step.state.test else 0]
        told = retests(step.events)
        assert len(told) == (1 if tests and (was_decided or isinstance(step.asked.command, RetestNetwork)) else 0)
        for item in told:
            assert item.judged == tests[-1].judged
            assert item.newly_met == (was_decided and tests[-1].judged and not met)
            assert (item.grounds is not None) == item.newly_met
        met = tests[-1].judged if tests else met


def retests(events: tuple[EventBase, ...]) -> list[RecordNetworkRetest]:
    return [
        RecordNetworkRetest.model_validate(event.hand_off.envelope["command"])
        for event in events
        if isinstance(event, HandOffMade) and event.command == "RecordNetworkRetest"
    ]


@settings(max_examples=100, deadline=None)
@given(asked=requests())
def test_a_person_of_another_case_is_nobodys_reference_here(asked: tuple[Request, ...]) -> None:
    for step in walk(MODEL, STREAM, asked):
        known = set(step.state.known_people()) | {"suspect-1", "suspect-2", "suspect-4"}
        for event in step.events:
            if isinstance(event, NetworkTestRecorded):
                assert set(event.persons) <= known
                assert not any(person.startswith(("child-", "victim-")) for person in event.persons)
