import pytest

from nom.contracts.case import LinkSubject
from nom.contracts.closure import Closed
from nom.contracts.events import CommandBase
from nom.contracts.every_process import ClockRanOut, MarkUpToDate, RecordNote
from nom.contracts.inquiry import CloseLineOfInquiry, NameSuspect, OpenLineOfInquiry
from nom.contracts.investigation import Conclude, HandOver
from nom.contracts.stages import RecordStageOpened, RecordSuspectOutcome
from nom.contracts.standing import CrimeOf, TellStanding
from nom.contracts.subjects import Subject
from nom.workflows.model.closure_state import closure_missing
from nom.workflows.model.process import ProcessState
from tests.workflows.model.closure_acts import (
    APPROVED,
    BEGUN,
    CASE,
    CLEARED,
    CLEARING,
    CLOSURE,
    ETHNICITY,
    INVESTIGATION,
    PROPOSED,
    TOLD,
    approve,
    ask_review,
    assign,
    closure_of,
    decide,
    due,
    matter,
    notify,
    offer,
    opened,
    propose,
    reject,
    routed,
    sio,
    status,
)
from tests.workflows.model.kit import Request, london, request
from tests.workflows.model.matter import Matter, told_itself

CHARGE = "syp/26-7k3f9q/charge-1"
SECOND = "syp/26-7k3f9q/closure-2"


def on_case(command: CommandBase, at: str) -> Request:
    return request(CASE, "system", command, at, reason="told by another process")


def outcome(held: Matter, stream: str) -> str | None:
    state: ProcessState = held.state(stream)
    return state.outcome


def test_a_closure_is_known_to_its_case_and_asks_the_investigation_how_things_stand() -> None:
    held = matter(*PROPOSED)
    assert [stage.stream for stage in held.state(CASE).stages][-1] == CLOSURE
    assert held.state(INVESTIGATION).question_of(CLOSURE).suspect == "suspect-2"
    assert closure_of(held).told_by == INVESTIGATION
    assert [victim.id for victim in closure_of(held).victims()] == ["child-1", "child-2"]
    assert held.refused_hand_offs == []


def test_until_it_has_been_told_how_things_stand_a_closure_is_not_approved() -> None:
    held = matter(*BEGUN, *CLEARING)
    held.held_back = True
    held.give(propose())
    assert held.refusal(approve()) == ("standing_unknown", ["standing_unknown"])
    held.held_back = False
    held.settle()
    held.give(approve())


def test_a_closure_without_an_investigation_is_not_approved_until_one_has_answered() -> None:
    held = matter(opened(), propose())
    assert held.refusal(approve()) == ("closure_gate", ["investigation_not_opened"])
    held.give(routed())
    assert closure_of(held).told_by == INVESTIGATION
    assert held.refusal(approve())[1] == [
        "account_not_sought:child-1",
        "account_not_sought:child-2",
        "suspect_not_interviewed:suspect-2",
        "ethnicity_without_reason:suspect-2",
        "nationality_without_reason:suspect-2",
    ]


def test_each_obstacle_goes_as_it_is_removed() -> None:
    held = matter(*PROPOSED)
    for act in CLEARING:
        before = len(closure_of(held).standing.unmet)  # pyright: ignore[reportOptionalMemberAccess] - told by now
        held.give(act)
        assert len(closure_of(held).standing.unmet) == before - 1  # pyright: ignore[reportOptionalMemberAccess] - told by now


def test_a_suspect_whom_the_investigation_does_not_know_is_not_closed() -> None:
    held = matter(*BEGUN, *CLEARING, propose(what=Closed(suspect="suspect-9")))
    assert held.refusal(approve())[1][0] == "unknown_subject:suspect-9"
    held.give(sio(NameSuspect(subject=Subject(id="suspect-9")), "2026-08-26 10:00"))
    assert "unknown_subject:suspect-9" not in held.refusal(approve())[1]


def test_an_approval_typed_in_with_a_date_before_the_gate_was_met_is_refused() -> None:
    held = matter(*CLEARED)
    assert held.refusal(approve("2026-08-20 09:00"))[1] == ["before_standing_clear"]
    assert held.refusal(approve("2026-08-09 09:00"))[1] == ["before_proposal", "before_standing_clear"]


def vehicle(opened_at: str, closed_at: str) -> tuple[Request, Request]:
    """One more line of inquiry, from when it was opened until it had its result."""
    return (
        sio(OpenLineOfInquiry(lines=("vehicle",)), opened_at),
        sio(CloseLineOfInquiry(lines=("vehicle",), result="sold in 2023"), closed_at),
    )


