"""The case: which stages it has, what follows from each outcome, and when it closes by itself."""

from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.case import (
    GroupNominated,
    LinkReferral,
    LinkSubject,
    NotifiableEventRelayed,
    OpenStage,
    Reopen,
    StageOpened,
)
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import HandOff, HandOffMade, MarkUpToDate, TransferStage
from nom.contracts.ids import ProcessKind, group_matter, transferred_matter
from nom.contracts.legal_hold import LiftLegalHold, PlaceLegalHold
from nom.contracts.stages import (
    NominationGrounds,
    OpenCase,
    RecordNotifiableEvent,
    RecordStageOpened,
    RecordStageOutcome,
    RecordSuspectOutcome,
    StageBrief,
    TellNetworkOutcome,
)
from nom.contracts.subjects import Allegation, Subject
from nom.contracts.transfer import AcceptTransfer, RefuseTransfer, RequestTransfer
from nom.workflows.model.case import MODEL, CaseState
from tests.workflows.model.kit import (
    FACTS,
    OPENING,
    Request,
    events_of,
    given,
    london,
    outcome_of,
    refused,
    request,
    survives_json,
)

CASE = "gmp/26-test"
STREAM = f"{CASE}/case"
REFERRAL = f"{CASE}/referral-1"
TRIAGE = f"{CASE}/triage-1"
CUSTODY = f"{CASE}/custody-1"
CHARGE = f"{CASE}/charge-1"
SUBJECTS = (Subject(id="child-1", age=14), Subject(id="suspect-1"), Subject(id="suspect-2"))
GROUNDS = NominationGrounds(computed=True, judged=True, reason=None, suspects=("suspect-1",), unidentified=1)
TIME = "2026-03-02 09:20"


THERE = f"mer/{transferred_matter(CASE, 1)}"


def told(command: CommandBase, at: str = TIME, reason: str | None = None) -> Request:
    return request(STREAM, SYSTEM_ROLE, command, at, entered="2026-11-24 09:00", reason=reason)


def led(command: CommandBase, actor: str) -> Request:
    why = "as the superintendent decided"
    return request(
        STREAM, "detective_superintendent", command, TIME, actor=actor, entered="2026-11-24 09:00", reason=why
    )


def asked(command: CommandBase, at: str = TIME, reason: str | None = "urgent: a child is at risk tonight") -> Request:
    return request(STREAM, "triage_sergeant", command, at, entered="2026-11-24 09:00", reason=reason)


def opened(subjects: tuple[Subject, ...] = SUBJECTS) -> Request:
    brief = StageBrief(
        opening=OPENING.model_copy(update={"brought_in": True}),
        received_at=london(TIME),
        subjects=subjects,
        allegations=(Allegation(victim="child-1", offence="SX03025"),),
    )
    return told(OpenCase(brief=brief, referral=REFERRAL))


def routed() -> Request:
    return told(RecordStageOutcome(stage=REFERRAL, outcome="triage", opens_next=(ProcessKind.TRIAGE,)))


def triaged(*stages: ProcessKind, nomination: NominationGrounds | None = None) -> Request:
    return told(RecordStageOutcome(stage=TRIAGE, outcome="decided", opens_next=stages, nomination=nomination))


def sent(events: tuple[EventBase, ...]) -> list[HandOff]:
    return [event.hand_off for event in events if isinstance(event, HandOffMade)]


def test_a_case_opens_with_its_first_referral_as_its_first_stage() -> None:
    state = given(MODEL, STREAM, opened())
    assert state.referrals == (REFERRAL,)
    assert [stage.stream for stage in state.stages] == [REFERRAL]
    assert survives_json(state)


def test_an_outcome_opens_the_stages_that_follow_from_it() -> None:
    state = given(MODEL, STREAM, opened(), routed())
    assert [stage.stream for stage in state.stages] == [REFERRAL, TRIAGE]
    events = events_of(MODEL, state, triaged(ProcessKind.STRATEGY_MEETING, ProcessKind.INVESTIGATION))
    assert [(item.to, item.command, item.opens) for item in sent(events)] == [
        (f"{CASE}/strategy-meeting-1", "OpenStrategyMeeting", True),
        (f"{CASE}/investigation-1", "OpenInvestigation", True),
    ]


