"""A case that the National Crime Agency ordered: how it opens, and what its review hears: progress, no content."""

from typing import Any

from nom.contracts.case import OrderedCaseOpened, StageOpened, StageOutcomeRecorded
from nom.contracts.every_process import StageEnded
from nom.contracts.ids import ProcessKind, StreamId, stream_of
from nom.contracts.stages import OpenInvestigation, OpenOrderedCase, RecordReinvestigationProgress
from nom.workflows.model.deliberation import Deliberation


def open_ordered_case(d: Deliberation[Any], command: OpenOrderedCase) -> None:
    """Open the case with its investigation. There is no referral: the review's order stands in its place."""
    brief = command.brief
    d.open(brief.opening)
    d.record(
        OrderedCaseOpened(
            review=command.review,
            supervised=command.supervised,
            steps=command.steps,
            received_at=brief.received_at,
            subjects=brief.subjects,
            allegations=brief.allegations,
        )
    )
    stage = stream_of(d.state.case, ProcessKind.INVESTIGATION)
    d.record(StageOpened(stage=stage, kind=ProcessKind.INVESTIGATION, urgent=False))
    d.hand_off(stage, OpenInvestigation(brief=brief))


def tell_progress(d: Deliberation[Any], review: StreamId | None) -> None:
    """Tell the review, if one ordered the case, of each stage that has ended now, and of the end of the case."""
    if review is None:
        return
    for event in tuple(d.events):
        if isinstance(event, (StageOutcomeRecorded, StageEnded)):
            stage = event.stage if isinstance(event, StageOutcomeRecorded) else d.state.stream
            news = RecordReinvestigationProgress(case=d.state.case, stage=stage, outcome=event.outcome)
            d.hand_off(review, news)
