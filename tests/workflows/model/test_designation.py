from datetime import date

import pytest

from nom.contracts.clocks import ClockMet, ClockStarted
from nom.contracts.designation import (
    Approve,
    DesignationNotMet,
    DesignationProposed,
    DesignationReturned,
    GroupDesignated,
    PriorityIndividualRaised,
    Propose,
    ProposedOutcome,
    RetestTriggered,
    Return,
    VulnerabilityRaised,
)
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOffMade
from nom.contracts.group_grounds import (
    AddMember,
    BenefitRecorded,
    CaseLinked,
    EligibleOffenceRecorded,
    GroupLinkEnd,
    GroupLinkRecorded,
    GroupPerson,
    LinkCase,
    MemberAdded,
    MemberRemoved,
    NominationReceived,
    RecordBenefit,
    RecordEligibleOffence,
    RecordLink,
    RemoveMember,
    ScoreThreat,
    ThreatInput,
    ThreatScored,
)
from nom.contracts.stages import TellNetworkOutcome
from nom.workflows.model.designation import MODEL
from tests.workflows.model.designation_acts import (
    CASE,
    CHILD,
    DESIGNATED,
    GROUNDS,
    GROUP,
    MEMBERS,
    NOT_MET,
    OFFENCE,
    ONE,
    OTHER_CASE,
    RATINGS,
    SCORE,
    STREAM,
    THREE,
    TWO,
    analyst,
    approval,
    group,
    head,
    nomination,
    proposal,
)
from tests.workflows.model.kit import breaches, events_of, labels, london, outcome_of, refused

LINK = RecordLink(
    between=(GroupLinkEnd(case=CASE, person="suspect-1"), GroupLinkEnd(case=CASE, person="unidentified")),
    kind="same_vehicle",
    source="number plate recognition",
)
JOIN = LinkCase(case=OTHER_CASE, because="suspect-1 is the unidentified person")


def told(events: tuple[EventBase, ...]) -> list[tuple[str, TellNetworkOutcome]]:
    return [
        (event.hand_off.to, TellNetworkOutcome.model_validate(event.hand_off.envelope["command"]))
        for event in events
        if isinstance(event, HandOffMade) and event.command == "TellNetworkOutcome"
    ]


def started(events: tuple[EventBase, ...]) -> dict[str, date | None]:
    return {event.clock_id: event.last_day for event in events if isinstance(event, ClockStarted)}


def test_a_nomination_of_the_fifth_scenario_is_proposed_by_the_29th_and_decided_by_the_5th() -> None:
    events = events_of(MODEL, MODEL.blank(STREAM), nomination("2026-05-21 17:00"))
    assert isinstance(events[1], NominationReceived)
    assert started(events) == {"dg1": date(2026, 5, 29), "dg2": date(2026, 6, 5)}


def test_the_nominating_case_is_linked_and_its_suspects_are_candidates_not_members() -> None:
    state = group()
    assert (state.cases, state.candidates, state.members) == ((CASE,), (ONE, TWO, THREE), ())


def test_members_are_counted_one_by_one() -> None:
    events = events_of(MODEL, group(), GROUNDS[0])
    assert events == tuple(MemberAdded(member=member, overlap_decided_by=None) for member in (ONE, TWO, THREE))
    assert events[0].in_words() == "suspect-1 of gmp/26-7k3f9q counted as a member"


def test_nobody_is_counted_twice() -> None:
    again = analyst(AddMember(members=(ONE,)), "2026-03-05 10:00")
    assert refused(MODEL, group(GROUNDS[0]), again).code == "already_a_member"
    twice = analyst(AddMember(members=(ONE, ONE)), "2026-03-05 10:00")
    assert refused(MODEL, group(), twice).code == "already_a_member"


