"""(e) Deciding recorded decisions again under another pack, beside reading and folding the same records. No servers."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from bench.results import Result, compared, rotated
from nom.audit.whatif import Judged, Question, WhatIf, together
from nom.console.synth.making import rounds
from nom.console.synth.office import Office
from nom.console.synth.plan import UNTIL, Order
from nom.contracts.envelope import CommandEnvelope, StoredRecord, seal
from nom.contracts.errors import Refusal
from nom.contracts.ids import parse_stream
from nom.contracts.policy.loader import calendar_of, pack_of_version
from nom.contracts.policy.pack import PolicyPack
from nom.workflows.model.process import Facts
from nom.workflows.operating_model import MODELS

FORCES = ("GMP", "WYP", "NFK")
SLOWER = "WT1"
"""The rule that the made-up pack has otherwise, so that some decisions differ."""

Ledger = Mapping[str, Sequence[StoredRecord]]


class Effort(NamedTuple):
    """How many cases, how often."""

    cases: int
    rounds: int


FULL = Effort(cases=48, rounds=5)
QUICK = Effort(cases=8, rounds=1)


def measure(effort: Effort) -> list[Result]:
    """Decisions alone, then every command of people."""
    ledger = recorded(effort.cases)
    pack = _made_up()
    results: list[Result] = []
    for name, every_command in (("decisions", False), ("every command", True)):
        question = Question((Facts(pack, calendar_of(pack)),), every_command=every_command)
        jobs: dict[str, Callable[[], object]] = {
            "asked": lambda question=question: _asked(question, ledger),
            "folded": lambda: _folded(ledger),
        }
        rates: dict[str, list[float]] = {job: [] for job in jobs}
        for number in range(effort.rounds):
            for job in rotated(tuple(jobs), number):
                rates[job].append(effort.cases / _seconds(jobs[job]))
        what = f"e what if, {name} ÷ folding, {effort.cases} cases"
        results.append(compared(what, "cases/cpu-s", rates["asked"], rates["folded"]))
    return results


def recorded(cases: int) -> Ledger:
    """What ledgers would hold of synthetic cases, by process."""
    office = _Keeping()
    for lines in rounds(Order(1, FORCES, UNTIL), cases):
        for line in lines:
            office.give(line.envelope())
        office.news()
    return office.stored


class _Keeping(Office):
    """An office that also seals what happens, as a ledger holds it."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, list[StoredRecord]] = {}

    def _take(self, request: CommandEnvelope[Any]) -> tuple[str, ...] | Refusal:
        model, facts = MODELS[parse_stream(request.stream).kind], self.facts(request)
        before = self.states.get(request.stream) or model.blank(request.stream)
        taken = super()._take(request)
        if facts is None or isinstance(taken, Refusal):
            return taken
        events = model.decide(before, request, facts)
        if isinstance(events, Refusal):
            msg = "the same command on the same state was decided otherwise"
            raise TypeError(msg)
        held = self.stored.setdefault(request.stream, [])
        asked, head = request.content().decode(), held[-1].record.digest if held else None
        for number, record in enumerate(seal(request, events, facts.policy.ref(), len(held), head)):
            kept = asked if number == 0 else None
            held.append(StoredRecord(record=record, recorded_at=record.submitted_at, position=None, asked=kept))
        return taken


def _made_up() -> PolicyPack:
    pack = pack_of_version("eng-police-2026.2")
    slower = pack.clock(SLOWER).model_copy(update={"value": 3})
    clocks = tuple(slower if rule.id == SLOWER else rule for rule in pack.clocks)
    return pack.model_copy(update={"version": "eng-police-2026.9", "clocks": clocks})


def _asked(question: Question, ledger: Ledger) -> Judged:
    whatif = WhatIf(question)
    return together([whatif.judge(stream, stored) for stream, stored in ledger.items()])


def _folded(ledger: Ledger) -> None:
    for stream, stored in ledger.items():
        model = MODELS[parse_stream(stream).kind]
        state = model.blank(stream)
        for item in stored:
            state = model.fold(state, item.record)


def _seconds(job: Callable[[], object]) -> float:
    """Processor time: one thread, which waits for nothing."""
    begun = time.process_time()
    job()
    return time.process_time() - begun
