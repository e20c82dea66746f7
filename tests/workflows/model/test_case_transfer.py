"""A case goes to another force: offered on a preview, handed over whole once that accepts, untouched if it does not."""

import pytest

from nom.contracts.bail_regime import BailRegimeChanged
from nom.contracts.case import LinkReferral, LinkSubject, OpenStage
from nom.contracts.closure import Closed, ProposeClosure
from nom.contracts.custody import EndCustody
from nom.contracts.errors import Refusal
from nom.contracts.every_process import AcknowledgeHandOff, CorrectRecord, HandOffAnswer, RecordNote
from nom.contracts.ids import ProcessKind
from nom.contracts.investigation import AppointSio, HandOver
from nom.contracts.legal_hold import LiftLegalHold, PlaceLegalHold
from nom.contracts.stages import RecordStageOutcome, RecordSuspectOutcome, TellNetworkOutcome
from nom.contracts.subjects import Subject
from nom.contracts.transfer import AcceptTransfer, OfferTransfer, PassOn, TakeOverCase, TransferRefused
from tests.workflows.model.kit import Request
from tests.workflows.model.two_forces import (
    APPOINTED,
    BAILED,
    CASE,
    CUSTODY,
    GROUP,
    INVESTIGATION,
    PEOPLE,
    REFERRAL,
    STREAM,
    WHY,
    TwoForces,
    accepts,
    asks,
    by,
    declines,
    goes_on,
    known,
    matter,
    nominated,
    opened,
    opening_in,
    routed,
    spine,
    there,
    told,
)

BEGUN = (opened(), routed(), APPOINTED)
ASKED = (*BEGUN, asks())
TRANSFERRED = (*ASKED, accepts())
MERSEYSIDE = spine(there())


def test_the_receiver_sees_counts_and_kinds_and_nothing_else() -> None:
    held = matter(opened(), routed(), nominated(), *BAILED, asks())
    (offer,) = held.handed("OfferTransfer")
    command = offer.hand_off.envelope["command"]
    assert isinstance(command, dict)
    assert command["preview"] == {
        "children": 1,
        "adults": 1,
        "suspects": 1,
        "allegations": 1,
        "groups": 1,
        "stages": [
            {"kind": "referral", "open": 0, "ended": 1},
            {"kind": "investigation", "open": 1, "ended": 0},
            {"kind": "custody", "open": 1, "ended": 0},
        ],
        "on_hold": False,
        "brought_in": False,
    }
    whole = str(offer.hand_off.envelope)
    assert all(secret not in whole for secret in (*(person.id for person in PEOPLE), "SX03025", WHY))


def test_until_it_is_accepted_the_sender_goes_on_with_everything_and_the_receiver_with_nothing() -> None:
    held = matter(*ASKED)
    held.give(by("duty_officer", LinkSubject(subject=Subject(id="suspect-3")), "2026-07-27 10:00"))
    held.give(by("senior_investigating_officer", HandOver(from_officer="officer-sio-1", to_officer="officer-2"),
                 "2026-07-27 11:00", INVESTIGATION))  # fmt: skip
    offered = held.case(there())
    assert offered.is_only_offered
    assert offered.subjects == ()
    assert offered.stages == ()


@pytest.mark.parametrize(
    "asked",
    [
        by("duty_officer", OpenStage(stage=ProcessKind.TRIAGE), "2026-07-27 10:00", MERSEYSIDE),
        by("duty_officer", LinkSubject(subject=Subject(id="suspect-3")), "2026-07-27 10:00", MERSEYSIDE),
        by("detective_superintendent", PlaceLegalHold(), "2026-07-27 10:00", MERSEYSIDE),
        asks("GMP", "2026-07-27 10:00", stream=MERSEYSIDE),
        told(TellNetworkOutcome(group=GROUP, outcome="not_met"), "2026-07-27 10:00", MERSEYSIDE),
    ],
)
def test_nothing_may_be_done_in_a_case_that_is_only_offered(asked: Request) -> None:
    assert matter(*ASKED).code(asked) == "not_taken_over"


