"""What any stage does when its case is transferred: it hands what it knows to its successor, and ends; and how the
successor in the receiving force goes on from there, with clocks, acts and outcome as they were.
"""

import json
from collections.abc import Callable
from typing import Any

from pydantic import JsonValue, ValidationError

from nom.contracts.errors import Refusal, refuse
from nom.contracts.every_process import ContinueStage, StageContinued, StageTransferred, TransferStage
from nom.contracts.ids import ProcessKind, StreamId, is_stream, moved_to, parse_stream, stream_of
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.stages import RecordStageOpened
from nom.workflows.model.clock_course import recalculated
from nom.workflows.model.decision_draft import Deliberation
from nom.workflows.model.process import ProcessState, continued

NOT_STAGES = (ProcessKind.CASE, ProcessKind.DESIGNATION, ProcessKind.CLOSED_CASE_REVIEW)
"""What is not a stage of a case: the case moves by its own rules, and the others are the National Crime Agency's."""


def move_stage(d: Deliberation[Any], command: TransferStage | ContinueStage) -> Refusal | None:
    """Hand a stage over, or go on with one that was handed over."""
    if parse_stream(d.state.stream).kind in NOT_STAGES:
        return refuse("not_a_stage", f"{d.state.stream} is not a stage of a case")
    if isinstance(command, TransferStage):
        return _hand_over(d, command)
    return _go_on(d, command)


def _hand_over(d: Deliberation[Any], command: TransferStage) -> Refusal | None:
    # What has ended already is handed over as it ended: it may have to go on there (a review, a notice to a victim).
    was_open, because = d.state.is_open, f"the case was transferred to {command.to}"
    here = f"{d.state.case}/"
    known = handed_over(
        d.state, d.facts.policy, lambda name: moved_to(name, command.to) if name.startswith(here) else name
    )
    opening = command.opening.model_copy(update={"brought_in": d.state.brought_in})
    successor = ContinueStage(
        opening=opening, continues=d.state.stream, up_to=d.state.last_seq, about=command.about, state=known
    )
    d.record(StageTransferred(to=command.to))
    d.hand_off(moved_to(d.state.stream, command.to), successor)
    if was_open:
        d.end("transferred", because)
    else:
        d.stop_all_clocks(because)
    return None


def _go_on(d: Deliberation[Any], command: ContinueStage) -> Refusal | None:
    before = parse_stream(command.continues)
    if before.kind is not parse_stream(d.state.stream).kind or before.case == d.state.case:
        return refuse("not_its_successor", f"{d.state.stream} can't go on from {command.continues}")
    d.open(command.opening)
    try:
        state = continued(d.state, command.state)
    except ValidationError:
        return refuse("not_understood", f"what {command.continues} knew is not understood here")
    d.record(StageContinued(continues=command.continues, up_to=command.up_to, state=command.state))
    policy = d.facts.policy.version
    refusal = d.take(recalculated(state.clocks, d.facts, d.at, f"transferred, and judged under {policy} since"))
    case = stream_of(d.state.case, ProcessKind.CASE)
    d.hand_off(case, RecordStageOpened(stage=d.state.stream, about=command.about, continues=command.continues))
    return refusal


def handed_over(
    state: ProcessState, policy: PolicyPack, name_of: Callable[[StreamId], StreamId]
) -> dict[str, JsonValue]:
    """What a process knows, as its successor starts from it: plain JSON, every stream by the name that it has then, and
    without what waits to be handed on.
    """
    known: dict[str, JsonValue] = json.loads(state.as_continued(policy).model_dump_json(exclude={"outbox"}))
    return {field: _renamed(value, name_of) for field, value in known.items()}


def _renamed(value: JsonValue, name_of: Callable[[StreamId], StreamId]) -> JsonValue:
    match value:
        case str():
            return name_of(value) if is_stream(value) else value
        case list():
            return [_renamed(item, name_of) for item in value]
        case dict():
            return {field: _renamed(item, name_of) for field, item in value.items()}
        case _:
            return value
