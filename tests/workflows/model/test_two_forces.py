"""The third worked scenario: two forces, two cases, one group. What one force finds, the other hears of and tests."""

from datetime import date

import pytest

from nom.contracts.case import GroupNominated, NetworkOutcomeLearned, StageOpened
from nom.contracts.clocks import ClockMet, ClockStarted, DeadlineBreached
from nom.contracts.designation import Approve, DesignationNotMet, PriorityIndividualRaised, Propose, RetestTriggered
from nom.contracts.every_process import (
    HandOffAcknowledged,
    HandOffMade,
    HandOffRefused,
    Jurisdiction,
    MarkedUpToDate,
    MarkUpToDate,
)
from nom.contracts.group_grounds import AddMember, GroupPerson, LinkCase
from nom.contracts.group_identity import RecordSamePerson, WithdrawSamePerson
from nom.contracts.ids import ProcessKind
from nom.contracts.network_links import CaseRetested, NetworkLinkDiscovered, NetworkLinkLearned, NetworkRetestRecorded
from nom.contracts.subjects import Subject
from nom.contracts.triage import NetworkTestRecorded, RecordNetworkLink, RecordNetworkTest
from tests.workflows.model.designation_acts import OFFENCE
from tests.workflows.model.forces import GROUP, MER, NWP, Forces, analyst, begin, decided, head, sergeant
from tests.workflows.model.kit import labels, request
from tests.workflows.model.two_forces_acts import (
    ALL_FOLLOWS,
    IS_ONE,
    JOIN,
    JOINED,
    NOT_MET,
    NOTHING_FOLLOWS,
    merseyside,
    north_wales,
    two_forces,
)

NAMED = "suspect-1 of mer/26-1a2b3c is unidentified of nwp/26-4d5e6f"


def test_a_group_that_is_not_met_closes_no_case_and_keeps_its_reason() -> None:
    forces = two_forces()
    assert [event.reason for event in forces.events(GROUP, DesignationNotMet)] == ["one person is known"]
    assert [event.reason for event in forces.events(f"{NWP}/case", NetworkOutcomeLearned)] == ["one person is known"]
    assert forces.states[f"{NWP}/case"].is_open
    assert forces.events(f"{MER}/case", NetworkOutcomeLearned) == []


@pytest.mark.parametrize("triage_decided", [True, False], ids=["decided", "not decided"])
def test_a_link_that_another_force_finds_has_the_network_test_made_again(triage_decided: bool) -> None:
    forces = two_forces(triage_decided=triage_decided)
    assert [event.judged for event in forces.events(f"{MER}/triage-1", NetworkTestRecorded)] == [False]
    forces.give(JOINED)
    discovered = forces.events(f"{MER}/case", NetworkLinkDiscovered)
    assert [(event.network.here, event.network.others, event.same) for event in discovered] == [
        (("suspect-1",), 1, (IS_ONE,))
    ]
    assert NAMED in discovered[0].because
    assert [event.network for event in forces.events(f"{MER}/triage-1", NetworkLinkLearned)] == [discovered[0].network]
    again = forces.events(f"{MER}/triage-1", NetworkTestRecorded)[-1]
    assert (again.number, again.computed, again.judged, again.persons, again.unidentified) == (
        2, True, True, ("suspect-1",), 1,
    )  # fmt: skip
    assert [event.answer for event in forces.events(f"{MER}/case", NetworkRetestRecorded)] == ["met"]


def test_the_group_is_tested_again_within_a_working_day_by_an_event_that_names_the_link() -> None:
    forces = two_forces()
    events = forces.give(JOINED)
    (triggered,) = (event for event in events if isinstance(event, RetestTriggered))
    assert NAMED in triggered.because
    assert [(e.rule, e.last_day) for e in events if isinstance(e, ClockStarted)] == [("DG4", date(2026, 7, 21))]
    answers = forces.events(GROUP, CaseRetested)
    assert {event.case: event.judged for event in answers} == {NWP: True, MER: True}
    assert {event.because for event in answers} == {triggered.because}
    assert [event.late for event in forces.events(GROUP, ClockMet) if event.rule == "DG4"] == [False]
    due = {clock.id: clock.last_day for clock in forces.states[GROUP].clocks if clock.is_open}
    assert due == {"dg1-2": date(2026, 7, 27), "dg2-2": date(2026, 8, 3)}


def test_both_forces_are_told_and_each_acknowledges() -> None:
    forces = two_forces()
    forces.give(JOINED)
    told = [e.hand_off for e in forces.events(GROUP, HandOffMade) if e.hand_off.command == "TellNetworkLink"]
    assert {item.to for item in told} == {f"{NWP}/case", f"{MER}/case"}
    heard = {event.hand_off_id for event in forces.events(GROUP, HandOffAcknowledged)}
    assert {item.id for item in told} <= heard
    assert not [event for stream in forces.log for event in forces.events(stream, HandOffRefused)]
    known = forces.states[f"{MER}/case"].groups
    assert [(item.group, item.outcome) for item in known] == [(GROUP.rpartition("/")[0], "not_met")]