def test_who_accepts_owns_the_case_from_then_on_with_its_people_and_what_is_open() -> None:
    held = matter(*TRANSFERRED)
    before, after = held.case(), held.case(there())
    assert before.outcome == "transferred"
    assert before.transferred_to == there()
    assert {stage.stream: stage.outcome for stage in before.stages} == {
        REFERRAL: "routed",
        INVESTIGATION: "transferred",
    }
    assert after.taken_over
    assert after.awaited == ()
    assert (after.subjects, after.allegations, after.received_at) == (
        before.subjects,
        before.allegations,
        before.received_at,
    )
    assert {stage.stream: stage.outcome for stage in after.stages} == {REFERRAL: "routed", goes_on(INVESTIGATION): None}
    assert held.refused_hand_offs == []


def test_a_stage_goes_on_where_it_left_off_with_its_clocks_its_acts_and_its_people() -> None:
    held = matter(*ASKED)
    left = held.state(INVESTIGATION)
    held.give(accepts())
    there_now = held.state(goes_on(INVESTIGATION))
    assert there_now.sio == "officer-sio-1"
    assert known(there_now) == known(left)
    assert [(clock.id, clock.due_at, clock.status) for clock in there_now.clocks] == [
        (clock.id, clock.due_at, clock.status) for clock in left.clocks
    ]
    assert set(left.acts) <= set(there_now.acts)
    assert there_now.opening == opening_in("MER")
    assert [clock.status.value for clock in held.state(INVESTIGATION).clocks] == ["stopped"]


def test_the_receiver_answers_within_two_working_days_or_the_delay_stands_on_the_board() -> None:
    def answer_of(*requests: Request) -> list[tuple[str, str]]:
        clocks = matter(*BEGUN, *requests).case().clocks
        return [(clock.status.value, str(clock.last_day)) for clock in clocks if clock.rule == "TF1"]

    assert answer_of(asks()) == [("running", "2026-07-29")]
    assert answer_of(asks(), accepts(at="2026-07-29 22:00")) == [("met", "2026-07-29")]
    assert answer_of(asks(), declines(at="2026-07-30 09:00")) == [("met_late", "2026-07-29")]
    assert matter(*TRANSFERRED).case(there()).clocks == ()


@pytest.mark.parametrize(
    "asked",
    [
        by("duty_officer", OpenStage(stage=ProcessKind.TRIAGE), "2026-07-28 10:00"),
        by("duty_officer", LinkReferral(referral=f"{CASE}/referral-2"), "2026-07-28 10:00"),
        by("detective_superintendent", AppointSio(officer="officer-3"), "2026-07-28 10:00", INVESTIGATION),
        asks("GMP", "2026-07-28 10:00"),
    ],
)
def test_the_sender_s_case_and_stages_refuse_new_work_and_say_where_it_goes_on(asked: Request) -> None:
    held = matter(*TRANSFERRED)
    decision = held.ask(asked)
    assert isinstance(decision, Refusal)
    assert decision.code == "transferred"
    assert decision.message.endswith(there())


def test_the_sender_s_own_record_can_still_be_noted_on_and_corrected() -> None:
    held = matter(*TRANSFERRED)
    for stream in (STREAM, INVESTIGATION):
        held.give(
            by("senior_investigating_officer", RecordNote(text="posted", basis="fact"), "2026-07-29 09:00", stream)
        )
        held.give(by("senior_investigating_officer", CorrectRecord(wrong_seq=1, correction="2 July"),
                     "2026-07-29 09:10", stream))  # fmt: skip


def test_every_linked_group_learns_of_the_case_by_which_the_matter_goes_on() -> None:
    held = matter(opened(), routed(), nominated(), asks(), accepts())
    (group,) = held.case(there()).groups
    (linked,) = held.handed("LinkCase")
    assert linked.to == f"{group.group}/designation-1"
    command = linked.hand_off.envelope["command"]
    assert isinstance(command, dict)
    assert command["case"] == there()
    assert CASE in str(command["because"])


def test_the_group_goes_on_telling_the_former_owner_too() -> None:
    held = matter(opened(), routed(), nominated(), asks(), accepts())
    (group,) = held.case(there()).groups
    news = TellNetworkOutcome(group=group.group, outcome="not_met", reason="one person")
    held.give_all(told(news, "2026-07-30 09:00"), told(news, "2026-07-30 09:00", MERSEYSIDE))
    assert [case.groups[0].outcome for case in (held.case(), held.case(there()))] == ["not_met", "not_met"]


