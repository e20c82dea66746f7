"""What a case's state is made of: stages, groups, outcomes, holds, and a transfer on either side. Decides nothing."""

from nom.contracts.base import Contract, Instant, Text
from nom.contracts.every_process import Opening
from nom.contracts.ids import CaseId, Force, PersonId, ProcessKind, StreamId, SubjectId


class Stage(Contract):
    """One stage of the case, and its outcome once it has one. A stage that had ended before a transfer keeps the name
    that it has in the force that sent the case.
    """

    stream: StreamId
    kind: ProcessKind
    about: tuple[SubjectId, ...] = ()
    outcome: str | None = None


class LinkedGroup(Contract):
    """A group that the case is part of, as the National Crime Agency last told it."""

    group: str
    outcome: str
    tier: str | None


class SuspectOutcome(Contract):
    """What became of a suspect. `decided_by`: who decided that, where a stage told it for a person."""

    suspect: SubjectId
    outcome: str
    decided_by: PersonId | None = None


class LegalHold(Contract):
    """Why nothing of the case may be closed or erased, and who said so."""

    number: int
    placed_by: PersonId
    placed_at: Instant
    because: Text


class Offer(Contract):
    """A case that another force offers, and since when."""

    case: CaseId
    requested_by: PersonId
    offered_at: Instant


class PendingTransfer(Contract):
    """A transfer that was requested and not answered: to whom, and under which name the case would go on there."""

    to: Force
    case: CaseId
    opening: Opening
    referral: StreamId | None
    requested_at: Instant
