"""A new link reaches every case that it concerns, and after "not met" the network test is made again (invariant 13).

The cases make it, each in its triage; the group hears what they say. Designates nothing.
"""

from nom.contracts.designation import RetestTriggered
from nom.contracts.errors import Refusal, refuse
from nom.contracts.group_grounds import GroupLinkEnd
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.network import is_unidentified
from nom.contracts.network_links import CaseRetested, NetworkElsewhere, TellNetworkLink, TellNetworkRetest
from nom.workflows.model.designation_record import evolve
from nom.workflows.model.designation_state import DesignationState, Thinking
from nom.workflows.model.group_persons import persons
from nom.workflows.model.process import state_after

_LONGEST = 4000


def follow_link(d: Thinking, because: str, concerned: tuple[str, ...]) -> None:
    """Tell the cases that a new link concerns. After "not met" it concerns every linked case, whose network test is due
    again: one clock runs, however many links come.
    """
    because = because[:_LONGEST]
    if d.state.decided != "not_met":
        tell_link(d, because, concerned)
        return
    d.record(RetestTriggered(number=d.state.retests + 1, because=because))
    if not d.open_clocks("DG4"):
        # A link typed in late may be older than the decision: nobody could test again before that.
        start = max(d.at, d.state.decided_at or d.at)
        d.start_clock("DG4", "link discovered", start=start, clock_id=d.next_clock_id("DG4"))
    tell_link(d, because, state_after(d.state, d.events, evolve).cases)


def tell_link(d: Thinking, because: str, concerned: tuple[str, ...]) -> None:
    """Hand to each case what of the group's network it can't see itself; it acknowledges that, and tests again."""
    known = state_after(d.state, d.events, evolve)
    for case in dict.fromkeys(concerned):
        same = tuple(one for one in known.said_to_be_one if case in (one.one.case, one.other.case))
        told = TellNetworkLink(network=network_around(known, case), because=because[:_LONGEST], same=same)
        d.hand_off(stream_of(case, ProcessKind.CASE), told)


def network_around(state: DesignationState, case: str) -> NetworkElsewhere:
    """Who of a case stands in the group's network, and how many people of other cases do. A victim is never among them:
    whether a coerced child belongs to a network is for a person to decide.
    """
    people = persons(_references(state), state.said_to_be_one)
    people = tuple(references for references in people if not any(end.is_victim for end in references))
    here = {end.person: None for references in people for end in references if end.case == case}
    elsewhere = sum(all(end.case != case for end in references) for references in people)
    named = [end.case for references in people for end in references if is_unidentified(end.person)]
    unnamed = sum(max(0, item.count - named.count(item.case)) for item in state.unidentified if item.case != case)
    others = tuple(linked for linked in state.cases if linked != case)
    return NetworkElsewhere(
        group=state.stream, of=case, here=tuple(here), others=min(elsewhere + unnamed, 1000), cases=others
    )


def references_of(state: DesignationState, case: str) -> tuple[GroupLinkEnd, ...]:
    """Every reference to somebody of a case that the group knows."""
    return tuple(end for end in _references(state) if end.case == case)


def _references(state: DesignationState) -> tuple[GroupLinkEnd, ...]:
    """Everybody who stands in the network as the group knows it, under every reference that it knows."""
    return tuple(
        dict.fromkeys(
            (
                *(person.end for person in state.candidates),
                *(member.who.end for member in state.members),
                *(end for link in state.links for end in link.between),
                *(end for same in state.said_to_be_one for end in (same.one, same.other)),
            )
        )
    )


def hear_retest(d: Thinking, command: TellNetworkRetest) -> Refusal | None:
    """A case tells what its network test says now. Once all have answered, the re-test is made; if one of them meets
    the test, an outcome is to be proposed and decided again, in the time that a nomination has.
    """
    if command.case not in d.state.cases:
        return refuse("case_not_linked", f"{command.case} is not linked to the group")
    d.record(CaseRetested(case=command.case, judged=command.judged, because=command.because))
    known = state_after(d.state, d.events, evolve)
    if not d.state.retest_awaits or known.retest_awaits:
        return None
    for clock in d.open_clocks("DG4"):
        d.meet_clock(clock.id)
    if known.retest_met and d.state.proposal is None:
        for rule in ("DG1", "DG2"):
            if not d.open_clocks(rule):
                d.start_clock(rule, "network test met again", clock_id=d.next_clock_id(rule))
    return None
