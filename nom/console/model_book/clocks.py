"""Which clock rules of the packs a process uses: those that its rules name, its ranks lead to, or that were seen."""

import ast
from collections.abc import Iterable, Iterator

from nom.console.model_book.packs import packs, rule_ids
from nom.console.model_book.sources import Reached, parts

_ENHANCED = "-enhanced"


def rules_used(reached: Iterable[Reached], commands: Iterable[str], seen: Iterable[str]) -> tuple[str, ...]:
    """The ids of the clock rules, in order. `commands` are the process's own, `seen` the rules of clocks that a worked
    matter started.
    """
    definitions, own = tuple(reached), set(commands)
    known = rule_ids()
    named = {text for item in definitions for text in _strings(item.node) if text in known}
    if any(text.endswith(_ENHANCED) for item in definitions for text in _strings(item.node)):
        named |= {f"{rule}{_ENHANCED}" for rule in named} & known
    by_rank = {step.clock for pack in packs() for step in pack.ranks if step.command in own}
    by_tier = {tier.review_clock for pack in packs() for tier in pack.tiers} if _asks_tier(definitions) else set[str]()
    return tuple(sorted(named | by_rank | by_tier | (set(seen) & known)))


def _strings(node: ast.AST) -> Iterator[str]:
    return (inner.value for inner in parts(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str))


def _asks_tier(definitions: tuple[Reached, ...]) -> bool:
    return any(
        isinstance(inner, ast.Attribute) and inner.attr == "review_clock"
        for item in definitions
        for inner in parts(item.node)
    )
