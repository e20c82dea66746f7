"""What has newly gone wrong by the national board: missed deadlines, refused hand-offs. References, no content."""

from collections.abc import Iterable
from typing import NamedTuple

from nom.console.times import local
from nom.contracts.services import ForceStatus, OverdueClock


class Trouble(NamedTuple):
    """Something that somebody should look at; `fields` are references, rules and numbers."""

    event: str
    fields: dict[str, str | int]


class Watch:
    """Remembers what it has told already. The first look tells what stands, so that a restart is not silent."""

    def __init__(self) -> None:
        self._overdue: set[OverdueClock] = set()
        self._refused: dict[str, int] = {}

    def look(self, reports: Iterable[ForceStatus]) -> tuple[Trouble, ...]:
        """What is new in these reports."""
        found: list[Trouble] = []
        for report in reports:
            found.extend(self._missed(report))
            before = self._refused.get(report.force, 0)
            if report.hand_offs_refused > before:
                found.append(Trouble("hand_off_refused", {"force": report.force, "in_all": report.hand_offs_refused}))
            self._refused[report.force] = report.hand_offs_refused
        return tuple(found)

    def _missed(self, report: ForceStatus) -> Iterable[Trouble]:
        for clock in (clock for count in report.processes for clock in count.overdue_clocks):
            if clock not in self._overdue:
                self._overdue.add(clock)
                fields: dict[str, str | int] = {"process": clock.stream, "rule": clock.rule, "due": local(clock.due_at)}
                yield Trouble("deadline_missed", fields)
