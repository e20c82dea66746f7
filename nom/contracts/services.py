"""The Nexus services between namespaces: one a concern, so that trouble with one does not stop the others.

Delivery is at least once; every operation is idempotent by the id in its input.
"""

import nexusrpc

from nom.contracts.base import Contract, Instant
from nom.contracts.every_process import HandOff, HandOffAnswer
from nom.contracts.ids import Force, ProcessKind, StreamId, parse_stream

NCA = "nca"
"""The namespace of the National Crime Agency."""

GROUPS_ENDPOINT = "nom-groups"
"""The endpoint of the National Crime Agency's groups."""

STATUS_ENDPOINT = "nom-status"
"""The endpoint of the National Crime Agency's board."""


def cases_endpoint(force: str) -> str:
    """The endpoint of a force's cases: `nom-cases-gmp`."""
    return f"nom-cases-{force.lower()}"


def transfers_endpoint(owner: str) -> str:
    """The endpoint where a force, or the National Crime Agency, takes cases over: `nom-transfers-gmp`."""
    return f"nom-transfers-{owner.lower()}"


_OF_THE_AGENCY = (ProcessKind.DESIGNATION, ProcessKind.CLOSED_CASE_REVIEW)


def is_between_cases(sender: StreamId, receiver: StreamId) -> bool:
    """Whether what one process says to another is between cases, as in a transfer, and not with a group or review."""
    return all(parse_stream(stream).kind not in _OF_THE_AGENCY for stream in (sender, receiver))


class OverdueClock(Contract):
    """A deadline that passed and whose act is still awaited: which process, which rule of the pack, when it was due."""

    stream: StreamId
    rule: str
    due_at: Instant


class ProcessCount(Contract):
    """How many processes of one kind a force has, and how their clocks stand. Counts and references, no content.

    `due` counts the clocks that run, `overdue` those that were missed and whose act is still awaited, `breached` every
    breach that stands. `late` names the processes with an overdue clock, `overdue_clocks` says which clocks those are.
    """

    process: ProcessKind
    open: int
    ended: int
    due: int
    overdue: int
    breached: int
    late: tuple[StreamId, ...] = ()
    overdue_clocks: tuple[OverdueClock, ...] = ()


class ForceStatus(Contract):
    """What one force reports. `as_of_position` is the last ledger position that it reflects; `checkpoints` are the
    newest signed ones of its ledger's trees: whoever keeps them can show that the ledger was not rewritten since.
    """

    force: Force
    as_of_position: int
    as_of: Instant
    next_due_at: Instant | None
    processes: tuple[ProcessCount, ...]
    hand_offs_waiting: int
    hand_offs_refused: int
    checkpoints: tuple[str, ...] = ()


class ReportAnswer(Contract):
    """The board has the report, or had a later one already."""

    kept: bool


@nexusrpc.service(name="nom.groups")
class GroupService:
    """What a force may ask of the National Crime Agency's groups."""

    deliver: nexusrpc.Operation[HandOff, HandOffAnswer]


@nexusrpc.service(name="nom.cases")
class CaseService:
    """What the National Crime Agency may tell a force's cases."""

    deliver: nexusrpc.Operation[HandOff, HandOffAnswer]


@nexusrpc.service(name="nom.transfers")
class TransferService:
    """What a force, or the National Crime Agency, may say to another about a case that moves between them."""

    deliver: nexusrpc.Operation[HandOff, HandOffAnswer]


@nexusrpc.service(name="nom.status")
class StatusService:
    """Where a force reports the state of its processes."""

    report: nexusrpc.Operation[ForceStatus, ReportAnswer]