def test_a_force_that_does_not_answer_is_seen_to_wait_and_the_test_becomes_late() -> None:
    forces = two_forces()
    forces.away = {"mer"}
    forces.give(JOINED)
    assert [(item.to, item.command) for _, item in forces.waiting(unreached=True)] == [
        (f"{MER}/case", "TellNetworkOutcome"),
        (f"{MER}/case", "TellNetworkLink"),
    ]
    assert [clock.id for clock in forces.states[GROUP].clocks if clock.is_open] == ["dg4-1"]
    forces.give(analyst(AddMember(members=(GroupPerson(case=NWP, suspect="suspect-2"),)), "2026-07-22 00:00"))
    assert [event.rule for event in forces.events(GROUP, DeadlineBreached)] == ["DG4"]
    forces.away = set()
    forces.settle()
    assert not forces.states[GROUP].outbox
    assert [clock.rule for clock in forces.states[GROUP].clocks if clock.is_open] == ["DG1", "DG2"]


def test_a_network_test_that_is_met_after_all_obliges_a_strategy_discussion_and_no_second_group() -> None:
    forces = two_forces()
    meetings = [e for e in forces.events(f"{MER}/case", StageOpened) if e.kind is ProcessKind.STRATEGY_MEETING]
    assert meetings == []
    forces.give(JOINED)
    meetings = [e for e in forces.events(f"{MER}/case", StageOpened) if e.kind is ProcessKind.STRATEGY_MEETING]
    assert [event.stage for event in meetings] == [f"{MER}/strategy-meeting-1"]
    assert forces.states[f"{MER}/strategy-meeting-1"].is_open
    assert forces.events(f"{MER}/case", GroupNominated) == []
    held = [e for e in forces.events(f"{NWP}/case", StageOpened) if e.kind is ProcessKind.STRATEGY_MEETING]
    assert len(held) == 1


def test_a_triage_that_is_not_decided_is_then_obliged_and_its_case_stays_in_the_one_group() -> None:
    forces = two_forces(triage_decided=False)
    forces.give(JOINED)
    requests = decided(MER, "suspect-1", "2026-07-20", NOTHING_FOLLOWS)
    forces.give(*requests[:-1])
    refusal = forces.refusal(requests[-1])
    assert (refusal.code, labels(refusal)) == ("network_test_met_obliges", ["nomination", "strategy_discussion"])
    forces.give(decided(MER, "suspect-1", "2026-07-20", ALL_FOLLOWS)[-1])
    assert forces.events(f"{MER}/case", GroupNominated) == []
    assert {stream for stream in forces.states if stream.startswith("nca/")} == {GROUP}
    last = forces.events(GROUP, CaseRetested)[-1]
    assert (last.case, last.judged) == (MER, True)
    assert "triage was decided" in last.because


def test_the_third_scenario_lacks_a_member_and_a_benefit_and_names_a_priority_individual() -> None:
    forces = two_forces()
    suspects = (GroupPerson(case=NWP, suspect="suspect-2"), GroupPerson(case=MER, suspect="suspect-1"))
    forces.give(JOINED, analyst(AddMember(members=suspects), "2026-07-20 10:00"), analyst(OFFENCE, "2026-07-20 10:10"))
    refusal = forces.refusal(analyst(Propose(outcome="organised_crime_group"), "2026-07-22 09:00", "two forces"))
    assert (refusal.code, labels(refusal)) == ("designation_gate", ["members_too_few", "no_benefit"])
    assert refusal.unmet[0].words == "2 of 3 members recorded"
    individual = Propose(outcome="priority_individual", member=suspects[1])
    forces.give(analyst(individual, "2026-07-22 09:30", "he is in both"))
    assert [event.late for event in forces.events(GROUP, ClockMet) if event.clock_id == "dg1-2"] == [False]
    forces.give(head(Approve(), "2026-07-22 15:00", "agreed"))
    assert [event.member for event in forces.events(GROUP, PriorityIndividualRaised)] == [suspects[1]]
    for case in (MER, NWP):
        assert forces.events(f"{case}/case", NetworkOutcomeLearned)[-1].outcome == "priority_individual"


