"""Examples of every event in the later life of a group, and in the cases that hear of it: nothing is asserted here."""

from collections.abc import Iterator

from nom.contracts.designation import Propose, Return
from nom.contracts.events import EventBase
from nom.contracts.group_course import RecordDisruption
from nom.contracts.group_identity import WithdrawSamePerson
from nom.workflows.model.designation import MODEL
from tests.workflows.model.designation_acts import OVERSEEN, STREAM, analyst, head, nomination
from tests.workflows.model.forces import analyst as national_analyst
from tests.workflows.model.forces import head as national_head
from tests.workflows.model.group_life_acts import (
    ARCHIVED,
    ASKED,
    HEARD,
    QUIET,
    REOPENED,
    SCORED,
    SETTLED,
)
from tests.workflows.model.kit import Request, walk
from tests.workflows.model.two_forces_acts import IS_ONE, JOINED, MERGED, MERS_GROUP, two_forces, two_groups

_DISRUPTED = analyst(
    RecordDisruption(level="moderate", what="two private hire licences revoked", reference="DIS/26/0007"),
    "2026-03-19 09:00",
)
_RETURNED = head(Return(), "2027-03-21 12:00", "an account is to be taken first")


def later_lives() -> Iterator[EventBase]:
    """The events of groups that are archived and reopened, scored by two forces, linked across forces, and merged."""
    for requests in (
        (*OVERSEEN, _DISRUPTED, HEARD, QUIET, _RETURNED),
        (*ARCHIVED, REOPENED),
        (*SCORED, ASKED, SETTLED),
    ):
        yield from _alone(*requests)
    linked = two_forces()
    mistaken = WithdrawSamePerson(same=IS_ONE)
    linked.give(JOINED, national_analyst(mistaken, "2026-07-21 09:00", "the number plate was misread"))
    pending = two_groups()
    pending.give(
        national_analyst(Propose(outcome="not_met"), "2026-07-19 09:00", "one house", stream=MERS_GROUP),
        MERGED,
        national_head(Return(), "2026-07-20 10:00", "the groups are one", stream=MERS_GROUP),
    )
    merged = two_groups()
    merged.give(MERGED)
    for forces in (linked, pending, merged):
        for stream in sorted(forces.log):
            yield from forces.log[stream]


def _alone(*requests: Request) -> Iterator[EventBase]:
    for step in walk(MODEL, STREAM, (nomination(), *requests)):
        yield from step.events
