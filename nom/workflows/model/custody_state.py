"""What is known of one arrest, and the questions that detention and bail both ask of it. Decides nothing."""

from collections.abc import Iterator
from typing import Literal, Self

from nom.contracts.actors import Agency
from nom.contracts.base import Contract, Instant
from nom.contracts.clocks import Clock
from nom.contracts.errors import Unmet, unmet
from nom.contracts.ids import ProcessKind, SubjectId, stream_of
from nom.contracts.local_time import london_words
from nom.contracts.policy import reference
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import BailRegime, RankRule
from nom.contracts.stages import NotifiableEvent, RecordNotifiableEvent
from nom.workflows.model.conditions import contradictions
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState

Standing = Literal["arrested", "detained", "on_bail", "under_investigation"]
"""How the suspect stands to the police while the process is open. `under_investigation`: released without bail."""

_SUMMARY_ONLY = "CS"


class Stay(Contract):
    """Time in hospital. `returned_at` None: the suspect is there still, or was released from there."""

    left_at: Instant
    returned_at: Instant | None = None


class CustodyState(ProcessState):
    """One arrest. `left_at` is when the suspect was let out; `unlawful_until` the last moment of detention that is
    known to have had no authority; `detained_before` minutes of detention before the bail that was broken; `applied_at`
    the application that awaits the court; `warrants` their issues; `regime` None: the one of the policy pack.
    """

    suspect: SubjectId | None = None
    offence: str | None = None
    breach_of_bail: bool = False
    standing: Standing = "arrested"
    arrested_at: Instant | None = None
    relevant_time: Instant | None = None
    authorised_at: Instant | None = None
    detained_before: int = 0
    reviews: tuple[Instant, ...] = ()
    stays: tuple[Stay, ...] = ()
    extended_at: Instant | None = None
    applications: int = 0
    applied_at: Instant | None = None
    warrants: tuple[Instant, ...] = ()
    warrant_refused_at: Instant | None = None
    left_at: Instant | None = None
    unlawful_until: Instant | None = None
    regime: BailRegime | None = None
    regime_changed_at: Instant | None = None

    def as_continued(self, policy: PolicyPack) -> Self:
        """Another force's pack may have another regime: that of the arrest is what it was here."""
        return self.model_copy(update={"regime": self.regime or policy.bail_regime})


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


def regime_of(d: Thinking) -> BailRegime:
    """Whose bail periods hold: those of the last change or, before any, of the agency whose pack it is."""
    return d.state.regime or d.facts.policy.bail_regime


def period_rule(d: Thinking, command: str, value: int) -> RankRule | None:
    """The step of authority that lets a command reach a period of that many hours or months."""
    policy = d.facts.policy
    steps = policy.ranks_for(command, regime_of(d))
    return next((step for step in steps if policy.clock(step.clock).value == value), None)


def lacking_rank(d: Thinking, step: RankRule, court: str | None = None) -> Iterator[Unmet]:
    """What the actor lacks for a step of authority: the rank, or being the court or naming the one that decided."""
    if step.court and court is None and d.request.actor.agency is not Agency.COURT:
        yield unmet("court_only", f"only the court decides: {step.title}", step.clock, ("court",))
    if step.rank is not None and not d.rank_at_least(step.rank):
        yield unmet("rank", f"{step.title} needs the rank of {step.rank} or above", step.clock, (step.rank,))


def outside_detention(d: Thinking) -> Iterator[Unmet]:
    """Why the act can't have been one of detention: it had not begun then, or was over."""
    if d.state.authorised_at is None:
        yield unmet("not_detained", "detention has not been authorised", None, ("custody_officer",))
    yield from contradictions(d.at, ("before_detention", "detention was authorised", d.state.authorised_at))
    if d.state.left_at is not None and d.at > d.state.left_at:
        yield unmet("detention_over", f"detention ended on {london_words(d.state.left_at)}")


def not_indictable(d: Thinking) -> Iterator[Unmet]:
    """That the offence is a summary one, for which nobody is detained beyond the first limit (PACE ss42-43)."""
    offence = reference.offence(d.state.offence) if d.state.offence else None
    if offence is not None and offence.category == _SUMMARY_ONLY:
        yield unmet("offence_not_indictable", f"{offence.cjs_code} is a summary offence", offence.cjs_code)


def tell_case_of(d: Thinking, event: NotifiableEvent) -> None:
    """Let the case know of what the victim must be told."""
    command = RecordNotifiableEvent(of=event, suspect=suspect_of(d.state), happened_at=d.at, stage=d.state.stream)
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), command)
