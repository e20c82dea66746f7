"""The operating model as a whole: every process's rules and its durable shell, by kind and by place."""

from typing import Any

from nom.contracts.ids import ProcessKind
from nom.contracts.services import NCA
from nom.workflows.case import CaseProcess
from nom.workflows.charge import ChargeProcess
from nom.workflows.closed_case_review import ClosedCaseReviewProcess
from nom.workflows.closure import ClosureProcess
from nom.workflows.custody import CustodyProcess
from nom.workflows.designation import DesignationProcess
from nom.workflows.investigation import InvestigationProcess
from nom.workflows.model import (
    case,
    charge,
    closed_case_review,
    closure,
    custody,
    designation,
    investigation,
    referral,
    strategy_meeting,
    triage,
)
from nom.workflows.model.process import ProcessModel
from nom.workflows.referral import ReferralProcess
from nom.workflows.status import StatusReporter
from nom.workflows.strategy_meeting import StrategyMeetingProcess
from nom.workflows.triage import TriageProcess

MODELS: dict[ProcessKind, ProcessModel[Any]] = {
    model.kind: model
    for model in (
        case.MODEL,
        referral.MODEL,
        triage.MODEL,
        strategy_meeting.MODEL,
        designation.MODEL,
        investigation.MODEL,
        custody.MODEL,
        charge.MODEL,
        closure.MODEL,
        closed_case_review.MODEL,
    )
}

FORCE_WORKFLOWS: tuple[type, ...] = (
    CaseProcess,
    ReferralProcess,
    TriageProcess,
    StrategyMeetingProcess,
    InvestigationProcess,
    CustodyProcess,
    ChargeProcess,
    ClosureProcess,
    StatusReporter,
)
NCA_WORKFLOWS: tuple[type, ...] = (*FORCE_WORKFLOWS, DesignationProcess, ClosedCaseReviewProcess)
"""The National Crime Agency runs cases as well: those that forces transfer to it."""


def workflows_of(namespace: str) -> tuple[type, ...]:
    """The workflow types that run in a namespace."""
    return NCA_WORKFLOWS if namespace == NCA else FORCE_WORKFLOWS