def test_an_approval_dated_into_the_time_of_a_later_line_of_inquiry_is_refused() -> None:
    held = matter(*CLEARED, *vehicle("2026-08-25 10:00", "2026-08-28 10:00"))
    assert held.refusal(approve("2026-08-26 09:00")) == ("before_standing_clear", ["before_standing_clear"])
    held.give(approve("2026-08-28 10:00"))


@pytest.mark.parametrize("at", ["2026-08-21 10:00", "2026-08-26 10:00"])
def test_what_leaves_the_gate_met_does_not_move_the_moment_from_which_it_was_met(at: str) -> None:
    command = HandOver(from_officer="officer-1", to_officer="officer-7")
    hand_over = request(
        INVESTIGATION, "detective_superintendent", command, at, reason="leave", entered="2026-08-27 09:00"
    )
    held = matter(*CLEARED, hand_over)
    assert "officer-7" in closure_of(held).took_part(), "the closure was told again"
    assert held.refusal(approve("2026-08-22 09:00"))[1] == ["before_standing_clear"]
    held.give(approve("2026-08-24 11:00"))


def test_the_gate_is_met_with_the_latest_act_that_it_awaited_in_whatever_order_they_are_typed_in() -> None:
    line, result = vehicle("2026-08-11 10:00", "2026-08-26 10:00")
    late_entry = ETHNICITY.model_copy(update={"submitted_at": london("2026-08-27 09:00")})
    held = matter(*PROPOSED, line, *CLEARING[:-1], result, late_entry)
    assert held.refusal(approve("2026-08-25 09:00"))[1] == ["before_standing_clear"]
    held.give(approve("2026-08-26 10:00"))


def test_a_rejected_closure_has_ended_and_may_be_proposed_again() -> None:
    held = matter(*CLEARED)
    assert held.refusal(reject(actor="officer-1"))[0] == "separation"
    assert held.refusal(reject(rank=None)) == ("rank", ["rank:RejectClosure"])
    assert held.refusal(reject("2026-08-09 10:00")) == ("before_proposal", ["before_proposal"])
    held.give(reject())
    assert outcome(held, CLOSURE) == "rejected"
    assert held.state(INVESTIGATION).questions == ()
    assert held.refusal(approve())[0] == "process_ended"
    held.give_all(propose("2026-09-01 10:00", stream=SECOND), approve("2026-09-01 11:00", stream=SECOND))
    assert closure_of(held, SECOND).approver == "officer-2"
    assert held.refused_hand_offs == []


def test_a_second_closure_of_the_same_suspect_waits_for_the_first() -> None:
    held = matter(*CLEARED, propose("2026-08-26 10:00", stream=SECOND))
    assert held.refusal(approve(stream=SECOND)) == ("closure_gate", ["closure_open:closure-1"])
    held.give_all(reject(), approve("2026-09-01 10:00", stream=SECOND))


def test_no_further_action_is_approved_once_and_not_rejected_after_that() -> None:
    held = matter(*APPROVED)
    assert held.refusal(approve("2026-08-28 09:00"))[0] == "already_approved"
    assert held.refusal(reject("2026-08-28 09:00"))[0] == "already_approved"


def test_a_closure_is_final_when_the_last_window_has_run_out_and_not_a_moment_before() -> None:
    held = matter(*APPROVED)
    held.give_all(notify("2026-08-28 10:00", "child-1"), notify("2026-09-01 10:00"), offer("2026-09-01 11:00"))
    for number, last_day in ((1, "2026-11-28"), (2, "2026-12-01")):
        assert closure_of(held).is_open
        clock = closure_of(held).clock(f"vr1-{number}")
        assert clock is not None
        assert (str(clock.last_day), closure_of(held).rings(clock)) == (last_day, True)
        moment = f"{clock.due_at:%Y-%m-%d %H:%M}"
        held.give(told_itself(CLOSURE, ClockRanOut(clock_id=clock.id, due_at=clock.due_at), moment))
    state = closure_of(held)
    assert state.outcome == "closed"
    late = {clock.id for clock in state.clocks if clock.is_late and not clock.indicator}
    assert late == {"vc3-2", "vc3-offer-1", "vc3-offer-2"}
    assert [(item.suspect, item.outcome) for item in held.state(CASE).outcomes] == [("suspect-2", "closed")]
    assert held.state(INVESTIGATION).concluded() == ("suspect-2",)
    assert held.state(CASE).is_open


def test_a_brought_in_closure_whose_windows_have_run_out_is_final_when_the_matter_is_up_to_date() -> None:
    held = matter(*TOLD)
    states = {**held.states, CLOSURE: closure_of(held).model_copy(update={"brought_in": True})}
    held.states = states
    held.give(request(CLOSURE, "case_administrator", RecordNote(text="file found", basis="fact"), "2026-12-02 10:00"))
    assert closure_of(held).is_open
    held.give(request(CLOSURE, "case_administrator", MarkUpToDate(), "2026-12-02 10:00"))
    assert outcome(held, CLOSURE) == "closed"


