"""Rules of the designation of a group: which room decides which command. A group ends only where it is merged into
another: whatever was decided, it can be re-tested, and an archived one reopened.

The grounds, who is who, the decision, the oversight, the life of a group, its scores, its merger with another and what
its cases are told each have a module of their own.
"""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.deconfliction import Deconflict, RequestDeconfliction
from nom.contracts.designation import (
    AppointLro,
    Approve,
    ApprovePlan,
    AssignTier,
    DesignationEvent,
    DesignationOwnCommand,
    DesignationRequest,
    Propose,
    Return,
    Review,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal
from nom.contracts.every_process import AcknowledgeHandOff
from nom.contracts.group_course import ApproveArchive, ProposeArchive, RecordDisruption, RecordIntelligence, Reopen
from nom.contracts.group_grounds import (
    AddMember,
    LinkCase,
    RecordBenefit,
    RecordEligibleOffence,
    RecordLink,
    RemoveMember,
    ScoreThreat,
)
from nom.contracts.group_identity import RecordSamePerson, WithdrawSamePerson
from nom.contracts.group_merger import AbsorbGroup, Merge, YieldToGroup
from nom.contracts.ids import ProcessKind
from nom.contracts.network_links import TellNetworkRetest
from nom.contracts.stages import Nominate
from nom.workflows.model.deliberation import Deliberation, deliberate
from nom.workflows.model.designation_course import follow_course
from nom.workflows.model.designation_decision import decide_outcome
from nom.workflows.model.designation_deconfliction import settle_scores
from nom.workflows.model.designation_grounds import record_grounds
from nom.workflows.model.designation_identity import decide_identity
from nom.workflows.model.designation_merger import called_off, merge_groups
from nom.workflows.model.designation_oversight import oversee
from nom.workflows.model.designation_record import evolve
from nom.workflows.model.designation_retest import hear_retest
from nom.workflows.model.designation_state import DesignationState
from nom.workflows.model.process import Decision, Facts, ProcessModel

AFTER_THE_END = (TellNetworkRetest,)
"""What a case may still answer to a group that was merged into another meanwhile."""


def decide(state: DesignationState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a group."""
    decision = deliberate(state, request, facts, _rules, AFTER_THE_END)
    if isinstance(decision, Refusal) or not isinstance(request.command, AcknowledgeHandOff):
        return decision
    return (*decision, *called_off(state, request))


def _rules(d: Deliberation[DesignationState]) -> Refusal | None:
    command = cast("DesignationOwnCommand", d.command)
    match command:
        case (
            Nominate()
            | LinkCase()
            | AddMember()
            | RemoveMember()
            | RecordLink()
            | RecordEligibleOffence()
            | RecordBenefit()
            | ScoreThreat()
        ):
            return record_grounds(d, command)
        case Propose() | Approve() | Return():
            return decide_outcome(d, command)
        case AssignTier() | AppointLro() | ApprovePlan() | Review():
            return oversee(d, command)
        case RecordSamePerson() | WithdrawSamePerson():
            return decide_identity(d, command)
        case RecordDisruption() | RecordIntelligence() | ProposeArchive() | ApproveArchive() | Reopen():
            return follow_course(d, command)
        case RequestDeconfliction() | Deconflict():
            return settle_scores(d, command)
        case Merge() | YieldToGroup() | AbsorbGroup():
            return merge_groups(d, command)
        case TellNetworkRetest():
            return hear_retest(d, command)
        case _:
            assert_never(command)


MODEL = ProcessModel(
    kind=ProcessKind.DESIGNATION,
    state=DesignationState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(DesignationRequest),
    events=TypeAdapter(DesignationEvent),
)
