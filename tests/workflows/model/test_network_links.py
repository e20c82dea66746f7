"""What a case does with a link that shows elsewhere, and what its triage makes of it."""

import pytest

from nom.contracts.case import GroupNominated, StageOpened
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOff, HandOffMade
from nom.contracts.ids import ProcessKind
from nom.contracts.network_links import (
    NetworkElsewhere,
    NetworkLinkDiscovered,
    NetworkRetestRecorded,
    RecordNetworkRetest,
    RetestNetwork,
    TellNetworkLink,
    TellNetworkRetest,
)
from nom.contracts.stages import RecordSuspectOutcome, TellNetworkOutcome
from nom.contracts.triage import NetworkTestRecorded, RecordNetworkTest
from nom.workflows.model import case, triage
from tests.workflows.model.kit import FACTS, Request, events_of, given, outcome_of, refused, request
from tests.workflows.model.test_case import CHARGE, GROUNDS, STREAM, SUBJECTS, TRIAGE, opened, routed, told, triaged
from tests.workflows.model.triage_acts import COMPLETE, DECIDED, opening, sergeant
from tests.workflows.model.triage_acts import STREAM as TRIAGE_STREAM

GROUP = "nca/group-0123456789ab/designation-1"
WHY = "case mer/26-1a2b3c linked: one vehicle"
CASE = "gmp/26-test"


def network(*here: str, others: int = 1, group: str = GROUP, of: str = CASE) -> NetworkElsewhere:
    return NetworkElsewhere(group=group, of=of, here=here, others=others, cases=("mer/26-1a2b3c",))


def link(*here: str, others: int = 1) -> Request:
    return told(TellNetworkLink(network=network(*here, others=others), because=WHY), "2026-03-20 09:00")


def retested(*, newly_met: bool, asked_by: str | None = GROUP) -> Request:
    answer = RecordNetworkRetest(
        stage=TRIAGE,
        judged=newly_met,
        newly_met=newly_met,
        because=WHY,
        grounds=GROUNDS if newly_met else None,
        asked_by=asked_by,
    )
    return told(answer, "2026-03-20 09:00")


def sent(events: tuple[EventBase, ...]) -> list[tuple[str, str]]:
    return [(item.to, item.command) for item in hand_offs(events)]


def hand_offs(events: tuple[EventBase, ...]) -> list[HandOff]:
    return [event.hand_off for event in events if isinstance(event, HandOffMade)]


def test_a_case_learns_of_a_group_by_a_link_and_has_its_last_triage_test_again() -> None:
    state, events = outcome_of(case.MODEL, given(case.MODEL, STREAM, opened(), routed()), link("suspect-1"))
    assert isinstance(events[0], NetworkLinkDiscovered)
    assert events[0].in_words() == f"Link discovered by {GROUP}, with mer/26-1a2b3c: {WHY}"
    assert sent(events) == [(TRIAGE, "RetestNetwork")]
    assert [(group.group, group.outcome) for group in state.groups] == [("nca/group-0123456789ab", "linked")]


def test_what_was_decided_about_the_group_is_not_forgotten_when_another_link_shows() -> None:
    learned = told(TellNetworkOutcome(group="nca/group-0123456789ab", outcome="designated", tier="region"))
    state = given(case.MODEL, STREAM, opened(), routed(), link("suspect-1"), learned, link("suspect-1", others=2))
    assert [(group.outcome, group.tier) for group in state.groups] == [("designated", "region")]
    assert [item.network.others for item in state.links_discovered] == [2]


def test_a_case_without_a_triage_says_so_and_a_triage_that_opens_hears_of_it() -> None:
    state, events = outcome_of(case.MODEL, given(case.MODEL, STREAM, opened()), link("suspect-1"))
    (answer,) = hand_offs(events)
    assert answer.to == GROUP
    assert TellNetworkRetest.model_validate(answer.envelope["command"]) == TellNetworkRetest(
        case=CASE, judged=None, because=WHY
    )
    assert sent(events_of(case.MODEL, state, routed())) == [(TRIAGE, "OpenTriage"), (TRIAGE, "RetestNetwork")]


