"""Who is who in a group: one person under two references is counted once, and both cases hear of it."""

from typing import Literal

import pytest

from nom.contracts.designation import Propose, RetestTriggered
from nom.contracts.events import EventBase
from nom.contracts.every_process import HandOffMade
from nom.contracts.group_grounds import AddMember, GroupLinkEnd, GroupPerson, LinkCase, RemoveMember, SamePerson
from nom.contracts.group_identity import RecordSamePerson, SamePersonRecorded, SamePersonWithdrawn, WithdrawSamePerson
from nom.contracts.network_links import TellNetworkLink, TellNetworkRetest
from nom.workflows.model.designation import MODEL
from nom.workflows.model.group_persons import are_one, persons
from tests.workflows.model.designation_acts import (
    CASE,
    CHILD,
    DESIGNATED,
    GROUNDS,
    MEMBERS,
    NOT_MET,
    ONE,
    OTHER_CASE,
    STREAM,
    THREE,
    TWO,
    analyst,
    approval,
    group,
    proposal,
)
from tests.workflows.model.kit import Request, breaches, events_of, labels, outcome_of, refused, request

FOUR = GroupPerson(case=OTHER_CASE, suspect="suspect-1")
UNNAMED = GroupLinkEnd(case=CASE, person="unidentified")
JOINED = analyst(LinkCase(case=OTHER_CASE, because="the same vehicle"), "2026-03-04 09:00")
ONE_IS_FOUR = SamePerson(one=ONE.end, other=FOUR.end)


def says(same: SamePerson, at: str = "2026-03-07 09:00", decided_by: str | None = None) -> Request:
    return analyst(RecordSamePerson(same=same, overlap_decided_by=decided_by), at, "one number plate")


def told(events: tuple[EventBase, ...]) -> dict[str, TellNetworkLink]:
    return {
        event.hand_off.to: TellNetworkLink.model_validate(event.hand_off.envelope["command"])
        for event in events
        if isinstance(event, HandOffMade) and event.command == "TellNetworkLink"
    }


def test_references_are_joined_through_others() -> None:
    a, b, c, d = (GroupLinkEnd(case=CASE, person=f"suspect-{number}") for number in (1, 2, 3, 4))
    said = (SamePerson(one=a, other=b), SamePerson(one=c, other=d), SamePerson(one=d, other=b))
    assert persons((a, c), said) == (frozenset((a, b, c, d)),)
    assert persons((a, c), said[:2]) == (frozenset((a, b)), frozenset((c, d)))
    assert are_one(a, c, said)
    assert not are_one(a, c, said[:2])
    assert are_one(a, a, ())


def test_one_person_under_two_references_is_counted_once() -> None:
    fourth = analyst(AddMember(members=(FOUR,)), "2026-03-05 09:10")
    state = group(JOINED, MEMBERS, fourth)
    assert state.members_counted == 4
    state, events = outcome_of(MODEL, state, says(ONE_IS_FOUR))
    said = SamePersonRecorded(same=ONE_IS_FOUR, because="one number plate", overlap_decided_by=None)
    assert events[0] == said
    assert events[0].in_words() == (
        f"One person: suspect-1 of {CASE} is suspect-1 of {OTHER_CASE}, because one number plate"
    )
    assert (state.members_counted, len(state.members)) == (3, 4)


def test_both_cases_hear_who_of_theirs_is_who_of_the_other() -> None:
    events = events_of(MODEL, group(JOINED), says(SamePerson(one=UNNAMED, other=FOUR.end)))
    heard = told(events)
    assert {to: (item.network.here, item.network.others) for to, item in heard.items()} == {
        f"{CASE}/case": (("suspect-1", "suspect-2", "suspect-3", "unidentified"), 0),
        f"{OTHER_CASE}/case": (("suspect-1",), 3),
    }
    assert {item.same for item in heard.values()} == {(SamePerson(one=UNNAMED, other=FOUR.end),)}
    assert {item.network.of for item in heard.values()} == {CASE, OTHER_CASE}


