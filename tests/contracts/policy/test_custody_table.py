"""The rows PC1 to PC5 of the operating model, written out by hand: every pack has each number with what it rests on.

The rows PB1 to PB5 are in `tests/workflows/model/test_bail_regime.py`, beside what they do.
"""

from typing import NamedTuple

import pytest

from nom.contracts.actors import Rank
from nom.contracts.clocks import Unit
from nom.contracts.policy.loader import all_packs
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import Confidence


class Row(NamedTuple):
    """A limit or review of detention: hours, from when, on what it rests and how sure that is."""

    rule: str
    hours: int
    starts: str
    rests_on: str
    confidence: Confidence


ROWS = (
    Row("PC1", 24, "relevant time", "s41", "published"),
    Row("PC2", 36, "relevant time", "s42", "high"),
    Row("PC3", 36, "issue of the warrant", "ss43-44", "published"),
    Row("PC3-cap", 96, "relevant time", "s44", "published"),
    Row("PC4", 6, "detention authorised", "s40", "published"),
    Row("PC4-later", 9, "review before it", "s40", "published"),
    Row("PC5", 3, "end of the detention limit in force", "Sch 4 Part 5", "published"),
)
WHO: tuple[tuple[str, str, Rank | None, str | None], ...] = (
    ("AuthoriseDetention", "PC1", Rank.SERGEANT, None),
    ("ReviewDetention", "PC4", Rank.INSPECTOR, None),
    ("ExtendDetention", "PC2", Rank.SUPERINTENDENT, "PC1"),
    ("GrantWarrant", "PC3", None, "PC2"),
)
every_pack = pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)


@every_pack
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_every_pack_has_the_table_of_detention(pack: PolicyPack, row: Row) -> None:
    clock = pack.clock(row.rule)
    assert (clock.value, clock.unit, clock.starts) == (row.hours, Unit.HOUR, row.starts)
    assert row.rests_on in clock.basis
    assert clock.confidence == row.confidence


@every_pack
@pytest.mark.parametrize(("command", "rule", "rank", "after"), WHO)
def test_every_pack_says_who_may_detain_and_after_what(
    pack: PolicyPack, command: str, rule: str, rank: Rank | None, after: str | None
) -> None:
    (step,) = pack.ranks_for(command)
    assert (step.clock, step.rank, step.court, step.after) == (rule, rank, rank is None, after)


@every_pack
def test_no_force_may_vary_a_limit_of_detention_or_a_period_of_bail(pack: PolicyPack) -> None:
    assert [rule.id for rule in pack.clocks if rule.id.startswith(("PC", "PB")) and rule.force_may_vary] == []


@every_pack
def test_nobody_lets_a_clock_of_detention_or_bail_stand_still_or_gives_it_more_time(pack: PolicyPack) -> None:
    kept = [rule for rule in pack.clocks if rule.id.startswith(("PC", "PB"))]
    assert [rule.id for rule in kept if rule.may_pause or rule.may_extend] == []
