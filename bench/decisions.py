"""(c) How fast the pure rules decide and evolve, beside pydantic reading and writing the same events. No servers."""

import time
from collections.abc import Callable
from typing import NamedTuple

from bench.matters import Desk, Request, acknowledge, note, record_crime, route, stream_named
from bench.results import Result, compared, rotated
from nom.workflows.model.referral import MODEL


class Effort(NamedTuple):
    """How long a measurement goes on."""

    rounds: int
    seconds: float


FULL = Effort(rounds=9, seconds=0.3)
QUICK = Effort(rounds=2, seconds=0.02)


def measure(effort: Effort) -> list[Result]:
    """A cheap command (a note, one event) and a rich one (routing, with its gate, clocks and hand-off)."""
    ready = Desk(stream_named("bench-rules"))
    ready.take(acknowledge(ready.stream))
    ready.take(record_crime(ready.stream))
    results: list[Result] = []
    for name, request in (("RecordNote", note(ready.stream, 1)), ("Route", route(ready.stream))):
        results += _measured(name, ready, request, effort)
    return results


def _measured(name: str, desk: Desk, request: Request, effort: Effort) -> list[Result]:
    records = desk.sealed(request, desk.decide(request))

    def decide_and_evolve() -> None:
        state = desk.state
        for record, event in zip(records, desk.decide(request), strict=True):
            state = MODEL.fold_event(state, record, event)

    def whole_turn() -> None:
        state, events = desk.state, desk.decide(request)
        for record, event in zip(desk.sealed(request, events), events, strict=True):
            state = MODEL.fold_event(state, record, event)

    def pydantic_alone() -> None:
        for record in records:
            MODEL.event_of(record).model_dump_json()

    jobs = {"rules": decide_and_evolve, "turn": whole_turn, "pydantic": pydantic_alone}
    rates: dict[str, list[float]] = {job: [] for job in jobs}
    for number in range(effort.rounds):
        for job in rotated(tuple(jobs), number):
            rates[job].append(_rate(jobs[job], effort.seconds))
    events = f"{len(records)} event{'s' if len(records) > 1 else ''}"
    return [
        compared(f"c {name}: decide + evolve ÷ pydantic, {events}", "commands/s", rates["rules"], rates["pydantic"]),
        compared(f"c {name}: with sealing ÷ pydantic, {events}", "commands/s", rates["turn"], rates["pydantic"]),
    ]


def _rate(job: Callable[[], None], seconds: float) -> float:
    begun = time.perf_counter()
    done = 0
    while (now := time.perf_counter()) - begun < seconds:
        for _ in range(20):
            job()
        done += 20
    return done / (now - begun)
