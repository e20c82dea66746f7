"""A force's overlay: what it may vary and within what; everything else is refused by name."""

from datetime import date
from pathlib import Path

import pytest

from nom.contracts.actors import Rank
from nom.contracts.policy import loader
from nom.contracts.policy.differences import differences
from nom.contracts.policy.loader import (
    PolicyNotFound,
    all_packs,
    overlaid,
    pack_by_ref,
    pack_for,
    pack_for_matter,
    pack_of_version,
    use_overlays,
)
from nom.contracts.policy.overlay import NUMBERS, OverlayRefused, read_overlay
from nom.contracts.policy.pack import PolicyPack

BASE = pack_of_version("eng-police-2026.1")
HEAD = "overlay: gmp-2026.1\nforce: GMP\npack: eng-police-2026.1\nbasis: Local standard\n"
GOOD = HEAD + (
    "clocks:\n  TR1: {value: 12}\n  SR1: {value: 14}\n"
    "threshold_rules:\n  archive_after_months_without_intelligence: {value: 24}\n"
    "tiers:\n  national: {plan_review_within_days: 14}\n"
    "ladders:\n  hour: {hours: 2}\n"
    "quorums:\n  ENG complex_abuse_meeting: {chair_rank: chief_inspector}\n"
    "lexicon: {add: [{code: of-the-test, forms: [a term of the test], why: it blames, instead: another}]}\n"
)


@pytest.fixture(autouse=True)
def no_overlay_is_left_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_overlays_in_use", [])


def made(tmp_path: Path, text: str) -> PolicyPack:
    file = tmp_path / "overlay.yaml"
    file.write_text(text, encoding="utf-8")
    return overlaid(read_overlay(file))


def problems(tmp_path: Path, section: str) -> tuple[str, ...]:
    with pytest.raises(OverlayRefused) as refused:
        made(tmp_path, HEAD + section)
    return refused.value.problems


def test_an_overlay_makes_a_pack_of_its_own_that_names_what_it_varies(tmp_path: Path) -> None:
    pack = made(tmp_path, GOOD)
    assert (pack.version, pack.force, pack.overlay_of) == ("gmp-2026.1", "GMP", BASE.ref())
    assert pack.ref().digest != BASE.ref().digest
    assert (pack.clock("TR1").value, pack.clock("SR1").value) == (12, 14)
    assert pack.thresholds.archive_after_months_without_intelligence == 24
    assert pack.tier("national").plan_review_within_days == 14
    assert pack.ladder("CR1").hours == 2
    assert pack.quorum(BASE.jurisdictions[0], "complex_abuse_meeting").chair_rank is Rank.CHIEF_INSPECTOR
    assert [term.code for term in pack.lexicon.terms] == [*(term.code for term in BASE.lexicon.terms), "of-the-test"]
    assert pack.lexicon.found_in("A term of the\ntest.") == ("of-the-test",)
    assert (pack.lexicon.version, pack.quorum_version) == ("ours-2.gmp-2026.1", "ours-1.gmp-2026.1")
    assert pack.clock("TR1").basis.startswith("GMP: Local standard (in place of: ours")


def test_an_overlay_changes_nothing_but_what_it_names(tmp_path: Path) -> None:
    pack = made(tmp_path, HEAD + "clocks: {TR1: {value: 12}}\n")
    changed = {line.split(":")[0] for line in differences(BASE, pack)}
    assert changed == {"version", "force", "overlay_of", "clocks[TR1].value", "clocks[TR1].basis"}


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ("clocks: {WT1: {value: 2}}", "clocks[WT1].value: a force may not vary it (Working Together"),
        ("clocks: {PC1: {value: 25}}", "clocks[PC1].value: a force may not vary it (Police and Criminal Evidence"),
        ("clocks: {TR1: {value: 73}}", "clocks[TR1].value: 73 lies outside 4 to 72"),
        ("clocks: {TR1: {value: 3}}", "clocks[TR1].value: 3 lies outside 4 to 72"),
        ("clocks: {TR1: {value: soon}}", "clocks[TR1].value: must be a whole number"),
        ("clocks: {TR1: {value: true}}", "clocks[TR1].value: must be a whole number"),
        ("clocks: {TR1: {unit: month}}", "clocks[TR1].unit: only value may vary"),
        ("clocks: {TR9: {value: 5}}", "clocks[TR9].value: the pack has no such rule"),
        (
            "threshold_rules: {group_minimum_members: {value: 2}}",
            "threshold_rules[group_minimum_members].value: a force may not vary it (Serious Crime Act",
        ),
        ("roles: {system: {commands: [Approve]}}", "roles[].system: a force may not vary roles"),
        ("separations: []", "separations[].: a force may not vary separations"),
        ("scoring: {version: ours-2}", "scoring[].version: a force may not vary scoring"),
        ("decision_tables: {threat_band: {}}", "decision_tables[].threat_band: a force may not vary decision_tables"),
        ("quorums: {ENG meeting: {agencies: [police]}}", "quorums[ENG meeting].agencies: a force may not vary it"),
        (
            "quorums: {ENG complex_abuse_meeting: {agencies: [police]}}",
            "quorums[ENG complex_abuse_meeting].agencies: a force may only ask for more",
        ),
        (
            "quorums: {ENG complex_abuse_meeting: {chair_rank: sergeant}}",
            "quorums[ENG complex_abuse_meeting].chair_rank: a force may only ask for more",
        ),
        (
            "quorums: {ENG complex_abuse_meeting: {adds_referrer: false}}",
            "quorums[ENG complex_abuse_meeting].adds_referrer: a force may only ask for more",
        ),
        ("lexicon: {terms: []}", "lexicon.terms: a force may only add terms"),
    ],
)
def test_what_a_force_may_not_vary_is_refused_by_name(tmp_path: Path, section: str, problem: str) -> None:
    (found,) = problems(tmp_path, section + "\n")
    assert found.startswith(problem)