def test_a_closure_is_not_final_while_a_victim_has_not_been_told_or_a_line_of_inquiry_was_opened_since() -> None:
    held = matter(*APPROVED, notify("2026-08-28 10:00", "child-1"), offer())
    labels = [item.label() for item in closure_missing(closure_of(held))]
    assert labels == ["victim_not_told:child-2", "review_not_offered:child-2"]
    held.give_all(notify("2026-08-28 11:00"), offer("2026-08-28 11:00"))
    held.give(sio(OpenLineOfInquiry(lines=("vehicle",)), "2026-09-01 10:00"))
    clock = closure_of(held).clock("vr1-1")
    assert clock is not None
    held.give(told_itself(CLOSURE, ClockRanOut(clock_id=clock.id, due_at=clock.due_at), "2026-11-29 00:00"))
    assert closure_of(held).is_open
    assert [item.label() for item in closure_missing(closure_of(held))] == ["line_open:vehicle"]
    held.give(sio(CLEARING[0].command.model_copy(update={"lines": ("vehicle",)}), "2026-12-03 10:00"))
    assert outcome(held, CLOSURE) == "closed"


def test_an_overturned_closure_reopens_the_investigation_with_the_reason_as_a_line_of_inquiry() -> None:
    held = matter(*TOLD, ask_review(), assign(), decide("overturned"))
    investigation = held.state(INVESTIGATION)
    assert outcome(held, CLOSURE) == "overturned"
    assert investigation.open_lines() == ("hotel group holds an off-site copy",)
    assert investigation.questions == held.state(CASE).questions == ()
    assert held.state(CASE).undecided_suspects() == ("suspect-1", "suspect-2")
    assert held.refused_hand_offs == []


def concluded() -> Matter:
    """Both suspects are concluded, so that the investigation has ended; suspect-1 is charged, suspect-2 closed."""
    more = (
        sio(CLEARING[4].command.model_copy(update={"subjects": ("suspect-1",)}), "2026-08-25 10:00"),
        sio(BEGUN[6].command.model_copy(update={"subjects": ("suspect-1",)}), "2026-08-25 10:01"),
        sio(Conclude(suspect="suspect-1", how="file_to_cps"), "2026-08-26 10:00"),
        sio(Conclude(suspect="suspect-2", how="propose_closure"), "2026-08-26 10:10"),
    )
    return matter(*BEGUN, *CLEARING, *more)


def test_what_is_concluded_with_a_closure_to_propose_is_closed_after_the_investigation_has_ended() -> None:
    held = concluded()
    assert outcome(held, INVESTIGATION) == "concluded"
    held.give_all(propose("2026-08-26 11:00"), approve(), notify(), offer())
    assert closure_of(held).approver == "officer-2"
    assert held.refused_hand_offs == []


def test_an_investigation_that_had_ended_goes_on_after_a_review_and_ends_again() -> None:
    held = concluded().give_all(propose("2026-08-26 11:00"), approve(), notify(), offer(), ask_review(), assign())
    held.give(decide("overturned", reason="x" * 200))
    investigation = held.state(INVESTIGATION)
    assert investigation.is_open
    assert investigation.concluded() == ("suspect-1",)
    (line,) = investigation.open_lines()
    assert line == f"{'x' * 119}…"
    assert [clock.rule for clock in investigation.clocks if clock.is_open] == ["SR1"]
    assert {stage.stream: stage.outcome for stage in held.state(CASE).stages}[INVESTIGATION] is None
    held.give(sio(CLEARING[0].command.model_copy(update={"lines": (line,)}), "2026-10-08 10:00"))
    held.give(sio(Conclude(suspect="suspect-2", how="file_to_cps"), "2026-10-09 10:00"))
    assert outcome(held, INVESTIGATION) == "concluded"


def test_a_case_closes_when_every_suspect_is_charged_or_closed_for_good() -> None:
    held = concluded()
    charged = RecordSuspectOutcome(suspect="suspect-1", outcome="charged", stage=CHARGE)
    held.give(on_case(charged, "2026-08-26 12:00"))
    held.give_all(propose("2026-08-26 13:00"), approve(), notify(), offer(), ask_review(), assign())
    held.give_all(ask_review("2026-09-10 10:00", "child-2"), decide("upheld"))
    assert outcome(held, CLOSURE) == "closed"
    assert outcome(held, CASE) == "every suspect has an outcome"


