"""What was measured: pairs of figures from the same round, their medians and the ratio of these. Measures nothing."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class Run(NamedTuple):
    """One round: our figure and the yardstick's, from the same machine within seconds."""

    own: float
    yardstick: float


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison. The unit tells the direction: more `…/s` is better, fewer `ms` are."""

    name: str
    unit: str
    runs: tuple[Run, ...]

    @property
    def own(self) -> float:
        """The median of our figures."""
        return statistics.median(run.own for run in self.runs)

    @property
    def yardstick(self) -> float:
        """The median of the yardstick's figures."""
        return statistics.median(run.yardstick for run in self.runs)

    @property
    def ratio(self) -> float:
        """Our median divided by the yardstick's; 0 where the yardstick was too fast for the clock."""
        return self.own / self.yardstick if self.yardstick else 0.0

    def plain(self) -> dict[str, Any]:
        """The result as it is written to the file."""
        return {
            "name": self.name,
            "ratio": round(self.ratio, 3),
            "median": {"own": round(self.own, 3), "yardstick": round(self.yardstick, 3), "unit": self.unit},
            "runs": [{"own": round(run.own, 3), "yardstick": round(run.yardstick, 3)} for run in self.runs],
        }


def compared(name: str, unit: str, own: Sequence[float], yardstick: Sequence[float]) -> Result:
    """The comparison of two series of the same rounds."""
    return Result(name, unit, tuple(Run(*pair) for pair in zip(own, yardstick, strict=True)))


def rotated(contestants: Sequence[str], number: int) -> tuple[str, ...]:
    """The order of a round: each contestant is first in turn, so that none profits from what ran before it."""
    start = number % len(contestants)
    return (*contestants[start:], *contestants[:start])


def percentile(values: Sequence[float], hundredths: int) -> float:
    """The smallest value that so many hundredths of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * hundredths // 100) - 1)]


def write(path: Path, results: Sequence[Result]) -> None:
    """Write the results as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([result.plain() for result in results], indent=1) + "\n", encoding="utf-8")


def table(results: Sequence[Result]) -> str:
    """The results for people."""
    width = max((len(result.name) for result in results), default=0)
    lines = [f"{'':{width}}  {'own':>10} {'yardstick':>10}  {'unit':<12} {'ratio':>6}  rounds"]
    lines += [
        f"{result.name:{width}}  {result.own:10.1f} {result.yardstick:10.1f}  {result.unit:<12} {result.ratio:6.2f}  "
        f"{len(result.runs)}"
        for result in results
    ]
    return "\n".join(lines)