def test_within_one_case_only_that_case_hears_of_it() -> None:
    assert set(told(events_of(MODEL, group(), says(SamePerson(one=ONE.end, other=UNNAMED))))) == {f"{CASE}/case"}


def test_a_stranger_of_a_nomination_whom_nobody_named_is_counted_among_the_others() -> None:
    heard = told(events_of(MODEL, group(), analyst(JOINED.command, "2026-03-04 09:00")))
    assert (heard[f"{OTHER_CASE}/case"].network.here, heard[f"{OTHER_CASE}/case"].network.others) == ((), 4)


def test_a_victim_stands_in_no_network_that_a_case_is_told_of() -> None:
    counted = AddMember(members=(CHILD,), overlap_decided_by="superintendent-1")
    state = group(analyst(counted, "2026-03-05 09:00", "recruited others"))
    heard = told(events_of(MODEL, state, analyst(JOINED.command, "2026-03-06 09:00")))
    assert "child-1" not in heard[f"{CASE}/case"].network.here
    assert heard[f"{OTHER_CASE}/case"].network.others == 4


def test_after_not_met_who_is_who_is_a_link_and_the_test_is_due_again() -> None:
    events = events_of(MODEL, group(JOINED, *NOT_MET), says(ONE_IS_FOUR, "2026-03-20 09:00"))
    assert [event.because for event in events if isinstance(event, RetestTriggered)] == [
        f"suspect-1 of {CASE} is suspect-1 of {OTHER_CASE}: one number plate"
    ]


def test_a_case_may_be_linked_by_who_of_it_is_who() -> None:
    claim = SamePerson(one=FOUR.end, other=UNNAMED)
    linked = LinkCase(case=OTHER_CASE, because="his vehicle", same_as=(claim,))
    state, events = outcome_of(MODEL, group(), analyst(linked, "2026-03-04 09:00"))
    assert events[1] == SamePersonRecorded(same=claim, because="his vehicle", overlap_decided_by=None)
    assert state.said_to_be_one == (claim,)
    again = LinkCase(case=OTHER_CASE, because="his vehicle", same_as=(claim, claim))
    assert refused(MODEL, group(), analyst(again, "2026-03-04 09:00")).code == "already_recorded"
    elsewhere = SamePerson(one=FOUR.end, other=GroupLinkEnd(case="nwp/26-9", person="suspect-1"))
    strange = LinkCase(case=OTHER_CASE, because="his vehicle", same_as=(elsewhere,))
    assert labels(refused(MODEL, group(), analyst(strange, "2026-03-04 09:00"))) == ["case_not_linked:nwp/26-9"]


@pytest.mark.parametrize(
    ("same", "code"),
    [
        (SamePerson(one=ONE.end, other=ONE.end), "same_reference"),
        (ONE_IS_FOUR, "case_not_linked"),
        (SamePerson(one=ONE.end, other=CHILD.end), "overlap_not_decided"),
    ],
)
def test_two_references_of_linked_cases_are_needed_and_a_decision_on_a_victim(same: SamePerson, code: str) -> None:
    assert refused(MODEL, group(), says(same)).code == code


def test_what_follows_from_what_was_said_is_not_said_again() -> None:
    state = group(says(SamePerson(one=ONE.end, other=UNNAMED)), says(SamePerson(one=UNNAMED, other=TWO.end)))
    assert refused(MODEL, state, says(SamePerson(one=TWO.end, other=ONE.end))).code == "already_recorded"