def test_a_case_that_is_linked_without_a_word_on_who_is_who_is_told_and_its_test_stays_as_it_was() -> None:
    forces = two_forces()
    forces.give(analyst(LinkCase(case=MER, because="the same vehicle"), "2026-07-20 09:00"))
    again = forces.events(f"{MER}/triage-1", NetworkTestRecorded)[-1]
    assert (again.number, again.judged) == (2, False)
    forces.give(analyst(RecordSamePerson(same=IS_ONE), "2026-07-20 10:00", "the number plate is his"))
    again = forces.events(f"{MER}/triage-1", NetworkTestRecorded)[-1]
    assert (again.number, again.judged) == (3, True)
    assert [event.number for event in forces.events(GROUP, RetestTriggered)] == [1, 2]
    forces.give(analyst(WithdrawSamePerson(same=IS_ONE), "2026-07-21 10:00", "the number plate was misread"))
    again = forces.events(f"{MER}/triage-1", NetworkTestRecorded)[-1]
    assert (again.number, again.judged) == (4, False)
    assert len(forces.events(f"{MER}/case", NetworkLinkDiscovered)) == 3


def test_a_case_that_does_not_exist_is_refused_where_it_would_live_and_the_refusal_is_seen() -> None:
    forces = two_forces()
    forces.give(analyst(LinkCase(case="mer/26-typo", because="a slip of the pen"), "2026-07-20 09:00"))
    refused = forces.events(GROUP, HandOffRefused)
    assert {(event.to, event.code) for event in refused} == {("mer/26-typo/case", "process_not_open")}
    assert [clock.id for clock in forces.states[GROUP].clocks if clock.is_open] == ["dg4-1"]


def test_a_link_recorded_after_triage_was_decided_nominates_a_group_by_itself() -> None:
    forces = Forces()
    forces.give(*merseyside(triage_decided=True))
    link = RecordNetworkLink(between=("suspect-1", "unidentified"), kind="same_telephone", source="a billing record")
    forces.give(sergeant(MER, link, "2026-07-10 09:00"))
    again = forces.events(f"{MER}/triage-1", NetworkTestRecorded)[-1]
    assert (again.number, again.judged) == (2, True)
    (nominated,) = forces.events(f"{MER}/case", GroupNominated)
    assert (nominated.grounds.judged, nominated.grounds.unidentified) == (True, 1)
    assert forces.states[nominated.group].is_open
    assert forces.states[f"{MER}/strategy-meeting-1"].is_open
    forces.give(sergeant(MER, link, "2026-07-11 09:00"))
    assert len(forces.events(f"{MER}/case", GroupNominated)) == 1


def test_a_person_may_still_judge_the_network_test_after_triage_was_decided() -> None:
    forces = Forces()
    forces.give(*merseyside(triage_decided=True))
    judged = RecordNetworkTest(judged="met")
    assert forces.refusal(sergeant(MER, judged, "2026-07-10 09:00")).code == "reason_missing"
    forces.give(sergeant(MER, judged, "2026-07-10 09:00", "two hands wrote the messages"))
    assert len(forces.events(f"{MER}/case", GroupNominated)) == 1
    link = RecordNetworkLink(between=("suspect-1", "child-1"), kind="associates", source="account")
    forces.give(sergeant(MER, link, "2026-07-11 09:00"))
    again = forces.events(f"{MER}/triage-1", NetworkTestRecorded)[-1]
    assert (again.computed, again.judged, again.reason) == (False, True, "two hands wrote the messages")


def test_a_case_that_is_up_to_date_has_the_group_that_it_nominated_go_live() -> None:
    forces = two_forces()
    forces.give(JOINED)
    assert forces.states[GROUP].brought_in
    forces.give(request(f"{MER}/case", "case_administrator", MarkUpToDate(), "2026-07-21 09:00"))
    assert forces.states[GROUP].brought_in
    forces.give(request(f"{NWP}/case", "case_administrator", MarkUpToDate(), "2026-07-29 09:00"))
    assert not forces.states[GROUP].brought_in
    assert len(forces.events(GROUP, MarkedUpToDate)) == 1
    assert [event.clock_id for event in forces.events(GROUP, DeadlineBreached)] == ["dg1-2"]


def test_a_triage_that_opens_after_the_link_hears_of_it() -> None:
    forces = Forces()
    subjects = (Subject(id="child-1", age=15), Subject(id="suspect-1"))
    received, acknowledged, routed = begin(MER, Jurisdiction.ENGLAND, "2026-07-20", *subjects)
    forces.give(*north_wales(), *NOT_MET, received, acknowledged)
    forces.give(analyst(JOIN, "2026-07-20 09:15"))
    assert {event.case: event.judged for event in forces.events(GROUP, CaseRetested)} == {NWP: True, MER: None}
    forces.give(routed)
    assert [event.judged for event in forces.events(f"{MER}/triage-1", NetworkTestRecorded)] == [True]
    assert forces.events(GROUP, CaseRetested)[-1].judged is True
