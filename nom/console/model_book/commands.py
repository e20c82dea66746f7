"""Who may give which command of a process, and what else that takes: a reason, a second person, a rank."""

from collections.abc import Iterable, Sequence

from nom.console.catalogue import commands_of
from nom.console.model_book.contracts_of import members, said_of, type_of
from nom.console.model_book.markdown import NONE, code, codes, table
from nom.console.model_book.packs import packs, role_in_words, side_by_side, where_of
from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.events import CommandBase
from nom.contracts.every_process import CommonCommand
from nom.contracts.ids import ProcessKind
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import RankRule, Separation

COMMON: tuple[str, ...] = tuple(type_of(command) for command in members(CommonCommand))
"""The commands that every process has."""


def own_commands(kind: ProcessKind) -> tuple[type[CommandBase], ...]:
    """The commands of a process that not every process has."""
    return tuple(command for name, command in commands_of(kind).items() if name not in COMMON)


def who_may(commands: Sequence[type[CommandBase]]) -> list[str]:
    """A table of commands: what each does, who may give it, and what must come along."""
    pairs = side_by_side(lambda pack: pack.separations)
    rows = (
        (
            code(type_of(command)),
            said_of(command),
            _roles(type_of(command)),
            "yes" if command.decides else "no",
            _second_person(type_of(command), pairs),
            "opens" if command.opens else "",
        )
        for command in commands
    )
    return table(("command", "what it does", "roles", "reason", "not by whoever gave", ""), rows)


def _roles(name: str) -> str:
    """The roles in each pack, said once where they are the same in all."""
    readings: dict[tuple[str, ...], list[PolicyPack]] = {}
    for pack in packs():
        readings.setdefault(pack.roles_for(name), []).append(pack)
    if len(readings) == 1:
        return _role_words(next(iter(readings)))
    return "; ".join(f"{where_of(held)}: {_role_words(roles)}" for roles, held in readings.items())


def _role_words(roles: tuple[str, ...]) -> str:
    if roles == (SYSTEM_ROLE,):
        return "the process itself"
    return ", ".join("the process itself" if role == SYSTEM_ROLE else role_in_words(role) for role in roles) or NONE


def _second_person(name: str, pairs: Iterable[tuple[Separation, str]]) -> str:
    return "; ".join(
        f"{code(rule.first_command)}{'' if where == 'all' else f' ({where})'}"
        for rule, where in pairs
        if rule.then_command == name
    )


def separations(commands: Iterable[type[CommandBase]]) -> list[str]:
    """Why two people are needed, pair by pair."""
    own = {type_of(command) for command in commands}
    rows = (
        (code(rule.first_command), code(rule.then_command), rule.because, rule.basis, rule.confidence, where)
        for rule, where in side_by_side(lambda pack: pack.separations)
        if rule.then_command in own
    )
    return table(("whoever gave", "may not give", "because", "basis", "confidence", "packs"), rows)


def ranks(commands: Iterable[type[CommandBase]]) -> list[str]:
    """Who may authorise how much, step by step. Nothing where no rank is asked for."""
    own = {type_of(command) for command in commands}
    found = [(rule, where) for rule, where in side_by_side(lambda pack: pack.ranks) if rule.command in own]
    rows = (
        (
            code(rule.command),
            rule.title,
            _rank(rule),
            (rule.regime or "every").replace("nca", "NCA"),
            code(rule.clock),
            code(rule.after) if rule.after else "",
            "; ".join(rule.conditions),
            rule.basis,
            rule.confidence,
            where,
        )
        for rule, where in found
    )
    headings = (
        "command",
        "step",
        "least rank",
        "regime",
        "up to",
        "after",
        "conditions",
        "basis",
        "confidence",
        "packs",
    )
    return table(headings, rows) if found else []


def _rank(rule: RankRule) -> str:
    return "the court" if rule.rank is None else rule.rank.value.replace("_", " ")


def unseen_in_words(names: Iterable[str]) -> str:
    """Commands that no worked matter reached, in a sentence; nothing where every one was."""
    missing = tuple(sorted(names))
    return f"Not reached by any worked matter: {codes(missing)}." if missing else ""
