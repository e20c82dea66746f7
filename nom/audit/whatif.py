"""Would another policy pack have decided otherwise? Recorded decisions put to the rules again; nothing is written.

Each command is decided on the state as it was recorded before it, so that every difference is this decision's own: what
an earlier one would have changed is not carried on. What was refused at the time left no record and can't be asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from pydantic import ValidationError

from nom.audit.deciding import Recorded, Redecided, Retaken, commands_of, retake
from nom.audit.otherwise import Difference, differences, undecidable
from nom.audit.single_rules import Swap, swaps
from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.base import Contract, Instant
from nom.contracts.envelope import PolicyRef, StoredRecord
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import Opening, ProcessOpened, StageEnded
from nom.contracts.ids import StreamId, parse_stream
from nom.contracts.policy.loader import PolicyNotFound
from nom.workflows.model.deadlines import london_day
from nom.workflows.model.process import Facts
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_for, facts_under

SEVERAL: Final = "several rules together"
"""Where no single rule of the other pack makes the difference by itself."""
ENDED: str = StageEnded.model_fields["type"].default
OPENED: str = ProcessOpened.model_fields["type"].default


class Question(NamedTuple):
    """What is asked. `packs` are the other packs with their calendars, at most one for each law; `first` and `last` are
    days in Europe/London on which a decision was taken, both included.
    """

    packs: tuple[Facts, ...]
    first: date | None = None
    last: date | None = None
    every_command: bool = False
    """Ask about every command of a person, and not about decisions alone."""


class Otherwise(Contract):
    """A recorded decision that another pack would have decided otherwise, and the rules that each by itself make the
    difference. `policy` held then, `under` is the other pack. `code_differs`: the rules of today's code differ from
    what was recorded under the pinned pack as well; what is shown is the difference that the pack makes.
    """

    stream: StreamId
    seq: int
    command: str
    occurred_at: Instant
    policy: str
    under: str
    rules: tuple[str, ...]
    differences: tuple[Difference, ...]
    code_differs: bool = False


class Judged(Contract):
    """What came of some processes. `decided_again` includes the same and the different; the other numbers are commands
    that could not be put, but for `other_law`, which counts processes, and `under_it`: commands that were decided under
    that very pack. `unread` are the processes with an event that this code can't read.
    """

    processes: int = 0
    other_law: int = 0
    decided_again: int = 0
    under_it: int = 0
    not_kept: int = 0
    unreadable: int = 0
    policy_missing: int = 0
    code_differs: int = 0
    unread: tuple[StreamId, ...] = ()
    otherwise: tuple[Otherwise, ...] = ()


_COUNTS: Final = tuple(name for name, field in Judged.model_fields.items() if field.annotation is int)


def together(parts: Iterable[Judged]) -> Judged:
    """What came of all of them, in the order given."""
    counts: Counter[str] = Counter()
    unread: list[StreamId] = []
    otherwise: list[Otherwise] = []
    for part in parts:
        counts.update({name: getattr(part, name) for name in _COUNTS})
        unread += part.unread
        otherwise += part.otherwise
    return Judged(**counts, unread=tuple(unread), otherwise=tuple(otherwise))


def by_rule(otherwise: Iterable[Otherwise]) -> dict[str, tuple[Otherwise, ...]]:
    """The decisions by the rule that made the difference, the rule with most first. A decision that two rules would
    have made otherwise stands under both.
    """
    groups: dict[str, list[Otherwise]] = {}
    for item in otherwise:
        for rule in item.rules:
            groups.setdefault(rule, []).append(item)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {rule: tuple(items) for rule, items in ordered}


class WhatIf:
    """One question, asked about one process after another. Remembers how the packs differ and nothing else."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._swaps: dict[tuple[str, str], tuple[Swap, ...]] = {}

    def judge(self, stream: StreamId, stored: Sequence[StoredRecord]) -> Judged:
        """Decide the recorded decisions of one process again, from all its records in order."""
        try:
            opening = _opening_of(stored)
            under = self._pack_for(stream, opening)
        except ValidationError:
            return Judged(processes=1, unread=(stream,))
        except PolicyNotFound:
            asked_about = sum(self._asks_about(recorded) for recorded in commands_of(stored))
            return Judged(processes=1, policy_missing=asked_about)
        if under is None:
            return Judged(processes=1, other_law=1)
        counts: Counter[str] = Counter(processes=1)
        found: list[Otherwise] = []
        unread: tuple[StreamId, ...] = ()
        try:
            # What was found before an event that can't be read stays found.
            found.extend(item for item in self._otherwise(stream, stored, under, counts) if item is not None)
        except ValidationError:
            unread = (stream,)
        return Judged(**counts, unread=unread, otherwise=tuple(found))

    def _pack_for(self, stream: StreamId, opening: Opening) -> Facts | None:
        """The pack of the process's own law, the force's own before the one for all; None where none was given."""
        agency, force = facts_under(opening.policy).policy.agency, parse_stream(stream).force.upper()
        fitting = [
            facts
            for facts in self._question.packs
            if facts.policy.agency == agency
            and opening.jurisdiction in facts.policy.jurisdictions
            and facts.policy.force in (None, force)
        ]
        return max(fitting, key=lambda facts: facts.policy.force is not None, default=None)

    def _otherwise(
        self, stream: StreamId, stored: Sequence[StoredRecord], under: Facts, counts: Counter[str]
    ) -> Iterator[Otherwise | None]:
        # Under the pinned pack first: what today's code decides otherwise under that, too, is not the other pack's.
        for item in retake(stream, stored, facts_for, self._asks_about):
            if isinstance(item, Redecided):
                counts[item.verdict] += 1
            elif self._question.every_command or is_decision(item):
                yield self._one(stream, item, under, counts)

    def _asks_about(self, recorded: Recorded) -> bool:
        """Whether a person gave it, in the days that are asked about, and whether it may be a decision."""
        record, question = recorded.first, self._question
        if record.actor.role == SYSTEM_ROLE or not (question.every_command or _may_be_decision(recorded)):
            return False
        if question.first is None and question.last is None:
            return True
        day = london_day(record.occurred_at)
        return (question.first or day) <= day <= (question.last or day)

    def _one(self, stream: StreamId, item: Retaken, under: Facts, counts: Counter[str]) -> Otherwise | None:
        pinned = _pinned(item)
        if pinned == under.policy.ref():
            counts["under_it"] += 1
            return None
        counts["decided_again"] += 1
        decide = _decider(stream, item, pinned)
        recorded = tuple(MODELS[parse_stream(stream).kind].event_of(record) for record in item.recorded.records)
        now = decide(under)
        if now == recorded:
            return None
        then = item.decision
        code_differs = bool(differences(recorded, then))
        counts["code_differs"] += code_differs
        found = differences(then if code_differs else recorded, now)
        if not found:
            return None
        first = item.recorded.first
        return Otherwise(
            stream=stream,
            seq=first.seq,
            command=first.command,
            occurred_at=first.occurred_at,
            policy=pinned.version,
            under=under.policy.version,
            rules=_rules(self._swaps_to(pinned, under), found, lambda facts: differences(then, decide(facts))),
            differences=found,
            code_differs=code_differs,
        )

    def _swaps_to(self, pinned: PolicyRef, under: Facts) -> tuple[Swap, ...]:
        key = (pinned.digest, under.policy.ref().digest)
        if key not in self._swaps:
            self._swaps[key] = swaps(facts_under(pinned), under)
        return self._swaps[key]


