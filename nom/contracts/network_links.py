"""How a link that shows in one force reaches the cases of the others, and the network test is made again.

The group tells every linked case; the case has its triage make the network test again; the answer goes back to the
group. Only references travel: who of this case stands in the network, how many others do, and which cases they are of.
"""

from typing import ClassVar, Literal

from pydantic import Field

from nom.contracts.base import Contract, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.group_grounds import SamePerson
from nom.contracts.ids import CaseId, StreamId
from nom.contracts.network import LinkedPerson
from nom.contracts.stages import NominationGrounds


class NetworkElsewhere(Contract):
    """What a group knows that a case can't: who of the case stands in the group's network (`here`), how many others do
    (`others`: people of other cases, each counted once, identified or not), and which other cases are linked. `of` is
    the case as the group knows it, whichever force owns it now.
    """

    group: StreamId
    of: CaseId
    here: tuple[LinkedPerson, ...]
    others: int = Field(ge=0, le=1000)
    cases: tuple[CaseId, ...]


class TellNetworkLink(CommandBase):
    """The National Crime Agency tells a case of a link that its group has found. `same`: who of the case is who of
    another.
    """

    type: Literal["TellNetworkLink"] = "TellNetworkLink"
    network: NetworkElsewhere
    because: Text
    same: tuple[SamePerson, ...] = ()


class RetestNetwork(CommandBase):
    """The case has its triage make the network test again, whether or not that was decided."""

    type: Literal["RetestNetwork"] = "RetestNetwork"
    network: NetworkElsewhere
    because: Text


class RecordNetworkRetest(CommandBase):
    """Triage tells the case that the network test was made again. `grounds`: for a nomination, where the test is met.
    `newly_met`: it was decided before on a test that was not. `asked_by`: the group that told of the link, if one did.
    """

    type: Literal["RecordNetworkRetest"] = "RecordNetworkRetest"
    stage: StreamId
    judged: bool
    newly_met: bool
    because: Text
    grounds: NominationGrounds | None = None
    asked_by: StreamId | None = None


class TellNetworkRetest(CommandBase):
    """The case tells the group what its network test says now. `judged` None: the case has no triage that could."""

    type: Literal["TellNetworkRetest"] = "TellNetworkRetest"
    case: CaseId
    judged: bool | None
    because: Text


class NetworkLinkDiscovered(EventBase):
    """The case learned that it is linked, through a group, with other cases."""

    says: ClassVar[str] = "Link discovered by {group}, with {cases}: {because}"
    type: Literal["network_link_discovered.v1"] = "network_link_discovered.v1"
    network: NetworkElsewhere
    because: Text
    same: tuple[SamePerson, ...]

    @property
    def group(self) -> str:
        """The group."""
        return self.network.group

    @property
    def cases(self) -> tuple[str, ...]:
        """The other cases."""
        return self.network.cases


class NetworkRetestRecorded(EventBase):
    """The case's network test was made again."""

    says: ClassVar[str] = "Network test made again by {stage}, {answer}: {because}"
    type: Literal["network_retest_recorded.v1"] = "network_retest_recorded.v1"
    stage: StreamId
    judged: bool
    newly_met: bool
    because: Text

    @property
    def answer(self) -> str:
        """What holds now."""
        return "met" if self.judged else "not met"


class NetworkLinkLearned(EventBase):
    """Triage learned of people of other cases with whom its own stand in one network."""

    says: ClassVar[str] = "Learned from {group}: {here} and {others} of other cases are linked; {because}"
    type: Literal["network_link_learned.v1"] = "network_link_learned.v1"
    network: NetworkElsewhere
    because: Text

    @property
    def group(self) -> str:
        """The group."""
        return self.network.group

    @property
    def here(self) -> tuple[str, ...]:
        """Who of this case."""
        return self.network.here

    @property
    def others(self) -> int:
        """How many others."""
        return self.network.others


class CaseRetested(EventBase):
    """A linked case made its network test again, after the link that is named."""

    says: ClassVar[str] = "Network test of {case} made again, {answer}: {because}"
    type: Literal["case_retested.v1"] = "case_retested.v1"
    case: CaseId
    judged: bool | None
    because: Text

    @property
    def answer(self) -> str:
        """What the case says."""
        if self.judged is None:
            return "which has no triage"
        return "met" if self.judged else "not met"


CaseLinkCommand = TellNetworkLink | RecordNetworkRetest
CaseLinkEvent = NetworkLinkDiscovered | NetworkRetestRecorded
