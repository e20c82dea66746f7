from datetime import datetime

from nom.contracts.case import OrderedCaseOpened
from nom.contracts.every_process import HandOffMade
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.stages import OpenOrderedCase, RecordStageOutcome, RecordSuspectOutcome, StageBrief
from nom.contracts.subjects import Allegation, Subject
from nom.workflows.model.case import MODEL
from tests.workflows.model import panel_acts as acts
from tests.workflows.model.kit import LONDON, OPENING, Request, events_of, given, request

STREAM = stream_of(acts.ORDERED, ProcessKind.CASE)
INVESTIGATION = stream_of(acts.ORDERED, ProcessKind.INVESTIGATION)
BRIEF = StageBrief(
    opening=OPENING,
    received_at=datetime(2026, 3, 10, 10, tzinfo=LONDON),
    subjects=(Subject(id="victim-1"), Subject(id="suspect-1")),
    allegations=(Allegation(victim="victim-1", offence="SX03001"),),
)


def told(command: OpenOrderedCase | RecordStageOutcome | RecordSuspectOutcome, at: str) -> Request:
    return request(STREAM, "system", command, at)


def ordered() -> Request:
    command = OpenOrderedCase(brief=BRIEF, review=acts.STREAM, supervised=True, steps=("take the account",))
    return told(command, "2026-03-10 10:00")


def news(events: tuple[object, ...]) -> list[tuple[str, str]]:
    """What the review is told: the stage and its outcome."""
    found: list[tuple[str, str]] = []
    for event in events:
        if isinstance(event, HandOffMade) and event.hand_off.to == acts.STREAM:
            command = event.hand_off.envelope["command"]
            assert isinstance(command, dict)
            found.append((str(command["stage"]), str(command["outcome"])))
    return found


def test_an_order_opens_the_case_with_its_investigation() -> None:
    events = events_of(MODEL, MODEL.blank(STREAM), ordered())
    assert any(isinstance(event, OrderedCaseOpened) for event in events)
    assert [event.to for event in events if isinstance(event, HandOffMade)] == [INVESTIGATION]
    state = given(MODEL, STREAM, ordered())
    assert state.review == acts.STREAM
    assert [stage.stream for stage in state.stages] == [INVESTIGATION]


def test_the_review_sees_progress_and_the_end_and_no_content() -> None:
    state = given(MODEL, STREAM, ordered())
    stage = told(RecordStageOutcome(stage=INVESTIGATION, outcome="concluded"), "2026-05-01 10:00")
    assert news(events_of(MODEL, state, stage)) == [(INVESTIGATION, "concluded")]
    state = given(MODEL, STREAM, ordered(), stage)
    charged = RecordSuspectOutcome(suspect="suspect-1", outcome="charged", stage=INVESTIGATION)
    assert [place for place, _ in news(events_of(MODEL, state, told(charged, "2026-05-02 10:00")))] == [STREAM]
