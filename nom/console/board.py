"""The national board from the forces' latest reports: one row for a force and process, what is late first.

Reads reports and nothing else: a force's own ledger is that force's. Pure: `now` is given.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from nom.activities.derived import BoardReport
from nom.contracts.base import canonical_bytes
from nom.contracts.services import NCA, ForceStatus, OverdueClock, ProcessCount

OLD_AFTER = timedelta(hours=1)
"""A report older than this is marked (ours). A force reports when its ledger has grown: an old report may only mean
that nothing has happened there.
"""


class ForceRow(NamedTuple):
    """One force: its report, how old that is, and whether it should be looked at. No report: it has never reported."""

    force: str
    status: ForceStatus | None
    age: timedelta | None

    @property
    def mark(self) -> str | None:
        """`never reported`, `old`, or nothing."""
        if self.age is None:
            return "never reported"
        return "old" if self.age > OLD_AFTER else None


class ProcessRow(NamedTuple):
    """One kind of process in one force."""

    force: str
    stands: ProcessCount


class Board(NamedTuple):
    """The whole board."""

    as_of: datetime
    forces: tuple[ForceRow, ...]
    processes: tuple[ProcessRow, ...]
    late: tuple[OverdueClock, ...]


def board_of(reports: Iterable[BoardReport], served: Sequence[str], now: datetime) -> Board:
    """The board from the latest report of each force. `served` are namespaces that should report."""
    latest = {report.force: report for report in reports}
    names = dict.fromkeys((*(name.upper() for name in served if name != NCA), *latest))
    forces = [_force(name, latest.get(name), now) for name in names]
    rows = [ProcessRow(row.force, count) for row in forces if row.status for count in row.status.processes]
    late = [clock for row in rows for clock in row.stands.overdue_clocks]
    return Board(
        as_of=now,
        forces=tuple(sorted(forces, key=_trouble_first)),
        processes=tuple(sorted(rows, key=_late_first)),
        late=tuple(sorted(late, key=lambda clock: (clock.due_at, clock.stream))),
    )


def _force(name: str, report: BoardReport | None, now: datetime) -> ForceRow:
    if report is None:
        return ForceRow(name, None, None)
    return ForceRow(name, ForceStatus.model_validate_json(canonical_bytes(report.report)), now - report.reported_at)


def _trouble_first(row: ForceRow) -> tuple[Any, ...]:
    refused = row.status.hand_offs_refused if row.status else 0
    return (-refused, row.status is None, row.mark is None, row.force)


def _late_first(row: ProcessRow) -> tuple[Any, ...]:
    return (-row.stands.overdue, -row.stands.breached, -row.stands.due, row.force, row.stands.process)
