"""Counts what is in some synthetic cases: how many, of what, and how often the model said no. Judges nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from nom.console.synth.lines import Line


class Tally:
    """Counts of cases, commands and refusals, which can be added up. `cases` counts cases by what is true of them,
    `taken` and `events` what processes took, given or handed on, and what they recorded, where that is known.
    """

    def __init__(self) -> None:
        self.forces: Counter[str] = Counter()
        self.commands: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.cases: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.events: Counter[str] = Counter()

    def add(self, other: "Tally") -> None:
        """Add another's counts to these."""
        self.forces.update(other.forces)
        self.commands.update(other.commands)
        self.refusals.update(other.refusals)
        self.cases.update(other.cases)
        self.taken.update(other.taken)
        self.events.update(other.events)

    def plain(self) -> dict[str, Any]:
        """The counts as plain data."""
        return {
            "cases": self.forces.total(),
            "forces": dict(sorted(self.forces.items())),
            "commands": self.commands.total(),
            "refused": self.refusals.total(),
            "cases_by_what_is_true_of_them": dict(sorted(self.cases.items())),
            "commands_by_type": dict(sorted(self.commands.items())),
            "refusals_by_code": dict(sorted(self.refusals.items())),
        }


MARKS = {
    "nfa_approved.v1": "closed with no further action",
    "review_requested.v1": "with a review of the decision",
    "suspect_charged.v1": "with a charge",
    "suspect_arrested.v1": "with an arrest",
    "bail_granted.v1": "with bail",
    "deadline_breached.v1": "with a late clock",
    "breach_withdrawn.v1": "with a breach withdrawn by a late entry",
    "marked_up_to_date.v1": "marked up to date",
    "closed_case_referred.v1": "closed cases reviewed",
    "group_designated.v1": "with a designated group",
}
"""What events say of the case whose command led to them."""


def tally_of(lines: Iterable[Line]) -> Tally:
    """The counts of some whole threads."""
    tally = Tally()
    events: defaultdict[int, set[str]] = defaultdict(set)
    force_of: dict[int, str] = {}
    members: defaultdict[int, set[int]] = defaultdict(set)
    for line in lines:
        command: Any = line.request["command"]
        tally.commands[command["type"]] += 1
        force_of[line.number] = line.case[:3].upper()
        members[line.thread].add(line.number)
        events[line.number].update(line.expect.events)
        if line.expect.refused is not None:
            tally.refusals[line.expect.refused] += 1
            events[line.number].add("a refusal")
    tally.forces.update(force_of.values())
    for known in events.values():
        tally.cases.update(words for event, words in MARKS.items() if event in known)
        tally.cases["with a refusal"] += "a refusal" in known
    for numbers in members.values():
        if len({force_of[number] for number in numbers}) > 1:
            tally.cases["in a network across forces"] += len(numbers)
    return tally
