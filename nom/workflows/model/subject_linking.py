"""Somebody who becomes part of a matter under way: the case tells the stages whose gates ask about everybody known.

Links nobody by itself: a person links them to the case.
"""

from typing import Any

from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.case import LinkSubject, SubjectLinked
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.ids import ProcessKind
from nom.contracts.subjects import Subject
from nom.workflows.model.case_record import CaseState, Stage
from nom.workflows.model.deliberation import Deliberation


def tell_stages(d: Deliberation[CaseState], command: LinkSubject) -> None:
    """Tell every stage that asks about each victim or suspect, but not the investigation that named them itself. Triage
    and investigation hear it even after their end: a child is still to be referred, a victim still to be told.
    """
    if not (command.subject.is_victim or command.subject.is_suspect):
        return
    named_there = d.request.actor.role == SYSTEM_ROLE
    for stage in d.state.own_stages():
        if _asks_about_everybody(stage, named_there=named_there):
            d.hand_off(stage.stream, command)


def _asks_about_everybody(stage: Stage, *, named_there: bool) -> bool:
    return (
        stage.kind is ProcessKind.TRIAGE
        or (stage.kind is ProcessKind.INVESTIGATION and not named_there)
        or (stage.kind is ProcessKind.STRATEGY_MEETING and stage.outcome is None)
    )


def take_subject(d: Deliberation[Any], command: LinkSubject, known: tuple[Subject, ...]) -> Refusal | None:
    """A stage hears from its case of somebody whom it does not know yet."""
    who = command.subject.id
    if d.request.actor.role != SYSTEM_ROLE:
        words = f"link {who} to the case: the case tells its stages"
        return refuse("not_told_by_case", words, unmet("not_told_by_case", words, who))
    if who in {subject.id for subject in known}:
        return refuse("already_linked", f"{who} is known here already")
    d.record(SubjectLinked(subject=command.subject))
    return None
