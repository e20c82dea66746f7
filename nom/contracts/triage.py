"""Triage: commands and events of process 3. Ethnicity and nationality are in `characteristics`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Contract, Instant, Slug, Text
from nom.contracts.case import LinkSubject, SubjectLinked
from nom.contracts.characteristics import CharacteristicCommand, CharacteristicEvent
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import CommonCommand, CommonEvent
from nom.contracts.ids import SubjectId
from nom.contracts.national_referral import NrmDecisionRecorded, RecordNrmDecision
from nom.contracts.network import LinkedPerson, NetworkLinkKind
from nom.contracts.network_links import NetworkLinkLearned, RetestNetwork
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.policy.decision_table import TableTrace
from nom.contracts.stages import OpenTriage
from nom.contracts.subjects import Subject

Rating = Literal["low", "medium", "high"]
THRIVE_FACTORS = ("threat", "harm", "risk", "investigation", "vulnerability", "engagement")


class ThriveFactor(Contract):
    """One factor's rating, and why."""

    rating: Rating
    reason: Text


class Thrive(Contract):
    """The six factors. One that is not given has not been assessed; an assessment stands by itself."""

    threat: ThriveFactor | None = None
    harm: ThriveFactor | None = None
    risk: ThriveFactor | None = None
    investigation: ThriveFactor | None = None
    vulnerability: ThriveFactor | None = None
    engagement: ThriveFactor | None = None

    def not_assessed(self) -> tuple[str, ...]:
        """The factors that are missing."""
        return tuple(name for name in THRIVE_FACTORS if self.factor(name) is None)

    def factor(self, name: str) -> ThriveFactor | None:
        """A factor by its name."""
        found: ThriveFactor | None = getattr(self, name)
        return found


class AssessThrive(CommandBase):
    """Assess threat, harm, risk, investigation, vulnerability and engagement; again whenever something changes."""

    type: Literal["AssessThrive"] = "AssessThrive"
    factors: Thrive


class ScoreExploitationRisk(CommandBase):
    """Record the score of a local exploitation screening tool."""

    type: Literal["ScoreExploitationRisk"] = "ScoreExploitationRisk"
    tool: Slug
    tool_version: str
    score: int
    band: Slug


class RecordNetworkLink(CommandBase):
    """Record that two people are linked. `grading` is that of the source, as the force writes it."""

    type: Literal["RecordNetworkLink"] = "RecordNetworkLink"
    between: tuple[LinkedPerson, LinkedPerson]
    kind: NetworkLinkKind
    source: Text
    grading: Text | None = None


class RecordNetworkTest(CommandBase):
    """Apply the network test to the links. A person may judge otherwise than the links say, with a reason."""

    type: Literal["RecordNetworkTest"] = "RecordNetworkTest"
    judged: Literal["met", "not_met"] | None = None


class TakeImmediateSafeguarding(CommandBase):
    """Record what was done at once to keep a child safe."""

    type: Literal["TakeImmediateSafeguarding"] = "TakeImmediateSafeguarding"
    what: Text


class ReferToNrm(CommandBase):
    """Refer a suspected victim of trafficking to the National Referral Mechanism (Modern Slavery Act 2015 s52)."""

    type: Literal["ReferToNrm"] = "ReferToNrm"
    subject: SubjectId


class DecideTriage(CommandBase):
    """Decide what follows. Each `no` needs words. `immediate_safety`: that it was considered, and why nothing was to be
    done at once.
    """

    decides: ClassVar[bool] = True
    type: Literal["DecideTriage"] = "DecideTriage"
    strategy_discussion: bool
    why_no_strategy_discussion: Text | None = None
    investigation: bool
    why_no_investigation: Text | None = None
    nominate: bool
    immediate_safety: Text | None = None


class TriageOpened(EventBase):
    """Triage began. `received_at` is when the first referral was received."""

    says: ClassVar[str] = "Triage opened about {about}"
    type: Literal["triage_opened.v1"] = "triage_opened.v1"
    received_at: Instant
    subjects: tuple[Subject, ...]

    @property
    def about(self) -> tuple[str, ...]:
        """The people it is about."""
        return tuple(subject.id for subject in self.subjects)


class _ThriveEvent(EventBase):
    number: int
    factors: Thrive
    trace: TableTrace | None = None
    """The row of the table `thrive_response` that answered, once every factor is assessed."""

    @property
    def response(self) -> str:
        """How soon somebody must act."""
        return self.trace.then if self.trace else "undecided while a factor is not assessed"

    @property
    def ratings(self) -> str:
        """The ratings in the order of the word, the missing ones named."""
        rated = ((name, self.factors.factor(name)) for name in THRIVE_FACTORS)
        return ", ".join(f"{name} {factor.rating if factor else 'not assessed'}" for name, factor in rated)


