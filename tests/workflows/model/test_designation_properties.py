"""Whatever anybody asks of a group, in whatever order, its invariants hold: 9 to 13 of the operating model."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.clocks import ClockStatus
from nom.contracts.deconfliction import Deconflict, ForceScore, RequestDeconfliction, ScoreKept
from nom.contracts.designation import (
    AppointLro,
    Approve,
    AssignTier,
    DesignationProposed,
    GroupDesignated,
    LroAppointed,
    Propose,
    RetestTriggered,
    Return,
    Review,
)
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOffMade
from nom.contracts.group_course import (
    ApproveArchive,
    IntelligenceRecorded,
    ProposeArchive,
    RecordDisruption,
    RecordIntelligence,
    Reopen,
)
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
    RecordBenefit,
    RecordEligibleOffence,
    RecordLink,
    RemoveMember,
    SamePerson,
    ScoreThreat,
    ThreatScored,
    UnidentifiedIn,
)
from nom.contracts.group_identity import (
    RecordSamePerson,
    SamePersonRecorded,
    SamePersonWithdrawn,
    WithdrawSamePerson,
)
from nom.contracts.group_merger import (
    AbsorbGroup,
    GroupAbsorbed,
    GroupHoldings,
    GroupMerged,
    Merge,
    MergerBegun,
    YieldToGroup,
)
from nom.contracts.network_links import CaseRetested, TellNetworkRetest
from nom.workflows.model.designation import MODEL
from nom.workflows.model.designation_state import DesignationState
from tests.workflows.model.designation_acts import (
    CASE,
    CHILD,
    NOT_MET,
    ONE,
    OTHER_CASE,
    OVERSEEN,
    PLAN,
    SCORE,
    STREAM,
    THREE,
    TWO,
    nomination,
)
from tests.workflows.model.group_life_acts import ARCHIVED, ASKED, LOW, REOPENED, SCORED
from tests.workflows.model.kit import LONDON, POLICY, Request, Step, request, walk

START = datetime.fromisoformat("2026-03-13 10:00")
FOUR = GroupPerson(case=OTHER_CASE, suspect="suspect-1")
persons = st.sampled_from([ONE, TWO, THREE, FOUR, CHILD])
outcomes = st.sampled_from(["organised_crime_group", "priority_individual", "vulnerability", "not_met"])
plans = st.integers(1, 100).map(
    lambda days: PLAN.model_copy(update={"review": date(2026, 3, 13) + timedelta(days=days)})
)
ends = st.sampled_from([ONE.end, TWO.end, FOUR.end, CHILD.end, GroupLinkEnd(case=OTHER_CASE, person="unidentified")])
same = st.builds(SamePerson, one=ends, other=ends)
overlaps = st.sampled_from([None, "superintendent-1"])
forces = st.sampled_from([None, "MER", "NWP"])
because = st.sampled_from(["case mer/26-1a2b3c linked: one vehicle", "something else"])
OTHER_GROUP = "nca/group-0123456789ab/designation-1"
HANDED_OVER = GroupHoldings(
    cases=(CASE, OTHER_CASE),
    candidates=(FOUR,),
    unidentified=(UnidentifiedIn(case=OTHER_CASE, count=1),),
    members=(MemberAdded(member=FOUR, overlap_decided_by=None), MemberAdded(member=ONE, overlap_decided_by=None)),
    same=(
        SamePersonRecorded(same=SamePerson(one=ONE.end, other=TWO.end), because="one vehicle", overlap_decided_by=None),
    ),
    links=(),
    offences=(),
    benefits=(BenefitRecorded(kind="financial", words="rent"),),
    disruptions=(),
    intelligence=(),
)
link_ends = st.sampled_from(
    [GroupLinkEnd(case=case, person=who) for case in (CASE, OTHER_CASE) for who in ("suspect-1", "unidentified")]
)
later_life: st.SearchStrategy[CommandBase] = st.one_of(
    st.builds(RecordSamePerson, same=same, overlap_decided_by=overlaps),
    st.builds(WithdrawSamePerson, same=same),
    st.builds(
        RecordDisruption, level=st.sampled_from(["major", "moderate", "minor"]), what=st.just("licences revoked")
    ),
    st.builds(
        RecordIntelligence,
        reference=st.sampled_from(["INT/1", "INT/2", "INT/3"]),
        source=st.just("untested"),
        assessment=st.just("not_known"),
    ),
    st.just(ProposeArchive()),
    st.just(ApproveArchive()),
    st.builds(Reopen, tier=st.sampled_from(["force", "national"]), officer=st.sampled_from(["person-1", "person-2"])),
    st.just(RequestDeconfliction()),
    st.builds(Deconflict, stands=st.sampled_from(["MER", "NWP"])),
    st.builds(ScoreThreat, inputs=st.sampled_from([SCORE.inputs, LOW.inputs]), force=forces),
    st.just(Merge(other=OTHER_GROUP)),
    st.builds(YieldToGroup, survivor=st.just(OTHER_GROUP), designated=st.booleans()),
    st.just(AbsorbGroup(other=OTHER_GROUP, holdings=HANDED_OVER)),
    st.builds(
        TellNetworkRetest,
        case=st.sampled_from([CASE, OTHER_CASE]),
        judged=st.sampled_from([True, False, None]),
        because=because,
    ),
)
commands: st.SearchStrategy[CommandBase] = st.one_of(
    later_life,
    later_life,
    st.just(Merge(other=OTHER_GROUP)),
    st.just(AbsorbGroup(other=OTHER_GROUP, holdings=HANDED_OVER)),
    st.builds(
        LinkCase,
        case=st.just(OTHER_CASE),
        because=st.just("one vehicle"),
        continues=st.sampled_from([None, None, None, CASE]),
        same_as=st.lists(same, max_size=2).map(tuple),
    ),
    st.just(LinkCase(case=OTHER_CASE, because="the same vehicle")),
    st.builds(
        AddMember,
        members=st.lists(persons, min_size=1, max_size=3).map(tuple),
        overlap_decided_by=st.sampled_from([None, "superintendent-1"]),
    ),
    st.builds(RemoveMember, member=persons),
    st.builds(
        RecordLink, between=st.tuples(link_ends, link_ends), kind=st.just("associates"), source=st.just("account")
    ),
    st.builds(
        RecordEligibleOffence, offence=st.sampled_from(["SX03238", "SX03224", "SX03245"]), on=st.just(date(2026, 2, 1))
    ),
    st.just(RecordBenefit(kind="financial", words="payment")),
    st.just(SCORE),
    st.builds(Propose, outcome=outcomes, member=st.sampled_from([None, ONE])),
    st.just(Approve()),
    st.just(Approve()),
    st.just(Return()),
    st.builds(AssignTier, tier=st.sampled_from(["force", "region", "national"])),
    st.builds(AppointLro, officer=st.sampled_from(["person-1", "person-2"])),
    plans,
    st.just(Review(findings="unchanged")),
)
people = st.sampled_from(["person-1", "person-2", "person-3"])


def _local(asked: Request) -> datetime:
    return asked.occurred_at.astimezone(LONDON).replace(tzinfo=None)


@st.composite
def requests(draw: st.DrawFn) -> tuple[Request, ...]:
    """The first scenario, a group that was not met, archived or scored twice, with gaps; then anything by anybody."""
    begun = draw(
        st.sampled_from([OVERSEEN, NOT_MET, NOT_MET, NOT_MET, (), ARCHIVED, (*ARCHIVED, REOPENED), (*SCORED, ASKED)])
    )
    kept = tuple(asked for asked in begun if draw(st.integers(0, 9)))
    moment, later = max([START, *(_local(asked) for asked in kept)]), list[Request]()
    for command in draw(st.lists(commands, min_size=6, max_size=20)):
        moment += timedelta(minutes=draw(st.sampled_from([600_000, *[0] * 9])) or draw(st.integers(-600, 20_000)))
        may = [role for role in POLICY.roles_for(command.type) if role != "system"] or ["system"]
        role = draw(st.sampled_from([*may, *may, "cps_lawyer"]))
        at, reason = moment.strftime("%Y-%m-%d %H:%M"), draw(st.sampled_from(["as recorded", "as recorded", None]))
        later.append(request(STREAM, role, command, at, actor=draw(people), reason=reason))
    return (nomination(), *kept, *later)


def counted(log: list[EventBase]) -> int:
    """How many people are members by the events alone: references that were said to be one, and still are, are one."""
    members, one = set[GroupPerson](), list[SamePerson]()
    for event in log:
        if isinstance(event, MemberAdded):
            members.add(event.member)
        if isinstance(event, MemberRemoved):
            members.remove(event.member)
        if isinstance(event, SamePersonRecorded):
            one.append(event.same)
        if isinstance(event, SamePersonWithdrawn):
            one = [said for said in one if said.ends != event.same.ends]
    whole = {member.end: frozenset((member.end,)) for member in members}
    for said in (*one, *one, *one, *one, *one):
        joined = whole.get(said.one, frozenset((said.one,))) | whole.get(said.other, frozenset((said.other,)))
        whole |= dict.fromkeys(joined, joined)
    return len({whole[member.end] for member in members})


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_a_designated_group_always_rests_on_its_grounds(asked: tuple[Request, ...]) -> None:
    log: list[EventBase] = []
    for step in walk(MODEL, STREAM, asked):
        log += step.events
        if not step.state.is_designated:
            continue
        assert counted(log) >= 3
        assert any(isinstance(event, EligibleOffenceRecorded) and event.carries == "yes" for event in log)
        assert any(isinstance(event, BenefitRecorded) for event in log)
        versions = {event.version for event in log if isinstance(event, ThreatScored)}
        assert {event.version for event in log if isinstance(event, GroupDesignated)} <= versions
        designated = [event for event in step.events if isinstance(event, GroupDesignated)]
        assert [event.members for event in designated] == [counted(log)] * len(designated)


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_nobody_approves_what_they_scored_or_proposed(asked: tuple[Request, ...]) -> None:
    scored_or_proposed = set[str]()
    for step in walk(MODEL, STREAM, asked):
        who = step.asked.actor.id
        if any(isinstance(event, ThreatScored | DesignationProposed) for event in step.events):
            scored_or_proposed.add(who)
        if isinstance(step.asked.command, Approve):
            assert who not in scored_or_proposed


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_a_designated_group_has_one_lead_officer_and_a_plan_in_date_or_a_breach(asked: tuple[Request, ...]) -> None:
    officers: list[LroAppointed] = []
    for step in walk(MODEL, STREAM, asked):
        officers += [event for event in step.events if isinstance(event, LroAppointed)]
        if not step.state.is_designated:
            officers.clear()
        officers.sort(key=lambda event: event.appointed_at)
        assert step.state.lead_officer == (officers[-1].officer if officers else None)
        assert_plan_is_watched(step)


def assert_plan_is_watched(step: Step[DesignationState]) -> None:
    watched = [clock for clock in step.state.clocks if clock.rule == "PL1" and clock.is_open]
    review = step.state.plan_review
    assert [clock.last_day for clock in watched] == ([review] if review else [])
    if review is None:
        return
    assert step.state.lead_officer is not None
    if step.asked.occurred_at >= watched[0].due_at:
        assert watched[0].status is ClockStatus.BREACHED


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_every_link_after_not_met_triggers_a_retest_that_is_due(asked: tuple[Request, ...]) -> None:
    before: str | None = None
    for step in walk(MODEL, STREAM, asked):
        links = CaseLinked | MemberAdded | GroupLinkRecorded | SamePersonRecorded | BenefitRecorded
        linked = any(isinstance(event, links) for event in step.events)
        linked &= not isinstance(step.asked.command, RecordBenefit)
        triggered = sum(isinstance(event, RetestTriggered) for event in step.events)
        due = [clock for clock in step.state.clocks if clock.rule == "DG4" and clock.is_open]
        assert triggered == (1 if linked and before == "not_met" else 0)
        assert len(due) <= 1
        assert len(due) >= triggered
        before = step.state.decided


@settings(max_examples=100, deadline=None)
@given(asked=requests())
def test_no_victim_is_a_member_without_a_persons_decision(asked: tuple[Request, ...]) -> None:
    for step in walk(MODEL, STREAM, asked):
        assert all(member.overlap == member.who.is_victim for member in step.state.members)


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_a_group_ends_only_in_another_and_hands_over_everything(asked: tuple[Request, ...]) -> None:
    for step in walk(MODEL, STREAM, asked):
        merged = [event for event in step.events if isinstance(event, GroupMerged)]
        assert step.state.is_open == (step.state.survivor is None)
        handed = [event for event in step.events if isinstance(event, HandOffMade) and event.command == "AbsorbGroup"]
        assert len(handed) == len(merged)
        for event in handed:
            held = AbsorbGroup.model_validate(event.hand_off.envelope["command"]).holdings
            assert held.cases == step.state.cases
            assert tuple(item.member for item in held.members) == tuple(item.who for item in step.state.members)
            assert (held.same, held.links, held.offences) == (step.state.same, step.state.links, step.state.offences)


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_a_group_is_absorbed_at_most_once_and_only_if_it_was_asked(asked: tuple[Request, ...]) -> None:
    asked_for, absorbed = 0, 0
    for step in walk(MODEL, STREAM, asked):
        asked_for += sum(isinstance(event, MergerBegun) for event in step.events)
        absorbed += sum(isinstance(event, GroupAbsorbed) for event in step.events)
        assert absorbed <= asked_for <= 1
        members = [member.who for member in step.state.members]
        assert len(members) == len(set(members))
        assert len(step.state.cases) == len(set(step.state.cases))


@settings(max_examples=100, deadline=None)
@given(asked=requests())
def test_whoever_leads_on_a_group_or_proposed_its_archive_does_not_approve_it(asked: tuple[Request, ...]) -> None:
    proposers, leads, heard = set[str](), None, list[datetime]()
    for step in walk(MODEL, STREAM, asked):
        who, command = step.asked.actor.id, step.asked.command
        if isinstance(command, ProposeArchive):
            assert who == leads
            proposers.add(who)
        if isinstance(command, ApproveArchive):
            assert who != leads
            assert who not in proposers
            assert all(moment + timedelta(days=364) < step.asked.occurred_at for moment in heard)
        heard += [event.intelligence.received_at for event in step.events if isinstance(event, IntelligenceRecorded)]
        leads = step.state.lead_officer


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_every_force_keeps_its_latest_score_and_one_stands(asked: tuple[Request, ...]) -> None:
    kept = dict[str, ForceScore]()
    for step in walk(MODEL, STREAM, asked):
        for event in step.events:
            if isinstance(event, ScoreKept):
                held = kept.get(event.force)
                kept[event.force] = event.kept if held is None or event.kept.scored_at >= held.scored_at else held
        assert {score.force: score for score in step.state.scores} == kept
        if any(isinstance(event, GroupDesignated) for event in step.events):
            assert not step.state.scores_differ
            assert not step.state.deconfliction_asked


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_a_network_test_that_was_met_is_answered_by_a_decision_or_awaits_one(asked: tuple[Request, ...]) -> None:
    for step in walk(MODEL, STREAM, asked):
        if step.state.decided is None and step.state.is_open:
            assert [clock.is_open for clock in step.state.clocks if clock.rule == "DG2"] == [True]
        answered = any(isinstance(event, CaseRetested) for event in step.events)
        if answered and not step.state.retest_awaits and step.state.is_open:
            assert not [clock for clock in step.state.clocks if clock.rule == "DG4" and clock.is_open]
        if step.state.decided is not None and step.state.decided != "merged":
            assert step.state.decided_because
