"""The acts of triage that its tests compose, at the times of the first worked scenario."""

from nom.contracts.base import Contract
from nom.contracts.characteristics import RecordEthnicityUnavailable, RecordNationalityUnavailable
from nom.contracts.events import CommandBase
from nom.contracts.network import LinkedPerson
from nom.contracts.stages import OpenTriage, StageBrief
from nom.contracts.subjects import Allegation, Subject
from nom.contracts.triage import (
    THRIVE_FACTORS,
    AssessThrive,
    DecideTriage,
    RecordNetworkLink,
    RecordNetworkTest,
    ReferToNrm,
    ScoreExploitationRisk,
    TakeImmediateSafeguarding,
    Thrive,
    ThriveFactor,
)
from nom.workflows.model.triage import MODEL
from nom.workflows.model.triage_record import TriageState
from tests.workflows.model.kit import OPENING, Request, given, london, request

STREAM = "gmp/26-7k3f9q/triage-1"
CHILD = Subject(id="child-1", age=14, in_care=True)
SUSPECTS = ("suspect-1", "suspect-2", "suspect-3")
HIGH = ThriveFactor(rating="high", reason="three adults, one child")
WHOLE_THRIVE = AssessThrive(factors=Thrive.model_validate(dict.fromkeys(THRIVE_FACTORS, HIGH)))
RISK = ScoreExploitationRisk(tool="local-cse-screen", tool_version="3", score=41, band="significant")
NO_ETHNICITY = RecordEthnicityUnavailable(subjects=SUSPECTS, reason="no_contact")
NO_NATIONALITY = RecordNationalityUnavailable(subjects=SUSPECTS, reason="no_contact")
EVERYTHING = DecideTriage(strategy_discussion=True, investigation=True, nominate=True)
NOTHING = DecideTriage(
    strategy_discussion=False,
    why_no_strategy_discussion="no child is at risk of significant harm",
    investigation=False,
    why_no_investigation="nothing is alleged",
    nominate=False,
)


class Act(Contract):
    """A command at a time, and the reason given."""

    at: str
    command: CommandBase
    reason: str | None = None


def opening(*subjects: Subject, received_at: str = "2026-03-02 09:20", at: str = "2026-03-02 16:00") -> Request:
    """The case opens triage. Without subjects: the child and three suspects of the first scenario."""
    people = subjects or (CHILD, *(Subject(id=suspect) for suspect in SUSPECTS))
    brief = StageBrief(
        opening=OPENING,
        received_at=london(received_at),
        subjects=people,
        allegations=(Allegation(victim="child-1", offence="SX03025"),),
    )
    return request(STREAM, "system", OpenTriage(brief=brief), at)


def sergeant(command: CommandBase, at: str, reason: str | None = None) -> Request:
    """The triage sergeant asks for something."""
    return request(STREAM, "triage_sergeant", command, at, reason=reason)


def link(one: LinkedPerson, other: LinkedPerson) -> RecordNetworkLink:
    """A link that the child told of."""
    return RecordNetworkLink(between=(one, other), kind="associates", source="child's account")


LINKS = (
    sergeant(link("suspect-1", "suspect-2"), "2026-03-02 17:00"),
    sergeant(
        RecordNetworkLink(between=("suspect-2", "unidentified"), kind="same_address", source="child's account"),
        "2026-03-02 17:02",
    ),
)
COMPLETE = (
    sergeant(WHOLE_THRIVE, "2026-03-02 16:30"),
    sergeant(RISK, "2026-03-02 16:45"),
    *LINKS,
    sergeant(RecordNetworkTest(), "2026-03-02 17:10"),
    sergeant(TakeImmediateSafeguarding(what="placement moved"), "2026-03-02 17:15"),
    sergeant(NO_ETHNICITY, "2026-03-02 17:20"),
    sergeant(NO_NATIONALITY, "2026-03-02 17:20"),
    sergeant(ReferToNrm(subject="child-1"), "2026-03-02 17:30"),
)
"""The first scenario up to the decision."""

DECIDED = sergeant(EVERYTHING, "2026-03-02 17:40", "a network around one child")


def triage(*requests: Request) -> TriageState:
    """The triage of the first scenario after these requests."""
    return given(MODEL, STREAM, opening(), *requests)


def complete_but(left_out: type[CommandBase]) -> TriageState:
    """The first scenario up to the decision, without one kind of command."""
    return triage(*(asked for asked in COMPLETE if not isinstance(asked.command, left_out)))
