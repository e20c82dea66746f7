"""What is known of one triage, and how one event changes that. Decides nothing."""

from itertools import combinations, product
from typing import assert_never

from nom.contracts.base import Contract, Instant
from nom.contracts.case import SubjectLinked
from nom.contracts.characteristics import (
    EthnicityRecorded,
    EthnicityUnavailableRecorded,
    NationalityRecorded,
    NationalityUnavailableRecorded,
    ObservedEthnicityRecorded,
)
from nom.contracts.ids import ProcessKind, SubjectId
from nom.contracts.national_referral import NrmDecisionRecorded
from nom.contracts.network import LinkedPerson, is_unidentified
from nom.contracts.network_links import NetworkElsewhere, NetworkLinkLearned
from nom.contracts.notices import VictimNotified
from nom.contracts.subjects import Subject
from nom.contracts.triage import (
    ExploitationRiskScored,
    ImmediateSafeguardingTaken,
    NetworkLinkRecorded,
    NetworkTestRecorded,
    NrmReferralMade,
    Thrive,
    ThriveAssessed,
    ThriveReassessed,
    TriageDecided,
    TriageOpened,
    TriageOwnEvent,
)
from nom.workflows.model.characteristics import CharacteristicsState, evolve_characteristic
from nom.workflows.model.deliberation import Deliberation


class NetworkTestHeld(Contract):
    """The network test as it was last recorded, and how many links were recorded or learned of until then."""

    number: int
    computed: bool
    judged: bool
    reason: str | None
    unidentified: int
    links: int


class TriageState(CharacteristicsState):
    """What is known of one triage. `thrive` is the latest assessment, `elsewhere` what each group told of last."""

    received_at: Instant | None = None
    subjects: tuple[Subject, ...] = ()
    thrive: Thrive | None = None
    assessments: int = 0
    risk_scored: bool = False
    links: tuple[tuple[LinkedPerson, LinkedPerson], ...] = ()
    elsewhere: tuple[NetworkElsewhere, ...] = ()
    times_told: int = 0
    test: NetworkTestHeld | None = None
    safeguarded: bool = False
    referred_to_nrm: tuple[SubjectId, ...] = ()
    nrm_decisions: tuple[NrmDecisionRecorded, ...] = ()
    decided: bool = False

    def known_people(self) -> tuple[SubjectId, ...]:
        """Everybody identified: the subjects of the referral and whoever a link names."""
        linked = (person for link in self.links for person in link if not is_unidentified(person))
        return tuple(dict.fromkeys((*(subject.id for subject in self.subjects), *linked)))

    def known_suspects(self) -> tuple[SubjectId, ...]:
        """The suspects among them."""
        return tuple(person for person in self.known_people() if person.startswith("suspect-"))

    def current_test(self) -> NetworkTestHeld | None:
        """The network test, unless a link was recorded after it: then it must be applied again."""
        return self.test if self.test and self.test.links == self.links_known else None

    @property
    def not_investigated(self) -> bool:
        """Whether it was decided not to investigate: no investigation is among what follows, by the outcome."""
        return self.decided and ProcessKind.INVESTIGATION.value not in (self.outcome or "")

    @property
    def links_known(self) -> int:
        """How many links were recorded here or learned of from a group."""
        return len(self.links) + self.times_told

    def whole_network(self) -> tuple[tuple[str, str], ...]:
        """Every link: those recorded here, and those with people of other cases, who are nobody's references here."""
        return (*self.links, *(link for network in self.elsewhere for link in _as_links(network)))

    def nrm_decision(self, subject: str, grounds: str) -> NrmDecisionRecorded | None:
        """What the National Referral Mechanism decided about somebody, if that is known."""
        decided = (item for item in self.nrm_decisions if (item.subject, item.grounds) == (subject, grounds))
        return next(decided, None)

    def awaiting_nrm(self) -> tuple[SubjectId, ...]:
        """The under-18s suspected of being trafficked who have not been referred (invariant 16)."""
        suspected = (subject for subject in self.subjects if subject.trafficking_suspected and subject.is_under_18)
        return tuple(subject.id for subject in suspected if subject.id not in self.referred_to_nrm)


Thinking = Deliberation[TriageState]

_DONE: dict[type, str] = {
    ExploitationRiskScored: "risk_scored",
    ImmediateSafeguardingTaken: "safeguarded",
    TriageDecided: "decided",
}


def evolve(state: TriageState, event: TriageOwnEvent) -> TriageState:  # One return for each event.
    """Fold one event of a triage."""
    match event:
        case TriageOpened():
            return state.model_copy(update={"received_at": event.received_at, "subjects": event.subjects})
        case SubjectLinked():
            return state.model_copy(update={"subjects": (*state.subjects, event.subject)})
        case ThriveAssessed() | ThriveReassessed():
            return state.model_copy(update={"thrive": event.factors, "assessments": event.number})
        case ExploitationRiskScored() | ImmediateSafeguardingTaken() | TriageDecided():
            return state.model_copy(update={_DONE[type(event)]: True})
        case NetworkLinkRecorded() | NetworkTestRecorded() | NetworkLinkLearned():
            return state.model_copy(update=_network(state, event))
        case NrmReferralMade() | NrmDecisionRecorded():
            return state.model_copy(update=_national_referral(state, event))
        case VictimNotified():
            return state
        case (
            EthnicityRecorded()
            | ObservedEthnicityRecorded()
            | EthnicityUnavailableRecorded()
            | NationalityRecorded()
            | NationalityUnavailableRecorded()
        ):
            return evolve_characteristic(state, event)
        case _:
            assert_never(event)


def _national_referral(state: TriageState, event: NrmReferralMade | NrmDecisionRecorded) -> dict[str, object]:
    if isinstance(event, NrmReferralMade):
        return {"referred_to_nrm": (*state.referred_to_nrm, event.subject)}
    return {"nrm_decisions": (*state.nrm_decisions, event)}


def _network(
    state: TriageState, event: NetworkLinkRecorded | NetworkTestRecorded | NetworkLinkLearned
) -> dict[str, object]:
    match event:
        case NetworkLinkRecorded():
            return {"links": (*state.links, event.between)}
        case NetworkTestRecorded():
            return {"test": _test_held(state, event)}
        case NetworkLinkLearned():
            others = tuple(network for network in state.elsewhere if network.group != event.network.group)
            return {"elsewhere": (*others, event.network), "times_told": state.times_told + 1}
        case _:
            assert_never(event)


def _test_held(state: TriageState, event: NetworkTestRecorded) -> NetworkTestHeld:
    return NetworkTestHeld(
        number=event.number,
        computed=event.computed,
        judged=event.judged,
        reason=event.reason,
        unidentified=event.unidentified,
        links=state.links_known,
    )


def _as_links(network: NetworkElsewhere) -> tuple[tuple[str, str], ...]:
    """Everybody of this case with one another and with each of the others. What links those is not its matter."""
    strangers = [f"unidentified {number} of {network.group}" for number in range(network.others)]
    return (*combinations(network.here, 2), *product(network.here, strangers))