def _rules(
    swapped: tuple[Swap, ...], found: tuple[Difference, ...], differs: Callable[[Facts], tuple[Difference, ...]]
) -> tuple[str, ...]:
    """The rules that each by itself make a difference. Deadlines that the rules of their own clocks account for, each
    to the day, need no look at all the others.
    """
    by_name = {swap.rule: swap for swap in swapped}
    own = [by_name.get(f"clocks[{difference.clock}]") for difference in found]
    if all(swap is not None and difference in differs(swap.facts) for swap, difference in zip(own, found, strict=True)):
        return tuple(dict.fromkeys(swap.rule for swap in own if swap is not None))
    return tuple(swap.rule for swap in swapped if differs(swap.facts)) or (SEVERAL,)


def is_decision(item: Retaken) -> bool:
    """Whether a command decides something, so that it needed a reason, or ended a stage."""
    return item.request.command.decides or _ends(item.recorded)


def _ends(recorded: Recorded) -> bool:
    return any(record.type == ENDED for record in recorded.records)


def _may_be_decision(recorded: Recorded) -> bool:
    """As `is_decision`, by the command's name alone: in another process the name may be of one that decides nothing."""
    return recorded.first.command in _names_that_decide() or _ends(recorded)


@cache
def _names_that_decide() -> frozenset[str]:
    found: set[str] = set()
    waiting = [CommandBase]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found.update(str(kind.model_fields["type"].default) for kind in kinds if kind.decides)
    return frozenset(found)


def _pinned(item: Retaken) -> PolicyRef:
    return item.before.opening.policy if item.before.opening is not None else item.recorded.first.policy


def _decider(
    stream: StreamId, item: Retaken, pinned: PolicyRef
) -> Callable[[Facts], tuple[EventBase, ...] | Refusal | Difference]:
    """Decides the command under a pack of choice. A pack that can't decide it at all is a difference by itself."""
    model, request = MODELS[parse_stream(stream).kind], item.request
    facts: Facts = facts_for(request, pinned)

    def decide(under: Facts) -> tuple[EventBase, ...] | Refusal | Difference:
        try:
            return model.decide(item.before, request, facts._replace(policy=under.policy, calendar=under.calendar))
        except (LookupError, ValueError) as error:
            return undecidable(error)

    return decide


def _opening_of(stored: Sequence[StoredRecord]) -> Opening:
    """What the process was opened under. Raises `ValidationError` where its first record does not say so."""
    return ProcessOpened.model_validate_json(stored[0].record.payload).opening
