"""How a stage goes on in another force: as what it was, under the pack that holds there, or not at all."""

import json
from typing import Any

import pytest

from nom.contracts.clocks import ClockRecalculated
from nom.contracts.envelope import CommandEnvelope, Record, seal
from nom.contracts.every_process import ContinueStage, HandOffMade, StageContinued, TransferStage
from nom.contracts.ids import ProcessKind, StreamId, parse_stream
from nom.contracts.inquiry import OpenLineOfInquiry
from nom.contracts.stages import OpenStrategyMeeting, StageBrief
from nom.contracts.subjects import Subject
from nom.contracts.transfer import CaseTakenOver
from nom.workflows.model.invariants.registry import violations
from nom.workflows.model.process import ProcessModel, continued
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_under, opening_of
from tests.golden_examples import golden
from tests.workflows.model.histories import judged
from tests.workflows.model.kit import Request, events_of, facts_of, given, london, refused, request
from tests.workflows.model.test_referral_transfer import matter as referred
from tests.workflows.model.test_referral_transfer import routes
from tests.workflows.model.transfer_examples import whole_matters
from tests.workflows.model.two_forces import (
    APPOINTED,
    CASE,
    INVESTIGATION,
    TwoForces,
    accepts,
    asks,
    by,
    opening_in,
    routed,
    there,
)
from tests.workflows.model.two_forces import opened as opened_case

MEETING = f"{CASE}/strategy-meeting-1"
THERE = f"{there()}/strategy-meeting-1"
MODEL: ProcessModel[Any] = MODELS[ProcessKind.STRATEGY_MEETING]
WELSH = facts_under(opening_in("NWP").policy)
ENGLISH = facts_under(opening_in("MER").policy)


def told(command: Any, stream: StreamId, at: str) -> Request:  # noqa: ANN401  # Any command of any process.
    return request(stream, "system", command, at)


def opened() -> Request:
    brief = StageBrief(
        opening=opening_in("NWP"),
        received_at=london("2026-07-03 09:00"),
        subjects=(Subject(id="child-2", age=14),),
        allegations=(),
    )
    return told(OpenStrategyMeeting(brief=brief), MEETING, "2026-07-03 10:00")


def handed_over() -> CommandEnvelope[Any]:
    """What a meeting in Wales hands to its successor in England."""
    state = given(MODEL, MEETING, opened(), facts=WELSH)
    move = told(TransferStage(to=there(), opening=opening_in("MER")), MEETING, "2026-07-10 09:00")
    made = [event for event in events_of(MODEL, state, move, WELSH) if isinstance(event, HandOffMade)]
    assert [item.to for item in made] == [THERE]
    return MODEL.commands.validate_python(made[0].hand_off.envelope)


def successor(**changes: object) -> Request:
    asked = handed_over()
    return asked.model_copy(update={"command": asked.command.model_copy(update=changes)})


def test_deadlines_keep_their_start_and_are_counted_again_under_the_pack_that_holds_there() -> None:
    asked = handed_over()
    before = given(MODEL, MEETING, opened(), facts=WELSH)
    after = given(MODEL, THERE, asked, facts=ENGLISH)
    moved = [
        event for event in events_of(MODEL, MODEL.blank(THERE), asked, ENGLISH) if isinstance(event, ClockRecalculated)
    ]
    assert {event.rule for event in moved} == {"WT6"}
    assert [clock.started_at for clock in after.clocks] == [clock.started_at for clock in before.clocks]
    assert [
        clock.due_at > old.due_at for clock, old in zip(after.clocks, before.clocks, strict=True) if clock.rule == "WT6"
    ] == [True]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (successor(continues=f"{CASE}/triage-1"), "not_its_successor"),
        (successor(continues=f"{there()}/strategy-meeting-2"), "not_its_successor"),
        (successor(state={"clocks": "none"}), "not_understood"),
    ],
)
def test_a_stage_goes_on_only_from_what_it_can_go_on_from(asked: Request, code: str) -> None:
    assert refused(MODEL, MODEL.blank(THERE), asked, ENGLISH).code == code


def test_a_stage_goes_on_once() -> None:
    state = given(MODEL, THERE, handed_over(), facts=ENGLISH)
    assert refused(MODEL, state, handed_over(), ENGLISH).code == "already_open"


@pytest.mark.parametrize("kind", [ProcessKind.CASE, ProcessKind.DESIGNATION, ProcessKind.CLOSED_CASE_REVIEW])
def test_a_case_a_group_and_a_review_are_no_stages(kind: ProcessKind) -> None:
    stream = f"nca/26-1/{kind.value}" if kind is ProcessKind.CASE else f"nca/26-1/{kind.value}-1"
    command = ContinueStage(opening=opening_in("NCA"), continues=f"nwp/26-1/{kind.value}-1", up_to=1, state={})
    facts = facts_of(facts_under(opening_in("NCA").policy).policy)
    model = MODELS[kind]
    assert refused(model, model.blank(stream), told(command, stream, "2026-07-10 09:00"), facts).code in (
        "not_a_stage",
        "not_taken_over",
    )


def test_what_was_once_handed_over_is_still_understood() -> None:
    stage = StageContinued.model_validate_json(golden("stage_continued.v1"))
    case = CaseTakenOver.model_validate_json(golden("case_taken_over.v1"))
    model = MODELS[parse_stream(stage.continues).kind]
    assert continued(model.blank(f"{there()}/{stage.continues.rsplit('/', 1)[1]}"), stage.state).last_seq == 0
    spine = MODELS[ProcessKind.CASE]
    taken = spine.evolve(spine.blank(f"{there()}/case"), case)
    assert len(taken.subjects) == len(json.loads(golden("case_taken_over.v1"))["state"]["subjects"])


MATTERS = (*whole_matters(), referred(routes(), accepts(at="2026-07-27 14:00")))


@pytest.mark.parametrize("held", MATTERS, ids=range(len(MATTERS)))
def test_a_matter_that_moved_keeps_every_invariant_on_both_sides(held: TwoForces) -> None:
    assert list(violations(judged(tuple(recorded(held))))) == []


def test_a_text_that_is_held_when_the_stage_moves_is_no_breach_of_invariant_18() -> None:
    held = TwoForces()
    words = OpenLineOfInquiry(lines=("the child is promiscuous",))
    held.give_all(opened_case(), routed(), APPOINTED)
    held.give(by("senior_investigating_officer", words, "2026-07-21 09:00", INVESTIGATION, reason=None))
    held.give_all(asks(), accepts())
    moved = [event for _, _, events in held.steps for event in events if isinstance(event, StageContinued)]
    assert any("promiscuous" in event.model_dump_json() for event in moved)
    assert list(violations(judged(tuple(recorded(held))))) == []


def recorded(held: TwoForces) -> list[Record]:
    """The records of every stream, chained."""
    heads: dict[str, str] = {}
    records: list[Record] = []
    for before, asked, events in held.steps:
        opening = before.opening or opening_of(asked)
        assert opening is not None
        sealed = seal(asked, events, opening.policy, before.last_seq, heads.get(asked.stream))
        heads[asked.stream] = sealed[-1].digest
        records.extend(sealed)
    return records
