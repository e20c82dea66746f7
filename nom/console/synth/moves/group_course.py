"""Moves in the life of a group: disruption, intelligence, archive, reopening, and what two forces see differently."""

from datetime import timedelta
from functools import partial
from typing import Any

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.office import Happened
from nom.contracts.events import EventBase
from nom.contracts.group_course import ArchiveProposed, GroupArchived
from nom.workflows.model.designation_state import DesignationState
from nom.workflows.turn import facts_under

_ANALYST, _HEAD, _LEAD = "analyst-1", "head-of-region-1", "officer-lro-1"
_QUIET = timedelta(days=372)
"""After so long without intelligence the lead responsible officer thinks of an archive."""


def follow(m: Matter, stream: str) -> None:
    """What comes with a review: something was disrupted, something was heard, or it has been quiet for long."""
    state = m.of(DesignationState, stream)
    if state is None or state.quiet_since is None:
        return
    if m.draws.share("disruption"):
        level, what = m.draws.pick("disruption"), m.draws.say("disruption")
        m.act(stream, _LEAD, "RecordDisruption", level=level, what=what)
    if len(state.intelligence) < 2 and m.draws.share("intelligence"):  # noqa: PLR2004 - then it grows quiet
        m.act(
            stream, _ANALYST, "RecordIntelligence", reference=f"log-{len(state.intelligence) + 1}",
            source=m.draws.pick("intelligence_source"), assessment=m.draws.pick("intelligence_assessment"),
        )  # fmt: skip
    elif (m.now - state.quiet_since > _QUIET or m.draws.share("slip_archived_too_early")) and state.lead_officer:
        lead = m.person(_LEAD, id=state.lead_officer)
        m.attempt(stream, lead, "ProposeArchive", why="archive")


def compare(m: Matter, stream: str, between: tuple[Any, Any]) -> None:
    """An analyst of the joining force scores the group and, now and then, takes two references for one person."""
    state = m.of(DesignationState, stream)
    if state is None or state.opening is None:
        return
    if m.draws.share("same_person"):
        same = {"one": between[0], "other": between[1]}
        if m.attempt(stream, _ANALYST, "RecordSamePerson", why="linked", same=same) and m.draws.share("not_the_same"):
            m.attempt(stream, _ANALYST, "WithdrawSamePerson", why="returned", same=same)
    if m.draws.share("scored_by_two_forces"):
        table = facts_under(state.opening.policy).policy.scoring
        inputs = [{"name": item.name, "rating": m.draws.chance.between(0, item.maximum)} for item in table.inputs]
        theirs = m.person(_ANALYST, id="analyst-20", force=m.plan.force)
        m.act(stream, theirs, "ScoreThreat", inputs=inputs)
        m.attempt(stream, _ANALYST, "RequestDeconfliction", why="scores_differ")
        m.later(partial(_settle, stream=stream), "approve_designation")


def _settle(m: Matter, stream: str) -> None:
    state = m.of(DesignationState, stream)
    if state is not None and state.deconfliction_asked:
        m.act(stream, _HEAD, "Deconflict", why="scores_differ", stands=state.scores[-1].force)


def _on_archive(m: Matter, happened: Happened) -> None:
    m.later(partial(_approve_archive, stream=happened.stream), "approve_designation")


def _approve_archive(m: Matter, stream: str) -> None:
    state = m.of(DesignationState, stream)
    if state is not None and state.archive is not None:
        m.attempt(stream, _HEAD, "ApproveArchive", why="archive")


def _on_archived(m: Matter, happened: Happened) -> None:
    if m.draws.share("group_reopened"):
        m.later(partial(_reopen, stream=happened.stream), "oversight")


def _reopen(m: Matter, stream: str) -> None:
    state = m.of(DesignationState, stream)
    if state is not None and state.decided == "archived":
        officer = m.person(_LEAD).id
        m.act(stream, _HEAD, "Reopen", why="group_reopened", tier=m.draws.pick("tier"), officer=officer)


REACTIONS: dict[type[EventBase], Reaction] = {ArchiveProposed: _on_archive, GroupArchived: _on_archived}
