"""The acts in the later life of a group that its tests compose: scores of two forces, archive and reopening."""

from nom.contracts.actors import Agency
from nom.contracts.deconfliction import Deconflict, RequestDeconfliction
from nom.contracts.designation import AppointLro
from nom.contracts.events import CommandBase
from nom.contracts.group_course import ApproveArchive, ProposeArchive, RecordIntelligence, Reopen
from nom.contracts.group_grounds import ScoreThreat, ThreatInput
from tests.workflows.model.designation_acts import (
    DESIGNATED,
    OVERSEEN,
    RATINGS,
    SCORE,
    STREAM,
    TIER,
    analyst,
    head,
    nomination,
)
from tests.workflows.model.kit import Request, request

REPORT = RecordIntelligence(reference="INT/26/0041", source="reliable", assessment="known_directly")
REOPEN = Reopen(tier="region", officer="officer-lro-2")
LOW = ScoreThreat(inputs=tuple(ThreatInput(name=name, rating=1) for name in RATINGS), force="MER")
HIGH = SCORE.model_copy(update={"force": "NWP"})


def lead(
    command: CommandBase, at: str, reason: str | None = "quiet for a year", actor: str = "officer-lro-1"
) -> Request:
    """The lead responsible officer asks for something."""
    return request(STREAM, "lead_responsible_officer", command, at, actor=actor, agency=Agency.NCA, reason=reason)


def report(at: str, reference: str = "INT/26/0041") -> Request:
    """A piece of intelligence came in."""
    return analyst(REPORT.model_copy(update={"reference": reference}), at)


def coordinator(command: CommandBase, at: str, reason: str | None = None) -> Request:
    """The coordinator at the National Crime Agency asks for something."""
    return request(STREAM, "nca_coordinator", command, at, agency=Agency.NCA, reason=reason)


HEARD = report("2026-03-20 09:00")
QUIET = lead(ProposeArchive(), "2027-03-21 09:00")
APPROVED = head(ApproveArchive(), "2027-03-22 09:00", "nothing since")
ARCHIVED = (*OVERSEEN, HEARD, QUIET, APPROVED)
ARCHIVED_BY_ANOTHER = (
    nomination(),
    *DESIGNATED,
    TIER,
    head(AppointLro(officer="somebody-1"), "2026-03-12 09:00"),
    lead(ProposeArchive(), "2027-03-21 09:00", actor="somebody-1"),
    head(AppointLro(officer="officer-lro-2"), "2027-03-21 10:00"),
    APPROVED,
)
"""Proposed by an officer who leads on the group no longer when it is approved."""
REOPENED = head(REOPEN, "2028-01-10 09:00", "two new accounts")
SCORED = (analyst(LOW, "2026-03-06 10:00"), analyst(HIGH, "2026-03-06 11:00"))
ASKED = head(RequestDeconfliction(), "2026-03-07 09:00", "the forces differ by two bands")
SETTLED = coordinator(Deconflict(stands="MER"), "2026-03-08 09:00", "the second vehicle was counted twice")