def test_a_victim_is_somebody_else_only_by_a_persons_decision_and_that_is_flagged() -> None:
    same = SamePerson(one=ONE.end, other=CHILD.end)
    assert labels(refused(MODEL, group(), says(same))) == ["overlap_not_decided:child-1"]
    (said, *_) = events_of(MODEL, group(), says(same, decided_by="superintendent-1"))
    assert isinstance(said, SamePersonRecorded)
    assert said.overlap_decided_by == "superintendent-1"
    assert "also a victim, by the decision of superintendent-1" in said.in_words()
    (said, *_) = events_of(MODEL, group(JOINED), says(ONE_IS_FOUR, decided_by="superintendent-1"))
    assert isinstance(said, SamePersonRecorded)
    assert said.overlap_decided_by is None


def test_a_designated_group_does_not_lose_a_member_it_needs_by_who_is_who() -> None:
    refusal = refused(MODEL, group(*DESIGNATED), says(SamePerson(one=ONE.end, other=TWO.end), "2026-03-12 09:00"))
    assert labels(refusal) == ["members_too_few"]
    undone = group(*DESIGNATED, proposal("not_met", "2026-03-12 09:00"), approval("2026-03-12 10:00"))
    assert events_of(MODEL, undone, says(SamePerson(one=ONE.end, other=TWO.end), "2026-03-13 09:00"))


def test_a_member_with_two_references_may_lose_one_of_them() -> None:
    fourth = analyst(AddMember(members=(FOUR,)), "2026-03-05 09:10")
    state = group(JOINED, *GROUNDS, fourth, says(ONE_IS_FOUR), proposal(), approval())
    assert state.members_counted == 3
    remove = analyst(RemoveMember(member=FOUR), "2026-03-12 09:00", "counted twice")
    assert events_of(MODEL, state, remove)
    last = analyst(RemoveMember(member=THREE), "2026-03-12 09:00", "mistaken identity")
    assert labels(refused(MODEL, state, last)) == ["members_too_few"]


def test_nobody_is_counted_again_under_another_reference() -> None:
    state = group(JOINED, MEMBERS, says(ONE_IS_FOUR))
    refusal = refused(MODEL, state, analyst(AddMember(members=(FOUR,)), "2026-03-08 09:00"))
    assert (refusal.code, "as suspect-1 of gmp/26-7k3f9q" in refusal.message) == ("already_a_member", True)


def test_two_members_who_are_one_do_not_bear_a_designation() -> None:
    state = group(*GROUNDS, says(SamePerson(one=ONE.end, other=TWO.end)))
    refusal = refused(
        MODEL, state, analyst(Propose(outcome="organised_crime_group"), "2026-03-09 09:00", "as recorded")
    )
    assert [(item.code, item.words) for item in refusal.unmet] == [("members_too_few", "2 of 3 members recorded")]


def test_two_people_after_all_are_counted_apart_and_both_cases_hear_it() -> None:
    fourth = analyst(AddMember(members=(FOUR,)), "2026-03-05 09:10")
    held = group(JOINED, MEMBERS, fourth, says(ONE_IS_FOUR))
    turned = WithdrawSamePerson(same=SamePerson(one=FOUR.end, other=ONE.end))
    assert refused(MODEL, held, analyst(turned, "2026-03-08 09:00")).code == "reason_missing"
    state, events = outcome_of(MODEL, held, analyst(turned, "2026-03-08 09:00", "a misread number plate"))
    assert isinstance(events[0], SamePersonWithdrawn)
    assert (state.members_counted, state.same) == (4, ())
    assert set(told(events)) == {f"{CASE}/case", f"{OTHER_CASE}/case"}
    assert refused(MODEL, state, analyst(turned, "2026-03-08 10:00", "again")).code == "not_recorded"


