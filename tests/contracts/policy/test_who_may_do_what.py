from datetime import date

import pytest

from nom.contracts.actors import Agency
from nom.contracts.policy.loader import all_packs, pack_for, pack_of_version
from nom.contracts.policy.pack import PolicyPack

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
    "victims_advocate",
    "review_team",
    "reviewing_officer",
    "custody_officer",
    "custody_reviewing_officer",
    "supervising_officer",
    "cps_lawyer",
    "nca_coordinator",
    "review_panel_member",
    "case_administrator",
    "system",
}

COMMANDS_BY_PROCESS = {
    "every process": "CorrectRecord PauseClock ResumeClock ExtendClock AdoptPolicy RecordNote MarkUpToDate "
    "ReleaseText ReturnText RewriteText",
    "case": "LinkReferral LinkSubject RequestTransfer AcceptTransfer RefuseTransfer PlaceLegalHold LiftLegalHold "
    "Reopen OpenStage",
    "referral": "ReceiveReferral Acknowledge LinkIdentity RecordConsistentIdentifier RecordCrime RecordN100 Route "
    "ReferToSupport RecordSupportDeclined",
    "triage": "AssessThrive ScoreExploitationRisk RecordNetworkLink RecordNetworkTest TakeImmediateSafeguarding "
    "RecordEthnicity RecordObservedEthnicity RecordEthnicityUnavailable RecordNationality "
    "RecordNationalityUnavailable ReferToNrm RecordNrmDecision DecideTriage NotifyVictim",
    "strategy meeting": "Convene RecordAttendance ShareInformation RefuseToShare Adjourn RecordAgencyView "
    "DecideSection47 AgreeInterimSafety AssignAction CompleteAction EscalateAction DistributeRecord AcknowledgeRecord "
    "NameConference ReanchorConference HoldConference HoldReviewConference RecordPositionOfTrust NotifyLado "
    "HoldCoreGroup CompleteAssessment CloseMeeting",
    "designation": "Nominate LinkCase AddMember RemoveMember RecordLink RecordEligibleOffence RecordBenefit "
    "ScoreThreat Propose Approve Return AssignTier AppointLro ApprovePlan RecordDisruption RecordIntelligence Review "
    "ProposeArchive ApproveArchive Reopen Merge RequestDeconfliction Deconflict RecordSamePerson WithdrawSamePerson",
    "investigation": "AppointSio RecordCrime ReclassifyCrime CancelCrime OpenLineOfInquiry CloseLineOfInquiry "
    "TakeVictimAccount RecordAccountDeclined RecordAccountNotSought NameSuspect InterviewSuspect "
    "RecordNotInterviewed ReviewAsSupervisor HandOver Conclude",
    "custody": "Arrest AuthoriseDetention ReviewDetention ExtendDetention ApplyForWarrant GrantWarrant RefuseWarrant "
    "RecordHospital Bail ExtendBail ReleaseUnderInvestigation ChangeBailRegime EndCustody",
    "charge": "SeekEarlyAdvice SubmitFile IssueActionPlan CompleteActionItem Resubmit ApplyThresholdTest "
    "ApplyFullCodeTest AuthoriseCharge DeclineProsecution RecordCharge NotifyVictim",
    "closure": "ProposeClosure ApproveClosure RejectClosure NotifyVictim OfferReview RequestReview AssignReviewer "
    "DecideReview",
    "closed case review": "ReferClosedCase Prioritise ReviewAtPanel RecordVictimApproval RecordVictimDeclined "
    "OrderReinvestigation Adopt Uphold ReferConvictionReview",
}
SYSTEM_ONLY = (
    "OpenCase",
    "OpenOrderedCase",
    "RecordReinvestigationProgress",
    "OpenTriage",
    "OpenStrategyMeeting",
    "OpenInvestigation",
    "RecordStageOutcome",
    "RecordStageOpened",
    "RecordNotifiableEvent",
    "TellNetworkOutcome",
    "TellNetworkLink",
    "RetestNetwork",
    "RecordNetworkRetest",
    "TellNetworkRetest",
    "YieldToGroup",
    "AbsorbGroup",
    "RecordSuspectOutcome",
    "AskStanding",
    "TellStanding",
    "StopTellingStanding",
    "ReopenInvestigation",
    "OfferTransfer",
    "TakeOverCase",
    "TransferStage",
    "ContinueStage",
    "PassOn",
    "ClockRanOut",
    "EscalateBreach",
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
supervising_officer ReviewAsSupervisor ApproveClosure
senior_investigating_officer ProposeClosure OfferReview
victims_advocate RequestReview
review_team AssignReviewer
reviewing_officer DecideReview
cps_lawyer IssueActionPlan ApplyFullCodeTest AuthoriseCharge
"""

ENGLAND = pack_for("ENG", "police", date(2026, 3, 2))
FROM_DECEMBER = pack_of_version("eng-police-2026.3")
every_pack = pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)


@every_pack
def test_the_roles_are_exactly_those_of_the_model(pack: PolicyPack) -> None:
    since_december = ("court_officer",) if pack.effective_from >= FROM_DECEMBER.effective_from else ()
    assert {rule.role for rule in pack.roles} == ROLES.union(since_december)


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


def test_from_december_police_may_chair_a_meeting_and_the_court_enters_what_it_decides() -> None:
    assert Agency.POLICE in FROM_DECEMBER.role("meeting_chair").agencies
    court = FROM_DECEMBER.role("court_officer")
    assert court.agencies == (Agency.COURT,)
    assert {rule.command for rule in FROM_DECEMBER.ranks if rule.court} <= set(court.commands)
    assert not {"Bail", "AuthoriseDetention", "EndCustody", "RecordCharge"} & set(court.commands)
    assert FROM_DECEMBER.may("triage_sergeant", "NotifyVictim")


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