def test_a_stage_that_was_opened_urgently_is_not_opened_again_by_the_outcome_before_it() -> None:
    urgent = asked(OpenStage(stage=ProcessKind.STRATEGY_MEETING))
    state = given(MODEL, STREAM, opened(), routed(), urgent)
    events = events_of(MODEL, state, triaged(ProcessKind.STRATEGY_MEETING, ProcessKind.INVESTIGATION))
    assert [item.to for item in sent(events)] == [f"{CASE}/investigation-1"]


def test_urgent_work_opens_a_stage_while_the_one_before_stays_open() -> None:
    state = given(MODEL, STREAM, opened(), routed())
    state, events = outcome_of(MODEL, state, asked(OpenStage(stage=ProcessKind.STRATEGY_MEETING)))
    assert any(isinstance(event, StageOpened) and event.urgent for event in events)
    triage = state.stage(TRIAGE)
    assert triage is not None
    assert triage.outcome is None


def test_opening_a_stage_early_needs_a_reason_and_a_second_investigation_is_refused() -> None:
    state = given(MODEL, STREAM, opened(), asked(OpenStage(stage=ProcessKind.INVESTIGATION)))
    assert refused(MODEL, state, asked(OpenStage(stage=ProcessKind.TRIAGE), reason=None)).code == "reason_missing"
    assert refused(MODEL, state, asked(OpenStage(stage=ProcessKind.INVESTIGATION))).code == "stage_open"


def test_a_nomination_goes_to_the_national_crime_agency_under_one_reference_for_the_case() -> None:
    state = given(MODEL, STREAM, opened(), routed())
    events = events_of(MODEL, state, triaged(nomination=GROUNDS))
    group = f"nca/{group_matter(STREAM)}/designation-1"
    assert [event.group for event in events if isinstance(event, GroupNominated)] == [group]
    assert [(item.to, item.command) for item in sent(events)] == [(group, "Nominate")]


def test_a_group_that_is_not_met_is_learned_and_never_closes_the_case() -> None:
    state = given(MODEL, STREAM, opened(), routed(), triaged(nomination=GROUNDS))
    group = f"nca/{group_matter(STREAM)}"
    state, _ = outcome_of(MODEL, state, told(TellNetworkOutcome(group=group, outcome="not_met", reason="one person")))
    assert state.outcome is None
    assert [(item.group, item.outcome) for item in state.groups] == [(group, "not_met")]


def test_an_arrest_makes_the_case_know_the_custody_and_the_charge_ends_the_bail() -> None:
    arrest = told(RecordStageOpened(stage=CUSTODY, about=("suspect-1",)))
    state = given(MODEL, STREAM, opened(), routed(), arrest)
    charged = RecordSuspectOutcome(suspect="suspect-1", outcome="charged", stage=CHARGE)
    state, events = outcome_of(MODEL, state, told(charged))
    assert [(item.to, item.command) for item in sent(events)] == [(CUSTODY, "RecordSuspectOutcome")]
    assert state.undecided_suspects() == ("suspect-2",)
    assert state.outcome is None


def test_the_investigation_is_told_what_the_victim_must_hear_of() -> None:
    state = given(MODEL, STREAM, opened(), routed(), asked(OpenStage(stage=ProcessKind.INVESTIGATION)))
    bail = RecordNotifiableEvent(of="bail", suspect="suspect-1", happened_at=london(TIME), stage=CUSTODY)
    events = events_of(MODEL, state, told(bail))
    assert any(isinstance(event, NotifiableEventRelayed) for event in events)
    assert [item.to for item in sent(events)] == [f"{CASE}/investigation-1"]


def test_a_case_closes_when_every_stage_has_ended_and_every_suspect_has_an_outcome() -> None:
    state = given(MODEL, STREAM, opened((SUBJECTS[0], SUBJECTS[1])), routed(), triaged())
    assert state.outcome is None
    charged = RecordSuspectOutcome(suspect="suspect-1", outcome="charged", stage=CHARGE)
    state, _ = outcome_of(MODEL, state, told(charged))
    assert state.outcome == "every suspect has an outcome"
    told_late = told(TellNetworkOutcome(group="nca/group-1", outcome="not_met"))
    assert not isinstance(MODEL.decide(state, told_late, FACTS), Refusal)


def test_a_case_without_a_known_suspect_does_not_close_by_itself() -> None:
    state = given(MODEL, STREAM, opened((SUBJECTS[0],)), told(RecordStageOutcome(stage=REFERRAL, outcome="signpost")))
    assert state.outcome is None


