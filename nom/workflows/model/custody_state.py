"""What is known of one arrest, and the questions that detention and bail both ask of it. Decides nothing."""

from collections.abc import Iterator
from typing import Literal

from nom.contracts.actors import Agency
from nom.contracts.base import Instant
from nom.contracts.clocks import Clock
from nom.contracts.errors import Unmet, unmet
from nom.contracts.ids import ProcessKind, SubjectId, stream_of
from nom.contracts.policy.rules import RankRule
from nom.contracts.stages import NotifiableEvent, RecordNotifiableEvent
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState

Standing = Literal["arrested", "detained", "on_bail", "under_investigation"]
"""How the suspect stands to the police while the process is open. `under_investigation`: released without bail."""


class CustodyState(ProcessState):
    """One arrest. `left_at` is when the suspect was let out; `unlawful_until` the last moment of detention that is
    known to have had no authority.
    """

    suspect: SubjectId | None = None
    offence: str | None = None
    breach_of_bail: bool = False
    standing: Standing = "arrested"
    arrested_at: Instant | None = None
    relevant_time: Instant | None = None
    authorised_at: Instant | None = None
    reviews: tuple[Instant, ...] = ()
    extended_at: Instant | None = None
    left_at: Instant | None = None
    unlawful_until: Instant | None = None


Thinking = Deliberation[CustodyState]


def suspect_of(state: CustodyState) -> SubjectId:
    """The suspect who was arrested. Raises `ValueError` before the arrest, which no command but the arrest survives."""
    if state.suspect is None:
        raise ValueError(f"{state.stream} has no arrest")
    return state.suspect


def clocks_of(d: Thinking, name: str) -> tuple[Clock, ...]:
    """Every clock ever started under a rule of that name in the operating model (`PC4` for `PC4-later`), oldest
    first as entered.
    """
    return tuple(clock for clock in d.state.clocks if clock.rule.partition("-")[0] == name)


def period_rule(d: Thinking, command: str, value: int) -> RankRule | None:
    """The step of authority that lets a command reach a period of that many hours or months."""
    policy = d.facts.policy
    steps = policy.ranks_for(command, policy.bail_regime)
    return next((step for step in steps if policy.clock(step.clock).value == value), None)


def lacking_rank(d: Thinking, step: RankRule) -> Iterator[Unmet]:
    """What the actor lacks for a step of authority: the rank, or being the court."""
    if step.court and d.request.actor.agency is not Agency.COURT:
        yield unmet("court_only", f"only the court decides: {step.title}", step.clock, ("court",))
    if step.rank is not None and not d.rank_at_least(step.rank):
        yield unmet("rank", f"{step.title} needs the rank of {step.rank} or above", step.clock, (step.rank,))


def tell_case_of(d: Thinking, event: NotifiableEvent) -> None:
    """Let the case know of what the victim must be told."""
    command = RecordNotifiableEvent(of=event, suspect=suspect_of(d.state), happened_at=d.at, stage=d.state.stream)
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), command)
