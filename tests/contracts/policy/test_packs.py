from datetime import date

import pytest
from pydantic import ValidationError

from nom.contracts.actors import Agency, Rank
from nom.contracts.clocks import Unit
from nom.contracts.envelope import PolicyRef
from nom.contracts.every_process import Jurisdiction
from nom.contracts.policy import loader
from nom.contracts.policy.loader import PolicyNotFound, all_packs, calendar_of, pack_by_ref, pack_for
from nom.contracts.policy.pack import PolicyPack, UnknownRule
from nom.contracts.policy.rules import Rule

# A published pack is never edited: cases are pinned to its digest. A change of rules is a new pack beside it.
PUBLISHED = {
    "eng-police-2026.1": "c0d8a7a940758f2b4beb64c4a0d92a5d96e2c9fc26eb0c15c5e19b43ae9c3c0e",
    "eng-police-2026.2": "d44254d22802dba28c91a0a62d650f3aa438c33ac9f851d84b200fca8d1804b1",
    "eng-police-2026.3": "0273354293067758ebee5ea35f59e28937e51d0fe10f9e729ade85cf69a82b43",
    "nca-2026.1": "785c4d8a7d91da7a66fbebb22c3eb6dcdf651be334fe3456a547b258601bb5b3",
    "nca-2026.2": "105c8c33dbac8c1a673ea3ab02c765161a2ecfe75cc72a94ef60689a015a6ec0",
    "nca-2026.3": "8e38472a8646a03621405691b411f9eeb34a9d6a20193188f5b941a77b26779d",
    "wal-police-2026.1": "47b87fb21a4da07c3901ecc4a755350f0fc707bece69b097c15f99f77822e785",
    "wal-police-2026.2": "a52d823bd0c81a67f65f404ad39fb5fd7351a87179dd6adfc00c553aebab9a35",
    "wal-police-2026.3": "f89ec7cbcc27e690d27991d50286f027267025eb66ca0b2623c460b4f5c7b638",
}

# id: value, unit, month begins, ends with its day, indicator
CLOCKS = {
    "WT1": (1, Unit.WORKING_DAY),
    "WT4": (24, Unit.HOUR),
    "WT4-meeting": (72, Unit.HOUR),
    "WT5": (1, Unit.WORKING_DAY),
    "WT7": (15, Unit.WORKING_DAY),
    "WT8": (3, Unit.MONTH),
    "WT8-later": (6, Unit.MONTH),
    "WT9": (10, Unit.WORKING_DAY),
    "LA1": (1, Unit.WORKING_DAY),
    "CR1": (24, Unit.HOUR),
    "TF1": (2, Unit.WORKING_DAY),
    "TR1": (24, Unit.HOUR),
    "NR2": (5, Unit.WORKING_DAY),
    "NR3": (30, Unit.CALENDAR_DAY),
    "PC1": (24, Unit.HOUR),
    "PC2": (36, Unit.HOUR),
    "PC3": (36, Unit.HOUR),
    "PC3-cap": (96, Unit.HOUR),
    "PC4": (6, Unit.HOUR),
    "PC4-later": (9, Unit.HOUR),
    "PC5": (3, Unit.HOUR),
    "PB1": (3, Unit.MONTH),
    "PB2-inspector": (6, Unit.MONTH),
    "PB2-superintendent": (9, Unit.MONTH),
    "PB3": (12, Unit.MONTH),
    "PB4": (6, Unit.MONTH),
    "PB4-senior": (12, Unit.MONTH),
    "PB5": (12, Unit.MONTH),
    "PB5-long": (18, Unit.MONTH),
    "PB5-exceptional": (18, Unit.MONTH),
    "PB5-exceptionallong": (24, Unit.MONTH),
    "CH1": (28, Unit.CALENDAR_DAY),
    "CH1-middle": (21, Unit.CALENDAR_DAY),
    "CH1-short": (5, Unit.CALENDAR_DAY),
    "CH2": (0, Unit.GIVEN),
    "VC1": (5, Unit.WORKING_DAY),
    "VC1-enhanced": (1, Unit.WORKING_DAY),
    "VC3": (5, Unit.WORKING_DAY),
    "VC3-enhanced": (1, Unit.WORKING_DAY),
    "VC4": (2, Unit.WORKING_DAY),
    "VR1": (3, Unit.MONTH),
    "VR1-acknowledge": (10, Unit.WORKING_DAY),
    "VR1-complete": (30, Unit.WORKING_DAY),
    "VR2": (10, Unit.WORKING_DAY),
    "VR2-limit": (3, Unit.MONTH),
    "VR3": (10, Unit.WORKING_DAY),
    "VR3-independent": (30, Unit.WORKING_DAY),
    "SR1": (28, Unit.CALENDAR_DAY),
    "DG1": (5, Unit.WORKING_DAY),
    "DG2": (10, Unit.WORKING_DAY),
    "DG3": (90, Unit.CALENDAR_DAY),
    "DG3-top": (28, Unit.CALENDAR_DAY),
    "DG4": (1, Unit.WORKING_DAY),
    "DG5": (5, Unit.WORKING_DAY),
    "TX1": (1, Unit.WORKING_DAY),
    "WT2": (0, Unit.GIVEN),
    "SM1": (0, Unit.GIVEN),
    "SM2": (0, Unit.GIVEN),
    "PL1": (0, Unit.GIVEN),
}

