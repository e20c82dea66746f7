from datetime import date

import pytest
from pydantic import ValidationError

from nom.contracts.actors import Agency, Rank
from nom.contracts.clocks import Unit
from nom.contracts.common import Jurisdiction
from nom.contracts.envelope import PolicyRef
from nom.contracts.policy.loader import PolicyNotFound, all_packs, calendar_of, pack_by_ref, pack_for
from nom.contracts.policy.pack import PolicyPack, UnknownRule
from nom.contracts.policy.rules import Rule

# A published pack is never edited: cases are pinned to its digest. A change of rules is a new pack beside it.
PUBLISHED = {
    "eng-police-2026.1": "cd85f9b402be233becec74382871db614232afdd0047c65153683caa2d07d91f",
    "nca-2026.1": "bda6fbc75b92846672d85962ef0e2a8fee7ba2773445abaa09d55f11178278d3",
    "wal-police-2026.1": "79a53b3ed87ee93c715e1121e275831cf1ff837dbd0a71feab10cf3c01f83c89",
}

ROLES = {
    "education_safeguarding_lead",
    "health_professional",
    "member_of_public",
    "survivor",
    "mandated_reporter",
    "duty_officer",
    "force_crime_registrar",
    "triage_sergeant",
    "social_worker",
    "meeting_chair",
    "conference_chair",
    "agency_representative",
    "regional_analyst",
    "head_of_region",
    "lead_responsible_officer",
    "detective_superintendent",
    "senior_investigating_officer",
    "investigating_officer",
    "specialist_interviewer",
    "arresting_officer",
    "custody_officer",
    "custody_reviewing_officer",
    "supervising_officer",
    "cps_lawyer",
    "nca_coordinator",
    "case_administrator",
    "system",
}

COMMANDS_BY_PROCESS = {
    "every process": "CorrectRecord PauseClock ResumeClock ExtendClock RecordNote MarkUpToDate",
    "case": "LinkReferral LinkSubject RequestTransfer AcceptTransfer RefuseTransfer PlaceLegalHold LiftLegalHold "
    "Reopen OpenStage",
    "referral": "ReceiveReferral Acknowledge LinkIdentity RecordConsistentIdentifier RecordCrime RecordN100 Route",
    "triage": "AssessThrive ScoreExploitationRisk RecordNetworkLink RecordNetworkTest TakeImmediateSafeguarding "
    "RecordEthnicity RecordObservedEthnicity RecordEthnicityUnavailable RecordNationality "
    "RecordNationalityUnavailable ReferToNrm DecideTriage",
    "strategy meeting": "Convene RecordAttendance ShareInformation RefuseToShare Adjourn RecordAgencyView "
    "DecideSection47 AgreeInterimSafety AssignAction CompleteAction EscalateAction DistributeRecord AcknowledgeRecord "
    "NameConference HoldConference HoldReviewConference NotifyLado HoldCoreGroup",
    "designation": "Nominate LinkCase AddMember RemoveMember RecordLink RecordEligibleOffence RecordBenefit "
    "ScoreThreat Propose Approve Return AssignTier AppointLro ApprovePlan RecordDisruption RecordIntelligence Review "
    "ProposeArchive ApproveArchive Reopen Merge RequestDeconfliction Deconflict",
    "investigation": "AppointSio RecordCrime ReclassifyCrime CancelCrime OpenLineOfInquiry CloseLineOfInquiry "
    "TakeVictimAccount RecordAccountDeclined RecordAccountNotSought NameSuspect InterviewSuspect "
    "RecordNotInterviewed ReviewAsSupervisor HandOver Conclude",
    "custody": "Arrest AuthoriseDetention ReviewDetention ExtendDetention ApplyForWarrant GrantWarrant RefuseWarrant "
    "RecordHospital Bail ExtendBail ReleaseUnderInvestigation ChangeBailRegime EndCustody",
    "charge": "SeekEarlyAdvice SubmitFile IssueActionPlan CompleteActionItem Resubmit ApplyThresholdTest "
    "ApplyFullCodeTest AuthoriseCharge DeclineProsecution RecordCharge NotifyVictim",
}
SYSTEM_ONLY = (
    "OpenCase",
    "OpenTriage",
    "OpenStrategyMeeting",
    "OpenInvestigation",
    "OpenCharge",
    "RecordStageOutcome",
    "TellNetworkOutcome",
    "RecordNominationAccepted",
    "RecordSuspectOutcome",
    "ClockRanOut",
    "AcknowledgeHandOff",
)
EVERY_COMMAND = {name for names in COMMANDS_BY_PROCESS.values() for name in names.split()}

