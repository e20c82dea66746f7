"""What people do in the review of a closed case, as requests. The day of the panel is 2026-03-02 unless said."""

from datetime import date

from nom.contracts.actors import Agency
from nom.contracts.closed_case_review import (
    Adopt,
    ClosedCase,
    OrderReinvestigation,
    Prioritise,
    RecordVictimApproval,
    RecordVictimDeclined,
    ReferClosedCase,
    ReferConvictionReview,
    ReviewAtPanel,
    Uphold,
)
from nom.contracts.events import CommandBase
from nom.contracts.every_process import Jurisdiction, Opening
from nom.contracts.ids import ProcessKind, review_matter, stream_of
from nom.contracts.policy.loader import pack_for
from nom.contracts.stages import RecordReinvestigationProgress
from tests.workflows.model.kit import OPENING, Request, facts_of, request

NCA_POLICY = pack_for("ENG", "nca", date(2026, 3, 2))
NCA_FACTS = facts_of(NCA_POLICY)
NCA_OPENING = Opening(jurisdiction=Jurisdiction.ENGLAND, policy=NCA_POLICY.ref())
CLOSED = ClosedCase(
    force="SYP",
    force_reference="SYP/2012/11820",
    offence="SX03001",
    decided_on=date(2012, 7, 30),
    decided_by="cps",
    outcome="15",
    victim_age=14,
    suspects=3,
    reason_text="unreliable witness",
)
MATTER = review_matter("SYP", "SYP/2012/11820", "SX03001", date(2012, 7, 30))


def stream_for(closed: ClosedCase) -> str:
    """The review of a closed case."""
    matter = review_matter(closed.force, closed.force_reference, closed.offence, closed.decided_on)
    return stream_of(f"nca/{matter}", ProcessKind.CLOSED_CASE_REVIEW)


STREAM = stream_for(CLOSED)
ORDERED = f"syp/{MATTER}"
POSSIBLE = ReviewAtPanel(
    investigation_possible=True,
    steps=("take the account properly",),
    faults=("account_not_taken",),
    safeguarding_concerns=False,
)
IMPOSSIBLE = ReviewAtPanel(investigation_possible=False, safeguarding_concerns=False)


def coordinator(command: CommandBase, at: str, reason: str | None = None) -> Request:
    """A request by the coordinator."""
    return request(STREAM, "nca_coordinator", command, at, agency=Agency.NCA, reason=reason)


def panel(command: CommandBase, at: str, reason: str | None = "the panel's view", member: int = 1) -> Request:
    """A request by a member of the panel."""
    name = f"review-panel-{member}"
    return request(STREAM, "review_panel_member", command, at, actor=name, agency=Agency.NCA, reason=reason)


def refers(closed: ClosedCase = CLOSED, at: str = "2026-02-02 09:00") -> Request:
    """The force's case is referred."""
    return coordinator(ReferClosedCase(opening=NCA_OPENING, closed_case=closed), at)


def prioritises(band: str, at: str = "2026-02-03 09:00", reason: str | None = None) -> Request:
    """A person puts it in a band."""
    return panel(Prioritise.model_validate({"band": band}), at, reason)


def reviews(command: ReviewAtPanel = POSSIBLE, at: str = "2026-03-02 10:00", member: int = 1) -> Request:
    """The panel's view."""
    return panel(command, at, member=member)


def approves(at: str = "2026-03-09 10:00", victim: str = "victim-1") -> Request:
    """The victim approves."""
    return coordinator(RecordVictimApproval(victim=victim), at)


def declines(at: str = "2026-03-09 10:00", victim: str = "victim-1") -> Request:
    """The victim does not."""
    return coordinator(RecordVictimDeclined(victim=victim), at)


def orders(force: str = "SYP", at: str = "2026-03-10 10:00", opening: Opening = OPENING) -> Request:
    """A force is to investigate again."""
    return panel(OrderReinvestigation(opening=opening, force=force), at)


def adopts(at: str = "2026-03-10 10:00") -> Request:
    """The Agency investigates."""
    return coordinator(Adopt(), at, "complex, over three forces")


def upholds(at: str = "2026-03-10 10:00", member: int = 2) -> Request:
    """The closure stands."""
    return panel(Uphold(), at, "nothing more can be found", member=member)


def refers_conviction(age: int = 15, at: str = "2026-03-10 10:00", victim: str = "victim-1") -> Request:
    """A conviction is to be reviewed."""
    return coordinator(
        ReferConvictionReview(victim=victim, age_at_conviction=age, to="disregard_scheme"),
        at,
        "convicted of soliciting",
    )


def progresses(stage: str, outcome: str, at: str = "2026-05-05 10:00", case: str = ORDERED) -> Request:
    """The force's case tells how far it is."""
    command = RecordReinvestigationProgress(case=case, stage=f"{case}/{stage}", outcome=outcome)
    return request(STREAM, "system", command, at)
