"""Two groups that turn out to be one: everything comes over, nothing twice, and every case learns of it."""

import pytest

from nom.contracts.case import NetworkOutcomeLearned
from nom.contracts.designation import Approve, Propose, RetestTriggered
from nom.contracts.events import EventBase
from nom.contracts.every_process import HandOff, HandOffMade, HandOffRefused, StageEnded
from nom.contracts.group_course import ProposeArchive
from nom.contracts.group_grounds import (
    CaseLinked,
    GroupLinkEnd,
    GroupPerson,
    LinkCase,
    MemberAdded,
    SamePerson,
)
from nom.contracts.group_identity import RecordSamePerson
from nom.contracts.group_merger import (
    AbsorbGroup,
    GroupAbsorbed,
    GroupMerged,
    Merge,
    MergerBegun,
    MergerCalledOff,
    YieldToGroup,
)
from nom.contracts.ids import group_matter
from nom.contracts.network_links import NetworkLinkDiscovered
from nom.workflows.model.designation import MODEL
from tests.workflows.model import kit
from tests.workflows.model.designation_acts import (
    DESIGNATED,
    GROUNDS,
    ONE,
    OTHER_CASE,
    OVERSEEN,
    STREAM,
    THREE,
    TWO,
    analyst,
    group,
    head,
    nomination,
    proposal,
)
from tests.workflows.model.forces import GROUP, MER, NWP
from tests.workflows.model.forces import analyst as national_analyst
from tests.workflows.model.forces import head as national_head
from tests.workflows.model.kit import Request, events_of, outcome_of, refused, request
from tests.workflows.model.two_forces_acts import MERGED, MERS_GROUP, WHY, two_groups

OTHER = f"nca/{group_matter(OTHER_CASE + '/case')}/designation-1"


def merge(at: str = "2026-03-20 09:00", other: str = OTHER) -> Request:
    return head(Merge(other=other), at, WHY)


def yields(designated: bool = True, at: str = "2026-03-20 09:00") -> Request:
    return request(STREAM, "system", YieldToGroup(survivor=OTHER, designated=designated), at, reason=WHY)


def handed_on(events: tuple[EventBase, ...]) -> list[HandOff]:
    return [event.hand_off for event in events if isinstance(event, HandOffMade)]


def holdings_of(*requests: Request) -> AbsorbGroup:
    """What the group of the first scenario would hand over after these requests, as another group's."""
    events = events_of(MODEL, group(*requests), yields())
    (handed,) = (item for item in handed_on(events) if item.command == "AbsorbGroup")
    absorb = AbsorbGroup.model_validate(handed.envelope["command"])
    return absorb.model_copy(update={"other": OTHER})


def absorbs(command: AbsorbGroup, at: str = "2026-03-20 09:00") -> Request:
    return request(STREAM, "system", command, at, reason=WHY)


def test_everything_that_the_other_rests_on_comes_over_and_it_ends_in_the_survivor() -> None:
    forces = two_groups()
    forces.give(MERGED)
    survivor, other = forces.states[GROUP], forces.states[MERS_GROUP]
    assert survivor.cases == (NWP, MER)
    assert [member.who for member in survivor.members] == [GroupPerson(case=MER, suspect="suspect-1")]
    assert [len(held) for held in (survivor.links, survivor.offences, survivor.benefits)] == [1, 1, 1]
    assert [item.what for item in survivor.disruptions] == ["the tenancy ended"]
    assert [item.reference for item in survivor.intelligence] == ["INT/26/0100"]
    assert (survivor.merging, survivor.absorbed, survivor.is_open) == ((), (MERS_GROUP,), True)
    assert (other.status, other.survivor, other.outcome) == ("merged", GROUP, "merged")
    assert not [clock for clock in other.clocks if clock.is_open]
    assert forces.events(MERS_GROUP, GroupMerged)[0].in_words() == f"Merged into {GROUP}: {WHY}"