def test_somebody_of_a_case_that_is_not_linked_is_refused() -> None:
    stranger = GroupPerson(case=OTHER_CASE, suspect="suspect-1")
    refusal = refused(MODEL, group(), analyst(AddMember(members=(ONE, stranger)), "2026-03-05 09:00"))
    assert labels(refusal) == [f"case_not_linked:{OTHER_CASE}"]
    linked = group(analyst(JOIN, "2026-03-04 09:00"))
    assert events_of(MODEL, linked, analyst(AddMember(members=(stranger,)), "2026-03-05 09:00"))


def test_a_child_who_was_coerced_is_counted_only_by_a_persons_decision_and_flagged() -> None:
    silently = analyst(AddMember(members=(ONE, CHILD)), "2026-03-05 09:00", "recruited others")
    assert labels(refused(MODEL, group(), silently)) == ["overlap_not_decided:child-1"]
    decided = AddMember(members=(ONE, CHILD), overlap_decided_by="superintendent-1")
    assert refused(MODEL, group(), analyst(decided, "2026-03-05 09:00")).code == "reason_missing"
    state, events = outcome_of(MODEL, group(), analyst(decided, "2026-03-05 09:00", "recruited others"))
    assert events == (
        MemberAdded(member=ONE, overlap_decided_by=None),
        MemberAdded(member=CHILD, overlap_decided_by="superintendent-1"),
    )
    assert "also a victim" in events[1].in_words()
    assert [member.overlap for member in state.members] == [False, True]


def test_a_member_is_removed_with_a_reason() -> None:
    remove = RemoveMember(member=ONE)
    assert refused(MODEL, group(GROUNDS[0]), analyst(remove, "2026-03-06 09:00")).code == "reason_missing"
    removed = events_of(MODEL, group(GROUNDS[0]), analyst(remove, "2026-03-06 09:00", "mistaken identity"))
    assert removed == (MemberRemoved(member=ONE, reason="mistaken identity"),)
    assert refused(MODEL, group(), analyst(remove, "2026-03-06 09:00", "mistaken identity")).code == "not_a_member"


def test_a_designated_group_keeps_enough_members() -> None:
    remove = analyst(RemoveMember(member=ONE), "2026-03-12 09:00", "mistaken identity")
    assert refused(MODEL, group(*DESIGNATED), remove).code == "members_too_few"
    undone = group(*DESIGNATED, proposal("not_met", "2026-03-12 09:00"), approval("2026-03-12 10:00"))
    assert events_of(MODEL, undone, analyst(RemoveMember(member=ONE), "2026-03-12 11:00", "mistaken identity"))


def test_links_are_between_two_people_of_linked_cases() -> None:
    assert isinstance(events_of(MODEL, group(), analyst(LINK, "2026-03-05 09:00"))[0], GroupLinkRecorded)
    one = LINK.between[0]
    alone = LINK.model_copy(update={"between": (one, one)})
    assert refused(MODEL, group(), analyst(alone, "2026-03-05 09:00")).code == "same_person"
    elsewhere = LINK.model_copy(update={"between": (one, GroupLinkEnd(case=OTHER_CASE, person="suspect-1"))})
    assert labels(refused(MODEL, group(), analyst(elsewhere, "2026-03-05 09:00"))) == [f"case_not_linked:{OTHER_CASE}"]


@pytest.mark.parametrize(
    ("offence", "on", "carries"),
    [
        ("SX03238", date(2026, 2, 20), "yes"),
        ("SX03224", date(2026, 2, 20), "no"),
        ("SX03241", date(2022, 6, 27), "yes"),
        ("SX03241", date(2022, 6, 28), "no"),
        ("SX03245", date(2026, 2, 20), "undetermined"),
    ],
)
def test_whether_an_offence_carries_seven_years_is_computed_and_only_yes_counts(
    offence: str, on: date, carries: str
) -> None:
    asked = analyst(RecordEligibleOffence(offence=offence, on=on), "2026-03-05 09:20")
    state, (recorded,) = outcome_of(MODEL, group(GROUNDS[0], *GROUNDS[2:]), asked)
    assert isinstance(recorded, EligibleOffenceRecorded)
    assert (recorded.carries, recorded.years) == (carries, 7)
    if carries == "yes":
        assert events_of(MODEL, state, proposal())
    else:
        refusal = refused(MODEL, state, proposal())
        assert labels(refusal) == ["no_eligible_offence"]
        assert ("undetermined: SX03245" in refusal.unmet[0].words) == (carries == "undetermined")


