from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from nom.contracts.policy.loader import PolicyMalformed, all_calendars, read_packs

CALENDARS = {calendar.version: calendar for calendar in all_calendars()}
PACK = "eng-police-2026.1.yaml"
CLOCKS = "base-2026.1/clocks.yaml"
ROLES = "base-2026.1/roles.yaml"
AUTHORITY = "base-2026.1/authority.yaml"
MEASURES = "base-2026.1/measures.yaml"
TABLES = "base-2026.1/tables.yaml"

Edit = Callable[[str, str, str], None]


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    source = files("nom.contracts.policy").joinpath("packs")
    (tmp_path / "base-2026.1").mkdir()
    parts = (f"base-2026.1/{part.name}" for part in source.joinpath("base-2026.1").iterdir())
    for name in (PACK, *parts):
        (tmp_path / name).write_text(source.joinpath(name).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def edit(packs: Path) -> Edit:
    def replace(name: str, old: str, new: str) -> None:
        text = (packs / name).read_text(encoding="utf-8")
        assert old in text
        (packs / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def test_the_copy_that_these_tests_break_can_be_read(packs: Path) -> None:
    assert [pack.version for pack in read_packs(packs, CALENDARS)] == ["eng-police-2026.1"]


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "problem"),
    [
        (CLOCKS, "value: 45", "value: many", "clocks[WT6].value", "integer"),
        (CLOCKS, "value: 45, ", "", "clocks[WT6].value", "required"),
        (CLOCKS, "value: 45", "values: 45, value: 45", "clocks[WT6].values", "not permitted"),
        (CLOCKS, "value: 45", "value: 0", "clocks[WT6]", "above 0"),
        (
            CLOCKS,
            "unit: working_day, starts: referral received",
            "unit: fortnight, starts: x",
            "clocks[WT1].unit",
            "hour",
        ),
        (CLOCKS, "month_begins: day_after, ", "", "clocks[WT8]", "month_begins"),
        (CLOCKS, "confidence: published", "confidence: certain", "clocks[WT1].confidence", "published"),
        (CLOCKS, "{id: WT4-meeting", "{id: WT4", "clocks", "WT4 stands there 2 times"),
        (CLOCKS, "escalation: [social_worker", "escalation: [tea_lady", "clocks[WT6].escalation", "tea_lady"),
        (MEASURES, "tiers:", "duties:", "duties", "already"),
        (
            ROLES,
            "first_command: ScoreThreat",
            "first_command: ScoreThreats",
            "separations[ScoreThreats>Approve]",
            "ScoreThreats",
        ),
        (
            ROLES,
            "[RecordCrime, RecordN100",
            "[RecordCrime, RecordCrime, RecordN100",
            "roles[force_crime_registrar].commands",
            "RecordCrime",
        ),
        (ROLES, "role: system", "role: sistem", "roles", "system"),
        (AUTHORITY, "rank: superintendent, after: PC1", "rank: constable_in_chief, after: PC1", "ranks[", "constable"),
        (AUTHORITY, "court: true, after: PC2", "court: true, rank: inspector, after: PC2", "ranks[", "court"),
        (AUTHORITY, "after: PC2", "after: PC22", "ranks[GrantWarrant>PC3]", "PC22"),
        (
            MEASURES,
            "name: network_minimum_persons",
            "name: network_minimum",
            "threshold_rules",
            "network_minimum_persons",
        ),
        (MEASURES, "review_clock: DG3-top", "review_clock: DG9", "tiers[national].review_clock", "DG9"),
        (
            TABLES,
            "when: [20 to 39]",
            "when: [21 to 39]",
            "decision_tables[threat_band]",
            "gap: no row answers for score 20",
        ),
        (
            TABLES,
            "when: [20 to 39]",
            "when: [20 to 40]",
            "decision_tables[threat_band]",
            "overlap: rows moderate and high",
        ),
        (TABLES, "when: [20 to 39]", "when: [a few]", "decision_tables[threat_band]", "can't be read"),
        (MEASURES, "{unit: hour, hours: 1,", "{unit: hour, hours: 9,", "ladders[hour]", "within what"),
        (MEASURES, "least: 1, most: 4}", "most: 4}", "ladders[hour]", "within what"),
        (
            CLOCKS,
            "may_pause: {roles: [head_of_region",
            "may_pause: {roles: [tea_lady",
            "clocks[DG1].may_pause",
            "tea_lady",
        ),
        (CLOCKS, "force_may_vary: true, least: 4, most: 72", "least: 4, most: 72", "clocks[WT4]", "only where a force"),
        (MEASURES, "threshold_rules:", "threshold_rules: [", "whole file", "YAML"),
        (PACK, "effective_from: 2022-10-28", "effective_from: soon", "effective_from", "date"),
        (PACK, "bail_regime: standard\n", "", "bail_regime", "required"),
        (PACK, "agency: police", "agency: police\ncolour: blue", "colour", "not permitted"),
        (PACK, "calendar: england-and-wales-1", "calendar: england-and-wales-0", "calendar", "england-and-wales-0"),
        (PACK, "extends: base-2026.1", "extends: base-1999.1", "extends", "base-1999.1"),
        (PACK, "version: eng-police-2026.1", "version: eng-police-2026.2", "version", "eng-police-2026.2"),
        (PACK, "agency: police", "agency: police\nwithout: {clocks: [MR2]}", "without.clocks", "MR2"),
        (PACK, "agency: police", "agency: police\nwithout: [MR1]", "without", "mapping"),
        (PACK, "effective_to: 2026-04-28", "effective_to: 2020-01-01", "effective_to", "before"),
    ],
)
def test_a_malformed_pack_names_file_and_field(
    packs: Path, edit: Edit, name: str, old: str, new: str, field: str, problem: str
) -> None:
    edit(name, old, new)
    with pytest.raises(PolicyMalformed) as refused:
        read_packs(packs, CALENDARS)
    assert refused.value.field.startswith(field)
    assert problem in refused.value.problem
    assert name in refused.value.file


def test_a_pack_that_is_no_mapping_is_refused(packs: Path) -> None:
    (packs / PACK).write_text("- a\n- list\n", encoding="utf-8")
    with pytest.raises(PolicyMalformed, match="not a mapping"):
        read_packs(packs, CALENDARS)


def test_a_packs_own_rule_takes_the_place_of_the_bases(packs: Path, edit: Edit) -> None:
    own = "clocks:\n  - {id: TR1, title: T, value: 12, unit: hour, starts: s, basis: b, confidence: ours}\n"
    edit(PACK, "agency: police", f"agency: police\n{own}")
    (pack,) = read_packs(packs, CALENDARS)
    assert pack.clock("TR1").value == 12
    assert pack.clock("WT1").value == 1


def test_the_digest_is_of_the_resolved_content(packs: Path, edit: Edit) -> None:
    (before,) = read_packs(packs, CALENDARS)
    edit(PACK, "agency: police", "agency: police # a remark")
    (remarked,) = read_packs(packs, CALENDARS)
    edit(CLOCKS, "value: 45", "value: 44")
    (changed,) = read_packs(packs, CALENDARS)
    assert remarked.ref() == before.ref()
    assert changed.ref() != before.ref()
