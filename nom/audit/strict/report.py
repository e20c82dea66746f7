"""What strict replay found in one history: contracts that travel between processes and into reports."""

from typing import Literal

from nom.contracts.base import Contract

Sort = Literal["differs", "not_emitted", "not_recorded", "not_reached", "refused", "not_refused"]
"""`differs`: the same command with another value. `not_emitted`: the history has it and the code does not give it.
`not_recorded`: the code gives it and the history does not have it. `not_reached`: the replay never came so far.
`refused`: the code refuses an update that was accepted. `not_refused`: it accepts, or refuses in other words, what was
refused.
"""


class Difference(Contract):
    """One place where code and history part. `task` is the event id of the start of the workflow task."""

    sort: Sort
    task: int
    event: int | None
    act: str
    field: str | None = None
    recorded: str | None = None
    emitted: str | None = None

    def in_words(self) -> str:
        """A line for people."""
        where = f"event {self.event}" if self.event is not None else f"workflow task {self.task}"
        match self.sort:
            case "differs":
                return f"{where}, {self.act}, {self.field}: recorded {self.recorded}, now {self.emitted}"
            case "not_emitted":
                return f"{where}: {self.act} is recorded, and the code does not give it{_instead(self.emitted)}"
            case "not_recorded":
                return f"{where}: the code gives {self.act}, and the history does not have it{_instead(self.recorded)}"
            case "not_reached":
                return f"{where}: {self.act} is recorded, and the replay never came so far"
            case "refused":
                return f"{where}: an update was accepted, and the code refuses it: {self.emitted}"
            case "not_refused":
                return f"{where}: an update was refused ({self.recorded}), and now: {self.emitted}"


class Compared(Contract):
    """What became of the comparison of one history.

    `not_comparable` counts local activities whose arguments the history does not hold. `at_the_frontier` counts
    commands that the code gives after the last task that was completed: a running history has not recorded them yet.
    """

    matched: int = 0
    not_comparable: int = 0
    at_the_frontier: int = 0
    refusals: int = 0
    closed: bool = False
    begun: bool = True
    torn: str | None = None
    undecodable: tuple[str, ...] = ()
    dropped_signals: int = 0
    differences: tuple[Difference, ...] = ()


def _instead(other: str | None) -> str:
    return f" ({other} stands there)" if other else ""
