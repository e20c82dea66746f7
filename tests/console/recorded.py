"""Matters in memory: what the models decide, recorded as if by a ledger."""

from datetime import UTC, datetime, timedelta
from typing import Any

from nom.contracts.envelope import CommandEnvelope, Record, StoredRecord, seal
from nom.contracts.errors import Refusal
from nom.contracts.ids import parse_stream
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_under, opening_of
from tests.matters import receive

RECEIVED = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
CASE = "gmp/test-1"


class Process:
    """One process in memory: what its model decides, recorded as if by a ledger."""

    def __init__(self, stream: str) -> None:
        self.model = MODELS[parse_stream(stream).kind]
        self.state: Any = self.model.blank(stream)
        self.stored: list[StoredRecord] = []

    def take(
        self,
        request: CommandEnvelope[Any],
        entered_after: timedelta = timedelta(minutes=1),
        recorded_after: timedelta = timedelta(0),
    ) -> "Process":
        """Decide and record: entered so long after it happened, recorded so long after that. Fails if it is refused."""
        request = request.model_copy(update={"submitted_at": request.occurred_at + entered_after})
        opening = self.state.opening or opening_of(request)
        assert opening is not None
        decision = self.model.decide(self.state, request, facts_under(opening.policy))
        assert not isinstance(decision, Refusal), decision
        before: Record | None = self.stored[-1].record if self.stored else None
        sealed = seal(request, decision, opening.policy, len(self.stored), before.digest if before else None)
        for record in sealed:
            self.state = self.model.fold(self.state, record)
            recorded = request.submitted_at + recorded_after
            self.stored.append(StoredRecord(record=record, recorded_at=recorded, position=None))
        return self


def a_referral() -> Process:
    """A school's referral, just received."""
    return Process(f"{CASE}/referral-1").take(receive(CASE, RECEIVED))