def test_an_offence_has_a_known_code_a_day_that_has_come_and_is_recorded_once() -> None:
    unknown = OFFENCE.model_copy(update={"offence": "SX09999"})
    assert labels(refused(MODEL, group(), analyst(unknown, "2026-03-05 09:20"))) == ["unknown_offence:SX09999"]
    tomorrow = OFFENCE.model_copy(update={"on": date(2026, 3, 6)})
    assert refused(MODEL, group(), analyst(tomorrow, "2026-03-05 09:20")).code == "occurred_in_future"
    once = group(analyst(OFFENCE, "2026-03-05 09:20"))
    assert refused(MODEL, once, analyst(OFFENCE, "2026-03-05 09:21")).code == "already_recorded"


def test_a_benefit_need_not_be_financial() -> None:
    asked = analyst(RecordBenefit(kind="non_financial", words="status"), "2026-03-05 09:25")
    assert events_of(MODEL, group(), asked) == (BenefitRecorded(kind="non_financial", words="status"),)


def test_the_threat_is_scored_under_the_named_version_of_the_table() -> None:
    (scored,) = events_of(MODEL, group(), analyst(SCORE, "2026-03-06 10:00"))
    assert isinstance(scored, ThreatScored)
    assert (scored.version, scored.score, scored.band) == ("ours-1", 5 * 4 + 3 * 3 + 4 * 3 + 2 * 2 + 1 * 2, "high")


def test_a_score_rates_every_input_once_and_no_other() -> None:
    inputs = [ThreatInput(name=name, rating=rating) for name, rating in RATINGS.items() if name != "reach"]
    inputs += [ThreatInput(name="harm", rating=6), ThreatInput(name="luck", rating=1)]
    refusal = refused(MODEL, group(), analyst(ScoreThreat(inputs=tuple(inputs)), "2026-03-06 10:00"))
    assert refusal.code == "scoring_inputs"
    assert labels(refusal) == ["input_missing:reach", "input_unknown:luck", "input_twice:harm", "input_too_high:harm"]


def test_a_proposal_meets_its_clock_and_awaits_approval() -> None:
    state, events = outcome_of(MODEL, group(*GROUNDS), proposal())
    proposed, met = events
    assert isinstance(proposed, DesignationProposed)
    assert isinstance(met, ClockMet)
    assert (met.rule, met.late, state.status) == ("DG1", False, "proposed")
    assert refused(MODEL, state, proposal("not_met")).code == "proposal_pending"


def test_a_group_that_lacks_everything_is_told_everything() -> None:
    refusal = refused(MODEL, group(), proposal())
    assert refusal.code == "designation_gate"
    assert labels(refusal) == ["members_too_few", "no_eligible_offence", "no_benefit", "not_scored"]


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        (AddMember, "members_too_few"),
        (RecordEligibleOffence, "no_eligible_offence"),
        (RecordBenefit, "no_benefit"),
        (ScoreThreat, "not_scored"),
    ],
)
def test_the_gate_names_the_one_condition_that_is_left_out(left_out: type[CommandBase], missing: str) -> None:
    lacking = group(*(asked for asked in GROUNDS if not isinstance(asked.command, left_out)))
    assert labels(refused(MODEL, lacking, proposal())) == [missing]


def test_the_third_scenario_lacks_a_member_and_a_benefit() -> None:
    state = group(analyst(AddMember(members=(ONE, TWO)), "2026-03-05 09:00"), GROUNDS[1], GROUNDS[3])
    assert labels(refused(MODEL, state, proposal())) == ["members_too_few", "no_benefit"]
    assert events_of(MODEL, state, proposal("priority_individual", member=ONE))


