"""Makes synthetic cases, round by round, on as many cores as asked for. The order of the lines is always the same."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import NamedTuple, TypeVar

from nom.console.cores import process_pool
from nom.console.synth.lines import Line
from nom.console.synth.matter import Matter
from nom.console.synth.moves import make
from nom.console.synth.office import Office
from nom.console.synth.plan import ROUND, Order, plan_of
from nom.console.synth.tally import Tally, tally_of

AT_ONCE = 4
"""Rounds that a process of the pool makes before it hands them over."""
AHEAD = 3
"""Batches per process that are made before somebody has taken the first: memory stays bounded."""

Made = TypeVar("Made")


def made_round(order: Order, first: int, last: int) -> tuple[Matter, ...]:
    """The cases of the round that begins with `first`, those up to `last`. They share one office: they may meet in a
    group.
    """
    office = Office()
    matters: list[Matter] = []
    for number in range(first, min(first + ROUND - 1, last) + 1):
        plan = plan_of(order, number)
        leader = plan_of(order, plan.joins) if plan.joins else None
        matter = Matter(order, plan, office, leader)
        make(matter)
        matters.append(matter)
    return tuple(matters)


def rounds(order: Order, count: int, processes: int = 1) -> Iterator[tuple[Line, ...]]:
    """The lines of the first `count` cases, round by round, in order."""
    for batch in _batches(as_lines, order, count, processes):
        yield from batch


class Written(NamedTuple):
    """The lines of one round as they stand in a file, and what is in them."""

    texts: tuple[str, ...]
    tally: Tally


def written(order: Order, count: int, processes: int = 1) -> Iterator[Written]:
    """The first `count` cases as they stand in a file, round by round, in order."""
    for batch in _batches(as_text, order, count, processes):
        yield from batch


def as_lines(order: Order, first: int, last: int) -> tuple[Line, ...]:
    """The lines of a round."""
    return tuple(line for matter in made_round(order, first, last) for line in matter.lines)


def as_text(order: Order, first: int, last: int) -> Written:
    """A round as it stands in a file."""
    matters = made_round(order, first, last)
    lines = tuple(line for matter in matters for line in matter.lines)
    tally = tally_of(lines)
    tally.taken.update(matters[0].office.taken)
    tally.events.update(matters[0].office.events)
    return Written(tuple(line.written() for line in lines), tally)


def _batches(
    of_round: Callable[[Order, int, int], Made], order: Order, count: int, processes: int
) -> Iterator[tuple[Made, ...]]:
    asked = [(first, min(first + AT_ONCE * ROUND - 1, count)) for first in range(1, count + 1, AT_ONCE * ROUND)]
    if processes < 2 or len(asked) < 2:  # noqa: PLR2004 - one of either needs no pool
        for first, last in asked:
            yield _batch(of_round, order, first, last)
        return
    with process_pool(processes) as pool:
        ahead: deque[Future[tuple[Made, ...]]] = deque()
        for first, last in asked:
            ahead.append(pool.submit(_batch, of_round, order, first, last))
            if len(ahead) > AHEAD * processes:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _batch(of_round: Callable[[Order, int, int], Made], order: Order, first: int, last: int) -> tuple[Made, ...]:
    return tuple(of_round(order, beginning, last) for beginning in range(first, last + 1, ROUND))
