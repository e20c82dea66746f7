"""How an investigation answers a closure: what it still lacks, who its victims are, and who decided something in it.

It answers at once, and again with whatever changes the answer, for as long as the closure asks.
"""

from collections.abc import Iterator
from typing import get_args

from nom.contracts.actors import SYSTEM
from nom.contracts.errors import Unmet, unmet
from nom.contracts.events import CommandBase
from nom.contracts.ids import PersonId
from nom.contracts.investigation import InvestigationOwnCommand, SuspectConcluded
from nom.contracts.standing import (
    AskStanding,
    Standing,
    StandingAsked,
    StandingNoLongerAsked,
    StandingQuestion,
    StopTellingStanding,
    TellStanding,
)
from nom.workflows.model.conclusion import end_if_over, investigation_gate
from nom.workflows.model.investigation_record import InvestigationState, Thinking, evolve
from nom.workflows.model.process import Act, state_after
from nom.workflows.model.registrar import off_record

_COMMANDS: tuple[type[CommandBase], ...] = get_args(InvestigationOwnCommand)
DECIDING_COMMANDS = frozenset(command.model_fields["type"].default for command in _COMMANDS if command.decides)
"""The investigation's own commands that decide something."""


def ask(d: Thinking, command: AskStanding) -> None:
    """A closure waits to be told."""
    d.record(StandingAsked(question=command.question))


def stop(d: Thinking, command: StopTellingStanding) -> None:
    """The closure has ended. One that is final concludes the investigation of its suspect, if nobody has yet."""
    question = d.state.question_of(command.closure)
    d.record(StandingNoLongerAsked(closure=command.closure, outcome=command.outcome))
    if question is None or command.outcome != "closed":
        return
    suspect = question.suspect
    if suspect is not None and suspect in d.state.suspects() and suspect not in d.state.concluded():
        d.record(SuspectConcluded(suspect=suspect, how="propose_closure"))
    end_if_over(d)


def tell_changes(d: Thinking) -> None:
    """Tell every closure that asks and whose answer is another after what was just recorded."""
    act = Act(command=d.command.type, person=d.request.actor.id)
    after = state_after(d.state, d.events, evolve)
    after = after.model_copy(update={"acts": (*after.acts, act)})
    for question in after.questions:
        asked_before = d.state.question_of(question.closure)
        before = None if asked_before is None else standing_of(d.state, asked_before)
        now = standing_of(after, question)
        if now != before:
            d.hand_off(question.closure, TellStanding(by=d.state.stream, standing=now))


def standing_of(state: InvestigationState, question: StandingQuestion) -> Standing:
    """The answer to a question as things stand: what the case sees unmet, then what is unmet here."""
    return Standing(
        unmet=(
            *question.unmet,
            *_unknown(state, question),
            *off_record(state, question),
            *investigation_gate(state, question.suspect),
        ),
        victims=tuple(subject for subject in state.subjects if subject.is_victim),
        deciders=tuple(dict.fromkeys((*question.deciders, *deciders_of(state)))),
        authority=question.authority,
    )


def deciders_of(state: InvestigationState) -> tuple[PersonId, ...]:
    """Who led the investigation at any time, and who gave a command in it that decides something."""
    acts = (act.person for act in state.acts if act.command in DECIDING_COMMANDS and act.person != SYSTEM.id)
    return tuple(dict.fromkeys((*state.led_by, *acts)))


def _unknown(state: InvestigationState, question: StandingQuestion) -> Iterator[Unmet]:
    if question.suspect is not None and question.suspect not in state.suspects():
        yield unmet("unknown_subject", f"{question.suspect} is not a suspect of this matter", question.suspect)
    if question.crime is not None and question.crime.victim not in state.victims():
        victim = question.crime.victim
        yield unmet("unknown_subject", f"{victim} is not a victim of this matter", victim)