def test_the_grounds_are_looked_at_again_when_the_proposal_is_approved() -> None:
    removed = analyst(RemoveMember(member=ONE), "2026-03-10 09:00", "mistaken identity")
    refusal = refused(MODEL, group(*GROUNDS, proposal(), removed), approval())
    assert labels(refusal) == ["members_too_few"]


@pytest.mark.parametrize(("outcome", "member"), [("priority_individual", None), ("vulnerability", ONE)])
def test_a_member_is_named_for_a_priority_individual_and_for_nothing_else(
    outcome: str, member: GroupPerson | None
) -> None:
    asked = Propose.model_validate({"outcome": outcome, "member": member})
    refusal = refused(MODEL, group(*GROUNDS), analyst(asked, "2026-03-09 09:00", "as recorded"))
    assert refusal.code == "priority_individual"


def test_a_priority_individual_is_a_member_and_stays_one() -> None:
    assert refused(MODEL, group(), proposal("priority_individual", member=ONE)).code == "not_a_member"
    state, events = outcome_of(MODEL, group(*GROUNDS, proposal("priority_individual", member=ONE)), approval())
    assert isinstance(events[0], PriorityIndividualRaised)
    assert events[0].member == ONE
    remove = analyst(RemoveMember(member=ONE), "2026-03-12 09:00", "mistaken identity")
    assert refused(MODEL, state, remove).code == "is_priority_individual"


def test_whoever_scored_and_proposed_may_not_approve() -> None:
    refusal = refused(MODEL, group(*GROUNDS, proposal()), analyst(Approve(), "2026-03-09 09:05", "agreed"))
    assert (refusal.code, labels(refusal)) == ("separation", ["separation:ScoreThreat", "separation:Propose"])


def test_an_approved_group_is_designated_and_every_linked_case_is_told() -> None:
    state, events = outcome_of(MODEL, group(analyst(JOIN, "2026-03-04 09:00"), *GROUNDS, proposal()), approval())
    assert isinstance(events[0], GroupDesignated)
    assert (events[0].members, events[0].version) == (3, "ours-1")
    assert isinstance(events[1], ClockMet)
    assert (events[1].rule, events[1].late) == ("DG2", False)
    outcome = TellNetworkOutcome(group=GROUP, outcome="designated", reason="what the record shows")
    assert told(events) == [(f"{CASE}/case", outcome), (f"{OTHER_CASE}/case", outcome)]
    assert (state.status, state.outcome) == ("designated", None)


def test_not_met_keeps_its_reason_and_does_not_end_the_group() -> None:
    state, events = outcome_of(MODEL, group(NOT_MET[0]), NOT_MET[1])
    assert events[0] == DesignationNotMet(reason="what the record shows", decided_at=london("2026-03-11 15:00"))
    assert told(events)[0][1].reason == "what the record shows"
    assert (state.status, state.decided_because, state.is_open) == ("not_met", "what the record shows", True)


def test_a_vulnerability_is_an_outcome_too() -> None:
    assert isinstance(events_of(MODEL, group(proposal("vulnerability")), approval())[0], VulnerabilityRaised)


def test_a_returned_proposal_can_be_made_again_while_the_decision_stays_due() -> None:
    back = head(Return(), "2026-03-10 09:00", "no benefit is described")
    state, events = outcome_of(MODEL, group(*GROUNDS, proposal()), back)
    assert events == (DesignationReturned(reason="no benefit is described"),)
    due = state.clock("dg2")
    assert due is not None
    assert due.is_open
    assert events_of(MODEL, state, proposal(at="2026-03-10 10:00"))


@pytest.mark.parametrize("command", [Approve(), Return()])
def test_there_must_be_a_proposal_and_it_must_be_older(command: CommandBase) -> None:
    assert refused(MODEL, group(*GROUNDS), head(command, "2026-03-11 15:00", "as said")).code == "no_proposal"
    early = head(command, "2026-03-09 08:59", "as said")
    assert refused(MODEL, group(*GROUNDS, proposal()), early).code == "before_proposal"