FROM_DECEMBER = date(2026, 12, 1)
ENGLAND = pack_for(Jurisdiction.ENGLAND, Agency.POLICE, date(2026, 3, 2))
WALES = pack_for(Jurisdiction.WALES, Agency.POLICE, date(2026, 3, 2))
NCA = pack_for(Jurisdiction.WALES, Agency.NCA, date(2026, 3, 2))
every_pack = pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)


def rules_of(pack: PolicyPack) -> list[Rule]:
    tables = (pack.clocks, pack.duties, pack.roles, pack.separations, pack.quorums, pack.ranks)
    return [
        *(rule for table in tables for rule in table),
        *pack.threshold_rules,
        *pack.tiers,
        *pack.ladders,
        *pack.decision_tables,
        pack.scoring,
        pack.lexicon,
    ]


def test_a_published_pack_is_never_edited() -> None:
    assert {pack.version: pack.ref().digest for pack in all_packs()} == PUBLISHED


@every_pack
def test_every_rule_says_on_what_it_rests(pack: PolicyPack) -> None:
    for rule in rules_of(pack):
        assert rule.basis
        assert rule.confidence in ("published", "high", "medium", "low", "ours")
        assert rule.basis.startswith("ours") <= (rule.confidence == "ours")


@every_pack
def test_a_pack_says_that_it_is_a_reference_interpretation(pack: PolicyPack) -> None:
    assert "reference interpretation" in pack.statement


@every_pack
def test_the_clocks_are_those_of_the_operating_model(pack: PolicyPack) -> None:
    in_this_pack = CLOCKS | {"WT6": (42 if pack.version.startswith("wal-") else 45, Unit.WORKING_DAY)}
    if not pack.version.startswith("wal-"):
        in_this_pack["MR1"] = (7, Unit.CALENDAR_DAY)
    if pack.effective_from >= FROM_DECEMBER:
        in_this_pack["CH3"] = (0, Unit.GIVEN)
    assert {rule.id: (rule.value, rule.unit) for rule in pack.clocks} == in_this_pack


@every_pack
def test_every_month_rule_begins_with_the_day_after(pack: PolicyPack) -> None:
    assert {rule.month_begins for rule in pack.clocks if rule.unit is Unit.MONTH} == {"day_after"}


@every_pack
def test_given_dates_that_end_with_their_day_are_known(pack: PolicyPack) -> None:
    given = {rule.id: rule.ends_with_day for rule in pack.clocks if rule.unit is Unit.GIVEN}
    since_december = {"CH3": True} if pack.effective_from >= FROM_DECEMBER else {}
    assert given == {"CH2": True, "SM1": False, "SM2": True, "PL1": True, "WT2": True, **since_december}


