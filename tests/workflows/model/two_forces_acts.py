"""The third worked scenario in acts, and a second group that turns out to be the first: what its tests compose."""

from nom.contracts.designation import Approve, Propose
from nom.contracts.every_process import Jurisdiction
from nom.contracts.group_course import RecordDisruption, RecordIntelligence
from nom.contracts.group_grounds import (
    AddMember,
    GroupLinkEnd,
    GroupPerson,
    LinkCase,
    RecordBenefit,
    RecordLink,
    SamePerson,
)
from nom.contracts.group_merger import Merge
from nom.contracts.ids import group_matter
from nom.contracts.stages import Nominate, NominationGrounds
from nom.contracts.subjects import Subject
from nom.contracts.triage import DecideTriage, RecordNetworkLink, RecordNetworkTest
from tests.workflows.model.designation_acts import OFFENCE, SCORE
from tests.workflows.model.forces import MER, NWP, Forces, analyst, begin, decided, head, opening, sergeant
from tests.workflows.model.kit import Request, request

MERS_GROUP = f"nca/{group_matter(MER + '/case')}/designation-1"
WHY = "both groups use one house"
NOTHING_FOLLOWS = DecideTriage(
    strategy_discussion=False,
    why_no_strategy_discussion="the child is with family and safe",
    investigation=True,
    nominate=False,
    immediate_safety="the child is with family",
)
ALL_FOLLOWS = DecideTriage(strategy_discussion=True, investigation=True, nominate=True, immediate_safety="safe now")
IS_ONE = SamePerson(one=GroupLinkEnd(case=MER, person="suspect-1"), other=GroupLinkEnd(case=NWP, person="unidentified"))
JOIN = LinkCase(case=MER, because="suspect-1 is the unidentified person of NWP-1", same_as=(IS_ONE,))
JOINED = analyst(JOIN, "2026-07-20 09:00")


def merseyside(*, triage_decided: bool) -> tuple[Request, ...]:
    """One person, no network; triage may be decided or not."""
    subjects = (Subject(id="child-1", age=15), Subject(id="suspect-1"))
    tested = sergeant(MER, RecordNetworkTest(), "2026-07-01 12:00")
    rest = decided(MER, "suspect-1", "2026-07-01", NOTHING_FOLLOWS) if triage_decided else ()
    return (*begin(MER, Jurisdiction.ENGLAND, "2026-07-01", *subjects), tested, *rest)


def north_wales() -> tuple[Request, ...]:
    """A link, a network, a nomination."""
    subjects = (Subject(id="child-2", age=14), Subject(id="suspect-2"))
    link = RecordNetworkLink(
        between=("suspect-2", "unidentified"), kind="same_vehicle", source="automatic number plate recognition"
    )
    return (
        *begin(NWP, Jurisdiction.WALES, "2026-07-03", *subjects),
        sergeant(NWP, link, "2026-07-03 11:00"),
        sergeant(NWP, RecordNetworkTest(), "2026-07-03 11:30"),
        *decided(NWP, "suspect-2", "2026-07-03", ALL_FOLLOWS),
    )


NOT_MET = (
    analyst(SCORE, "2026-07-08 09:00"),
    analyst(Propose(outcome="not_met"), "2026-07-08 09:10", "one person is known"),
    head(Approve(), "2026-07-09 09:00", "agreed"),
)


def two_forces(*, triage_decided: bool = True) -> Forces:
    """Both cases and the group, up to "not met"."""
    forces = Forces()
    forces.give(*merseyside(triage_decided=triage_decided), *north_wales(), *NOT_MET)
    return forces


def nominate_in_merseyside(forces: Forces) -> None:
    """The other force nominates a group of its own."""
    grounds = NominationGrounds(computed=True, judged=True, reason=None, suspects=("suspect-1",), unidentified=1)
    nominate = Nominate(opening=opening(Jurisdiction.ENGLAND), case=MER, grounds=grounds)
    forces.give(request(MERS_GROUP, "system", nominate, "2026-07-10 09:00"))


def two_groups() -> Forces:
    """The third scenario's group, not met, and another that a second force nominated."""
    forces = Forces()
    forces.give(*merseyside(triage_decided=True), *north_wales(), *NOT_MET)
    nominate_in_merseyside(forces)
    both = (GroupLinkEnd(case=MER, person="suspect-1"), GroupLinkEnd(case=MER, person="unidentified"))
    forces.give(
        analyst(
            AddMember(members=(GroupPerson(case=MER, suspect="suspect-1"),)), "2026-07-11 09:00", stream=MERS_GROUP
        ),
        analyst(
            RecordLink(between=both, kind="same_address", source="a tenancy"), "2026-07-11 09:10", stream=MERS_GROUP
        ),
        analyst(OFFENCE, "2026-07-11 09:20", stream=MERS_GROUP),
        analyst(RecordBenefit(kind="financial", words="rent in kind"), "2026-07-11 09:30", stream=MERS_GROUP),
        analyst(RecordDisruption(level="minor", what="the tenancy ended"), "2026-07-11 09:40", stream=MERS_GROUP),
        analyst(
            RecordIntelligence(reference="INT/26/0100", source="untested", assessment="not_known"),
            "2026-07-11 09:50",
            stream=MERS_GROUP,
        ),
    )
    return forces


MERGED = head(Merge(other=MERS_GROUP), "2026-07-20 09:00", WHY)
