"""What else of the packs a process's rules read: numbers, quorum, tables, schemes. Found by the names that they use."""

import ast
from collections.abc import Iterable, Iterator

from nom.console.model_book.markdown import code, codes, section, table
from nom.console.model_book.packs import side_by_side, variable_in_words
from nom.console.model_book.sources import Reached, parts
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import ClosedCaseRules, Rule


def numbers_and_tables(reached: Iterable[Reached]) -> list[str]:
    """A section on what the rules read of the packs besides clocks, roles and ranks; nothing where that is nothing."""
    names = {
        inner.attr
        for item in reached
        for inner in parts(item.node)
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Load)
    }
    body = [
        *_thresholds(names),
        *(_quorums() if "quorum" in names else ()),
        *(_tiers() if {"tier", "tiers"} & names and "review_clock" in names else ()),
        *(_schemes() if "review_scheme" in names else ()),
        *(_scoring() if "scoring" in names else ()),
        *_tables(tuple(reached)),
        *(_closed_cases() if "closed_cases" in names else ()),
    ]
    return section("Numbers and tables", body) if body else []


def _basis(rule: Rule, where: str) -> tuple[str, str, str]:
    return rule.basis, rule.confidence, where


def _thresholds(names: set[str]) -> Iterator[str]:
    rules = [(rule, where) for rule, where in side_by_side(lambda pack: pack.threshold_rules) if rule.name in names]
    if not rules:
        return
    yield from table(
        ("number", "what it is", "value", "may a force vary it", "basis", "confidence", "packs"),
        (
            (code(rule.name), rule.title, str(rule.value), variable_in_words(rule), *_basis(rule, where))
            for rule, where in rules
        ),
    )


def _quorums() -> list[str]:
    rows = (
        (
            rule.jurisdiction.value,
            rule.kind.replace("_", " "),
            ", ".join(agency.value.replace("_", " ") for agency in rule.agencies),
            "and the referrer" if rule.adds_referrer else "",
            f"{rule.chair_rank.value} or above" if rule.chair_rank else "",
            "yes" if rule.force_may_vary else "no",
            *_basis(rule, where),
        )
        for rule, where in side_by_side(lambda pack: pack.quorums)
    )
    headings = ("law", "meeting", "agencies that must sit", "also", "chair from the police", "may a force vary it")
    return section("Quorum", table((*headings, "basis", "confidence", "packs"), rows), level=3)


def _tiers() -> list[str]:
    rows = (
        (
            rule.tier,
            code(rule.review_clock),
            f"{rule.plan_review_within_days} days",
            variable_in_words(rule),
            *_basis(rule, where),
        )
        for rule, where in side_by_side(lambda pack: pack.tiers)
    )
    headings = ("tier", "review by", "a plan is reviewed within", "may a force vary it", "basis", "confidence", "packs")
    return section("Tiers", table(headings, rows), level=3)


def _schemes() -> list[str]:
    rows = (
        (rule.scheme, rule.title, f"from {rule.decided_from}" if rule.decided_from else "earlier", *_basis(rule, where))
        for rule, where in side_by_side(lambda pack: pack.review_schemes)
    )
    headings = ("scheme", "what it is", "decisions", "basis", "confidence", "packs")
    return section("Schemes of review", table(headings, rows), level=3)


def _scoring() -> list[str]:
    rows = (
        (
            rule.version,
            "; ".join(f"{item.title}: 0 to {item.maximum}, times {item.weight}" for item in rule.inputs),
            *_basis(rule, where),
        )
        for rule, where in side_by_side(lambda pack: (pack.scoring,))
    )
    return section("Scoring", table(("version", "inputs", "basis", "confidence", "packs"), rows), level=3)


def _tables(reached: tuple[Reached, ...]) -> Iterator[str]:
    asked = set(_tables_asked(reached))
    for held, where in side_by_side(lambda pack: (item for item in pack.decision_tables if item.name in asked)):
        rows = ((code(row.id), *map(str, row.when), row.then) for row in held.rows)
        said = f"{held.title}. Version {held.version}; packs: {where}. Basis: {held.basis} ({held.confidence})."
        headings = ("row", *(column.title for column in held.inputs), "then")
        yield from section(f"Table {code(held.name)}", [said, ""], table(headings, rows), level=3)


def _tables_asked(reached: tuple[Reached, ...]) -> Iterator[str]:
    for item in reached:
        for inner in parts(item.node):
            match inner:
                case ast.Call(func=ast.Attribute(attr="table"), args=[ast.Constant(value=str(name))]):
                    yield name
                case ast.AST():
                    pass


def _closed_cases() -> list[str]:
    rows = (
        (f"{rule.first_day} to {rule.last_day}", codes((*rule.rape_sections, *rule.rape_codes)), *_basis(rule, where))
        for rule, where in side_by_side(_window)
    )
    headings = ("decisions of", "reviewed first", "basis", "confidence", "packs")
    return section("Which closed cases", table(headings, rows), level=3)


def _window(pack: PolicyPack) -> Iterable[ClosedCaseRules]:
    return (pack.closed_cases,)