class ThriveAssessed(_ThriveEvent):
    """The first assessment."""

    says: ClassVar[str] = "THRIVE assessed: {ratings}; response {response}"
    type: Literal["thrive_assessed.v1"] = "thrive_assessed.v1"


class ThriveReassessed(_ThriveEvent):
    """A later assessment."""

    says: ClassVar[str] = "THRIVE assessed again (number {number}): {ratings}; response {response}"
    type: Literal["thrive_reassessed.v1"] = "thrive_reassessed.v1"


class ExploitationRiskScored(EventBase):
    """A screening tool gave a score."""

    says: ClassVar[str] = "Exploitation risk scored {score} ({band}) with {tool} version {tool_version}"
    type: Literal["exploitation_risk_scored.v1"] = "exploitation_risk_scored.v1"
    tool: Slug
    tool_version: str
    score: int
    band: Slug


class NetworkLinkRecorded(EventBase):
    """Two people are linked."""

    says: ClassVar[str] = "Link recorded between {between}: {kind}"
    type: Literal["network_link_recorded.v1"] = "network_link_recorded.v1"
    between: tuple[LinkedPerson, LinkedPerson]
    kind: NetworkLinkKind
    source: Text
    grading: Text | None


class NetworkTestRecorded(EventBase):
    """The network test was applied. `computed` is what the links say, `judged` is what holds: the same, unless a person
    judged otherwise, and then `reason` says why. `persons` and `unidentified` are those whom the links connect.
    """

    says: ClassVar[str] = "Network test {answer}"
    type: Literal["network_test_recorded.v1"] = "network_test_recorded.v1"
    number: int
    computed: bool
    judged: bool
    reason: Text | None
    persons: tuple[SubjectId, ...]
    unidentified: int

    @property
    def answer(self) -> str:
        """The answer that holds, and the computed one where a person differed."""
        holds = "met" if self.judged else "not met"
        if self.judged == self.computed:
            return holds
        return f"{holds} by a person's judgement; the links say {'met' if self.computed else 'not met'}"


class ImmediateSafeguardingTaken(EventBase):
    """Something was done at once to keep a child safe."""

    says: ClassVar[str] = "Immediate safeguarding: {what}"
    type: Literal["immediate_safeguarding_taken.v1"] = "immediate_safeguarding_taken.v1"
    what: Text


class NrmReferralMade(EventBase):
    """Somebody was referred to the National Referral Mechanism."""

    says: ClassVar[str] = "{subject} referred to the National Referral Mechanism"
    type: Literal["nrm_referral_made.v1"] = "nrm_referral_made.v1"
    subject: SubjectId


class TriageDecided(EventBase):
    """It was decided what follows from triage."""

    says: ClassVar[str] = (
        "Triage decided: strategy discussion {strategy_discussion}, investigation {investigation}, "
        "nomination of a group {nominate}"
    )
    type: Literal["triage_decided.v1"] = "triage_decided.v1"
    strategy_discussion: bool
    why_no_strategy_discussion: Text | None
    investigation: bool
    why_no_investigation: Text | None
    nominate: bool
    immediate_safety: Text | None


TriageOwnCommand = (
    OpenTriage
    | LinkSubject
    | AssessThrive
    | ScoreExploitationRisk
    | RecordNetworkLink
    | RecordNetworkTest
    | RetestNetwork
    | TakeImmediateSafeguarding
    | ReferToNrm
    | RecordNrmDecision
    | DecideTriage
    | NotifyVictim
    | CharacteristicCommand
)
TriageOwnEvent = (
    TriageOpened
    | SubjectLinked
    | ThriveAssessed
    | ThriveReassessed
    | ExploitationRiskScored
    | NetworkLinkRecorded
    | NetworkTestRecorded
    | NetworkLinkLearned
    | ImmediateSafeguardingTaken
    | NrmReferralMade
    | NrmDecisionRecorded
    | TriageDecided
    | VictimNotified
    | CharacteristicEvent
)
TriageCommand = Annotated[TriageOwnCommand | CommonCommand, Field(discriminator="type")]
TriageEvent = Annotated[TriageOwnEvent | CommonEvent, Field(discriminator="type")]
TriageRequest = CommandEnvelope[TriageCommand]
