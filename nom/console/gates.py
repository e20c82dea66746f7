"""What is still missing before an open process can end, as its own rules say. Asks the rules; has none of its own."""

from collections.abc import Iterator
from typing import assert_never

from nom.contracts.errors import Unmet
from nom.workflows.model.case_closing import case_missing
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.charge_state import ChargeState, charge_gate
from nom.workflows.model.closure_state import ClosureState, closure_missing
from nom.workflows.model.conclusion import investigation_gate
from nom.workflows.model.custody_state import CustodyState
from nom.workflows.model.designation_record import DesignationState
from nom.workflows.model.investigation_record import InvestigationState
from nom.workflows.model.referral import ReferralState, referral_gate
from nom.workflows.model.strategy_meeting import strategy_meeting_gate
from nom.workflows.model.strategy_meeting_record import StrategyMeetingState
from nom.workflows.model.triage_record import TriageState

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
)
"""The state of any process of the operating model."""


def still_missing(state: AnyState) -> tuple[Unmet, ...]:
    """The unmet conditions of a process that is open. None for a process that has ended, and none for triage, custody
    and designation, whose gates depend on what is to be decided.
    """
    return tuple(_missing(state)) if state.is_open else ()


def _missing(state: AnyState) -> Iterator[Unmet]:
    match state:
        case ReferralState():
            yield from referral_gate(state)
        case StrategyMeetingState():
            yield from strategy_meeting_gate(state)
        case InvestigationState():
            waiting = [suspect for suspect in state.suspects() if suspect not in state.concluded()]
            yield from dict.fromkeys(item for suspect in waiting for item in investigation_gate(state, suspect))
        case ChargeState():
            yield from charge_gate(state)
        case ClosureState():
            yield from closure_missing(state)
        case CaseState():
            yield from case_missing(state)
        case TriageState() | CustodyState() | DesignationState():
            return
        case _:
            assert_never(state)