def test_every_problem_is_named_not_only_the_first(tmp_path: Path) -> None:
    found = problems(tmp_path, "clocks: {WT1: {value: 2}, TR1: {value: 99}}\nlexicon: {terms: []}\n")
    assert [line.split(":")[0] for line in found] == ["clocks[WT1].value", "clocks[TR1].value", "lexicon.terms"]


@pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)
def test_every_number_that_may_vary_says_within_what_and_no_other_does(pack: PolicyPack) -> None:
    for section in NUMBERS:
        for rule in getattr(pack, section):
            limits = (rule.least, rule.most)
            assert (None not in limits) is rule.force_may_vary
            if rule.force_may_vary:
                assert rule.least <= rule.number <= rule.most


def test_law_and_published_guidance_that_binds_everybody_may_not_be_varied() -> None:
    varied = {rule.id for rule in BASE.clocks if rule.force_may_vary}
    assert not varied & {"WT1", "CR1", "PC1", "PC2", "PC3", "PC4", "PB1", "VC1", "VC1-enhanced", "MR1"}
    assert {"TR1", "SR1", "DG1", "DG2"} <= varied


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a list\n", "is not a mapping"),
        ("overlay: [\n", "is not YAML"),
        ("overlay: gmp-1\nforce: Manchester\npack: eng-police-2026.1\nbasis: b\n", "force"),
        ("overlay: gmp-1\nforce: GMP\npack: eng-police-2026.1\n", "basis"),
    ],
)
def test_an_overlay_that_can_not_be_read_says_why(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(OverlayRefused, match=problem):
        made(tmp_path, text)


def test_an_overlay_of_no_published_pack_or_calendar_or_under_a_published_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyNotFound, match="eng-police-1999"):
        made(tmp_path, HEAD.replace("eng-police-2026.1", "eng-police-1999.1"))
    with pytest.raises(PolicyNotFound, match="england-and-wales-9"):
        made(tmp_path, HEAD + "calendar: england-and-wales-9\n")
    with pytest.raises(OverlayRefused, match="a published pack has that version"):
        made(tmp_path, HEAD.replace("gmp-2026.1", "eng-police-2026.2"))


def test_a_force_with_an_overlay_opens_its_matters_under_it_and_no_other_force_does(tmp_path: Path) -> None:
    (tmp_path / "gmp.yaml").write_text(GOOD, encoding="utf-8")
    (pack,) = use_overlays(tmp_path)
    day = date(2026, 3, 2)
    assert pack_for("ENG", "police", day, "GMP") is pack
    assert pack_for("ENG", "police", day, "WYP") is BASE
    assert pack_for("ENG", "police", day) is BASE
    assert pack_for("ENG", "police", date(2026, 4, 29), "GMP").version == "eng-police-2026.2"
    assert pack_by_ref(pack.ref()) is pack
    assert use_overlays(tmp_path / "nowhere") == ()
    with pytest.raises(PolicyNotFound):
        pack_by_ref(pack.ref())


def test_a_matter_older_than_every_pack_gets_the_oldest() -> None:
    assert pack_for_matter("ENG", "police", date(2011, 1, 1)) is BASE
    assert pack_for_matter("ENG", "police", date(2026, 4, 28)) is BASE
    assert pack_for_matter("ENG", "police", date(2026, 4, 29)).version == "eng-police-2026.2"
    with pytest.raises(PolicyNotFound, match="holds 2010-01-01"):
        pack_for_matter("ENG", "police", date(2009, 12, 31))
    with pytest.raises(PolicyNotFound, match="SCO"):
        pack_for_matter("SCO", "police", date(2011, 1, 1))