def test_a_refusal_leaves_everything_as_it_was_and_the_case_may_be_offered_again() -> None:
    held = matter(*BEGUN)
    before, stage = known(held.case()), known(held.state(INVESTIGATION))
    held.give_all(asks(), declines())
    assert known(held.case()) == before
    assert known(held.state(INVESTIGATION)) == stage
    assert held.case(there()).outcome == "not taken over"
    held.give_all(asks("MER", "2026-07-29 09:00"), accepts(at="2026-07-30 09:00", case=there(number=2)))
    assert held.case(there(number=2)).taken_over


def test_a_force_that_can_t_be_offered_the_case_leaves_it_where_it_is_with_the_reason() -> None:
    held = matter(*BEGUN)
    before = known(held.case())
    held.give(asks("MER", under=opening_in("NCA")))
    (refusal,) = [event for event in held.steps[-1][2] if isinstance(event, TransferRefused)]
    assert "nca-2026" in refusal.because
    assert known(held.case()) == before
    assert held.case(there()).opening is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (asks("XYZ", under=opening_in("MER")), "unknown_force"),
        (asks("NWP"), "own_force"),
        (asks("MER", under=opening_in("NWP")), "jurisdiction_differs"),
        (asks(at="2026-07-03 08:59"), "before_receipt"),
        (asks(reason=None), "reason_missing"),
        (asks(role="investigating_officer"), "role"),
        (asks(referral=REFERRAL), "asked_by_the_referral"),
    ],
)
def test_a_case_is_offered_only_where_and_as_it_may_be(asked: Request, code: str) -> None:
    held = matter(*BEGUN)
    assert held.code(asked) == code
    assert held.case().transfer is None


def test_a_second_request_waits_for_the_answer_to_the_first() -> None:
    assert matter(*ASKED).code(asks("GMP", "2026-07-27 10:00")) == "transfer_waiting"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (accepts(actor="officer-sio-1"), "separation"),
        (declines(actor="officer-sio-1"), "separation"),
        (accepts(at="2026-07-27 08:59"), "before_request"),
        (declines(at="2026-07-27 08:59"), "before_request"),
        (by("senior_investigating_officer", AcceptTransfer(), "2026-07-28 09:00", MERSEYSIDE), "role"),
        (
            by("detective_superintendent", AcceptTransfer(), "2026-07-28 09:00", MERSEYSIDE, reason=None),
            "reason_missing",
        ),
        (by("detective_superintendent", AcceptTransfer(), "2026-07-28 09:00", STREAM), "not_the_receiver"),
        (by("detective_superintendent", AcceptTransfer(case=there()), "2026-07-28 09:00", STREAM), "not_the_receiver"),
        (told(AcceptTransfer(case=there("GMP")), "2026-07-28 09:00", reason=WHY), "not_the_receiver"),
        (told(AcceptTransfer(case=there()), "2026-07-27 08:59", reason=WHY), "before_request"),
        (told(TakeOverCase(continues=CASE, up_to=1, state={}), "2026-07-28 09:00", MERSEYSIDE), "not_accepted"),
    ],
)
def test_only_the_receiver_answers_once_and_after_it_was_asked(asked: Request, code: str) -> None:
    held = matter(*ASKED)
    assert held.code(asked) == code
    assert held.case().transfer is not None


def test_an_answer_that_comes_twice_or_unasked_is_refused() -> None:
    held = matter(*TRANSFERRED)
    assert held.code(accepts(at="2026-07-28 10:00")) == "no_transfer"
    assert matter(*BEGUN).code(told(AcceptTransfer(case=there()), "2026-07-28 09:00", reason=WHY)) == "no_transfer"
    undone = matter(*ASKED, declines())
    assert undone.code(accepts(at="2026-07-28 10:00")) == "process_ended"
    waiting = matter(*ASKED)
    waiting.held_back = True
    waiting.give(accepts())
    assert waiting.code(declines(at="2026-07-28 09:05")) == "already_accepted"


