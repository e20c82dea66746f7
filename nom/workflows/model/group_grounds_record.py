"""How what a group rests on changes with one event: cases, members, who is who, links, and another group's. Decides
nothing.
"""

from typing import assert_never

from nom.contracts.group_grounds import (
    BenefitRecorded,
    CaseLinked,
    EligibleOffenceRecorded,
    GroundEvent,
    GroupLinkRecorded,
    GroupPerson,
    MemberAdded,
    MemberRemoved,
    NominationReceived,
    ThreatScored,
    UnidentifiedIn,
)
from nom.contracts.group_identity import IdentityEvent, SamePersonRecorded, SamePersonWithdrawn
from nom.contracts.group_merger import GroupAbsorbed, GroupMerged, MergerBegun, MergerCalledOff, MergerEvent
from nom.workflows.model.designation_state import DesignationState, Member, Threat
from nom.workflows.model.group_course_record import OVERSEEN_NO_LONGER


def grounds(state: DesignationState, event: GroundEvent) -> dict[str, object]:
    """What changes with an event that lays the ground."""
    match event:
        case NominationReceived():
            suspects = tuple(GroupPerson(case=event.case, suspect=suspect) for suspect in event.grounds.suspects)
            unnamed = (UnidentifiedIn(case=event.case, count=event.grounds.unidentified),)
            return {"grounds": event.grounds, "cases": (event.case,), "candidates": suspects, "unidentified": unnamed}
        case CaseLinked():
            return {"cases": (*state.cases, event.case)}
        case MemberAdded():
            member = Member(who=event.member, overlap_decided_by=event.overlap_decided_by)
            return {"members": (*state.members, member)}
        case MemberRemoved():
            return {"members": tuple(member for member in state.members if member.who != event.member)}
        case GroupLinkRecorded():
            return {"links": (*state.links, event)}
        case EligibleOffenceRecorded():
            return {"offences": (*state.offences, event)}
        case BenefitRecorded():
            return {"benefits": (*state.benefits, event)}
        case ThreatScored():
            # Whatever was decided between scores, was decided between older ones.
            threat = Threat(version=event.version, score=event.score, band=event.band)
            return {"threat": threat, "deconflicted": False}
        case _:
            assert_never(event)


def identity(state: DesignationState, event: IdentityEvent) -> dict[str, object]:
    """What changes with who is who."""
    match event:
        case SamePersonRecorded():
            return {"same": (*state.same, event)}
        case SamePersonWithdrawn():
            return {"same": tuple(item for item in state.same if item.same.ends != event.same.ends)}
        case _:
            assert_never(event)


def merger(state: DesignationState, event: MergerEvent) -> dict[str, object]:
    """What changes when two groups turn out to be one. What came over has events of its own."""
    match event:
        case MergerBegun():
            return {"merging": (*state.merging, event.other)}
        case MergerCalledOff():
            return {"merging": tuple(other for other in state.merging if other != event.other)}
        case GroupMerged():
            merged = {"decided": "merged", "decided_because": event.because, "survivor": event.survivor}
            return {**OVERSEEN_NO_LONGER, **merged, "proposal": None, "retest_awaits": ()}
        case GroupAbsorbed():
            return {
                "merging": tuple(other for other in state.merging if other != event.other),
                "absorbed": (*state.absorbed, event.other),
                "candidates": tuple(dict.fromkeys((*state.candidates, *event.handed_over.candidates))),
                "unidentified": _once_per_case((*state.unidentified, *event.handed_over.unidentified)),
                "disruptions": tuple(dict.fromkeys((*state.disruptions, *event.handed_over.disruptions))),
                "intelligence": tuple(dict.fromkeys((*state.intelligence, *event.handed_over.intelligence))),
            }
        case _:
            assert_never(event)


def _once_per_case(counts: tuple[UnidentifiedIn, ...]) -> tuple[UnidentifiedIn, ...]:
    most: dict[str, UnidentifiedIn] = {}
    for item in counts:
        if item.case not in most or most[item.case].count < item.count:
            most[item.case] = item
    return tuple(most.values())
