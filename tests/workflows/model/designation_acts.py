"""The acts of designation that its tests compose, at the times of the first worked scenario."""

from datetime import date

from nom.contracts.designation import AppointLro, Approve, ApprovePlan, AssignTier, Propose, ProposedOutcome
from nom.contracts.events import CommandBase
from nom.contracts.group_grounds import (
    AddMember,
    GroupPerson,
    RecordBenefit,
    RecordEligibleOffence,
    ScoreThreat,
    ThreatInput,
)
from nom.contracts.ids import group_matter
from nom.contracts.stages import Nominate, NominationGrounds
from nom.workflows.model.designation import MODEL
from nom.workflows.model.designation_state import DesignationState
from tests.workflows.model.kit import OPENING, Request, given, request

CASE = "gmp/26-7k3f9q"
OTHER_CASE = "mer/26-1a2b3c"
GROUP = f"nca/{group_matter(CASE + '/case')}"
STREAM = f"{GROUP}/designation-1"
SUSPECTS = ("suspect-1", "suspect-2", "suspect-3")
ONE, TWO, THREE = (GroupPerson(case=CASE, suspect=suspect) for suspect in SUSPECTS)
CHILD = GroupPerson(case=CASE, suspect="child-1")
RATINGS = {"harm": 5, "victims": 3, "intent": 4, "capability": 2, "reach": 1, "corruption": 0}
SCORE = ScoreThreat(inputs=tuple(ThreatInput(name=name, rating=rating) for name, rating in RATINGS.items()))
OFFENCE = RecordEligibleOffence(offence="SX03238", section="SOA2003 s14", on=date(2026, 2, 20))
PLAN = ApprovePlan(
    pursue="arrests",
    prevent="taxi licensing",
    protect="placements",
    prepare="a plan for disclosure",
    review=date(2026, 4, 10),
)


def nomination(at: str = "2026-03-02 17:40", judged: bool = True) -> Request:
    """The case nominates the group."""
    grounds = NominationGrounds(computed=True, judged=judged, reason=None, suspects=SUSPECTS, unidentified=1)
    return request(STREAM, "system", Nominate(opening=OPENING, case=CASE, grounds=grounds), at)


def analyst(command: CommandBase, at: str, reason: str | None = None) -> Request:
    """The regional analyst asks for something."""
    return request(STREAM, "regional_analyst", command, at, reason=reason)


def head(command: CommandBase, at: str, reason: str | None = None) -> Request:
    """The head of the region asks for something."""
    return request(STREAM, "head_of_region", command, at, reason=reason)


def proposal(
    outcome: ProposedOutcome = "organised_crime_group",
    at: str = "2026-03-09 09:00",
    member: GroupPerson | None = None,
) -> Request:
    """The analyst proposes an outcome."""
    return analyst(Propose(outcome=outcome, member=member), at, "what the record shows")


def approval(at: str = "2026-03-11 15:00") -> Request:
    """The head of the region approves."""
    return head(Approve(), at, "agreed")


MEMBERS = analyst(AddMember(members=(ONE, TWO, THREE)), "2026-03-05 09:00")
GROUNDS = (
    MEMBERS,
    analyst(OFFENCE, "2026-03-05 09:20"),
    analyst(RecordBenefit(kind="non_financial", words="status among the members"), "2026-03-05 09:25"),
    analyst(SCORE, "2026-03-06 10:00"),
)
DESIGNATED = (*GROUNDS, proposal(), approval())
TIER = head(AssignTier(tier="region"), "2026-03-11 15:10")
OFFICER = head(AppointLro(officer="officer-lro-1"), "2026-03-12 09:00")
OVERSEEN = (*DESIGNATED, TIER, OFFICER, head(PLAN, "2026-03-13 09:00"))
NOT_MET = (proposal("not_met"), approval())


def group(*requests: Request) -> DesignationState:
    """The group of the first scenario after these requests."""
    return given(MODEL, STREAM, nomination(), *requests)
