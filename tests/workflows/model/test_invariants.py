"""Each of the twenty-five invariants: what the rules leave keeps it, and a history that breaks it is named."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, get_args

import pytest

from nom.contracts.actors import Agency, Rank
from nom.contracts.case import GroupNominated
from nom.contracts.characteristics import (
    EthnicityRecorded,
    EthnicityUnavailableRecorded,
    NationalityRecorded,
    NationalityUnavailableRecorded,
)
from nom.contracts.charge import (
    ActionItemCompleted,
    ApplyThresholdTest,
    ChargeAuthorised,
    Finding,
    FullCodeTestApplied,
    SuspectCharged,
    ThresholdCondition,
    ThresholdTestApplied,
)
from nom.contracts.clocks import ClockStarted, DeadlineBreached
from nom.contracts.closure import NoFurtherActionApproved, NoFurtherActionProposed, ReviewDecided, ReviewOffered
from nom.contracts.conference import ConferenceHeld, HoldConference
from nom.contracts.crime import CrimeRecorded
from nom.contracts.custody import BailExtended, DetentionReviewed, UnlawfulDetentionRecorded
from nom.contracts.designation import FourPPlanApproved, GroupDesignated, LroAppointed, RetestTriggered
from nom.contracts.envelope import CommandEnvelope, PolicyRef
from nom.contracts.every_process import CommonCommand
from nom.contracts.group_course import GroupArchived
from nom.contracts.group_grounds import (
    AddMember,
    BenefitRecorded,
    EligibleOffenceRecorded,
    GroupPerson,
    LinkCase,
    MemberAdded,
    SamePerson,
    ThreatScored,
)
from nom.contracts.group_identity import RecordSamePerson, SamePersonWithdrawn, WithdrawSamePerson
from nom.contracts.ids import ProcessKind
from nom.contracts.inquiry import (
    LineOfInquiryClosed,
    SuspectInterviewed,
    SuspectNotInterviewed,
    VictimAccountDeclined,
    VictimAccountNotSought,
    VictimAccountTaken,
)
from nom.contracts.meeting_session import AttendanceRecorded, InformationShared, RefuseToShare, SharingRefused
from nom.contracts.network_links import NetworkLinkDiscovered
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.referral import ReferralAcknowledged, Route
from nom.contracts.standing import StandingTold
from nom.contracts.subjects import Subject
from nom.contracts.triage import ImmediateSafeguardingTaken, NetworkTestRecorded, NrmReferralMade, TriageDecided
from nom.contracts.warrants import WarrantGranted
from nom.workflows.model.deliberation import horizon_of
from nom.workflows.model.invariants.matter import PAPERWORK, Entry, History, Matter
from nom.workflows.model.invariants.registry import INVARIANTS, carried_by, invariant, violations
from tests.workflows.model import arrests, designation_acts, files, group_life_acts, meeting_acts, triage_acts
from tests.workflows.model.forces import MER, decided
from tests.workflows.model.histories import (
    Spoiler,
    actor_of,
    given_by,
    instead,
    judged,
    recorded,
    recording,
    saying,
    then,
    without,
    worked,
)
from tests.workflows.model.kit import FROM_DECEMBER, request
from tests.workflows.model.two_forces_acts import ALL_FOLLOWS, JOINED, two_forces

ACCOUNTS = (VictimAccountTaken, VictimAccountDeclined, VictimAccountNotSought)
TRAFFICKED = Subject(id="child-1", age=14, trafficking_suspected=True)
WORDS = "she was a prostitute"


def network() -> Matter:
    return worked("01")


def closed_too_soon() -> Matter:
    return worked("02")


def late() -> Matter:
    return worked("04")


def trafficked_child() -> Matter:
    people = (TRAFFICKED, *(Subject(id=suspect) for suspect in triage_acts.SUSPECTS))
    return recorded(triage_acts.opening(*people), *triage_acts.COMPLETE, triage_acts.DECIDED)


def not_investigated() -> Matter:
    """Nobody told the child in time that nothing is investigated."""
    return told_that_nothing_is_investigated("2026-03-05 10:00")


def told_that_nothing_is_investigated(at: str = "2026-03-03 10:00") -> Matter:
    acts = triage_acts
    before = [asked for asked in acts.COMPLETE if asked not in acts.LINKS]
    decided = acts.sergeant(acts.NOTHING, "2026-03-02 18:00", "no risk remains")
    notice = request(acts.STREAM, "supervising_officer", NotifyVictim(of="decision"), at)
    return recorded(acts.opening(), *before, decided, notice)


def network_disputed() -> Matter:
    judged = triage_acts.RecordNetworkTest(judged="not_met")
    no_group = triage_acts.EVERYTHING.model_copy(update={"nominate": False})
    return recorded(
        triage_acts.opening(),
        *triage_acts.COMPLETE,
        triage_acts.sergeant(judged, "2026-03-02 17:35", "one of them was abroad"),
        triage_acts.sergeant(no_group, "2026-03-02 17:40", "no network"),
    )


def linked_after_not_met() -> Matter:
    acts = designation_acts
    later = acts.analyst(AddMember(members=(acts.ONE,)), "2026-04-01 09:00")
    return recorded(acts.nomination(), *acts.NOT_MET, later)


def overseen() -> Matter:
    return recorded(designation_acts.nomination(), *designation_acts.OVERSEEN)


def archived() -> Matter:
    return recorded(designation_acts.nomination(), *group_life_acts.ARCHIVED, group_life_acts.REOPENED)


def one_under_two_references() -> Matter:
    """Four members are counted under five references, and a pair of them turns out not to be one person."""
    acts = designation_acts
    other = tuple(GroupPerson(case=acts.OTHER_CASE, suspect=suspect) for suspect in acts.SUSPECTS[:2])
    first, second = (
        SamePerson(one=mine.end, other=theirs.end) for mine, theirs in zip((acts.ONE, acts.TWO), other, strict=True)
    )
    return recorded(
        acts.nomination(),
        acts.analyst(LinkCase(case=acts.OTHER_CASE, because="one vehicle"), "2026-03-04 09:00"),
        acts.analyst(AddMember(members=other), "2026-03-04 09:10"),
        *acts.GROUNDS,
        acts.analyst(RecordSamePerson(same=first), "2026-03-07 09:00", "one number plate"),
        acts.analyst(RecordSamePerson(same=second), "2026-03-07 09:10", "one number plate"),
        acts.analyst(WithdrawSamePerson(same=second), "2026-03-07 09:20", "two number plates"),
        acts.proposal(),
        acts.approval(),
    )


def one_person_after_not_met() -> Matter:
    acts = designation_acts
    said = RecordSamePerson(same=SamePerson(one=acts.ONE.end, other=acts.TWO.end))
    return recorded(acts.nomination(), *acts.NOT_MET, acts.analyst(said, "2026-04-01 09:00", "one number plate"))


def planned_late() -> Matter:
    acts = designation_acts
    return recorded(
        acts.nomination(), *acts.DESIGNATED, acts.TIER, acts.OFFICER, acts.head(acts.PLAN, "2026-03-19 09:00")
    )


def charged_on_threshold() -> Matter:
    findings = tuple(Finding(condition=condition, met=True) for condition in get_args(ThresholdCondition))
    test = ApplyThresholdTest(findings=findings, full_code_review=date(2026, 5, 20))
    submitted = files.submit("2026-04-20 10:00", file="red")
    return recorded(submitted, files.by_lawyer(test, "2026-04-21 10:00"), files.authorise("2026-04-21 10:30"))


def reviewed_late() -> Matter:
    """Charged on the Threshold Test under a pack that times the review, which came two days late."""
    findings = tuple(Finding(condition=condition, met=True) for condition in get_args(ThresholdCondition))
    test = ApplyThresholdTest(findings=findings, full_code_review=date(2026, 5, 20))
    submitted = files.submit("2026-04-20 10:00", file="red")
    authorised = (files.by_lawyer(test, "2026-04-21 10:00"), files.authorise("2026-04-21 10:30"))
    charged = (files.charge("2026-04-21 11:00"), files.notify("2026-04-22 10:00"))
    late_review = files.full_code("2026-05-22 10:00")
    return recorded(submitted, *authorised, *charged, late_review, facts=FROM_DECEMBER)


def meeting_with_a_refusal() -> Matter:
    acts = meeting_acts
    refusal = RefuseToShare(
        agency=acts.HEALTH, item="records", to=(acts.POLICE,), ground="more_detrimental_to_the_child"
    )
    refused = acts.representative(refusal, "2026-03-04 09:55", acts.HEALTH, "it would end the treatment")
    return recorded(acts.opening(), *acts.WHOLE[:5], refused, *acts.WHOLE[5:])


def held_long() -> Matter:
    asked = (arrests.apply_for_warrant("2026-03-18 15:00"), arrests.grant_warrant("2026-03-18 16:00"))
    return recorded(*arrests.EXTENDED, *asked, arrests.end("2026-03-19 10:00"))


def held_too_long() -> Matter:
    return recorded(*arrests.DETAINED, arrests.end("2026-03-18 10:00"))


def conference_late() -> Matter:
    acts = meeting_acts
    held = acts.conference_chair(HoldConference(outcome="plan"), "2026-04-24 10:00")
    return recorded(acts.opening(), *acts.READY_TO_CLOSE, held)


def resubmitted() -> Matter:
    done = (files.complete("2026-05-12 09:00", 1), files.complete("2026-05-19 09:00", 2))
    return recorded(*files.PLANNED, *done, files.resubmit("2026-05-20 09:00"))


class Broken(NamedTuple):
    """A history that no rule would leave: what it is made from, and how."""

    number: int
    how: str
    of: Callable[[], Matter]
    spoil: Spoiler


def approver_proposed(matter: Matter) -> Matter:
    return given_by(actor_of(matter, NoFurtherActionProposed), NoFurtherActionApproved)(matter)


def approver_reviewed(matter: Matter) -> Matter:
    return given_by(actor_of(matter, NoFurtherActionApproved), ReviewDecided)(matter)


def scorer_approved(matter: Matter) -> Matter:
    return given_by(actor_of(matter, ThreatScored), GroupDesignated)(matter)


def swapped(matter: Matter) -> Matter:
    first, second, *rest = matter.histories[0].entries
    return Matter((History(matter.histories[0].stream, (second, first, *rest)),), matter.pack_of)


def shortened_in_the_middle(matter: Matter) -> Matter:
    history = matter.histories[0]
    return Matter((History(history.stream, (*history.entries[:2], *history.entries[3:])),), matter.pack_of)


def rewritten(matter: Matter) -> Matter:
    history = matter.histories[0]
    first = history.entries[0]
    other = first.record.model_copy(update={"payload": history.entries[1].record.payload})
    return Matter((History(history.stream, (Entry(other, first.event), *history.entries[1:])),), matter.pack_of)


def without_clock(rule: str) -> Spoiler:
    """Takes the start of every clock of a rule away."""

    def spoiled(matter: Matter) -> Matter:
        kept = (
            History(
                each.stream,
                tuple(entry for entry in each.entries if getattr(entry.event, "rule", None) != rule),
            )
            for each in matter.histories
        )
        return Matter(tuple(kept), matter.pack_of)

    return spoiled


LONG_AFTER = datetime(2026, 12, 24, 12, tzinfo=UTC)
NOBODYS = PolicyRef(version="nobodys-1", digest="0" * 64)
NO_TIME = without(ClockStarted)

BROKEN = (
    Broken(1, "never acknowledged", network, without(ReferralAcknowledged)),
    Broken(1, "no clock", network, NO_TIME),
    Broken(1, "a breach was taken away", late, without(DeadlineBreached)),
    Broken(1, "late and met", network, saying(ReferralAcknowledged, acknowledged_at=LONG_AFTER)),
    Broken(2, "no crime", network, without(CrimeRecorded)),
    Broken(2, "no clock", network, NO_TIME),
    Broken(2, "late and met", network, recording(CrimeRecorded, occurred_at=LONG_AFTER)),
    Broken(3, "one person", closed_too_soon, approver_proposed),
    Broken(3, "no reason", closed_too_soon, recording(NoFurtherActionApproved, reason=None)),
    Broken(3, "another outcome", closed_too_soon, saying(NoFurtherActionApproved, outcome="21")),
    Broken(3, "nobody proposed it", closed_too_soon, without(NoFurtherActionProposed)),
    Broken(4, "a line open", closed_too_soon, without(LineOfInquiryClosed)),
    Broken(
        5, "no account", closed_too_soon, without(VictimAccountTaken, VictimAccountDeclined, VictimAccountNotSought)
    ),
    Broken(
        5, "not sought without a reason", closed_too_soon, instead(ACCOUNTS, VictimAccountNotSought(victim="child-1"))
    ),
    Broken(5, "never told", closed_too_soon, without(StandingTold)),
    Broken(6, "no interview", closed_too_soon, without(SuspectInterviewed, SuspectNotInterviewed)),
    Broken(6, "never told", closed_too_soon, without(StandingTold)),
    Broken(7, "the other scheme", closed_too_soon, saying(ReviewOffered, scheme="CSARP")),
    Broken(7, "no clock", closed_too_soon, NO_TIME),
    Broken(7, "no time to tell of the decision not to investigate", not_investigated, NO_TIME),
    Broken(7, "the longer time for a child", not_investigated, saying(ClockStarted, rule="VC1")),
    Broken(7, "the breach of a late notice was taken away", not_investigated, without(DeadlineBreached)),
    Broken(7, "late and met", told_that_nothing_is_investigated, saying(VictimNotified, told_at=LONG_AFTER)),
    Broken(8, "the approver reviews", closed_too_soon, approver_reviewed),
    Broken(8, "nobody named them", closed_too_soon, given_by("officer-unnamed-1", ReviewDecided)),
    Broken(9, "no group nominated", network, without(GroupNominated)),
    Broken(9, "decided otherwise", network, saying(TriageDecided, nominate=False)),
    Broken(9, "disputed without a reason", network_disputed, saying(NetworkTestRecorded, reason=None)),
    Broken(9, "no time to decide", network, then(without(GroupDesignated), NO_TIME)),
    Broken(10, "no benefit", network, without(BenefitRecorded)),
    Broken(10, "no offence", network, without(EligibleOffenceRecorded)),
    Broken(10, "no score", network, without(ThreatScored)),
    Broken(10, "too few", network, saying(GroupDesignated, members=2)),
    Broken(10, "one person counted twice", one_under_two_references, saying(GroupDesignated, members=5)),
    Broken(10, "two people counted as one", one_under_two_references, without(SamePersonWithdrawn)),
    Broken(10, "fewer were added", one_under_two_references, without(MemberAdded)),
    Broken(11, "the scorer approves", network, scorer_approved),
    Broken(11, "the lead archives", archived, given_by("officer-lro-1", GroupArchived)),
    Broken(12, "led by somebody else all along", archived, without(GroupArchived)),
    Broken(12, "a plan without a lead", overseen, without(LroAppointed)),
    Broken(12, "two leads", overseen, saying(LroAppointed, previous="officer-other-1")),
    Broken(12, "a plan out of date", overseen, saying(FourPPlanApproved, review=date(2026, 1, 1))),
    Broken(12, "no time for its review", overseen, NO_TIME),
    Broken(12, "no time for the first plan", archived, without_clock("DG5")),
    Broken(12, "a breach was taken away", planned_late, without(DeadlineBreached)),
    Broken(13, "not tested again", linked_after_not_met, without(RetestTriggered)),
    Broken(13, "one person, and not tested again", one_person_after_not_met, without(RetestTriggered)),
    Broken(14, "nobody came", network, without(AttendanceRecorded)),
    Broken(14, "no health", network, saying(AttendanceRecorded, present=())),
    Broken(15, "no clock", network, NO_TIME),
    Broken(15, "a breach was taken away", conference_late, without(DeadlineBreached)),
    Broken(15, "late and met", network, saying(ConferenceHeld, held_at=LONG_AFTER)),
    Broken(16, "not referred", trafficked_child, without(NrmReferralMade)),
    Broken(17, "no ethnicity", trafficked_child, without(EthnicityRecorded, EthnicityUnavailableRecorded)),
    Broken(17, "no nationality", trafficked_child, without(NationalityRecorded, NationalityUnavailableRecorded)),
    Broken(17, "copied", network, recording(EthnicityRecorded, command="RecordObservedEthnicity")),
    Broken(18, "in a text", trafficked_child, saying(ImmediateSafeguardingTaken, what=WORDS)),
    Broken(18, "in a reason", trafficked_child, recording(TriageDecided, reason=WORDS)),
    Broken(19, "by a constable", held_long, given_by("officer-1", ClockStarted, rank=Rank.CONSTABLE)),
    Broken(19, "no court", held_long, saying(WarrantGranted, court="")),
    Broken(19, "no limit", held_long, NO_TIME),
    Broken(19, "never recorded", held_too_long, without(UnlawfulDetentionRecorded)),
    Broken(19, "for a week", held_long, saying(ClockStarted, due_at=LONG_AFTER)),
    Broken(19, "held for ever", network, saying(DetentionReviewed, held_at=LONG_AFTER)),
    Broken(20, "by a constable", late, given_by("officer-1", BailExtended, rank=Rank.CONSTABLE)),
    Broken(20, "too late", late, saying(BailExtended, extended_at=datetime(2028, 1, 1, tzinfo=UTC))),
    Broken(20, "no such period", late, saying(BailExtended, months=7)),
    Broken(21, "four findings", charged_on_threshold, saying(ThresholdTestApplied, findings=())),
    Broken(
        21, "reviewed before", charged_on_threshold, saying(ThresholdTestApplied, full_code_review=date(2026, 1, 1))
    ),
    Broken(21, "no time for the review", reviewed_late, without_clock("CH3")),
    Broken(21, "the breach of a late review was taken away", reviewed_late, without(DeadlineBreached)),
    Broken(22, "another force", network, saying(SuspectCharged, urn="05CA0012326")),
    Broken(22, "by the police", network, given_by("officer-1", ChargeAuthorised, agency=Agency.POLICE)),
    Broken(22, "no test", network, without(FullCodeTestApplied)),
    Broken(23, "an item open", resubmitted, without(ActionItemCompleted)),
    Broken(24, "no reason", meeting_with_a_refusal, recording(SharingRefused, reason=None)),
    Broken(24, "with nobody", meeting_with_a_refusal, saying(InformationShared, to=())),
    Broken(25, "swapped", trafficked_child, swapped),
    Broken(25, "a gap", trafficked_child, shortened_in_the_middle),
    Broken(25, "rewritten", trafficked_child, rewritten),
    Broken(25, "the future", trafficked_child, recording(TriageDecided, occurred_at=LONG_AFTER + timedelta(days=999))),
    Broken(25, "no policy", trafficked_child, recording(TriageDecided, policy=NOBODYS)),
)


def test_there_are_twenty_five_and_each_has_a_history_that_breaks_it() -> None:
    assert [item.number for item in INVARIANTS] == list(range(1, 26))
    assert len({item.name for item in INVARIANTS}) == len({item.check for item in INVARIANTS}) == 25
    assert {broken.number for broken in BROKEN} == set(range(1, 26))


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken.number}: {broken.how}")
def test_a_history_that_breaks_an_invariant_is_named_and_the_one_it_was_made_from_is_not(broken: Broken) -> None:
    good = broken.of()
    assert list(violations(good)) == []
    found = list(invariant(broken.number).violations(broken.spoil(good)))
    assert found
    assert {violation.number for violation in found} == {broken.number}
    assert all(violation.finding.stream and violation.finding.words for violation in found)


def test_every_process_carries_an_invariant_of_its_own() -> None:
    of_all = {item.number for item in INVARIANTS if len(item.processes) == len(ProcessKind)}
    assert of_all == {18, 25}
    own = {kind: {item.number for item in carried_by(kind)} - of_all for kind in ProcessKind}
    assert {kind for kind, numbers in own.items() if not numbers} == {ProcessKind.CLOSED_CASE_REVIEW}


def test_a_number_beyond_twenty_five_is_no_invariant() -> None:
    with pytest.raises(LookupError, match="1 to 25"):
        invariant(26)


def test_what_counts_as_paperwork_here_is_what_shows_no_time_to_the_rules() -> None:
    commands = (*get_args(CommonCommand), Route)
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for command in commands:
        asked = CommandEnvelope[Any].model_construct(
            command=command.model_construct(), occurred_at=moment, submitted_at=moment
        )
        assert (horizon_of(asked) is None) == (command.__name__ in PAPERWORK), command


def test_a_case_that_is_in_a_group_nominates_none_and_that_keeps_invariant_9() -> None:
    forces = two_forces(triage_decided=False)
    forces.give(JOINED, *decided(MER, "suspect-1", "2026-07-20", ALL_FOLLOWS))
    kept = judged(record for records in forces.records.values() for record in records)
    assert list(violations(kept)) == []
    found = list(invariant(9).violations(without(NetworkLinkDiscovered)(kept)))
    assert [violation.finding.words for violation in found] == [
        "the case learned of the network, nominated no group and was in none"
    ]


def test_a_group_whose_history_is_not_at_hand_is_not_judged() -> None:
    whole = network()
    force_only = Matter(
        tuple(history for history in whole.histories if history.kind is not ProcessKind.DESIGNATION), whole.pack_of
    )
    assert list(invariant(9).violations(force_only)) == []
