"""What can break between a process and its database, as the rest of nom knows it. A refusal is never one of these.

Each passes from one process of the machine to another, as replays in several processes need, with all that it says.
Messages and attributes hold streams, numbers and SQLSTATEs; never a value that somebody wrote.
"""

from typing import ClassVar, Self


class LedgerError(Exception):
    """Something broke between the process and its ledger."""

    code: ClassVar[str] = "ledger_error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str = "", *, sqlstate: str | None = None) -> None:
        """Without a message, the class's own first sentence is the message."""
        super().__init__(message or (type(self).__doc__ or self.code).split("\n", 1)[0])
        self.sqlstate = sqlstate


class LedgerUnavailable(LedgerError):
    """The ledger's database cannot be reached or could not finish; nothing is lost, and it will be tried again."""

    code = "ledger_unavailable"
    retryable = True


class LedgerNotReady(LedgerError):
    """The ledger's database is there but not set up for this worker: a login, a right or a migration is missing.

    Retryable, because an operator mends it while the processes wait.
    """

    code = "ledger_not_ready"
    retryable = True


class LedgerRejected(LedgerError):
    """The ledger's database does not take this data. Trying again would not help: a program is wrong."""

    code = "ledger_rejected"


class LedgerForked(LedgerError):
    """The ledger holds another account of what this process says happened. Somebody must look before it goes on.

    The same command, delivered once, was decided in two ways; or the process follows a record that the ledger has
    with another digest. Never retried.
    """

    code = "ledger_forked"


class LedgerGap(LedgerError):
    """The process is ahead of its ledger: records that it builds on are not there. Never retried.

    Somebody must look: a ledger was restored to an earlier time, or is another one.
    """

    code = "ledger_gap"


class LedgerUnreadable(LedgerError):
    """A record of the ledger does not fit its contract: it was written by another version, or changed."""

    code = "ledger_unreadable"

    def __init__(self, stream: str, seq: int) -> None:
        super().__init__(f"record {seq} of {stream} does not fit its contract")
        self.stream = stream
        self.seq = seq

    def __reduce__(self) -> tuple[type[Self], tuple[str, int], dict[str, object]]:
        """By what it was made of: an exception is otherwise made again of its message."""
        return type(self), (self.stream, self.seq), self.__dict__


class LogRowUnreadable(LedgerError):
    """A row of the ledger's logs of readings and refusals does not fit its contract: somebody changed it."""

    code = "log_row_unreadable"


class ReportDiffers(LedgerError):
    """Something else was already recorded under this name and position; what came first stays."""

    code = "report_differs"
