"""Two forces that scored the same group differently: each score kept with its force, and which of them stands."""

from typing import ClassVar, Literal

from nom.contracts.base import Contract, Instant, Slug, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import Force


class RequestDeconfliction(CommandBase):
    """Ask for a decision between scores that differ."""

    decides: ClassVar[bool] = True
    type: Literal["RequestDeconfliction"] = "RequestDeconfliction"


class Deconflict(CommandBase):
    """Decide whose score stands, and why. A party to the difference may not."""

    decides: ClassVar[bool] = True
    type: Literal["Deconflict"] = "Deconflict"
    stands: Force


class ForceScore(Contract):
    """The latest score of one force."""

    force: Force
    version: Slug
    score: int
    band: Slug
    scored_at: Instant

    def __str__(self) -> str:
        """The score with its force, as a sentence shows it."""
        return f"{self.force} {self.score} ({self.band})"


class ScoreKept(EventBase):
    """A score is kept as that of the force that gave it, whatever others say."""

    says: ClassVar[str] = "Score kept as that of {force}: {score}, band {band}"
    type: Literal["score_kept.v1"] = "score_kept.v1"
    kept: ForceScore

    @property
    def force(self) -> str:
        """Whose."""
        return self.kept.force

    @property
    def score(self) -> int:
        """The score."""
        return self.kept.score

    @property
    def band(self) -> str:
        """Its band."""
        return self.kept.band


class DeconflictionRequested(EventBase):
    """A decision between the scores was asked for."""

    says: ClassVar[str] = "Deconfliction requested between {scores}: {because}"
    type: Literal["deconfliction_requested.v1"] = "deconfliction_requested.v1"
    scores: tuple[ForceScore, ...]
    because: Text


class ScoresDeconflicted(EventBase):
    """It was decided whose score stands. The others are kept."""

    says: ClassVar[str] = "Of {scores}, that of {force} stands: {because}"
    type: Literal["scores_deconflicted.v1"] = "scores_deconflicted.v1"
    scores: tuple[ForceScore, ...]
    stands: ForceScore
    because: Text

    @property
    def force(self) -> str:
        """Whose score stands."""
        return self.stands.force


DeconflictionCommand = RequestDeconfliction | Deconflict
DeconflictionEvent = ScoreKept | DeconflictionRequested | ScoresDeconflicted
