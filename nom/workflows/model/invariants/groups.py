"""Invariants 9, 10, 11 and 13: what a network test leads to, and on what a designation rests."""

from collections.abc import Iterator
from uuid import UUID

from nom.contracts.case import GroupNominated
from nom.contracts.designation import (
    DesignationNotMet,
    GroupDesignated,
    PriorityIndividualRaised,
    RetestTriggered,
    VulnerabilityRaised,
)
from nom.contracts.every_process import HandOffAcknowledged, HandOffMade
from nom.contracts.group_course import GroupArchived
from nom.contracts.group_grounds import (
    BenefitRecorded,
    CaseLinked,
    EligibleOffenceRecorded,
    GroupLinkEnd,
    GroupLinkRecorded,
    MemberAdded,
    MemberRemoved,
    SamePerson,
    ThreatScored,
)
from nom.contracts.group_identity import SamePersonRecorded, SamePersonWithdrawn
from nom.contracts.ids import ProcessKind
from nom.contracts.network_links import NetworkLinkDiscovered
from nom.contracts.triage import NetworkTestRecorded, TriageDecided
from nom.workflows.model.group_persons import persons
from nom.workflows.model.invariants.group_oversight import lead_of
from nom.workflows.model.invariants.invariant import Finding
from nom.workflows.model.invariants.matter import Entry, History, Matter

Decision = GroupDesignated | PriorityIndividualRaised | VulnerabilityRaised | DesignationNotMet
_DECISIONS = (GroupDesignated, PriorityIndividualRaised, VulnerabilityRaised, DesignationNotMet)
_NEW_LINKS = (MemberAdded, CaseLinked, GroupLinkRecorded, SamePersonRecorded)


def network_leads_to_a_decision(matter: Matter) -> Iterator[Finding]:
    """9: a network of two or more leads to a decision on the group, or to one that is still awaited in its time."""
    for history in matter.of_kind(ProcessKind.TRIAGE):
        for entry, decided in history.of(TriageDecided):
            test = history.before(entry.record.seq).last(NetworkTestRecorded)
            least = matter.pack(entry).thresholds.network_minimum_persons
            if test is None or len(test.persons) + test.unidentified < least or not test.computed:
                continue
            if not test.judged and not test.reason:
                yield _at(history, entry, "the links make a network, and it was judged not met without a reason")
            if test.judged and not decided.nominate:
                yield _at(history, entry, "the network test was met and no group was nominated")
            if test.judged and decided.nominate:
                yield from _nominated(matter, history, entry)


def _nominated(matter: Matter, triage: History, entry: Entry) -> Iterator[Finding]:
    spine = matter.spine(triage)
    told = _told_to_the_case(triage, entry)
    if spine is None or not told:
        return
    group = _group_of(spine, told)
    if group is None:
        yield _at(triage, entry, "the case learned of the network, nominated no group and was in none")
        return
    known = matter.history(group)
    if known is not None:
        yield from _decided_or_awaited(known)


def _told_to_the_case(triage: History, entry: Entry) -> set[UUID]:
    """What went out with the decision and was taken by the case."""
    made = {
        event.hand_off.id for at, event in triage.of(HandOffMade) if at.record.command_id == entry.record.command_id
    }
    return made & {event.hand_off_id for _, event in triage.of(HandOffAcknowledged)}


def _group_of(spine: History, told: set[UUID]) -> str | None:
    """The group that the case nominated or, where it was in one by then, the one that had told it of a link."""
    nominated = spine.last(GroupNominated)
    if nominated is not None:
        return nominated.group
    heard = next((entry.record.seq for entry in spine.entries if entry.record.command_id in told), None)
    before = spine.before(heard) if heard is not None else spine
    linked = before.last(NetworkLinkDiscovered)
    return linked.network.group if linked else None


def _decided_or_awaited(group: History) -> Iterator[Finding]:
    decisions = list(group.of(*_DECISIONS))
    clocks = group.clocks_of("DG2")
    if not decisions and not clocks:
        yield Finding(group.stream, None, "the group was nominated, and no decision and no time for one is recorded")
    for entry, event in decisions:
        if not event.reason.strip():
            yield _at(group, entry, "a decision on the group without a rationale")
    for clock in group.silently_overdue(clocks):
        yield Finding(group.stream, None, f"{clock.id} has run out, nothing is decided and no breach is recorded")


def designated_with_grounds(matter: Matter) -> Iterator[Finding]:
    """10: enough members, an eligible offence, a benefit and a scoring version."""
    for history in matter.of_kind(ProcessKind.DESIGNATION):
        for entry, event in history.of(GroupDesignated):
            before, thresholds = history.before(entry.record.seq), matter.pack(entry).thresholds
            members, threat = _members(before), before.last(ThreatScored)
            offences = [offence for _, offence in before.of(EligibleOffenceRecorded) if offence.carries == "yes"]
            if len(members) < thresholds.group_minimum_members or event.members != len(members):
                yield _at(history, entry, f"designated with {len(members)} members recorded")
            if not any(offence.years >= thresholds.eligible_offence_minimum_years for offence in offences):
                yield _at(history, entry, "designated without an eligible offence")
            if before.first(BenefitRecorded) is None:
                yield _at(history, entry, "designated without a benefit")
            if threat is None or threat.version != event.version:
                yield _at(history, entry, "designated without a score of the version that it names")


def _members(history: History) -> tuple[frozenset[GroupLinkEnd], ...]:
    """The people who are counted: somebody with two references is one of them."""
    members: dict[GroupLinkEnd, None] = {}
    for _, event in history.of(MemberAdded, MemberRemoved):
        if isinstance(event, MemberAdded):
            members[event.member.end] = None
        else:
            members.pop(event.member.end, None)
    said: tuple[SamePerson, ...] = ()
    for _, event in history.of(SamePersonRecorded, SamePersonWithdrawn):
        if isinstance(event, SamePersonRecorded):
            said = (*said, event.same)
        else:
            said = tuple(same for same in said if same.ends != event.same.ends)
    return persons(members, said)


def scorer_is_not_approver(matter: Matter) -> Iterator[Finding]:
    """11: who scored does not approve, and the lead responsible officer does not approve the archive."""
    for history in matter.of_kind(ProcessKind.DESIGNATION):
        for entry, _ in history.of(*_DECISIONS):
            scorers = {at.actor for at, _ in history.before(entry.record.seq).of(ThreatScored)}
            if entry.actor in scorers:
                yield _at(history, entry, f"{entry.actor} scored the group and approved its designation")
        for entry, _ in history.of(GroupArchived):
            if entry.actor == lead_of(history.before(entry.record.seq)):
                yield _at(history, entry, f"{entry.actor} leads on the group and approved its archive")


def new_link_is_tested_again(matter: Matter) -> Iterator[Finding]:
    """13: a new link after "not met" triggers a re-test."""
    for history in matter.of_kind(ProcessKind.DESIGNATION):
        retested = {entry.record.command_id for entry, _ in history.of(RetestTriggered)}
        for entry, event in history.of(*_NEW_LINKS):
            decisions = [decided for _, decided in history.before(entry.record.seq).of(*_DECISIONS)]
            not_met = bool(decisions) and isinstance(decisions[-1], DesignationNotMet)
            if not_met and entry.record.command_id not in retested:
                yield _at(history, entry, f"{event.in_words()}, after not met, and nothing is tested again")


def _at(history: History, entry: Entry, words: str) -> Finding:
    return Finding(history.stream, entry.record.seq, words)
