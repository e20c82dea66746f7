"""How what becomes of a designated group, and what forces say of its threat, change with one event. Decides nothing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from nom.contracts.deconfliction import (
    DeconflictionEvent,
    DeconflictionRequested,
    ForceScore,
    ScoreKept,
    ScoresDeconflicted,
)
from nom.contracts.group_course import (
    ArchiveProposed,
    ArchiveReturned,
    CourseEvent,
    DisruptionRecorded,
    GroupArchived,
    GroupReopened,
    IntelligenceRecorded,
)
from nom.workflows.model.designation_state import ArchiveProposal, DesignationState, Threat

OVERSEEN_NO_LONGER: Mapping[str, object] = MappingProxyType(
    dict.fromkeys(
        ("tier", "tier_since", "lead_officer", "lead_since", "plan_review", "plan_since", "reviewed_at", "archive")
    )
)
"""What a group does not have that is not designated."""


def course(state: DesignationState, event: CourseEvent) -> dict[str, object]:
    """What changes in the life of a group."""
    match event:
        case DisruptionRecorded():
            return {"disruptions": (*state.disruptions, event.disruption)}
        case IntelligenceRecorded():
            return {"intelligence": (*state.intelligence, event.intelligence)}
        case ArchiveProposed():
            return {"archive": ArchiveProposal(because=event.because, proposed_at=event.proposed_at)}
        case ArchiveReturned():
            return {"archive": None}
        case GroupArchived():
            decided = {"decided": "archived", "decided_at": event.archived_at, "decided_because": event.because}
            return {**OVERSEEN_NO_LONGER, **decided}
        case GroupReopened():
            return {"decided": "designated", "decided_at": event.reopened_at, "decided_because": event.because}
        case _:
            assert_never(event)


def deconfliction(state: DesignationState, event: DeconflictionEvent) -> dict[str, object]:
    """What changes in the scores of the forces. A score typed in late displaces none that was given after it."""
    match event:
        case ScoreKept():
            return _kept(state, event.kept)
        case DeconflictionRequested():
            return {"deconfliction_asked": True}
        case ScoresDeconflicted():
            return {"deconfliction_asked": False, "deconflicted": True, "threat": _standing(event.stands)}
        case _:
            assert_never(event)


def _kept(state: DesignationState, kept: ForceScore) -> dict[str, object]:
    held = next((score for score in state.scores if score.force == kept.force), None)
    if held is not None and kept.scored_at < held.scored_at:
        scores = state.scores
    else:
        scores = (*(score for score in state.scores if score.force != kept.force), kept)
    latest = max(scores, key=lambda score: score.scored_at)
    return {"scores": scores, "threat": _standing(latest)}


def _standing(score: ForceScore) -> Threat:
    return Threat(version=score.version, score=score.score, band=score.band)
