"""What an audit of a ledger can find wrong, each thing named with its place."""

from enum import StrEnum
from typing import Final

from nom.contracts.base import Contract

LOGS: Final = ("readings", "refusals")
"""The trees whose leaves are the rows of a log."""


class FaultKind(StrEnum):
    """What is wrong with a record, a position, a checkpoint or a seal."""

    UNREADABLE = "unreadable"
    SEQUENCE_BROKEN = "sequence_broken"
    WRONG_ID = "wrong_id"
    PREVIOUS_DIFFERS = "previous_differs"
    PAYLOAD_DIFFERS = "payload_differs"
    DIGEST_DIFFERS = "digest_differs"
    ASKED_DIFFERS = "asked_differs"
    POSITION_OUT_OF_ORDER = "position_out_of_order"
    POSITION_MISSING = "position_missing"
    POSITION_WITHOUT_RECORD = "position_without_record"
    CHECKPOINT_INVALID = "checkpoint_invalid"
    CHECKPOINT_MISSING = "checkpoint_missing"
    CHECKPOINT_DIFFERS = "checkpoint_differs"
    REPLACED = "replaced"
    CUT_OFF = "cut_off"
    SEAL_DIFFERS = "seal_differs"


class Fault(Contract):
    """The first thing that is wrong in a stream (named with the record's number), in the positions or in a tree. In the
    tree of a log, `position` is the number of the row, and `stream` the process that the row is about as it stands.
    """

    kind: FaultKind
    words: str
    stream: str | None = None
    seq: int | None = None
    position: int | None = None
    tree: str | None = None
    size: int | None = None

    @property
    def where(self) -> str:
        """The place in words."""
        if self.size is not None:
            return f"checkpoint {self.size} of {self.tree}"
        if self.tree in LOGS:
            about = f" ({self.stream})" if self.stream is not None else ""
            return f"row {self.position} of the log of {self.tree}{about}"
        if self.stream is not None:
            return f"{'history' if self.tree == 'seals' else 'record'} {self.seq} of {self.stream}"
        return f"position {self.position}"
