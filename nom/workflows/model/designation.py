"""Rules of the designation of a group: which room decides which command. A group does not end: it can be re-tested.

The grounds, the decision and the oversight each have a module of their own.
"""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

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
from nom.contracts.group_grounds import (
    AddMember,
    LinkCase,
    RecordBenefit,
    RecordEligibleOffence,
    RecordLink,
    RemoveMember,
    ScoreThreat,
)
from nom.contracts.ids import ProcessKind
from nom.contracts.stages import Nominate
from nom.workflows.model.deliberation import Deliberation, deliberate
from nom.workflows.model.designation_decision import decide_outcome
from nom.workflows.model.designation_grounds import record_grounds
from nom.workflows.model.designation_oversight import oversee
from nom.workflows.model.designation_record import DesignationState, evolve
from nom.workflows.model.process import Decision, Facts, ProcessModel


def decide(state: DesignationState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a group."""
    return deliberate(state, request, facts, _rules)


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
