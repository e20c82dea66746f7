"""The sections of a page of the book, each from one source: what was seen, the packs, the contracts or the rules."""

from collections.abc import Iterable, Sequence

from nom.console.model_book.bases import bases
from nom.console.model_book.clocks import rules_used
from nom.console.model_book.commands import COMMON, unseen_in_words
from nom.console.model_book.contracts_of import said_of, type_of
from nom.console.model_book.exploring import Seen
from nom.console.model_book.markdown import code, codes, paragraph, section, state_diagram, table
from nom.console.model_book.packs import clock_rules, long_enough, role_in_words, variable_in_words
from nom.console.model_book.phases import ENDED, NOT_OPEN
from nom.console.model_book.refusals import Saying, sayings_in
from nom.console.model_book.sources import Reached, reached_from
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind
from nom.contracts.policy.rules import Authority, ClockRule
from nom.workflows.model.invariants.registry import carried_by

SHOWN_IN_AN_ARROW = 3
"""So many commands are named on an arrow; the table below the diagram has them all."""


def transitions(seen: Seen, commands: Sequence[str]) -> list[str]:
    """The diagram, and which commands were taken where."""
    changing: dict[tuple[str, str], list[str]] = {}
    for move in sorted(seen.moves, key=lambda move: _place(seen, move.before)):
        if move.before != move.after:
            changing.setdefault((move.before, move.after), []).append(move.command)
    arrows = {pair: _shortened(sorted(by)) for pair, by in changing.items()}
    rows = [
        (standing, *_taken(seen, standing, changing))
        for standing in seen.standings
        if any(move.before == standing for move in seen.moves)
    ]
    taken = {move.command for move in seen.moves}
    headings = ("where it stands", "commands that lead on", "commands that are taken and leave it there")
    return section(
        "States and transitions",
        state_diagram(NOT_OPEN, ENDED, arrows) if arrows else ["No worked matter reaches this process.", ""],
        table(headings, rows),
        paragraph(unseen_in_words(set(commands) - taken - set(COMMON))),
    )


def _place(seen: Seen, standing: str) -> int:
    return seen.standings.index(standing)


def _shortened(commands: list[str]) -> list[str]:
    more = len(commands) - SHOWN_IN_AN_ARROW
    return [*commands[:SHOWN_IN_AN_ARROW], f"{more} more"] if more > 1 else commands


def _taken(seen: Seen, standing: str, changing: dict[tuple[str, str], list[str]]) -> tuple[str, str]:
    on = [f"{codes(sorted(by))} → {after}" for (before, after), by in changing.items() if before == standing]
    here = {move.command for move in seen.moves if move.before == move.after == standing and move.command not in COMMON}
    return "; ".join(on), codes(sorted(here))


def clocks(reached: Sequence[Reached], commands: Sequence[str], seen: Iterable[str]) -> list[str]:
    """The clock rules that a process uses, in every pack."""
    rows = (_clock_row(rule, where) for rule, where in clock_rules(rules_used(reached, commands, seen)))
    headings = ("rule", "what is due", "in", "from", "missed: who is told", "may be paused or extended by")
    return section("Clocks", table((*headings, "may a force vary it", "basis", "confidence", "packs"), rows))


def _clock_row(rule: ClockRule, where: str) -> tuple[str, ...]:
    course = [f"paused: {_who(rule.may_pause)}"] if rule.may_pause else []
    course += [f"extended: {_who(rule.may_extend)}"] if rule.may_extend else []
    told = "never a breach" if rule.indicator else ", then ".join(role_in_words(role) for role in rule.escalation)
    return (
        code(rule.id),
        rule.title,
        long_enough(rule),
        rule.starts,
        told,
        "; ".join(course),
        variable_in_words(rule),
        rule.basis,
        rule.confidence,
        where,
    )


def _who(authority: Authority) -> str:
    roles = ", ".join(role_in_words(role) for role in authority.roles)
    return f"{roles} ({authority.rank.value.replace('_', ' ')} or above)" if authority.rank else roles


def gates(reached: Sequence[Reached]) -> list[str]:
    """Each list of conditions that is looked at as a whole, with what it asks for."""
    body: list[str] = []
    for gate in (
        item for item in reached if item.name.endswith(("_gate", "_missing")) and not item.name.startswith("_")
    ):
        conditions = [item for item in sayings_in(reached_from(gate)) if item.kind != "refusal"]
        if conditions:
            heading = gate.name.replace("_", " ")
            body += section(heading[0].upper() + heading[1:], paragraph(gate.says), _said(conditions), level=3)
    return section("Gates", body) if body else []


def refusals(sayings: Sequence[Saying], title: str = "Refusals and conditions") -> list[str]:
    """Every code that may be answered with, in words, with its basis."""
    said = paragraph(
        "A refusal names every condition that is not met. Where only conditions are missing, its code is that of the "
        "first. What is put in when it is said stands in braces."
    )
    return section(title, said, _said(sayings))


def _said(sayings: Sequence[Saying]) -> list[str]:
    kinds: dict[tuple[str, str], list[str]] = {}
    for item in sorted(sayings, key=lambda item: (item.code, item.kind != "refusal", item.words)):
        kinds.setdefault((item.code, _in_words(item)), []).append("refusal" if item.kind == "refusal" else "condition")
    rows = (
        (code(name), " and ".join(dict.fromkeys(kind)), words, bases().of_refusal(name))
        for (name, words), kind in kinds.items()
    )
    return table(("code", "", "in words", "basis"), rows)


def _in_words(item: Saying) -> str:
    return f"{item.words} on {{moment}}, and the act lies before it" if item.kind == "contradiction" else item.words


def events(kinds: Sequence[type[EventBase]], of: ProcessKind | None, seen: Seen | None) -> list[str]:
    """The events, with the sentence that people read, and which commands recorded them."""
    rows = (
        (
            code(type_of(event)),
            event.says,
            said_of(event),
            codes(seen.recorded_by.get(type_of(event), ())) if seen else "",
            bases().of_event(type_of(event), of),
        )
        for event in kinds
    )
    return section("Events", table(("event", "sentence", "what it means", "seen after", "basis"), rows))


def invariants(of: ProcessKind) -> list[str]:
    """The invariants that a process carries."""
    rows = ((str(item.number), item.sentence, item.judged, item.basis) for item in carried_by(of))
    return section("Invariants", table(("", "what must hold", "how it is judged", "basis"), rows))
