"""Processor time of the worker, the engine and the database, from outside. The client's own is not counted."""

from typing import NamedTuple

import psutil


class Share(NamedTuple):
    """Processor seconds by who used them."""

    worker: float
    engine: float
    database: float

    def since(self, earlier: "Share") -> "Share":
        """What was used between two readings."""
        return Share(*(now - before for now, before in zip(self, earlier, strict=True)))

    def each(self, commands: int) -> "Share":
        """Milliseconds a command."""
        return Share(*(seconds * 1000 / commands for seconds in self))


class Processors:
    """Reads the processor time of three processes and of whatever these started."""

    def __init__(self, worker: int, engine: int, database: int) -> None:
        self._roots = tuple(psutil.Process(pid) for pid in (worker, engine, database))

    def read(self) -> Share:
        """Processor seconds so far: user and system, children that have ended included."""
        return Share(*(_used(root) for root in self._roots))


def _used(root: psutil.Process) -> float:
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
        if process == root:
            total += times.children_user + times.children_system
    return total
