"""Moving a process to another policy pack, and what opening it under a pack that came later says. Decides no clock's
date by itself: that is `clock_course`.
"""

from datetime import datetime
from typing import Any

from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse
from nom.contracts.events import EventBase
from nom.contracts.every_process import AdoptPolicy, PolicyVersionAdopted
from nom.contracts.ids import parse_stream
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.services import NCA
from nom.workflows.model.clock_course import recalculated
from nom.workflows.model.deadlines import london_day
from nom.workflows.model.process import Facts, ProcessState


def adopt(state: ProcessState, request: CommandEnvelope[Any], facts: Facts) -> tuple[EventBase, ...] | Refusal:
    """The adoption and every open clock that it changes. What was decided before stays as it was decided."""
    command: AdoptPolicy = request.command
    offered = facts.offered
    if offered is None or offered.policy.ref() != command.to:
        return refuse("policy_not_found", f"no pack {command.to.version[:80]} with that digest is published here")
    if state.opening is None or command.to == state.opening.policy:
        return refuse("already_adopted", f"{state.stream} runs under {command.to.version[:80]} already")
    unsuitable = _why_unsuitable(state, offered.policy, facts.policy)
    if unsuitable is not None:
        return refuse("policy_unsuitable", unsuitable)
    because = request.reason or "no reason was given"
    adopted = PolicyVersionAdopted(before=state.opening.policy, after=command.to, because=because)
    why = f"under {offered.policy.version} and calendar {offered.calendar.version}"
    return (adopted, *recalculated(state.clocks, offered, request.occurred_at, why))


def _why_unsuitable(state: ProcessState, offered: PolicyPack, current: PolicyPack) -> str | None:
    name = parse_stream(state.stream)
    if state.opening is not None and state.opening.jurisdiction not in offered.jurisdictions:
        return f"{offered.version} is not for {state.opening.jurisdiction.value}"
    fits = offered.agency == NCA if name.force == NCA else offered.agency != NCA
    if offered.agency != current.agency and not fits:
        return f"{offered.version} is a pack of the agency {offered.agency}"
    if offered.force not in (None, name.force.upper()):
        return f"{offered.version} is the overlay of {offered.force}"
    return None


def warnings_of(policy: PolicyPack, began: datetime) -> tuple[str, ...]:
    """What must be said where a matter began before the pack came into force: it is judged under that pack all the
    same, because there is no older one (ours).
    """
    if london_day(began) >= policy.effective_from:
        return ()
    words = f"the matter began before {policy.version} came into force ({policy.effective_from.isoformat()})"
    return (f"{words}; no older pack is published, so it is judged under this one",)