def test_every_case_of_the_other_learns_that_it_ended_and_where_it_goes_on() -> None:
    forces = two_groups()
    forces.give(MERGED)
    learned = forces.events(f"{MER}/case", NetworkOutcomeLearned)
    assert {(event.group, event.outcome) for event in learned} == {
        (MERS_GROUP.rpartition("/")[0], "merged"),
        (GROUP.rpartition("/")[0], "not_met"),
    }
    merged = next(event for event in learned if event.outcome == "merged")
    assert merged.reason == f"merged into {GROUP.rpartition('/')[0]}: {WHY}"
    assert [event.group for event in forces.events(f"{MER}/case", NetworkLinkDiscovered)] == [GROUP]
    assert [event.group for event in forces.events(f"{NWP}/case", NetworkLinkDiscovered)] == [GROUP]
    assert not [event for stream in forces.log for event in forces.events(stream, HandOffRefused)]


def test_what_came_over_to_a_group_that_is_not_met_has_it_tested_again() -> None:
    forces = two_groups()
    forces.give(MERGED)
    (triggered,) = forces.events(GROUP, RetestTriggered)
    assert MERS_GROUP.rpartition("/")[0] in triggered.because
    assert [clock.rule for clock in forces.states[GROUP].clocks if clock.is_open] == ["DG1", "DG2"]


def test_a_merged_group_takes_nothing_more_and_is_not_merged_twice() -> None:
    forces = two_groups()
    forces.give(MERGED)
    again = national_head(Merge(other=MERS_GROUP), "2026-07-21 09:00", WHY)
    assert forces.refusal(again).code == "already_merged"
    late = national_analyst(LinkCase(case="gmp/26-9", because="-"), "2026-07-21 09:00", stream=MERS_GROUP)
    assert forces.refusal(late).code == "process_ended"
    assert len(forces.events(GROUP, GroupAbsorbed)) == 1


def test_handing_over_twice_is_handing_over_once() -> None:
    command = holdings_of(*GROUNDS)
    fresh = kit.given(MODEL, STREAM, nomination(), merge())
    state, events = outcome_of(MODEL, fresh, absorbs(command))
    assert sum(isinstance(event, MemberAdded) for event in events) == 3
    assert refused(MODEL, state, absorbs(command, "2026-03-20 09:01")).code == "already_merged"
    assert refused(MODEL, kit.given(MODEL, STREAM, nomination()), absorbs(command)).code == "not_asked"


def test_what_is_known_here_already_is_not_counted_again() -> None:
    command = holdings_of(*GROUNDS)
    state, events = outcome_of(MODEL, group(*GROUNDS, merge("2026-03-19 09:00")), absorbs(command))
    assert [event.type for event in events] == ["group_absorbed.v1"]
    assert (state.members_counted, len(state.offences), len(state.benefits), len(state.cases)) == (3, 1, 1, 1)


def test_a_designated_survivor_tells_the_new_cases_what_it_is() -> None:
    link = analyst(LinkCase(case=OTHER_CASE, because="one vehicle"), "2026-03-04 09:00")
    command = holdings_of(link, *GROUNDS)
    events = events_of(MODEL, group(*DESIGNATED, merge()), absorbs(command))
    assert [event.case for event in events if isinstance(event, CaseLinked)] == [OTHER_CASE]
    handed = [(item.to, item.command) for item in handed_on(events)]
    assert (f"{OTHER_CASE}/case", "TellNetworkOutcome") in handed
    assert (f"{OTHER_CASE}/case", "TellNetworkLink") in handed


def test_who_is_who_is_left_out_and_named_where_a_designated_group_would_lose_a_member_that_it_needs() -> None:
    said = analyst(RecordSamePerson(same=SamePerson(one=ONE.end, other=TWO.end)), "2026-03-07 09:00", "one man")
    harmless = SamePerson(one=THREE.end, other=GroupLinkEnd(case=THREE.case, person="unidentified"))
    also = analyst(RecordSamePerson(same=harmless), "2026-03-07 09:10", "one man")
    command = holdings_of(*GROUNDS, said, also)
    state, events = outcome_of(MODEL, group(*DESIGNATED, merge()), absorbs(command))
    absorbed = events[0]
    assert isinstance(absorbed, GroupAbsorbed)
    assert absorbed.left_out == (f"{SamePerson(one=ONE.end, other=TWO.end)}: one man",)
    assert (state.said_to_be_one, state.members_counted) == ((harmless,), 3)
    assert "left out: suspect-1 of" in absorbed.in_words()