def test_the_group_hears_the_answer_under_the_name_by_which_it_knows_the_case() -> None:
    told_as = TellNetworkLink(network=network("suspect-1", of="nwp/26-before"), because=WHY)
    state = given(case.MODEL, STREAM, opened(), routed(), told(told_as))
    (answer,) = hand_offs(events_of(case.MODEL, state, retested(newly_met=False)))
    assert TellNetworkRetest.model_validate(answer.envelope["command"]).case == "nwp/26-before"


def test_a_test_that_is_met_after_all_nominates_a_group_unless_the_case_is_in_one() -> None:
    alone = given(case.MODEL, STREAM, opened(), routed(), triaged(ProcessKind.INVESTIGATION))
    events = events_of(case.MODEL, alone, retested(newly_met=True, asked_by=None))
    assert isinstance(events[0], NetworkRetestRecorded)
    assert any(isinstance(event, GroupNominated) for event in events)
    assert [command for _, command in sent(events)] == ["Nominate", "OpenStrategyMeeting"]
    linked = given(case.MODEL, STREAM, opened(), routed(), triaged(ProcessKind.INVESTIGATION), link("suspect-1"))
    events = events_of(case.MODEL, linked, retested(newly_met=True))
    assert [command for _, command in sent(events)] == ["TellNetworkRetest", "OpenStrategyMeeting"]


def test_a_group_that_was_merged_away_is_none_that_the_case_is_in() -> None:
    merged = told(TellNetworkOutcome(group="nca/group-0123456789ab", outcome="merged"))
    state = given(case.MODEL, STREAM, opened(), routed(), triaged(), link("suspect-1"), merged)
    events = events_of(case.MODEL, state, retested(newly_met=True, asked_by=None))
    assert any(isinstance(event, GroupNominated) for event in events)


def test_a_strategy_meeting_that_was_held_is_not_opened_again() -> None:
    state = given(case.MODEL, STREAM, opened(), routed(), triaged(ProcessKind.STRATEGY_MEETING))
    events = events_of(case.MODEL, state, retested(newly_met=True, asked_by=None))
    assert not [event for event in events if isinstance(event, StageOpened)]


def test_a_triage_that_nominates_while_the_case_is_in_a_group_tells_that_group() -> None:
    state = given(case.MODEL, STREAM, opened(), routed(), link("suspect-1"))
    events = events_of(case.MODEL, state, triaged(nomination=GROUNDS))
    assert sent(events) == [(GROUP, "TellNetworkRetest")]
    assert not [event for event in events if isinstance(event, GroupNominated)]


def test_a_case_that_has_closed_still_hears_of_a_link_and_opens_no_meeting() -> None:
    charged = told(RecordSuspectOutcome(suspect="suspect-1", outcome="charged", stage=CHARGE))
    state = given(case.MODEL, STREAM, opened(SUBJECTS[:2]), routed(), triaged(), charged)
    assert state.outcome is not None
    state, events = outcome_of(case.MODEL, state, link("suspect-1"))
    assert sent(events) == [(TRIAGE, "RetestNetwork")]
    events = events_of(case.MODEL, state, retested(newly_met=True))
    assert [command for _, command in sent(events)] == ["TellNetworkRetest"]


def test_a_case_that_was_transferred_answers_that_it_has_no_triage_any_more() -> None:
    held = given(case.MODEL, STREAM, opened(), routed())
    gone = held.model_copy(update={"transferred_to": "wyp/from-gmp-1", "outcome": "transferred"})
    events = events_of(case.MODEL, gone, link("suspect-1"))
    assert sent(events) == [(GROUP, "TellNetworkRetest")]


@pytest.mark.parametrize("command", [TellNetworkLink, RecordNetworkRetest, RetestNetwork, TellNetworkRetest])
def test_no_person_may_tell_a_process_what_another_process_tells_it(command: type[CommandBase]) -> None:
    assert FACTS.policy.roles_for(command.model_fields["type"].default) == ("system",)