def test_what_is_late_is_done_all_the_same_and_marked() -> None:
    state, events = outcome_of(MODEL, group(*GROUNDS), proposal(at="2026-03-20 09:00"))
    assert breaches(events) == ["dg1", "dg2"]
    events = events_of(MODEL, state, approval("2026-03-20 10:00"))
    assert [event.late for event in events if isinstance(event, ClockMet)] == [True]


@pytest.mark.parametrize("command", [JOIN, AddMember(members=(ONE,)), LINK], ids=lambda command: type(command).__name__)
def test_a_link_after_not_met_makes_the_test_due_again_in_a_working_day(command: CommandBase) -> None:
    state, events = outcome_of(MODEL, group(*NOT_MET), analyst(command, "2026-03-20 09:00"))
    triggered = [event for event in events if isinstance(event, RetestTriggered)]
    assert [event.number for event in triggered] == [1]
    assert started(events) == {"dg4-1": date(2026, 3, 23)}
    events = events_of(MODEL, state, proposal("not_met", "2026-03-23 09:00"))
    assert [event.clock_id for event in events if isinstance(event, ClockMet)] == ["dg4-1"]


def test_every_further_link_is_an_event_but_one_clock_runs() -> None:
    state = group(*NOT_MET, analyst(JOIN, "2026-03-20 09:00"))
    state, events = outcome_of(MODEL, state, analyst(LINK, "2026-03-20 10:00"))
    assert [event.number for event in events if isinstance(event, RetestTriggered)] == [2]
    assert started(events) == {}
    state = group(*NOT_MET, analyst(JOIN, "2026-03-20 09:00"), proposal("not_met", "2026-03-20 12:00"))
    state, events = outcome_of(MODEL, state, analyst(LINK, "2026-03-20 13:00"))
    assert started(events) == {"dg4-2": date(2026, 3, 23)}
    events = events_of(MODEL, state, approval("2026-03-20 14:00"))
    assert [event.clock_id for event in events if isinstance(event, ClockMet)] == ["dg4-2"]


@pytest.mark.parametrize("outcome", ["vulnerability", "priority_individual"])
def test_a_link_after_another_outcome_than_not_met_is_no_retest(outcome: ProposedOutcome) -> None:
    member = ONE if outcome == "priority_individual" else None
    state = group(MEMBERS, proposal(outcome, member=member), approval())
    events = events_of(MODEL, state, analyst(LinkCase(case=OTHER_CASE, because="one vehicle"), "2026-03-20 09:00"))
    assert not [event for event in events if isinstance(event, RetestTriggered)]


def test_no_link_makes_a_designated_group_due_again() -> None:
    assert events_of(MODEL, group(*DESIGNATED), analyst(LINK, "2026-03-12 09:00"))[0].type == "group_link_recorded.v1"
    assert group(*DESIGNATED, analyst(LINK, "2026-03-12 09:00")).retests == 0


def test_a_link_older_than_the_decision_and_typed_in_later_is_due_from_the_decision() -> None:
    events = events_of(MODEL, group(*NOT_MET), analyst(LINK, "2026-03-04 09:00"))
    assert started(events) == {"dg4-1": date(2026, 3, 12)}
    assert breaches(events) == []


def test_a_case_that_is_linked_later_learns_what_was_decided() -> None:
    events = events_of(MODEL, group(*DESIGNATED), analyst(JOIN, "2026-03-20 09:00"))
    assert events[0] == CaseLinked(case=OTHER_CASE, because=JOIN.because)
    assert [(to, outcome.outcome) for to, outcome in told(events)] == [(f"{OTHER_CASE}/case", "designated")]
    assert refused(MODEL, group(), analyst(LinkCase(case=CASE, because="again"), "2026-03-04 09:00")).code == (
        "already_linked"
    )
