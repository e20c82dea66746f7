"""What a case does with a link that shows elsewhere: it has its triage test again, and tells the group the answer.

Opens no stage and nominates nobody: what follows from an answer is the case's own rules'.
"""

from nom.contracts.case import StageOpened
from nom.contracts.ids import ProcessKind, group_matter, stream_of
from nom.contracts.network_links import (
    NetworkLinkDiscovered,
    NetworkRetestRecorded,
    RecordNetworkRetest,
    RetestNetwork,
    TellNetworkLink,
    TellNetworkRetest,
)
from nom.workflows.model.case_record import CaseState, Thinking


def learn(d: Thinking, command: TellNetworkLink) -> None:
    """A group tells of a link. Where there is no triage to test again, the group hears that; of a case that was
    transferred too, whose present owner is told in its own name.
    """
    found = NetworkLinkDiscovered(network=command.network, because=command.because, same=command.same)
    d.record(found)
    triages = [stage.stream for stage in d.state.own_stages() if stage.kind is ProcessKind.TRIAGE]
    if triages and d.state.transferred_to is None:
        _have_tested(d, triages[-1], found)
    else:
        _answer(d, found.network.group, found.network.of, None, found.because)


def tell_new_triage(d: Thinking) -> None:
    """A triage that opens now hears of every link that was told before there was one."""
    for opened in tuple(event for event in d.events if isinstance(event, StageOpened)):
        # One that goes on from another force's knows what it was told there.
        if opened.kind is ProcessKind.TRIAGE and opened.stage not in d.state.awaited:
            for found in d.state.links_discovered:
                _have_tested(d, opened.stage, found)


def hear_answer(d: Thinking, command: RecordNetworkRetest) -> None:
    """Triage made the test again. A group that asked is answered under the name by which it knows the case."""
    told = command.model_dump(include={"stage", "judged", "newly_met", "because"})
    d.record(NetworkRetestRecorded.model_validate(told))
    asked = next((item for item in d.state.links_discovered if item.network.group == command.asked_by), None)
    if asked is not None:
        _answer(d, asked.network.group, asked.network.of, command.judged, command.because)


def is_in_a_group(state: CaseState) -> bool:
    """Whether the case belongs to a group already, nominated by itself or linked by somebody."""
    return any(group.outcome != "merged" for group in state.groups)


def tell_groups(d: Thinking, because: str) -> None:
    """A case that is in a group already nominates no second one: the group hears that the network test is met."""
    for group in d.state.groups:
        if group.outcome != "merged":
            d.hand_off(
                stream_of(group.group, ProcessKind.DESIGNATION),
                TellNetworkRetest(case=d.state.case, judged=True, because=because),
            )


def nominated_group(state: CaseState) -> str | None:
    """The group that the case nominated itself, if it did: the one that goes live with it."""
    own = f"nca/{group_matter(state.stream)}"
    return next((stream_of(own, ProcessKind.DESIGNATION) for group in state.groups if group.group == own), None)


def _have_tested(d: Thinking, triage: str, found: NetworkLinkDiscovered) -> None:
    d.hand_off(triage, RetestNetwork(network=found.network, because=found.because))


def _answer(d: Thinking, group: str, case: str, judged: bool | None, because: str) -> None:
    d.hand_off(group, TellNetworkRetest(case=case, judged=judged, because=because))
