"""What a closure must know of the rest of its matter, and how processes tell it: the standing of what is to be closed.

A closure asks the case, the case adds what it knows and asks the investigation, and the investigation tells the closure
at once and again whenever its answer changes. Holds no rule. Only the system gives these commands.
"""

from typing import ClassVar, Literal

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.errors import Unmet
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import PersonId, StreamId, SubjectId
from nom.contracts.inquiry import LineName
from nom.contracts.subjects import Subject

DecidingAuthority = Literal["police", "cps"]
"""Whose decision the end of the matter is: that of the police, or of the Crown Prosecution Service before them."""


class CrimeOf(Contract):
    """A crime with no suspect: one victim and one offence. `offence` is a CJS offence code."""

    victim: SubjectId
    offence: str

    def __str__(self) -> str:
        return f"{self.victim}:{self.offence}"


class StandingQuestion(Contract):
    """What a closure wants to know about, and what the case already knows: conditions that the case itself sees unmet,
    who decided something there, and whose decision it is. Exactly one of `suspect` and `crime` is given.
    """

    closure: StreamId
    suspect: SubjectId | None
    crime: CrimeOf | None
    unmet: tuple[Unmet, ...] = ()
    deciders: tuple[PersonId, ...] = ()
    authority: DecidingAuthority = "police"


class Standing(Contract):
    """What the rest of the matter says: what is unmet, who the victims are, and who gave a deciding command in it."""

    unmet: tuple[Unmet, ...]
    victims: tuple[Subject, ...]
    deciders: tuple[PersonId, ...]
    authority: DecidingAuthority


class AskStanding(CommandBase):
    """A closure asks the case, and the case the investigation. From then on the answer is told whenever it changes."""

    type: Literal["AskStanding"] = "AskStanding"
    question: StandingQuestion


class TellStanding(CommandBase):
    """The answer. The case gives it where there is no investigation, and stays silent once there is one."""

    type: Literal["TellStanding"] = "TellStanding"
    by: StreamId
    standing: Standing


class StopTellingStanding(CommandBase):
    """The closure has ended: nobody waits for the answer any more."""

    type: Literal["StopTellingStanding"] = "StopTellingStanding"
    closure: StreamId
    outcome: str


class ReopenInvestigation(CommandBase):
    """A review overturned a closure: investigate again. `line` is the line of inquiry that the reviewer's reason is."""

    decides: ClassVar[bool] = True
    type: Literal["ReopenInvestigation"] = "ReopenInvestigation"
    closure: StreamId
    suspect: SubjectId | None
    line: LineName


class StandingAsked(EventBase):
    """A closure waits to be told how things stand. A later question of the same closure takes the place of this one."""

    says: ClassVar[str] = "{closure} asks how things stand with {about}"
    type: Literal["standing_asked.v1"] = "standing_asked.v1"
    question: StandingQuestion

    @property
    def closure(self) -> str:
        """Who asks."""
        return self.question.closure

    @property
    def about(self) -> str:
        """The suspect or the crime."""
        return self.question.suspect or str(self.question.crime)


class StandingNoLongerAsked(EventBase):
    """The closure that asked has ended."""

    says: ClassVar[str] = "{closure} no longer asks how things stand: {outcome}"
    type: Literal["standing_no_longer_asked.v1"] = "standing_no_longer_asked.v1"
    closure: StreamId
    outcome: str


class StandingTold(EventBase):
    """The closure was told how things stand since an act at the moment `as_of`."""

    says: ClassVar[str] = "{by} tells how things stand; unmet: {conditions}"
    type: Literal["standing_told.v1"] = "standing_told.v1"
    by: StreamId
    as_of: Instant
    standing: Standing

    @property
    def conditions(self) -> tuple[str, ...]:
        """The unmet conditions by their labels."""
        return tuple(item.label() for item in self.standing.unmet)


class InvestigationReopened(EventBase):
    """A review overturned a closure, and the investigation goes on for its suspect, or for its crime."""

    says: ClassVar[str] = "Investigation reopened by {closure}: {because}"
    type: Literal["investigation_reopened.v1"] = "investigation_reopened.v1"
    closure: StreamId
    suspect: SubjectId | None
    because: Text


StandingCommand = AskStanding | StopTellingStanding | ReopenInvestigation
StandingEvent = StandingAsked | StandingNoLongerAsked | InvestigationReopened
"""What an investigation is asked by closures, and what it records of that."""