def test_a_case_that_was_transferred_goes_on_under_its_new_name_and_nobody_is_counted_twice() -> None:
    moved = LinkCase(case="wyp/from-gmp-1", because="transferred to WYP, and goes on as this case", continues=CASE)
    vulnerability = (MEMBERS, proposal("vulnerability"), approval())
    state, events = outcome_of(MODEL, group(*vulnerability), analyst(moved, "2026-03-20 09:00"))
    assert {event.type for event in events} == {"case_linked.v1", "same_person_recorded.v1"}
    assert (state.cases, state.members_counted) == ((CASE, "wyp/from-gmp-1"), 3)
    heard = told(events_of(MODEL, state, analyst(JOINED.command, "2026-03-21 09:00")))
    here = ("suspect-1", "suspect-2", "suspect-3")
    assert {to: item.network.here for to, item in heard.items()} == {
        f"{CASE}/case": here,
        "wyp/from-gmp-1/case": here,
        f"{OTHER_CASE}/case": (),
    }
    assert heard[f"{OTHER_CASE}/case"].network.others == 4
    retested = events_of(MODEL, group(MEMBERS, *NOT_MET), analyst(moved, "2026-03-20 09:00"))
    assert sum(isinstance(event, RetestTriggered) for event in retested) == 1
    strange = LinkCase(case="wyp/from-gmp-1", because="transferred", continues="nwp/26-9")
    assert labels(refused(MODEL, group(), analyst(strange, "2026-03-20 09:00"))) == ["case_not_linked:nwp/26-9"]


def answer(
    case: str, says: Literal["met", "not met", "no triage"], because: str, at: str = "2026-03-20 09:30"
) -> Request:
    judged = {"met": True, "not met": False, "no triage": None}[says]
    return request(STREAM, "system", TellNetworkRetest(case=case, judged=judged, because=because), at)


LATE_LINK = analyst(LinkCase(case=OTHER_CASE, because="the same vehicle"), "2026-03-20 09:00")
WHY = f"case {OTHER_CASE} linked: the same vehicle"


def test_the_test_was_made_again_once_every_case_has_answered() -> None:
    state = group(*NOT_MET, LATE_LINK)
    assert state.retest_awaits == (CASE, OTHER_CASE)
    state, events = outcome_of(MODEL, state, answer(CASE, "not met", WHY))
    assert [event.type for event in events] == ["case_retested.v1"]
    state, events = outcome_of(MODEL, state, answer(OTHER_CASE, "no triage", WHY))
    assert [event.type for event in events] == ["case_retested.v1", "clock_met.v1"]
    assert state.clock("dg1-2") is None


def test_an_answer_that_meets_the_test_has_an_outcome_proposed_and_decided_again() -> None:
    state = group(*NOT_MET, LATE_LINK, answer(CASE, "met", WHY))
    state, events = outcome_of(MODEL, state, answer(OTHER_CASE, "not met", WHY))
    assert [clock.id for clock in state.clocks if clock.is_open] == ["dg1-2", "dg2-2"]
    assert breaches(events) == []
    state = group(*NOT_MET, LATE_LINK, answer(CASE, "met", WHY), answer(OTHER_CASE, "met", WHY))
    state, _ = outcome_of(MODEL, state, proposal("vulnerability", "2026-03-25 09:00"))
    state, _ = outcome_of(MODEL, state, approval("2026-03-26 09:00"))
    assert not [clock for clock in state.clocks if clock.is_open]


def test_an_answer_to_an_older_link_does_not_stand_for_the_later_one() -> None:
    later = analyst(AddMember(members=(ONE,)), "2026-03-20 10:00")
    state = group(*NOT_MET, LATE_LINK, later, answer(CASE, "met", WHY), answer(OTHER_CASE, "met", WHY))
    assert state.retest_awaits == (CASE, OTHER_CASE)
    assert [clock.id for clock in state.clocks if clock.is_open] == ["dg4-1"]


def test_an_answer_after_a_proposal_starts_nothing_and_one_of_a_strange_case_is_refused() -> None:
    state = group(*NOT_MET, LATE_LINK, proposal("not_met", "2026-03-20 09:10"))
    assert state.retest_awaits == ()
    events = events_of(MODEL, state, answer(OTHER_CASE, "met", WHY))
    assert [event.type for event in events] == ["case_retested.v1"]
    assert refused(MODEL, group(), answer(OTHER_CASE, "met", WHY)).code == "case_not_linked"
