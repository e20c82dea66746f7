"""What a process is started with, takes along when it continues as new, and shows when it is asked."""

from nom.contracts.base import Contract, Digest
from nom.contracts.envelope import Receipt
from nom.contracts.ids import StreamId

TASK_QUEUE = "nom"
"""The task queue in every namespace."""

COMMAND_UPDATE = "command"
"""The update that takes a command; its id is the command's."""

STATE_QUERY = "state"
"""The query for a process's state: → `StateView`."""


class Carried(Contract):
    """What a process takes with it when it continues as new. `state` is the state in JSON."""

    state: str
    seq: int
    head: Digest | None
    done: tuple[Receipt, ...]


class ProcessStart(Contract):
    """The one argument of every process."""

    stream: StreamId
    carried: Carried | None = None


class StateView(Contract):
    """What a query for a process's state answers: the state in canonical JSON, and its place in the ledger."""

    stream: StreamId
    seq: int
    head: Digest | None
    outbox: int
    state: str


def workflow_type(kind: str) -> str:
    """The workflow type of a kind of process: `strategy-meeting` → `nom.strategy_meeting`. Outlives the code."""
    return f"nom.{kind.replace('-', '_')}"
