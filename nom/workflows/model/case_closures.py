"""What a case does for its closures: it asks the investigation how things stand, and reopens that when it must.

The case adds what it alone knows (a charge, a file with the prosecutor, another closure, whose decision it is) and asks
again whenever that changes or there is another investigation.
"""

from collections.abc import Iterable, Iterator
from typing import get_args

from nom.contracts.actors import SYSTEM
from nom.contracts.case import CaseOwnCommand
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.events import CommandBase
from nom.contracts.every_process import StageReopened
from nom.contracts.ids import PersonId, ProcessKind, StreamId, SubjectId
from nom.contracts.standing import (
    AskStanding,
    InvestigationReopened,
    ReopenInvestigation,
    Standing,
    StandingAsked,
    StandingNoLongerAsked,
    StandingQuestion,
    StopTellingStanding,
    TellStanding,
)
from nom.workflows.model.case_record import CaseState, Thinking, evolve
from nom.workflows.model.process import Act, state_after

_COMMANDS: tuple[type[CommandBase], ...] = get_args(CaseOwnCommand)
DECIDING_COMMANDS = frozenset(command.model_fields["type"].default for command in _COMMANDS if command.decides)
"""The case's own commands that decide something."""


def ask(d: Thinking, command: AskStanding) -> Refusal | None:
    """A closure asks. Whether anything stands in its way is for the answer to say."""
    if d.state.stage(command.question.closure) is None:
        return refuse("no_such_stage", f"{command.question.closure} is not a stage of this case")
    d.record(StandingAsked(question=command.question))
    return None


def keep_asking(d: Thinking) -> None:
    """Pass every question on that is new, that has changed, or that there is now another investigation to answer."""
    state = state_after(d.state, d.events, evolve)
    asked = {event.closure for event in d.events if isinstance(event, StandingAsked)}
    moved = _investigation(d.state) != _investigation(state)
    for question in state.questions:
        now = _what_the_case_knows(d, state, question)
        if now == question and question.closure not in asked and not moved:
            continue
        if now != question:
            d.record(StandingAsked(question=now))
        _pass_on(d, state, now)


def stop_asking(d: Thinking, closure: StreamId, outcome: str) -> None:
    """A closure has ended: nobody need tell it anything any more."""
    if all(question.closure != closure for question in d.state.questions):
        return
    d.record(StandingNoLongerAsked(closure=closure, outcome=outcome))
    investigation = _investigation(d.state)
    if investigation is not None:
        d.hand_off(investigation, StopTellingStanding(closure=closure, outcome=outcome))


def reopen(d: Thinking, command: ReopenInvestigation) -> Refusal | None:
    """A review overturned a closure: the investigation, and the case if that had closed, go on."""
    investigation = _investigation(d.state)
    if investigation is None:
        return refuse("no_such_stage", "the case has no investigation to reopen")
    d.record(InvestigationReopened(closure=command.closure, suspect=command.suspect, because=command.line))
    if d.state.outcome is not None:
        d.record(StageReopened(because="a review overturned the decision to take no further action"))
    d.hand_off(investigation, command)
    return None


def _investigation(state: CaseState) -> StreamId | None:
    """The last one: whichever ended before it had met its own gate."""
    stages = state.of_kind(ProcessKind.INVESTIGATION)
    return stages[-1].stream if stages else None


def deciders_of(acts: Iterable[Act]) -> tuple[PersonId, ...]:
    """Who gave a command to the case that decides something, here or in a force that had the case before."""
    deciding = (act.person for act in acts if act.command in DECIDING_COMMANDS and act.person != SYSTEM.id)
    return tuple(dict.fromkeys(deciding))


def _pass_on(d: Thinking, state: CaseState, question: StandingQuestion) -> None:
    investigation = _investigation(state)
    if investigation in state.awaited:
        return  # It comes with the question, and answers by itself.
    if investigation is not None:
        d.hand_off(investigation, AskStanding(question=question))
        return
    words = "there is no investigation that could say whether anything is left to do"
    nobody = unmet("investigation_not_opened", words, None, ("senior_investigating_officer", "duty_officer"))
    standing = Standing(
        unmet=(*question.unmet, nobody),
        victims=tuple(subject for subject in state.subjects if subject.is_victim),
        deciders=question.deciders,
        authority=question.authority,
    )
    d.hand_off(question.closure, TellStanding(by=state.stream, standing=standing))


def _what_the_case_knows(d: Thinking, state: CaseState, question: StandingQuestion) -> StandingQuestion:
    acts = (*state.acts, Act(command=d.command.type, person=d.request.actor.id))
    deciders = list(deciders_of(acts))
    outcome = state.outcome_of(question.suspect) if question.suspect else None
    if outcome is not None and outcome.decided_by is not None:
        deciders.append(outcome.decided_by)
    declined = outcome is not None and outcome.outcome == "declined"
    return question.model_copy(
        update={
            "unmet": tuple(_in_the_way(state, question)),
            "deciders": tuple(dict.fromkeys(deciders)),
            "authority": "cps" if declined else "police",
        }
    )


def _in_the_way(state: CaseState, question: StandingQuestion) -> Iterator[Unmet]:
    if question.suspect is not None:
        yield from _of_suspect(state, question.suspect)
    before = next(place for place, stage in enumerate(state.stages) if stage.stream == question.closure)
    others = {item.closure for item in state.questions if _same(item, question)}
    for stage in state.stages[:before]:
        if stage.stream in others and stage.outcome is None:
            yield unmet("closure_open", f"{stage.stream} is about the same and has not ended", _name(stage.stream))


def _of_suspect(state: CaseState, suspect: SubjectId) -> Iterator[Unmet]:
    outcome = state.outcome_of(suspect)
    if outcome is not None and outcome.outcome != "declined":
        yield unmet(f"already_{outcome.outcome}", f"{suspect} is {outcome.outcome} already", suspect)
    files = (stage for stage in state.of_kind(ProcessKind.CHARGE) if suspect in stage.about and stage.outcome is None)
    if outcome is None:
        for stage in files:
            words = f"the prosecutor has not decided on {suspect} in {stage.stream}"
            yield unmet("file_open", words, _name(stage.stream), ("cps_lawyer",))


def _same(one: StandingQuestion, other: StandingQuestion) -> bool:
    return (one.suspect, one.crime) == (other.suspect, other.crime)


def _name(stream: StreamId) -> str:
    return stream.rsplit("/", 1)[1]