def test_an_acceptance_that_the_sender_can_t_answer_with_the_case_opens_nothing() -> None:
    held = matter(*ASKED)
    held.held_back = True
    held.give(accepts())
    (item,) = held.case(there()).outbox
    answer = HandOffAnswer(accepted=False, code="no_transfer", message="no transfer waits for an answer")
    held.give(told(AcknowledgeHandOff(hand_off_id=item.id, answer=answer), "2026-07-28 09:01", MERSEYSIDE))
    assert held.case(there()).outcome == "not taken over"


def test_what_was_not_understood_is_refused_and_not_a_failure() -> None:
    held = matter(*ASKED)
    held.held_back = True
    held.give(accepts())
    garbled = TakeOverCase(continues=CASE, up_to=1, state={"subjects": "nobody"})
    assert held.code(told(garbled, "2026-07-28 09:00", MERSEYSIDE)) == "not_understood"
    assert (
        held.code(told(TakeOverCase(continues=there(), up_to=1, state={}), "2026-07-28 09:00", MERSEYSIDE))
        == "not_accepted"
    )


def test_what_a_stage_still_had_to_say_reaches_the_present_owner_for_the_person_who_did_it() -> None:
    held = matter(opened(), routed(), *BAILED, asks())
    charged = RecordSuspectOutcome(suspect="suspect-2", outcome="charged", stage=f"{CASE}/charge-1")
    late = told(charged, "2026-07-28 08:00")
    late = late.model_copy(update={"actor": late.actor.model_copy(update={"on_behalf_of": "lawyer-1"})})
    held.give_all(accepts(), late)
    after = held.case(there())
    assert [(item.suspect, item.outcome, item.decided_by) for item in after.outcomes] == [
        ("suspect-2", "charged", "lawyer-1")
    ]
    assert held.case().outcomes == ()
    assert held.state(goes_on(CUSTODY)).outcome == "charged"


def test_a_stage_that_ended_while_the_case_was_on_its_way_is_ended_there() -> None:
    held = matter(opened(), routed(), *BAILED, asks())
    held.held_back = True
    held.give(accepts())
    (answer,) = held.case(there()).outbox
    held.give(told(AcceptTransfer(case=there()), "2026-07-28 09:00", reason=WHY))
    held.give(told(AcknowledgeHandOff(hand_off_id=answer.id, answer=HandOffAnswer(accepted=True)),
                   "2026-07-28 09:00", MERSEYSIDE))  # fmt: skip
    held.give(by("custody_officer", EndCustody(how="released"), "2026-07-28 08:30", CUSTODY, reason=None))
    held.settle()
    assert held.refused_hand_offs == []
    assert held.state(goes_on(CUSTODY)).outcome == "released"
    stages = {stage.stream: stage.outcome for stage in held.case(there()).stages}
    assert stages[goes_on(CUSTODY)] == "released"


def test_only_the_force_that_had_the_case_passes_anything_on() -> None:
    held = matter(*TRANSFERRED)
    news = RecordSuspectOutcome(suspect="suspect-2", outcome="charged", stage=f"{CASE}/charge-1")
    assert held.code(told(PassOn(by="gmp/26-other", news=news), "2026-07-29 09:00", MERSEYSIDE)) == "not_its_successor"
    never = matter(*BEGUN)
    assert never.code(told(PassOn(by=CASE, news=news), "2026-07-29 09:00")) == "not_its_successor"


def test_the_bail_regime_changes_between_a_force_and_the_agency_and_not_between_forces() -> None:
    agency = matter(opened(), routed(), *BAILED, asks("NCA"), accepts("NCA"))
    changed = [event for _, _, events in agency.steps for event in events if isinstance(event, BailRegimeChanged)]
    assert [(event.before, event.after) for event in changed] == [("standard", "nca")]
    assert [made.to for made in agency.handed("ChangeBailRegime")] == [goes_on(CUSTODY, "NCA")]
    assert agency.refused_hand_offs == []
    assert matter(opened(), routed(), *BAILED, asks(), accepts()).handed("ChangeBailRegime") == []


