"""Whatever anybody asks of a group, in whatever order, its invariants hold: 10 to 13 of the operating model."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.clocks import ClockStatus
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
    ThreatScored,
)
from nom.workflows.model.designation import MODEL
from nom.workflows.model.designation_record import DesignationState
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
from tests.workflows.model.kit import POLICY, Request, Step, request, walk

START = datetime.fromisoformat("2026-03-13 10:00")
FOUR = GroupPerson(case=OTHER_CASE, suspect="suspect-1")
persons = st.sampled_from([ONE, TWO, THREE, FOUR, CHILD])
outcomes = st.sampled_from(["organised_crime_group", "priority_individual", "vulnerability", "not_met"])
plans = st.integers(1, 100).map(
    lambda days: PLAN.model_copy(update={"review": date(2026, 3, 13) + timedelta(days=days)})
)
link_ends = st.sampled_from(
    [GroupLinkEnd(case=case, person=who) for case in (CASE, OTHER_CASE) for who in ("suspect-1", "unidentified")]
)
commands: st.SearchStrategy[CommandBase] = st.one_of(
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
    st.builds(AppointLro, officer=st.sampled_from(["officer-lro-1", "officer-lro-2"])),
    plans,
    st.just(Review(findings="unchanged")),
)
people = st.sampled_from(["person-1", "person-2", "person-3"])


@st.composite
def requests(draw: st.DrawFn) -> tuple[Request, ...]:
    """The first scenario or a group that was not met, with gaps; then anything by anybody at any time."""
    begun = draw(st.sampled_from([OVERSEEN, NOT_MET, ()]))
    kept = tuple(asked for asked in begun if draw(st.integers(0, 9)))
    moment, later = START, list[Request]()
    for command in draw(st.lists(commands, min_size=6, max_size=20)):
        moment += timedelta(minutes=draw(st.integers(-600, 20_000)))
        may = [role for role in POLICY.roles_for(command.type) if role != "system"]
        role = draw(st.sampled_from([*may, *may, "cps_lawyer"]))
        at, reason = moment.strftime("%Y-%m-%d %H:%M"), draw(st.sampled_from(["as recorded", "as recorded", None]))
        later.append(request(STREAM, role, command, at, actor=draw(people), reason=reason))
    return (nomination(), *kept, *later)


def counted(log: list[EventBase]) -> set[GroupPerson]:
    members = set[GroupPerson]()
    for event in log:
        if isinstance(event, MemberAdded):
            members.add(event.member)
        if isinstance(event, MemberRemoved):
            members.remove(event.member)
    return members


@settings(max_examples=200, deadline=None)
@given(asked=requests())
def test_a_designated_group_always_rests_on_its_grounds(asked: tuple[Request, ...]) -> None:
    log: list[EventBase] = []
    for step in walk(MODEL, STREAM, asked):
        log += step.events
        if not step.state.is_designated:
            continue
        assert len(counted(log)) >= 3
        assert any(isinstance(event, EligibleOffenceRecorded) and event.carries == "yes" for event in log)
        assert any(isinstance(event, BenefitRecorded) for event in log)
        versions = {event.version for event in log if isinstance(event, ThreatScored)}
        assert {event.version for event in log if isinstance(event, GroupDesignated)} <= versions


@settings(max_examples=200, deadline=None)
@given(asked=requests())
def test_nobody_approves_what_they_scored_or_proposed(asked: tuple[Request, ...]) -> None:
    scored_or_proposed = set[str]()
    for step in walk(MODEL, STREAM, asked):
        who = step.asked.actor.id
        if any(isinstance(event, ThreatScored | DesignationProposed) for event in step.events):
            scored_or_proposed.add(who)
        if isinstance(step.asked.command, Approve):
            assert who not in scored_or_proposed


@settings(max_examples=200, deadline=None)
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


@settings(max_examples=200, deadline=None)
@given(asked=requests())
def test_every_link_after_not_met_triggers_a_retest_that_is_due(asked: tuple[Request, ...]) -> None:
    before: str | None = None
    for step in walk(MODEL, STREAM, asked):
        linked = any(isinstance(event, CaseLinked | MemberAdded | GroupLinkRecorded) for event in step.events)
        triggered = sum(isinstance(event, RetestTriggered) for event in step.events)
        due = [clock for clock in step.state.clocks if clock.rule == "DG4" and clock.is_open]
        assert triggered == (1 if linked and before == "not_met" else 0)
        assert len(due) <= 1
        assert len(due) >= triggered
        before = step.state.decided


@settings(max_examples=100, deadline=None)
@given(asked=requests())
def test_no_victim_is_a_member_without_a_persons_decision_and_no_group_ends(asked: tuple[Request, ...]) -> None:
    for step in walk(MODEL, STREAM, asked):
        assert step.state.is_open
        assert all(member.overlap == member.who.is_victim for member in step.state.members)