def test_a_group_merges_with_another_group_of_the_agency_and_asks_it_once() -> None:
    for strange in (STREAM, "gmp/26-7k3f9q/designation-1", "nca/group-1/closed-case-review-1"):
        assert refused(MODEL, group(), merge(other=strange)).code == "not_another_group"
    state, events = outcome_of(MODEL, group(), merge())
    assert events[0] == MergerBegun(other=OTHER, because=WHY)
    assert refused(MODEL, state, merge("2026-03-21 09:00")).code == "merger_pending"
    assert refused(MODEL, group(), head(Merge(other=OTHER), "2026-03-20 09:00")).code == "reason_missing"


@pytest.mark.parametrize(
    ("begun", "designated", "code"),
    [
        ((merge(),), True, "merger_pending"),
        ((*GROUNDS, proposal()), True, "proposal_pending"),
        (DESIGNATED, False, "designation_would_end"),
    ],
    ids=["waits for another", "awaits approval", "is designated"],
)
def test_a_group_that_may_not_end_now_says_why(begun: tuple[Request, ...], designated: bool, code: str) -> None:
    assert refused(MODEL, group(*begun), yields(designated)).code == code


def test_a_designated_group_may_end_in_one_that_is_designated() -> None:
    state, events = outcome_of(MODEL, group(*DESIGNATED), yields())
    assert isinstance(events[0], GroupMerged)
    assert [event.outcome for event in events if isinstance(event, StageEnded)] == ["merged"]
    assert state.status == "merged"


def test_where_the_other_refuses_both_go_on_and_the_merger_may_be_asked_for_again() -> None:
    forces = two_groups()
    propose = national_analyst(Propose(outcome="not_met"), "2026-07-19 09:00", "one house", stream=MERS_GROUP)
    forces.give(propose, MERGED)
    (off,) = forces.events(GROUP, MergerCalledOff)
    assert (off.other, "awaits approval" in off.because) == (MERS_GROUP, True)
    assert forces.states[GROUP].merging == ()
    assert forces.states[MERS_GROUP].is_open
    forces.give(national_head(Approve(), "2026-07-20 10:00", "agreed", stream=MERS_GROUP))
    forces.give(national_head(Merge(other=MERS_GROUP), "2026-07-20 11:00", WHY))
    assert forces.states[MERS_GROUP].outcome == "merged"


def test_two_groups_that_ask_one_another_at_once_do_not_both_end() -> None:
    forces = two_groups()
    forces.away = {"nca"}
    forces.give(MERGED, national_head(Merge(other=GROUP), "2026-07-20 09:00", WHY, stream=MERS_GROUP))
    forces.away = set()
    forces.settle()
    # The first to be asked waited for the other, and refused; the second waited no longer when its turn came.
    assert [forces.states[stream].is_open for stream in (GROUP, MERS_GROUP)] == [False, True]
    assert [event.other for event in forces.events(GROUP, MergerCalledOff)] == [MERS_GROUP]
    survivor = forces.states[MERS_GROUP]
    assert (survivor.cases, survivor.absorbed, survivor.merging) == ((MER, NWP), (GROUP,), ())
    assert not [stream for stream, state in forces.states.items() if state.outbox]


def test_a_group_that_does_not_exist_can_be_asked_and_nothing_is_lost() -> None:
    forces = two_groups()
    nowhere = "nca/group-000000000000/designation-1"
    forces.give(national_head(Merge(other=nowhere), "2026-07-20 09:00", WHY))
    assert [event.other for event in forces.events(GROUP, MergerCalledOff)] == [nowhere]
    assert forces.states[GROUP].merging == ()


def test_an_answer_that_comes_after_the_group_was_merged_is_still_recorded() -> None:
    forces = two_groups()
    forces.away = {"mer"}
    link = national_analyst(LinkCase(case=NWP, because="one house"), "2026-07-12 09:00", stream=MERS_GROUP)
    forces.give(link, MERGED)
    forces.away = set()
    forces.settle()
    assert not [event for stream in forces.log for event in forces.events(stream, HandOffRefused)]


def test_an_archive_that_is_proposed_keeps_a_group_from_ending() -> None:
    quiet = request(
        STREAM, "lead_responsible_officer", ProposeArchive(), "2027-03-21 09:00", actor="officer-lro-1", reason="quiet"
    )
    assert refused(MODEL, group(*OVERSEEN, quiet), yields(at="2027-03-22 09:00")).code == "proposal_pending"