def test_a_case_that_the_agency_gives_back_has_the_regime_of_the_force_again() -> None:
    held = matter(opened(), routed(), *BAILED, asks("NCA"), accepts("NCA"))
    agency = there("NCA")
    back = asks("NWP", "2026-08-03 09:00", stream=spine(agency), role="nca_coordinator", actor="coordinator-1")
    home = there("NWP", case=agency)
    held.give_all(back, accepts("NWP", "2026-08-04 09:00", case=home))
    changed = [event for _, _, events in held.steps for event in events if isinstance(event, BailRegimeChanged)]
    assert [(event.before, event.after) for event in changed] == [("standard", "nca"), ("nca", "standard")]
    assert held.case(home).taken_over
    assert [stage.stream for stage in held.case(home).stages] == [
        REFERRAL,
        f"{home}/investigation-1",
        f"{home}/custody-1",
    ]
    assert held.refused_hand_offs == []


def test_a_legal_hold_goes_along_and_who_placed_it_does_not_lift_it_there() -> None:
    hold = by(
        "detective_superintendent", PlaceLegalHold(), "2026-07-20 09:00", actor="superintendent-2", reason="inquiry"
    )
    held = matter(*BEGUN, hold, asks(), accepts())
    assert [(item.placed_by, item.because) for item in held.case(there()).holds] == [("superintendent-2", "inquiry")]
    lift = by(
        "detective_superintendent", LiftLegalHold(hold=1), "2026-07-29 09:00", MERSEYSIDE, actor="superintendent-2"
    )
    assert held.code(lift) == "separation"
    held.give(
        by("detective_superintendent", LiftLegalHold(hold=1), "2026-07-29 09:00", MERSEYSIDE, actor="superintendent-3")
    )
    assert held.case(there()).holds == ()
    assert len(held.case().holds) == 1


def test_a_closure_goes_on_and_hears_from_the_investigation_that_went_along() -> None:
    closure = f"{CASE}/closure-1"
    proposal = ProposeClosure(opening=opening_in("NWP"), what=Closed(suspect="suspect-2"), outcome="15")
    propose = by("senior_investigating_officer", proposal, "2026-07-20 09:00", closure)
    held = matter(*BEGUN, propose, asks(), accepts())
    assert held.state(closure).outcome == "transferred"
    assert [question.closure for question in held.case(there()).questions] == [goes_on(closure)]
    hand_over = HandOver(from_officer="officer-sio-1", to_officer="officer-2")
    line = by("senior_investigating_officer", hand_over, "2026-07-29 09:00", goes_on(INVESTIGATION))
    held.give(line)
    assert "officer-2" in held.state(goes_on(closure)).standing.deciders
    assert held.refused_hand_offs == []


def test_a_case_does_not_close_while_another_force_considers_it_and_closes_when_that_refuses() -> None:
    done = told(RecordStageOutcome(stage=INVESTIGATION, outcome="concluded"), "2026-07-27 10:00")
    charged = told(
        RecordSuspectOutcome(suspect="suspect-2", outcome="charged", stage=f"{CASE}/charge-1"), "2026-07-27 11:00"
    )
    held = matter(opened(), routed(), asks(), done, charged)
    assert held.case().outcome is None
    held.give(declines())
    assert held.case().outcome == "every suspect has an outcome"
    taken = matter(opened(), routed(), asks(), done, charged, accepts())
    assert taken.case().outcome == "transferred"
    assert taken.case(there()).outcome == "every suspect has an outcome"


def test_a_matter_that_is_brought_in_is_brought_in_there_too() -> None:
    held = matter(opened(brought_in=True), routed(), asks(), accepts())
    assert held.case(there()).brought_in
    assert held.state(goes_on(INVESTIGATION)).brought_in
    assert not matter(*TRANSFERRED).case(there()).brought_in


def test_a_force_is_not_offered_its_own_case() -> None:
    command = matter(*ASKED).handed("OfferTransfer")[0].hand_off.envelope["command"]
    assert isinstance(command, dict)
    offer = OfferTransfer.model_validate({**command, "offered": "mer/26-own"})
    assert TwoForces().code(told(offer, "2026-07-27 09:00", spine("mer/26-other"))) == "own_force"
