"""What is known of one triage, and how one event changes that. Decides nothing."""

from typing import assert_never

from nom.contracts.base import Contract, Instant
from nom.contracts.characteristics import (
    EthnicityRecorded,
    EthnicityUnavailableRecorded,
    NationalityRecorded,
    NationalityUnavailableRecorded,
    ObservedEthnicityRecorded,
)
from nom.contracts.ids import SubjectId
from nom.contracts.network import LinkedPerson, is_unidentified
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


class NetworkTestHeld(Contract):
    """The network test as it was last recorded, and how many links there were then."""

    number: int
    computed: bool
    judged: bool
    reason: str | None
    unidentified: int
    links: int


class TriageState(CharacteristicsState):
    """What is known of one triage. `thrive` is the latest assessment."""

    received_at: Instant | None = None
    subjects: tuple[Subject, ...] = ()
    thrive: Thrive | None = None
    assessments: int = 0
    risk_scored: bool = False
    links: tuple[tuple[LinkedPerson, LinkedPerson], ...] = ()
    test: NetworkTestHeld | None = None
    safeguarded: bool = False
    referred_to_nrm: tuple[SubjectId, ...] = ()
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
        return self.test if self.test and self.test.links == len(self.links) else None

    def awaiting_nrm(self) -> tuple[SubjectId, ...]:
        """The under-18s suspected of being trafficked who have not been referred (invariant 16)."""
        suspected = (subject for subject in self.subjects if subject.trafficking_suspected and subject.is_under_18)
        return tuple(subject.id for subject in suspected if subject.id not in self.referred_to_nrm)


def evolve(state: TriageState, event: TriageOwnEvent) -> TriageState:  # One return for each event.
    """Fold one event of a triage."""
    match event:
        case TriageOpened():
            return state.model_copy(update={"received_at": event.received_at, "subjects": event.subjects})
        case ThriveAssessed() | ThriveReassessed():
            return state.model_copy(update={"thrive": event.factors, "assessments": event.number})
        case ExploitationRiskScored():
            return state.model_copy(update={"risk_scored": True})
        case NetworkLinkRecorded():
            return state.model_copy(update={"links": (*state.links, event.between)})
        case NetworkTestRecorded():
            return state.model_copy(update={"test": _test_held(state, event)})
        case ImmediateSafeguardingTaken():
            return state.model_copy(update={"safeguarded": True})
        case NrmReferralMade():
            return state.model_copy(update={"referred_to_nrm": (*state.referred_to_nrm, event.subject)})
        case TriageDecided():
            return state.model_copy(update={"decided": True})
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


def _test_held(state: TriageState, event: NetworkTestRecorded) -> NetworkTestHeld:
    return NetworkTestHeld(
        number=event.number,
        computed=event.computed,
        judged=event.judged,
        reason=event.reason,
        unidentified=event.unidentified,
        links=len(state.links),
    )