def test_marking_a_case_up_to_date_tells_every_stage() -> None:
    state = given(MODEL, STREAM, opened(), routed())
    up_to_date = request(STREAM, "case_administrator", MarkUpToDate(), "2026-11-24 09:00")
    events = events_of(MODEL, state, up_to_date)
    assert [(item.to, item.command) for item in sent(events)] == [(REFERRAL, "MarkUpToDate"), (TRIAGE, "MarkUpToDate")]


def test_linking_what_is_linked_is_refused() -> None:
    state = given(MODEL, STREAM, opened(), asked(LinkReferral(referral=f"{CASE}/referral-2")))
    assert refused(MODEL, state, asked(LinkReferral(referral=f"{CASE}/referral-2"))).code == "already_linked"
    assert refused(MODEL, state, asked(LinkSubject(subject=SUBJECTS[0]))).code == "already_linked"
    unknown = told(RecordStageOutcome(stage=CHARGE, outcome="done"))
    assert refused(MODEL, state, unknown).code == "no_such_stage"
    stranger = told(RecordSuspectOutcome(suspect="suspect-9", outcome="charged", stage=CHARGE))
    assert refused(MODEL, state, stranger).code == "unknown_subject"


COMMANDS: tuple[Request, ...] = (
    routed(),
    triaged(ProcessKind.STRATEGY_MEETING),
    triaged(ProcessKind.INVESTIGATION, nomination=GROUNDS),
    asked(OpenStage(stage=ProcessKind.STRATEGY_MEETING)),
    asked(OpenStage(stage=ProcessKind.INVESTIGATION)),
    asked(LinkReferral(referral=f"{CASE}/referral-2")),
    asked(LinkSubject(subject=Subject(id="suspect-3"))),
    told(RecordStageOpened(stage=CUSTODY, about=("suspect-1",))),
    told(RecordStageOutcome(stage=CUSTODY, outcome="released")),
    told(RecordSuspectOutcome(suspect="suspect-1", outcome="charged", stage=CHARGE)),
    told(RecordSuspectOutcome(suspect="suspect-2", outcome="declined", stage=CHARGE)),
    told(RecordNotifiableEvent(of="bail", suspect="suspect-1", happened_at=london(TIME), stage=CUSTODY)),
    told(TellNetworkOutcome(group="nca/group-1", outcome="not_met")),
    told(RecordSuspectOutcome(suspect="suspect-2", outcome="closed", stage=f"{CASE}/closure-1")),
    told(RecordStageOutcome(stage=f"{CASE}/investigation-1", outcome="concluded")),
    told(RecordStageOutcome(stage=f"{CASE}/strategy-meeting-1", outcome="closed")),
    led(PlaceLegalHold(), "superintendent-1"),
    led(LiftLegalHold(hold=1), "superintendent-2"),
    led(Reopen(suspects=("suspect-1",)), "superintendent-1"),
    led(Reopen(stage=ProcessKind.TRIAGE), "superintendent-1"),
    led(RequestTransfer(to="MER", opening=OPENING), "superintendent-1"),
    told(AcceptTransfer(case=THERE), reason="taken"),
    told(RefuseTransfer(case=THERE), reason="not taken"),
    told(TransferStage(to=THERE, opening=OPENING)),
)


@hypothesis_given(st.lists(st.sampled_from(COMMANDS), max_size=15))
def test_no_sequence_of_commands_breaks_an_invariant(sequence: list[Request]) -> None:
    state: CaseState = given(MODEL, STREAM, opened())
    for item in sequence:
        decision = MODEL.decide(state, item, FACTS)
        if isinstance(decision, Refusal):
            continue
        before = state
        state, events = outcome_of(MODEL, state, item)
        if state.outcome is not None and before.outcome is None and state.transferred_to is None:
            assert not state.undecided_suspects()
            assert all(stage.outcome is not None for stage in state.stages)
            assert state.holds == ()
            assert state.transfer is None
        if before.transferred_to is not None:
            assert (state.transferred_to, state.outcome) == (before.transferred_to, "transferred")
            assert not any(isinstance(event, StageOpened) for event in events)
        # Invariant 9: a network test that led to a nomination is always followed by a decision to be made elsewhere.
        assert sum(isinstance(e, GroupNominated) for e in events) == sum(h.command == "Nominate" for h in sent(events))
    streams = [stage.stream for stage in state.stages]
    assert len(streams) == len(set(streams))
    assert survives_json(state)