def asked(*here: str, others: int = 1, group: str = GROUP, at: str = "2026-03-20 09:00") -> Request:
    command = RetestNetwork(network=network(*here, others=others, group=group), because=WHY)
    return request(TRIAGE_STREAM, "system", command, at)


def network_test_in(events: tuple[EventBase, ...]) -> NetworkTestRecorded:
    (found,) = (event for event in events if isinstance(event, NetworkTestRecorded))
    return found


def test_a_person_of_this_case_and_one_of_another_are_a_network() -> None:
    state = given(triage.MODEL, TRIAGE_STREAM, opening())
    found = network_test_in(events_of(triage.MODEL, state, asked("suspect-1")))
    assert (found.judged, found.persons, found.unidentified) == (True, ("suspect-1",), 1)


@pytest.mark.parametrize(
    ("here", "others"), [((), 3), (("suspect-1",), 0), (("child-1",), 2)], ids=["nobody here", "no other", "a child"]
)
def test_nobody_here_nobody_elsewhere_or_a_child_makes_no_network(here: tuple[str, ...], others: int) -> None:
    state = given(triage.MODEL, TRIAGE_STREAM, opening())
    assert not network_test_in(events_of(triage.MODEL, state, asked(*here, others=others))).judged


def test_what_a_group_tells_later_takes_the_place_of_what_it_told_before_and_of_no_other_groups() -> None:
    other = "nca/group-ba9876543210/designation-1"
    state = given(triage.MODEL, TRIAGE_STREAM, opening(), asked("suspect-1", others=2))
    again = asked("suspect-1", others=1, at="2026-03-21 09:00")
    assert network_test_in(events_of(triage.MODEL, state, again)).unidentified == 1
    beside = asked("suspect-2", others=1, group=other, at="2026-03-21 09:00")
    found = network_test_in(events_of(triage.MODEL, state, beside))
    assert (found.persons, found.unidentified) == (("suspect-1", "suspect-2"), 3)


def test_a_judgement_that_the_test_is_met_is_not_taken_back_by_the_process() -> None:
    judged = sergeant(RecordNetworkTest(judged="met"), "2026-03-02 17:00", "two hands wrote the messages")
    state = given(triage.MODEL, TRIAGE_STREAM, opening(), judged)
    found = network_test_in(events_of(triage.MODEL, state, asked()))
    assert (found.computed, found.judged, found.reason) == (False, True, "two hands wrote the messages")
    found = network_test_in(events_of(triage.MODEL, state, asked("suspect-1")))
    assert (found.computed, found.judged, found.reason) == (True, True, None)


def test_a_judgement_that_the_test_is_not_met_is_made_again_by_the_links() -> None:
    judged = sergeant(RecordNetworkTest(judged="not_met"), "2026-03-02 17:12", "a family, not a network")
    state = given(triage.MODEL, TRIAGE_STREAM, opening(), *COMPLETE, judged)
    assert network_test_in(events_of(triage.MODEL, state, asked("suspect-1"))).judged


def test_a_triage_that_nominated_already_answers_and_asks_for_nothing_more() -> None:
    state = given(triage.MODEL, TRIAGE_STREAM, opening(), *COMPLETE, DECIDED)
    (answer,) = hand_offs(events_of(triage.MODEL, state, asked("suspect-1")))
    told_case = RecordNetworkRetest.model_validate(answer.envelope["command"])
    assert (told_case.judged, told_case.newly_met, told_case.grounds, told_case.asked_by) == (True, False, None, GROUP)


def test_only_what_concerns_the_network_or_a_child_found_later_is_taken_by_a_triage_that_was_decided() -> None:
    state = given(triage.MODEL, TRIAGE_STREAM, opening(), *COMPLETE, DECIDED)
    taken = ("RecordNetworkLink", "RecordNetworkTest")
    late = [item for item in COMPLETE if item.command.type not in (*taken, "ReferToNrm")]
    assert {refused(triage.MODEL, state, item).code for item in late} == {"process_ended"}
    for item in COMPLETE:
        if item.command.type in taken:
            assert not isinstance(triage.MODEL.decide(state, item, FACTS), Refusal)
