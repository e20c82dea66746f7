"""What is known of one referral, and how one event changes that. Decides nothing."""

from typing import Self, assert_never

from nom.contracts.base import Instant
from nom.contracts.crime import CrimeRecorded, RapeIncidentN100Recorded
from nom.contracts.identity import ConsistentIdentifierAdded, IdentifierKind, SubjectIdentityLinked
from nom.contracts.ids import Force, SubjectId
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.referral import (
    ReferralAcknowledged,
    ReferralOwnEvent,
    ReferralReceived,
    ReferralRouted,
    ReferralTransferRefused,
    ReferralTransferRequested,
)
from nom.contracts.subjects import Allegation, Subject
from nom.contracts.victim_support import SupportDeclined, VictimReferredToSupport
from nom.workflows.model.deliberation import Deliberation
from nom.workflows.model.process import ProcessState


class ReferralState(ProcessState):
    """What is known of one referral. `recorded` holds (victim, offence) of every crime and N100; `transfer_to` is the
    force that was asked to take the matter and has not answered yet.
    """

    received_at: Instant | None = None
    subjects: tuple[Subject, ...] = ()
    allegations: tuple[Allegation, ...] = ()
    recorded: tuple[tuple[SubjectId, str], ...] = ()
    acknowledged_at: Instant | None = None
    routed_to: str | None = None
    transfer_to: Force | None = None
    same_people: tuple[tuple[SubjectId, SubjectId], ...] = ()
    identifiers: tuple[tuple[SubjectId, IdentifierKind, str], ...] = ()

    def unrecorded(self) -> tuple[Allegation, ...]:
        """The allegations that have neither a crime nor an N100 yet."""
        return tuple(item for item in self.allegations if (item.victim, item.offence) not in self.recorded)

    def is_complete(self) -> bool:
        """Whether it has been acknowledged and every allegation has its crime or N100."""
        return self.acknowledged_at is not None and not self.unrecorded()

    def as_continued(self, policy: PolicyPack) -> Self:  # noqa: ARG002  # The same for every process.
        """In the force that took the matter it is routed anew."""
        return self.model_copy(update={"transfer_to": None})


Thinking = Deliberation[ReferralState]


def evolve(state: ReferralState, event: ReferralOwnEvent) -> ReferralState:
    """Fold one event of a referral."""
    match event:
        case ReferralReceived():
            known = {"received_at": event.received_at, "subjects": event.subjects, "allegations": event.allegations}
            return state.model_copy(update=known)
        case ReferralAcknowledged():
            return state.model_copy(update={"acknowledged_at": event.acknowledged_at})
        case CrimeRecorded() | RapeIncidentN100Recorded():
            return state.model_copy(update={"recorded": (*state.recorded, (event.victim, event.offence))})
        case ReferralRouted():
            return state.model_copy(update={"routed_to": event.to})
        case ReferralTransferRequested():
            return state.model_copy(update={"transfer_to": event.force})
        case ReferralTransferRefused():
            return state.model_copy(update={"transfer_to": None})
        case SubjectIdentityLinked():
            return state.model_copy(update={"same_people": (*state.same_people, (event.subject, event.same_as))})
        case ConsistentIdentifierAdded():
            entry = (event.subject, event.kind, event.entry)
            return state.model_copy(update={"identifiers": (*state.identifiers, entry)})
        case VictimReferredToSupport() | SupportDeclined():
            return state  # The clock of the victim says what is still awaited.
        case _:
            assert_never(event)
