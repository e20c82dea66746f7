from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nom.contracts.actors import Agency
from nom.contracts.clocks import ClockMet
from nom.contracts.conference import (
    ConferenceHeld,
    HoldConference,
    HoldCoreGroup,
    HoldReviewConference,
    NameConference,
    ReanchorConference,
)
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import StageEnded
from nom.contracts.meeting_follow_up import (
    AcknowledgeRecord,
    AssignAction,
    CompleteAction,
    DistributeRecord,
    EscalateAction,
)
from nom.contracts.meeting_session import (
    Adjourn,
    AgreeInterimSafety,
    AttendanceRecorded,
    Convene,
    QuorumJudged,
    Section47Decided,
    ShareInformation,
)
from nom.contracts.position_of_trust import LadoNotified, NotifyLado, PositionOfTrustRecorded, RecordPositionOfTrust
from nom.contracts.strategy_meeting import CloseMeeting, CompleteAssessment
from nom.workflows.model.strategy_meeting import strategy_meeting_gate
from tests.workflows.model.chance import disturbed, run
from tests.workflows.model.kit import FACTS, Request, london, request
from tests.workflows.model.meeting_acts import (
    FOUR,
    HEALTH,
    JOINT,
    LOCAL_AUTHORITY,
    MODEL,
    NONE,
    POLICE,
    SINGLE,
    STREAM,
    WHOLE,
    agreed,
    attended,
    chair,
    opening,
)

NEEDED = {LOCAL_AUTHORITY, POLICE, HEALTH}
START = london("2026-03-03 00:00")
CLOSE = chair(CloseMeeting(), "2026-03-24 12:00")


def commands() -> st.SearchStrategy[CommandBase]:
    """Any command of a meeting; sessions and decisions more often than the rest, so that runs get somewhere."""
    some = st.lists(st.sampled_from(FOUR), min_size=1, max_size=4, unique=True)
    numbers = st.integers(1, 3)
    sat = st.one_of(st.just(attended(*FOUR)), some.map(lambda agencies: attended(*agencies)))
    fixed: list[CommandBase] = [
        Convene(kind="meeting", invited=FOUR),
        Convene(kind="meeting", invited=FOUR, on=date(2026, 3, 20)),
        Convene(kind="complex_abuse_meeting", invited=FOUR, referrer=FOUR[3]),
        RecordPositionOfTrust(suspect="suspect-1"),
        NotifyLado(suspect="suspect-1"),
        NotifyLado(suspect="suspect-2", aware_at=START),
        *(ReanchorConference(meeting=f"meeting-{number}") for number in (1, 2, 3)),
        ShareInformation(agency=HEALTH, item="history", marking="OFFICIAL", to=(POLICE,)),
        AgreeInterimSafety(what="placement moved"),
        AssignAction(agency=HEALTH, what="medical", due=date(2026, 3, 20)),
        NameConference(),
        HoldConference(outcome="plan"),
        HoldConference(outcome="plan", plan="plan-1", carries=(1,)),
        HoldReviewConference(outcome="plan_continues"),
        HoldCoreGroup(),
        CompleteAssessment(),
        DistributeRecord(),
        DistributeRecord(),
        CloseMeeting(),
        CloseMeeting(),
        *(AcknowledgeRecord(agency=agency) for agency in FOUR),
        *(Adjourn(until=START + timedelta(days=days)) for days in (2, 9)),
    ]
    return st.one_of(
        sat,
        st.sampled_from([JOINT, JOINT, SINGLE, NONE]),
        st.sampled_from(fixed),
        some.map(lambda agencies: agreed(*agencies)),
        numbers.map(lambda number: CompleteAction(number=number)),
        numbers.map(lambda number: EscalateAction(number=number)),
    )


def asked(command: CommandBase, wrong_role: bool, agency: Agency, hours: int) -> Request:
    """A request at so many hours after the start, typed in at the end of the year; the role may be a wrong one."""
    role = "arresting_officer" if wrong_role else FACTS.policy.roles_for(command.type)[0]
    if isinstance(command, AcknowledgeRecord):
        agency = command.agency
    at = f"{START + timedelta(hours=hours):%Y-%m-%d %H:%M}"
    return request(STREAM, role, command, at, agency=agency, reason="as was said", entered="2026-12-01 09:00")


def requests() -> st.SearchStrategy[list[Request]]:
    """Runs of the first scenario and runs of anything, in no order of time."""
    wrong = st.sampled_from([False, False, False, True])
    one = st.builds(asked, commands(), wrong, st.sampled_from(FOUR), st.integers(0, 24 * 40))
    return st.one_of(disturbed((*WHOLE, CLOSE), one), st.lists(one, min_size=10, max_size=50))


@given(requests())
def test_whatever_is_asked_the_meeting_keeps_its_rules(asked_for: list[Request]) -> None:
    state, steps = run(MODEL, STREAM, [opening(), *asked_for], FACTS)
    sat: dict[str, set[Agency]] = {}
    in_trust: list[str] = []
    for before, _, events in steps:
        for event in events:
            if isinstance(event, AttendanceRecorded):
                sat[event.meeting] = {item.agency for item in event.present if item.counts}
            if isinstance(event, Section47Decided):
                # Invariant 14, and the row that says so stands beside it.
                assert sat[event.meeting] >= NEEDED
                assert any(isinstance(other, QuorumJudged) and not other.missing for other in events)
            if isinstance(event, PositionOfTrustRecorded | LadoNotified):
                in_trust.append(event.type)
            if isinstance(event, StageEnded):
                assert strategy_meeting_gate(before) == ()
            if isinstance(event, ConferenceHeld):
                anchored(before.anchor, event, events)
    running = [clock for clock in state.clocks if clock.rule == "WT7" and clock.is_open]
    if state.anchor is not None and state.conference_held_at is None:
        assert [clock.about for clock in running] == [state.anchor]
    else:
        assert running == []
    for rule in ("WT2", "WT4", "WT4-meeting"):
        assert sum(clock.is_open for clock in state.clocks if clock.rule == rule) <= 1
    assert sum(clock.rule == "LA1" for clock in state.clocks) == in_trust.count("position_of_trust_recorded.v1")
    told = sum(clock.rule == "LA1" and not clock.is_open for clock in state.clocks)
    assert told == in_trust.count("lado_notified.v1")
    assert [f"sm2-{action.number}" for action in state.actions] == [
        clock.id for clock in state.clocks if clock.rule == "SM2"
    ]


def anchored(anchor: str | None, held: ConferenceHeld, events: tuple[EventBase, ...]) -> None:
    """Invariant 15: the conference belongs to the anchor meeting, and its time was judged."""
    assert held.anchor == anchor
    assert [event.clock_id for event in events if isinstance(event, ClockMet) and event.rule == "WT7"] != []