def test_what_the_prosecutor_declined_is_closed_by_the_police_and_reviewed_by_the_prosecutors_scheme() -> None:
    held = concluded()
    held.give(on_case(RecordStageOpened(stage=CHARGE, about=("suspect-2",)), "2026-08-26 10:20"))
    held.give(propose("2026-08-26 11:00"))
    assert held.refusal(approve()) == ("closure_gate", ["file_open:charge-1"])
    declined = on_case(RecordSuspectOutcome(suspect="suspect-2", outcome="declined", stage=CHARGE), "2026-08-26 12:00")
    lawyer = declined.actor.model_copy(update={"on_behalf_of": "lawyer-1"})
    held.give(declined.model_copy(update={"actor": lawyer}))
    assert held.state(CASE).undecided_suspects() == ("suspect-1", "suspect-2")
    held.give_all(approve(), notify(), offer(), ask_review("2026-09-09 09:00"))
    state = closure_of(held)
    assert (state.authority, state.scheme) == ("cps", "VRR")
    assert [due(state, clock) for clock in ("vr2-1", "vr2-limit-1", "vr3-1", "vr3-independent-1")] == [
        "2026-09-14",
        "2026-11-28",
        "2026-09-23",
        "2026-10-21",
    ]
    assert held.refusal(assign("lawyer-1"))[0] == "took_part"
    held.give_all(assign(), decide("upheld"))
    assert status(closure_of(held), "vr3-independent-1") == "met"


def test_who_is_charged_already_is_not_closed() -> None:
    held = matter(*CLEARED)
    charged = RecordSuspectOutcome(suspect="suspect-2", outcome="charged", stage=CHARGE)
    held.give(on_case(charged, "2026-08-26 12:00"))
    assert held.refusal(approve()) == ("closure_gate", ["already_charged:suspect-2"])


def test_a_crime_without_a_suspect_is_closed_for_its_own_victim_and_the_last_one_ends_the_case() -> None:
    child = Subject(id="child-1", age=15)
    adult = Subject(id="victim-2", age=30)
    held = matter(opened(child, adult), routed())
    accounts = (BEGUN[4].command.model_copy(update={"victim": victim.id}) for victim in (child, adult))
    held.give_all(*(sio(account, "2026-06-02 10:00") for account in accounts))
    for number, victim in enumerate(("child-1", "victim-2"), 1):
        stream = f"syp/26-7k3f9q/closure-{number}"
        crime = CrimeOf(victim=victim, offence="SX03025")
        held.give(propose(what=Closed(crime=crime), outcome="18", stream=stream))
        held.give_all(approve(stream=stream), notify(stream=stream), offer(stream=stream))
        assert closure_of(held, stream).victim_ids() == (victim,)
    assert due(closure_of(held, SECOND), "vc3-1") == "2026-09-04"
    for stream in (CLOSURE, SECOND):
        clock = closure_of(held, stream).clock("vr1-1")
        assert clock is not None
        held.give(told_itself(stream, ClockRanOut(clock_id="vr1-1", due_at=clock.due_at), "2026-11-29 00:00"))
        assert outcome(held, stream) == "closed"
    assert outcome(held, INVESTIGATION) == "concluded"
    assert outcome(held, CASE) == "every suspect has an outcome"


def test_a_closure_names_a_suspect_or_a_crime_and_not_both() -> None:
    with pytest.raises(ValueError, match="either"):
        Closed()
    with pytest.raises(ValueError, match="either"):
        Closed(suspect="suspect-1", crime=CrimeOf(victim="child-1", offence="SX03025"))
    crime = Closed(crime=CrimeOf(victim="child-1", offence="SX99999"))
    assert matter(*BEGUN).refusal(propose(what=crime, outcome="18"))[0] == "unknown_code"
    stranger = Closed(crime=CrimeOf(victim="victim-9", offence="SX03025"))
    held = matter(*BEGUN, *CLEARING, propose(what=stranger, outcome="18"))
    assert held.refusal(approve()) == ("closure_gate", ["unknown_subject:victim-9"])


def test_a_victim_who_becomes_known_after_the_approval_is_told_too() -> None:
    held = matter(*TOLD)
    state = closure_of(held)
    assert state.standing is not None
    victims = (*state.standing.victims, Subject(id="victim-3", age=20))
    standing = state.standing.model_copy(update={"victims": victims})
    held.give(request(CLOSURE, "system", TellStanding(by=INVESTIGATION, standing=standing), "2026-09-01 10:00"))
    assert due(closure_of(held), "vc3-3") == "2026-09-08"
    late = TellStanding(by=CASE, standing=standing)
    assert held.refusal(request(CLOSURE, "system", late, "2026-09-01 10:00"))[0] == "overtaken"


def test_who_decided_something_in_the_case_is_told_to_the_closure() -> None:
    link = request(
        CASE, "duty_officer", LinkSubject(subject=Subject(id="suspect-3")), "2026-08-26 09:00", actor="officer-6",
        reason="named by child-1",
    )  # fmt: skip
    held = matter(*CLEARED, link)
    assert "officer-6" in closure_of(held).took_part()