@every_pack
def test_indicators_are_never_breaches(pack: PolicyPack) -> None:
    measured = {rule.name for rule in pack.clocks if rule.indicator}
    assert measured == {"CH1", "NR2", "NR3", "VR1", "VR2", "VR3"}
    of_the_police = {rule.id for rule in pack.clocks if rule.indicator and rule.name == "VR1"}
    assert of_the_police == {"VR1"}, "only a victim's own time to ask is nobody's breach"


@every_pack
def test_every_clock_that_can_be_breached_has_somebody_to_tell(pack: PolicyPack) -> None:
    silent = {rule.id for rule in pack.clocks if not rule.indicator and not rule.escalation}
    assert silent == set()


def test_quorum_is_of_the_jurisdiction() -> None:
    england = NCA.quorum(Jurisdiction.ENGLAND, "meeting").agencies
    wales = NCA.quorum(Jurisdiction.WALES, "meeting").agencies
    assert set(england) == {Agency.LOCAL_AUTHORITY, Agency.POLICE, Agency.HEALTH}
    assert set(wales) == {Agency.POLICE, Agency.SOCIAL_SERVICES}
    assert NCA.quorum(Jurisdiction.WALES, "complex_abuse_meeting").adds_referrer


def test_bail_is_extended_by_rank_period_and_regime() -> None:
    steps = {
        regime: [(rule.clock, rule.rank) for rule in ENGLAND.ranks_for("ExtendBail", regime)]
        for regime in ("standard", "designated", "nca")
    }
    assert steps["standard"] == [
        ("PB2-inspector", Rank.INSPECTOR),
        ("PB2-superintendent", Rank.SUPERINTENDENT),
        ("PB5", None),
        ("PB5-exceptional", None),
    ]
    assert steps["designated"][2:4] == [("PB3", Rank.ASSISTANT_CHIEF_CONSTABLE), ("PB5-long", None)]
    assert steps["nca"] == [("PB4-senior", Rank.SUPERINTENDENT), ("PB5-long", None), ("PB5-exceptionallong", None)]


@every_pack
def test_every_step_of_authority_follows_the_one_before_it(pack: PolicyPack) -> None:
    for regime in ("standard", "designated", "nca"):
        steps = (*pack.ranks_for("Bail", regime), *pack.ranks_for("ExtendBail", regime))
        assert [step.after for step in steps] == [None, *(step.clock for step in steps[:-1])]
        periods = [pack.clock(step.clock).value for step in steps]
        assert periods == sorted(periods)


def test_detention_is_extended_by_a_superintendent_and_then_by_the_court() -> None:
    assert [rule.rank for rule in ENGLAND.ranks_for("ExtendDetention")] == [Rank.SUPERINTENDENT]
    assert [rule.court for rule in ENGLAND.ranks_for("GrantWarrant")] == [True]
    assert [rule.rank for rule in ENGLAND.ranks_for("ReviewDetention", "nca")] == [Rank.INSPECTOR]


def test_thresholds_are_read_by_name() -> None:
    assert ENGLAND.thresholds.network_minimum_persons == 2
    assert ENGLAND.thresholds.group_minimum_members == 3
    assert ENGLAND.thresholds.eligible_offence_minimum_years == 7
    assert ENGLAND.thresholds.enhanced_rights_under_age == 18
    assert ENGLAND.thresholds.command_tolerance_seconds == 120


def test_the_top_tier_is_reviewed_more_often() -> None:
    days = {tier: ENGLAND.clock(ENGLAND.tier(tier).review_clock).value for tier in ("force", "region", "national")}
    assert days == {"force": 90, "region": 90, "national": 28}


def test_a_score_falls_into_the_highest_band_that_it_reaches() -> None:
    bands = [ENGLAND.table("threat_band").decide({"score": score}).then for score in (0, 19, 20, 39, 40, 60, 75)]
    assert bands == ["low", "low", "moderate", "moderate", "high", "critical", "critical"]
    assert sum(entry.maximum * entry.weight for entry in ENGLAND.scoring.inputs) == 75
    assert ENGLAND.scoring.version == "ours-1"