# What the worked scenarios show people doing.
DONE_IN_SCENARIOS = """
education_safeguarding_lead ReceiveReferral
health_professional ReceiveReferral
member_of_public ReceiveReferral
duty_officer Acknowledge Route
force_crime_registrar RecordCrime
triage_sergeant AssessThrive ScoreExploitationRisk RecordNetworkLink RecordNetworkTest TakeImmediateSafeguarding
triage_sergeant RecordEthnicityUnavailable RecordNationalityUnavailable ReferToNrm DecideTriage
social_worker Convene
meeting_chair RecordAttendance DecideSection47 Adjourn AssignAction NameConference DistributeRecord
agency_representative ShareInformation RecordAgencyView AcknowledgeRecord CompleteAction
conference_chair HoldConference
regional_analyst AddMember RecordEligibleOffence RecordBenefit ScoreThreat Propose Approve
head_of_region Approve AssignTier AppointLro ApprovePlan
detective_superintendent AppointSio
senior_investigating_officer OpenLineOfInquiry CloseLineOfInquiry InterviewSuspect NotifyVictim SubmitFile Resubmit
senior_investigating_officer CompleteActionItem RecordEthnicity RecordNationality
specialist_interviewer TakeVictimAccount
arresting_officer Arrest
custody_officer AuthoriseDetention Bail EndCustody RecordEthnicity RecordNationality RecordCharge
custody_reviewing_officer ReviewDetention ExtendDetention ExtendBail
supervising_officer ReviewAsSupervisor
cps_lawyer IssueActionPlan ApplyFullCodeTest AuthoriseCharge
"""

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
    "SM1": (0, Unit.GIVEN),
    "SM2": (0, Unit.GIVEN),
    "PL1": (0, Unit.GIVEN),
}

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
    in_this_pack = CLOCKS | {"WT6": (42 if pack is WALES else 45, Unit.WORKING_DAY)}
    if pack is not WALES:
        in_this_pack["MR1"] = (7, Unit.CALENDAR_DAY)
    assert {rule.id: (rule.value, rule.unit) for rule in pack.clocks} == in_this_pack


@every_pack
def test_every_month_rule_begins_with_the_day_after(pack: PolicyPack) -> None:
    assert {rule.month_begins for rule in pack.clocks if rule.unit is Unit.MONTH} == {"day_after"}


@every_pack
def test_given_dates_that_end_with_their_day_are_known(pack: PolicyPack) -> None:
    given = {rule.id: rule.ends_with_day for rule in pack.clocks if rule.unit is Unit.GIVEN}
    assert given == {"CH2": True, "SM1": False, "SM2": True, "PL1": True}


@every_pack
def test_indicators_are_never_breaches(pack: PolicyPack) -> None:
    measured = {rule.name for rule in pack.clocks if rule.indicator}
    assert measured == {"CH1", "NR2", "NR3", "VR2", "VR3"}


@every_pack
def test_every_clock_that_can_be_breached_has_somebody_to_tell(pack: PolicyPack) -> None:
    silent = {rule.id for rule in pack.clocks if not rule.indicator and not rule.escalation}
    assert silent == {"VR1", "VR2-limit"}, "only a victim's own time to ask has nobody to chase"


@every_pack
def test_the_roles_are_exactly_those_of_the_model(pack: PolicyPack) -> None:
    assert {rule.role for rule in pack.roles} == ROLES


@every_pack
def test_every_command_has_a_role_and_every_listed_command_is_of_a_process(pack: PolicyPack) -> None:
    listed = {command for rule in pack.roles for command in rule.commands}
    assert listed == EVERY_COMMAND | set(SYSTEM_ONLY)


@every_pack
def test_what_the_system_does_no_person_may_do(pack: PolicyPack) -> None:
    assert {pack.roles_for(command) for command in SYSTEM_ONLY} == {("system",)}


@every_pack
@pytest.mark.parametrize("line", DONE_IN_SCENARIOS.strip().splitlines())
def test_people_in_the_scenarios_may_do_what_they_do(pack: PolicyPack, line: str) -> None:
    role, *commands = line.split()
    assert [command for command in commands if not pack.may(role, command)] == []


@every_pack
def test_only_the_prosecutor_decides_on_a_charge(pack: PolicyPack) -> None:
    decisions = ("AuthoriseCharge", "DeclineProsecution", "ApplyFullCodeTest", "ApplyThresholdTest", "IssueActionPlan")
    assert {pack.roles_for(command) for command in decisions} == {("cps_lawyer",)}
    assert not pack.may("cps_lawyer", "RecordCrime")


def test_an_unknown_role_may_do_nothing_and_an_unknown_command_is_nobodys() -> None:
    assert not ENGLAND.may("passer_by", "RecordCrime")
    assert not ENGLAND.may("duty_officer", "MakeTea")
    assert ENGLAND.roles_for("MakeTea") == ()


@every_pack
def test_scorer_and_proposer_may_not_approve(pack: PolicyPack) -> None:
    before_approval = {rule.first_command for rule in pack.separations_before("Approve")}
    assert {"ScoreThreat", "Propose"} <= before_approval
    assert [rule.first_command for rule in pack.separations_before("ApproveArchive")] == ["ProposeArchive"]
    assert pack.separations_before("ScoreThreat") == ()


@every_pack
def test_every_separated_pair_could_otherwise_be_done_by_one_person_or_two_roles(pack: PolicyPack) -> None:
    for rule in pack.separations:
        assert rule.first_command != rule.then_command
        assert pack.roles_for(rule.first_command)
        assert pack.roles_for(rule.then_command)


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
    bands = [ENGLAND.scoring.band_of(score) for score in (0, 19, 20, 39, 40, 60, 75)]
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
