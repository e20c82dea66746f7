"""Where a process stands, in a word or two: read off the state that its own rules keep. Decides nothing.

Two states with the same word may still differ in much; the words tell apart what people would tell apart.
"""

from typing import assert_never

from nom.console.gates import still_missing
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.charge_state import ChargeState
from nom.workflows.model.closed_case_review_record import ClosedCaseReviewState
from nom.workflows.model.closure_state import ClosureState, closure_gate
from nom.workflows.model.custody_state import CustodyState
from nom.workflows.model.designation_record import DesignationState
from nom.workflows.model.investigation_record import InvestigationState
from nom.workflows.model.process import ProcessState
from nom.workflows.model.referral import ReferralState
from nom.workflows.model.strategy_meeting_record import StrategyMeetingState
from nom.workflows.model.triage_record import TriageState

NOT_OPEN = "not open"
ENDED = "ended: "

AnyState = (
    CaseState
    | ReferralState
    | TriageState
    | StrategyMeetingState
    | DesignationState
    | InvestigationState
    | CustodyState
    | ChargeState
    | ClosureState
    | ClosedCaseReviewState
)
"""The state of any process of the operating model."""


def phase_of(state: ProcessState) -> str:
    """Where a process stands. Raises `TypeError` for a state of no process."""
    if state.opening is None:
        return NOT_OPEN
    if state.outcome is not None:
        return f"{ENDED}{state.outcome.replace('_', ' ')}"
    if not isinstance(state, AnyState):
        msg = f"not the state of a process: {type(state).__name__}"
        raise TypeError(msg)
    return _phase(state).replace("_", " ")


def _phase(state: AnyState) -> str:  # noqa: C901 - one case for each process
    match state:
        case CaseState():
            return _of_case(state)
        case ReferralState():
            return _of_referral(state)
        case TriageState():
            return _of_triage(state)
        case StrategyMeetingState():
            return _of_meeting(state)
        case DesignationState():
            return _of_group(state)
        case InvestigationState():
            return _of_investigation(state)
        case CustodyState():
            return state.standing
        case ChargeState():
            return _of_file(state)
        case ClosureState():
            return _of_closure(state)
        case ClosedCaseReviewState():
            return state.standing()
        case _:
            assert_never(state)


def _of_case(state: CaseState) -> str:
    if state.is_only_offered:
        return "offered"
    if state.transfer is not None:
        return "transfer requested"
    if state.holds:
        return "open, under a legal hold"
    return "open again" if any(act.command in ("ReopenInvestigation", "Reopen") for act in state.acts) else "open"


def _of_referral(state: ReferralState) -> str:
    if state.transfer_to is not None:
        return "transfer asked for"
    if not still_missing(state):
        return "ready to be routed"
    return "acknowledged" if state.acknowledged_at else "received"


def _of_triage(state: TriageState) -> str:
    test = state.current_test()
    if test is None:
        return "open"
    return "network test met" if test.judged else "network test not met"


def _of_meeting(state: StrategyMeetingState) -> str:
    if state.conference_held_at is not None:
        return "conference held"
    if state.anchor is not None:
        return "conference due"
    if state.section47 is not None:
        return "decided"
    return "in session" if state.sessions else "to be held"


def _of_group(state: DesignationState) -> str:
    if state.archive is not None:
        return "archive proposed"
    if state.is_designated and state.plan_review is not None:
        return "designated, under a plan"
    if state.decided and state.proposal:
        return f"{state.decided}, another outcome proposed"
    return state.status


def _of_investigation(state: InvestigationState) -> str:
    if state.sio is None:
        return "opened"
    return "ready to be concluded" if state.suspects() and not still_missing(state) else "led"


def _of_file(state: ChargeState) -> str:
    if not state.lines:
        return "advice sought"
    decisions = {line.decision for line in state.lines}
    if None not in decisions:
        return "decided"
    if any(item.completed_at is None for item in state.items):
        return "action plan open"
    return "tested" if any(line.test for line in state.lines) else "submitted"


def _of_closure(state: ClosureState) -> str:
    if state.waiting_requests():
        return "review requested"
    if state.approved_at is not None:
        return "victims told" if set(state.victim_ids()) <= set(state.notified) else "approved"
    return "proposed" if closure_gate(state) else "ready for approval"