def test_the_bail_regime_is_that_of_the_agency() -> None:
    assert [pack.bail_regime for pack in (ENGLAND, WALES, NCA)] == ["standard", "standard", "nca"]


def test_a_rule_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownRule, match=r"eng-police-2026\.1 has no clock rule 'XX9'"):
        ENGLAND.clock("XX9")
    with pytest.raises(UnknownRule, match="role"):
        ENGLAND.role("passer_by")
    with pytest.raises(UnknownRule, match="duty"):
        ENGLAND.duty("WT3")
    with pytest.raises(UnknownRule, match="clock rule 'MR1'"):
        WALES.clock("MR1")


def test_a_duty_without_a_number_is_no_clock() -> None:
    assert {duty.id for duty in ENGLAND.duties} == {"WT2", "CR2", "NR1"}
    assert WALES.duty("WT3").confidence == "published"


def test_the_pack_in_force_on_the_day_is_found() -> None:
    assert ENGLAND.version == "eng-police-2026.1"
    assert pack_for("ENG", "nca", date(2026, 3, 2)) is NCA
    with pytest.raises(PolicyNotFound, match="police in ENG on 2022-10-27"):
        pack_for("ENG", "police", date(2022, 10, 27))
    with pytest.raises(PolicyNotFound, match="SCO"):
        pack_for("SCO", "police", date(2026, 3, 2))


def test_of_two_packs_in_force_the_later_one_counts_and_an_ended_one_ends_with_its_last_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = ENGLAND.model_copy(update={"version": "a", "effective_to": date(2026, 3, 31)})
    amended = ENGLAND.model_copy(update={"version": "b", "effective_from": date(2026, 3, 1)})
    corrected = amended.model_copy(update={"version": "c", "effective_to": date(2026, 3, 10)})
    monkeypatch.setattr(loader, "all_packs", lambda: (ended, amended, corrected))
    found = {day: pack_for("ENG", "police", date(2026, day // 100, day % 100)).version for day in (228, 301, 310, 311)}
    assert found == {228: "a", 301: "c", 310: "c", 311: "b"}
    monkeypatch.setattr(loader, "all_packs", lambda: (ended,))
    assert pack_for("ENG", "police", date(2026, 3, 31)) is ended
    with pytest.raises(PolicyNotFound):
        pack_for("ENG", "police", date(2026, 4, 1))


def test_a_pack_is_found_by_version_and_content_together() -> None:
    assert pack_by_ref(ENGLAND.ref()) is ENGLAND
    with pytest.raises(PolicyNotFound, match=ENGLAND.ref().digest):
        pack_by_ref(PolicyRef(version=ENGLAND.version, digest="0" * 64))
    with pytest.raises(PolicyNotFound, match="no pack of that version"):
        pack_by_ref(PolicyRef(version="eng-police-1999.1", digest="0" * 64))


@every_pack
def test_a_pack_pins_its_calendar_by_content(pack: PolicyPack) -> None:
    assert calendar_of(pack).ref == pack.calendar


def test_a_changed_copy_of_a_pack_is_pinned_anew_and_checked() -> None:
    assert ENGLAND.clock("TR1").value == 24
    slower = ENGLAND.clock("TR1").model_copy(update={"value": 48})
    others = tuple(rule for rule in ENGLAND.clocks if rule.id != "TR1")
    varied = ENGLAND.model_copy(update={"clocks": (*others, slower)})
    assert varied.clock("TR1").value == 48
    assert varied.ref() != ENGLAND.ref()
    with pytest.raises(ValidationError, match="stands there 2 times"):
        ENGLAND.model_copy(update={"clocks": (*ENGLAND.clocks, slower)})


@every_pack
def test_a_pack_survives_being_written_down(pack: PolicyPack) -> None:
    again = PolicyPack.model_validate_json(pack.canonical())
    assert again == pack
    assert again.ref() == pack.ref()
