"""What differs between packs, in words: the packs before and from 29 April 2026."""

from datetime import date

import pytest

from nom.contracts.policy.differences import differences
from nom.contracts.policy.loader import all_packs, pack_for, pack_of_version
from nom.contracts.policy.pack import PolicyPack

ENGLAND, LATER = pack_of_version("eng-police-2026.1"), pack_of_version("eng-police-2026.2")


@pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)
def test_a_pack_does_not_differ_from_itself(pack: PolicyPack) -> None:
    assert differences(pack, pack) == ()


@pytest.mark.parametrize(("law", "agency"), [("ENG", "police"), ("WAL", "police"), ("ENG", "nca"), ("WAL", "nca")])
def test_one_pack_ends_on_the_day_before_the_next_begins(law: str, agency: str) -> None:
    before, after = (pack_for(law, agency, day) for day in (date(2026, 4, 28), date(2026, 4, 29)))
    assert before.version.endswith("2026.1")
    assert after.version.endswith("2026.2")
    assert (before.effective_to, after.effective_from) == (date(2026, 4, 28), date(2026, 4, 29))


def test_what_changes_with_the_acts_of_2026_is_small_and_marked_as_unsure() -> None:
    found = differences(ENGLAND, LATER)
    rules = {line.split(".")[0].split(":")[0] for line in found} - {"version", "effective_from", "effective_to"}
    assert rules == {"clocks[MR1]", "clocks[VC1]", "clocks[VC1-enhanced]", "duties[IS1]", "duties[IS2]"}
    assert (LATER.clock("MR1").confidence, LATER.duty("IS1").confidence) == ("low", "low")
    assert "unverified" in LATER.clock("MR1").basis
    assert not any(".value" in line for line in found)


@pytest.mark.parametrize("name", ["eng-police", "wal-police", "nca"])
def test_what_changes_in_december_is_the_same_for_everybody(name: str) -> None:
    before, after = pack_of_version(f"{name}-2026.2"), pack_of_version(f"{name}-2026.3")
    found = {line.split(":")[0].split(".basis")[0] for line in differences(before, after)}
    assert found == {
        "version",
        "effective_from",
        "clocks[CH3]",
        "roles[triage_sergeant]",
        "roles[triage_sergeant].commands",
        "roles[meeting_chair]",
        "roles[meeting_chair].agencies",
        "roles[court_officer]",
    }
    roles = {role: (before.role(role), after.role(role)) for role in ("triage_sergeant", "meeting_chair")}
    assert {role: set(now.commands) - set(then.commands) for role, (then, now) in roles.items()} == {
        "triage_sergeant": {"NotifyVictim"},
        "meeting_chair": set(),
    }
    assert all(set(then.commands) <= set(now.commands) for then, now in roles.values())


@pytest.mark.parametrize(("law", "agency"), [("ENG", "police"), ("WAL", "police"), ("ENG", "nca"), ("WAL", "nca")])
def test_the_packs_of_december_take_over_on_the_first(law: str, agency: str) -> None:
    before, after = (pack_for(law, agency, day) for day in (date(2026, 11, 30), date(2026, 12, 1)))
    assert (before.version[-6:], after.version[-6:]) == ("2026.2", "2026.3")


def test_wales_has_no_duty_to_report_before_or_after() -> None:
    for version in ("wal-police-2026.1", "wal-police-2026.2", "wal-police-2026.3"):
        assert "MR1" not in {rule.id for rule in pack_of_version(version).clocks}


def test_a_changed_a_new_and_a_gone_rule_are_each_told_from_what_to_what() -> None:
    found = differences(ENGLAND, pack_of_version("wal-police-2026.1"))
    assert "clocks[WT6].value: 45 becomes 42" in found
    assert any(line.startswith("clocks[MR1]: gone (Report under the mandatory duty") for line in found)
    assert any(line.startswith("duties[WT3]: new (") for line in found)
    assert "jurisdictions: ENG becomes WAL" in found


def test_a_role_that_gains_and_loses_a_command_says_which() -> None:
    role = ENGLAND.role("duty_officer")
    commands = (*(name for name in role.commands if name != "Route"), "AssignTier")
    roles = tuple(role.model_copy(update={"commands": commands}) if r is role else r for r in ENGLAND.roles)
    (line,) = differences(ENGLAND, ENGLAND.model_copy(update={"roles": roles}))
    assert line == "roles[duty_officer].commands: adds AssignTier and drops Route"
