"""The network test in triage: made by a person, and made again by itself when a link shows after triage was decided.

A person may differ from what the links say. Where they judged it met, no later test by itself takes that back.
"""

from typing import assert_never

from nom.contracts.errors import Refusal, refuse
from nom.contracts.ids import ProcessKind, StreamId, stream_of
from nom.contracts.network_links import NetworkLinkLearned, RecordNetworkRetest, RetestNetwork
from nom.contracts.stages import NominationGrounds
from nom.contracts.triage import NetworkLinkRecorded, NetworkTestRecorded, RecordNetworkLink, RecordNetworkTest
from nom.workflows.model.network import network_test
from nom.workflows.model.process import state_after
from nom.workflows.model.triage_record import NetworkTestHeld, Thinking, TriageState, evolve


def examine_network(d: Thinking, command: RecordNetworkLink | RecordNetworkTest | RetestNetwork) -> Refusal | None:
    """Decide one of the commands on the network."""
    match command:
        case RecordNetworkLink():
            return _link(d, command)
        case RecordNetworkTest():
            return _test(d, command)
        case RetestNetwork():
            d.record(NetworkLinkLearned(network=command.network, because=command.because))
            _test_again(d, command.because, command.network.group)
            return None
        case _:
            assert_never(command)


def grounds_of(state: TriageState, test: NetworkTestHeld) -> NominationGrounds:
    """Every known suspect is a candidate, linked or not: who is a member is decided by the designation alone."""
    return NominationGrounds(
        computed=test.computed,
        judged=test.judged,
        reason=test.reason,
        suspects=state.known_suspects(),
        unidentified=test.unidentified,
    )


def _link(d: Thinking, command: RecordNetworkLink) -> Refusal | None:
    one, other = command.between
    if one == other:
        return refuse("same_person", f"a link needs two people, and both are {one}")
    d.record(
        NetworkLinkRecorded(between=command.between, kind=command.kind, source=command.source, grading=command.grading)
    )
    if d.state.decided:
        _test_again(d, f"link between {one} and {other}, recorded after triage was decided", None)
    return None


def _test(d: Thinking, command: RecordNetworkTest) -> Refusal | None:
    judged = None if command.judged is None else command.judged == "met"
    reason = d.request.reason
    computed = network_test(d.state.whole_network(), d.facts.policy.thresholds.network_minimum_persons).met
    if judged not in (None, computed) and not reason:
        says = "met" if computed else "not met"
        return refuse("reason_missing", f"the links say {says}: give the reason for judging otherwise")
    _record_test(d, judged, reason)
    if d.state.decided:
        _tell_case(d, reason or "the network test was made again after triage was decided", None)
    return None


def _test_again(d: Thinking, because: str, asked_by: StreamId | None) -> None:
    """The process makes the test itself. Where a person had judged it met against the links, that stands until the
    links say so too.
    """
    held = d.state.test
    by_judgement = held is not None and held.judged and not held.computed
    known = state_after(d.state, d.events, evolve)
    answer = network_test(known.whole_network(), d.facts.policy.thresholds.network_minimum_persons)
    stands = held is not None and by_judgement and not answer.met
    _record_test(d, True if stands else None, held.reason if stands and held else None)
    _tell_case(d, because, asked_by)


def _record_test(d: Thinking, judged: bool | None, reason: str | None) -> None:
    known = state_after(d.state, d.events, evolve)
    answer = network_test(known.whole_network(), d.facts.policy.thresholds.network_minimum_persons)
    d.record(
        NetworkTestRecorded(
            number=(d.state.test.number if d.state.test else 0) + 1,
            computed=answer.met,
            judged=answer.met if judged is None else judged,
            reason=reason,
            persons=answer.persons,
            unidentified=answer.unidentified,
        )
    )


def _tell_case(d: Thinking, because: str, asked_by: StreamId | None) -> None:
    """Before triage is decided, its decision tells the case; a group that asked is answered at once."""
    known = state_after(d.state, d.events, evolve)
    test = known.current_test()
    if test is None:
        msg = f"{d.state.stream} tells of a network test that it has not made"
        raise ValueError(msg)
    newly_met = d.state.decided and test.judged and not (d.state.test is not None and d.state.test.judged)
    told = RecordNetworkRetest(
        stage=d.state.stream,
        judged=test.judged,
        newly_met=newly_met,
        because=because[:4000],
        grounds=grounds_of(known, test) if newly_met else None,
        asked_by=asked_by,
    )
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), told)
