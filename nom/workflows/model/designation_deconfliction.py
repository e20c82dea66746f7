"""Scores of two forces that differ: who asks for a decision, and whose score stands. Scores nothing, drops nothing."""

from typing import assert_never

from nom.contracts.deconfliction import (
    Deconflict,
    DeconflictionCommand,
    DeconflictionRequested,
    RequestDeconfliction,
    ScoresDeconflicted,
)
from nom.contracts.errors import Refusal, refuse
from nom.workflows.model.designation_state import Thinking


def settle_scores(d: Thinking, command: DeconflictionCommand) -> Refusal | None:
    """Decide one of the two commands."""
    match command:
        case RequestDeconfliction():
            return _request(d)
        case Deconflict():
            return _decide(d, command)
        case _:
            assert_never(command)


def _request(d: Thinking) -> Refusal | None:
    if d.state.deconfliction_asked:
        return refuse("deconfliction_pending", "a decision between the scores was asked for already")
    if d.state.deconflicted or len({score.score for score in d.state.scores}) <= 1:
        return refuse("nothing_to_deconflict", "no two forces have scores that differ and await a decision")
    d.record(DeconflictionRequested(scores=d.state.scores, because=d.reason))
    return None


def _decide(d: Thinking, command: Deconflict) -> Refusal | None:
    if not d.state.deconfliction_asked:
        return refuse("no_deconfliction", "nobody asked for a decision between the scores")
    stands = next((score for score in d.state.scores if score.force == command.stands), None)
    if stands is None:
        return refuse("no_such_score", f"{command.stands} has not scored the group")
    d.record(ScoresDeconflicted(scores=d.state.scores, stands=stands, because=d.reason))
    return None
