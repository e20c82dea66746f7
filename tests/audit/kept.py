"""What a ledger holds of a process to which commands were given: the records, and what was asked beside them."""

from collections.abc import Sequence
from typing import Any

from nom.contracts.base import sha256_hex
from nom.contracts.envelope import StoredRecord, seal
from nom.contracts.errors import Refusal
from nom.workflows.model.process import ProcessModel
from nom.workflows.turn import facts_for, opening_of
from tests.workflows.model.kit import Request


def kept(model: ProcessModel[Any], requests: Sequence[Request]) -> list[StoredRecord]:
    """The records of one process. A command that is refused is a failure of the test."""
    state: Any = model.blank(requests[0].stream)
    stored: list[StoredRecord] = []
    for request in requests:
        opened = state.opening or opening_of(request)
        assert opened is not None
        events = model.decide(state, request, facts_for(request, opened.policy))
        assert not isinstance(events, Refusal), events
        head = stored[-1].record.digest if stored else None
        for place, record in enumerate(seal(request, events, opened.policy, len(stored), head)):
            asked = request.content().decode() if place == 0 else None
            stored.append(
                StoredRecord(record=record, recorded_at=record.submitted_at, position=record.seq - 1, asked=asked)
            )
            state = model.fold(state, record)
    return stored


def with_payload(
    stored: Sequence[StoredRecord], place: int, payload: str, kind: str | None = None
) -> list[StoredRecord]:
    """The same with another event in one record, which vouches for it."""
    record = stored[place].record
    update = {"payload": payload, "payload_digest": sha256_hex(payload.encode()), "type": kind or record.type}
    changed = record.model_copy(update=update)
    changed = changed.model_copy(update={"digest": changed.computed_digest()})
    return [*stored[:place], stored[place].model_copy(update={"record": changed}), *stored[place + 1 :]]


def place_of(stored: Sequence[StoredRecord], kind: str) -> int:
    """Where the first record of a type stands."""
    return next(place for place, item in enumerate(stored) if item.record.type == kind)
